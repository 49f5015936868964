//! The list: every action that reached its end, and everything that fell out of the flow before that.

use ratatui::layout::Rect;

use crate::console::hits::HitMap;
use crate::console::layout::Layout;
use crate::console::state::{Row, State};
use crate::console::text::{cells, grouped, width};
use crate::console::theme::{Glyph, Role};
use crate::console::told::{Face, Told, told};
use crate::console::update::Message;
use crate::console::widgets::Pen;
use crate::console::widgets::chip::chip;
use crate::console::widgets::heading::{Heading, heading};

/// A column: its name, its cells (0: what is left), its gap to the next.
type Column = (Field, &'static str, u16);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// The verdict.
    Face,
    /// The verdict, or the failure after it: where no column tells the outcome.
    Chip,
    Subject,
    Sentence,
    Short,
    Entity,
    Receipt,
    Outcome,
    Mark,
    Operator,
    Event,
    Thread,
}

const FULL: &[Column] = &[
    (Field::Face, "decision", 10),
    (Field::Subject, "what", 20),
    (Field::Sentence, "why", 0),
    (Field::Entity, "entity", 18),
    (Field::Operator, "operator", 14),
    (Field::Event, "event", 18),
    (Field::Thread, "corr", 4),
    (Field::Receipt, "receipt", 8),
    (Field::Outcome, "outcome", 14),
];
const WIDE: &[Column] = &[
    (Field::Face, "decision", 10),
    (Field::Subject, "what", 18),
    (Field::Sentence, "why", 0),
    (Field::Event, "event", 16),
    (Field::Thread, "corr", 4),
    (Field::Receipt, "receipt", 8),
    (Field::Outcome, "outcome", 14),
];
const MIDDLE: &[Column] = &[
    (Field::Face, "decision", 10),
    (Field::Subject, "what", 16),
    (Field::Sentence, "why", 0),
    (Field::Receipt, "receipt", 8),
    (Field::Mark, "", 1),
];
const NARROW: &[Column] = &[(Field::Chip, "decision", 10), (Field::Subject, "what", 0), (Field::Short, "why", 8)];

/// Blank columns between two columns.
const GAP: u16 = 2;
/// Mark of the selection and one blank.
const INDENT: u16 = 2;

/// Draws heading and rows.
pub fn draw(pen: &mut Pen<'_>, layout: &Layout, state: &State, hits: &mut HitMap) {
    let area = layout.list;
    if area.is_empty() {
        return;
    }
    let total = state.rows().len();
    let unseen = state.selection.unseen(total);
    let mark = match (state.selection.follows(), unseen) {
        (true, _) => state.ended.then(|| "session ended".to_owned()),
        (false, 0) => Some(format!("held {}", pen.theme.glyph(Glyph::Down))),
        (false, new) => Some(format!("{new} new {}", pen.theme.glyph(Glyph::Down))),
    };
    let mark = match (state.looks.zoomed, mark) {
        (true, Some(mark)) => Some(format!("ZOOM {mark}")),
        (true, None) => Some("ZOOM".to_owned()),
        (false, mark) => mark,
    };
    let count = match state.filter() {
        Some(_) => format!("{} of {}", grouped(total), grouped(state.all_rows().len())),
        None => grouped(total),
    };
    let title = "Decisions";
    let left = cells(width(title)) + 1 + mark.as_ref().map_or(0, |mark| cells(width(mark)) + 1);
    let right = cells(width(&count)) + 2;
    heading(pen, area, &Heading { title, mark, count, focus: true });
    if let Some(filter) = state.filter() {
        let cross = chip(pen, (area.x + left, area.y), area.right().saturating_sub(right), filter.text());
        hits.add(cross, Message::Unfilter);
    }
    let columns = match area.width {
        150.. => FULL,
        108.. => WIDE,
        58.. => MIDDLE,
        _ => NARROW,
    };
    let rows = layout.rows();
    if layout.names_columns() {
        let style = pen.theme.ink(Role::Faint);
        each(columns, area.width, |column, x, wide| {
            pen.put(area.x + x, area.y + 1, wide, column.1, style);
        });
    }
    let cause = state.selected().and_then(|row| state.arrival(row));
    let visible = state.rows().iter().enumerate().skip(state.selection.top);
    for ((index, row), y) in visible.zip(rows.top()..rows.bottom()) {
        let line = Rect { y, height: 1, ..rows };
        hits.add(line, Message::Select(index));
        let selected = state.selection.index() == Some(index);
        let linked = !selected && cause.is_some() && state.arrival(*row) == cause;
        draw_row(pen, line, columns, state, *row, (selected, linked));
    }
}

