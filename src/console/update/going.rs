//! Going somewhere: in a list or in what is open, from list to list, to a screen, to what is sought, and back.

use super::{Beside, Motion, in_detail};
use crate::console::effects::Effect;
use crate::console::layers::detail::Detail;
use crate::console::layers::{Layer, prompt};
use crate::console::layout::Layout;
use crate::console::policy;
use crate::console::policy::doing::{self, Doing};
use crate::console::seek::Seek;
use crate::console::state::{Before, Fold, Page, Pane, RowId, State};

/// Moves in what has the keys.
pub(super) fn go(state: &mut State, motion: Motion) {
    if let Some(mut menu) = state.menu.take() {
        menu.go(motion, state);
        state.menu = Some(menu);
    } else if state.layers.is_empty() && state.page == Page::Policy {
        policy::moving::go(state, motion);
    } else if state.layers.is_empty() {
        move_selection(state, motion);
    } else {
        in_detail(state, |detail, state| detail.go(motion, state));
    }
}

/// Gives the next list the keys, or the one before.
pub(super) fn beside(state: &mut State, beside: Beside) {
    let fold = Fold::of(state.size.0);
    let pane = state.focus().beside(fold, beside == Beside::Previous);
    state.focus_on(pane);
}

/// Going to a screen takes away what floats above it.
pub(super) fn to_screen(state: &mut State, number: u8) -> Vec<Effect> {
    state.menu = None;
    state.layers.clear();
    if number == 3 {
        return policy::enter(state).into_iter().collect();
    }
    state.page = Page::Live;
    Vec::new()
}

/// One layer back.
pub(super) fn back(state: &mut State) -> Vec<Effect> {
    if state.menu.take().is_some() {
        return Vec::new();
    }
    match state.layer() {
        Some(Layer::Prompt(_)) => prompt::update(state, prompt::Doing::Abort),
        None if state.page == Page::Policy => return doing::update(state, Doing::Leave).into_iter().collect(),
        _ => drop(state.layers.pop()),
    }
    Vec::new()
}

/// Opens the trouble at an index.
pub(super) fn to_trouble(state: &mut State, index: usize) {
    let row = state.troubles.all().get(index).and_then(|trouble| trouble.row);
    show(state, row);
}

fn move_selection(state: &mut State, motion: Motion) {
    let total = state.rows().len();
    let page = Layout::of(state).page();
    let Some(index) = state.selection().index() else { return };
    let to = match motion {
        Motion::Up => index.saturating_sub(1),
        Motion::Down => index + 1,
        Motion::PageUp => index.saturating_sub(page),
        Motion::PageDown => index + page,
        Motion::First => 0,
        Motion::Last => total,
    };
    state.pick(to.min(total.saturating_sub(1)));
    // What is before the first row is on disk.
    state.before = match motion {
        Motion::First if state.beginning().is_some() => Before::All,
        Motion::Up | Motion::PageUp if to == 0 => Before::Some,
        _ => Before::Left,
    };
}

/// What is open stays open and shows what was found.
pub(super) fn seek_row(state: &mut State, seek: Seek) {
    match seek.next(state) {
        Some(id) => state.go_to(id),
        None => state.status = Some("there is none in the list".to_owned()),
    }
}

pub(super) fn next_trouble(state: &mut State) {
    let rows: Vec<_> = state.troubles.all().iter().filter_map(|trouble| trouble.row).collect();
    let open = state.selection().id().filter(|_| state.reading());
    let at = rows.iter().position(|row| Some(*row) == open).map_or(0, |at| (at + 1) % rows.len());
    show(state, rows.get(at).copied());
}

fn show(state: &mut State, row: Option<RowId>) {
    if let Some(id) = row {
        if Pane::ALL.into_iter().all(|pane| state.position(pane, id).is_none()) {
            // What is wrong is shown, whatever is being looked for.
            state.drop_filters();
        }
        state.go_to(id);
        open(state);
    }
}

/// Opens the selected row in place of whatever is open.
pub(super) fn open(state: &mut State) {
    state.page = Page::Live;
    state.layers = vec![Layer::Detail(Detail::default())];
}
