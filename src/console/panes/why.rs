//! The Why line: what happened and why, in one sentence, with the only filled chip of the screen.

use ratatui::layout::Rect;

use crate::console::state::{Page, Row, State};
use crate::console::text::{cells, width};
use crate::console::theme::{Glyph, Role};
use crate::console::told::{Told, ruling, told};
use crate::console::widgets::{Pen, Span};

/// Draws it for the selected row; before there is one it says what is waited for.
pub fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    if area.is_empty() {
        return;
    }
    let Some(told) = state.selected().and_then(|row| told(state, row)) else {
        let waiting = if state.ended { "Nothing happened in this session." } else { "Waiting for the first envelope." };
        pen.put(area.x + 1, area.y, area.width.saturating_sub(1), waiting, pen.theme.ink(Role::Muted));
        return;
    };
    let face = told.chip();
    let role = face.role;
    pen.clear(area, pen.theme.tint(role).patch(pen.theme.ink(Role::Text)));
    let chip = format!(" {} {} ", pen.theme.glyph(face.glyph), face.word);
    let x = pen.put(area.x, area.y, area.width, &chip, pen.theme.chip(role)) + 1;
    let end = area.right().saturating_sub(1);
    if area.height == 1 && area.width < 20 {
        pen.put(x, area.y, area.right().saturating_sub(x), &told.subject, pen.theme.bold(Role::Text));
        return;
    }
    let strong = pen.theme.bold(Role::Text);
    if area.height > 1 {
        pen.put(x, area.y, end.saturating_sub(x), told.sentence_in(end.saturating_sub(x)), strong);
        let path = narrow_path(pen, &told);
        pen.spans(area.x + 1, area.y + 1, area.width.saturating_sub(2), &path);
        return;
    }
    let sentence = told.sentence_in(end.saturating_sub(x));
    let wanted = cells(width(sentence)).min(end.saturating_sub(x));
    let path = if area.width >= 100 { path(pen, &told) } else { short_path(&told) };
    if let Some(says) = draft(pen, state).filter(|says| x + wanted + 4 + pen.measure(says) <= end) {
        pen.put(x, area.y, wanted, sentence, strong);
        let after = pen.spans(x + wanted + 3, area.y, end, &says) + 2;
        pen.spans_right(after, end, area.y, &path);
        return;
    }
    let start = pen.spans_right(x + wanted + 2, end, area.y, &path);
    pen.put(x, area.y, start.saturating_sub(x + 1).min(end.saturating_sub(x)), sentence, strong);
}

/// What the draft would say of it, while one is written.
fn draft(pen: &Pen<'_>, state: &State) -> Option<Vec<Span>> {
    let ladder = state
        .policy
        .ladder
        .as_ref()
        .filter(|_| state.page == Page::Policy && state.policy.is_changed() && state.policy.loads())?;
    let (said, says) = (ladder.force.as_ref()?, ladder.draft.as_ref()?);
    let here = ladder.subject.row.is_some() && ladder.subject.row == state.selected().map(Row::id);
    if !here {
        return None;
    }
    let face = ruling(says.decision.into());
    let words = if said.decision == says.decision { "the draft too says " } else { "in force; the draft says " };
    let verdict = format!("{} {}", pen.theme.glyph(face.glyph), face.word);
    Some(vec![Span::new(words, Role::Muted), Span::bold(verdict, face.role)])
}

/// Envelope › operator › action › receipt.
fn path(pen: &Pen<'_>, told: &Told<'_>) -> Vec<Span> {
    let mut steps: Vec<(String, Role)> = Vec::new();
    let mut add = |text: String, role| {
        if !text.is_empty() {
            steps.push((text, role));
        }
    };
    add(format!("{} {}", told.event, told.thread()).trim().to_owned(), Role::Muted);
    add(told.operator.to_owned(), Role::Muted);
    if told.subject != told.event {
        add(told.subject.clone().into_owned(), Role::Text);
    }
    if let Some((id, _)) = told.receipt {
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

fn short_path(told: &Told<'_>) -> Vec<Span> {
    let subject = Span::new(told.subject.clone(), Role::Text);
    if told.entity.is_empty() {
        vec![subject]
    } else {
        vec![subject, Span::new(format!(" {}", told.entity), Role::Muted)]
    }
}

fn narrow_path(pen: &Pen<'_>, told: &Told<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    if !told.operator.is_empty() {
        spans.push(Span::new(format!("{} {} ", told.operator, pen.theme.glyph(Glyph::Path)), Role::Muted));
    }
    spans.extend(short_path(told));
    spans
}
