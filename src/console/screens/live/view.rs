//! Draws the Live screen: each part into its area, from the state, changing nothing.

mod counters;
mod decisions;
mod envelopes;
mod lists;
mod plans;
mod row_place;
mod rules;

use ratatui::layout::Rect;

use super::layout::Layout;
use super::panes::Pane;
use super::{Live, Message};
use crate::console::screen::Context;
use crate::console::widgets::{HitMap, Pen};

/// Draws all parts that have room.
pub(super) fn draw(pen: &mut Pen<'_>, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let layout = Layout::of(live, cx);
    counters::draw(pen, layout.counters, live, cx, hits);
    lists::draw(pen, &layout, live, cx, hits);
    if live.selected_row(cx.model).is_some() && layout.preview.height > 1 {
        hits.add(Rect { height: 1, ..layout.preview }, Message::Pane(Pane::Action));
        let focus = (live.panes.has_keys(Pane::Action), cx.layout.zoomed);
        live.panes.action.draw(pen, layout.preview, focus, hits, |line| Message::PaneLine(Pane::Action, line));
    }
    rules::draw(pen, layout.rules, live, cx, layout.preview.is_empty(), hits);
}
