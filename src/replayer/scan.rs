//! Reading a journal into an index: in one pass, in portions, so that what is read can be used while the rest is read.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::index::Index;
use super::indexed_entry::IndexedEntry;
use crate::session::state_files::{self, Access};
use crate::session::store;

/// Bytes read first: so many that what is shown first can be shown.
const FIRST_BLOCK: u64 = 1 << 18;
/// Bytes read at once.
const BLOCK: u64 = 4 << 20;
/// Fewer bytes are not worth another thread.
const WORTH_SHARING: usize = 1 << 18;
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
    let mut scan = Scan { at: from, size, block: Vec::new(), passed: 0 };
    let (mut left, mut wanted) = (size.saturating_sub(from), FIRST_BLOCK);
    while left > 0 {
        let before = scan.block.len();
        (&mut file).take(left.min(wanted)).read_to_end(&mut scan.block)?;
        let read = (scan.block.len() - before) as u64;
        if read == 0 {
            break;
        }
        left -= read;
        wanted = (2 * wanted).min(BLOCK);
        if !scan.take(tell) {
            return Ok(());
        }
    }
    tell(Portion { lines: Vec::new(), end: scan.at, size });
    Ok(())
}

struct Scan {
    /// Where the block begins, or the line that is too long.
    at: u64,
    size: u64,
    block: Vec<u8>,
    /// Bytes of a line that is too long; 0 where none is.
    passed: u64,
}

impl Scan {
    /// Takes the whole lines of the block.
    fn take(&mut self, tell: &mut dyn FnMut(Portion) -> bool) -> bool {
        if self.passed > 0 && !self.pass(tell) {
            return false;
        }
        let Some(end) = memchr::memrchr(b'\n', &self.block) else {
            if self.block.len() > LONGEST {
                self.passed += self.block.len() as u64;
                self.block.clear();
            }
            return true;
        };
        let mut lines = read_lines(&self.block[..=end], self.at);
        let after = self.at + end as u64 + 1;
        while !lines.is_empty() {
            let rest = lines.split_off(lines.len().min(LINES));
            let end = rest.first().map_or(after, |(offset, _)| *offset);
            if !tell(Portion { lines, end, size: self.size }) {
                return false;
            }
            lines = rest;
        }
        self.at = after;
        self.block.drain(..=end);
        true
    }

    /// Goes on with a line that is too long: it is no entry, however it ends.
    fn pass(&mut self, tell: &mut dyn FnMut(Portion) -> bool) -> bool {
        let Some(end) = memchr::memchr(b'\n', &self.block) else {
            self.passed += self.block.len() as u64;
            self.block.clear();
            return true;
        };
        let from = self.at;
        self.at += std::mem::take(&mut self.passed) + end as u64 + 1;
        self.block.drain(..=end);
        tell(Portion { lines: vec![(from, IndexedEntry::Damaged)], end: self.at, size: self.size })
    }
}

/// The lines of a text that begins at an offset and ends with a line break; the halves of a long one side by side.
fn read_lines(text: &[u8], at: u64) -> Vec<(u64, IndexedEntry)> {
    let middle = memchr::memchr(b'\n', &text[text.len() / 2..]).map_or(text.len(), |end| text.len() / 2 + end + 1);
    if text.len() < WORTH_SHARING || middle == text.len() {
        return lines_of(text, at);
    }
    std::thread::scope(|scope| {
        let (first, second) = text.split_at(middle);
        let beside = std::thread::Builder::new().spawn_scoped(scope, || lines_of(second, at + middle as u64));
        let mut lines = lines_of(first, at);
        lines.extend(match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(second)) => second,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // A system without another thread reads one half after the other.
            Err(_) => lines_of(second, at + middle as u64),
        });
        lines
    })
}

fn lines_of(text: &[u8], at: u64) -> Vec<(u64, IndexedEntry)> {
    let mut lines = Vec::with_capacity(text.len() / 512);
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        lines.push((at + from as u64, IndexedEntry::read(&text[from..end])));
        from = end + 1;
    }
    lines
}

/// The whole index of a run, for those who can wait for it.
pub fn whole(state: &Path, run: u32) -> io::Result<Index> {
    let mut index = Index::default();
    read(state, run, 0, &mut |portion| portion.take_into(&mut index))?;
    Ok(index)
}
