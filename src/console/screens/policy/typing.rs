//! What a key means while something on the Policy screen is typed in: the text, the search, the form. What it does not
//! take goes to the commands.

use crossterm::event::KeyCode;

use super::layout::Layout;
use super::{Message, Policy};
use crate::console::editor::{Act, Field};
use crate::console::keys::Key;
use crate::console::screen::Context;
use crate::console::widgets::text_input::Edit;

/// The keys of a search, what the footer says of the first, and what they send.
pub const SEARCH: [(&[Key], Option<&str>, Message); 4] = [
    (
        &[Key::ENTER, Key::plain(KeyCode::Down), Key::plain(KeyCode::F(3))],
        Some("next"),
        Message::FindNext { back: false },
    ),
    (&[Key::plain(KeyCode::Up), Key::BACKTAB], Some("previous"), Message::FindNext { back: true }),
    (&[Key::ctrl('r')], Some("replace"), Message::Find(true)),
    (&[Key::ESC], Some("close"), Message::CloseSearch { keep: true }),
];
/// The same, where what is found is replaced.
pub const REPLACE: [(&[Key], Option<&str>, Message); 6] = [
    (&[Key::ENTER], Some("replace"), Message::Replace { all: false }),
    (
        &[Key::alt(KeyCode::Enter), Key::alt(KeyCode::Char('a')), Key::ctrl('g')],
        Some("all"),
        Message::Replace { all: true },
    ),
    (&[Key::TAB], Some("other field"), Message::OtherField),
    (&[Key::plain(KeyCode::Down), Key::plain(KeyCode::F(3))], Some("next"), Message::FindNext { back: false }),
    (&[Key::plain(KeyCode::Up), Key::BACKTAB], Some("previous"), Message::FindNext { back: true }),
    (&[Key::ESC], Some("close"), Message::CloseSearch { keep: true }),
];
/// The keys of the form.
pub const FORM: [(&[Key], Option<&str>, Message); 3] = [
    (&[Key::TAB, Key::plain(KeyCode::Down), Key::ENTER], Some("next field"), Message::Field { back: false }),
    (&[Key::BACKTAB, Key::plain(KeyCode::Up)], Some("field before"), Message::Field { back: true }),
    (&[Key::ESC], Some("close"), Message::Leave),
];
/// The keys while something is offered.
const OFFERED: [(&[Key], Option<&str>, Message); 4] = [
    (&[Key::TAB], None, Message::TakeOffer),
    (&[Key::plain(KeyCode::Down)], None, Message::Offer { back: false }),
    (&[Key::plain(KeyCode::Up)], None, Message::Offer { back: true }),
    (&[Key::ESC], None, Message::CloseOffers),
];

/// Keys with what they do.
pub type Keys = [(&'static [Key], Option<&'static str>, Message)];

/// The keys of what is typed in, where it has keys of its own that the footer names.
pub(super) fn own(policy: &Policy) -> Option<&'static Keys> {
    if policy.fills() {
        return Some(&FORM);
    }
    let finder = policy.draft.as_ref().filter(|_| policy.types())?.editor.finder.as_ref()?;
    Some(match finder.with {
        Some(_) => &REPLACE,
        None => &SEARCH,
    })
}

fn among(keys: &Keys, key: Key) -> Option<Message> {
    keys.iter().find(|(own, ..)| own.contains(&key.unshifted())).map(|(.., message)| *message)
}

/// What a key means there. With Ctrl or Alt, what a person bound goes before what a text does, unless it cannot run now.
pub(super) fn pressed(policy: &Policy, cx: &Context<'_>, key: Key, bound: bool) -> Option<Message> {
    let plain = !bound || {
        let (_, ctrl, alt) = key.parts();
        !(ctrl || alt)
    };
    if policy.fills() {
        return among(&FORM, key).or_else(|| Some(Message::Fill(Edit::of(key).filter(|_| plain)?)));
    }
    if !policy.has_text() {
        return None;
    }
    let draft = policy.draft.as_ref()?;
    if let Some(finder) = &draft.editor.finder {
        let keys: &Keys = if finder.with.is_some() { &REPLACE } else { &SEARCH };
        let finds = finder.field == Field::Find && finder.with.is_some() && key == Key::ENTER;
        let own = if finds { Some(Message::OtherField) } else { among(keys, key) };
        return own.or_else(|| Some(Message::Sought(Edit::of(key).filter(|_| plain)?)));
    }
    if policy.offers.is_some()
        && let Some(message) = among(&OFFERED, key)
    {
        return Some(message);
    }
    if !policy.editing {
        return looked_at(policy, cx, key).filter(|_| !bound);
    }
    let page = usize::from(Layout::of(policy, cx).text().height.saturating_sub(1)).max(1);
    Act::of(key, page).filter(|_| plain).map(Message::Act)
}

/// The same while the text is only looked at: a key that changes it otherwise than by typing begins to edit it.
fn looked_at(policy: &Policy, cx: &Context<'_>, key: Key) -> Option<Message> {
    let page = usize::from(Layout::of(policy, cx).text().height.saturating_sub(1)).max(1);
    Some(match Act::of(key, page)? {
        Act::Newline => Message::Edit,
        Act::Insert(_) | Act::Indent | Act::Outdent => Message::NotEditing,
        act => Message::Act(act),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Alt is another letter in some terminals, and a prefix that gets lost in others.
    #[test]
    fn whatever_has_a_key_with_alt_has_another() {
        for own in [&SEARCH as &Keys, &REPLACE, &FORM, &OFFERED] {
            for (keys, name, _) in own {
                assert!(keys.iter().any(|key| !key.parts().2), "{name:?}");
            }
        }
    }
}
