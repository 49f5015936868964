//! What can follow the key that was pressed, bottom right, over the least important pane; only what works now.

use ratatui::layout::Rect;

use super::app::App;
use super::message::Message;
use super::registry::command;
use crate::console::keys::{CommandId, Key};
use crate::console::text::{cells, width};
use crate::console::theme::Role;
use crate::console::widgets::frame::frame;
use crate::console::widgets::{HitMap, Pen, Span};

/// The keys that can follow, with their commands, that work now.
pub fn follow(app: &App, prefix: Key) -> Vec<(Key, CommandId)> {
    let works = |id| command(id).is_some_and(|command| command.works(app).is_ok());
    app.keymap.after(app.key_context(), prefix).filter(|(_, id)| works(*id)).collect()
}

/// Draws them in two columns.
pub fn draw(pen: &mut Pen<'_>, app: &App, prefix: Key, hits: &mut HitMap<Message>) {
    let choices: Vec<_> =
        follow(app, prefix).into_iter().filter_map(|(key, id)| Some((key.to_string(), command(id)?))).collect();
    let (columns, rows) = app.shared.size;
    let name = choices.iter().map(|(_, command)| cells(width(command.spec.name))).max().unwrap_or(12);
    let key = choices.iter().map(|(key, _)| cells(width(key))).max().unwrap_or(1);
    let column = key + name + 4;
    let deep = cells(choices.len()).div_ceil(2).max(1);
    let (wide, high) = ((2 * column + 4).min(columns), (deep + 2).min(rows.saturating_sub(1)));
    let area = Rect::new(columns - wide, rows.saturating_sub(1 + high), wide, high);
    let inner = frame(pen, area, &prefix.to_string(), "then");
    if choices.is_empty() {
        pen.put(inner.x + 2, inner.y, inner.width.saturating_sub(2), "nothing works now", pen.theme.ink(Role::Muted));
    }
    for (at, (key, command)) in (0_u16..).zip(&choices) {
        let (x, y) = (inner.x + 2 + at / deep * column, inner.y + at % deep);
        if y >= inner.bottom() {
            continue;
        }
        let spans = [Span::bold(key, Role::Accent), Span::new(format!("  {}", command.spec.name), Role::Text)];
        let end = pen.spans(x, y, inner.right().saturating_sub(x + 1), &spans);
        if let Some(message) = command.message() {
            hits.add(Rect::new(x, y, end.saturating_sub(x), 1), message);
        }
    }
}
