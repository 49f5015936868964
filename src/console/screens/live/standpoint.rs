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

/// Places a person left by a leap, to go back to them and on again.
#[derive(Debug, Default)]
pub struct Trail {
    back: Vec<Standpoint>,
    onward: Vec<Standpoint>,
}

/// Places kept.
const MOST: usize = 100;

impl Live {
    /// Where a person stands now.
    pub(super) fn standpoint(&self) -> Standpoint {
        Standpoint {
            focus: self.focus,
            detached: self.detached,
            selected: self.selection().id(),
            filters: self.filters.each_ref().map(|filter| filter.as_ref().map(Filter::anew)),
            alone: self.pending.alone,
        }
    }

    /// Goes back there.
    pub(super) fn return_to(&mut self, model: &Model, standpoint: Standpoint) {
        let Standpoint { focus, detached, selected, filters, alone } = standpoint;
        let text = |filter: &Option<Filter>| filter.as_ref().map(|filter| filter.text().to_owned());
        if filters.each_ref().map(text) != self.filters.each_ref().map(text) {
            let anchor = selected.filter(|_| detached).and_then(|id| model.row(id));
            self.filters = filters.map(|filter| filter.map(|filter| filter.anchored(anchor)));
        }
        (self.focus, self.pending.alone) = (focus, alone);
        let place = selected.and_then(|id| Some((self.position(model, self.focus(), id)?, id)));
        let pane = self.focus() as usize;
        self.selections[pane].put(place.or(self.selections[pane].index().zip(self.selections[pane].id())));
        self.detached = detached;
    }

    /// A leap begins here: there is a way back to this place.
    pub(super) fn leave_a_trail(&mut self) {
        let here = self.standpoint();
        self.trail.onward.clear();
        // Where nothing was done in between, one place is enough.
        if self.trail.back.last().is_none_or(|last| last.selected != here.selected || last.focus != here.focus) {
            self.trail.back.push(here);
        }
        if self.trail.back.len() > MOST {
            self.trail.back.remove(0);
        }
    }

    /// Goes back to the place that was left last, or on to the one that was gone back from.
    pub(super) fn retrace(&mut self, model: &Model, back: bool) {
        let here = self.standpoint();
        let (from, to) = if back {
            (&mut self.trail.back, &mut self.trail.onward)
        } else {
            (&mut self.trail.onward, &mut self.trail.back)
        };
        let Some(place) = from.pop() else { return };
        to.push(here);
        self.return_to(model, place);
    }

    /// True when there is a place to go back to, or on to.
    pub(super) fn can_retrace(&self, back: bool) -> bool {
        let places = if back { &self.trail.back } else { &self.trail.onward };
        !places.is_empty()
    }
}
