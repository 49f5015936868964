//! Reading back what was given out, and the runs before: one entry by its place, or the block of entries before a place.
//! A reader keeps places in memory and entries on disk.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kernel::journal::Entry;
use crate::session::state_files::{self, Access};
use crate::session::store;

/// Bytes read at once.
const BLOCK: usize = 1 << 18;
/// The longest line that is read back.
const LONGEST: usize = 64 << 20;

/// Where an entry's line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryLocation {
    /// The run.
    pub run: u32,
    /// Bytes from the beginning of its journal.
    pub offset: u64,
}

/// Entries of one run, as they stand before a place.
#[derive(Debug, Clone, Default)]
pub struct EarlierEntries {
    /// Each with its place, oldest first.
    pub entries: Vec<(EntryLocation, Arc<Entry>)>,
    /// Lines between them that are no entries.
    pub damaged: usize,
    /// Where they begin; none when nothing is older.
    pub from: Option<EntryLocation>,
    /// The place they were asked for before.
    pub asked: Option<EntryLocation>,
    /// Bytes of journals that stand before them.
    pub left: u64,
    /// Why nothing older can be read.
    pub failure: Option<String>,
}

impl EarlierEntries {
    /// Nothing before a place, because it cannot be read.
    pub fn failed(asked: EntryLocation, why: &io::Error) -> Self {
        Self { asked: Some(asked), failure: Some(why.to_string()), ..Self::default() }
    }
}

/// The journals of a state folder. The default has none.
#[derive(Debug, Default)]
pub struct JournalReader {
    dir: Option<PathBuf>,
    open: Option<(u32, File)>,
    /// Bytes read last, and where they stand.
    block: Vec<u8>,
    at: Option<EntryLocation>,
    /// The earlier runs, each with the bytes of all before it; found once.
    lengths: Option<Vec<(u32, u64)>>,
}

impl JournalReader {
    /// Those of that state folder.
    pub fn of(dir: &Path) -> Self {
        Self { dir: Some(dir.to_path_buf()), ..Self::default() }
    }

    /// Another reader of the same journals.
    #[must_use]
    pub fn reopened(&self) -> Self {
        Self { dir: self.dir.clone(), ..Self::default() }
    }

