//! The kernel's state before the action and after the stage in focus.

use ratatui::layout::Rect;

use super::super::Replay;
use super::stages::wide;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Pen;
use crate::console::widgets::heading::{Heading, heading};
use crate::replayer::stages::StateRow;

/// Draws what the stage at hand changed, beside what was before the action.
pub fn draw(pen: &mut Pen<'_>, area: Rect, replay: &Replay) {
    let (Some(action), Some(stage)) = (&replay.scene.action, replay.scene.stage()) else { return };
    if area.height < 3 {
        return;
    }
    let area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let changes = action.state.iter().filter(|row| row.is_changed()).count();
    let count = match changes {
        0 => "unchanged".to_owned(),
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    };
    heading(pen, area, &Heading { title: "State", count, ..Heading::default() });
    let (name, before) = (area.x + 2, area.x + 13);
    let half = (area.width.saturating_sub(13)) / 2;
    let after = before + half;
    let faint = pen.theme.ink(Role::Faint);
    pen.put(before, area.y + 1, half, "before the action", faint);
    pen.put(after, area.y + 1, half, &format!("after {}", stage.name()), faint);
    for (row, y) in action.state.iter().zip(area.y + 2..area.bottom()) {
        let StateRow { name: label, before: was, after: is } = row;
        pen.put(name, y, 10, label, pen.theme.ink(Role::Muted));
        pen.put(before, y, half.saturating_sub(3), was, pen.theme.ink(Role::Text));
        if row.is_changed() {
            let x = before + half.saturating_sub(2).min(wide(was).max(1) + half);
            pen.put(x.min(after - 2), y, 1, pen.theme.glyph(Glyph::Leads), pen.theme.ink(Role::Accent));
            pen.put(after, y, half, is, pen.theme.bold(Role::Text));
        } else {
            pen.put(after, y, half, "unchanged", faint);
        }
    }
}
