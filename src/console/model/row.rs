//! One line of a list: eight bytes that lead to the entry it stands for.

use crate::kernel::journal::Disposed;
use crate::kernel::receipt::{Outcome, Ruling};

/// Which entry, and what it is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Number of the entry.
    pub at: u32,
    /// What it is.
    pub kind: RowKind,
    /// What became of it, where that is looked for.
    pub mark: Mark,
}

/// The three lists that rows are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowList {
    /// What came in, and what concerns no single envelope.
    Envelopes,
    /// What operators made of it.
    Plans,
    /// What the policy and the keys said of each action, and what happened then.
    Decisions,
}

/// What is looked for among rows that are not in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing of the kind.
    None,
    /// An envelope that no trigger matched.
    Unrouted,
    /// How an action was ruled.
    Ruled(Ruling),
    /// The same, and its handler failed.
    Failed(Ruling),
    /// A plan that author code failed to give.
    Unplanned,
}

impl Mark {
    /// That of a disposition.
    pub(super) fn of(disposed: &Disposed) -> Self {
        let ruling = disposed.receipt.verdict.decision;
        if disposed.receipt.outcome == Outcome::Failed { Self::Failed(ruling) } else { Self::Ruled(ruling) }
    }

    /// The ruling, of an action.
    pub fn ruling(self) -> Option<Ruling> {
        match self {
            Self::Ruled(ruling) | Self::Failed(ruling) => Some(ruling),
            Self::None | Self::Unrouted | Self::Unplanned => None,
        }
    }
}

impl Row {
    pub(super) fn new(RowId(at): RowId, kind: RowKind, mark: Mark) -> Self {
        Self { at, kind, mark }
    }

    /// What it is called by.
    pub fn id(self) -> RowId {
        RowId(self.at)
    }
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An envelope that was accepted.
    Envelope,
    /// Something offered as an envelope and not accepted.
    Refused,
    /// What an operator made of an envelope: a plan, an empty one, or none.
    Plan,
    /// An action that waits for a person.
    Held,
    /// An action that reached its end.
    Disposed,
    /// Author code that did not load.
    NotLoaded,
    /// A policy that is stale, absent or warned about.
    Policy,
    /// Something that concerns no single envelope.
    Notice,
    /// An earlier run, which began here.
    Run,
}

/// What a row is called by: stays the same however its list changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u32);

impl RowKind {
    /// Which of the three lists of rows it is in.
    pub fn list(self) -> RowList {
        match self {
            Self::Plan => RowList::Plans,
            Self::Held | Self::Disposed => RowList::Decisions,
            Self::Envelope | Self::Refused | Self::NotLoaded | Self::Policy | Self::Notice | Self::Run => {
                RowList::Envelopes
            }
        }
    }
}
