//! What a key means while something on the Policy screen is typed in: the text, the search, the form. What it does not
//! take goes to the command table.

use crossterm::event::KeyCode;

use super::doing::Doing;
use super::layout::Layout;
use crate::console::commands::{Place, command};
use crate::console::editor::{Act, Field};
use crate::console::keys::{Key, Meaning};
use crate::console::layers::Layer;
use crate::console::line::Edit;
use crate::console::state::State;
use crate::console::update::Message;

/// The keys of a search, what the footer says of the first, and what they send.
pub const SEARCH: [(&[Key], Option<&str>, Doing); 4] = [
    (
        &[Key::ENTER, Key::plain(KeyCode::Down), Key::plain(KeyCode::F(3))],
        Some("next"),
        Doing::FindNext { back: false },
    ),
    (&[Key::plain(KeyCode::Up), Key::BACKTAB], Some("previous"), Doing::FindNext { back: true }),
    (&[Key::ctrl('r')], Some("replace"), Doing::Find(true)),
    (&[Key::ESC], Some("close"), Doing::CloseSearch { keep: true }),
];
/// The same, where what is found is replaced.
pub const REPLACE: [(&[Key], Option<&str>, Doing); 6] = [
    (&[Key::ENTER], Some("replace"), Doing::Replace { all: false }),
    (
        &[Key::alt(KeyCode::Enter), Key::alt(KeyCode::Char('a')), Key::ctrl('g')],
        Some("all"),
        Doing::Replace { all: true },
    ),
    (&[Key::TAB], Some("other field"), Doing::OtherField),
    (&[Key::plain(KeyCode::Down), Key::plain(KeyCode::F(3))], Some("next"), Doing::FindNext { back: false }),
    (&[Key::plain(KeyCode::Up), Key::BACKTAB], Some("previous"), Doing::FindNext { back: true }),
    (&[Key::ESC], Some("close"), Doing::CloseSearch { keep: true }),
];
/// The keys of the form.
pub const FORM: [(&[Key], Option<&str>, Doing); 3] = [
    (&[Key::TAB, Key::plain(KeyCode::Down), Key::ENTER], Some("next field"), Doing::Field { back: false }),
    (&[Key::BACKTAB, Key::plain(KeyCode::Up)], Some("field before"), Doing::Field { back: true }),
    (&[Key::ESC], Some("close"), Doing::Leave),
];
/// The keys while something is offered.
const OFFERED: [(&[Key], Option<&str>, Doing); 4] = [
    (&[Key::TAB], None, Doing::TakeOffer),
    (&[Key::plain(KeyCode::Down)], None, Doing::Offer { back: false }),
    (&[Key::plain(KeyCode::Up)], None, Doing::Offer { back: true }),
    (&[Key::ESC], None, Doing::CloseOffers),
];

/// Keys with what they do.
pub type Keys = [(&'static [Key], Option<&'static str>, Doing)];

/// The keys of what is typed in, where it has keys of its own that the footer names.
pub fn own(state: &State) -> Option<&'static Keys> {
    if state.fills() {
        return Some(&FORM);
    }
    let finder = state.policy.draft.as_ref().filter(|_| state.types())?.editor.finder.as_ref()?;
    Some(match finder.with {
        Some(_) => &REPLACE,
        None => &SEARCH,
    })
}

fn among(keys: &Keys, key: Key) -> Option<Message> {
    keys.iter().find(|(own, ..)| own.contains(&key.unshifted())).map(|(.., doing)| Message::Policy(*doing))
}

/// What a key means there.
pub fn pressed(state: &State, key: Key) -> Option<Message> {
    if let Some(Layer::Ask(ask)) = state.layer() {
        let chosen = ask.choices().iter().find(|(letter, ..)| key == Key::ENTER || letter.chars().eq(key.typed()));
        return chosen.map(|(.., message)| *message);
    }
    if !state.layers.is_empty() {
        return None;
    }
    if state.fills() {
        return among(&FORM, key)
            .or_else(|| Some(Message::Policy(Doing::Fill(Edit::of(key).filter(|_| plain(state, key))?))));
    }
    if !state.types() {
        return None;
    }
    let draft = state.policy.draft.as_ref()?;
    if let Some(finder) = &draft.editor.finder {
        let keys: &Keys = if finder.with.is_some() { &REPLACE } else { &SEARCH };
        let finds = finder.field == Field::Find && finder.with.is_some() && key == Key::ENTER;
        let own = if finds { Some(Message::Policy(Doing::OtherField)) } else { among(keys, key) };
        return own.or_else(|| Some(Message::Policy(Doing::Sought(Edit::of(key).filter(|_| plain(state, key))?))));
    }
    if state.policy.offers.is_some()
        && let Some(message) = among(&OFFERED, key)
    {
        return Some(message);
    }
    let page = usize::from(Layout::of(state).text().height.saturating_sub(1)).max(1);
    Act::of(key, page).filter(|_| plain(state, key)).map(|act| Message::Policy(Doing::Act(act)))
}

/// True for a key that no command takes first: with Ctrl or Alt, what a person bound goes before what a text does, unless
/// it cannot run now.
fn plain(state: &State, key: Key) -> bool {
    let (_, ctrl, alt) = key.parts();
    match state.keymap.meaning(Place::Text, None, key) {
        Meaning::Command(id) if ctrl || alt => command(id).is_some_and(|command| command.works(state).is_err()),
        Meaning::Prefix => !(ctrl || alt),
        Meaning::Command(_) | Meaning::Nothing => true,
    }
}
