//! Going to the next row of a kind.

use super::state::{Pane, Row, RowId, State};
use crate::kernel::journal::Fact;
use crate::kernel::receipt::{Outcome, Ruling};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// A BLOCK.
    Block,
    /// A DEDUP.
    Dedup,
    /// An ALERT.
    Alert,
    /// A handler that failed.
    Failed,
    /// An envelope that no trigger matched.
    Unrouted,
}

impl Seek {
    fn finds(self, state: &State, row: Row) -> bool {
        if self == Self::Unrouted {
            let nobody = |fact: &Fact| matches!(fact, Fact::Routed(routed) if routed.to.is_empty());
            return state.arrival(row).is_some_and(|arrival| state.about(arrival).any(|(_, fact)| nobody(fact)));
        }
        let Some(Fact::Disposed(disposed)) = state.entry(row).map(|entry| &entry.fact) else { return false };
        let (ruling, outcome) = (disposed.receipt.verdict.decision, disposed.receipt.outcome);
        match self {
            Self::Block => ruling == Ruling::Block,
            Self::Dedup => ruling == Ruling::Dedup,
            Self::Alert => ruling == Ruling::Alert,
            Self::Failed => outcome == Outcome::Failed,
            Self::Unrouted => false,
        }
    }

    /// The list it is looked for in.
    fn pane(self) -> Pane {
        if self == Self::Unrouted { Pane::Envelopes } else { Pane::Decisions }
    }

    /// The next such row after that list's selection, and around.
    pub fn next(self, state: &State) -> Option<RowId> {
        let rows = state.list(self.pane());
        let start = state.selection_in(self.pane()).index().map_or(0, |index| index + 1);
        let mut places = (start..rows.len()).chain(0..start.min(rows.len()));
        places.find(|at| self.finds(state, rows[*at])).map(|at| state.id(rows[at]))
    }
}
