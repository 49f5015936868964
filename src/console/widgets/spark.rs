//! A sparkline: levels as columns of one cell.

use ratatui::style::Modifier;

use super::Pen;
use crate::console::theme::{Role, level};

/// Draws the last of `levels` that fit in `wide` cells.
pub fn spark(pen: &mut Pen<'_>, (x, y, wide): (u16, u16, u16), levels: impl Iterator<Item = usize>, role: Role) {
    let levels: Vec<usize> = levels.collect();
    let skip = levels.len().saturating_sub(usize::from(wide));
    let line: String = levels[skip..].iter().map(|height| level(*height, pen.theme.charset())).collect();
    // Reversed, its columns would be the holes.
    let mut style = pen.theme.ink(role);
    style.add_modifier.remove(Modifier::REVERSED);
    pen.put(x, y, wide, &line, style);
}
