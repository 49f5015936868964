//! One frame: a pure function of the state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::message::Message;
use super::picker::PickerKind;
use super::{dialog_view, fault_banners, footer, header, picker, summary_line, which_key};
use crate::console::screen::{Context, Cover, Frame};
use crate::console::theme::Theme;
use crate::console::widgets::{HitMap, Pen};

/// Draws everything and says what a click means.
pub fn draw(app: &App, theme: Theme) -> (Buffer, HitMap<Message>) {
    let cx = app.context();
    let (columns, rows) = cx.size;
    let frame = cx.frame();
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    buffer.set_style(buffer.area, theme.canvas());
    let mut hits = HitMap::default();
    let mut pen = Pen { buffer: &mut buffer, theme: &theme };
    header::draw(&mut pen, frame.header, app, &mut hits);
    fault_banners::draw(&mut pen, frame.banners, app, &mut hits);
    summary_line::draw(&mut pen, frame.summary, app, &mut hits);
    screen(&mut pen, app, &cx, &frame, &mut hits);
    if let Some(dialog) = app.screens.dialog(&cx) {
        theme.recede(pen.buffer);
        hits.cover();
        dialog_view::draw(&mut pen, cx.size, &dialog, &mut hits);
    }
    if let Some(open) = &app.picker {
        // The themes are seen on what is behind them.
        if open.kind != PickerKind::Themes {
            theme.recede(pen.buffer);
        }
        hits.cover();
        picker::view::draw(&mut pen, app, open, &mut hits);
    }
    if let Some(prefix) = app.prefix {
        which_key::draw(&mut pen, app, prefix, &mut hits);
    }
    footer::draw(&mut pen, frame.footer, app, &mut hits);
    theme.reduce(&mut buffer);
    (buffer, hits)
}

/// Draws the screen that is shown, and what is open over it.
fn screen(pen: &mut Pen<'_>, app: &App, cx: &Context<'_>, frame: &Frame, hits: &mut HitMap<Message>) {
    let mut own = HitMap::default();
    app.screens.draw(pen, cx, &mut own);
    hits.extend(own, Message::Screen);
    let Some(cover) = app.screens.cover() else { return };
    if cover == Cover::Whole {
        pen.theme.recede(pen.buffer);
        hits.cover();
        // What the selected row says stays in its place above what is open of it.
        header::draw(pen, frame.header, app, hits);
        summary_line::draw(pen, frame.summary, app, hits);
    }
    let mut own = HitMap::default();
    app.screens.draw_cover(pen, cx, &mut own);
    hits.extend(own, Message::Screen);
}
