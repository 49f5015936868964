//! One group onto the disk: the journal first, then the files that follow it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::Entry;
use crate::session::disk::Disk;
use crate::session::error::Error;
use crate::session::projections::Projections;

/// Entries that are written together.
#[derive(Default)]
pub struct Group {
    /// The entries.
    pub entries: Vec<Arc<Entry>>,
    /// Where the line of each begins in the journal.
    pub offsets: Vec<u64>,
    /// Their lines in the journal.
    pub lines: Vec<u8>,
    /// Where in `lines` their receipts stand.
    pub receipts: Vec<Range<usize>>,
}

/// Holds the files of a run.
pub struct Writer {
    path: PathBuf,
    pub(super) journal: Box<dyn Disk>,
    pub(super) projections: Projections,
    sync: bool,
    /// A write failed half way: what is on disk is for recovery to say, and nothing may be written after it.
    broken: bool,
}

impl Writer {
    /// Writes to these from now on.
    pub fn new(path: &Path, journal: Box<dyn Disk>, projections: Projections, sync: bool) -> Self {
        Self { path: path.to_owned(), journal, projections, sync, broken: false }
    }

    /// Makes a group durable. Gives what had to be put right on the way.
    pub fn write(&mut self, group: &Group) -> Result<Vec<Diagnostic>, Error> {
        if std::mem::replace(&mut self.broken, true) {
            let source = io::Error::other("an earlier write of this run failed");
            return Err(Error::disk("go on with", &self.path)(source));
        }
        self.journal.append(&group.lines).map_err(Error::disk("write", &self.path))?;
        if self.sync {
            self.journal.sync().map_err(Error::disk("sync", &self.path))?;
        }
        let receipts = group.receipts.iter().map(|range| &group.lines[range.clone()]);
        let notices = self.projections.project(&group.entries, receipts)?;
        self.broken = false;
        Ok(notices)
    }

    /// Makes the files that follow the journal survive a power cut.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.projections.sync()
    }
}
