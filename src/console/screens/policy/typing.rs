//! What a key means while something on the Policy screen is typed in: the text, the search, the form. What it does not
//! take goes to the commands.

use super::layout::Layout;
use super::{Message, Policy};
use crate::console::editor::{Act, Field};
use crate::console::keys::Key;
use crate::console::screen::Context;
use crate::console::widgets::text_input::Edit;

/// The keys of a search: their names, what the footer says of the first, and what they send.
pub const SEARCH: [(&[&str], Option<&str>, Message); 4] = [
    (&["enter", "down", "F3"], Some("next"), Message::FindNext { back: false }),
    (&["up", "backtab"], Some("previous"), Message::FindNext { back: true }),
    (&["ctrl-r"], Some("replace"), Message::Find(true)),
    (&["esc"], Some("close"), Message::CloseSearch { keep: true }),
];
/// The same, where what is found is replaced.
pub const REPLACE: [(&[&str], Option<&str>, Message); 6] = [
    (&["enter"], Some("replace"), Message::Replace { all: false }),
    (&["alt-enter", "alt-a"], Some("all"), Message::Replace { all: true }),
    (&["tab"], Some("other field"), Message::OtherField),
    (&["down", "F3"], Some("next"), Message::FindNext { back: false }),
    (&["up", "backtab"], Some("previous"), Message::FindNext { back: true }),
    (&["esc"], Some("close"), Message::CloseSearch { keep: true }),
];
/// The keys of the form.
pub const FORM: [(&[&str], Option<&str>, Message); 3] = [
    (&["tab", "down", "enter"], Some("next field"), Message::Field { back: false }),
    (&["backtab", "up"], Some("field before"), Message::Field { back: true }),
    (&["esc"], Some("close"), Message::Leave),
];
/// The keys while something is offered.
const OFFERED: [(&[&str], Option<&str>, Message); 4] = [
    (&["tab"], None, Message::TakeOffer),
    (&["down"], None, Message::Offer { back: false }),
    (&["up"], None, Message::Offer { back: true }),
    (&["esc"], None, Message::CloseOffers),
];

/// Keys with what they do.
pub type Keys = [(&'static [&'static str], Option<&'static str>, Message)];

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
    let name = key.to_string();
    keys.iter().find(|(names, ..)| names.contains(&name.as_str())).map(|(.., message)| *message)
}

/// What a key means there. With Ctrl or Alt, what a person bound goes before what a text does.
pub(super) fn pressed(policy: &Policy, cx: &Context<'_>, key: Key, bound: bool) -> Option<Message> {
    let plain = !bound || {
        let (_, ctrl, alt) = key.parts();
        !(ctrl || alt)
    };
    if policy.fills() {
        return among(&FORM, key).or_else(|| Some(Message::Fill(Edit::of(key).filter(|_| plain)?)));
    }
    if !policy.types() {
        return None;
    }
    let draft = policy.draft.as_ref()?;
    if let Some(finder) = &draft.editor.finder {
        let keys: &Keys = if finder.with.is_some() { &REPLACE } else { &SEARCH };
        let finds = finder.field == Field::Find && finder.with.is_some() && key.to_string() == "enter";
        let own = if finds { Some(Message::OtherField) } else { among(keys, key) };
        return own.or_else(|| Some(Message::Sought(Edit::of(key).filter(|_| plain)?)));
    }
    if policy.offers.is_some()
        && let Some(message) = among(&OFFERED, key)
    {
        return Some(message);
    }
    let page = usize::from(Layout::of(policy, cx).text().height.saturating_sub(1)).max(1);
    Act::of(key, page).filter(|_| plain).map(Message::Act)
}
