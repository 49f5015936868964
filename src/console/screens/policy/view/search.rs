//! The line in which it is typed what is looked for, and the one for what replaces it.

use ratatui::layout::Rect;

use super::super::Draft;
use crate::console::editor::Field;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::text_input::TextInput;
use crate::console::widgets::{Pen, Span};

/// Draws both where there is room for both, else the one that is typed in.
pub fn draw(pen: &mut Pen<'_>, area: Rect, draft: &Draft) {
    let Some(finder) = draft.editor.finder.as_ref().filter(|_| !area.is_empty()) else { return };
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    let (at, all) = finder.count();
    let count = match (finder.find.text().is_empty(), all) {
        (true, _) => vec![],
        (false, 0) => vec![Span::bold(format!("{} nothing ", pen.theme.glyph(Glyph::Failed)), Role::Alert)],
        (false, all) => vec![Span::new(format!("{at} of {all} "), Role::Muted)],
    };
    let mut rows = vec![("find", &finder.find, finder.field == Field::Find)];
    if let Some(with) = &finder.with {
        rows.push(("with", with, finder.field == Field::With));
    }
    if area.height == 1 {
        rows.retain(|(.., typed)| *typed);
    }
    for ((name, line, typed), y) in rows.into_iter().zip(area.top()..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        let end = pen.spans_right(row.x + 12, row.right(), y, if name == "find" { &count } else { &[] });
        let x = pen.put(row.x + 1, y, 6, name, pen.theme.bold(if typed { Role::Accent } else { Role::Muted })) + 1;
        field(pen, Rect { x, width: end.saturating_sub(x + 1), ..row }, line, typed);
    }
}

/// What is typed in a line, of which the end before the cursor always shows.
pub fn field(pen: &mut Pen<'_>, area: Rect, line: &TextInput, typed: bool) {
    let (before, after) = line.parts();
    let room = usize::from(area.width.saturating_sub(1));
    let skip = before.chars().count().saturating_sub(room);
    let shown: String = before.chars().skip(skip).collect();
    let ink = pen.theme.ink(Role::Text);
    let at = pen.put(area.x, area.y, area.width.saturating_sub(1), &shown, ink);
    pen.put(at, area.y, area.right().saturating_sub(at), after, ink);
    if typed {
        pen.style(Rect { x: at, width: 1, ..area }, pen.theme.chip(Role::Accent));
    }
}
