//! Where the cursor can go: by what looks like one character, by words, by lines, and to a cell that was clicked. It
//! changes nothing.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::text::Text;
use crate::console::text::{Charset, inert, width};

/// A way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// One character.
    Left,
    /// One character.
    Right,
    /// To the start of the word.
    WordLeft,
    /// Behind the word.
    WordRight,
    /// So many lines, in the same column.
    Up(usize),
    /// So many lines, in the same column.
    Down(usize),
    /// To the first thing on the line; from there to its start.
    Home,
    /// To the end of the line.
    End,
    /// To the start of the text.
    First,
    /// To its end.
    Last,
}

/// The boundary before a byte, within the line where there is one, else the end of the line above.
pub fn before(text: &Text, at: usize) -> usize {
    let line = text.line_at(at);
    if at == text.start(line) {
        return if line == 0 { 0 } else { text.end(line - 1) };
    }
    let body = &text.as_str()[text.start(line)..at];
    at - body.graphemes(true).next_back().map_or(0, str::len)
}

/// The boundary after a byte.
pub fn after(text: &Text, at: usize) -> usize {
    let line = text.line_at(at);
    let end = text.end(line);
    if at >= end {
        return if line + 1 < text.lines() { text.start(line + 1) } else { end };
    }
    at + text.as_str()[at..end].graphemes(true).next().map_or(0, str::len)
}

/// The boundary at a byte or before it.
pub fn floor(text: &Text, at: usize) -> usize {
    let at = text.as_str().floor_char_boundary(at);
    let line = text.line_at(at);
    let (start, body) = (text.start(line), text.line(line));
    let inside = (at - start).min(body.len());
    let mut cursor = GraphemeCursor::new(inside, body.len(), true);
    match cursor.is_boundary(body, 0) {
        Ok(true) => start + inside,
        _ => start + cursor.prev_boundary(body, 0).ok().flatten().unwrap_or(0),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The start of the word before a byte.
pub fn word_before(text: &Text, at: usize) -> usize {
    let line = text.line_at(at);
    let start = text.start(line);
    if at == start {
        return before(text, at);
    }
    let body = text.as_str()[start..at].trim_end_matches(|c: char| !is_word(c));
    let word = body.trim_end_matches(is_word);
    floor(text, start + word.len())
}

/// Behind the word after a byte.
pub fn word_after(text: &Text, at: usize) -> usize {
    let end = text.end(text.line_at(at));
    if at >= end {
        return after(text, at);
    }
    let body = text.as_str()[at..end].trim_start_matches(|c: char| !is_word(c));
    let word = body.trim_start_matches(is_word);
    let to = end - word.len();
    let whole = floor(text, to);
    if whole < to { after(text, whole) } else { whole }
}

/// Cells before a byte of a line, once it is inert.
pub fn column(line: &str, at: usize, charset: Charset) -> usize {
    line.get(..at).map_or(0, |before| width(&inert(before, charset)))
}

/// The byte of a line at a cell: of the character that stands there.
pub fn byte(line: &str, column: usize, charset: Charset) -> usize {
    let mut used = 0;
    for (at, grapheme) in line.grapheme_indices(true) {
        used += width(&inert(grapheme, charset));
        if used > column {
            return at;
        }
    }
    line.len()
}
