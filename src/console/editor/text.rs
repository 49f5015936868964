//! The text of a file and where its lines start. It knows nothing of a cursor; a change of it is one splice.

use std::ops::Range;

/// Text, cut into lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    all: String,
    /// Where each line starts, the first at 0.
    starts: Vec<usize>,
}

impl Default for Text {
    fn default() -> Self {
        Self::new(String::new())
    }
}

fn starts_in(text: &str, from: usize) -> impl Iterator<Item = usize> {
    text.match_indices('\n').map(move |(at, _)| from + at + 1)
}

impl Text {
    /// Cuts a text into lines.
    pub fn new(all: String) -> Self {
        let starts = std::iter::once(0).chain(starts_in(&all, 0)).collect();
        Self { all, starts }
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.all
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// How many lines there are; an empty text has one.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Where a line starts.
    pub fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.all.len())
    }

    /// Where what a line says ends, before its line break.
    pub fn end(&self, line: usize) -> usize {
        let start = self.start(line);
        start + self.line(line).len()
    }

    /// A line, without its line break.
    pub fn line(&self, line: usize) -> &str {
        let end = self.starts.get(line + 1).map_or(self.all.len(), |next| next - 1);
        let whole = &self.all[self.start(line).min(end)..end];
        // Only before a line break is it part of one.
        let broken = line + 1 < self.starts.len();
        if broken { whole.strip_suffix('\r').unwrap_or(whole) } else { whole }
    }

    /// The line a byte is on.
    pub fn line_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// What ends a line of this text.
    pub fn line_break(&self) -> &'static str {
        let first = self.starts.get(1).map_or("", |next| &self.all[..*next]);
        if first.ends_with("\r\n") { "\r\n" } else { "\n" }
    }

    /// Puts `with` in place of a range, and returns what stood there.
    pub fn splice(&mut self, range: Range<usize>, with: &str) -> String {
        let removed = self.all[range.clone()].to_owned();
        self.all.replace_range(range.clone(), with);
        let first = self.starts.partition_point(|start| *start <= range.start);
        let after = self.starts.partition_point(|start| *start <= range.end);
        let tail = self.starts.len() - after;
        self.starts.splice(first..after, starts_in(with, range.start));
        let moved = self.starts.len() - tail;
        for start in &mut self.starts[moved..] {
            *start = *start - range.end + range.start + with.len();
        }
        removed
    }
}
