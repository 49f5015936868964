//! Where the rows of a corpus stand in their files: one mark for each 64 rows, from which the row is read again.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::line::read;
use super::{Known, Names};
use crate::impact::Row;

/// Rows between two marks.
const STRIDE: u32 = 64;

/// Where the rows of one batch stand.
#[derive(Debug, Clone)]
pub struct Places {
    path: Arc<Path>,
    marks: Vec<Mark>,
    rows: u32,
    /// True for a file that is one JSON text, with no lines to find a row by.
    whole: bool,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Where the line begins.
    offset: u64,
    /// Its number, from 1.
    line: u64,
    /// Which of the line's actions.
    action: u32,
}

/// Every batch a corpus was made of.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    batches: Vec<(Row, Places)>,
}

/// A row found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// Which of the line's actions, from 0.
    pub action: u32,
    /// The line's text.
    pub text: String,
}

impl Places {
    pub(super) fn new(path: Arc<Path>) -> Self {
        Self { path, marks: Vec::new(), rows: 0, whole: false }
    }

    pub(super) fn is_whole(&mut self) {
        self.whole = true;
    }

    pub(super) fn add(&mut self, offset: u64, line: u64, action: u32) {
        if self.rows.is_multiple_of(STRIDE) {
            self.marks.push(Mark { offset, line, action });
        }
        self.rows += 1;
    }

    fn find(&self, row: u32, known: &mut Known<'_>) -> io::Result<Option<Found>> {
        let found = |line, action, text: &[u8]| {
            let text = String::from_utf8_lossy(super::bare(text)).into_owned();
            Ok(Some(Found { path: self.path.to_path_buf(), line, action, text }))
        };
        if self.whole {
            return found(1, row, &std::fs::read(&self.path)?);
        }
        let Some(mark) = self.marks.get((row / STRIDE) as usize).filter(|_| row < self.rows) else { return Ok(None) };
        let mut reader = BufReader::new(File::open(&self.path)?);
        reader.seek(SeekFrom::Start(mark.offset))?;
        let (mut passed, mut first) = (row % STRIDE, mark.action);
        let mut text = Vec::new();
        for line in mark.line.. {
            text.clear();
            if reader.read_until(b'\n', &mut text)? == 0 {
                break;
            }
            let actions = read(super::bare(&text)).and_then(|line| super::actions(line, known));
            let here = u32::try_from(actions.map_or(0, |actions| actions.len())).unwrap_or(u32::MAX);
            let here = here.saturating_sub(first);
            if passed < here {
                return found(line, first + passed, &text);
            }
            passed -= here;
            first = 0;
        }
        Ok(None)
    }
}

impl Sources {
    /// Notes where the rows of a batch stand that the corpus numbers from `first` on.
    pub fn add(&mut self, first: Row, places: Places) {
        self.batches.push((first, places));
    }

    /// Reads a row again; `None` where it came from no file, or is no longer there.
    pub fn find(&self, row: Row, names: &dyn Names) -> io::Result<Option<Found>> {
        let after = self.batches.partition_point(|(first, _)| *first <= row);
        let Some((first, places)) = after.checked_sub(1).map(|at| &self.batches[at]) else { return Ok(None) };
        places.find(row - first, &mut Known::new(names))
    }
}
