//! A text cut into lines, as Markdown cuts them: after a line feed, a carriage return, or both.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A text and where its lines begin.
#[derive(Debug, Clone)]
pub struct Lines {
    text: Arc<str>,
    /// The beginning of each line, and the end of the text.
    starts: Vec<usize>,
}

impl Lines {
    /// Cuts a text.
    pub fn of(text: &Arc<str>) -> Self {
        let bytes = text.as_bytes();
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
            .map(|at| at + 1);
        let mut starts: Vec<_> = std::iter::once(0).chain(ends).collect();
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        Self { text: Arc::clone(text), starts }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// A line with its line break; nothing beyond the last.
    pub fn line(&self, at: usize) -> &str {
        self.span(at..at + 1).and_then(|span| self.text.get(span)).unwrap_or_default()
    }

    /// The bytes of some lines.
    pub fn span(&self, lines: Range<usize>) -> Option<Range<usize>> {
        Some(*self.starts.get(lines.start)?..*self.starts.get(lines.end)?)
    }

    /// The line that a byte is in.
    pub fn at(&self, byte: usize) -> usize {
        self.starts[..self.len()].partition_point(|start| *start <= byte).saturating_sub(1)
    }
}

/// Numbers for pieces of text, so that two are compared by one step however long they are.
#[derive(Debug, Default)]
pub struct Numbering<'a> {
    known: HashMap<&'a str, u32>,
}

impl<'a> Numbering<'a> {
    /// The number of a piece; equal pieces have one.
    pub fn of(&mut self, piece: &'a str) -> u32 {
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        *self.known.entry(piece).or_insert(next)
    }
}
