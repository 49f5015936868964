//! The entries something on screen refers to: where each stands on disk, and the few that are in memory.
//!
//! A million receipts are sixteen bytes an entry here. The newest entries stay; any other is recalled from its journal
//! when it comes in view, and let go again. An entry that is on no disk stays.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::RowId;
use crate::kernel::journal::Entry;
use crate::session::journal::reader::EntryLocation;

/// Entries that stay in memory, the newest.
const KEPT: usize = 8_192;
/// Recalled entries after which the ones recalled before them are let go.
const RECALLED: usize = 4_096;
/// The number of the first entry: earlier runs are put before it.
const FIRST: u32 = 1 << 31;
/// Stands for no offset.
const NOWHERE: u64 = u64::MAX;

/// Entries by number, in order without gaps.
#[derive(Debug)]
pub struct EntryCache {
    first: u32,
    stored: VecDeque<Stored>,
    fresh: VecDeque<Arc<Entry>>,
    kept: usize,
    recalled: HashMap<u32, Arc<Entry>>,
    fading: HashMap<u32, Arc<Entry>>,
    unwritten: HashMap<u32, Arc<Entry>>,
    lost: HashSet<u32>,
}

#[derive(Debug)]
struct Stored {
    run: u32,
    /// The next entry about the same envelope; of the last one the first, so that all are found from any.
    next: u32,
    offset: u64,
}

impl Default for EntryCache {
    fn default() -> Self {
        Self {
            first: FIRST,
            stored: VecDeque::new(),
            fresh: VecDeque::new(),
            kept: KEPT,
            recalled: HashMap::new(),
            fading: HashMap::new(),
            unwritten: HashMap::new(),
            lost: HashSet::new(),
        }
    }
}

impl EntryCache {
    /// Keeps only so many of the newest in memory.
    #[cfg(test)]
    pub fn keep(&mut self, kept: usize) {
        self.kept = kept;
    }

    /// The number the next entry will have.
    pub fn end(&self) -> u32 {
        self.first + u32::try_from(self.stored.len()).unwrap_or(u32::MAX - self.first)
    }

    /// Takes an entry in, as the newest.
    pub fn push(&mut self, run: u32, place: Option<EntryLocation>, entry: &Arc<Entry>) -> u32 {
        let at = self.end();
        self.stored.push_back(Stored { run, next: at, offset: place.map_or(NOWHERE, |place| place.offset) });
        self.fresh.push_back(Arc::clone(entry));
        if self.fresh.len() > self.kept
            && let Some(oldest) = self.fresh.pop_front()
        {
            let number = at - u32::try_from(self.fresh.len()).unwrap_or(0);
            if self.place(RowId(number)).is_none() {
                self.unwritten.insert(number, oldest);
            }
        }
        at
    }

    /// Takes an entry of an earlier run in, as the oldest; none when there are as many as can be counted.
    pub fn push_before(&mut self, place: EntryLocation, entry: &Arc<Entry>) -> Option<u32> {
        let at = self.first.checked_sub(1)?;
        self.first = at;
        self.stored.push_front(Stored { run: place.run, next: at, offset: place.offset });
        self.remember(at, Arc::clone(entry));
        Some(at)
    }

    /// Ties an envelope's newest entry to those before it, of which `first` and `last` are the ends.
    pub fn tie(&mut self, first: u32, last: u32, newest: u32) {
        self.set_next(last, newest);
        self.set_next(newest, first);
    }

    /// Ties an entry to those about the same envelope that come after it.
    pub fn tie_before(&mut self, oldest: u32, first: u32, last: u32) {
        self.set_next(oldest, first);
        self.set_next(last, oldest);
    }

    fn set_next(&mut self, number: u32, next: u32) {
        if let Some(stored) = number.checked_sub(self.first).and_then(|at| self.stored.get_mut(at as usize)) {
            stored.next = next;
        }
    }

    fn stored(&self, number: u32) -> Option<&Stored> {
        number.checked_sub(self.first).and_then(|at| self.stored.get(at as usize))
    }

    /// The run an entry is of.
    pub fn run(&self, id: RowId) -> Option<u32> {
        self.stored(id.0).map(|stored| stored.run)
    }

    /// The entry, when it is in memory.
    pub fn get(&self, id: RowId) -> Option<&Entry> {
        self.shared(id).map(|entry| &**entry)
    }

    fn shared(&self, RowId(number): RowId) -> Option<&Arc<Entry>> {
        let fresh_from = self.end() - u32::try_from(self.fresh.len()).unwrap_or(0);
        if let Some(at) = number.checked_sub(fresh_from) {
            return self.fresh.get(at as usize);
        }
        [&self.recalled, &self.fading, &self.unwritten].into_iter().find_map(|held| held.get(&number))
    }

    /// The first of the entries about the same envelope.
    pub fn first_about(&self, id: RowId) -> RowId {
        let mut at = id.0;
        while let Some(stored) = self.stored(at) {
            // INVARIANT: numbers ascend along a ring but at its end.
            if stored.next <= at {
                return RowId(stored.next);
            }
            at = stored.next;
        }
        id
    }

    /// The entries about the same envelope from `id` on, in order.
    pub fn onward(&self, id: RowId) -> impl Iterator<Item = RowId> {
        let mut next = Some(id.0);
        std::iter::from_fn(move || {
            let at = next?;
            next = self.stored(at).map(|stored| stored.next).filter(|next| *next > at);
            Some(RowId(at))
        })
    }

    /// Where an entry stands on disk.
    pub fn place(&self, id: RowId) -> Option<EntryLocation> {
        let stored = self.stored(id.0)?;
        (stored.offset != NOWHERE).then_some(EntryLocation { run: stored.run, offset: stored.offset })
    }

    /// True when it would have to be recalled.
    pub fn lacks(&self, id: RowId) -> bool {
        self.shared(id).is_none() && !self.lost.contains(&id.0) && self.place(id).is_some()
    }

    /// True when it cannot be read back any more.
    pub fn lost(&self, id: RowId) -> bool {
        self.lost.contains(&id.0)
    }

    /// An entry was read back, or could not be.
    pub fn recall(&mut self, id: RowId, entry: Option<Arc<Entry>>) {
        match entry {
            Some(entry) => self.remember(id.0, entry),
            None => drop(self.lost.insert(id.0)),
        }
    }

    fn remember(&mut self, number: u32, entry: Arc<Entry>) {
        if self.recalled.len() >= RECALLED {
            self.fading = std::mem::take(&mut self.recalled);
        }
        self.recalled.insert(number, entry);
    }
}
