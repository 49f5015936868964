//! Two futures of an action side by side: as it ran, and with one thing otherwise.

use ratatui::layout::Rect;

use super::super::Message;
use super::super::forking::{ForkMenu, Futures};
use super::stages::{Glyphs, Line, standing};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::replayer::stages::StageView;

/// Draws them in a pane of their own.
pub fn draw(pen: &mut Pen<'_>, area: Rect, futures: &Futures) {
    if area.height < 4 {
        return;
    }
    let area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let count = match futures.first {
        Some(stage) => format!("they part at {}", stage.name()),
        None => "they are the same".to_owned(),
    };
    heading(pen, area, &Heading { title: "Two futures", count, focus: true, ..Heading::default() });
    let (name, was) = (area.x + 2, area.x + 13);
    let half = area.width.saturating_sub(13) / 2;
    let is = was + half;
    pen.put(was, area.y + 1, half, "as it ran", pen.theme.ink(Role::Faint));
    pen.put(is, area.y + 1, half, &futures.name, pen.theme.bold(Role::Accent));
    for ((old, new), y) in futures.as_it_ran.iter().zip(&futures.forked).zip(area.y + 2..area.bottom()) {
        let parted = futures.first.is_some_and(|first| old.stage >= first);
        if parted {
            pen.style(Rect { y, height: 1, ..area }, pen.theme.ground(Role::Trace));
        }
        pen.put(name, y, 10, old.stage.name(), pen.theme.ink(Role::Muted));
        for (x, view) in [(was, old), (is, new)] {
            let spans = said(pen.theme.glyph(standing(view.standing).0), view);
            pen.spans(x, y, half.saturating_sub(2), &spans);
        }
    }
}

fn said(glyph: &str, view: &StageView) -> Vec<Span> {
    let (_, role) = standing(view.standing);
    vec![Span::bold(format!("{glyph} {:<9} ", view.word), role), Span::new(view.says.clone(), Role::Text)]
}

/// The same as lines, where there is no pane for them.
pub(super) fn lines(glyphs: &Glyphs, futures: &Futures) -> Vec<Line> {
    let part =
        futures.first.map_or_else(|| "they are the same".to_owned(), |stage| format!("parts at {}", stage.name()));
    let head = vec![Span::bold(format!("{}  ", futures.name), Role::Accent), Span::new(part, Role::Muted)];
    let stages = futures.forked.iter().map(|view| {
        let mut spans = vec![Span::new(format!("{}  {:<10}", view.stage.number(), view.stage.name()), Role::Muted)];
        spans.extend(said(glyphs.get(standing(view.standing).0), view));
        Line::of(spans)
    });
    std::iter::once(Line::of(head)).chain(stages).collect()
}

/// Draws what can be otherwise.
pub fn draw_menu(pen: &mut Pen<'_>, menu: &ForkMenu, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let body = cx.frame().body;
    let width = body.width.min(52);
    let height = body.height.min(7);
    if height < 4 {
        return;
    }
    let area = Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height };
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    hits.add(area, Message::Fork);
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    heading(pen, inner, &Heading { title: "What if", focus: true, ..Heading::default() });
    for ((at, choice), y) in menu.choices.iter().enumerate().zip(inner.y + 1..inner.bottom()) {
        let line = Rect { y, height: 1, ..inner };
        let x = pen.put(line.x + 2, y, inner.width.saturating_sub(14), choice.name(), pen.theme.ink(Role::Text));
        pen.put_right(x, line.right().saturating_sub(1), y, choice.stage().name(), pen.theme.ink(Role::Muted));
        hits.add(line, Message::PickFork(at));
        if at == menu.at {
            pen.style(line, pen.theme.ground(Role::Sel));
            pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
}