    /// The entry at a place.
    pub fn read(&mut self, place: EntryLocation) -> io::Result<Entry> {
        let mut wanted = BLOCK;
        loop {
            if let Some(line) = self.line(place) {
                return serde_json::from_slice(line).map_err(io::Error::from);
            }
            if wanted > LONGEST || !self.fill(place, wanted)? {
                let why = format!("run {} has no entry at byte {}", place.run, place.offset);
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            wanted *= 2;
        }
    }

    /// The entries just before a place, those of an earlier run once it is the beginning of its own; about a block of
    /// them.
    pub fn before(&mut self, place: EntryLocation) -> io::Result<EarlierEntries> {
        let older = self.block_before(place)?;
        let left = older.from.map_or(0, |from| self.bytes_before(from));
        Ok(EarlierEntries { asked: Some(place), left, ..older })
    }

    /// Bytes of journals that stand before a place; those of a run that began since are not among them.
    fn bytes_before(&mut self, place: EntryLocation) -> u64 {
        let known = self.lengths.take().unwrap_or_else(|| {
            let runs = self.dir.as_deref().map(store::runs_in).unwrap_or_default();
            let (mut known, mut sum) = (Vec::new(), 0);
            for run in runs.into_iter().filter(|run| *run <= place.run) {
                known.push((run, sum));
                sum += self.length(run).unwrap_or(0);
            }
            known
        });
        let at = known.partition_point(|(run, _)| *run <= place.run);
        let before = at.checked_sub(1).map_or(0, |at| known[at].1);
        self.lengths = Some(known);
        before + place.offset
    }

    fn block_before(&mut self, place: EntryLocation) -> io::Result<EarlierEntries> {
        let mut end = place;
        while end.offset == 0 {
            let Some(run) = self.run_before(end.run) else { return Ok(EarlierEntries::default()) };
            end = EntryLocation { run, offset: self.length(run)? };
        }
        let mut wanted = BLOCK as u64;
        loop {
            let from = end.offset.saturating_sub(wanted);
            let start = EntryLocation { run: end.run, offset: from };
            let count = usize::try_from(end.offset - from).unwrap_or(LONGEST);
            self.fill(start, count)?;
            self.block.truncate(count);
            // The first line is whole only at the beginning, or after a line break.
            let skip = if from == 0 { Some(0) } else { after_break(&self.block) };
            match skip {
                Some(skip) if skip < self.block.len() => {
                    let begin = EntryLocation { run: end.run, offset: from + skip as u64 };
                    return Ok(entries(begin, &self.block[skip..]));
                }
                _ if from == 0 || wanted > LONGEST as u64 => {
                    return Ok(EarlierEntries {
                        from: Some(EntryLocation { run: end.run, offset: 0 }),
                        ..EarlierEntries::default()
                    });
                }
                _ => wanted *= 2,
            }
        }
    }

    fn run_before(&self, run: u32) -> Option<u32> {
        store::runs_in(self.dir.as_deref()?).into_iter().rev().find(|other| *other < run)
    }

    fn length(&mut self, run: u32) -> io::Result<u64> {
        self.file(run)?.metadata().map(|metadata| metadata.len())
    }

    fn file(&mut self, run: u32) -> io::Result<&mut File> {
        let open = self.open.take().filter(|(opened, _)| *opened == run);
        let opened = match (open, &self.dir) {
            (Some(open), _) => open,
            (None, Some(dir)) => (run, state_files::open(&store::journal_in(dir, run), Access::Read)?),
            (None, None) => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(&mut self.open.insert(opened).1)
    }

    /// The line at a place, when the whole of it was read already.
    fn line(&self, place: EntryLocation) -> Option<&[u8]> {
        let at = self.at.filter(|at| at.run == place.run)?;
        let start = usize::try_from(place.offset.checked_sub(at.offset)?).ok()?;
        let rest = self.block.get(start..)?;
        rest.iter().position(|byte| *byte == b'\n').map(|end| &rest[..end])
    }

    /// Reads from a place on; false at the end of the file.
    fn fill(&mut self, place: EntryLocation, wanted: usize) -> io::Result<bool> {
        let mut block = std::mem::take(&mut self.block);
        block.clear();
        self.at = None;
        let file = self.file(place.run)?;
        file.seek(SeekFrom::Start(place.offset))?;
        let read = file.take(wanted as u64).read_to_end(&mut block)?;
        (self.block, self.at) = (block, Some(place));
        // The same bytes again would be read for ever.
        Ok(read == wanted || self.block.contains(&b'\n'))
    }
}

fn after_break(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1)
}

/// The whole lines of a text that begins at a place.
pub(in crate::session) fn entries(begin: EntryLocation, text: &[u8]) -> EarlierEntries {
    let run = begin.run;
    let mut older = EarlierEntries { from: Some(begin), ..EarlierEntries::default() };
    let mut offset = begin.offset;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(entry) if line.ends_with(b"\n") => older.entries.push((EntryLocation { run, offset }, Arc::new(entry))),
            // What a crash cut off was never given out.
            _ => older.damaged += usize::from(line.ends_with(b"\n")),
        }
        offset += line.len() as u64;
    }
    older
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::diagnostic::Diagnostic;
    use crate::kernel::journal::Fact;
    use crate::session::ledger::{FileLedger, Ledger as _, Options};
    use crate::session::store::Store;

    fn written(store: &Store, entries: u64) -> Vec<(EntryLocation, Arc<Entry>)> {
        let options = Options { sync: false, plan_files: false, persistent_keys: false };
        let mut ledger = FileLedger::begin(store, options).unwrap();
        let mut given = Vec::new();
        for n in 0..entries {
            let words = "w".repeat(usize::try_from(n % 700).unwrap());
            ledger.append(String::new(), Fact::Noticed(Diagnostic::warning(words))).unwrap();
            if n % 13 == 0 {
                let batch = ledger.commit().unwrap().unwrap();
                given.extend(batch.placed().map(|(entry, place)| (place.unwrap(), Arc::clone(entry))));
            }
        }
        if let Some(batch) = ledger.close().unwrap() {
            given.extend(batch.placed().map(|(entry, place)| (place.unwrap(), Arc::clone(entry))));
        }
        given
    }

    #[test]
    fn what_was_given_out_is_read_back_in_any_order() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let given = [written(&store, 3_000), written(&store, 10)].concat();
        let mut past = JournalReader::of(store.dir());
        for step in [1, 7, 1_009] {
            for at in 0..given.len() {
                let (place, entry) = &given[at * step % given.len()];
                assert_eq!(past.read(*place).unwrap(), **entry);
            }
        }
        assert!(past.read(EntryLocation { run: 1, offset: u64::MAX }).is_err());
        assert!(past.read(EntryLocation { run: 1, offset: 1 }).is_err());
        assert!(past.read(EntryLocation { run: 9, offset: 0 }).is_err());
        assert!(JournalReader::default().read(EntryLocation { run: 1, offset: 0 }).is_err());
    }

    #[test]
    fn what_is_older_comes_block_by_block_through_all_runs() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let given = [written(&store, 2_000), written(&store, 1), written(&store, 1_500)].concat();
        // A crash tore the last line of the second run, and somebody damaged one.
        let torn = store::journal_in(store.dir(), 2);
        let text = std::fs::read_to_string(&torn).unwrap();
        std::fs::write(&torn, format!("{text}nonsense\n{{\"seq\":")).unwrap();
        let mut past = JournalReader::of(store.dir());
        let (mut found, mut damaged) = (Vec::new(), 0);
        let mut place = EntryLocation { run: 4, offset: 0 };
        let mut left = u64::MAX;
        loop {
            let older = past.before(place).unwrap();
            damaged += older.damaged;
            found = [older.entries, found].concat();
            let Some(from) = older.from else { break };
            assert!(from < place);
            assert_eq!((older.asked, older.left), (Some(place), past.bytes_before(from)));
            assert!(older.left < left, "{} < {left}", older.left);
            left = older.left;
            place = from;
        }
        assert_eq!(left, 0);
        assert_eq!(found, given);
        assert_eq!(damaged, 1);
    }
}
