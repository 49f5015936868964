//! The last row: the keys that work now, read off the command table; or the answer to the last key.

use ratatui::layout::Rect;

use super::app::App;
use super::message::Message;
use super::registry::{Command, enabled};
use crate::console::keys::{CommandId, Footer, Key};
use crate::console::text::{cells, width};
use crate::console::theme::Role;
use crate::console::widgets::{HitMap, Pen, Span};

/// One thing that can be done: its key, what it does, and what a click on it sends.
type Hint = (String, String, Option<Message>);

/// Draws the footer; a click on a hint does what its key does.
pub fn draw(pen: &mut Pen<'_>, area: Rect, app: &App, hits: &mut HitMap<Message>) {
    if area.is_empty() {
        return;
    }
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    let own = app.screens.hints().filter(|_| app.picker.is_none());
    if let Some(own) = own.as_ref().filter(|own| own.alone && app.screens.dialog(&app.context()).is_none()) {
        let spans: Vec<_> =
            own.keys.iter().flat_map(|(key, what, _)| label(&key.to_string(), &format!("{what}  "))).collect();
        pen.spans(area.x + 1, area.y, area.width - 1, &spans);
        return;
    }
    let gap = if area.width >= 100 { 3 } else { 2 };
    let end = always(pen, area, app, gap, hits);
    let x = area.x + 1;
    if let Some(prefix) = app.prefix {
        let waiting =
            [Span::bold(prefix.to_string(), Role::Accent), Span::new(" waiting for the next key   ", Role::Muted)];
        let x = pen.spans(x, area.y, end.saturating_sub(x), &waiting);
        pen.spans(x, area.y, end.saturating_sub(x), &label(&Key::ESC.to_string(), "cancel"));
        return;
    }
    if let Some(status) = &app.status {
        pen.put(x, area.y, end.saturating_sub(x), status, pen.theme.bold(Role::Alert));
        return;
    }
    if let Some(open) = &app.picker {
        let hints = open.hints(app).map(|(key, name, message)| (key.to_string(), name.to_owned(), Some(message)));
        return row(pen, Rect { x, width: end.saturating_sub(x), ..area }, gap, hints, false, hits);
    }
    if app.screens.dialog(&app.context()).is_some() {
        return;
    }
    if let Some(own) = own {
        let hints = own.keys.into_iter();
        let hints = hints.map(|(key, name, message)| (key.to_string(), name.to_owned(), message.map(Message::Screen)));
        return row(pen, Rect { x, width: end.saturating_sub(x), ..area }, gap, hints, false, hits);
    }
    // The way out of what is open stands first: a narrow footer ends early.
    let leaves = |command: &&Command| app.screens.cover().is_some() && command.id() == CommandId::BACK;
    let left = enabled(app).filter(|command| command.spec.footer == Footer::Left);
    let left = left.clone().filter(leaves).chain(left.filter(move |command| !leaves(command))).filter_map(|command| {
        Some((command.taught(app)?.to_string(), command.label(app).into_owned(), command.message()))
    });
    row(pen, Rect { x, width: end.saturating_sub(x), ..area }, gap, left, true, hits);
}

/// What stands at the right end whatever else there is; where that begins.
fn always(pen: &mut Pen<'_>, area: Rect, app: &App, gap: u16, hits: &mut HitMap<Message>) -> u16 {
    let mut end = area.right().saturating_sub(1);
    if app.picker.is_some() || app.prefix.is_some() {
        return end;
    }
    for command in enabled(app).filter(|command| command.spec.footer == Footer::Right) {
        let Some(key) = command.taught(app) else { continue };
        let spans = label(&key.to_string(), command.spec.name);
        let start = pen.spans_right(area.x + 1, end, area.y, &spans);
        if let Some(message) = command.message() {
            hits.add(Rect::new(start, area.y, end - start, 1), message);
        }
        end = start.saturating_sub(gap);
    }
    end
}

/// Hints from the left; `ends` says that the first without room is the end of them.
fn row(
    pen: &mut Pen<'_>,
    area: Rect,
    gap: u16,
    hints: impl Iterator<Item = Hint>,
    ends: bool,
    hits: &mut HitMap<Message>,
) {
    let mut x = area.x;
    for (key, name, message) in hints {
        let wide = cells(width(&key) + 1 + width(&name));
        if x + wide > area.right() {
            if ends {
                break;
            }
            continue;
        }
        let after = pen.spans(x, area.y, wide, &label(&key, &name));
        if let Some(message) = message {
            hits.add(Rect::new(x, area.y, after - x, 1), message);
        }
        x = after + gap;
    }
}

fn label(key: &str, name: &str) -> [Span; 2] {
    [Span::bold(key, Role::Accent), Span::new(format!(" {name}"), Role::Muted)]
}
