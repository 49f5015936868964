//! Who held what, and since when: every change of a key or a lock, by the entry that made it. What held at an entry is
//! found by going back along the changes of that one key.

use hashbrown::HashMap;

/// Marks a change that gives something back.
const FREED: u32 = 1 << 31;

/// Twelve bytes for a change.
#[derive(Debug, Clone, Copy)]
struct Change {
    entry: u32,
    /// The change of the same key before it, counted from 1; 0 for none.
    before: u32,
    /// How many keys are held after it, and whether this one is not.
    held: u32,
}

/// The changes of all keys, or of all locks.
#[derive(Debug, Default)]
pub(super) struct History {
    // INVARIANT: ascending by entry.
    changes: Vec<Change>,
    last: HashMap<u64, u32>,
}

impl History {
    /// A key is taken at an entry, unless it is held already.
    pub(super) fn take(&mut self, key: u64, entry: u32) {
        if !self.is_held(key) {
            self.push(key, entry, true);
        }
    }

    /// A key is given back at an entry, where it is held.
    pub(super) fn free(&mut self, key: u64, entry: u32) {
        if self.is_held(key) {
            self.push(key, entry, false);
        }
    }

    fn is_held(&self, key: u64) -> bool {
        self.last.get(&key).is_some_and(|last| self.changes[*last as usize - 1].held & FREED == 0)
    }

    fn push(&mut self, key: u64, entry: u32, held: bool) {
        let count = self.changes.last().map_or(0, |change| change.held & !FREED);
        let count = if held { (count + 1).min(!FREED) } else { count.saturating_sub(1) };
        let Ok(number) = u32::try_from(self.changes.len() + 1) else { return };
        let before = self.last.insert(key, number).unwrap_or(0);
        self.changes.push(Change { entry, before, held: if held { count } else { count | FREED } });
    }

    /// The entry by which a key is held before another entry is done.
    pub(super) fn holder(&self, key: u64, before: u32) -> Option<u32> {
        let mut at = *self.last.get(&key)?;
        while at > 0 {
            let change = self.changes[at as usize - 1];
            if change.entry < before {
                return (change.held & FREED == 0).then_some(change.entry);
            }
            at = change.before;
        }
        None
    }

    /// How many keys are held before an entry is done.
    pub(super) fn count(&self, before: u32) -> u32 {
        let at = self.changes.partition_point(|change| change.entry < before);
        at.checked_sub(1).map_or(0, |at| self.changes[at].held & !FREED)
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.changes.capacity() * size_of::<Change>() + self.last.allocation_size()
    }
}
