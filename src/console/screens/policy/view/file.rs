//! The text of the file: line numbers, marks of what changed, colours, what is said under a line, and at the right what
//! each rule is called. Only lines in view are looked at.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::layout::{numbers, said};
use super::super::{Draft, Focus, Message, Note, Policy, Was};
use super::{colours, gutter};
use crate::console::editor::{column, syntax};
use crate::console::text::{cells, inert, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::diagnostic::Severity;

/// Draws the pane of the text.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy, draft: &Draft, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    head(pen, area, policy, draft);
    hits.add(Rect { height: 1, ..area }, Message::Focus(Focus::Editor));
    let text = draft.editor.text();
    let (cursor, _) = draft.editor.place();
    let gutter = cells(numbers(text.lines())).min(area.width / 2);
    let mut y = area.y + 1;
    let mut line = draft.editor.view.top;
    while y < area.bottom() && line < text.lines() {
        let row = Rect { y, height: 1, ..area };
        let lit = line == cursor && policy.focus == Focus::Editor;
        if lit {
            pen.style(row, pen.theme.ground(Role::Trace));
        }
        number(pen, row, gutter, draft, line, lit);
        let body = Rect { x: row.x + gutter, width: row.width - gutter, ..row };
        let end = write(pen, body, draft, line);
        beside(pen, body, end, policy, draft, line);
        hits.add_line(body, draft.editor.view.left, move |cell| Message::Point { line, cell });
        if lit {
            put_cursor(pen, body, draft, line, policy.editing);
        }
        y += 1;
        for note in draft.under(line) {
            y = under(pen, Rect { y, height: area.bottom().saturating_sub(y), ..area }, gutter, note);
        }
        line += 1;
    }
    offers(pen, Rect { y: area.y + 1, height: area.height - 1, ..area }, gutter, policy, draft);
}

fn head(pen: &mut Pen<'_>, area: Rect, policy: &Policy, draft: &Draft) {
    let edits = draft.changes().count();
    let count = match edits {
        0 => "as on disk".to_owned(),
        1 => "1 edit".to_owned(),
        many => format!("{many} edits"),
    };
    let (glyph, role, words) = if !draft.loads() {
        (Glyph::Failed, Role::Block, "does not load")
    } else if edits > 0 {
        (Glyph::Draft, Role::Alert, "draft, not in force")
    } else {
        (Glyph::Allow, Role::Muted, "")
    };
    let words = if area.width < 44 && edits > 0 && draft.loads() { "draft" } else { words };
    let mark = (!words.is_empty()).then(|| (format!("{} {words}", pen.theme.glyph(glyph)), role));
    let focus = policy.focus == Focus::Editor;
    heading(pen, area, &Heading { title: &draft.file, mark, count, focus });
}

/// The number of a line, and before it the mark of one that differs from the disk.
fn number(pen: &mut Pen<'_>, row: Rect, gutter: u16, draft: &Draft, line: usize, lit: bool) {
    if draft.changes().was(line).is_some() {
        pen.put(row.x, row.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Alert));
    }
    let style = if lit { pen.theme.bold(Role::Text) } else { pen.theme.ink(Role::Faint) };
    pen.put_right(row.x + 1, row.x + gutter.saturating_sub(2), row.y, &(line + 1).to_string(), style);
}

/// The text of a line, from the first cell in view; the column after it.
fn write(pen: &mut Pen<'_>, area: Rect, draft: &Draft, line: usize) -> u16 {
    let body = draft.editor.text().line(line);
    let start = draft.editor.text().start(line);
    let charset = pen.theme.charset();
    // Of a long line only what is in view is looked at; inert text is at most as many times as long.
    let reach = (draft.editor.view.left + usize::from(area.width) + 1) * 32;
    let body = &body[..body.floor_char_boundary(reach)];
    let mut cell = 0;
    let mut end = area.x;
    for token in syntax::tokens(body) {
        let word = &body[token.range];
        let shown = inert(word, charset);
        let wide = width(&shown);
        let style = colours::style(pen.theme, token.kind, word);
        end = put_from(pen, area, cell, draft.editor.view.left, (&shown, wide), style).max(end);
        cell += wide;
        if cell > draft.editor.view.left + usize::from(area.width) {
            break;
        }
    }
    let place = |range: &Range<usize>| {
        let at = |byte: usize| column(body, byte.saturating_sub(start).min(body.len()), charset);
        let left = draft.editor.view.left;
        let (from, to) = (at(range.start).saturating_sub(left), at(range.end).saturating_sub(left));
        Rect { x: area.x + cells(from), width: cells(to.saturating_sub(from)), ..area }.intersection(area)
    };
    for note in draft.under(line).iter().filter(|note| note.severity == Severity::Error) {
        let style = pen.theme.ink(Role::Block).add_modifier(Modifier::UNDERLINED);
        pen.style(place(&note.range), style);
    }
    // Of a line break that is selected too, a cell behind the line.
    let through = draft.editor.selection().filter(|range| range.start <= start + body.len() && range.end > start);
    if let Some(range) = through {
        let over = u16::from(range.end > start + body.len());
        let shown = place(&range);
        pen.style(Rect { width: shown.width + over, ..shown }.intersection(area), pen.theme.ground(Role::Sel));
    }
    if let Some(finder) = &draft.editor.finder {
        for (range, at_hand) in finder.within(start..start + body.len() + 1) {
            let style = if at_hand { pen.theme.chip(Role::Accent) } else { pen.theme.ground(Role::Sel) };
            pen.style(place(&range), style);
        }
    }
    end
}

