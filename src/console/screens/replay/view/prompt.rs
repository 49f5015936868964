//! Draws the line in which a query, a place or a file is typed.

use ratatui::layout::Rect;

use super::super::prompt::{Ask, Prompt};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span};
use crate::review::notes::Mark;

/// Draws it over two rows.
pub fn draw(pen: &mut Pen<'_>, area: Rect, prompt: &Prompt) {
    let ground = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text));
    pen.clear(area, ground);
    let (label, example) = match prompt.ask {
        Ask::Break => ("break on", "decision:block   dedup   tool:order.refund value:>100"),
        Ask::GoTo => ("go to", "7   7.2   7.2.lock"),
        Ask::Fixture => ("save in", "it is added as a line; `fibric dev` plays the file then"),
        Ask::Revision => ("other code", "operators/order-risk.next.ts   HEAD~1   3c4e62f"),
        Ask::Policy => ("policy file", "a file of rules in YAML or code, from the workspace"),
        Ask::Note(mark) => (if mark == Mark::Flagged { "flagged" } else { "accepted" }, "why; it stands in the review"),
        Ask::Export => ("write to", "NAME.review verifies itself; .md and .html are for people"),
    };
    let x = pen.put(area.x + 1, area.y, area.width, label, pen.theme.bold(Role::Accent)) + 1;
    let (before, after) = prompt.line.parts();
    let room = area.right().saturating_sub(x + 1);
    let mut from = 0;
    // The end of what is before the cursor is what shows of it.
    while crate::console::text::width(&before[from..]) > usize::from(room) {
        from += before[from..].chars().next().map_or(1, char::len_utf8);
    }
    let at = pen.put(x, area.y, room, &before[from..], pen.theme.ink(Role::Text));
    pen.put(at, area.y, area.right().saturating_sub(at), after, pen.theme.ink(Role::Text));
    pen.style(Rect::new(at, area.y, 1, 1), pen.theme.cursor());
    if area.height > 1 {
        let said = match &prompt.fault {
            Some(fault) => Span::bold(format!("{} {fault}", pen.theme.glyph(Glyph::Failed)), Role::Failed),
            None => Span::new(example, Role::Faint),
        };
        pen.spans(x, area.y + 1, room, &[said]);
    }
}
