//! Under the text: where the cursor is, what is wrong, and that nothing of it is in force yet.

use ratatui::layout::Rect;

use crate::console::policy::Draft;
use crate::console::state::State;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span};
use crate::kernel::diagnostic::Severity;

/// Draws it.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, draft: &Draft) {
    if area.is_empty() {
        return;
    }
    let (line, at) = draft.editor.place();
    let column = draft.editor.text().line(line)[..at].chars().count() + 1;
    let place = format!("line {}, column {column}", line + 1);
    let count = |severity| draft.notes().iter().filter(|note| note.severity == severity).count();
    let mut found = Vec::new();
    for (severity, glyph, role, word) in [
        (Severity::Error, Glyph::Failed, Role::Block, "error"),
        (Severity::Warning, Glyph::Alert, Role::Alert, "warning"),
    ] {
        let many = count(severity);
        if many > 0 {
            let s = if many == 1 { "" } else { "s" };
            found.push(Span::bold(format!("  {} {many}", pen.theme.glyph(glyph)), role));
            found.push(Span::new(format!(" {word}{s}"), Role::Muted));
        }
    }
    let start = pen.spans_right(area.x, area.right(), area.y, &found);
    let form = if area.width >= 50 { "   yaml, rules" } else { "" };
    let spans = [Span::new(place, Role::Muted), Span::new(form, Role::Faint)];
    pen.spans(area.x, area.y, start.saturating_sub(area.x + 1), &spans);
    if area.height > 1 {
        let digest = state.runs.policy().map_or("none", |stamp| stamp.short());
        let words = if draft.is_changed() {
            format!("Nothing is in force until it is saved; {digest} is.")
        } else {
            format!("What is on disk is what judges: {digest}.")
        };
        let role = if draft.is_changed() { Role::Muted } else { Role::Faint };
        pen.put(area.x, area.y + 1, area.width, &words, pen.theme.ink(role));
    }
}
