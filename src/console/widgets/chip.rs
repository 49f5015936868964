//! A query as a chip in a heading, with the cross that takes it away.

use ratatui::layout::Rect;

use crate::console::text::{Charset, cells, width};
use crate::console::theme::Role;

use super::Pen;

/// Cells a query may take before it is cut.
const LONGEST: u16 = 40;

/// Draws it at a place with room up to column `end`; where its cross is.
pub fn chip(pen: &mut Pen<'_>, (x, y): (u16, u16), end: u16, text: &str) -> Rect {
    let cross = match pen.theme.charset() {
        Charset::Unicode => " ×",
        Charset::Ascii => " x",
    };
    let room = end.saturating_sub(x + cells(width(cross)) + 1).min(LONGEST);
    if room < 4 {
        return Rect::default();
    }
    let at = pen.put(x, y, room, text, pen.theme.bold(Role::Text));
    let after = pen.put(at, y, 2, cross, pen.theme.bold(Role::Accent));
    let area = Rect::new(x, y, after - x, 1);
    pen.style(area, pen.theme.ground(Role::Sel));
    pen.put(after, y, 1, " ", pen.theme.canvas());
    Rect::new(at, y, after - at, 1)
}
