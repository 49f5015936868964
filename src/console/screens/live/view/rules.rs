//! Why: the rules that were tried on the selected action, with their values, and what would change the verdict; for a
//! row that is no action, where it went. Every word of it is the kernel's.

use ratatui::layout::Rect;

use super::super::panes::Pane;
use super::super::why::{self, Contents, badge_span, contents};
use super::super::{Live, Message};
use crate::console::model::Explained;
use crate::console::present::summary::{ruling, would_be};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::window::{Window, more};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::journal::Disposed;
use crate::kernel::policy::{Rung, Standing};
use crate::kernel::receipt::{Cause, Receipt, Ruling};

/// Draws it; without a pane for the action, its key stands here.
pub fn draw(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>, alone: bool, hits: &mut HitMap<Message>) {
    let Some(contents) = contents(live, cx).filter(|_| area.height > 1) else { return };
    hits.add(Rect { height: 1, ..area }, Message::Pane(Pane::Why));
    let rows = Rect { y: area.y + 1, height: area.height - 1, ..area };
    match &contents {
        Contents::Rules(receipt, ladder) => rules(pen, area, live, cx, (receipt, ladder), alone, hits),
        Contents::Stages(disposed, lines) => {
            let count = disposed.receipt.idempotency_key.clone();
            heading(pen, area, &Heading { title: "Stages", count, mark: zoom(live, cx), focus: has_keys(live) });
            listed(pen, rows, live, lines.len(), hits, |pen, line, at| {
                pen.spans(line.x + 1, line.y, line.width - 1, &lines[at]);
            });
        }
        Contents::Course(lines) => {
            heading(
                pen,
                area,
                &Heading {
                    title: "What became of it",
                    mark: zoom(live, cx),
                    focus: has_keys(live),
                    ..Heading::default()
                },
            );
            listed(pen, rows, live, lines.len(), hits, |pen, line, at| {
                pen.spans(line.x + 1, line.y, line.width - 1, &lines[at]);
            });
        }
    }
}

/// Says that the pane has the whole body.
fn zoom(live: &Live, cx: &Context<'_>) -> Option<(String, Role)> {
    (has_keys(live) && cx.layout.zoomed).then(|| ("ZOOM".to_owned(), Role::Alert))
}

fn has_keys(live: &Live) -> bool {
    live.panes.has_keys(Pane::Why)
}

/// The lines that have room, and how many there are beyond; returns the row after them.
fn listed(
    pen: &mut Pen<'_>,
    area: Rect,
    live: &Live,
    total: usize,
    hits: &mut HitMap<Message>,
    mut draw: impl FnMut(&mut Pen<'_>, Rect, usize),
) -> u16 {
    let hand = live.panes.why.hand().map(|hand| hand.min(total.saturating_sub(1)));
    let window = Window::around(hand.unwrap_or_else(|| why::deciding(live)), total, usize::from(area.height));
    let mut y = area.y;
    let beyond = |pen: &mut Pen<'_>, hits: &mut HitMap<Message>, y: u16, count: usize, to: usize| {
        let line = Rect { x: area.x + 1, y, width: area.width.saturating_sub(1), height: 1 };
        more(pen, line, count);
        hits.add(line, Message::PaneLine(Pane::Why, to));
    };
    if window.above > 0 && window.says {
        beyond(pen, hits, y, window.above, window.above - 1);
        y += 1;
    }
    for at in window.lines.clone() {
        let line = Rect { y, height: 1, ..area };
        draw(pen, line, at);
        hits.add(line, Message::PaneLine(Pane::Why, at));
        if has_keys(live) && hand == Some(at) {
            pen.style(line, pen.theme.ground(Role::Sel));
        }
        y += 1;
    }
    if window.below > 0 && window.says {
        beyond(pen, hits, y, window.below, window.lines.end);
        y += 1;
    }
    y
}

fn rules(
    pen: &mut Pen<'_>,
    area: Rect,
    live: &Live,
    cx: &Context<'_>,
    (receipt, ladder): (&Receipt, &[Rung]),
    alone: bool,
    hits: &mut HitMap<Message>,
) {
    let Some(explained) = live.explained() else { return };
    let head = head(live, cx, receipt, explained);
    let flips = explained.explanation.flips.len();
    let below = if flips == 0 { 0 } else { flips.min(4) + 2 };
    let rows = usize::from(area.height - 1);
    let room = rows.saturating_sub(head.len() + below).max(1);
    let tried = if ladder.len() == 1 { "1 rule tried".to_owned() } else { format!("{} rules tried", ladder.len()) };
    let count = if room < ladder.len().min(3) {
        format!("{room} of {tried}")
    } else if alone {
        receipt.idempotency_key.clone()
    } else {
        tried
    };
    heading(pen, area, &Heading { title: "Why", count, mark: zoom(live, cx), focus: has_keys(live) });
    let mut y = area.y + 1;
    for line in head.iter().take(rows) {
        pen.spans(area.x + 1, y, area.width - 1, line);
        y += 1;
    }
    let file = |rung: &Rung| rung.rule.rsplit_once(':').map(|(file, _)| file.to_owned());
    let one_file = ladder.windows(2).all(|pair| file(&pair[0]) == file(&pair[1]));
    let height = u16::try_from(room).unwrap_or(u16::MAX).min(area.bottom().saturating_sub(y));
    let place = Rect { y, height, ..area };
    let end = listed(pen, place, live, ladder.len(), hits, |pen, line, at| draw_rung(pen, line, &ladder[at], one_file));
    let from = (end.max(y + 1) + 1).min(area.bottom());
    changes(pen, Rect { y: from, height: area.bottom() - from, ..area }, explained);
}

