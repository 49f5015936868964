//! What a reviewer said so far, below the fixtures.

use ratatui::layout::Rect;

use super::super::reviewing::{here, reviewed};
use super::super::{Message, Replay, Tape};
use super::mark_glyph;
use crate::console::text::{Charset, wrap};
use crate::console::theme::Role;
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::review::notes::{Mark, Note};

use super::super::sheet::Shows;

/// Draws it.
pub fn draw(pen: &mut Pen<'_>, area: Rect, replay: &Replay, tape: &Tape, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    hits.add(area, Message::Sheet(Shows::Review));
    let count = format!("{} of {}", reviewed(replay), tape.index.envelopes());
    heading(pen, area, &Heading { title: "Review", count, ..Heading::default() });
    let mut spans = Vec::new();
    for mark in [Mark::Accepted, Mark::Flagged] {
        let (glyph, role) = mark_glyph(mark);
        spans.push(Span::bold(format!("{} ", pen.theme.glyph(glyph)), role));
        spans.push(Span::new(format!("{} {}   ", replay.notes.count(mark), mark.word()), Role::Text));
    }
    pen.spans(area.x + 1, area.y + 1, area.width.saturating_sub(1), &spans);
    // What was said of the step at hand, else what was flagged last.
    let flagged = |note: &&Note| note.mark == Mark::Flagged;
    let Some(note) = here(replay).or_else(|| replay.notes.0.iter().rev().find(flagged)) else { return };
    let (glyph, role) = mark_glyph(note.mark);
    let room = usize::from(area.width.saturating_sub(4)).max(8);
    let words = if note.note.is_empty() { note.mark.word() } else { &note.note };
    let lines = wrap(words, room, usize::from(area.height.saturating_sub(2)), Charset::Unicode);
    for ((at, line), y) in lines.iter().enumerate().zip(area.y + 2..area.bottom()) {
        if at == 0 {
            pen.put(area.x + 1, y, 1, pen.theme.glyph(glyph), pen.theme.bold(role));
        }
        pen.put(area.x + 3, y, area.width.saturating_sub(3), line, pen.theme.ink(Role::Text));
    }
}
