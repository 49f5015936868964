//! One frame: a pure function of the state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::hits::HitMap;
use super::layers::menu::Kind;
use super::layers::{Layer, ask, list, prompt, which_key};
use super::layout::Layout;
use super::panes::{action, flow, footer, header, ladder, lists, policy, strips, why};
use super::state::{Page, State};
use super::theme::Theme;
use super::widgets::Pen;

/// Draws everything and says what a click means.
pub fn draw(state: &State, theme: Theme) -> (Buffer, HitMap) {
    let (columns, rows) = state.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    buffer.set_style(buffer.area, theme.canvas());
    let mut hits = HitMap::default();
    let layout = Layout::of(state);
    let mut pen = Pen { buffer: &mut buffer, theme: &theme };
    header::draw(&mut pen, layout.header, state, &mut hits);
    strips::draw(&mut pen, layout.strips, state, &mut hits);
    why::draw(&mut pen, layout.why, state);
    match state.page {
        Page::Live => {
            flow::draw(&mut pen, layout.flow, state);
            lists::draw(&mut pen, &layout, state, &mut hits);
            action::draw(&mut pen, layout.detail, state);
            ladder::draw(&mut pen, layout.ladder, state, layout.detail.is_empty());
        }
        Page::Policy => policy::draw(&mut pen, state, &mut hits),
    }
    for layer in &state.layers {
        if layer.covers() {
            theme.recede(pen.buffer);
            hits.cover();
        }
        match layer {
            Layer::Detail(detail) => {
                // The answer to what is open stays in its place above it.
                header::draw(&mut pen, layout.header, state, &mut hits);
                why::draw(&mut pen, layout.why, state);
                detail.draw(&mut pen, state, &mut hits);
            }
            Layer::Prompt(typed) => prompt::draw(&mut pen, state, typed),
            Layer::Ask(asked) => ask::draw(&mut pen, state, *asked, &mut hits),
        }
    }
    if let Some(menu) = &state.menu {
        // The themes are seen on what is behind them.
        if menu.kind != Kind::Themes {
            theme.recede(pen.buffer);
        }
        hits.cover();
        list::draw(&mut pen, state, menu, &mut hits);
    }
    if let Some(prefix) = state.prefix {
        which_key::draw(&mut pen, state, prefix, &mut hits);
    }
    footer::draw(&mut pen, layout.footer, state, &mut hits);
    theme.reduce(&mut buffer);
    (buffer, hits)
}
