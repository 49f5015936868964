//! Which lines of a list have room. What has none is counted, on a line of its own where there are three.

use std::ops::Range;

use ratatui::layout::Rect;

use super::Pen;
use crate::console::theme::Role;

/// Lines in view, and how many there are beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Lines before them.
    pub above: usize,
    /// Those in view.
    pub lines: Range<usize>,
    /// Lines after them.
    pub below: usize,
    /// True where a line says how many there are beyond.
    pub says: bool,
}

impl Window {
    /// The lines of `total` that show in `room`, around one of them. A line is given up at an end that is cut, to say so.
    pub fn around(line: usize, total: usize, room: usize) -> Self {
        let start = if total <= room { 0 } else { line.saturating_sub(room / 2).min(total - room) };
        let end = total.min(start + room);
        let says = room >= 3;
        let above = if start > 0 && says { start + 1 } else { start };
        let below = if end < total && says { total - end + 1 } else { total - end };
        Self { above, lines: above..total - below, below, says }
    }
}

/// `… 3 more`.
pub fn more(pen: &mut Pen<'_>, line: Rect, count: usize) {
    let words = format!("{} {count} more", pen.theme.charset().ellipsis());
    pen.put(line.x, line.y, line.width, &words, pen.theme.ink(Role::Muted));
}

/// Hands out the rows of a height: to each part what it needs at least, then what is left to those that are cut, in turn;
/// what nobody lacks goes to the first. Each part is given as least and most rows.
pub fn share(height: u16, parts: &[(u16, u16)]) -> Vec<u16> {
    let mut rows: Vec<u16> = parts.iter().map(|(least, _)| *least).collect();
    let mut left = i32::from(height) - rows.iter().map(|rows| i32::from(*rows)).sum::<i32>();
    while left < 0
        && let Some(largest) = (0..rows.len()).filter(|at| rows[*at] > 0).max_by_key(|at| rows[*at])
    {
        rows[largest] -= 1;
        left += 1;
    }
    while left > 0 && rows.iter().zip(parts).any(|(rows, (_, most))| rows < most) {
        for (rows, (_, most)) in rows.iter_mut().zip(parts) {
            if left > 0 && *rows < *most {
                *rows += 1;
                left -= 1;
            }
        }
    }
    if let Some(first) = rows.first_mut() {
        *first += u16::try_from(left).unwrap_or(0);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_counted_and_the_line_in_hand_shows() {
        for total in 0..30 {
            for room in 1..12 {
                for line in 0..total.max(1) {
                    let window = Window::around(line, total, room);
                    assert_eq!(window.above + window.lines.len() + window.below, total);
                    let marks = usize::from(window.above > 0) + usize::from(window.below > 0);
                    let used = window.lines.len() + if window.says { marks } else { 0 };
                    assert!(used <= room, "{total} {room} {line}: {window:?}");
                    assert!(total == 0 || window.lines.contains(&line), "{total} {room} {line}: {window:?}");
                }
            }
        }
    }

    #[test]
    fn rows_go_to_what_is_cut() {
        assert_eq!(share(30, &[(5, 5), (6, 12), (4, 9)]), [9, 12, 9]);
        assert_eq!(share(20, &[(5, 30), (6, 12), (4, 4)]), [8, 8, 4]);
        assert_eq!(share(10, &[(5, 5), (6, 6)]), [5, 5]);
        assert_eq!(share(0, &[(5, 5), (6, 6)]), [0, 0]);
        for height in 0..60 {
            let rows = share(height, &[(5, 9), (6, 40), (4, 7), (4, 6)]);
            assert_eq!(rows.iter().sum::<u16>(), height);
        }
    }
}
