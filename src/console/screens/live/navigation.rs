//! Going somewhere on the Live screen: in a list or in what is open, from list to list, to what is sought.

use super::detail::{Detail, in_detail};
use super::jump::Jump;
use super::layout::Layout;
use super::{Before, ListId, Live, Overlay};
use crate::console::model::RowId;
use crate::console::screen::{Context, Effect};
use crate::console::widgets::{Beside, Motion};

/// Moves in what has the keys.
pub(super) fn go(live: &mut Live, cx: &Context<'_>, motion: Motion) {
    if live.overlay.is_none() {
        move_selection(live, cx, motion);
    } else {
        in_detail(live, |detail, live| detail.go(motion, live, cx));
    }
}

/// Gives the next list the keys, or the one before.
pub(super) fn beside(live: &mut Live, cx: &Context<'_>, beside: Beside) {
    let list = live.focus().beside(live.columns, beside == Beside::Previous);
    live.focus_on(cx.model, list);
}

fn move_selection(live: &mut Live, cx: &Context<'_>, motion: Motion) {
    let total = live.rows(cx.model).len();
    let page = Layout::of(live, cx).page();
    let Some(index) = live.selection().index() else { return };
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
pub(super) fn jump(live: &mut Live, cx: &Context<'_>, jump: Jump) -> Option<Effect> {
    match jump.next(live, cx.model) {
        Some(id) => {
            live.go_to(cx.model, id);
            None
        }
        None => Some(Effect::say("there is none in the list")),
    }
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
    if ListId::ALL.into_iter().all(|list| live.position(cx.model, list, id).is_none()) {
        // What is wrong is shown, whatever is being looked for.
        live.drop_filters(cx.model);
    }
    live.go_to(cx.model, id);
    open(live);
}

/// Opens the selected row in place of whatever is open.
pub(super) fn open(live: &mut Live) {
    live.overlay = Some(Overlay::Detail(Detail::default()));
}
