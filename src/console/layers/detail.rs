//! The whole of the selected row, full width.

use ratatui::layout::Rect;

use super::Scroll;
use crate::console::document::{Document, View};
use crate::console::layout::Layout;
use crate::console::state::State;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Pen;
use crate::console::widgets::heading::{Heading, heading};

/// From under the Why line to the footer.
fn area(state: &State) -> Rect {
    let (columns, rows) = state.size;
    let layout = Layout::of(state);
    if layout.footer.is_empty() {
        return Rect::default();
    }
    let top = layout.why.bottom() + u16::from(rows >= 20);
    Rect::new(1, top, columns.saturating_sub(2), layout.footer.y.saturating_sub(top))
}

/// Lines there are, and lines that show at once.
pub fn extent(state: &State) -> (usize, usize) {
    let area = area(state);
    let lines =
        state.selected().map_or(0, |row| Document::of(state, row, View::Whole).count(area.width.saturating_sub(1)));
    (lines, usize::from(area.height.saturating_sub(1)).max(1))
}

/// Draws it from the first line in view.
pub fn draw(pen: &mut Pen<'_>, state: &State, scroll: Scroll) {
    let area = area(state);
    let Some(row) = state.selected().filter(|_| area.height > 1) else { return };
    let (columns, _) = state.size;
    pen.clear(Rect { x: 0, width: columns, ..area }, pen.theme.canvas());
    let document = Document::of(state, row, View::Whole);
    let page = usize::from(area.height - 1);
    let total = document.count(area.width - 1);
    let top = scroll.top.min(total.saturating_sub(page));
    let below = total.saturating_sub(top + page);
    let mark = (below > 0).then(|| (format!("{} {below}", pen.theme.glyph(Glyph::Down)), Role::Alert));
    heading(pen, area, &Heading { title: document.title, mark, count: document.note.clone(), focus: true });
    for (line, y) in document.lines(top, page, area.width - 1).iter().zip(area.y + 1..area.bottom()) {
        pen.spans(area.x + 1, y, area.width - 1, line);
    }
    pen.style(area, pen.theme.ground(Role::Bg));
}
