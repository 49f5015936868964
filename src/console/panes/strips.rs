//! Trouble strips: what stands wrong, one row each, gone only when fixed or dismissed.

use ratatui::layout::Rect;

use crate::console::commands::Place;
use crate::console::hits::HitMap;
use crate::console::state::{Fault, State};
use crate::console::theme::{Glyph, Role};
use crate::console::update::Message;
use crate::console::widgets::{Pen, Span};

/// Draws them, the worst first.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, hits: &mut HitMap) {
    let all = state.troubles.all();
    for ((index, trouble), y) in all.iter().enumerate().zip(area.top()..area.bottom()) {
        let (glyph, word, role) = match &trouble.fault {
            Fault::Crashed => (Glyph::Failed, "CRASHED", Role::Failed),
            Fault::NoPolicy => (Glyph::Block, "NO POLICY", Role::Block),
            Fault::StalePolicy => (Glyph::Alert, "STALE POLICY", Role::Alert),
            Fault::Reload(_) => (Glyph::Failed, "RELOAD FAILED", Role::Failed),
            Fault::OddPolicy => (Glyph::Alert, "POLICY", Role::Alert),
            Fault::Error => (Glyph::Failed, "ERROR", Role::Failed),
            Fault::Warning => (Glyph::Alert, "NOTICE", Role::Alert),
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
        if trouble.row.is_some() {
            // In a text `!` is text, and a fault of the policy is in it.
            let of_policy = matches!(trouble.fault, Fault::StalePolicy | Fault::NoPolicy | Fault::OddPolicy);
            let key = match (state.place(), of_policy) {
                (Place::Text, true) => "F8",
                (Place::Text, false) => "click",
                _ => "!",
            };
            right.push(Span::bold(key, Role::Accent));
            right.push(Span::new(" show", Role::Muted));
            hits.add(row, Message::Trouble(index));
        }
        let end = pen.spans_right(x + area.width / 3, area.right().saturating_sub(1), y, &right);
        let style = pen.theme.bold(Role::Text);
        pen.put(x, y, end.saturating_sub(x + 1), &trouble.sentence, style);
    }
}
