//! The selected row as JSON, or as the diagnostic it is.

use ratatui::layout::Rect;

use crate::console::document::Document;
use crate::console::state::State;
use crate::console::widgets::Pen;
use crate::console::widgets::heading::{Heading, heading};

/// Draws as much of it as fits; the rest is on enter.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let Some(row) = state.selected().filter(|_| area.height > 1) else { return };
    let document = Document::of(state, row, true);
    heading(pen, area, &Heading { title: document.title, count: document.note.clone(), ..Heading::default() });
    let lines = document.lines(0, usize::from(area.height - 1), area.width - 1);
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        pen.spans(area.x + 1, y, area.width - 1, line);
    }
}
