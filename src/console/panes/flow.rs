//! The flow, counted: came in, was decided, was done.

use ratatui::layout::Rect;

use crate::console::state::{Counts, State};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span};

/// Draws it in as many words as there is room for.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    if area.is_empty() {
        return;
    }
    let counts = &state.counts;
    let room = area.width.saturating_sub(2);
    if area.width >= 110 {
        spread(pen, area, counts);
    } else if area.width >= 90 {
        let mut spans = came(counts, true);
        spans.push(Span::new("    ", Role::Muted));
        spans.extend(decided(pen, counts));
        spans.extend([Span::new("    applied ", Role::Muted), Span::bold(counts.applied.to_string(), Role::Allow)]);
        spans.extend([Span::new("  failed ", Role::Muted), failed(counts)]);
        pen.spans(area.x + 1, area.y, room, &spans);
    } else {
        let end = pen.spans(area.x + 1, area.y, room, &came(counts, false));
        let mut spans = decided(pen, counts);
        let role = failed(counts).role;
        spans.push(Span::new("  ", Role::Muted));
        spans.push(Span::bold(format!("{} {}", pen.theme.glyph(Glyph::Failed), counts.failed), role));
        pen.spans_right(end + 2, area.right().saturating_sub(1), area.y, &spans);
    }
}

/// Every stage with its word; what fell out of it under it, where there is a second row.
fn spread(pen: &mut Pen<'_>, area: Rect, counts: &Counts) {
    let aside = |count: u64, what: &str| if count > 0 { format!("{count} {what}") } else { String::new() };
    let joined = |a: String, b: String| if a.is_empty() || b.is_empty() { a + &b } else { format!("{a}  {b}") };
    let stages: [(&str, u64, Role, String, u16); 9] = [
        ("sensed", counts.sensed, Role::Text, aside(counts.refused, "refused"), 2),
        ("routed", counts.routed, Role::Text, aside(counts.unmatched, "no match"), 2),
        (
            "proposed",
            counts.proposed,
            Role::Text,
            joined(
                aside(counts.refusals, if counts.refusals == 1 { "refusal" } else { "refusals" }),
                aside(counts.planless, "no plan"),
            ),
            4,
        ),
        ("allowed", counts.allowed, Role::Allow, String::new(), 2),
        ("alerted", counts.alerted, Role::Alert, String::new(), 2),
        ("blocked", counts.blocked, Role::Block, aside(counts.unruled, "no rule"), 2),
        ("deduped", counts.deduped, Role::Dedup, String::new(), 4),
        ("applied", counts.applied, Role::Allow, aside(counts.real, "for real"), 2),
        ("failed", counts.failed, Role::Failed, String::new(), 0),
    ];
    let mut x = area.x + 1;
    let end = area.right().saturating_sub(1);
    let mut free = x;
    for (word, count, role, aside, gap) in stages {
        let role = if count == 0 { Role::Muted } else { role };
        let spans = [Span::new(format!("{word} "), Role::Muted), Span::bold(count.to_string(), role)];
        let next = pen.spans(x, area.y, end.saturating_sub(x), &spans) + gap;
        if area.height > 1 && !aside.is_empty() {
            // An aside wider than its stage pushes the next one along rather than running into it.
            let style = pen.theme.ink(Role::Faint);
            let at = x.max(free);
            free = pen.put(at, area.y + 1, end.saturating_sub(at), &aside, style) + 2;
        }
        x = next;
    }
}

fn came(counts: &Counts, proposed: bool) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut add = |count: u64, word: &str| {
        spans.push(Span::bold(count.to_string(), Role::Text));
        spans.push(Span::new(format!(" {word}"), Role::Muted));
    };
    add(counts.sensed, "sensed   ");
    if counts.unrouted() > 0 || !proposed {
        add(counts.unrouted(), if proposed { "not routed   " } else { "not routed" });
    }
    if proposed {
        add(counts.proposed, "proposed");
    }
    spans
}

fn decided(pen: &Pen<'_>, counts: &Counts) -> Vec<Span> {
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

fn failed(counts: &Counts) -> Span {
    Span::bold(counts.failed.to_string(), if counts.failed == 0 { Role::Muted } else { Role::Failed })
}
