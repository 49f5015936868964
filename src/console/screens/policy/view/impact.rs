//! What the draft would change: verdict counts before and after, then the actions whose verdict flips, the dangerous
//! direction first. Only rows in view are fetched.

use ratatui::layout::Rect;

use super::super::rule_notes::{amount, clause_of};
use super::super::{Focus, Message, Policy, Record};
use super::stale;
use crate::console::present::summary::ruling;
use crate::console::screen::Context;
use crate::console::text::{cells, grouped, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::impact::{Direction, Flip, FlipGroup};
use crate::kernel::receipt::Decision;

/// Draws it.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy, cx: &Context<'_>, hits: &mut HitMap<Message>) {
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
    if focus {
        window(pen, body, policy, cx, hits);
    } else {
        digest(pen, body, policy, cx, hits);
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

/// Each group's smallest, its next ones and its edge, as far as there is room.
fn digest(pen: &mut Pen<'_>, area: Rect, policy: &Policy, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let loads = policy.loads();
    let record = &policy.record;
    let groups: Vec<&FlipGroup> = record.groups().collect();
    let lines = |most: usize| -> usize {
        let of = |group: &&FlipGroup| 2 + group.count.min(most) + usize::from(group.count > most);
        groups.iter().map(of).sum::<usize>() + 2
    };
    let most = (1..=8).rev().find(|most| lines(*most) <= usize::from(area.height)).unwrap_or(1);
    let gap = u16::from(lines(most) <= usize::from(area.height));
    let mut y = area.y + gap;
    let mut before = 0;
    for group in groups {
        if y >= area.bottom() {
            return;
        }
        head(pen, Rect { y, height: 1, ..area }, group, loads);
        y += 1;
        for (at, (flip, tag)) in chosen(record, group, most).into_iter().enumerate() {
            if y < area.bottom() {
                let line = Rect { y, height: 1, ..area };
                row(pen, line, policy, cx, &flip, (tag, loads));
                let at = if tag == "edge" { group.count - 1 } else { at };
                hits.add(line, Message::Pick(Focus::Impact, before + at));
            }
            y += 1;
        }
        if group.count > most && y < area.bottom() {
            let words = format!("and {} more", grouped(group.count - most));
            pen.put(area.x, y, area.width, &words, pen.theme.ink(Role::Muted));
            y += 1;
        }
        y += gap;
        before += group.count;
    }
    if y < area.bottom() {
        let same = grouped(record.impact().summary().same);
        let spans = [
            Span::new(format!("{}      ", pen.theme.glyph(Glyph::Same)), Role::Faint),
            Span::new(format!("{same} the same"), Role::Muted),
        ];
        pen.spans(area.x, y, area.width, &spans);
    }
}

/// The first ones of a group and its edge.
fn chosen(record: &Record, group: &FlipGroup, most: usize) -> Vec<(Flip, &'static str)> {
    let mut flips = record.impact().flips(&group.tool, group.direction, 0..group.count.min(most));
    if group.count > most && most > 1 {
        flips.pop();
        flips.push(group.edge.clone());
    }
    let last = flips.len().saturating_sub(1);
    let tag = |at: usize| match at {
        _ if group.count == 1 => "",
        0 => "smallest",
        at if at == last && (group.count == flips.len() || most > 1) => "edge",
        _ => "",
    };
    let tags: Vec<_> = (0..flips.len()).map(tag).collect();
    flips.into_iter().zip(tags).collect()
}

/// The group the selected flip is in, around it.
fn window(pen: &mut Pen<'_>, area: Rect, policy: &Policy, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let record = &policy.record;
    let mut at = policy.flip;
    let mut group = None;
    for found in record.groups() {
        group = Some(found);
        if at < found.count {
            break;
        }
        at -= found.count;
    }
    let Some(group) = group.filter(|_| area.height >= 2) else { return };
    head(pen, Rect { height: 1, ..area }, group, true);
    let room = usize::from(area.height - 1);
    let top = at.saturating_sub(room / 2).min(group.count.saturating_sub(room));
    let flips = record.impact().flips(&group.tool, group.direction, top..group.count.min(top + room));
    for ((index, flip), y) in (top..).zip(&flips).zip(area.y + 1..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        let tag = match index {
            _ if group.count == 1 => "",
            0 => "smallest",
            index if index + 1 == group.count => "edge",
            _ => "",
        };
        row(pen, line, policy, cx, flip, (tag, true));
        let number = policy.flip - at + index;
        hits.add(line, Message::Pick(Focus::Impact, number));
        if index == at {
            let whole = Rect { x: area.x - 1, width: area.width + 1, ..line };
            pen.style(whole, pen.theme.ground(Role::Sel));
            pen.put(whole.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
}

fn head(pen: &mut Pen<'_>, area: Rect, group: &FlipGroup, loads: bool) {
    let spans = title(pen, group.direction, group.count, loads);
    let x = pen.spans(area.x, area.y, area.width, &spans);
    let tool = [Span::new(&*group.tool, if loads { Role::Muted } else { Role::Faint })];
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
fn row(pen: &mut Pen<'_>, area: Rect, policy: &Policy, cx: &Context<'_>, flip: &Flip, (tag, loads): (&str, bool)) {
    let ink = |role| if loads { role } else { Role::Faint };
    let entity = entity(policy, cx, flip);
    let name = if entity.is_empty() { flip.operator.as_deref().unwrap_or_default() } else { &entity };
    let room = 14.min(area.width / 4);
    pen.put(area.x, area.y, room, name, pen.theme.ink(ink(Role::Text)));
    let mut x = area.x + room + 1;
    let value = amount(&flip.worth).map_or_else(|| "no value".to_owned(), |value| value.number.to_string());
    let style = if loads { pen.theme.bold(Role::Data) } else { pen.theme.ink(Role::Faint) };
    pen.put_right(x, x + 8, area.y, &value, style);
    x += 10;
    let (rule, clause) = clause_of(policy, flip);
    let end = if tag.is_empty() || area.width < 40 {
        area.right()
    } else {
        pen.put_right(x + 10, area.right(), area.y, tag, pen.theme.ink(ink(Role::Muted))).saturating_sub(1)
    };
    let wide = cells(width(&rule)).min(end.saturating_sub(x));
    pen.put(x, area.y, wide, &rule, pen.theme.ink(ink(Role::Muted)));
    let x = x + wide.max(6) + 2;
    pen.put(x, area.y, end.saturating_sub(x), &clause, pen.theme.ink(ink(Role::Text)));
}

/// The entity of an action, as far as it is known by now.
fn entity(policy: &Policy, cx: &Context<'_>, flip: &Flip) -> String {
    let row = policy.record.live(flip.row).and_then(|id| cx.model.row(id));
    let disposed = row.and_then(|row| cx.model.disposed(row)).map(|disposed| &disposed.receipt.entity_key);
    let key = disposed.or_else(|| policy.record.called(flip.row).map(|brief| &brief.entity));
    key.map_or_else(String::new, |key| key.split_once(':').map_or(key.as_str(), |(_, id)| id).to_owned())
}
