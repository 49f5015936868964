//! What happens in a menu: typing, choosing.

use super::commands::CommandId;
use super::effects::Effect;
use super::layers::menu::{Edit, Kind, Line, query_of};
use super::state::{Filter, State};
use super::update::update;

/// How many chosen commands are remembered.
const RECENTS: usize = 5;

/// Changes what is typed.
pub fn edit(state: &mut State, edit: Edit) {
    if let Some(mut menu) = state.menu.take() {
        menu.edit(edit, state);
        state.menu = Some(menu);
    }
}

/// Takes text that was pasted: text where text is typed, and nothing anywhere else.
pub fn paste(state: &mut State, text: &str) {
    if let Some(menu) = &mut state.menu {
        menu.insert(text);
    }
}

/// Does what stands at a place.
pub fn pick(state: &mut State, at: usize) -> Vec<Effect> {
    if let Some(menu) = &mut state.menu {
        menu.at = at;
    }
    accept(state)
}

/// Does what is selected. A command that cannot run now says why, and the menu stays.
pub fn accept(state: &mut State) -> Vec<Effect> {
    let Some((kind, selected)) = state.menu.as_ref().and_then(|menu| Some((menu.kind, menu.selected(state)?))) else {
        return Vec::new();
    };
    match selected {
        Line::Command(command, Some(reason)) => {
            state.status = Some(format!("{}: {reason}", command.name));
            Vec::new()
        }
        Line::Command(command, None) => {
            state.menu = None;
            if kind == Kind::Palette {
                remember(state, command.id);
            }
            update(state, command.message)
        }
        Line::Query => {
            let typed = state.menu.take().map(|menu| menu.query.trim().to_owned()).unwrap_or_default();
            let filter = query_of(&typed).map(|query| Filter::new(typed, query));
            state.replace_filter(filter);
            Vec::new()
        }
        Line::Theme(at) => {
            state.menu = None;
            (state.themes.chosen, state.themes.settled) = (at, true);
            state.themes.themes.get(at).map(|named| Effect::Remember(named.name.clone())).into_iter().collect()
        }
        Line::Blank | Line::Heading(_) => Vec::new(),
    }
}

fn remember(state: &mut State, id: CommandId) {
    state.recents.retain(|other| *other != id);
    state.recents.insert(0, id);
    state.recents.truncate(RECENTS);
}
