//! Under the text: where the cursor is, what is wrong, and that nothing of it is in force yet.

use ratatui::layout::Rect;

use super::super::{Draft, Policy};
use crate::console::screen::Context;
use crate::console::text::grouped;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span};
use crate::kernel::diagnostic::Severity;

/// How many actions would flip, in few words.
fn answer(pen: &Pen<'_>, policy: &Policy, loads: bool, wide: bool) -> Vec<Span> {
    let summary = policy.record.impact().summary();
    let role = |count: usize, role| if loads && count > 0 { role } else { Role::Faint };
    let (allowed, blocked) = (summary.newly_allowed(), summary.newly_restricted());
    let mut spans = vec![
        Span::bold(grouped(allowed), role(allowed, Role::Alert)),
        Span::new(" newly allowed, ", Role::Muted),
        Span::bold(grouped(blocked), role(blocked, Role::Block)),
        Span::new(if wide { " newly blocked" } else { " blocked" }, Role::Muted),
    ];
    if !loads {
        spans.insert(0, Span::bold(format!("{} last good  ", pen.theme.glyph(Glyph::Alert)), Role::Alert));
    }
    spans
}

/// Draws it; `alone` where the text has the whole screen.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy, cx: &Context<'_>, draft: &Draft, alone: bool) {
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
    let form = if draft.good().rules.iter().any(|rule| rule.guard.is_some()) { "guardrails" } else { "rules" };
    let form = if area.width >= 50 { format!("   yaml, {form}") } else { String::new() };
    let mut spans = vec![Span::new(place, Role::Muted), Span::new(form, Role::Faint)];
    if alone && draft.is_changed() {
        // What it would change is on another page: the answer stands here.
        spans = answer(pen, policy, draft.loads(), area.width >= 60);
    }
    pen.spans(area.x, area.y, start.saturating_sub(area.x + 1), &spans);
    if area.height > 1 {
        let digest = cx.model.runs.policy().map_or("none", |stamp| stamp.short());
        let words = if draft.is_changed() {
            format!("Nothing is in force until it is saved; {digest} is.")
        } else {
            format!("What is on disk is what judges: {digest}.")
        };
        let role = if draft.is_changed() { Role::Muted } else { Role::Faint };
        pen.put(area.x, area.y + 1, area.width, &words, pen.theme.ink(role));
    }
}
