//! Rows of the decisions and of the receipts: the same actions seen from both ends.

use super::super::{ColumnMode, Live};
use super::row_place::{Place, put_badge};
use crate::console::model::Row;
use crate::console::present::summary::{Badge, summarize};
use crate::console::screen::Context;
use crate::console::text::{cells, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Pen;
use crate::kernel::receipt::Ruling;

/// What was said of an action: verdict, tool, and why in a word or, where there is room, in a sentence.
pub fn decision(pen: &mut Pen<'_>, live: &Live, cx: &Context<'_>, row: Row, place: &Place) {
    let area = place.area;
    let Some(summary) = summarize(cx.model, row) else { return };
    // Bold is kept for what a person should look at.
    let strong = match row.mark.ruling() {
        Some(Ruling::Allow | Ruling::Dedup) => false,
        Some(Ruling::Alert) | None => live.pending.waits(row.id()),
        Some(Ruling::Block) => true,
    };
    let mut badge = if place.fold == ColumnMode::One { summary.chip() } else { summary.badge };
    if !strong && badge.glyph == Glyph::Alert {
        badge.glyph = Glyph::Seen;
    }
    put_badge(pen, (area.x, area.y, 8.min(area.width)), Badge { strong, ..badge }, true);
    let x = area.x + 9;
    let mut end = area.right();
    if place.fold == ColumnMode::Two
        && let Some((id, outcome)) = summary.receipt
    {
        put_badge(pen, (end.saturating_sub(1), area.y, 1), outcome, false);
        let stop = end.saturating_sub(2);
        let wide = cells(width(id)).min(12);
        let from = stop.saturating_sub(wide);
        pen.put(from, area.y, wide, id, pen.theme.ink(place.quiet()));
        end = from.saturating_sub(2);
    } else {
        end = end.saturating_sub(1);
    }
    let muted = pen.theme.ink(Role::Muted);
    let text = pen.theme.ink(Role::Text);
    if end.saturating_sub(x) >= 42 {
        // The widest tool in view, so that sentences stand below each other and nothing is cut that has room.
        let tool = live.widths.tool().clamp(12, (end - x) / 2);
        pen.put(x, area.y, tool, &summary.subject, text);
        let from = x + tool + 2;
        pen.put(from, area.y, end - from, summary.sentence_in(end - from), muted);
        return;
    }
    // The tool's name is whole before the reason is, which the Why line says anyway.
    let tool = cells(width(&summary.subject));
    if place.fold == ColumnMode::Two && area.width < 44 {
        pen.put(x, area.y, end.saturating_sub(x), &summary.subject, text);
        return;
    }
    let short = cells(width(&summary.short));
    if x + tool + 1 + short > end {
        pen.put(x, area.y, end.saturating_sub(x), &summary.subject, text);
        return;
    }
    pen.put(x, area.y, tool, &summary.subject, text);
    pen.put(end - short, area.y, short, &summary.short, muted);
}

/// An outcome in fewer letters.
fn brief(word: &'static str) -> &'static str {
    if word == "deduplicated" { "dedup" } else { word }
}

/// What happened then: receipt, outcome, and where there is room the entity.
pub fn receipt(pen: &mut Pen<'_>, cx: &Context<'_>, row: Row, place: &Place) {
    let area = place.area;
    let Some(summary) = summarize(cx.model, row) else { return };
    let Some((id, outcome)) = summary.receipt else {
        pen.put(area.x, area.y, area.width, "waits for an answer", pen.theme.ink(Role::Alert));
        return;
    };
    let wide = cells(width(id)).clamp(7, 16).min(area.width);
    pen.put(area.x, area.y, wide, id, pen.theme.ink(Role::Muted));
    let x = area.x + wide + 2;
    let room = area.right().saturating_sub(x).min(14);
    // A word that has no room gives way to a shorter one, not to its beginning.
    let word = if width(outcome.word) + 2 > usize::from(room) { brief(outcome.word) } else { outcome.word };
    put_badge(pen, (x, area.y, room), Badge { word, ..outcome }, true);
    let x = x + 16;
    if x + 8 <= area.right() {
        let style = pen.theme.ink(place.quiet());
        pen.put(x, area.y, area.right() - x, summary.entity, style);
    }
}
