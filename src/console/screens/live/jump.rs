//! Going to the next row of a kind.

use super::{ListId, Live};
use crate::console::model::{Mark, Model, RowId};
use crate::kernel::receipt::Ruling;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
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

impl Jump {
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
    fn list(self) -> ListId {
        if self == Self::Unrouted { ListId::Envelopes } else { ListId::Decisions }
    }

    /// The next such row after that list's selection, and around.
    pub fn next(self, live: &Live, model: &Model) -> Option<RowId> {
        let rows = live.list(model, self.list());
        let start = live.selection_in(self.list()).index().map_or(0, |index| index + 1);
        let mut places = (start..rows.len()).chain(0..start.min(rows.len()));
        places.find(|at| self.finds(rows[*at].mark)).map(|at| rows[at].id())
    }
}
