//! Which part of the Policy screen is whose, from the size and the focus alone.

use ratatui::layout::Rect;

use super::{Focus, Note, Policy, flips_in_view};
use crate::console::screen::Context;
use crate::console::text::{Charset, wrap};
use crate::console::widgets::window::share;

/// The parts; one that has no room is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// The text with its heading.
    pub file: Rect,
    /// Where the cursor is and what is wrong; the search while it is open.
    pub status: Rect,
    /// What the draft would change.
    pub impact: Rect,
    /// The rules on one action.
    pub ladder: Rect,
    /// What no fixture tests.
    pub untested: Rect,
    /// How values are spread.
    pub values: Rect,
}

/// Columns from which text and panes stand side by side.
pub const BESIDE: u16 = 96;
/// Columns between them.
const GUTTER: u16 = 3;

impl Layout {
    /// The layout for where a person is.
    pub fn of(policy: &Policy, cx: &Context<'_>) -> Self {
        let frame = cx.frame();
        let (columns, rows) = cx.size;
        let mut layout = Self::default();
        if frame.footer.is_empty() {
            return layout;
        }
        let padded = frame.padded_body();
        let body = Rect { height: padded.height.saturating_sub(u16::from(rows >= 30)), ..padded };
        let focus = policy.focus;
        if columns >= BESIDE {
            let left = (body.width - GUTTER) * 57 / 115;
            layout.file = Rect { width: left, ..body };
            let x = body.x + left + GUTTER;
            layout.sides(Rect { x, width: body.right() - x, ..body }, policy);
        } else if focus == Focus::Editor {
            layout.file = body;
        } else {
            layout.sides(body, policy);
        }
        if !layout.file.is_empty() {
            let status = match layout.file.height {
                24.. => 2,
                6.. => 1,
                _ => 0,
            };
            let gap = u16::from(layout.file.height >= 16);
            layout.file.height -= status + gap;
            layout.status = Rect { y: layout.file.bottom() + gap, height: status, ..layout.file };
        }
        layout
    }

    /// The panes above each other; where there is no room for all, the one in focus.
    fn sides(&mut self, area: Rect, policy: &Policy) {
        let rungs = policy.ladder.as_ref().map_or(0, |ladder| ladder.steps.len());
        let form_rows = if policy.form.is_some() { 4 } else { 0 };
        let wanted = u16::try_from(rungs + 4 + usize::from(form_rows)).unwrap_or(u16::MAX).max(6);
        if area.height < 14 {
            match policy.focus {
                Focus::Ladder => self.ladder = area,
                Focus::Untested => self.untested = area,
                Focus::Editor | Focus::Impact => self.impact = area,
            }
            return;
        }
        let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX / 8).min(u16::MAX / 8);
        let untested = area.height >= 28 || policy.focus == Focus::Untested;
        let values = area.height >= 32 && policy.ceilings.is_some();
        let survivors = rows(policy.record.coverage.survivors.len().max(1) + 1);
        // What is cut gets the rows that are left; a pane without room is not there.
        let mut parts = vec![(6, rows(flips_in_view::wanted(policy) + 2).max(6)), (wanted.min(7 + form_rows), wanted)];
        if untested {
            parts.push((survivors.min(4), survivors));
        }
        if values {
            parts.push((4, 6));
        }
        let gaps = rows(parts.len() - 1);
        let mut y = area.y;
        let mut places = share(area.height.saturating_sub(gaps), &parts).into_iter().map(|height| {
            let place = Rect { y, height, ..area };
            y = place.bottom() + 1;
            place
        });
        let mut next = |there: bool| if there { places.next().unwrap_or_default() } else { Rect::default() };
        self.impact = next(true);
        self.ladder = next(true);
        self.untested = next(untested);
        self.values = next(values);
    }

    /// Where the lines of the text go.
    pub fn text(&self) -> Rect {
        let taken = self.file.height.min(1);
        Rect { y: self.file.y + taken, height: self.file.height - taken, ..self.file }
    }
}

/// Cells before the text: the mark of a change, the number, two blanks.
pub fn numbers(lines: usize) -> usize {
    lines.to_string().len().max(3) + 3
}

/// Rows a note takes under its line.
pub fn rows_of(note: &Note, width: usize, charset: Charset) -> usize {
    said(note, width, charset).len()
}

/// The rows of a note: what is wrong, then what to do.
pub fn said(note: &Note, width: usize, charset: Charset) -> Vec<(String, bool)> {
    let room = width.saturating_sub(numbers(0) + 2).max(8);
    let mut rows: Vec<_> = wrap(&note.text, room, 3, charset).into_iter().map(|row| (row, true)).collect();
    if let Some(help) = &note.help {
        rows.extend(wrap(help, room, 2, charset).into_iter().map(|row| (row, false)));
    }
    rows
}
