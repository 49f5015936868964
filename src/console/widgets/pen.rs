//! The one way text gets into the buffer: made inert, cut to its place, in a role's colour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::text::{cells, fit, inert, width};
use crate::console::theme::{Glyph, Role, Theme};

/// Text in a role's colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What.
    pub text: String,
    /// In which colour.
    pub role: Role,
    /// Whether bold.
    pub bold: bool,
}

impl Span {
    /// Plain.
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role, bold: false }
    }

    /// Bold.
    pub fn bold(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role, bold: true }
    }
}

/// Writes into a buffer with a theme.
#[derive(Debug)]
pub struct Pen<'a> {
    /// The frame.
    pub buffer: &'a mut Buffer,
    /// The colours.
    pub theme: &'a Theme,
}

impl Pen<'_> {
    /// Puts text at a place, at most `max` cells of it, and returns the column after it.
    pub fn put(&mut self, x: u16, y: u16, max: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        let max = max.min(area.right().saturating_sub(x));
        if max == 0 || y < area.top() || y >= area.bottom() || x < area.left() {
            return x;
        }
        let text = fit(text, usize::from(max), self.theme.charset());
        let (end, _) = self.buffer.set_stringn(x, y, &text, usize::from(max), style);
        // The second cell of a wide character is reset by the buffer, ground included.
        self.buffer.set_style(Rect::new(x, y, end - x, 1), style);
        end
    }

    /// Puts text so that it ends before column `end`, starting not before `from`; returns the column it starts at.
    pub fn put_right(&mut self, from: u16, end: u16, y: u16, text: &str, style: Style) -> u16 {
        let room = end.saturating_sub(from);
        let text = fit(text, usize::from(room), self.theme.charset());
        let x = end - cells(width(&text)).min(room);
        self.put(x, y, room, &text, style);
        x
    }

    /// Puts a line of spans, at most `max` cells.
    pub fn spans(&mut self, x: u16, y: u16, max: u16, spans: &[Span]) -> u16 {
        let end = x.saturating_add(max);
        let mut at = x;
        for span in spans {
            let style = if span.bold { self.theme.bold(span.role) } else { self.theme.ink(span.role) };
            at = self.put(at, y, end.saturating_sub(at), &span.text, style);
        }
        at
    }

    /// The same, ending before column `end`; where all do not fit between `from` and there, spans are left out whole, the
    /// first ones first. Returns the column it starts at.
    pub fn spans_right(&mut self, from: u16, end: u16, y: u16, mut spans: &[Span]) -> u16 {
        while let Some((_, rest)) = spans.split_first()
            && self.measure(spans) > end.saturating_sub(from)
        {
            spans = rest;
        }
        let x = end.saturating_sub(self.measure(spans));
        if !spans.is_empty() {
            self.spans(x, y, end - x, spans);
        }
        x
    }

    /// Cells a line of spans takes.
    pub fn measure(&self, spans: &[Span]) -> u16 {
        cells(spans.iter().map(|span| width(&inert(&span.text, self.theme.charset()))).sum())
    }

    /// Styles a part of a row or more without touching what is written.
    pub fn style(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Repeats a one-cell glyph over `count` columns.
    pub fn repeat(&mut self, x: u16, y: u16, count: u16, glyph: Glyph, style: Style) {
        let symbol = self.theme.glyph(glyph);
        for column in x..x.saturating_add(count) {
            self.put(column, y, 1, symbol, style);
        }
    }

    /// Blanks an area and lays a ground.
    pub fn clear(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }
}
