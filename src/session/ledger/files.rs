//! A ledger in files: the run's journal is written and synced first, then the files the documentation names are appended,
//! and only then is anything given out.
//!
//! A long run writes a group while the next one fills.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pipeline::{self, WritePipeline};
use super::writer::{Group, Writer};
use super::{Ledger, Options};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, Fact};
use crate::session::bus::Batch;
use crate::session::disk::FileDisk;
use crate::session::error::Error;
use crate::session::journal::seals::SEAL_BYTES;
use crate::session::projections::Projections;
use crate::session::store::{RunDir, Store};

/// Bytes of pending entries past which a group is committed.
const GROUP_BYTES: usize = 4 << 20;
/// Pending entries past which a group is committed.
const GROUP_ENTRIES: usize = 4096;
/// How long the first pending entry waits at most, while more come in: slow author code is watched as it works.
const GROUP_AGE: Duration = Duration::from_millis(100);

/// The open files of one run.
pub struct FileLedger {
    // The desk goes before the run it writes: while it writes, the run is this process's.
    desk: WritePipeline,
    run: RunDir,
    options: Options,
    seq: u64,
    pending: Group,
    /// How long the journal is once all that was handed over is written.
    length: u64,
    /// When the first of the pending entries came.
    since: Option<Instant>,
    /// What was put right on the way, still to be journalled.
    notices: Vec<Diagnostic>,
}

impl FileLedger {
    /// Starts a run.
    pub fn begin(store: &Store, options: Options) -> Result<Box<Self>, Error> {
        let run = store.begin_run(options.persistent_keys)?;
        let journal = FileDisk::open(&run.journal).map_err(Error::disk("open", &run.journal))?;
        let projections = Projections::open(store, options.persistent_keys, options.plan_files)?;
        let writer = Writer::new(run.number, &run.journal, Box::new(journal), projections, options.sync);
        let (desk, pending, notices) =
            (WritePipeline::new(&run.journal, writer), Group::default(), run.notices.clone());
        Ok(Box::new(Self { desk, run, options, seq: 0, pending, length: 0, since: None, notices }))
    }

    fn push(&mut self, at: String, fact: Fact) -> Result<(), Error> {
        self.seq += 1;
        let entry = Entry { seq: self.seq, at, fact };
        let Group { entries, offsets, lines, receipts } = &mut self.pending;
        let start = lines.len();
        serde_json::to_writer(&mut *lines, &entry)
            .map_err(|error| Error::disk("write", &self.run.journal)(error.into()))?;
        if matches!(entry.fact, Fact::Disposed(_)) {
            receipts.extend(receipt_text(lines, start));
        }
        lines.push(b'\n');
        entries.push(Arc::new(entry));
        offsets.push(self.length + start as u64);
        self.since.get_or_insert_with(Instant::now);
        Ok(())
    }

    fn is_large(&self) -> bool {
        self.pending.entries.len() >= GROUP_ENTRIES || self.pending.lines.len() >= GROUP_BYTES
    }

    fn send(&mut self) -> Result<(), Error> {
        self.since = None;
        if self.pending.entries.is_empty() {
            return Ok(());
        }
        self.length += (self.pending.lines.len() + SEAL_BYTES) as u64;
        let next = self.desk.blank();
        self.desk.write(std::mem::replace(&mut self.pending, next))
    }

    fn given_out(&mut self, written: Result<pipeline::Written, Error>) -> Result<Option<Batch>, Error> {
        let pipeline::Written { entries, offsets, notices } = written?;
        self.notices.extend(notices);
        Ok((!entries.is_empty()).then_some(Batch { run: self.run.number, entries, offsets }))
    }
}

impl Ledger for FileLedger {
    fn run(&self) -> u32 {
        self.run.number
    }

    fn append(&mut self, at: String, fact: Fact) -> Result<(), Error> {
        for notice in std::mem::take(&mut self.notices) {
            self.push(at.clone(), Fact::Noticed(notice))?;
        }
        self.push(at, fact)
    }

    fn is_group_full(&self) -> bool {
        self.is_large() || self.since.is_some_and(|since| since.elapsed() >= GROUP_AGE)
    }

    fn commit(&mut self) -> Result<Option<Batch>, Error> {
        self.send()?;
        let written = self.desk.finish();
        self.given_out(written)
    }

    fn make_durable(&mut self) -> Result<(), Error> {
        self.send()?;
        self.desk.wait()
    }

    fn hand_over(&mut self) -> Result<Option<Batch>, Error> {
        if !self.is_large() {
            return self.commit();
        }
        self.desk.move_out();
        self.send()?;
        let written = self.desk.written();
        self.given_out(written)
    }

