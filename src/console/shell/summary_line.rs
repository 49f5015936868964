//! The summary line: what happened and why, in one sentence, with the only filled chip of the screen.

use ratatui::layout::Rect;

use super::app::App;
use super::message::Message;
use crate::console::present::summary::{RowSummary, summarize};
use crate::console::text::{cells, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{HitMap, Pen, Span};

/// Draws it for the selected row; before there is one it says what is waited for. A click on it opens the row.
pub fn draw(pen: &mut Pen<'_>, area: Rect, app: &App, hits: &mut HitMap<Message>) {
    if area.is_empty() {
        return;
    }
    let cx = app.context();
    let in_hand = app.screens.summary();
    let of_row = in_hand.is_none();
    let Some(summary) = in_hand.or_else(|| cx.selected.and_then(|row| summarize(cx.model, row))) else {
        let waiting = if cx.ended { "Nothing happened in this session." } else { "Waiting for the first envelope." };
        let waiting = app.screens.nothing_selected(&cx).unwrap_or_else(|| waiting.to_owned());
        pen.put(area.x + 1, area.y, area.width.saturating_sub(1), &waiting, pen.theme.ink(Role::Muted));
        return;
    };
    hits.add(area, Message::OpenSelected);
    let past = of_row && cx.selected.is_some_and(|row| cx.faults.is_past(row.id()));
    let summary = if past { summary.past() } else { summary };
    let badge = summary.chip();
    let role = badge.role;
    pen.clear(area, pen.theme.tint(role).patch(pen.theme.ink(Role::Text)));
    let chip = format!(" {} {} ", pen.theme.glyph(badge.glyph), badge.word);
    let x = pen.put(area.x, area.y, area.width, &chip, pen.theme.chip(role)) + 1;
    let end = area.right().saturating_sub(1);
    if area.height == 1 && area.width < 20 {
        pen.put(x, area.y, area.right().saturating_sub(x), &summary.subject, pen.theme.bold(Role::Text));
        return;
    }
    let strong = pen.theme.bold(Role::Text);
    if area.height > 1 {
        pen.put(x, area.y, end.saturating_sub(x), summary.sentence_in(end.saturating_sub(x)), strong);
        let path = narrow_path(pen, &summary);
        pen.spans(area.x + 1, area.y + 1, area.width.saturating_sub(2), &path);
        return;
    }
    let sentence = summary.sentence_in(end.saturating_sub(x));
    let wanted = cells(width(sentence)).min(end.saturating_sub(x));
    let path = if area.width >= 100 { path(pen, &summary) } else { short_path(&summary) };
    if let Some(says) = app.screens.remark(pen, &cx).filter(|says| x + wanted + 4 + pen.measure(says) <= end) {
        pen.put(x, area.y, wanted, sentence, strong);
        let after = pen.spans(x + wanted + 3, area.y, end, &says) + 2;
        pen.spans_right(after, end, area.y, &path);
        return;
    }
    let start = pen.spans_right(x + wanted + 2, end, area.y, &path);
    pen.put(x, area.y, start.saturating_sub(x + 1).min(end.saturating_sub(x)), sentence, strong);
}

/// Envelope › operator › action › receipt.
fn path(pen: &Pen<'_>, summary: &RowSummary<'_>) -> Vec<Span> {
    let mut steps: Vec<(String, Role)> = Vec::new();
    let mut add = |text: String, role| {
        if !text.is_empty() {
            steps.push((text, role));
        }
    };
    add(summary.replay.map_or_else(String::new, |run| format!("replay {run}")), Role::Alert);
    add(format!("{} {}", summary.event, summary.thread()).trim().to_owned(), Role::Muted);
    add(summary.operator.to_owned(), Role::Muted);
    if summary.subject != summary.event {
        add(summary.subject.clone().into_owned(), Role::Text);
    }
    if let Some((id, _)) = summary.receipt {
        add(id.to_owned(), Role::Muted);
    }
    // Each step brings the mark that leads on, so that the first ones can be left out whole.
    let last = steps.len().saturating_sub(1);
    let step = format!(" {} ", pen.theme.glyph(Glyph::Path));
    let lead = |(at, (text, role)): (usize, (String, Role))| {
        Span::new(if at < last { format!("{text}{step}") } else { text }, role)
    };
    steps.into_iter().enumerate().map(lead).collect()
}

fn short_path(summary: &RowSummary<'_>) -> Vec<Span> {
    let mut spans = vec![Span::new(summary.subject.clone(), Role::Text)];
    if let Some(run) = summary.replay {
        spans.insert(0, Span::new(format!("replay {run} "), Role::Alert));
    }
    if !summary.entity.is_empty() {
        spans.push(Span::new(format!(" {}", summary.entity), Role::Muted));
    }
    spans
}

fn narrow_path(pen: &Pen<'_>, summary: &RowSummary<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    if !summary.operator.is_empty() {
        spans.push(Span::new(format!("{} {} ", summary.operator, pen.theme.glyph(Glyph::Path)), Role::Muted));
    }
    spans.extend(short_path(summary));
    spans
}
