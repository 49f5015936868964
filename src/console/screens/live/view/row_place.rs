//! Where a row of a list is drawn, and the badge that its cells begin or end with.

use ratatui::layout::Rect;

use super::super::ColumnMode;
use crate::console::present::summary::Badge;
use crate::console::theme::Role;
use crate::console::widgets::Pen;

/// A row on its way to the screen.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The cells after the mark of the selection.
    pub area: Rect,
    /// How many lists stand side by side.
    pub fold: ColumnMode,
    /// True on the ground of the selection, on which faint ink never stands.
    pub lit: bool,
}

impl Place {
    /// Ink for what matters least.
    pub fn quiet(&self) -> Role {
        if self.lit { Role::Muted } else { Role::Faint }
    }
}

/// Glyph and word of a badge, the word where asked for, bold where it asks for a person.
pub fn put_badge(pen: &mut Pen<'_>, (x, y, wide): (u16, u16, u16), badge: Badge, word: bool) -> u16 {
    let style = if badge.strong { pen.theme.bold(badge.role) } else { pen.theme.ink(badge.role) };
    let after = pen.put(x, y, wide, pen.theme.glyph(badge.glyph), style);
    if !word {
        return after;
    }
    pen.put(after + 1, y, (x + wide).saturating_sub(after + 1), badge.word, style)
}