    fn close(mut self: Box<Self>) -> Result<Option<Batch>, Error> {
        let batch = self.commit()?;
        let mut writer = self.desk.into_writer()?;
        if self.options.sync {
            writer.sync()?;
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
pub(in crate::session) mod tests {
    use super::*;
    use crate::session::disk::faulty::FaultyDisk;

    /// The receipts' disk is full when the journal has the group already.
    pub fn fill_receipts(ledger: &mut FileLedger, store: &Store) {
        let held = std::fs::read(store.file("receipts.jsonl")).unwrap();
        let disk = FaultyDisk { room: held.len(), ..FaultyDisk::default() };
        disk.bytes.lock().unwrap().extend(held);
        ledger.desk.here().projections.receipts_on(Box::new(disk));
    }

    #[test]
    fn a_full_disk_is_an_error_and_nothing_pending_is_given_out() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: true, plan_files: true, persistent_keys: false };
        let disk = FaultyDisk { room: 300, ..FaultyDisk::default() };
        let mut ledger = FileLedger::begin(&store, options).unwrap();
        ledger.desk.here().journal = Box::new(disk.clone());
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

    #[test]
    fn what_is_written_beside_is_given_out_in_order_and_only_when_it_is_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: true, plan_files: true, persistent_keys: false };
        let note = |n: usize| Fact::Noticed(Diagnostic::warning(format!("{n:0100}")));
        for room in [usize::MAX, 1_500_000] {
            let disk = FaultyDisk { room, ..FaultyDisk::default() };
            let mut ledger = FileLedger::begin(&store, options).unwrap();
            ledger.desk.here().journal = Box::new(disk.clone());
            let mut given = Vec::new();
            let mut failed = None;
            for n in 0..5 * GROUP_ENTRIES + 7 {
                ledger.append(String::new(), note(n)).unwrap();
                if ledger.is_large() {
                    match ledger.hand_over() {
                        Ok(batch) => given.extend(batch.into_iter().flat_map(|batch| batch.entries)),
                        Err(error) => failed = failed.or(Some(error.diagnostic())),
                    }
                }
            }
            match ledger.commit() {
                Ok(batch) => given.extend(batch.into_iter().flat_map(|batch| batch.entries)),
                Err(error) => failed = failed.or(Some(error.diagnostic())),
            }
            let text = String::from_utf8(disk.bytes.lock().unwrap().clone()).unwrap();
            assert!(given.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
            assert!(given.len() <= text.lines().count());
            if room == usize::MAX {
                assert_eq!((given.len(), failed), (5 * GROUP_ENTRIES + 7, None));
                ledger.close().unwrap();
            } else {
                assert!(failed.is_some_and(|fault| fault.help.is_some_and(|help| help.contains("free some space"))));
                assert_eq!(text.lines().count() % GROUP_ENTRIES, 0);
                assert!(ledger.close().is_err(), "it must be recovered");
            }
        }
    }

    #[test]
    fn what_is_made_durable_in_the_middle_is_on_disk_at_once_and_given_out_later() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: true, plan_files: true, persistent_keys: false };
        for beside in [false, true] {
            let mut ledger = FileLedger::begin(&store, options).unwrap();
            if beside {
                ledger.desk.move_out();
            }
            let note = |text: &str| Fact::Noticed(Diagnostic::warning(text));
            ledger.append(String::new(), note("claimed")).unwrap();
            ledger.make_durable().unwrap();
            let text = std::fs::read_to_string(store.journal(ledger.run())).unwrap();
            assert!(text.contains("claimed") && text.contains("sealed"), "{text}");
            ledger.append(String::new(), note("done")).unwrap();
            let batch = ledger.commit().unwrap().unwrap();
            assert_eq!(batch.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
            ledger.make_durable().unwrap();
            assert!(ledger.commit().unwrap().is_none(), "nothing is given out twice");
        }
    }

    type Taken = fn(&std::path::Path);

    #[test]
    fn a_journal_that_is_not_there_any_more_is_put_back_and_nothing_follows() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: true, plan_files: true, persistent_keys: false };
        let ways: [(&str, Taken); 3] = [
            ("was removed", |path| std::fs::remove_file(path).unwrap()),
            ("was replaced", |path| {
                std::fs::remove_file(path).unwrap();
                std::fs::write(path, "x").unwrap();
            }),
            ("was changed by somebody else", |path| {
                let mut text = std::fs::read(path).unwrap();
                text.extend(b"x\n");
                std::fs::write(path, text).unwrap();
            }),
        ];
        for (told, take) in ways {
            let mut ledger = FileLedger::begin(&store, options).unwrap();
            ledger.append(String::new(), Fact::Noticed(Diagnostic::warning("one"))).unwrap();
            ledger.commit().unwrap();
            let path = store.journal(ledger.run());
            let written = std::fs::read(&path).unwrap();
            take(&path);
            ledger.append(String::new(), Fact::Noticed(Diagnostic::warning("two"))).unwrap();
            let error = ledger.commit().unwrap_err().diagnostic();
            assert!(error.message.contains(told) && error.help.is_some(), "{error:?}");
            assert!(std::fs::read(&path).unwrap().starts_with(&written), "{told}");
        }
    }
}
