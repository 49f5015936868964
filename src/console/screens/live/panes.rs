//! The panes below the lists: the selected row's document, and why it was decided so. Each can have the keys in place of
//! the lists, scrolls then, and can have the whole body.

use super::layout::Layout;
use super::pager::Pager;
use super::record;
use super::why::{self, Why};
use super::{ListId, Live};
use crate::console::model::{Model, Row};
use crate::console::present::document::View;
use crate::console::screen::Context;
use crate::console::widgets::{Beside, Motion};

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// One of the four lists.
    #[default]
    Lists,
    /// The selected row's document.
    Action,
    /// Why it was decided so, or what became of it.
    Why,
}

/// What the panes show.
#[derive(Debug, Default)]
pub struct Panes {
    /// What has the keys.
    pub(super) focus: Pane,
    /// The selected row's document.
    pub(super) action: Pager,
    /// True when nested JSON is shown open there, and what it came from.
    pub(super) unfolded: bool,
    /// The line of the other pane that is in hand.
    pub(super) why: Why,
}

/// Rows from which values one level down are shown open.
const ROOMY: usize = 12;

impl Panes {
    /// True for the pane that has the keys.
    pub fn has_keys(&self, pane: Pane) -> bool {
        self.focus == pane
    }
}

impl Live {
    /// True while the list of that name has the keys.
    pub(super) fn list_has_keys(&self, list: ListId) -> bool {
        self.panes.focus == Pane::Lists && self.focus() == list
    }
}

/// Makes the panes agree with the selected row, and the open record too.
pub(super) fn refresh(live: &mut Live, cx: &Context<'_>) {
    let row = live.selected_row(cx.model);
    let mut record = std::mem::take(&mut live.record);
    match row.filter(|_| live.reading()) {
        Some(row) => record.pager.show(cx, row, View::Whole, usize::MAX, record::window(cx)),
        None => record.pager.clear(),
    }
    live.record = record;
    if live.reading() {
        // It is covered.
        return;
    }
    let places = Layout::unzoomed(live, cx);
    if !places.has(live.panes.focus) {
        live.panes.focus = Pane::Lists;
    }
    let area = Layout::of(live, cx).preview;
    let height = usize::from(area.height.saturating_sub(1));
    match row.filter(|_| height > 0) {
        Some(row) => {
            let unfolded = live.panes.unfolded;
            let open = if unfolded { usize::MAX } else { 1 + usize::from(height >= ROOMY) };
            let window = (area.width.saturating_sub(1), height);
            live.panes.action.show(cx, row, View::Pane { unfolded }, open, window);
        }
        None => live.panes.action.clear(),
    }
    live.panes.why.refresh(row.map(Row::id));
}

/// Gives the next pane the keys, or the one before: the lists in turn, then what is below them.
pub(super) fn beside(live: &mut Live, cx: &Context<'_>, beside: Beside) {
    let places = Layout::unzoomed(live, cx);
    let mut stops: Vec<(Pane, ListId)> = ListId::ALL
        .into_iter()
        .filter(|list| list.folded(live.columns) == *list)
        .map(|list| (Pane::Lists, list))
        .collect();
    let below = [Pane::Action, Pane::Why].into_iter().filter(|pane| places.has(*pane));
    stops.extend(below.map(|pane| (pane, live.focus())));
    let here = |stop: &(Pane, ListId)| stop.0 == live.panes.focus && (stop.0 != Pane::Lists || stop.1 == live.focus());
    let at = stops.iter().position(here).unwrap_or(0);
    let step = if beside == Beside::Previous { stops.len() - 1 } else { 1 };
    let (pane, list) = stops[(at + step) % stops.len()];
    live.panes.focus = pane;
    if pane == Pane::Lists {
        live.focus_on(cx.model, list);
    }
}

/// Moves in the pane that has the keys.
pub(super) fn go(live: &mut Live, cx: &Context<'_>, motion: Motion) {
    match live.panes.focus {
        Pane::Lists => {}
        Pane::Action => live.panes.action.go(motion),
        Pane::Why => {
            let page = usize::from(Layout::of(live, cx).rules.height).saturating_sub(2).max(1);
            let total = why::contents(live, cx).map_or(0, |contents| contents.len());
            live.panes.why.go(motion, page, total, why::deciding(live));
        }
    }
}

/// Folds what is in hand in the pane, or shows all of it; why nothing in sight would change.
pub(super) fn folds(live: &Live, cx: &Context<'_>) -> Result<(), &'static str> {
    if live.selected_row(cx.model).is_none() {
        return Err("nothing is selected");
    }
    match live.panes.focus {
        Pane::Why => Err("nothing in this pane folds"),
        Pane::Lists if Layout::of(live, cx).preview.height < 2 => Err("what folds is not in sight; enter opens it"),
        Pane::Action | Pane::Lists => Ok(()),
    }
}

/// Folds the value in hand of the pane that has the keys, or the record.
pub(super) fn fold(live: &mut Live) {
    let folded = live.panes.focus == Pane::Action && live.panes.action.fold();
    if !folded {
        live.panes.unfolded = !live.panes.unfolded;
    }
}

/// A click on a line of a pane: it has the keys, and the line is in hand.
pub(super) fn click(live: &mut Live, pane: Pane, line: usize) {
    live.panes.focus = pane;
    match pane {
        Pane::Lists => {}
        Pane::Action => live.panes.action.click(line),
        Pane::Why => live.panes.why.take(line),
    }
}

/// True when a row's envelope ran again, so that there are two plans to be held against each other.
pub(super) fn ran_again(live: &Live, model: &Model) -> bool {
    let arrival = live.selected_row(model).and_then(|row| model.arrival(row));
    arrival.is_some_and(|arrival| model.rerun(arrival).is_some())
}
