//! The border of what floats: title at the left, a count at the right.

use ratatui::layout::Rect;

use crate::console::theme::Role;
use crate::console::widgets::Pen;

/// Draws it and gives what is inside.
pub fn frame(pen: &mut Pen<'_>, area: Rect, title: &str, count: &str) -> Rect {
    if area.width < 4 || area.height < 3 {
        return Rect::default();
    }
    let border = pen.theme.frame();
    let style = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Accent));
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.x..=right {
        pen.put(x, area.y, 1, border.across, style);
        pen.put(x, bottom, 1, border.across, style);
    }
    for y in area.y..=bottom {
        pen.put(area.x, y, 1, border.down, style);
        pen.put(right, y, 1, border.down, style);
    }
    let places = [(area.x, area.y), (right, area.y), (right, bottom), (area.x, bottom)];
    for ((x, y), corner) in places.into_iter().zip(border.corners) {
        pen.put(x, y, 1, corner, style);
    }
    let room = right.saturating_sub(area.x + 2);
    let after = pen.put(area.x + 2, area.y, room, &format!(" {title} "), pen.theme.bold(Role::Text));
    if !count.is_empty() {
        pen.put_right(after + 1, right.saturating_sub(1), area.y, &format!(" {count} "), pen.theme.ink(Role::Muted));
    }
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// A line across, inside.
pub fn rule(pen: &mut Pen<'_>, inner: Rect, y: u16) {
    let across = pen.theme.frame().across;
    for x in inner.left()..inner.right() {
        pen.put(x, y, 1, across, pen.theme.ink(Role::Rule));
    }
}
