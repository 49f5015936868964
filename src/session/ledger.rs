//! A run's journal on disk, and the projections that follow it: the truth is written and synced first, then the files
//! the documentation names are appended, and only then is anything shown.
//!
//! INVARIANT: an entry is in a [`Batch`] only after its line is in the journal and synced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bus::Batch;
use super::disk::{Disk, FileDisk};
use super::error::Error;
use super::projections::Projections;
use super::store::{RunDir, Store};
use crate::kernel::journal::{Entry, Fact};

/// Bytes of pending entries past which a group is committed.
const GROUP_BYTES: usize = 4 << 20;
/// Pending entries past which a group is committed.
const GROUP_ENTRIES: usize = 4096;
/// How long the first pending entry waits at most, while more come in: slow author code is watched as it works.
const GROUP_AGE: Duration = Duration::from_millis(100);

/// How a ledger writes.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Sync each group to the device. Off only in a benchmark's baseline.
    pub sync: bool,
    /// Write `plans/*.json`.
    pub plan_files: bool,
    /// Keys go to the workspace's persistent `keys.jsonl`.
    pub persistent_keys: bool,
}

/// The open ledger of one run.
pub struct Ledger {
    run: RunDir,
    journal: Box<dyn Disk>,
    projections: Projections,
    options: Options,
    seq: u64,
    pending: Vec<Arc<Entry>>,
    /// When the first of the pending entries came.
    since: Option<Instant>,
    lines: Vec<u8>,
}

impl Ledger {
    /// Starts a run.
    pub fn begin(store: &Store, options: Options) -> Result<Self, Error> {
        let run = store.begin_run()?;
        let journal = FileDisk::open(&run.journal).map_err(Error::disk("open", &run.journal))?;
        let projections = Projections::open(store, options.persistent_keys, options.plan_files)?;
        Ok(Self {
            run,
            journal: Box::new(journal),
            projections,
            options,
            seq: 0,
            pending: Vec::new(),
            since: None,
            lines: Vec::new(),
        })
    }

    /// The run's number.
    pub fn run(&self) -> u32 {
        self.run.number
    }

    /// Adds an entry to the pending group.
    pub fn append(&mut self, at: String, fact: Fact) -> Result<(), Error> {
        self.seq += 1;
        let entry = Entry { seq: self.seq, at, fact };
        serde_json::to_writer(&mut self.lines, &entry)
            .map_err(|error| Error::disk("write", &self.run.journal)(error.into()))?;
        self.lines.push(b'\n');
        self.pending.push(Arc::new(entry));
        self.since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// True when the pending group is large enough to be worth a sync.
    pub fn is_group_full(&self) -> bool {
        let aged = || self.since.is_some_and(|since| since.elapsed() >= GROUP_AGE);
        self.pending.len() >= GROUP_ENTRIES || self.lines.len() >= GROUP_BYTES || aged()
    }

    /// Makes the pending group durable and gives it out; none when nothing is pending.
    pub fn commit(&mut self) -> Result<Option<Batch>, Error> {
        if self.pending.is_empty() {
            return Ok(None);
        }
        self.journal.append(&self.lines).map_err(Error::disk("write", &self.run.journal))?;
        if self.options.sync {
            self.journal.sync().map_err(Error::disk("sync", &self.run.journal))?;
        }
        self.lines.clear();
        self.since = None;
        self.projections.project(&self.pending)?;
        Ok(Some(Batch { run: self.run.number, entries: std::mem::take(&mut self.pending) }))
    }

    /// Ends the run: nothing of it is left to recover.
    pub fn close(mut self) -> Result<Option<Batch>, Error> {
        let batch = self.commit()?;
        if self.options.sync {
            self.projections.sync()?;
        }
        self.run.close()?;
        Ok(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::diagnostic::Diagnostic;
    use crate::session::disk::faulty::FaultyDisk;

    #[test]
    fn a_full_disk_is_an_error_and_nothing_pending_is_given_out() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: true, plan_files: true, persistent_keys: false };
        let disk = FaultyDisk { room: 200, ..FaultyDisk::default() };
        let mut ledger = Ledger { journal: Box::new(disk.clone()), ..Ledger::begin(&store, options).unwrap() };
        let note = || Fact::Noticed(Diagnostic::warning("x".repeat(40)));
        ledger.append(String::new(), note()).unwrap();
        assert_eq!(ledger.commit().unwrap().unwrap().entries.len(), 1);
        let kept = disk.bytes.lock().unwrap().clone();
        ledger.append(String::new(), note()).unwrap();
        ledger.append(String::new(), note()).unwrap();
        let error = ledger.commit().unwrap_err().diagnostic();
        assert!(error.help.unwrap().contains("free some space"));
        assert_eq!(*disk.bytes.lock().unwrap(), kept);
    }
}