/// What is said before the rules: what decided beside them, what would be said now, what a shadow policy says.
fn head(live: &Live, cx: &Context<'_>, receipt: &Receipt, explained: &Explained) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = beyond(receipt, explained).into_iter().collect();
    let row = live.selected_row(cx.model);
    lines.extend(row.and_then(|row| cx.model.disposed(row)).and_then(why::passes_with));
    if let Some(would) = row.and_then(|row| cx.model.would(row)) {
        let role = ruling(would.verdict.decision).role;
        lines.push(vec![Span::new("again ", Role::Muted), Span::new(would_be(would), role)]);
    }
    let disposed = row.and_then(|row| cx.model.disposed(row));
    if let Some((decision, reason)) = disposed.and_then(Disposed::shadow) {
        let badge = badge_span(cx.charset, ruling(decision.into()));
        let reason = Span::new(format!("  {reason}"), Role::Muted);
        lines.push(vec![Span::new("in shadow ", Role::Muted), badge, reason]);
    }
    lines
}

/// What would change the verdict, as much as has room; what has none is counted.
fn changes(pen: &mut Pen<'_>, area: Rect, explained: &Explained) {
    let flips = &explained.explanation.flips;
    if flips.is_empty() || area.is_empty() {
        return;
    }
    let style = pen.theme.bold(Role::Text);
    pen.put(area.x + 1, area.y, area.width - 1, "What would change it", style);
    let room = usize::from(area.height - 1);
    let shown = if flips.len() > room { room.saturating_sub(1) } else { flips.len() };
    let longest = flips.iter().map(|flip| pen.measure(&[Span::new(&*flip.text, Role::Text)])).max();
    let column = longest.unwrap_or(0).min(area.width * 3 / 5);
    for (flip, y) in flips.iter().take(shown).zip(area.y + 1..area.bottom()) {
        pen.put(area.x + 1, y, column, &flip.text, pen.theme.ink(Role::Text));
        let whose = if flip.change.is_of_action() { "the action" } else { "the policy" };
        let badge = ruling(flip.decision.into());
        let leads = format!("{} ", pen.theme.glyph(Glyph::Leads));
        let end = [
            Span::new(leads, Role::Muted),
            Span::bold(format!("{} {}", pen.theme.glyph(badge.glyph), badge.word), badge.role),
            Span::new(format!("  {whose}"), Role::Muted),
        ];
        let x = area.x + 1 + column + 2;
        pen.spans(x, y, area.right().saturating_sub(x), &end);
    }
    if shown < flips.len() && area.height > 1 {
        let line = Rect { x: area.x + 1, y: area.bottom() - 1, width: area.width - 1, height: 1 };
        more(pen, line, flips.len() - shown);
    }
}

/// What decided beside the rules: the key, or a gate after them.
fn beyond(receipt: &Receipt, explained: &Explained) -> Option<Vec<Span>> {
    let verdict = &receipt.verdict;
    if explained.agrees && verdict.decision != Ruling::Dedup {
        return None;
    }
    let said = ruling(verdict.decision);
    let (words, role) = if explained.agrees {
        (format!("{} says the key; the rules said {}", said.word, explained.explanation.decision.word()), said.role)
    } else {
        let alone = match explained.explanation.cause {
            Cause::NotAsked => "predicates are not asked again; without them:",
            _ => "the rules alone give this:",
        };
        (format!("the receipt says {}: {}; {alone}", said.word, verdict.reason), Role::Alert)
    };
    Some(vec![Span::new(words, role)])
}

/// A rule by its number, or by file and number where there are several files.
fn draw_rung(pen: &mut Pen<'_>, line: Rect, rung: &Rung, one_file: bool) {
    let speaks = rung.finding.standing() != Standing::NoMatch;
    let number = rung.rule.rsplit_once(':').filter(|_| one_file).map_or(rung.rule.as_str(), |(_, number)| number);
    let ink = if speaks { Role::Text } else { Role::Faint };
    let style = if rung.deciding { pen.theme.bold(Role::Text) } else { pen.theme.ink(ink) };
    if rung.deciding {
        pen.put(line.x, line.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
    }
    let mut end = line.right();
    if let Some(decision) = rung.decision() {
        let badge = badge_span(pen.theme.charset(), ruling(decision.into()));
        let spans = [Span { bold: rung.deciding, ..badge }];
        end = pen.spans_right(line.x + line.width / 2, end, line.y, &spans).saturating_sub(1);
    }
    let x = pen.put(line.x + 1, line.y, 5, "rule ", pen.theme.ink(if speaks { Role::Muted } else { Role::Faint }));
    let after = pen.put(x, line.y, if one_file { 6 } else { 24 }, number, style);
    let x = (x + 4).max(after + 1);
    pen.put(x, line.y, end.saturating_sub(x), &rung.clause, style);
}
