//! A way through all journals in the order in which their groups were written: the chain of journals has it, over all runs
//! and processes of the workspace.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::session::journal::chain::{Event, Line};
use crate::session::state_files::{self, Access};
use crate::session::store::Store;

/// Bytes of a journal that are read at once; a line that is longer is read whole.
const PORTION: u64 = 256 << 10;

/// An entry, as a stream calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) run: u32,
    /// Its position in the run, from 1.
    pub(super) seq: u64,
}

/// A reader's place.
#[derive(Clone)]
pub(super) struct JournalCursor {
    store: Store,
    /// Bytes of the chain that were read.
    chain: u64,
    /// Where the last group of each run that was read ends.
    ends: BTreeMap<u32, u64>,
    /// The group that is being read.
    group: Option<Group>,
    /// True where what it was to begin behind is not there.
    gap: bool,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    run: u32,
    at: u64,
    end: u64,
}

impl JournalCursor {
    /// Before everything. Nothing is read yet.
    pub(super) fn begin(state: &Path) -> Self {
        let store = Store::reading(state.to_owned());
        Self { store, chain: 0, ends: BTreeMap::new(), group: None, gap: false }
    }

    /// Behind an entry; before everything, where there is no such entry.
    pub(super) fn behind(state: &Path, place: Place) -> io::Result<Self> {
        let mut cursor = Self::begin(state);
        if place.run == 0 {
            return Ok(cursor);
        }
        if let (Some(from), Some(mut chain)) = (end_of(&cursor.store, place)?, cursor.chain_from(0)?) {
            while let Some(group) = cursor.next_group(&mut chain)? {
                if group.run == place.run && group.end >= from {
                    cursor.group = Some(Group { at: from, ..group });
                    return Ok(cursor);
                }
            }
        }
        // It is nowhere, or in a run without seals, or was never shown.
        Ok(Self { gap: true, ..Self::begin(state) })
    }

    /// Goes behind all there is.
    pub(super) fn skip(&mut self) -> io::Result<()> {
        self.group = None;
        let Some(mut chain) = self.chain_from(self.chain)? else { return Ok(()) };
        while self.next_group(&mut chain)?.is_some() {}
        Ok(())
    }

    /// True once where there was nothing to begin behind.
    pub(super) fn take_gap(&mut self) -> bool {
        std::mem::take(&mut self.gap)
    }

    /// Gives the next entries as they are written, a portion at most.
    pub(super) fn next(&mut self, mut give: impl FnMut(Place, &str)) -> io::Result<()> {
        let begun = self.group.take().filter(|group| group.at < group.end);
        let group = if let Some(group) = begun {
            group
        } else {
            let Some(mut chain) = self.chain_from(self.chain)? else { return Ok(()) };
            let Some(group) = self.next_group(&mut chain)? else { return Ok(()) };
            group
        };
        let path = self.store.journal(group.run);
        let mut file = state_files::open(&path, Access::Read)?;
        let mut wanted = PORTION.min(group.end - group.at);
        let mut text = Vec::new();
        let whole = loop {
            file.seek(SeekFrom::Start(group.at))?;
            text.clear();
            (&mut file).take(wanted).read_to_end(&mut text)?;
            match text.iter().rposition(|byte| *byte == b'\n') {
                Some(last) => break last + 1,
                None if wanted < group.end - group.at => wanted = (wanted * 2).min(group.end - group.at),
                // The journal was cut: the rest of the group is nowhere.
                None => return Ok(()),
            }
        };
        for line in text[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if let (Some(seq), Ok(line)) = (seq(line), std::str::from_utf8(line)) {
                give(Place { run: group.run, seq }, line);
            }
        }
        self.group = Some(Group { at: group.at + whole as u64, ..group });
        Ok(())
    }

