//! One group onto the disk: the journal first, then the files that follow it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::Entry;
use crate::session::disk::Disk;
use crate::session::error::Error;
use crate::session::journal::seals::Seals;
use crate::session::journal::walk;
use crate::session::projections::{Projections, Sealed};
use crate::session::state_files;

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
    run: u32,
    path: PathBuf,
    pub(super) journal: Box<dyn Disk>,
    pub(super) projections: Projections,
    seals: Seals,
    /// How long the journal is.
    length: u64,
    sync: bool,
    /// A write failed half way: what is on disk is for recovery to say, and nothing may be written after it.
    broken: bool,
}

impl Writer {
    /// Writes to these from now on.
    pub fn new(run: u32, path: &Path, journal: Box<dyn Disk>, projections: Projections, sync: bool) -> Self {
        let seals = Seals::of(run);
        Self { run, path: path.to_owned(), journal, projections, seals, length: 0, sync, broken: false }
    }

    /// Seals a group and makes it durable. Gives what had to be put right on the way.
    pub fn write(&mut self, group: &mut Group) -> Result<Vec<Diagnostic>, Error> {
        if std::mem::replace(&mut self.broken, true) {
            let source = io::Error::other("an earlier write of this run failed");
            return Err(Error::disk("go on with", &self.path)(source));
        }
        self.still_there()?;
        self.projections.may_go_on()?;
        let seal = self.seals.seal(&mut group.lines);
        self.journal.append(&group.lines).map_err(Error::disk("write", &self.path))?;
        if self.sync {
            self.journal.sync().map_err(Error::disk("sync", &self.path))?;
        }
        self.length += group.lines.len() as u64;
        let receipts = group.receipts.iter().map(|range| &group.lines[range.clone()]);
        let sealed = Sealed { run: self.run, end: self.length, seal };
        let notices = self.projections.project(sealed, &group.entries, receipts)?;
        self.broken = false;
        Ok(notices)
    }

    /// The journal is the truth: where somebody took it away or changed it under this run, nothing more is written, and
    /// what was written is put back.
    fn still_there(&mut self) -> Result<(), Error> {
        let held = self.journal.identity().map_err(Error::disk("read", &self.path))?;
        let Some(held) = held else { return Ok(()) };
        let found = state_files::identity(&self.path).map_err(Error::disk("read", &self.path))?;
        if held.length != self.length {
            return Err(changed(self.run, "was changed by somebody else", "what was shown of it may be gone").into());
        }
        if found.is_some_and(|found| found.file == held.file) {
            return Ok(());
        }
        self.journal.put_back(&self.path).map_err(Error::disk("put back", &self.path))?;
        let what = if found.is_some() { "was replaced" } else { "was removed" };
        Err(changed(self.run, what, "it was put back as this run had written it, and anything in its place set aside")
            .into())
    }

    /// Makes the files that follow the journal survive a power cut.
    pub fn sync(&mut self) -> Result<(), Error> {
        self.projections.sync()
    }
}

fn changed(run: u32, what: &str, then: &str) -> Diagnostic {
    Diagnostic::error(format!("the journal of run {run} {what} while it ran: {then}; nothing more is written"))
        .in_file(walk::shown(run))
        .help("start again: what the journal holds is recovered; `fibric receipts verify` says whether all of it holds")
}
