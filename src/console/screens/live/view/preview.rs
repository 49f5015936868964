//! The selected row as JSON or as the diagnostic it is; after a rerun, the new plan beside the recorded one.

use ratatui::layout::Rect;

use super::super::Live;
use crate::console::model::Row;
use crate::console::present::document::{Document, View};
use crate::console::present::plan_diff::PlanDiff;
use crate::console::screen::Context;
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{Pen, Span};

/// Draws as much of it as fits; the rest is on enter.
pub fn draw(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>) {
    let Some(row) = live.selected_row(cx.model).filter(|_| area.height > 1) else { return };
    if plan_diff(pen, area, live, cx, row) {
        return;
    }
    let room = usize::from(area.height - 1);
    let document = Document::of(cx.model, row, View::Pane { roomy: room >= 12, unfolded: live.unfolded }, cx.charset);
    heading(pen, area, &Heading { title: document.title, count: document.note.clone(), ..Heading::default() });
    put(pen, area, &document.lines(0, room, area.width - 1));
}

/// Draws the two plans of an envelope that ran again, and says whether it did.
pub fn plan_diff(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>, row: Row) -> bool {
    let Some(diff) = PlanDiff::of(cx.model, row, cx.charset).filter(|_| !live.unfolded) else { return false };
    heading(pen, area, &Heading { title: "Plan again", count: diff.note, ..Heading::default() });
    put(pen, area, &diff.lines);
    true
}

/// Lines under the heading of `area`.
pub fn put(pen: &mut Pen<'_>, area: Rect, lines: &[Vec<Span>]) {
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        pen.spans(area.x + 1, y, area.width - 1, line);
    }
}
