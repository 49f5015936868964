//! The fixtures and their envelopes, each with its last result.

use ratatui::layout::Rect;

use super::super::reviewing::of_envelope;
use super::super::tree::{TreeRow, row};
use super::super::{Focus, Message, Replay, Tape};
use super::{glyph, mark_glyph};
use crate::console::text::grouped;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::journal::Fact;

/// Glyphs that a row has room for.
const GLYPHS: usize = 3;
/// Columns of them.
const MARKS: u16 = 8;

/// Draws the rows around the envelope at hand.
pub fn draw(pen: &mut Pen<'_>, area: Rect, replay: &Replay, tape: &Tape, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    hits.add(area, Message::Focus(Focus::Tree));
    let total = tape.index.envelopes();
    let count = format!("{} envelope{}", grouped(total), if total == 1 { "" } else { "s" });
    let focus = replay.focus == Focus::Tree;
    heading(pen, area, &Heading { title: "Fixtures", count, focus, ..Heading::default() });
    let at = tape.index.envelope_at(replay.transport.at().entry);
    for (number, y) in (replay.top..).zip(area.y + 1..area.bottom()) {
        let Some(row) = row(&tape.index, number) else { break };
        let line = Rect { y, height: 1, ..area };
        match row {
            TreeRow::File(first) => file(pen, line, tape, first),
            TreeRow::Envelope(place) => {
                envelope(pen, line, tape, place);
                said(pen, line, replay, tape, place);
                hits.add(line, Message::Envelope(place));
                if Some(place) == at {
                    pen.style(line, pen.theme.ground(Role::Sel));
                    pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
                }
            }
        }
    }
}

/// What a reviewer made of it.
fn said(pen: &mut Pen<'_>, line: Rect, replay: &Replay, tape: &Tape, place: usize) {
    let entry = tape.index.envelope(place);
    let Some(Fact::Received(received)) = entry.and_then(|entry| tape.entries.get(entry)) else { return };
    if let Some(mark) = of_envelope(replay, received.arrival) {
        let (glyph, role) = mark_glyph(mark);
        pen.put(line.x + 1, line.y, 1, pen.theme.glyph(glyph), pen.theme.bold(role));
    }
}

fn file(pen: &mut Pen<'_>, line: Rect, tape: &Tape, first: usize) {
    let name = match tape.index.envelope(first).and_then(|entry| tape.entries.get(entry)) {
        Some(Fact::Received(received)) => match &received.origin.file {
            Some(file) => file.rsplit('/').next().unwrap_or(file).to_owned(),
            None => received.origin.source.word().to_owned(),
        },
        Some(Fact::Refused(refused)) => refused.origin.file.clone().unwrap_or_else(|| "refused".to_owned()),
        _ => String::new(),
    };
    pen.put(line.x, line.y, line.width, &name, pen.theme.bold(Role::Text));
}

fn envelope(pen: &mut Pen<'_>, line: Rect, tape: &Tape, place: usize) {
    let Some(entry) = tape.index.envelope(place) else { return };
    let end = marks(pen, line, tape, place, entry);
    let room = end.saturating_sub(line.x + 3);
    match tape.entries.get(entry) {
        Some(Fact::Received(received)) => {
            let envelope = &received.envelope;
            let thread: String = envelope.correlation_id.chars().take(4).collect();
            let x = line.x + 2;
            let wide = room.saturating_sub(6).max(8).min(room);
            pen.put(x, line.y, wide, &envelope.event_type, pen.theme.ink(Role::Text));
            if room > wide {
                pen.put(end.saturating_sub(6), line.y, 4, &thread, pen.theme.ink(Role::Accent));
            }
        }
        Some(Fact::Refused(refused)) => {
            let words = refused.diagnostics.first().map_or("refused", |fault| fault.message.as_str());
            pen.put(line.x + 2, line.y, room, words, pen.theme.ink(Role::Muted));
        }
        _ if tape.entries.is_lost(entry) => {
            pen.put(line.x + 2, line.y, room, "cannot be read", pen.theme.ink(Role::Failed));
        }
        _ => {}
    }
}

/// What became of it, at the right end; where that begins.
fn marks(pen: &mut Pen<'_>, line: Rect, tape: &Tape, place: usize, entry: u32) -> u16 {
    let actions = tape.index.actions_of(place);
    let shown = actions.iter().take(GLYPHS).map(|action| tape.index.mark(*action));
    let mut spans: Vec<Span> = if actions.is_empty() {
        let (glyph, role) = glyph(tape.index.mark(entry));
        vec![Span::bold(format!("{} ", pen.theme.glyph(glyph)), role)]
    } else {
        let span = |mark| {
            let (glyph, role) = glyph(mark);
            Span::bold(format!("{} ", pen.theme.glyph(glyph)), role)
        };
        shown.map(span).collect()
    };
    if actions.len() > GLYPHS {
        spans.push(Span::new(format!("+{}", actions.len() - GLYPHS), Role::Muted));
    }
    let begin = line.right().saturating_sub(MARKS);
    pen.spans(begin, line.y, MARKS, &spans);
    begin
}
