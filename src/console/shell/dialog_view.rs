//! A question on the screen: its sentence, and a line for each answer.

use ratatui::layout::Rect;

use super::message::Message;
use crate::console::screen::Dialog;
use crate::console::screens::ScreenMessage;
use crate::console::text::{cells, wrap};
use crate::console::theme::Role;
use crate::console::widgets::frame::frame;
use crate::console::widgets::{HitMap, Pen, Span};

/// Draws it over the middle of a terminal of that size; a click on an answer gives it.
pub fn draw(
    pen: &mut Pen<'_>,
    (columns, rows): (u16, u16),
    dialog: &Dialog<ScreenMessage>,
    hits: &mut HitMap<Message>,
) {
    let wide = columns.min(64);
    let lines = wrap(&dialog.text, usize::from(wide.saturating_sub(6)), 3, pen.theme.charset());
    let gap = u16::from(rows >= 16);
    let high = (cells(lines.len() + dialog.choices.len()) + 3 + gap).min(rows.saturating_sub(1));
    let area = Rect::new((columns - wide) / 2, rows.saturating_sub(high + 1) / 2, wide, high);
    let inner = frame(pen, area, dialog.title, "");
    let (x, room) = (inner.x + 2, inner.width.saturating_sub(3));
    for (line, y) in lines.iter().zip(inner.top()..inner.bottom()) {
        pen.put(x, y, room, line, pen.theme.ink(Role::Text));
    }
    let first = inner.y + cells(lines.len()) + gap;
    let choices = dialog.choices.iter().map(|choice| (choice.key, choice.label, Message::Screen(choice.message)));
    let stay = ("esc", "go on as it is", Message::Back);
    for ((key, label, message), y) in choices.chain([stay]).zip(first..inner.bottom()) {
        pen.spans(x, y, room, &[Span::bold(format!("{key:<5}"), Role::Accent), Span::new(label, Role::Muted)]);
        hits.add(Rect { y, height: 1, ..inner }, message);
    }
}
