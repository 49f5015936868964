//! The four joined lists: headings, the rows in view, the selected row's thread through them. Only rows in view are ever
//! looked at, however many there are.

use ratatui::layout::Rect;

use super::super::layout::{GUTTER, Layout};
use super::super::{ColumnMode, Edge, ListId, Live, Message, Tie};
use super::row_place::Place;
use super::{decisions, envelopes, plans};
use crate::console::model::Row;
use crate::console::screen::Context;
use crate::console::text::{cells, grouped, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::chip::chip;
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::thread::{Line, thread};
use crate::console::widgets::{HitMap, Pen};

/// Draws all lists that have a place.
pub fn draw(pen: &mut Pen<'_>, layout: &Layout, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let fold = live.columns;
    for list in ListId::ALL {
        let area = layout.lists[list as usize];
        if !area.is_empty() {
            if let Some(index) = live.selection_in(list).index() {
                hits.add(Rect { height: 1, ..area }, Message::Select(list, index));
            }
            head(pen, area, list, live, cx, hits);
            rows(pen, layout.rows(list), list, live, cx, hits);
        }
    }
    let links = live.links();
    let pairs: &[(ListId, ListId, &[Edge])] = match fold {
        ColumnMode::Four => &[
            (ListId::Envelopes, ListId::Plans, &links.threads[0]),
            (ListId::Plans, ListId::Decisions, &links.threads[1]),
            (ListId::Decisions, ListId::Receipts, &links.threads[2]),
        ],
        ColumnMode::Two => &[(ListId::Envelopes, ListId::Decisions, &links.straight)],
        ColumnMode::One => &[],
    };
    let stands = |list: &ListId| !layout.lists[*list as usize].is_empty();
    for (left, right, edges) in pairs.iter().filter(|(left, right, _)| stands(left) && stands(right)) {
        join(pen, layout, live, (*left, *right), edges);
    }
}

fn head(pen: &mut Pen<'_>, area: Rect, list: ListId, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let focus = live.list_has_keys(list);
    let title = match (list, live.columns) {
        (ListId::Envelopes, ColumnMode::Two) => "Envelopes and plans",
        (ListId::Envelopes, _) => "Envelopes",
        (ListId::Plans, _) => "Plans",
        (ListId::Decisions, _) => "Decisions",
        (ListId::Receipts, _) => "Receipts",
    };
    let down = pen.theme.glyph(Glyph::Down);
    let mut mark = match (live.follows(), live.unseen(cx.model, list)) {
        (true, _) => cx.ended.then(|| "session ended".to_owned()),
        (false, 0) => (live.focus() == list).then(|| format!("held {down}")),
        (false, new) => Some(format!("{new} new {down}")),
    };
    let filter = live.query_over(list);
    let (shown, whole) = (live.list(cx.model, list).len(), cx.model.rows(list.list()).len());
    let mut count = grouped(shown);
    if shown != whole {
        count = format!("{} of {}", grouped(shown), grouped(whole));
    }
    if let Some(filter) = filter {
        // Never more than it has looked at: that is what the count is of.
        count = format!("{} of {}", grouped(shown), grouped(filter.looked_at()));
        if let Some(left) = live.still_to_look_at(cx.model) {
            let long = format!("{count}, {left}");
            let roomy = usize::from(area.width) > width(&long) + width(title) + width(filter.text()) + 6;
            count = if roomy { long } else { format!("{count}{}", pen.theme.charset().ellipsis()) };
        }
    }
    if filter.is_none() && shown != whole {
        mark = Some("to ack".to_owned());
    }
    if focus && cx.layout.zoomed {
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

fn rows(pen: &mut Pen<'_>, area: Rect, list: ListId, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let selection = live.selection_in(list);
    let focus = live.focus() == list;
    let unread = pen.theme.ink(Role::Faint);
    let visible = live.list(cx.model, list).iter().enumerate().skip(selection.top);
    for ((index, row), y) in visible.zip(area.top()..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        hits.add(line, Message::Select(list, index));
        let lit = focus && selection.index() == Some(index);
        let linked = !focus && live.links().tie(list, index) == Some(Tie::Linked);
        let place = Place { area: Rect { x: line.x + 1, width: line.width - 1, ..line }, fold: live.columns, lit };
        if cx.model.lost(row.id()) {
            pen.put(place.area.x, y, place.area.width, "cannot be read back", unread);
        }
        draw_row(pen, list, live, cx, *row, &place);
        if lit || linked {
            pen.style(line, pen.theme.ground(if lit { Role::Sel } else { Role::Trace }));
            pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
}

fn draw_row(pen: &mut Pen<'_>, list: ListId, live: &Live, cx: &Context<'_>, row: Row, place: &Place) {
    match list {
        ListId::Envelopes => envelopes::row(pen, cx, row, place),
        ListId::Plans => plans::row(pen, live, cx, row, place),
        ListId::Decisions => decisions::decision(pen, live, cx, row, place),
        ListId::Receipts => decisions::receipt(pen, cx, row, place),
    }
}

/// Threads from the rows of one list to those of the next.
fn join(pen: &mut Pen<'_>, layout: &Layout, live: &Live, (left, right): (ListId, ListId), edges: &[Edge]) {
    let (from, to) = (layout.rows(left), layout.rows(right));
    let gutter = Rect { x: from.right(), width: GUTTER, ..from };
    let place = |list: ListId, index: usize| {
        let below = index.checked_sub(live.selection_in(list).top)?;
        u16::try_from(below).ok().filter(|below| *below < gutter.height).map(|below| gutter.y + below)
    };
    let (mut lines, mut above, mut below) = (Vec::new(), 0, 0);
    for edge in edges {
        let Some(start) = place(left, edge.from) else { continue };
        match place(right, edge.to) {
            Some(end) => lines.push(Line { from: start, to: end, main: edge.tie == Tie::Linked }),
            None if edge.to < live.selection_in(right).top => above += 1,
            None => below += 1,
        }
    }
    if !to.is_empty() {
        thread(pen, gutter, &lines, above, below);
    }
}
