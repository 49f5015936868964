//! The last row: the keys that work now, read off the command table; or the answer to the last key.

use ratatui::layout::Rect;

use crate::console::commands::{Footer, enabled};
use crate::console::hits::HitMap;
use crate::console::keys::Key;
use crate::console::layers::Layer;
use crate::console::policy;
use crate::console::state::State;
use crate::console::text::{cells, width};
use crate::console::theme::Role;
use crate::console::update::Message;
use crate::console::widgets::{Pen, Span};

/// Draws it.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, hits: &mut HitMap) {
    if area.is_empty() {
        return;
    }
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    if let Some(Layer::Prompt(_)) = state.layer() {
        let keys = [("enter", "keeps"), ("esc", "reverts"), ("tab", "completes")];
        let spans: Vec<_> = keys.iter().flat_map(|(key, what)| label(key, &format!("{what}  "))).collect();
        pen.spans(area.x + 1, area.y, area.width - 1, &spans);
        return;
    }
    let gap = if area.width >= 100 { 3 } else { 2 };
    let mut end = area.right().saturating_sub(1);
    let typing = state.menu.is_some() || state.prefix.is_some();
    for command in enabled(state).filter(|command| command.footer == Footer::Right && !typing) {
        let Some(key) = command.taught(state) else { continue };
        let spans = label(&key.to_string(), command.name);
        let start = pen.spans_right(area.x + 1, end, area.y, &spans);
        hits.add(Rect::new(start, area.y, end - start, 1), command.message);
        end = start.saturating_sub(gap);
    }
    let mut x = area.x + 1;
    if let Some(prefix) = state.prefix {
        let waiting =
            [Span::bold(prefix.to_string(), Role::Accent), Span::new(" waiting for the next key   ", Role::Muted)];
        x = pen.spans(x, area.y, end.saturating_sub(x), &waiting);
        pen.spans(x, area.y, end.saturating_sub(x), &label(&Key::ESC.to_string(), "cancel"));
        return;
    }
    if let Some(status) = &state.status {
        pen.put(x, area.y, end.saturating_sub(x), status, pen.theme.bold(Role::Alert));
        return;
    }
    if state.menu.is_none()
        && let Some(Layer::Ask(_)) = state.layer()
    {
        return;
    }
    if let Some(keys) = policy::keys::own(state).filter(|_| state.menu.is_none()) {
        for (own, name, doing) in keys {
            let Some((key, name)) = own.first().map(ToString::to_string).zip(*name) else { continue };
            let wide = cells(width(&key) + 1 + width(name));
            if x + wide <= end {
                let after = pen.spans(x, area.y, wide, &label(&key, name));
                hits.add(Rect::new(x, area.y, after - x, 1), Message::Policy(*doing));
                x = after + gap;
            }
        }
        return;
    }
    if let Some(open) = &state.menu {
        for (key, name, message) in open.hints(state) {
            let key = key.to_string();
            let wide = cells(width(&key) + 1 + width(name));
            if x + wide <= end {
                let after = pen.spans(x, area.y, wide, &label(&key, name));
                hits.add(Rect::new(x, area.y, after - x, 1), message);
                x = after + gap;
            }
        }
        return;
    }
    for command in enabled(state).filter(|command| command.footer == Footer::Left) {
        let Some(key) = command.taught(state).map(|key| key.to_string()) else { continue };
        let name = command.label(state);
        let wide = cells(width(&key) + 1 + width(&name));
        if x + wide > end {
            break;
        }
        let after = pen.spans(x, area.y, wide, &label(&key, &name));
        hits.add(Rect::new(x, area.y, after - x, 1), command.message);
        x = after + gap;
    }
}

fn label(key: &str, name: &str) -> [Span; 2] {
    [Span::bold(key, Role::Accent), Span::new(format!(" {name}"), Role::Muted)]
}
