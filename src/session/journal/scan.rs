//! Reading journals back: each entry in turn, with what could not be read told apart from the end.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::kernel::journal::Entry;
use crate::session::state_files::{self, Access};

/// Streams a journal.
pub struct History<R> {
    reader: R,
    line: Vec<u8>,
    number: u64,
}

/// One line of a journal.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// An entry.
    Entry(Box<Entry>),
    /// A whole line that is no entry.
    Damaged {
        /// Its number, from 1.
        number: u64,
        /// Why it is none.
        reason: String,
    },
    /// The last line, not ended: a crash in the middle of a write.
    Torn {
        /// Where it starts.
        offset_from_end: u64,
    },
}

impl History<BufReader<File>> {
    /// Opens a journal file.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        state_files::open(path, Access::Read).map(|file| Self::new(BufReader::with_capacity(1 << 18, file)))
    }
}

impl<R: BufRead> History<R> {
    /// Reads a journal's text.
    pub fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), number: 0 }
    }

    /// Only the entries; damaged and torn lines are passed over.
    pub fn entries(self) -> impl Iterator<Item = Entry> {
        self.filter_map(|line| match line {
            Line::Entry(entry) => Some(*entry),
            Line::Damaged { .. } | Line::Torn { .. } => None,
        })
    }
}

impl<R: BufRead> Iterator for History<R> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        self.line.clear();
        let read = match self.reader.read_until(b'\n', &mut self.line) {
            Ok(0) | Err(_) => return None,
            Ok(read) => read,
        };
        self.number += 1;
        if self.line.last() != Some(&b'\n') {
            return Some(Line::Torn { offset_from_end: read as u64 });
        }
        Some(match serde_json::from_slice(&self.line) {
            Ok(entry) => Line::Entry(Box::new(entry)),
            Err(error) => Line::Damaged { number: self.number, reason: error.to_string() },
        })
    }
}
