//! Standing faults, one row each, gone only when fixed or dismissed.

use ratatui::layout::Rect;

use super::app::App;
use super::message::Message;
use crate::console::model::FaultKind;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{HitMap, Pen, Span};

/// Draws them, the worst first.
pub fn draw(pen: &mut Pen<'_>, area: Rect, app: &App, hits: &mut HitMap<Message>) {
    let all = app.shared.faults.all();
    for ((index, fault), y) in all.iter().enumerate().zip(area.top()..area.bottom()) {
        let (glyph, word, role) = match &fault.kind {
            FaultKind::Crashed => (Glyph::Failed, "CRASHED", Role::Failed),
            FaultKind::NoPolicy => (Glyph::Block, "NO POLICY", Role::Block),
            FaultKind::StalePolicy => (Glyph::Alert, "STALE POLICY", Role::Alert),
            FaultKind::Reload(_) => (Glyph::Failed, "RELOAD FAILED", Role::Failed),
            FaultKind::Failing(_) => (Glyph::Failed, "CODE FAILED", Role::Failed),
            FaultKind::OddPolicy => (Glyph::Alert, "POLICY", Role::Alert),
            FaultKind::Error => (Glyph::Failed, "ERROR", Role::Failed),
            FaultKind::Warning => (Glyph::Alert, "NOTICE", Role::Alert),
        };
        let row = Rect { y, height: 1, ..area };
        let tint = pen.theme.tint(role);
        pen.clear(row, tint.patch(pen.theme.ink(Role::Text)));
        let chip = format!(" {} {word} ", pen.theme.glyph(glyph));
        let x = pen.put(area.x, y, area.width, &chip, pen.theme.chip(role)) + 1;
        let mut right = Vec::new();
        let hidden = all.len().saturating_sub(usize::from(area.height));
        if hidden > 0 && y + 1 == area.bottom() {
            right.push(Span::bold(format!("+{hidden} more  "), role));
        }
        if fault.row.is_some() {
            // In a text `!` is text, and a fault of the policy is in it.
            let of_policy = matches!(fault.kind, FaultKind::StalePolicy | FaultKind::NoPolicy | FaultKind::OddPolicy);
            let key = match (app.key_context().text, of_policy) {
                (true, true) => "F8",
                (true, false) => "click",
                _ => "!",
            };
            right.push(Span::bold(key, Role::Accent));
            right.push(Span::new(" show", Role::Muted));
            hits.add(row, Message::Fault(index));
        }
        let end = pen.spans_right(x + area.width / 3, area.right().saturating_sub(1), y, &right);
        let style = pen.theme.bold(Role::Text);
        pen.put(x, y, end.saturating_sub(x + 1), &fault.sentence, style);
    }
}
