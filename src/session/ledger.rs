//! A run's journal on disk, and the projections that follow it: the truth is written and synced first, then the files
//! the documentation names are appended, and only then is anything shown.
//!
//! INVARIANT: an entry is in a [`Batch`] only after its line is in the journal and synced.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bus::Batch;
use super::disk::{Disk, FileDisk};
use super::error::Error;
use super::projections::Projections;
use super::store::{RunDir, Store};
use crate::kernel::diagnostic::Diagnostic;
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
    /// Where the lines of the pending entries will begin in the journal.
    offsets: Vec<u64>,
    /// How long the journal is.
    written: u64,
    /// When the first of the pending entries came.
    since: Option<Instant>,
    lines: Vec<u8>,
    /// Where in `lines` the receipts of the pending entries stand.
    receipts: Vec<Range<usize>>,
    /// What was put right on the way, still to be journalled.
    notices: Vec<Diagnostic>,
    /// A commit failed half way: what is on disk is for recovery to say, and nothing may be written after it.
    broken: bool,
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
            offsets: Vec::new(),
            written: 0,
            since: None,
            lines: Vec::new(),
            receipts: Vec::new(),
            notices: Vec::new(),
            broken: false,
        })
    }

    /// The run's number.
    pub fn run(&self) -> u32 {
        self.run.number
    }

    /// Adds an entry to the pending group.
    pub fn append(&mut self, at: String, fact: Fact) -> Result<(), Error> {
        for notice in std::mem::take(&mut self.notices) {
            self.push(at.clone(), Fact::Noticed(notice))?;
        }
        self.push(at, fact)
    }

    fn push(&mut self, at: String, fact: Fact) -> Result<(), Error> {
        self.seq += 1;
        let entry = Entry { seq: self.seq, at, fact };
        let start = self.lines.len();
        serde_json::to_writer(&mut self.lines, &entry)
            .map_err(|error| Error::disk("write", &self.run.journal)(error.into()))?;
        if matches!(entry.fact, Fact::Disposed(_)) {
            self.receipts.extend(receipt_text(&self.lines, start));
        }
        self.lines.push(b'\n');
        self.pending.push(Arc::new(entry));
        self.offsets.push(self.written + start as u64);
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
        if std::mem::replace(&mut self.broken, true) {
            let source = io::Error::other("an earlier write of this run failed");
            return Err(Error::disk("go on with", &self.run.journal)(source));
        }
        self.journal.append(&self.lines).map_err(Error::disk("write", &self.run.journal))?;
        if self.options.sync {
            self.journal.sync().map_err(Error::disk("sync", &self.run.journal))?;
        }
        let receipts = self.receipts.drain(..).map(|range| &self.lines[range]);
        self.notices.extend(self.projections.project(&self.pending, receipts)?);
        self.written += self.lines.len() as u64;
        self.lines.clear();
        self.since = None;
        self.broken = false;
        let (entries, offsets) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.offsets));
        Ok(Some(Batch { run: self.run.number, entries, offsets }))
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

/// The receipt's own text within the line of a disposition, so that it is written twice but made once.
// INVARIANT: it is the last member of the fact, and before it stand only ids and sentences, in whose text every quote is
// escaped; so the first `,"receipt":` is the member.
fn receipt_text(lines: &[u8], start: usize) -> Option<Range<usize>> {
    const MEMBER: &[u8] = b",\"receipt\":";
    const CLOSING: &[u8] = b"}}}";
    let line = &lines[start..];
    let at = line.windows(MEMBER.len()).position(|window| window == MEMBER)? + MEMBER.len();
    let end = line.ends_with(CLOSING).then(|| line.len() - CLOSING.len())?;
    Some(start + at..start + end)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::session::disk::faulty::FaultyDisk;

    /// The receipts' disk is full when the journal has the group already.
    pub fn fill_receipts(ledger: &mut Ledger, store: &Store) {
        let held = std::fs::read(store.file("receipts.jsonl")).unwrap();
        let disk = FaultyDisk { room: held.len(), ..FaultyDisk::default() };
        disk.bytes.lock().unwrap().extend(held);
        ledger.projections.receipts_on(Box::new(disk));
    }

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
        let error = ledger.commit().unwrap_err().to_string();
        assert!(error.contains("an earlier write of this run failed"), "{error}");
    }
}
