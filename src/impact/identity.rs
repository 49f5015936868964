//! When two recorded actions are one: a fixture that was played four times proposed one action, not four. The one that
//! came first stands for all; the others are counted.
//!
//! Only an action with an idempotency key can be recognised; any other is one of its own.

use std::hash::BuildHasher as _;
use std::num::NonZeroU64;
use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};

use super::corpus::{Action, Row};

/// What equal actions have in common, as a hash that nobody outside this process can foresee: no recorded text can be
/// made to pass for another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity(NonZeroU64);

static KEYED: LazyLock<std::hash::RandomState> = LazyLock::new(std::hash::RandomState::new);

impl Identity {
    /// Who proposed what, on which entity, under which key, of which value; none without a key.
    pub fn of(action: &Action<'_>) -> Option<Self> {
        let key = action.idempotency_key?;
        let value = action.value.map(|amount| (amount.number.as_str(), amount.exact));
        let told = (action.operator, action.connector, action.tool, action.entity_key, key, value);
        Some(Self(NonZeroU64::new(KEYED.hash_one(told)).unwrap_or(NonZeroU64::MIN)))
    }
}

/// Which rows stand for an action, and how often it was recorded again.
#[derive(Debug, Clone, Default)]
pub(super) struct Recordings {
    first: HashMap<Identity, Row>,
    again: HashMap<Row, u32>,
    repeats: Row,
}

impl Recordings {
    /// Notes a row; true when an earlier one stands for its action already.
    pub fn note(&mut self, row: Row, identity: Option<Identity>) -> bool {
        let Some(identity) = identity else { return false };
        let first = *self.first.entry(identity).or_insert(row);
        if first == row {
            return false;
        }
        *self.again.entry(first).or_insert(0) += 1;
        self.repeats += 1;
        true
    }

    /// Notes the rows of a batch, from `first` on; gives those, by their number in the batch, for which another stands.
    pub fn note_all(&mut self, first: Row, identities: &[Option<Identity>]) -> HashSet<Row> {
        (0..).zip(identities).filter(|(row, identity)| self.note(first + row, **identity)).map(|(row, _)| row).collect()
    }

    /// How often the action of a row was recorded.
    pub fn times(&self, row: Row) -> u32 {
        1 + self.again.get(&row).copied().unwrap_or(0)
    }

    /// How many rows others stand for.
    pub fn repeats(&self) -> Row {
        self.repeats
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> usize {
        self.first.capacity() * size_of::<(Identity, Row)>() + self.again.capacity() * size_of::<(Row, u32)>()
    }
}
