//! The envelope that is edited: each field in a row, what was changed beside what it was.

use ratatui::layout::Rect;

use super::super::Message;
use super::super::editing::{Editing, FieldKey};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::replayer::draft::DraftField;

/// Draws it over the body.
pub fn draw(pen: &mut Pen<'_>, editing: &Editing, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let body = cx.frame().body;
    if body.height < 4 {
        return;
    }
    pen.clear(body, pen.theme.canvas());
    hits.cover();
    let area = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let changed = editing.draft.fields().iter().filter(|field| field.is_changed()).count();
    let count = match changed {
        0 => format!("envelope {} of run {}", editing.of.arrival, editing.of.run),
        1 => "1 field changed".to_owned(),
        many => format!("{many} fields changed"),
    };
    heading(pen, area, &Heading { title: "Edit", count, focus: true, ..Heading::default() });
    let rows = usize::from(area.height.saturating_sub(3)).max(1);
    let top = editing.at.saturating_sub(rows.saturating_sub(1));
    let fields = editing.draft.fields().iter().enumerate().skip(top).take(rows);
    for ((at, field), y) in fields.zip(area.y + 1..) {
        let line = Rect { y, height: 1, ..area };
        row(pen, line, field);
        if at != editing.at {
            continue;
        }
        pen.style(line, pen.theme.ground(Role::Sel));
        pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        hits.add(line, Message::Field(FieldKey::Open));
        if let Some((text, _)) = &editing.line {
            typed(pen, line, text.parts());
        }
    }
    let said = match &editing.line {
        Some((_, Some(fault))) => Span::bold(format!("{} {fault}", pen.theme.glyph(Glyph::Failed)), Role::Failed),
        Some((_, None)) => Span::new("a value as JSON: \"text\", 250.00, true, null", Role::Faint),
        None => Span::new("it is replayed as a child of the one it came from, which stays as it is", Role::Faint),
    };
    pen.spans(area.x + 2, area.bottom() - 1, area.width.saturating_sub(2), &[said]);
}

/// Where values begin.
fn column(line: Rect) -> u16 {
    line.x + 2 + (line.width / 3).clamp(12, 30)
}

fn row(pen: &mut Pen<'_>, line: Rect, field: &DraftField) {
    let x = column(line);
    pen.put(line.x + 2, line.y, x - line.x - 3, &field.name, pen.theme.ink(Role::Muted));
    if field.is_changed() {
        let spans = [
            Span::bold(field.now.clone(), Role::Accent),
            Span::new(format!("   {} was {}", pen.theme.glyph(Glyph::Draft), field.recorded), Role::Muted),
        ];
        pen.spans(x, line.y, line.right().saturating_sub(x), &spans);
    } else {
        pen.put(x, line.y, line.right().saturating_sub(x), &field.now, pen.theme.ink(Role::Text));
    }
}

/// The value as it is typed, of which the cursor always shows.
fn typed(pen: &mut Pen<'_>, line: Rect, (before, after): (&str, &str)) {
    let x = column(line);
    let room = line.right().saturating_sub(x + 1);
    let area = Rect { x, width: line.right().saturating_sub(x), ..line };
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    let mut from = 0;
    while crate::console::text::width(&before[from..]) > usize::from(room) {
        from += before[from..].chars().next().map_or(1, char::len_utf8);
    }
    let at = pen.put(x, line.y, room, &before[from..], pen.theme.ink(Role::Text));
    pen.put(at, line.y, line.right().saturating_sub(at), after, pen.theme.ink(Role::Text));
    pen.style(Rect::new(at, line.y, 1, 1), pen.theme.cursor());
}
