//! Where a person stands in the lists, to come back to it: what is opened for a fault takes nobody out of their place.

use super::{Filter, ListId, Live};
use crate::console::model::{Model, RowId};

/// The list in focus, its row or that it follows, and what is filtered.
#[derive(Debug)]
pub struct Standpoint {
    focus: ListId,
    detached: bool,
    selected: Option<RowId>,
    filters: [Option<Filter>; 3],
    alone: bool,
}

impl Live {
    /// Where a person stands now.
    pub(super) fn standpoint(&self) -> Standpoint {
        Standpoint {
            focus: self.focus,
            detached: self.detached,
            selected: self.selection().id(),
            filters: self.filters.clone().map(|filter| filter.map(Filter::anew)),
            alone: self.pending.alone,
        }
    }

    /// Goes back there.
    pub(super) fn return_to(&mut self, model: &Model, standpoint: Standpoint) {
        let Standpoint { focus, detached, selected, filters, alone } = standpoint;
        let dropped = filters.iter().zip(&self.filters).any(|(before, now)| before.is_some() && now.is_none());
        if dropped {
            let anchor = selected.filter(|_| detached).and_then(|id| model.row(id));
            self.filters = filters.map(|filter| filter.map(|filter| filter.anchored(anchor)));
        }
        (self.focus, self.pending.alone) = (focus, alone);
        let place = selected.and_then(|id| Some((self.position(model, self.focus(), id)?, id)));
        let pane = self.focus() as usize;
        self.selections[pane].put(place.or(self.selections[pane].index().zip(self.selections[pane].id())));
        self.detached = detached;
    }
}
