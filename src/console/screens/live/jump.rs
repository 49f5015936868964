//! Going to the next row of a kind.

use super::{ListId, Live};
use crate::console::model::{Mark, Model, Row, RowId};
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
    /// A handler that failed, or an operator that gave no plan.
    Failed,
    /// An envelope that no trigger matched.
    Unrouted,
}

/// Where a jump leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// Onward, to that row.
    Next(RowId),
    /// Past the newest and on from the oldest, to that row.
    Around(RowId),
    /// To the selected row: there is no other.
    Only(RowId),
}

impl Jump {
    fn finds(self, mark: Mark) -> bool {
        match self {
            Self::Block => mark.ruling() == Some(Ruling::Block),
            Self::Dedup => mark.ruling() == Some(Ruling::Dedup),
            Self::Alert => mark.ruling() == Some(Ruling::Alert),
            Self::Failed => matches!(mark, Mark::Failed(_) | Mark::Unplanned),
            Self::Unrouted => mark == Mark::Unrouted,
        }
    }

    /// The lists it is looked for in.
    fn lists(self) -> &'static [ListId] {
        match self {
            Self::Unrouted => &[ListId::Envelopes],
            Self::Failed => &[ListId::Decisions, ListId::Plans],
            Self::Block | Self::Dedup | Self::Alert => &[ListId::Decisions],
        }
    }

    /// The next such row after the selected one, and around.
    pub fn next(self, live: &Live, model: &Model) -> Option<Landing> {
        let lists = self.lists();
        let own = lists.iter().any(|list| list.list() == live.focus().list());
        let selected = if own { live.selection().id() } else { live.selection_in(lists[0]).id() };
        // What was found in a list that is folded away is selected as its envelope.
        let found = live.jumped.filter(|(_, on)| live.selection().id() == Some(*on)).map(|(found, _)| found);
        let selected = found.or(selected);
        let (after, of) = (selected.unwrap_or(RowId(0)), |row: &&Row| self.finds(row.mark));
        let onward = lists.iter().filter_map(|list| {
            let rows = live.list(model, *list);
            rows[rows.partition_point(|row| row.id() <= after)..].iter().find(of)
        });
        if let Some(next) = onward.map(|row| row.id()).min() {
            return Some(Landing::Next(next));
        }
        let first = lists.iter().filter_map(|list| live.list(model, *list).iter().find(of));
        let first = first.map(|row| row.id()).min()?;
        Some(if Some(first) == selected { Landing::Only(first) } else { Landing::Around(first) })
    }
}
