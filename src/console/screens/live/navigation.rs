//! Going somewhere on the Live screen: in a list or in what is open, from list to list, to what is sought.

use super::jump::{Jump, Landing};
use super::layout::Layout;
use super::panes::{self, Pane};
use super::record::Record;
use super::{Before, ListId, Live, Overlay};
use crate::console::model::RowId;
use crate::console::screen::{Context, Effect};
use crate::console::widgets::{Beside, Motion};

/// Moves in what has the keys.
pub(super) fn go(live: &mut Live, cx: &Context<'_>, motion: Motion) {
    match live.overlay {
        Some(Overlay::Record) => live.record.pager.go(motion),
        Some(Overlay::Prompt(_)) => {}
        None if live.panes.focus == Pane::Lists => move_selection(live, cx, motion),
        None => panes::go(live, cx, motion),
    }
}

/// Moves in the list that has the keys.
pub(super) fn move_selection(live: &mut Live, cx: &Context<'_>, motion: Motion) {
    let total = live.rows(cx.model).len();
    let page = Layout::of(live, cx).page();
    let Some(index) = live.selection().index() else { return };
    if matches!(motion, Motion::First | Motion::Last) {
        live.leave_a_trail();
    }
    let to = motion.applied(index, page, total);
    live.pick(cx.model, to);
    // What is before the first row is on disk.
    live.before = match motion {
        Motion::First if cx.model.beginning().is_some() => Before::All,
        Motion::Up | Motion::PageUp if to == 0 => Before::Some,
        _ => Before::Left,
    };
}

/// Goes to the next row of a kind; what is open stays open and shows what was found.
pub(super) fn jump(live: &mut Live, cx: &Context<'_>, jump: Jump, beside: Beside) -> Option<Effect> {
    live.leave_a_trail();
    live.sought = Some(jump);
    let (id, said) = match jump.beside(live, cx.model, beside) {
        Some(Landing::Next(id)) => (id, None),
        Some(Landing::Around(id)) if beside == Beside::Next => (id, Some("past the newest: on from the oldest")),
        Some(Landing::Around(id)) => (id, Some("past the oldest: on from the newest")),
        Some(Landing::Only(id)) => (id, Some("there is no other in the list")),
        None => return Some(Effect::say("there is none in the list")),
    };
    (live.came_from, live.before) = (None, Before::Left);
    live.go_to(cx.model, id);
    live.jumped = live.selection().id().map(|on| (id, on));
    said.map(Effect::say)
}

/// Goes to the next of what was gone to last, or the one before; without that, along what a query lets through. In an
/// open record, to the next of the words that were looked for.
pub(super) fn next_match(live: &mut Live, cx: &Context<'_>, beside: Beside) -> Option<Effect> {
    if live.reading() && live.record.is_sought() {
        return Some(live.record.beside(beside));
    }
    if let Some(sought) = live.sought.filter(|_| live.query().is_none()) {
        return jump(live, cx, sought, beside);
    }
    live.leave_a_trail();
    live.before = Before::Left;
    let (total, at) = (live.rows(cx.model).len(), live.selection().index()?);
    let (to, said) = match beside {
        Beside::Next if at + 1 >= total => (0, Some("past the newest: on from the oldest")),
        Beside::Next => (at + 1, None),
        Beside::Previous if at == 0 => (total.saturating_sub(1), Some("past the oldest: on from the newest")),
        Beside::Previous => (at - 1, None),
    };
    live.pick(cx.model, to);
    said.map(Effect::say)
}

/// Opens the row of the worst fault; again, the next one that has a row.
pub(super) fn next_fault(live: &mut Live, cx: &Context<'_>) {
    let rows: Vec<_> = cx.faults.all().iter().filter_map(|fault| fault.row).collect();
    let open = live.selection().id().filter(|_| live.reading());
    let at = rows.iter().position(|row| Some(*row) == open).map_or(0, |at| (at + 1) % rows.len());
    if let Some(row) = rows.get(at) {
        show(live, cx, *row);
    }
}

/// Goes to a row and opens it.
pub(super) fn show(live: &mut Live, cx: &Context<'_>, id: RowId) {
    let came_from = live.came_from.take().filter(|_| live.reading()).unwrap_or_else(|| live.standpoint());
    if ListId::ALL.into_iter().all(|list| live.position(cx.model, list, id).is_none()) {
        // What is wrong is shown, whatever is being looked for.
        live.drop_filters(cx.model);
    }
    live.go_to(cx.model, id);
    open(live);
    live.came_from = Some(came_from);
}

/// Closes what is open; what was opened for a fault gives a person their place back.
pub(super) fn close(live: &mut Live, cx: &Context<'_>) {
    if live.overlay.take().is_none() {
        if live.panes.has_keys(Pane::Lists) {
            live.before = Before::Left;
        }
        live.panes.focus = Pane::Lists;
        return;
    }
    if let Some(came_from) = live.came_from.take() {
        live.return_to(cx.model, came_from);
    }
}

/// Opens the selected row in place of whatever is open.
pub(super) fn open(live: &mut Live) {
    (live.came_from, live.before) = (None, Before::Left);
    live.record = Record::default();
    live.overlay = Some(Overlay::Record);
}