/// Puts text that starts at a cell of its line where that cell is drawn, without what lies left of the view.
fn put_from(pen: &mut Pen<'_>, area: Rect, cell: usize, left: usize, (text, wide): (&str, usize), style: Style) -> u16 {
    if cell + wide <= left {
        return area.x;
    }
    if cell >= left {
        let x = area.x.saturating_add(cells(cell - left));
        return pen.put(x, area.y, area.right().saturating_sub(x), text, style);
    }
    let skipped = crate::console::editor::byte(text, left - cell, pen.theme.charset());
    pen.put(area.x, area.y, area.width, &text[skipped..], style)
}

/// What stands right of a line: what it was, or the name of the rule that starts there.
fn beside(pen: &mut Pen<'_>, area: Rect, end: u16, policy: &Policy, draft: &Draft, line: usize) {
    let mut spans = Vec::new();
    match draft.changes().was(line) {
        Some(Was::This(old)) => {
            let (old, new) = value(old, draft.editor.text().line(line));
            if !old.trim().is_empty() && !new {
                spans.push(Span::new(format!("was {}", old.trim()), Role::Alert));
            }
        }
        Some(Was::New) | None => spans = gutter::spans(pen, policy, draft, line),
    }
    let needed = pen.measure(&spans);
    if !spans.is_empty() && end + 2 + needed <= area.right() {
        pen.spans_right(end + 2, area.right(), area.y, &spans);
    }
}

/// The value that a line had; true when it says more than another value.
fn value<'a>(old: &'a str, new: &str) -> (&'a str, bool) {
    let bare = |line: &'a str| line.split_once(" #").map_or(line, |(said, _)| said);
    match (bare(old).split_once(": "), new.split_once(": ")) {
        (Some((key, was)), Some((same, _))) if key == same => (was, false),
        _ => (old, new.trim() == old.trim()),
    }
}

/// Solid while keys go into the text, underlined while it is only looked at.
fn put_cursor(pen: &mut Pen<'_>, area: Rect, draft: &Draft, line: usize, editing: bool) {
    let body = draft.editor.text().line(line);
    let at = column(body, draft.editor.place().1, pen.theme.charset());
    let Some(x) = at.checked_sub(draft.editor.view.left).map(cells).filter(|x| *x < area.width) else { return };
    let place = Rect { x: area.x + x, width: 1, ..area };
    let looking = || pen.theme.bold(Role::Accent).add_modifier(Modifier::UNDERLINED);
    pen.style(place, if editing { pen.theme.chip(Role::Accent) } else { looking() });
}

/// What is said under a line; the row after it.
fn under(pen: &mut Pen<'_>, area: Rect, gutter: u16, note: &Note) -> u16 {
    let (glyph, role) = match note.severity {
        Severity::Error => (Glyph::Failed, Role::Block),
        Severity::Warning => (Glyph::Alert, Role::Alert),
    };
    let rows = said(note, usize::from(area.width), pen.theme.charset());
    let x = area.x + gutter;
    for ((at, (row, what)), y) in rows.iter().enumerate().zip(area.top()..area.bottom()) {
        if at == 0 {
            pen.put(x, y, 1, pen.theme.glyph(glyph), pen.theme.bold(role));
        }
        let style = match (*what, note.severity) {
            (true, Severity::Error) => pen.theme.bold(role),
            (true, Severity::Warning) => pen.theme.ink(role),
            (false, _) => pen.theme.ink(Role::Text),
        };
        pen.put(x + 2, y, area.right().saturating_sub(x + 2), row, style);
    }
    (area.y + cells(rows.len())).min(area.bottom())
}

/// What could be written, under the cursor, or above it where there is no room.
fn offers(pen: &mut Pen<'_>, area: Rect, gutter: u16, policy: &Policy, draft: &Draft) {
    let Some(offers) = &policy.offers else { return };
    let (line, _) = draft.editor.place();
    let text = draft.editor.text();
    let above: usize = (draft.editor.view.top..line)
        .map(|line| {
            1 + draft
                .under(line)
                .iter()
                .map(|note| said(note, usize::from(area.width), pen.theme.charset()).len())
                .sum::<usize>()
        })
        .sum();
    let y = area.y.saturating_add(cells(above));
    // What is said under the line stays in sight.
    let notes: usize =
        draft.under(line).iter().map(|note| said(note, usize::from(area.width), pen.theme.charset()).len()).sum();
    let after = y.saturating_add(1).saturating_add(cells(notes)).min(area.bottom());
    let at = column(text.line(line), offers.range.start - text.start(line), pen.theme.charset());
    let x = area.x + gutter + cells(at.saturating_sub(draft.editor.view.left));
    let name = offers.all.iter().map(|(word, _)| width(word)).max().unwrap_or(0);
    let what = offers.all.iter().map(|(_, what)| width(what)).max().unwrap_or(0);
    let wide = cells(name + what + 4).min(area.width);
    let x = (x.saturating_sub(1)).min(area.right().saturating_sub(wide)).max(area.x);
    let high = cells(offers.all.len());
    let below = area.bottom().saturating_sub(after);
    let top = if high <= below || below >= y.saturating_sub(area.y) { after } else { y.saturating_sub(high) };
    let shown = Rect { x, y: top, width: wide, height: high }.intersection(area);
    pen.clear(shown, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    for ((index, (word, what)), y) in offers.all.iter().enumerate().zip(shown.top()..shown.bottom()) {
        let spans = [Span::new(format!("{word:name$}  "), Role::Text), Span::new(*what, Role::Muted)];
        pen.spans(x + 1, y, wide.saturating_sub(2), &spans);
        if index == offers.at {
            pen.style(Rect { y, height: 1, ..shown }, pen.theme.ground(Role::Sel));
        }
    }
}
