//! The rows of a list that a query lets through. A long list is looked through a slice at a time, so that no frame waits
//! for it; what is not in memory is asked for first.

use std::ops::Range;

use super::{Before, Pane, Row, RowId, State};
use crate::console::record::RowRecord;
use crate::query::Query;
use crate::session::past::Place;

/// Rows looked at in one turn of the loop: a few milliseconds' worth.
pub const SLICE: usize = 4_096;
/// Entries recalled in one turn.
const RECALLS: usize = 256;

/// A query over a list, and how far it got.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: String,
    query: Query,
    rows: Vec<Row>,
    /// What of the list was looked at: from where it began towards the newest, then towards the oldest.
    looked_at: Range<usize>,
    /// What was selected when the query came, until a person moves.
    anchor: Option<Row>,
    caught_up: bool,
}

impl Filter {
    /// A filter that has looked at nothing yet.
    pub fn new(text: String, query: Query) -> Self {
        Self { text, query, ..Self::default() }
    }

    /// The rows let through so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The query as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl State {
    /// The query over the list that has the keys.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter_in(self.focus())
    }

    /// The query over a list.
    pub fn filter_in(&self, pane: Pane) -> Option<&Filter> {
        self.filters[pane.list()].as_ref()
    }

    /// Puts another query, or none, in place of the one over the list that has the keys; the selection stays where it
    /// can.
    pub fn replace_filter(&mut self, filter: Option<Filter>) {
        let pane = self.focus();
        let list = pane.list();
        let anchor = self.filters[list].take().and_then(|filter| filter.anchor).or_else(|| self.selected());
        let anchor = anchor.filter(|_| !self.follows());
        self.filters[list] = filter.map(|filter| Filter { anchor, ..filter });
        if self.filters[list].is_none() {
            self.fit(pane, anchor);
            self.reseen();
        } else if list == Pane::Decisions.list() {
            self.attention.alone = false;
        }
    }

    /// Takes all queries away.
    pub fn drop_filters(&mut self) {
        self.filters = Default::default();
        self.reseen();
    }

    /// True while rows wait to be looked at.
    pub fn filtering(&self) -> bool {
        self.unfinished().is_some()
    }

    /// True while something takes more than one turn of the loop.
    pub fn busy(&self) -> bool {
        self.filtering() || self.before == Before::All
    }

    /// A list whose query has rows to look at.
    fn unfinished(&self) -> Option<usize> {
        (0..self.lists.len()).find(|list| {
            self.filters[*list].as_ref().is_some_and(|filter| filter.looked_at != (0..self.lists[*list].len()))
        })
    }

    /// Rows the query has looked at.
    #[cfg(test)]
    pub fn looked_at(&self) -> usize {
        self.filter().map_or(0, |filter| filter.looked_at.len())
    }

    /// Looks at the next rows, at most `most`; gives the entries that have to be recalled before it can go on.
    pub fn look(&mut self, most: usize) -> Vec<(RowId, Place)> {
        let Some(list) = self.unfinished() else { return Vec::new() };
        let Some(mut filter) = self.filters[list].take() else { return Vec::new() };
        let total = self.lists[list].len();
        let Range { start, end } = filter.looked_at;
        let forward = end < total;
        let slice = if forward { end..total.min(end + most) } else { start.saturating_sub(most)..start };
        let (slice, wanted) = self.in_memory(list, slice, forward);
        let found: Vec<Row> = self.lists[list][slice.clone()]
            .iter()
            .filter(|row| filter.query.matches(&RowRecord::new(self, **row)))
            .copied()
            .collect();
        let first_time = !filter.caught_up;
        if forward {
            filter.rows.extend(found);
            filter.looked_at.end = slice.end;
        } else {
            self.not_new(list, found.len());
            filter.rows.splice(0..0, found);
            filter.looked_at.start = slice.start;
        }
        filter.caught_up |= filter.looked_at == (0..total);
        let (anchor, caught_up) = (filter.anchor, filter.caught_up);
        self.filters[list] = Some(filter);
        for pane in Pane::ALL.into_iter().filter(|pane| pane.list() == list) {
            if first_time || self.selection_in(pane).index().is_none() {
                self.fit(pane, anchor);
            }
        }
        if first_time && caught_up {
            self.reseen();
        }
        self.places(wanted)
    }

    /// How much of a slice can be looked at, and what is lacking for the next part.
    fn in_memory(&self, list: usize, slice: Range<usize>, forward: bool) -> (Range<usize>, Vec<RowId>) {
        let mut lacking = Vec::new();
        let mut ready = 0;
        for step in 0..slice.len() {
            let at = if forward { slice.start + step } else { slice.end - 1 - step };
            self.asked_of(self.lists[list][at].id(), &mut lacking);
            ready += usize::from(lacking.is_empty());
            if lacking.len() >= RECALLS {
                break;
            }
        }
        let slice = if forward { slice.start..slice.start + ready } else { slice.end - ready..slice.end };
        (slice, lacking)
    }

    /// Rows were put before a list: its query has not looked at them, and they are not new.
    pub(super) fn shift(&mut self, list: usize, count: usize) {
        match &mut self.filters[list] {
            Some(filter) => filter.looked_at = filter.looked_at.start + count..filter.looked_at.end + count,
            None => self.not_new(list, count),
        }
    }

    /// A row was taken out of a list.
    pub(super) fn taken_out(&mut self, list: usize, at: usize, id: RowId) {
        if let Some(filter) = &mut self.filters[list] {
            filter.rows.retain(|row| row.id() != id);
            filter.looked_at.start -= usize::from(at < filter.looked_at.start);
            filter.looked_at.end -= usize::from(at < filter.looked_at.end);
        }
    }

    fn not_new(&mut self, list: usize, count: usize) {
        for pane in Pane::ALL.into_iter().filter(|pane| pane.list() == list) {
            self.selections[pane as usize].seen += count;
        }
    }

    /// A person chose a row: the one selected before is no longer looked for.
    pub fn let_go(&mut self) {
        for filter in self.filters.iter_mut().flatten() {
            filter.anchor = None;
        }
    }

    /// Selects the first row that is not older than `anchor`, or the last there is.
    fn fit(&mut self, pane: Pane, anchor: Option<Row>) {
        let Some(anchor) = anchor else { return };
        let rows = self.list(pane);
        let index = rows.partition_point(|row| row.at < anchor.at).min(rows.len().saturating_sub(1));
        let put = rows.get(index).map(|row| (index, row.id()));
        self.selections[pane as usize].put(put);
    }
}
