//! What the draft would change: verdict counts before and after, then the actions whose verdict flips, the dangerous
//! direction first.

use ratatui::layout::Rect;

use super::super::flips_in_view::{FlipLine, FlipRow};
use super::super::{Focus, Message, Policy, Record};
use super::stale;
use crate::console::present::summary::ruling;
use crate::console::text::{cells, grouped, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::impact::Direction;
use crate::kernel::receipt::Decision;

/// Draws the impact pane.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    let record = &policy.record;
    hits.add(area, Message::Focus(Focus::Impact));
    let focus = policy.focus == Focus::Impact;
    let loads = policy.loads();
    heading(pen, area, &Heading { title: "Impact", mark: stale(pen, policy), count: count(record, area.width), focus });
    let mut body = Rect { x: area.x + 1, y: area.y + 1, width: area.width - 1, height: area.height - 1 };
    totals(pen, body, record, loads);
    body.y += 1;
    body.height -= 1;
    if record.flips() == 0 {
        nothing(pen, body, policy, loads);
        return;
    }
    for (line, y) in policy.flip_lines.iter().zip(body.top()..body.bottom()) {
        draw_line(pen, Rect { y, height: 1, ..body }, policy, line, hits);
    }
}

fn count(record: &Record, wide: u16) -> String {
    let actions = grouped(record.impact().summary().actions);
    match record.reading {
        Some((read, size)) if read < size => format!("{actions} read, {} %", read * 100 / size.max(1)),
        _ if wide < 40 => actions,
        _ => format!("{actions} recorded actions"),
    }
}

/// How many of each verdict, before and after where that differs.
fn totals(pen: &mut Pen<'_>, area: Rect, record: &Record, loads: bool) {
    let summary = record.impact().summary();
    let mut spans = Vec::new();
    for decision in [Decision::Allow, Decision::Alert, Decision::Block] {
        let badge = ruling(decision.into());
        let (before, after) = (summary.before.of(decision), summary.after.of(decision));
        let role = if loads { badge.role } else { Role::Faint };
        spans.push(Span::new(format!("{} ", pen.theme.glyph(badge.glyph)), role));
        spans.push(Span::new(grouped(before), if loads { Role::Muted } else { Role::Faint }));
        if before != after {
            spans.push(Span::new(format!(" {} ", pen.theme.glyph(Glyph::Leads)), Role::Faint));
            spans.push(Span::bold(grouped(after), if loads { Role::Text } else { Role::Faint }));
        }
        spans.push(Span::new("   ", Role::Text));
    }
    pen.spans(area.x, area.y, area.width, &spans);
}

fn nothing(pen: &mut Pen<'_>, area: Rect, policy: &Policy, loads: bool) {
    let changed = policy.is_changed();
    let words = match (loads, changed) {
        (false, _) => "Numbers return when the draft loads.",
        (true, true) => "0 newly allowed, 0 newly blocked.",
        (true, false) => "What is typed is judged here, before it is in force.",
    };
    if area.height >= 2 {
        pen.put(area.x, area.y + 1, area.width, words, pen.theme.ink(Role::Muted));
    }
}

