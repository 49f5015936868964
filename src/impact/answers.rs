//! What predicates answered: two bits for each (predicate, row), brought from outside. Author code is never run here.

use hashbrown::HashMap;

use super::corpus::Row;
use crate::kernel::policy::PredicateId;

/// The answers so far; whatever is not among them is not decided.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    of: HashMap<PredicateId, Bits>,
}

#[derive(Debug, Clone, Default)]
struct Bits {
    known: Vec<u64>,
    truth: Vec<u64>,
}

impl Answers {
    /// Notes an answer; anything but exactly `true` is false.
    pub fn put(&mut self, predicate: PredicateId, row: Row, truth: bool) {
        let bits = self.of.entry(predicate).or_default();
        let (word, bit) = (row as usize / 64, 1 << (row % 64));
        if bits.known.len() <= word {
            bits.known.resize(word + 1, 0);
            bits.truth.resize(word + 1, 0);
        }
        bits.known[word] |= bit;
        bits.truth[word] = if truth { bits.truth[word] | bit } else { bits.truth[word] & !bit };
    }

    /// The answer about a row.
    pub fn get(&self, predicate: PredicateId, row: Row) -> Option<bool> {
        let bits = self.of.get(&predicate)?;
        let (word, bit) = (row as usize / 64, 1 << (row % 64));
        (bits.known.get(word)? & bit != 0).then(|| bits.truth[word] & bit != 0)
    }

    /// True when there is any answer of it.
    pub fn has(&self, predicate: PredicateId) -> bool {
        self.of.contains_key(&predicate)
    }

    /// Forgets every answer of a predicate: its code changed.
    pub fn forget(&mut self, predicate: PredicateId) {
        self.of.remove(&predicate);
    }
}
