//! The flow, counted: came in, was decided, was done.

use ratatui::layout::Rect;

use super::super::{Counted, Live, Message};
use crate::console::model::{Counters, STAGES};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::spark::spark;
use crate::console::widgets::{HitMap, Pen, Span};

/// A piece of the line, and what a click on it shows.
struct Piece {
    span: Span,
    shows: Option<Message>,
}

impl Piece {
    fn plain(text: impl Into<String>) -> Self {
        Self { span: Span::new(text.into(), Role::Muted), shows: None }
    }

    fn count(text: impl Into<String>, role: Role, shows: Option<Message>) -> Self {
        Self { span: Span::bold(text.into(), role), shows }
    }
}

/// Draws it in as many words as there is room for; what is counted reacts to a click.
pub fn draw(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    if area.is_empty() {
        return;
    }
    let counts = &cx.model.counts;
    let wide = |pieces: &[Piece], pen: &Pen<'_>| pen.measure(&spans(pieces));
    if area.width >= 110 {
        spread(pen, area, live, cx, hits);
        return;
    }
    let (mut left, mut right) = (came(counts, area.width >= 90), Vec::new());
    let waiting = waiting(live);
    if area.width >= 90 {
        let mut rest = vec![Piece::plain("    ")];
        rest.extend(decided(pen, counts));
        rest.push(Piece::plain("    applied "));
        rest.push(Piece::count(counts.applied.to_string(), Role::Allow, Some(Message::Only(Counted::Applied))));
        rest.push(Piece::plain("  failed "));
        rest.push(failed(counts.failed.to_string(), counts));
        if wide(&left, pen) + wide(&rest, pen) + wide(&waiting, pen) > area.width.saturating_sub(2) {
            // What waits for a person comes before what was proposed, which is decided anyway.
            left = came(counts, false);
        }
        left.extend(rest);
        right.extend(waiting);
    } else {
        right.extend(decided(pen, counts));
        right.push(Piece::plain("  "));
        right.push(failed(format!("{} {}", pen.theme.glyph(Glyph::Failed), counts.failed), counts));
        if wide(&left, pen) + wide(&waiting, pen) + wide(&right, pen) + 4 <= area.width {
            left.extend(waiting);
        }
    }
    let end = pen.spans(area.x + 1, area.y, area.width.saturating_sub(2), &spans(&left));
    clickable(pen, (area.x + 1, area.y), &left, hits);
    let start = pen.spans_right(end + 2, area.right().saturating_sub(1), area.y, &spans(&right));
    clickable(pen, (start, area.y), &right, hits);
}

fn spans(pieces: &[Piece]) -> Vec<Span> {
    pieces.iter().map(|piece| piece.span.clone()).collect()
}

/// Makes the pieces of a line react to clicks.
fn clickable(pen: &Pen<'_>, (mut x, y): (u16, u16), pieces: &[Piece], hits: &mut HitMap<Message>) {
    for piece in pieces {
        let wide = pen.measure(std::slice::from_ref(&piece.span));
        if let Some(message) = piece.shows {
            hits.add(Rect::new(x, y, wide, 1), message);
        }
        x += wide;
    }
}

