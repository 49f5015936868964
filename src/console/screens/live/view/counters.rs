//! The flow, counted: came in, was decided, was done.

use ratatui::layout::Rect;

use super::super::Live;
use crate::console::model::{Counters, STAGES};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::spark::spark;
use crate::console::widgets::{Pen, Span};

/// Draws it in as many words as there is room for.
pub fn draw(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>) {
    if area.is_empty() {
        return;
    }
    let counts = &cx.model.counts;
    let room = area.width.saturating_sub(2);
    if area.width >= 110 {
        spread(pen, area, live, cx);
    } else if area.width >= 90 {
        let mut rest = vec![Span::new("    ", Role::Muted)];
        rest.extend(decided(pen, counts));
        rest.extend([Span::new("    applied ", Role::Muted), Span::bold(counts.applied.to_string(), Role::Allow)]);
        rest.extend([Span::new("  failed ", Role::Muted), failed(counts)]);
        let mut spans = came(counts, true);
        if pen.measure(&spans) + pen.measure(&rest) + pen.measure(&waiting(live)) > room {
            // What waits for a person comes before what was proposed, which is decided anyway.
            spans = came(counts, false);
        }
        spans.extend(rest);
        let end = pen.spans(area.x + 1, area.y, room, &spans);
        pen.spans_right(end + 2, area.right().saturating_sub(1), area.y, &waiting(live));
    } else {
        let mut right = decided(pen, counts);
        let role = failed(counts).role;
        right.push(Span::new("  ", Role::Muted));
        right.push(Span::bold(format!("{} {}", pen.theme.glyph(Glyph::Failed), counts.failed), role));
        let mut left = came(counts, false);
        let waiting = waiting(live);
        if pen.measure(&left) + pen.measure(&waiting) + pen.measure(&right) + 4 <= area.width {
            left.extend(waiting);
        }
        let end = pen.spans(area.x + 1, area.y, room, &left);
        pen.spans_right(end + 2, area.right().saturating_sub(1), area.y, &right);
    }
}

/// ALERTs that wait for a person, as one span, so that it is left out whole where it does not fit.
fn waiting(live: &Live) -> Vec<Span> {
    let words = asks(live);
    if words.is_empty() { Vec::new() } else { vec![Span::bold(format!("   {words}"), Role::Alert)] }
}

/// What waits for a person; what cannot go on without one comes before what has acted.
fn asks(live: &Live) -> String {
    let (held, all) = (live.pending.held(), live.pending.count());
    match (held, all - held) {
        (0, 0) => String::new(),
        (0, seen) => format!("{seen} to ack"),
        (held, _) => format!("{held} to decide"),
    }
}

/// Every stage with its word; under it how it went lately, and what fell out of it or needs a person.
fn spread(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>) {
    let counts = &cx.model.counts;
    let aside = |count: u64, what: &str| if count > 0 { format!("{count} {what}") } else { String::new() };
    let joined = |a: String, b: String| if a.is_empty() || b.is_empty() { a + &b } else { format!("{a}  {b}") };
    let refusals = aside(counts.refusals, if counts.refusals == 1 { "refusal" } else { "refusals" });
    let none = String::new;
    let stages: [(&str, Role, String, u16); STAGES] = [
        ("sensed", Role::Text, aside(counts.refused, "refused"), 2),
        ("routed", Role::Text, aside(counts.unmatched, "no match"), 2),
        ("proposed", Role::Text, joined(refusals, aside(counts.planless, "no plan")), 4),
        ("allowed", Role::Allow, aside(counts.differing, "differ in shadow"), 2),
        ("alerted", Role::Alert, asks(live), 2),
        ("blocked", Role::Block, aside(counts.unruled, "no rule"), 2),
        ("deduped", Role::Dedup, none(), 4),
        ("applied", Role::Allow, aside(counts.real, "for real"), 2),
        ("failed", Role::Failed, none(), 0),
    ];
    let mut x = area.x + 1;
    let end = area.right().saturating_sub(1);
    let mut free = x;
    for ((stage, (word, role, aside, gap)), count) in stages.into_iter().enumerate().zip(counts.stages()) {
        let ink = if count == 0 { Role::Muted } else { role };
        let spans = [Span::new(format!("{word} "), Role::Muted), Span::bold(count.to_string(), ink)];
        let after = pen.spans(x, area.y, end.saturating_sub(x), &spans);
        if area.height > 1 && count > 0 {
            let ink = if role == Role::Text { Role::Muted } else { role };
            spark(pen, (x, area.y + 1, after - x), cx.model.activity.stage(stage), ink);
        }
        if area.height > 2 && !aside.is_empty() {
            // An aside wider than its stage pushes the next one along rather than running into it.
            let style = if word == "alerted" { pen.theme.bold(Role::Alert) } else { pen.theme.ink(Role::Faint) };
            let at = x.max(free);
            free = pen.put(at, area.y + 2, end.saturating_sub(at), &aside, style) + 2;
        }
        x = after + gap;
    }
}

fn came(counts: &Counters, proposed: bool) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut add = |count: u64, word: &str| {
        spans.push(Span::bold(count.to_string(), Role::Text));
        spans.push(Span::new(format!(" {word}"), Role::Muted));
    };
    add(counts.sensed, "sensed   ");
    if counts.refused > 0 {
        add(counts.refused, "refused   ");
    }
    if counts.unmatched > 0 || (!proposed && counts.refused == 0) {
        add(counts.unmatched, if proposed { "not routed   " } else { "not routed" });
    }
    if proposed {
        add(counts.proposed, "proposed");
    }
    spans
}

fn decided(pen: &Pen<'_>, counts: &Counters) -> Vec<Span> {
    let stages = [
        (Glyph::Allow, counts.allowed, Role::Allow),
        (Glyph::Alert, counts.alerted, Role::Alert),
        (Glyph::Block, counts.blocked, Role::Block),
        (Glyph::Dedup, counts.deduped, Role::Dedup),
    ];
    let mut spans = Vec::new();
    for (glyph, count, role) in stages {
        let gap = if spans.is_empty() { "" } else { "  " };
        spans.push(Span::bold(format!("{gap}{} {count}", pen.theme.glyph(glyph)), role));
    }
    spans
}

fn failed(counts: &Counters) -> Span {
    Span::bold(counts.failed.to_string(), if counts.failed == 0 { Role::Muted } else { Role::Failed })
}
