//! A pane's ruled heading: title, state mark, rule, count.

use ratatui::layout::Rect;

use super::{Pen, Span};
use crate::console::text::{cells, inert, width};
use crate::console::theme::{Glyph, Role};

/// What a heading says.
#[derive(Debug, Default)]
pub struct Heading<'a> {
    /// The pane's name.
    pub title: &'a str,
    /// Right after it, in the colour of what it says.
    pub mark: Option<(String, Role)>,
    /// At the right end.
    pub count: String,
    /// True for the pane that has the keys.
    pub focus: bool,
}

/// Draws it over the first row of `area`.
pub fn heading(pen: &mut Pen<'_>, area: Rect, heading: &Heading<'_>) {
    if area.is_empty() {
        return;
    }
    let (y, end) = (area.y, area.right());
    let title = Span::bold(heading.title, if heading.focus { Role::Accent } else { Role::Text });
    let mut x = pen.spans(area.x, y, area.width, &[title]) + 1;
    if let Some((mark, role)) = &heading.mark {
        let style = pen.theme.bold(*role);
        x = pen.put(x, y, end.saturating_sub(x), mark, style) + 1;
    }
    let wide = cells(width(&inert(&heading.count, pen.theme.charset())));
    let mut stop = end;
    if wide > 0 && x + wide + 2 < end {
        let style = pen.theme.ink(Role::Muted);
        stop = pen.put_right(x, end, y, &heading.count, style) - 1;
    }
    let (glyph, role) = if heading.focus { (Glyph::Heavy, Role::Accent) } else { (Glyph::Rule, Role::Rule) };
    let style = pen.theme.ink(role);
    pen.repeat(x, y, stop.saturating_sub(x), glyph, style);
}
