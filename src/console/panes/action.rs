//! The selected row as JSON or as the diagnostic it is; after a rerun, the new plan beside the recorded one.

use ratatui::layout::Rect;

use crate::console::again::Again;
use crate::console::document::{Document, View};
use crate::console::state::{Row, State};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{Pen, Span};

/// Draws as much of it as fits; the rest is on enter.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let Some(row) = state.selected().filter(|_| area.height > 1) else { return };
    if again(pen, area, state, row) {
        return;
    }
    let room = usize::from(area.height - 1);
    let document = Document::of(state, row, View::Pane { roomy: room >= 12 });
    heading(pen, area, &Heading { title: document.title, count: document.note.clone(), ..Heading::default() });
    put(pen, area, &document.lines(0, room, area.width - 1));
}

/// Draws the two plans of an envelope that ran again, and says whether it did.
pub fn again(pen: &mut Pen<'_>, area: Rect, state: &State, row: Row) -> bool {
    let Some(again) = Again::of(state, row).filter(|_| !state.unfolded) else { return false };
    heading(pen, area, &Heading { title: "Plan again", count: again.note, ..Heading::default() });
    put(pen, area, &again.lines);
    true
}

/// Lines under the heading of `area`.
pub fn put(pen: &mut Pen<'_>, area: Rect, lines: &[Vec<Span>]) {
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        pen.spans(area.x + 1, y, area.width - 1, line);
    }
}
