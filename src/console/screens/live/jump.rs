//! Going to the next row of a kind.

use super::{ListId, Live};
use crate::console::model::{Mark, Model, Row, RowId};
use crate::console::widgets::Beside;
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
    /// Onward or back, to that row.
    Next(RowId),
    /// Past the end and on from the other one, to that row.
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

    /// The next such row after the selected one, or the one before it, and around.
    pub fn beside(self, live: &Live, model: &Model, beside: Beside) -> Option<Landing> {
        let lists = self.lists();
        let own = lists.iter().any(|list| list.list() == live.focus().list());
        let selected = if own { live.selection().id() } else { live.selection_in(lists[0]).id() };
        // What was found in a list that is folded away is selected as its envelope.
        let found = live.jumped.filter(|(_, on)| live.selection().id() == Some(*on)).map(|(found, _)| found);
        let selected = found.or(selected);
        let (from, of) = (selected.unwrap_or(RowId(0)), |row: &&Row| self.finds(row.mark));
        let split = |list: &ListId| {
            let rows = live.list(model, *list);
            let upto = rows.partition_point(|row| row.id() < from);
            let after = rows.partition_point(|row| row.id() <= from);
            (rows, &rows[..upto], &rows[after..])
        };
        let (onward, around) = match beside {
            Beside::Next => (
                lists.iter().filter_map(|list| split(list).2.iter().find(of)).map(|row| row.id()).min(),
                lists.iter().filter_map(|list| split(list).0.iter().find(of)).map(|row| row.id()).min(),
            ),
            Beside::Previous => (
                lists.iter().filter_map(|list| split(list).1.iter().rfind(of)).map(|row| row.id()).max(),
                lists.iter().filter_map(|list| split(list).0.iter().rfind(of)).map(|row| row.id()).max(),
            ),
        };
        let end = |id| if Some(id) == selected { Landing::Only(id) } else { Landing::Around(id) };
        onward.map(Landing::Next).or_else(|| around.map(end))
    }
}
