//! The bytes that make one frame of another. Where a row holds text about whose width the terminal may disagree, the row
//! is erased and written whole, the cursor placed after each such cluster: whatever the terminal made of it, nothing of
//! it outlives the next change of that row.

use std::io;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::terminal::{Clear, ClearType};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell};

use crate::console::text::{has_agreed_width, width};

/// A cell and where it stands.
type Placed<'a> = (u16, u16, &'a Cell);

/// What to write on a terminal that shows `old` so that it shows `new`; both are of the same size.
pub fn bytes(old: &Buffer, new: &Buffer) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let changed = old.diff(new);
    let mut plain: Vec<Placed<'_>> = Vec::new();
    let mut doubtful = Vec::new();
    for row in changed.chunk_by(|(_, one, _), (_, two, _)| one == two) {
        let y = row[0].1;
        if is_doubtful(old, y) || is_doubtful(new, y) {
            doubtful.push(y);
        } else {
            plain.extend_from_slice(row);
        }
    }
    draw(&plain, &mut bytes)?;
    for y in doubtful {
        rewrite(new, y, &mut bytes)?;
    }
    Ok(bytes)
}

fn draw(cells: &[Placed<'_>], bytes: &mut Vec<u8>) -> io::Result<()> {
    if cells.is_empty() { Ok(()) } else { CrosstermBackend::new(bytes).draw(cells.iter().copied()) }
}

fn row(frame: &Buffer, y: u16) -> impl Iterator<Item = Placed<'_>> {
    let mut after = frame.area.left();
    (frame.area.left()..frame.area.right()).filter_map(move |x| {
        // The second cell of a wide cluster is part of it.
        let cell = frame.cell((x, y)).filter(|_| x >= after)?;
        after = x.saturating_add(u16::try_from(width(cell.symbol())).unwrap_or(1).max(1));
        Some((x, y, cell))
    })
}

fn is_doubtful(frame: &Buffer, y: u16) -> bool {
    row(frame, y).any(|(.., cell)| !has_agreed_width(cell.symbol()))
}

fn rewrite(frame: &Buffer, y: u16, bytes: &mut Vec<u8>) -> io::Result<()> {
    queue!(bytes, MoveTo(0, y), Clear(ClearType::UntilNewLine))?;
    let cells: Vec<_> = row(frame, y).collect();
    // Each part is placed on its own.
    cells.split_inclusive(|(.., cell)| !has_agreed_width(cell.symbol())).try_for_each(|part| draw(part, bytes))
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn frame(lines: &[&str]) -> Buffer {
        let mut frame = Buffer::empty(Rect::new(0, 0, 20, u16::try_from(lines.len()).unwrap()));
        for (y, line) in (0..).zip(lines) {
            frame.set_string(0, y, line, Style::new());
        }
        frame
    }

    fn said(old: &Buffer, new: &Buffer) -> String {
        String::from_utf8(bytes(old, new).unwrap()).unwrap()
    }

    #[test]
    fn a_frame_that_is_the_same_writes_nothing_and_a_cell_only_itself() {
        let before = frame(&["order.refund 1", "x"]);
        assert_eq!(said(&before, &before), "");
        let after = said(&before, &frame(&["order.refund 2", "x"]));
        assert!(after.starts_with("\x1b[1;14H2") && !after.contains("order"), "{after:?}");
    }

    #[test]
    fn a_row_of_doubtful_width_is_erased_and_written_whole_each_time() {
        let plain = frame(&["one two", "x"]);
        let doubtful = frame(&["ab \u{915}\u{94d}\u{937} two", "x"]);
        for (old, new, text) in [(&plain, &doubtful, "two"), (&doubtful, &plain, "one two")] {
            let bytes = said(old, new);
            assert!(bytes.contains("\x1b[1;1H\x1b[K"), "{bytes:?}");
            assert!(bytes.contains(text), "{bytes:?}");
        }
        // What follows is placed, wherever the terminal's cursor is by then.
        let at = width("ab \u{915}\u{94d}\u{937}") + 1;
        assert!(said(&plain, &doubtful).contains(&format!("\x1b[1;{at}H two")), "{:?}", said(&plain, &doubtful));
    }

    /// A terminal that takes every cluster for as wide as it likes shows nothing of it once the row has changed.
    #[test]
    fn whatever_width_the_terminal_gives_a_cluster_nothing_of_it_stays() {
        for cluster in ["\u{915}\u{94d}\u{937}", "\u{1100}\u{1161}", "\u{1f1e9}\u{1f1ea}", "\u{644}\u{627}", "\u{a500}"]
        {
            let with = frame(&[&format!("a{cluster}b c"), "next"]);
            let without = frame(&["abc d", "next"]);
            let mut terminal = vt100::Parser::new(2.try_into().unwrap(), 20.try_into().unwrap(), 0);
            terminal.process(&bytes(&Buffer::empty(with.area), &with).unwrap());
            terminal.process(&bytes(&with, &without).unwrap());
            let rows: Vec<_> = terminal.screen().rows(0, 20).map(|row| row.trim_end().to_owned()).collect();
            assert_eq!(rows, ["abc d", "next"], "{cluster:?}");
        }
    }
}