/// One line; while a person moves among the flips the numbers are those of the draft that last loaded.
fn draw_line(pen: &mut Pen<'_>, area: Rect, policy: &Policy, line: &FlipLine, hits: &mut HitMap<Message>) {
    let focus = policy.focus == Focus::Impact;
    let loads = focus || policy.loads();
    match line {
        FlipLine::Head { direction, count, tool } => head(pen, area, (*direction, *count, tool), loads),
        FlipLine::Flip(flip) => {
            row(pen, area, flip, loads);
            hits.add(area, Message::Pick(Focus::Impact, flip.number));
            if focus && flip.number == policy.flip {
                let whole = Rect { x: area.x - 1, width: area.width + 1, ..area };
                pen.style(whole, pen.theme.ground(Role::Sel));
                pen.put(whole.x, area.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
            }
        }
        FlipLine::More(count) => {
            let words = format!("and {} more", grouped(*count));
            pen.put(area.x, area.y, area.width, &words, pen.theme.ink(Role::Muted));
        }
        FlipLine::Gap => {}
        FlipLine::Same(count) => {
            let spans = [
                Span::new(format!("{}      ", pen.theme.glyph(Glyph::Same)), Role::Faint),
                Span::new(format!("{} the same", grouped(*count)), Role::Muted),
            ];
            pen.spans(area.x, area.y, area.width, &spans);
        }
    }
}

fn head(pen: &mut Pen<'_>, area: Rect, (direction, count, tool): (Direction, usize, &str), loads: bool) {
    let spans = title(pen, direction, count, loads);
    let x = pen.spans(area.x, area.y, area.width, &spans);
    let tool = [Span::new(tool, if loads { Role::Muted } else { Role::Faint })];
    if x + 2 + pen.measure(&tool) <= area.right() {
        pen.spans_right(x + 2, area.right(), area.y, &tool);
    }
}

/// `■ → ✓  58 newly allowed`.
fn title(pen: &Pen<'_>, direction: Direction, count: usize, loads: bool) -> Vec<Span> {
    let badge = |decision: Option<Decision>| match decision {
        Some(decision) => {
            let badge = ruling(decision.into());
            Span::new(pen.theme.glyph(badge.glyph), if loads { badge.role } else { Role::Faint })
        }
        None => Span::new("?", Role::Faint),
    };
    let words = match (direction.before, direction.after) {
        (Some(Decision::Block), Some(_)) => "newly allowed",
        (Some(Decision::Alert), Some(Decision::Allow)) => "no longer raised",
        (Some(_), Some(Decision::Block)) => "newly blocked",
        (Some(_), Some(_)) => "newly raised",
        _ => "not decided: a predicate was not asked",
    };
    let role = match (loads, direction.loosens()) {
        (false, _) => Role::Faint,
        (true, true) => Role::Alert,
        (true, false) => Role::Block,
    };
    vec![
        badge(direction.before),
        Span::new(format!(" {} ", pen.theme.glyph(Glyph::Leads)), Role::Faint),
        badge(direction.after),
        Span::bold(format!("  {} ", grouped(count)), role),
        Span::bold(words, if loads { Role::Text } else { Role::Faint }),
    ]
}

/// `SO-10412  104  rule 3  104 ≤ 250   smallest`; the tool stands in the heading. Who proposed it stands for an entity
/// that is not known.
fn row(pen: &mut Pen<'_>, area: Rect, flip: &FlipRow, loads: bool) {
    let ink = |role| if loads { role } else { Role::Faint };
    let room = 14.min(area.width / 4);
    pen.put(area.x, area.y, room, &flip.name, pen.theme.ink(ink(Role::Text)));
    let mut x = area.x + room + 1;
    let value = flip.value.as_deref().unwrap_or("no value");
    let style = if loads { pen.theme.bold(Role::Data) } else { pen.theme.ink(Role::Faint) };
    pen.put_right(x, x + 8, area.y, value, style);
    x += 10;
    let (rule, clause) = (&flip.rule, &flip.clause);
    let often = if flip.times > 1 { format!("×{}", grouped(flip.times as usize)) } else { String::new() };
    let tag = [flip.tag, &often].join(" ");
    let end = if tag.trim().is_empty() || area.width < 40 {
        area.right()
    } else {
        pen.put_right(x + 10, area.right(), area.y, tag.trim(), pen.theme.ink(ink(Role::Muted))).saturating_sub(1)
    };
    let wide = cells(width(rule)).min(end.saturating_sub(x));
    pen.put(x, area.y, wide, rule, pen.theme.ink(ink(Role::Muted)));
    let x = x + wide.max(6) + 2;
    pen.put(x, area.y, end.saturating_sub(x), clause, pen.theme.ink(ink(Role::Text)));
}