fn draw_row(pen: &mut Pen<'_>, line: Rect, columns: &[Column], state: &State, row: Row, lit: (bool, bool)) {
    let Some(told) = told(state, row) else { return };
    let (selected, linked) = lit;
    // What never became an action has nothing in the columns after its sentence: the sentence takes their room.
    let mut full = false;
    each(columns, line.width, |column, x, wide| {
        if !full {
            full = column.0 == Field::Sentence && told.receipt.is_none();
            let wide = if full { line.width - x } else { wide };
            draw_field(pen, (line.x + x, line.y, wide), column.0, &told, selected);
        }
    });
    if selected || linked {
        pen.style(line, pen.theme.ground(if selected { Role::Sel } else { Role::Trace }));
        pen.put(line.x, line.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
    }
}

fn draw_field(pen: &mut Pen<'_>, (x, y, wide): (u16, u16, u16), field: Field, told: &Told<'_>, selected: bool) {
    // Faint never stands on the selection.
    let quiet = pen.theme.ink(if selected { Role::Muted } else { Role::Faint });
    let muted = pen.theme.ink(Role::Muted);
    match field {
        Field::Face => put_face(pen, (x, y, wide), told.face, true),
        Field::Chip => put_face(pen, (x, y, wide), told.chip(), true),
        Field::Subject => {
            pen.put(x, y, wide, &told.subject, pen.theme.ink(Role::Text));
        }
        Field::Sentence => {
            pen.put(x, y, wide, told.sentence_in(wide), muted);
        }
        Field::Short => {
            pen.put_right(x, x + wide, y, &told.short, muted);
        }
        Field::Entity => {
            pen.put(x, y, wide, told.entity, quiet);
        }
        Field::Operator => {
            pen.put(x, y, wide, told.operator, muted);
        }
        Field::Event => {
            pen.put(x, y, wide, told.event, muted);
        }
        Field::Thread => {
            pen.put(x, y, wide, told.thread(), quiet);
        }
        Field::Receipt => {
            if let Some((id, _)) = told.receipt {
                pen.put(x, y, wide, id, muted);
            }
        }
        Field::Outcome | Field::Mark => {
            if let Some((_, outcome)) = told.receipt {
                put_face(pen, (x, y, wide), outcome, field == Field::Outcome);
            }
        }
    }
}

fn put_face(pen: &mut Pen<'_>, (x, y, wide): (u16, u16, u16), face: Face, word: bool) {
    let style = if face.strong { pen.theme.bold(face.role) } else { pen.theme.ink(face.role) };
    let after = pen.put(x, y, wide, pen.theme.glyph(face.glyph), style);
    if word {
        pen.put(after + 1, y, (x + wide).saturating_sub(after + 1), face.word, style);
    }
}

/// Calls `put` with the place of each column that has one.
fn each(columns: &[Column], width: u16, mut put: impl FnMut(&Column, u16, u16)) {
    let gaps = GAP * u16::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    let fixed: u16 = columns.iter().map(|(_, _, wide)| wide).sum();
    let left = width.saturating_sub(INDENT + gaps + fixed);
    let mut x = INDENT;
    for column in columns {
        let wide = if column.2 == 0 { left } else { column.2 };
        if x + wide <= width {
            put(column, x, wide);
        }
        x += wide + GAP;
    }
}
