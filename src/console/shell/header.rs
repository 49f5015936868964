//! Row 0: the screens, and at the right what can fire for real and which policy judges.

use ratatui::layout::Rect;

use super::app::App;
use super::message::Message;
use crate::console::screens::Screens;
use crate::console::text::cells;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::journal::PolicyState;

/// Draws the header; a click on a screen goes there.
pub fn draw(pen: &mut Pen<'_>, area: Rect, app: &App, hits: &mut HitMap<Message>) {
    if area.is_empty() {
        return;
    }
    let ground = pen.theme.ground(Role::Panel);
    pen.clear(area, ground.patch(pen.theme.ink(Role::Text)));
    let wide = area.width;
    let mut x = area.x + 1;
    if wide >= 110 {
        x = pen.put(x, area.y, 6, "fibric", pen.theme.bold(Role::Accent)) + 2;
    }
    for screen in Screens::all() {
        let (number, name) = (screen.id.0, screen.name);
        let current = screen.id == app.screens.shown;
        let start = x;
        let (key, label) = (Role::Accent, if current { Role::Text } else { Role::Muted });
        let from = start.saturating_sub(u16::from(wide >= 60));
        if current {
            let until = start + 2 + cells(name.len()) + u16::from(wide >= 60);
            pen.style(Rect::new(from, area.y, until - from, 1), pen.theme.ground(Role::Sel));
        }
        x = pen.put(x, area.y, 1, &number.to_string(), if current { pen.theme.bold(key) } else { pen.theme.ink(key) });
        if wide >= 60 || current {
            let style = if current { pen.theme.bold(label) } else { pen.theme.ink(label) };
            x = pen.put(x + 1, area.y, 10, name, style);
        }
        hits.add(Rect::new(start, area.y, x - start, 1), Message::Go(screen.id));
        x += if wide >= 100 { 3 } else { 2 };
    }
    let end = area.right().saturating_sub(1);
    let mut spans = facts(pen, app, wide, true);
    if pen.measure(&spans) > end.saturating_sub(x) {
        // What can fire loses its name before it loses its mark.
        spans = facts(pen, app, wide, false);
    }
    pen.spans_right(x, end, area.y, &spans);
}

/// What stands at the right, what may be left out first.
fn facts(pen: &Pen<'_>, app: &App, wide: u16, named: bool) -> Vec<Span> {
    let gap = if wide >= 110 { "   " } else { "  " };
    let mut spans = Vec::new();
    let counts = &app.shared.model.counts;
    for (count, word) in [(counts.refused, "refused"), (counts.unmatched, "not routed")] {
        if wide >= 110 && count > 0 {
            spans.push(Span::new(count.to_string(), Role::Text));
            spans.push(Span::new(format!(" {word}{gap}"), Role::Muted));
        }
    }
    if let Some(listening) = app.shared.model.runs.listening().filter(|_| wide >= 80) {
        let port = listening.address.rsplit_once(':').map_or("", |(_, port)| port);
        let address = if wide >= 110 && named { listening.address.trim_start_matches("http://") } else { port };
        let mark = if wide >= 110 && named { "" } else { ":" };
        let ink = if listening.live { Role::Text } else { Role::Muted };
        spans.push(Span::new(format!("{mark}{address}{gap}"), ink));
    }
    spans.extend(fires(pen, &app.shared.model.runs.live(), named && wide >= 60, gap));
    if app.shared.model.runs.unconfined() {
        // It stands here all the time, at any width.
        let word = if named && wide >= 60 { " unconfined" } else { "" };
        let text = format!("{}{word}{gap}", pen.theme.glyph(Glyph::Alert));
        spans.push(Span::bold(text, Role::Alert));
    }
    let Some(policy) = app.shared.model.runs.policy() else { return spans };
    match policy.state {
        PolicyState::InForce => {
            let word = if wide >= 100 { "policy " } else { "" };
            spans.push(Span::new(word, Role::Muted));
            spans.push(Span::new(policy.short(), Role::Text));
        }
        PolicyState::Stale => {
            let mark = pen.theme.glyph(Glyph::Alert);
            spans.push(Span::bold(format!("{mark} stale {}", policy.short()), Role::Alert));
        }
        PolicyState::None => {
            spans.push(Span::bold(format!("{} no policy", pen.theme.glyph(Glyph::Block)), Role::Block));
        }
    }
    if app.screens.is_unsaved() {
        spans.push(Span::bold(format!(" {}", pen.theme.glyph(Glyph::Draft)), Role::Alert));
    }
    spans
}

fn fires(pen: &Pen<'_>, live: &[&str], named: bool, gap: &str) -> Vec<Span> {
    let mark = pen.theme.glyph(Glyph::Real);
    match live {
        [] if named => vec![Span::new(format!("stubs only{gap}"), Role::Muted)],
        [] => vec![Span::new(format!("stubs{gap}"), Role::Muted)],
        _ if !named => vec![Span::bold(format!("{mark}{gap}"), Role::Alert)],
        [one] => vec![Span::bold(mark, Role::Alert), Span::new(format!(" {one}{gap}"), Role::Alert)],
        [one, rest @ ..] => {
            vec![Span::bold(mark, Role::Alert), Span::new(format!(" {one} +{}{gap}", rest.len()), Role::Alert)]
        }
    }
}
