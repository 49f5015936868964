//! The four joined lists: headings, the rows in view, the selected row's thread through them. Only rows in view are ever
//! looked at, however many there are.

use ratatui::layout::Rect;

use crate::console::hits::HitMap;
use crate::console::layout::{GUTTER, Layout};
use crate::console::panes::{decisions, envelopes, plans};
use crate::console::state::{Edge, Fold, Pane, Row, State, Tie};
use crate::console::text::{cells, grouped, width};
use crate::console::theme::{Glyph, Role};
use crate::console::told::Face;
use crate::console::update::Message;
use crate::console::widgets::Pen;
use crate::console::widgets::chip::chip;
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::thread::{Line, thread};

/// A row on its way to the screen.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The cells after the mark of the selection.
    pub area: Rect,
    /// How many lists stand side by side.
    pub fold: Fold,
    /// True on the ground of the selection, on which faint ink never stands.
    pub lit: bool,
}

impl Place {
    /// Ink for what matters least.
    pub fn quiet(&self) -> Role {
        if self.lit { Role::Muted } else { Role::Faint }
    }
}

/// Draws all lists that have a place.
pub fn draw(pen: &mut Pen<'_>, layout: &Layout, state: &State, hits: &mut HitMap) {
    let fold = Fold::of(state.size.0);
    for pane in Pane::ALL {
        let area = layout.lists[pane as usize];
        if !area.is_empty() {
            if let Some(index) = state.selection_in(pane).index() {
                hits.add(Rect { height: 1, ..area }, Message::Select(pane, index));
            }
            head(pen, area, pane, fold, state, hits);
            rows(pen, layout.rows(pane), pane, fold, state, hits);
        }
    }
    let links = state.links();
    let pairs: &[(Pane, Pane, &[Edge])] = match fold {
        Fold::Four => &[
            (Pane::Envelopes, Pane::Plans, &links.threads[0]),
            (Pane::Plans, Pane::Decisions, &links.threads[1]),
            (Pane::Decisions, Pane::Receipts, &links.threads[2]),
        ],
        Fold::Two => &[(Pane::Envelopes, Pane::Decisions, &links.straight)],
        Fold::One => &[],
    };
    let stands = |pane: &Pane| !layout.lists[*pane as usize].is_empty();
    for (left, right, edges) in pairs.iter().filter(|(left, right, _)| stands(left) && stands(right)) {
        join(pen, layout, state, (*left, *right), edges);
    }
}

fn head(pen: &mut Pen<'_>, area: Rect, pane: Pane, fold: Fold, state: &State, hits: &mut HitMap) {
    let focus = state.focus() == pane;
    let title = match (pane, fold) {
        (Pane::Envelopes, Fold::Two) => "Envelopes and plans",
        (Pane::Envelopes, _) => "Envelopes",
        (Pane::Plans, _) => "Plans",
        (Pane::Decisions, _) => "Decisions",
        (Pane::Receipts, _) => "Receipts",
    };
    let down = pen.theme.glyph(Glyph::Down);
    let mut mark = match (state.follows(), state.unseen(pane)) {
        (true, _) => state.ended.then(|| "session ended".to_owned()),
        (false, 0) => focus.then(|| format!("held {down}")),
        (false, new) => Some(format!("{new} new {down}")),
    };
    let filter = state.filter_in(pane);
    let (shown, whole) = (state.list(pane).len(), state.all(pane).len());
    let mut count = grouped(shown);
    if filter.is_some() || shown != whole {
        count = format!("{} of {}", grouped(shown), grouped(whole));
    }
    if filter.is_none() && shown != whole {
        mark = Some("to ack".to_owned());
    }
    if focus && state.looks.zoomed {
        mark = Some(mark.map_or_else(|| "ZOOM".to_owned(), |mark| format!("ZOOM {mark}")));
    }
    let mark = mark.filter(|_| (focus || area.width > 24) && (filter.is_none() || area.width > 60));
    let left = cells(width(title)) + 1 + mark.as_ref().map_or(0, |mark| cells(width(mark)) + 1);
    let right = cells(width(&count)) + 2;
    let mark = mark.map(|mark| (mark, Role::Alert));
    heading(pen, area, &Heading { title, mark, count, focus });
    if let Some(filter) = filter {
        let cross = chip(pen, (area.x + left, area.y), area.right().saturating_sub(right), filter.text());
        hits.add(cross, Message::Unfilter);
    }
}

fn rows(pen: &mut Pen<'_>, area: Rect, pane: Pane, fold: Fold, state: &State, hits: &mut HitMap) {
    let selection = state.selection_in(pane);
    let focus = state.focus() == pane;
    let unread = pen.theme.ink(Role::Faint);
    let visible = state.list(pane).iter().enumerate().skip(selection.top);
    for ((index, row), y) in visible.zip(area.top()..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        hits.add(line, Message::Select(pane, index));
        let lit = focus && selection.index() == Some(index);
        let linked = !focus && state.links().tie(pane, index) == Some(Tie::Linked);
        let place = Place { area: Rect { x: line.x + 1, width: line.width - 1, ..line }, fold, lit };
        if state.lost(row.id()) {
            pen.put(place.area.x, y, place.area.width, "cannot be read back", unread);
        }
        draw_row(pen, pane, state, *row, &place);
        if lit || linked {
            pen.style(line, pen.theme.ground(if lit { Role::Sel } else { Role::Trace }));
            pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
}

fn draw_row(pen: &mut Pen<'_>, pane: Pane, state: &State, row: Row, place: &Place) {
    match pane {
        Pane::Envelopes => envelopes::row(pen, state, row, place),
        Pane::Plans => plans::row(pen, state, row, place),
        Pane::Decisions => decisions::decision(pen, state, row, place),
        Pane::Receipts => decisions::receipt(pen, state, row, place),
    }
}

/// Threads from the rows of one list to those of the next.
fn join(pen: &mut Pen<'_>, layout: &Layout, state: &State, (left, right): (Pane, Pane), edges: &[Edge]) {
    let (from, to) = (layout.rows(left), layout.rows(right));
    let gutter = Rect { x: from.right(), width: GUTTER, ..from };
    let place = |pane: Pane, index: usize| {
        let below = index.checked_sub(state.selection_in(pane).top)?;
        u16::try_from(below).ok().filter(|below| *below < gutter.height).map(|below| gutter.y + below)
    };
    let (mut lines, mut above, mut below) = (Vec::new(), 0, 0);
    for edge in edges {
        let Some(start) = place(left, edge.from) else { continue };
        match place(right, edge.to) {
            Some(end) => lines.push(Line { from: start, to: end, main: edge.tie == Tie::Linked }),
            None if edge.to < state.selection_in(right).top => above += 1,
            None => below += 1,
        }
    }
    if !to.is_empty() {
        thread(pen, gutter, &lines, above, below);
    }
}

/// Glyph and word of a face, the word where asked for, bold where it asks for a person.
pub fn put_face(pen: &mut Pen<'_>, (x, y, wide): (u16, u16, u16), face: Face, word: bool) -> u16 {
    let style = if face.strong { pen.theme.bold(face.role) } else { pen.theme.ink(face.role) };
    let after = pen.put(x, y, wide, pen.theme.glyph(face.glyph), style);
    if !word {
        return after;
    }
    pen.put(after + 1, y, (x + wide).saturating_sub(after + 1), face.word, style)
}
