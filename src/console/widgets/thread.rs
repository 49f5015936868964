//! Threads between two lists: right-angled lines in a gutter of three columns, the thread itself over its branches.

use ratatui::layout::Rect;

use super::Pen;
use crate::console::theme::{Glyph, Joint, Role};

/// One line: from a row of the left list to one of the right, both as rows of the screen.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Where it leaves the left list.
    pub from: u16,
    /// Where it reaches the right one.
    pub to: u16,
    /// True for the thread, false for a branch of it.
    pub main: bool,
}

/// Draws lines into a gutter, and how many rows they cannot reach above and below it.
pub fn thread(pen: &mut Pen<'_>, gutter: Rect, lines: &[Line], above: usize, below: usize) {
    for y in gutter.top()..gutter.bottom() {
        let mut joint = Joint::default();
        let (mut role, mut left, mut right) = (Role::Rule, None, None);
        for line in lines.iter().filter(|line| y >= line.from.min(line.to) && y <= line.from.max(line.to)) {
            let ink = if line.main { Role::Accent } else { Role::Rule };
            joint.up |= y > line.from.min(line.to);
            joint.down |= y < line.from.max(line.to);
            if y == line.from {
                joint.left = true;
                left = strongest(left, ink);
            }
            if y == line.to {
                joint.right = true;
                right = strongest(right, ink);
            }
            if line.main {
                role = Role::Accent;
            }
        }
        if joint == Joint::default() {
            continue;
        }
        let across = pen.theme.glyph(Glyph::Rule);
        for (x, ink) in [(gutter.x, left), (gutter.x + 2, right)] {
            if let Some(ink) = ink {
                let style = pen.theme.ink(ink);
                pen.put(x, y, 1, across, style);
            }
        }
        let style = pen.theme.ink(role);
        pen.put(gutter.x + 1, y, 1, joint.symbol(pen.theme.charset()), style);
    }
    let style = pen.theme.bold(Role::Accent);
    for (count, glyph, y) in [(above, Glyph::Up, gutter.top()), (below, Glyph::Down, gutter.bottom().saturating_sub(1))]
    {
        if count > 0 && !gutter.is_empty() {
            let text = format!("{}{}", pen.theme.glyph(glyph), count.min(99));
            pen.put(gutter.x, y, gutter.width, &text, style);
        }
    }
}

fn strongest(before: Option<Role>, ink: Role) -> Option<Role> {
    before.filter(|role| *role == Role::Accent).or(Some(ink))
}
