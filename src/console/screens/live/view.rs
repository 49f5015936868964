//! Draws the Live screen: each part into its area, from the state, changing nothing.

mod counters;
mod decisions;
mod envelopes;
mod lists;
mod plans;
mod preview;
mod row_place;
mod rules;

use super::layout::Layout;
use super::{Live, Message};
use crate::console::screen::Context;
use crate::console::widgets::{HitMap, Pen};

/// Draws all parts that have room.
pub(super) fn draw(pen: &mut Pen<'_>, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let layout = Layout::of(live, cx);
    counters::draw(pen, layout.counters, live, cx, hits);
    lists::draw(pen, &layout, live, cx, hits);
    preview::draw(pen, layout.preview, live, cx);
    rules::draw(pen, layout.rules, live, cx, layout.preview.is_empty());
}
