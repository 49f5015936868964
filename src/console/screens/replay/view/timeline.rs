//! The envelopes in a row with a glyph for each action, and under them the same envelopes of the play before.

use ratatui::layout::Rect;

use super::super::{Message, Replay, Tape};
use super::{glyph, short_name};
use crate::console::text::cells;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{HitMap, Pen};
use crate::kernel::journal::Fact;
use crate::replayer::Index;

/// Columns of what a row is called.
const LABEL: u16 = 9;

/// Which envelopes show, and how wide each is.
struct Window {
    first: usize,
    count: usize,
    width: u16,
}

impl Window {
    fn of(index: &Index, at: usize, room: u16) -> Self {
        let total = index.envelopes().max(1);
        // Room for the actions of those around, at least for two.
        let near = at.saturating_sub(8)..(at + 9).min(index.envelopes());
        let most = near.map(|place| index.actions_of(place).len()).max().unwrap_or(1).clamp(1, 6);
        let least = cells(most) + 1;
        let even = room / u16::try_from(total).unwrap_or(u16::MAX).max(1);
        let width = even.clamp(least, 8.max(least));
        let count = usize::from(room / width).clamp(1, total);
        let first = at.saturating_sub(count / 2).min(total - count);
        Self { first, count, width }
    }
}

/// Draws it; three rows, or one where there is no more room.
pub fn draw(pen: &mut Pen<'_>, area: Rect, replay: &Replay, tape: &Tape, hits: &mut HitMap<Message>) {
    if area.is_empty() {
        return;
    }
    let at = tape.index.envelope_at(replay.transport.at().entry).unwrap_or(0);
    let line = Rect { x: area.x + LABEL, width: area.width.saturating_sub(LABEL), ..area };
    let window = Window::of(&tape.index, at, line.width);
    let own = if area.height >= 3 { area.bottom() - 1 } else { area.y };
    if area.height >= 3 {
        names(pen, line, tape, &window);
        before(pen, Rect { y: area.y + 1, height: 1, ..area }, line, replay, tape, &window, at);
    }
    pen.put(area.x, own, LABEL - 1, &format!("run {}", tape.run), pen.theme.bold(Role::Text));
    for shown in 0..window.count {
        let place = window.first + shown;
        let x = line.x + window.width * u16::try_from(shown).unwrap_or(0);
        let cell = Rect { x, y: own, width: window.width, height: 1 };
        envelope(pen, cell, &tape.index, place, place < at, place + 1 < window.first + window.count);
        hits.add(Rect { y: area.y, height: area.height, ..cell }, Message::Envelope(place));
        if place == at {
            current(pen, cell, replay, tape, place);
        }
    }
}

/// The envelope at hand, and of it the action.
fn current(pen: &mut Pen<'_>, cell: Rect, replay: &Replay, tape: &Tape, place: usize) {
    let ground = Rect { width: cell.width.saturating_sub(1).max(1), ..cell };
    pen.style(ground, pen.theme.ground(Role::Sel));
    let actions = tape.index.actions_of(place);
    let on = actions.iter().position(|entry| *entry == replay.transport.at().entry).unwrap_or(0);
    let x = cell.x + cells(on).min(cell.width.saturating_sub(1));
    pen.style(Rect { x, width: 1, ..cell }, pen.theme.cursor());
}

/// The glyphs of an envelope, and the line on to the next.
fn envelope(pen: &mut Pen<'_>, cell: Rect, index: &Index, place: usize, played: bool, joined: bool) {
    let rule = if played { (Glyph::Heavy, Role::Accent) } else { (Glyph::Rule, Role::Rule) };
    if joined {
        pen.repeat(cell.x, cell.y, cell.width, rule.0, pen.theme.ink(rule.1));
    }
    let actions = index.actions_of(place);
    let room = usize::from(cell.width.max(2) - 1);
    let marks: Vec<_> = if actions.is_empty() {
        index.envelope(place).map(|entry| index.mark(entry)).into_iter().collect()
    } else {
        actions.iter().take(room).map(|entry| index.mark(*entry)).collect()
    };
    for (mark, x) in marks.into_iter().zip(cell.x..) {
        let (glyph, role) = glyph(mark);
        pen.put(x, cell.y, 1, pen.theme.glyph(glyph), pen.theme.bold(role));
    }
}

/// The files over their first envelopes.
fn names(pen: &mut Pen<'_>, line: Rect, tape: &Tape, window: &Window) {
    let last = window.first + window.count;
    let groups = tape.index.groups();
    let begin = groups.partition_point(|group| group.first + group.count <= window.first);
    for group in &groups[begin..] {
        let (from, upto) = (group.first.max(window.first), (group.first + group.count).min(last));
        if from >= upto {
            break;
        }
        let column =
            |place: usize| u16::try_from(place - window.first).unwrap_or(u16::MAX).saturating_mul(window.width);
        let room = column(upto).saturating_sub(column(from) + 1);
        let entry = tape.index.envelope(group.first);
        let name = match entry.and_then(|entry| tape.entries.get(entry)) {
            Some(Fact::Received(received)) => {
                received.origin.file.as_deref().map_or(received.origin.source.word(), short_name).to_owned()
            }
            Some(Fact::Refused(refused)) => refused.origin.file.as_deref().map_or("refused", short_name).to_owned(),
            _ => continue,
        };
        pen.put(line.x + column(from), line.y, room, &name, pen.theme.ink(Role::Muted));
    }
}

/// The same envelopes of the play before, where it has them; what came out otherwise is lit.
fn before(pen: &mut Pen<'_>, label: Rect, line: Rect, replay: &Replay, tape: &Tape, window: &Window, at: usize) {
    let pairs = (0..window.count).filter_map(|shown| {
        let counterpart = replay.pairing.of_envelope(window.first + shown)?;
        Some((shown, counterpart))
    });
    let mut named = false;
    for (shown, counterpart) in pairs {
        let Some(base) = (if counterpart.in_other { replay.other.as_ref() } else { Some(tape) }) else { continue };
        if !std::mem::replace(&mut named, true) {
            let name = if counterpart.in_other { format!("run {}", base.run) } else { "before".to_owned() };
            pen.put(label.x, label.y, LABEL - 1, &name, pen.theme.ink(Role::Muted));
        }
        let x = line.x + window.width * u16::try_from(shown).unwrap_or(0);
        let cell = Rect { x, y: label.y, width: window.width, height: 1 };
        let place = window.first + shown;
        envelope(pen, cell, &base.index, counterpart.place, place < at, shown + 1 < window.count);
        if replay.pairing.first_in(&tape.index, replay.other.as_ref().map(|other| &other.index), place).is_some() {
            pen.style(Rect { width: window.width.saturating_sub(1).max(1), ..cell }, pen.theme.tint(Role::Alert));
        }
    }
}
