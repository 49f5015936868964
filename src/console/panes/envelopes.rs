//! A row of the envelopes: what came in, when, on which thread, and to how many operators it went; where the plans are
//! folded away, what became of it too. Saves that failed stand among them, where they happened.

use crate::console::panes::lists::{Place, put_face};
use crate::console::state::{Fold, Row, RowKind, State};
use crate::console::text::{cells, width};
use crate::console::theme::{Glyph, Role};
use crate::console::told::{self, Told, told};
use crate::console::widgets::Pen;
use crate::kernel::journal::Fact;

/// Draws it.
pub fn row(pen: &mut Pen<'_>, state: &State, row: Row, place: &Place) {
    let area = place.area;
    let (Some(told), Some(entry)) = (told(state, row), state.entry(row)) else { return };
    let end = area.right();
    let time = if place.fold == Fold::Two { 3 } else { 4 };
    let age = told::age(&entry.at, state.newest().unwrap_or_default());
    let quiet = pen.theme.ink(place.quiet());
    let mut x = (area.x + time).min(end);
    pen.put_right(area.x, x, area.y, &age, quiet);
    x += 1;
    if matches!(row.kind, RowKind::NotLoaded | RowKind::Policy | RowKind::Notice | RowKind::Run) {
        x = put_face(pen, (x, area.y, end.saturating_sub(x)), told.face, false) + 1;
        let words = format!("{} {}: {}", told.subject, told.face.word, told.sentence);
        pen.put(x, area.y, end.saturating_sub(x), &words, pen.theme.ink(told.face.role));
        return;
    }
    // From the right end: how far it went; then the thread; the type gets the rest.
    let mut stop = match place.fold {
        Fold::Two => outcome(pen, state, row, &told, place, x),
        Fold::Four | Fold::One => route(pen, state, row, &told, place, x),
    };
    if area.width >= 48 || place.fold != Fold::Two {
        let from = stop.saturating_sub(4).max(x);
        pen.put(from, area.y, stop.saturating_sub(from), told.thread(), quiet);
        stop = from.saturating_sub(1);
    }
    if area.width >= 44 && place.fold != Fold::Two {
        let origin = origin(state, row);
        let wide = cells(width(&origin)).min(area.width / 3);
        let from = stop.saturating_sub(wide + 1);
        pen.put(from, area.y, wide, &origin, quiet);
        stop = from;
    }
    pen.put(x, area.y, stop.saturating_sub(x + 1), &told.subject, pen.theme.ink(Role::Text));
}

/// `→1`, or that it was refused; returns where the column before it ends.
fn route(pen: &mut Pen<'_>, state: &State, row: Row, told: &Told<'_>, place: &Place, from: u16) -> u16 {
    let area = place.area;
    let to = state.arrival(row).and_then(|arrival| {
        state.about(arrival).take(4).find_map(|(_, fact)| match fact {
            Fact::Routed(routed) => Some(routed.to.len()),
            _ => None,
        })
    });
    let (text, role) = match (row.kind, to) {
        (RowKind::Refused, _) => (pen.theme.glyph(told.face.glyph).to_owned(), told.face.role),
        (_, None) => (String::new(), place.quiet()),
        (_, Some(count)) => (format!("{}{count}", pen.theme.glyph(Glyph::Leads)), place.quiet()),
    };
    let stop = area.right().saturating_sub(1);
    let start = stop.saturating_sub(cells(width(&text)).max(2)).max(from);
    pen.put(start, area.y, stop.saturating_sub(start), &text, pen.theme.ink(role));
    start.saturating_sub(1)
}

/// Operator and one glyph for each action, or why there is neither; returns where the column before it ends.
fn outcome(pen: &mut Pen<'_>, state: &State, row: Row, told: &Told<'_>, place: &Place, from: u16) -> u16 {
    let area = place.area;
    let wide = area.right().saturating_sub(from);
    let start = from + wide * 11 / 20 + u16::from(area.width >= 48);
    let muted = pen.theme.ink(Role::Muted);
    let room = area.right().saturating_sub(start);
    let marks = state.arrival(row).map(|arrival| told::marks(state, arrival, None)).unwrap_or_default();
    if marks.plans == 0 {
        let spare = put_face(pen, (start, area.y, room), told.face, false) + 1;
        let words = if row.kind == RowKind::Refused { &told.sentence } else { &told.short };
        pen.put(spare, area.y, area.right().saturating_sub(spare), words, muted);
        return start.saturating_sub(1);
    }
    let many = cells(marks.faces.len()).min(room / 2);
    let mut x = area.right().saturating_sub(many + 1);
    let operator = match marks.plans {
        1 => marks.operator.to_owned(),
        more => format!("{} +{}", marks.operator, more - 1),
    };
    pen.put(start, area.y, x.saturating_sub(start + 1), &operator, muted);
    for face in marks.faces.iter().take(usize::from(many)) {
        x = put_face(pen, (x, area.y, 1), *face, false);
    }
    start.saturating_sub(1)
}

/// The file it stands in and the line, or the way it came.
fn origin(state: &State, row: Row) -> String {
    let origin = match state.entry(row).map(|entry| &entry.fact) {
        Some(Fact::Received(received)) => &received.origin,
        Some(Fact::Refused(refused)) => &refused.origin,
        _ => return String::new(),
    };
    let place = told::place(origin);
    place.rsplit('/').next().unwrap_or_default().to_owned()
}
