//! Reading a journal into an index: in one pass, in portions, so that what is read can be used while the rest is read.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::index::Index;
use super::indexed_entry::IndexedEntry;
use crate::session::state_files::{self, Access};
use crate::session::store;

/// Bytes read at once.
const BLOCK: usize = 1 << 20;
/// Lines of a portion; small enough that taking one in is no wait.
const LINES: usize = 8_192;
/// A line beyond so many bytes is not kept to be read: nothing this program writes is so long.
const LONGEST: usize = 64 << 20;

/// Some lines of a journal.
#[derive(Debug, Clone, Default)]
pub struct Portion {
    /// Where each line begins, and what it is.
    pub lines: Vec<(u64, IndexedEntry)>,
    /// Where they end.
    pub end: u64,
    /// How long the journal is.
    pub size: u64,
}

impl Portion {
    /// Takes them into an index that ends where they begin; false where it does not.
    pub fn take_into(self, index: &mut Index) -> bool {
        let Some((first, _)) = self.lines.first() else { return true };
        if *first != index.end() {
            return false;
        }
        let mut ends: Vec<u64> = self.lines.iter().skip(1).map(|(offset, _)| *offset).collect();
        ends.push(self.end);
        for ((offset, line), end) in self.lines.into_iter().zip(ends) {
            index.push(offset, end, line);
        }
        true
    }
}

/// Reads a run's journal from a place on, up to its present end; `tell` says whether to go on. A last line that is not
/// whole is left for the next time.
pub fn read(state: &Path, run: u32, from: u64, tell: &mut dyn FnMut(Portion) -> bool) -> io::Result<()> {
    let mut file = state_files::open(&store::journal_in(state, run), Access::Read)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(from))?;
    let mut scan = Scan { portion: Portion { end: from, size, ..Portion::default() }, rest: Vec::new(), passed: 0 };
    let mut block = vec![0; BLOCK];
    let mut left = size.saturating_sub(from);
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        let read = file.read(&mut block[..wanted])?;
        if read == 0 {
            break;
        }
        left -= read as u64;
        if !scan.take(&block[..read], tell) {
            return Ok(());
        }
    }
    tell(scan.portion);
    Ok(())
}

struct Scan {
    portion: Portion,
    /// The beginning of a line whose end is in the next block.
    rest: Vec<u8>,
    /// Bytes of a line that is too long; 0 where none is.
    passed: u64,
}

impl Scan {
    fn take(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(Portion) -> bool) -> bool {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, after) = (&bytes[..end], &bytes[end + 1..]);
            if self.passed > 0 {
                let length = std::mem::take(&mut self.passed) + line.len() as u64;
                self.add(length, IndexedEntry::Damaged);
            } else if self.rest.is_empty() {
                self.line(line);
            } else {
                let mut whole = std::mem::take(&mut self.rest);
                whole.extend_from_slice(line);
                self.line(&whole);
                whole.clear();
                self.rest = whole;
            }
            bytes = after;
            if self.portion.lines.len() >= LINES {
                let next = Portion { end: self.portion.end, size: self.portion.size, ..Portion::default() };
                if !tell(std::mem::replace(&mut self.portion, next)) {
                    return false;
                }
            }
        }
        if self.passed > 0 || self.rest.len() + bytes.len() > LONGEST {
            self.passed += (self.rest.len() + bytes.len()) as u64;
            self.rest = Vec::new();
        } else {
            self.rest.extend_from_slice(bytes);
        }
        true
    }

    fn line(&mut self, line: &[u8]) {
        self.add(line.len() as u64, IndexedEntry::read(line));
    }

    fn add(&mut self, length: u64, line: IndexedEntry) {
        let from = self.portion.end;
        self.portion.end += length + 1;
        self.portion.lines.push((from, line));
    }
}

/// The whole index of a run, for those who can wait for it.
pub fn whole(state: &Path, run: u32) -> io::Result<Index> {
    let mut index = Index::default();
    read(state, run, 0, &mut |portion| portion.take_into(&mut index))?;
    Ok(index)
}
