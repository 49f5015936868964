//! Going to the next row of a kind.

use super::state::{Row, RowKind, State};
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
            return row.kind == RowKind::Unrouted;
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

    /// The next such row after the selection, and around.
    pub fn next(self, state: &State) -> Option<usize> {
        let rows = state.rows();
        let start = state.selection.index().map_or(0, |index| index + 1);
        (start..rows.len()).chain(0..start.min(rows.len())).find(|at| self.finds(state, rows[*at]))
    }
}
