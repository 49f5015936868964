//! One frame: a pure function of the state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::hits::HitMap;
use super::keys::Keymap;
use super::layers::{Layer, detail, help, prompt};
use super::layout::Layout;
use super::panes::{decisions, flow, footer, header, receipt, stages, strips, why};
use super::state::State;
use super::theme::Theme;
use super::widgets::Pen;

/// Draws everything and says what a click means.
pub fn draw(state: &State, theme: Theme, keymap: &Keymap) -> (Buffer, HitMap) {
    let (columns, rows) = state.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    buffer.set_style(buffer.area, theme.canvas());
    let mut hits = HitMap::default();
    let layout = Layout::of(state);
    let mut pen = Pen { buffer: &mut buffer, theme: &theme };
    header::draw(&mut pen, layout.header, state, &mut hits);
    strips::draw(&mut pen, layout.strips, state, &mut hits);
    why::draw(&mut pen, layout.why, state);
    flow::draw(&mut pen, layout.flow, state);
    decisions::draw(&mut pen, &layout, state, &mut hits);
    receipt::draw(&mut pen, layout.detail, state);
    stages::draw(&mut pen, layout.stages, state);
    for layer in &state.layers {
        if layer.covers() {
            theme.recede(pen.buffer);
            hits.cover();
        }
        match layer {
            Layer::Detail(scroll) => {
                // The answer to what is open stays in its place above it.
                header::draw(&mut pen, layout.header, state, &mut hits);
                why::draw(&mut pen, layout.why, state);
                detail::draw(&mut pen, state, *scroll);
            }
            Layer::Help(scroll) => help::draw(&mut pen, state, keymap, *scroll),
            Layer::Prompt(typed) => prompt::draw(&mut pen, state, typed),
        }
    }
    footer::draw(&mut pen, layout.footer, state, keymap, &mut hits);
    theme.reduce(&mut buffer);
    (buffer, hits)
}
