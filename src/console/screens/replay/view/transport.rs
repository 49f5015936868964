//! What plays, at which speed, and where it is.

use ratatui::layout::Rect;

use super::super::{Message, Replay, Tape};
use crate::console::text::{Charset, grouped};
use crate::console::theme::Role;
use crate::console::widgets::{HitMap, Pen, Span};

/// Draws it in one line.
pub fn draw(pen: &mut Pen<'_>, area: Rect, replay: &Replay, tape: &Tape, hits: &mut HitMap<Message>) {
    if area.is_empty() {
        return;
    }
    let mut spans = state(pen, replay);
    spans.extend(numbers(replay, area.width >= 60));
    let x = pen.spans(area.x, area.y, area.width, &spans);
    hits.add(Rect { width: x - area.x, ..area }, Message::Play);
    let right = rest(replay, tape);
    pen.spans_right(x + 2, area.right(), area.y, &right);
}

/// Paused or playing, and how fast.
pub(super) fn state(pen: &Pen<'_>, replay: &Replay) -> Vec<Span> {
    let transport = &replay.transport;
    let unicode = pen.theme.charset() == Charset::Unicode;
    let (mark, word, role) = match (transport.is_playing(), replay.searching) {
        (_, true) => (if unicode { "»" } else { ">>" }, "running", Role::Accent),
        (true, _) => (if unicode { "▸" } else { ">" }, "playing", Role::Accent),
        (false, _) => (if unicode { "∥" } else { "||" }, "paused", Role::Text),
    };
    let speed = transport.speed().replace('×', if unicode { "×" } else { "x" });
    vec![
        Span::bold(format!("{mark} {word}"), role),
        Span::new(format!(" at {speed} by {}s", transport.unit().name()), Role::Muted),
    ]
}

/// Envelope, action and stage in a person's numbers.
pub(super) fn numbers(replay: &Replay, words: bool) -> Vec<Span> {
    let position = replay.scene.position;
    let part = |word: &str, number: usize, of: usize| {
        let word = if words { word } else { &word[..1] };
        [
            Span::new(format!("   {word} "), Role::Muted),
            Span::bold(format!("{}/{}", grouped(number), grouped(of)), Role::Text),
        ]
    };
    let mut spans = Vec::from(part("envelope", position.envelope, position.envelopes));
    if position.actions > 0 {
        spans.extend(part("action", position.action, position.actions));
    }
    if let Some(stage) = position.stage {
        spans.extend(part("stage", stage.number(), 6));
    }
    spans
}

fn rest(replay: &Replay, tape: &Tape) -> Vec<Span> {
    let mut spans = Vec::new();
    if tape.scanning && tape.size > 0 {
        let percent = tape.index.end().saturating_mul(100) / tape.size.max(1);
        spans.push(Span::new(format!("reading {percent}%   "), Role::Muted));
    }
    if tape.index.damaged() > 0 {
        spans.push(Span::bold(format!("{} lines damaged   ", tape.index.damaged()), Role::Failed));
    }
    let marks = replay.transport.marks().len();
    if marks > 0 {
        spans.push(Span::new(format!("{marks} marked   "), Role::Muted));
    }
    if let Some(stop) = &replay.stop {
        spans.push(Span::new("break on ", Role::Muted));
        spans.push(Span::new(stop.text.clone(), Role::Accent));
    }
    spans
}
