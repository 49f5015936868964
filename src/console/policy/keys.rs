//! What a key means while something on the Policy screen is typed in: the text, the search, the form. What it does not
//! take goes to the command table.

use super::doing::Doing;
use super::layout::Layout;
use crate::console::commands::Place;
use crate::console::editor::{Act, Field};
use crate::console::keys::{Key, Meaning};
use crate::console::layers::Layer;
use crate::console::line::Edit;
use crate::console::state::State;
use crate::console::update::Message;

/// The keys of a search: their names, what the footer says of the first, and what they send.
pub const SEARCH: [(&[&str], Option<&str>, Doing); 4] = [
    (&["enter", "down", "F3"], Some("next"), Doing::FindNext { back: false }),
    (&["up", "backtab"], Some("previous"), Doing::FindNext { back: true }),
    (&["ctrl-r"], Some("replace"), Doing::Find(true)),
    (&["esc"], Some("close"), Doing::CloseSearch { keep: true }),
];
/// The same, where what is found is replaced.
pub const REPLACE: [(&[&str], Option<&str>, Doing); 6] = [
    (&["enter"], Some("replace"), Doing::Replace { all: false }),
    (&["alt-enter", "alt-a"], Some("all"), Doing::Replace { all: true }),
    (&["tab"], Some("other field"), Doing::OtherField),
    (&["down", "F3"], Some("next"), Doing::FindNext { back: false }),
    (&["up", "backtab"], Some("previous"), Doing::FindNext { back: true }),
    (&["esc"], Some("close"), Doing::CloseSearch { keep: true }),
];
/// The keys of the form.
pub const FORM: [(&[&str], Option<&str>, Doing); 3] = [
    (&["tab", "down", "enter"], Some("next field"), Doing::Field { back: false }),
    (&["backtab", "up"], Some("field before"), Doing::Field { back: true }),
    (&["esc"], Some("close"), Doing::Leave),
];
/// The keys while something is offered.
const OFFERED: [(&[&str], Option<&str>, Doing); 4] = [
    (&["tab"], None, Doing::TakeOffer),
    (&["down"], None, Doing::Offer { back: false }),
    (&["up"], None, Doing::Offer { back: true }),
    (&["esc"], None, Doing::CloseOffers),
];

/// Keys with what they do.
pub type Keys = [(&'static [&'static str], Option<&'static str>, Doing)];

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
    let name = key.to_string();
    keys.iter().find(|(names, ..)| names.contains(&name.as_str())).map(|(.., doing)| Message::Policy(*doing))
}

/// What a key means there.
pub fn pressed(state: &State, key: Key) -> Option<Message> {
    if let Some(Layer::Ask(ask)) = state.layer() {
        let enter = key.to_string() == "enter";
        let chosen = ask.choices().iter().find(|(name, ..)| enter || *name == key.to_string());
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
        let finds = finder.field == Field::Find && finder.with.is_some() && key.to_string() == "enter";
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

/// True for a key that no command takes first: with Ctrl or Alt, what a person bound goes before what a text does.
fn plain(state: &State, key: Key) -> bool {
    let (_, ctrl, alt) = key.parts();
    !(ctrl || alt) || state.keymap.meaning(Place::Text, None, key) == Meaning::Nothing
}