    fn chain_from(&self, offset: u64) -> io::Result<Option<BufReader<File>>> {
        match state_files::open(&self.store.journals(), Access::Read) {
            Ok(mut file) => {
                file.seek(SeekFrom::Start(offset))?;
                Ok(Some(BufReader::with_capacity(1 << 16, file)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The next group that the chain tells of; none where no whole line follows.
    fn next_group(&mut self, chain: &mut BufReader<File>) -> io::Result<Option<Group>> {
        let mut text = String::new();
        loop {
            text.clear();
            let bytes = chain.read_line(&mut text)?;
            if !text.ends_with('\n') {
                return Ok(None);
            }
            self.chain += bytes as u64;
            if let Some(Line { event: Event::Group { run, end, .. }, .. }) = Line::parse(&text) {
                let at = self.ends.get(&run).copied().unwrap_or(0);
                // Of a run that was cleaned away only the chain tells still.
                if at == 0 && state_files::identity(&self.store.journal(run))?.is_none() {
                    continue;
                }
                self.ends.insert(run, end);
                return Ok(Some(Group { run, at: at.min(end), end }));
            }
        }
    }
}

/// The position at the beginning of a line of a journal.
fn seq(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(b"{\"seq\":")?;
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// Where the line of an entry ends; none where there is no such entry.
fn end_of(store: &Store, place: Place) -> io::Result<Option<u64>> {
    let file = match state_files::open(&store.journal(place.run), Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if place.seq == 0 {
        return Ok(Some(0));
    }
    let (mut reader, mut offset, mut line) = (BufReader::with_capacity(1 << 18, file), 0, Vec::new());
    loop {
        line.clear();
        let bytes = reader.read_until(b'\n', &mut line)?;
        if bytes == 0 {
            return Ok(None);
        }
        offset += bytes as u64;
        if seq(&line) == Some(place.seq) {
            return Ok(Some(offset));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::diagnostic::Diagnostic;
    use crate::kernel::journal::Fact;
    use crate::session::ledger::{FileLedger, Ledger as _, Options};

    fn all(cursor: &mut JournalCursor) -> Vec<(u32, u64)> {
        let mut found = Vec::new();
        loop {
            let before = found.len();
            cursor
                .next(|place, line| {
                    assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
                    found.push((place.run, place.seq));
                })
                .unwrap();
            if found.len() == before {
                return found;
            }
        }
    }

    #[test]
    fn two_runs_that_take_turns_are_read_on_from_any_entry() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: false, plan_files: false, persistent_keys: false };
        let mut now = JournalCursor::begin(store.dir());
        now.skip().unwrap();
        let mut ledgers = [FileLedger::begin(&store, options).unwrap(), FileLedger::begin(&store, options).unwrap()];
        let mut told = Vec::new();
        for turn in 0..40_usize {
            let ledger = &mut ledgers[turn % 3 % 2];
            for n in 0..=turn % 5 {
                // One line is longer than a portion.
                let words = "w".repeat(if turn == 17 && n == 1 { 600_000 } else { turn * n });
                ledger.append(String::new(), Fact::Noticed(Diagnostic::warning(words))).unwrap();
            }
            let batch = ledger.commit().unwrap().unwrap();
            told.extend(batch.entries.iter().map(|entry| (batch.run, entry.seq)));
        }
        assert_eq!(all(&mut now), told);
        let begin = Place { run: 0, seq: 0 };
        assert_eq!(all(&mut JournalCursor::behind(store.dir(), begin).unwrap()), told);
        for (at, (run, seq)) in told.iter().enumerate() {
            let mut cursor = JournalCursor::behind(store.dir(), Place { run: *run, seq: *seq }).unwrap();
            assert_eq!(all(&mut cursor), told[at + 1..], "{run}:{seq}");
            assert!(!cursor.take_gap());
        }
        let mut latest = JournalCursor::behind(store.dir(), begin).unwrap();
        latest.skip().unwrap();
        assert_eq!(all(&mut latest), []);
        for gone in [Place { run: 9, seq: 1 }, Place { run: 1, seq: 999 }] {
            let mut cursor = JournalCursor::behind(store.dir(), gone).unwrap();
            assert!(cursor.take_gap());
            assert_eq!(all(&mut cursor), told);
        }
    }
}
