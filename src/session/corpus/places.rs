//! Where the rows of a corpus stand in their files: one mark for each 64 rows, from which the row is read again.

use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::line::read;
use super::{Known, Names};
use crate::impact::Row;
use crate::session::state_files;
use crate::workspace::fixtures::{self, Offered};

/// Rows between two marks.
const STRIDE: u32 = 64;

/// Where the rows of one batch stand.
#[derive(Debug, Clone, Default)]
pub struct Places {
    kind: Kind,
    rows: u32,
}

#[derive(Debug, Clone)]
enum Kind {
    /// In the lines of a file.
    Lines { path: Arc<Path>, marks: Vec<Mark> },
    /// In a file that is one JSON text.
    Whole(Arc<Path>),
    /// Answers to envelopes: for each row the fixture, the envelope's line, and which of the answers.
    Fixtures(Vec<(Arc<Path>, u32, u32)>),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Fixtures(Vec::new())
    }
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
    /// The line's text; of a fixture, the envelope's.
    pub text: String,
}

impl Places {
    pub(super) fn in_lines(path: Arc<Path>) -> Self {
        Self { kind: Kind::Lines { path, marks: Vec::new() }, rows: 0 }
    }

    pub(super) fn in_whole(path: Arc<Path>) -> Self {
        Self { kind: Kind::Whole(path), rows: 0 }
    }

    pub(super) fn add(&mut self, offset: u64, line: u64, action: u32) {
        if let Kind::Lines { marks, .. } = &mut self.kind
            && self.rows.is_multiple_of(STRIDE)
        {
            marks.push(Mark { offset, line, action });
        }
        self.rows += 1;
    }

    pub(super) fn add_fixture(&mut self, path: &Arc<Path>, line: u32, action: u32) {
        if let Kind::Fixtures(rows) = &mut self.kind {
            rows.push((Arc::clone(path), line, action));
        }
        self.rows += 1;
    }

    fn find(&self, row: u32, known: &mut Known<'_>) -> io::Result<Option<Found>> {
        if row >= self.rows {
            return Ok(None);
        }
        match &self.kind {
            Kind::Lines { path, marks } => match marks.get((row / STRIDE) as usize) {
                Some(mark) => mark.find(path, row % STRIDE, known),
                None => Ok(None),
            },
            Kind::Whole(path) => {
                let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
                Ok(Some(Found { path: path.to_path_buf(), line: 1, action: row, text }))
            }
            Kind::Fixtures(rows) => Ok(rows.get(row as usize).and_then(|(path, line, action)| {
                let envelopes = fixtures::open(path, "").ok()?;
                let envelope = envelopes.into_iter().find_map(|offered| match offered {
                    Offered::Envelope { envelope, line: at, .. } if at == *line => Some(envelope),
                    _ => None,
                });
                let text = serde_json::to_string(&*envelope?).ok()?;
                Some(Found { path: path.to_path_buf(), line: u64::from(*line), action: *action, text })
            })),
        }
    }
}

impl Mark {
    /// The row so many after this one, counted as they were when they were read.
    fn find(&self, path: &Path, mut passed: u32, known: &mut Known<'_>) -> io::Result<Option<Found>> {
        let mut reader = BufReader::new(state_files::open_named(path)?);
        reader.seek(SeekFrom::Start(self.offset))?;
        let mut first = self.action;
        let mut text = Vec::new();
        for line in self.line.. {
            text.clear();
            if reader.read_until(b'\n', &mut text)? == 0 {
                break;
            }
            let actions = read(super::bare(&text)).and_then(|line| super::actions(line, known));
            let here = u32::try_from(actions.map_or(0, |actions| actions.len())).unwrap_or(u32::MAX);
            let here = here.saturating_sub(first);
            if passed < here {
                let text = String::from_utf8_lossy(super::bare(&text)).into_owned();
                return Ok(Some(Found { path: path.to_path_buf(), line, action: first + passed, text }));
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