/// ALERTs that wait for a person, as one piece, so that it is left out whole where it does not fit.
fn waiting(live: &Live) -> Vec<Piece> {
    let words = asks(live);
    let piece = || Piece::count(format!("   {words}"), Role::Alert, Some(Message::PendingAlone));
    if words.is_empty() { Vec::new() } else { vec![piece()] }
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

/// A stage of the flow: its word and colour, what fell out of it, the gap after it, and what clicks on both show.
struct Stage {
    word: &'static str,
    role: Role,
    aside: String,
    gap: u16,
    shows: Option<Message>,
    aside_shows: Option<Message>,
}

fn stages(counts: &Counters, live: &Live) -> [Stage; STAGES] {
    let aside = |count: u64, what: &str| if count > 0 { format!("{count} {what}") } else { String::new() };
    let joined = |a: String, b: String| if a.is_empty() || b.is_empty() { a + &b } else { format!("{a}  {b}") };
    let refusals = aside(counts.refusals, if counts.refusals == 1 { "refusal" } else { "refusals" });
    let only = |counted| Some(Message::Only(counted));
    let stage = |word, role, aside, gap, shows, aside_shows| Stage { word, role, aside, gap, shows, aside_shows };
    let none = String::new;
    [
        stage("sensed", Role::Text, aside(counts.refused, "refused"), 2, None, only(Counted::Refused)),
        stage("routed", Role::Text, aside(counts.unmatched, "no match"), 2, None, only(Counted::Unrouted)),
        stage("proposed", Role::Text, joined(refusals, aside(counts.planless, "no plan")), 4, None, None),
        stage("allowed", Role::Allow, aside(counts.differing, "differ in shadow"), 2, only(Counted::Allowed), None),
        stage("alerted", Role::Alert, asks(live), 2, only(Counted::Alerted), Some(Message::PendingAlone)),
        stage("blocked", Role::Block, aside(counts.unruled, "no rule"), 2, only(Counted::Blocked), None),
        stage("deduped", Role::Dedup, none(), 4, only(Counted::Deduped), None),
        stage("applied", Role::Allow, aside(counts.real, "for real"), 2, only(Counted::Applied), None),
        stage("failed", Role::Failed, none(), 0, only(Counted::Failed), None),
    ]
}

/// Every stage with its word; under it how it went lately, and what fell out of it or needs a person.
fn spread(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let counts = &cx.model.counts;
    let mut x = area.x + 1;
    let end = area.right().saturating_sub(1);
    let mut free = x;
    for ((at, stage), count) in stages(counts, live).into_iter().enumerate().zip(counts.stages()) {
        let Stage { word, role, aside, gap, shows, aside_shows } = stage;
        let ink = if count == 0 { Role::Muted } else { role };
        let spans = [Span::new(format!("{word} "), Role::Muted), Span::bold(count.to_string(), ink)];
        let after = pen.spans(x, area.y, end.saturating_sub(x), &spans);
        if let Some(message) = shows.filter(|_| count > 0) {
            hits.add(Rect::new(x, area.y, after - x, area.height.min(2)), message);
        }
        if area.height > 1 && count > 0 {
            let ink = if role == Role::Text { Role::Muted } else { role };
            spark(pen, (x, area.y + 1, after - x), cx.model.activity.stage(at), ink);
        }
        if area.height > 2 && !aside.is_empty() {
            // An aside wider than its stage pushes the next one along rather than running into it.
            let style = if word == "alerted" { pen.theme.bold(Role::Alert) } else { pen.theme.ink(Role::Faint) };
            let at = x.max(free);
            let until = pen.put(at, area.y + 2, end.saturating_sub(at), &aside, style);
            if let Some(message) = aside_shows {
                hits.add(Rect::new(at, area.y + 2, until.saturating_sub(at), 1), message);
            }
            free = until + 2;
        }
        x = after + gap;
    }
}

fn came(counts: &Counters, proposed: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut add = |count: u64, word: &str, shows: Option<Counted>| {
        pieces.push(Piece::count(count.to_string(), Role::Text, shows.map(Message::Only)));
        pieces.push(Piece { shows: shows.map(Message::Only), ..Piece::plain(format!(" {word}")) });
    };
    add(counts.sensed, "sensed   ", None);
    if counts.refused > 0 {
        add(counts.refused, "refused   ", Some(Counted::Refused));
    }
    if counts.unmatched > 0 || (!proposed && counts.refused == 0) {
        add(counts.unmatched, if proposed { "not routed   " } else { "not routed" }, Some(Counted::Unrouted));
    }
    if proposed {
        add(counts.proposed, "proposed", None);
    }
    pieces
}

fn decided(pen: &Pen<'_>, counts: &Counters) -> Vec<Piece> {
    let stages = [
        (Glyph::Allow, counts.allowed, Role::Allow, Counted::Allowed),
        (Glyph::Alert, counts.alerted, Role::Alert, Counted::Alerted),
        (Glyph::Block, counts.blocked, Role::Block, Counted::Blocked),
        (Glyph::Dedup, counts.deduped, Role::Dedup, Counted::Deduped),
    ];
    let mut pieces = Vec::new();
    for (glyph, count, role, counted) in stages {
        let gap = if pieces.is_empty() { "" } else { "  " };
        let text = format!("{gap}{} {count}", pen.theme.glyph(glyph));
        pieces.push(Piece::count(text, role, Some(Message::Only(counted))));
    }
    pieces
}

fn failed(text: String, counts: &Counters) -> Piece {
    let role = if counts.failed == 0 { Role::Muted } else { Role::Failed };
    Piece::count(text, role, Some(Message::Only(Counted::Failed)))
}
