//! Going to the next row of a kind.

use super::state::{Mark, Pane, RowId, State};
use crate::kernel::receipt::Ruling;

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
    fn finds(self, mark: Mark) -> bool {
        match self {
            Self::Block => mark.ruling() == Some(Ruling::Block),
            Self::Dedup => mark.ruling() == Some(Ruling::Dedup),
            Self::Alert => mark.ruling() == Some(Ruling::Alert),
            Self::Failed => matches!(mark, Mark::Failed(_)),
            Self::Unrouted => mark == Mark::Unrouted,
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
        places.find(|at| self.finds(rows[*at].mark)).map(|at| rows[at].id())
    }
}
