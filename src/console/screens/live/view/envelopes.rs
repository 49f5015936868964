//! A row of the envelopes: what came in, when, on which thread, and to how many operators it went; where the plans are
//! folded away, what became of it too. Saves that failed stand among them, where they happened.

use super::super::ColumnMode;
use super::row_place::{Place, put_badge};
use crate::console::model::{Row, RowKind};
use crate::console::present::summary::{RowSummary, badges, came_from, summarize};
use crate::console::screen::Context;
use crate::console::text::{cells, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Pen;
use crate::kernel::journal::Fact;

/// Draws the row of an envelope, or of what stands among them.
pub fn row(pen: &mut Pen<'_>, cx: &Context<'_>, row: Row, place: &Place) {
    let area = place.area;
    let (Some(summary), Some(entry)) = (summarize(cx.model, row), cx.model.entry(row)) else { return };
    let end = area.right();
    let time = if place.fold == ColumnMode::Two { 3 } else { 4 };
    let age = cx.age(&entry.at);
    let quiet = pen.theme.ink(place.quiet());
    let mut x = (area.x + time).min(end);
    pen.put_right(area.x, x, area.y, &age, quiet);
    x += 1;
    if matches!(row.kind, RowKind::NotLoaded | RowKind::Policy | RowKind::Notice | RowKind::Run) {
        x = put_badge(pen, (x, area.y, end.saturating_sub(x)), summary.badge, false) + 1;
        let words = format!("{} {}: {}", summary.subject, summary.badge.word, summary.sentence);
        pen.put(x, area.y, end.saturating_sub(x), &words, pen.theme.ink(summary.badge.role));
        return;
    }
    // From the right end: how far it went; then the thread; the type gets the rest.
    let mut stop = match place.fold {
        ColumnMode::Two => outcome(pen, cx, row, &summary, place, x),
        ColumnMode::Four | ColumnMode::One => route(pen, cx, row, &summary, place, x),
    };
    if area.width >= 48 || place.fold != ColumnMode::Two {
        let from = stop.saturating_sub(4).max(x);
        pen.put(from, area.y, stop.saturating_sub(from), summary.thread(), quiet);
        stop = from.saturating_sub(1);
    }
    let origin = came_from(cx.model, row);
    let (wide, subject) = (cells(width(&origin)), cells(width(&summary.subject)));
    // Where the file and the type do not both fit whole, the type does.
    if place.fold != ColumnMode::Two && !origin.is_empty() && x + subject + 2 + wide < stop {
        let from = stop.saturating_sub(wide + 1);
        pen.put(from, area.y, wide, &origin, quiet);
        stop = from;
    }
    pen.put(x, area.y, stop.saturating_sub(x + 1), &summary.subject, pen.theme.ink(Role::Text));
}

/// `→1`, or that it was refused; returns where the column before it ends.
fn route(pen: &mut Pen<'_>, cx: &Context<'_>, row: Row, summary: &RowSummary<'_>, place: &Place, from: u16) -> u16 {
    let area = place.area;
    let to = cx.model.arrival(row).and_then(|arrival| {
        cx.model.about(arrival).take(4).find_map(|(_, fact)| match fact {
            Fact::Routed(routed) => Some(routed.to.len()),
            _ => None,
        })
    });
    let (text, role) = match (row.kind, to) {
        (RowKind::Refused, _) => (pen.theme.glyph(summary.badge.glyph).to_owned(), summary.badge.role),
        (_, None) => (String::new(), place.quiet()),
        (_, Some(count)) => (format!("{}{count}", pen.theme.glyph(Glyph::Leads)), place.quiet()),
    };
    let stop = area.right().saturating_sub(1);
    let start = stop.saturating_sub(cells(width(&text)).max(2)).max(from);
    pen.put(start, area.y, stop.saturating_sub(start), &text, pen.theme.ink(role));
    start.saturating_sub(1)
}

/// Operator and one glyph for each action, or why there is neither; returns where the column before it ends.
fn outcome(pen: &mut Pen<'_>, cx: &Context<'_>, row: Row, summary: &RowSummary<'_>, place: &Place, from: u16) -> u16 {
    let area = place.area;
    let wide = area.right().saturating_sub(from);
    let start = from + wide * 11 / 20 + u16::from(area.width >= 48);
    let muted = pen.theme.ink(Role::Muted);
    let room = area.right().saturating_sub(start);
    let found = cx.model.arrival(row).map(|arrival| badges(cx.model, arrival, None)).unwrap_or_default();
    if found.plans == 0 {
        let spare = put_badge(pen, (start, area.y, room), summary.badge, false) + 1;
        let words = if row.kind == RowKind::Refused { &summary.sentence } else { &summary.short };
        pen.put(spare, area.y, area.right().saturating_sub(spare), words, muted);
        return start.saturating_sub(1);
    }
    let many = cells(found.badges.len()).min(room / 2);
    let mut x = area.right().saturating_sub(many + 1);
    let operator = match found.plans {
        1 if found.would => format!("{} would", found.operator),
        1 => found.operator.to_owned(),
        more => format!("{} +{}", found.operator, more - 1),
    };
    pen.put(start, area.y, x.saturating_sub(start + 1), &operator, muted);
    for badge in found.badges.iter().take(usize::from(many)) {
        x = put_badge(pen, (x, area.y, 1), *badge, false);
    }
    start.saturating_sub(1)
}
