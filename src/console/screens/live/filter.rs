//! The rows of a list that a query lets through. A long list is looked through a slice at a time, so that no frame waits
//! for it; what is not in memory is asked for first.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Before, ListId, Live};
use crate::console::model::{Applied, MOST_ABOUT, Model, Row, RowId, RowList};
use crate::console::present::row_query::lets_through;
use crate::console::screen::Effect;
use crate::kernel::sentences::sized;
use crate::query::Query;
use crate::session::journal::reader::EntryLocation;

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
    /// Rows that were looked at before all about them had come.
    again: BTreeSet<RowId>,
}

impl Filter {
    /// A filter that has looked at nothing yet.
    pub fn new(text: String, query: Query) -> Self {
        Self { text, query, ..Self::default() }
    }

    /// The same, that has looked at nothing yet.
    pub(super) fn anew(&self) -> Self {
        Self::new(self.text.clone(), self.query.clone())
    }

    /// The same, that leads to a row once it has looked.
    pub(super) fn anchored(self, anchor: Option<Row>) -> Self {
        Self { anchor, ..self }
    }

    /// The rows let through so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The query as it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many rows it has looked at.
    pub fn looked_at(&self) -> usize {
        self.looked_at.len()
    }

    /// Looks again at rows of which more was heard; gives what has to be recalled first.
    fn look_again(&mut self, model: &Model, list: RowList) -> Vec<RowId> {
        let mut lacking = Vec::new();
        let all = model.rows(list);
        for id in std::mem::take(&mut self.again) {
            let at = all.binary_search_by_key(&id, |row| row.id());
            let Some(at) = at.ok().filter(|at| self.looked_at.contains(at)) else { continue };
            let before = lacking.len();
            missing(model, list, id, &mut lacking);
            if lacking.len() > before {
                self.again.insert(id);
                continue;
            }
            match (self.rows.binary_search_by_key(&id, |row| row.id()), lets_through(&self.query, model, all[at])) {
                (Err(place), true) => self.rows.insert(place, all[at]),
                (Ok(place), false) => drop(self.rows.remove(place)),
                _ => {}
            }
        }
        lacking
    }
}

impl Live {
    /// The query over the list that has the keys.
    pub fn query(&self) -> Option<&Filter> {
        self.query_over(self.focus())
    }

    /// The query over a list.
    pub fn query_over(&self, pane: ListId) -> Option<&Filter> {
        self.filters[pane.list() as usize].as_ref()
    }

    /// Puts another query, or none, in place of the one over the list that has the keys; the selection stays where it
    /// can.
    pub fn replace_filter(&mut self, model: &Model, filter: Option<Filter>) {
        let pane = self.focus();
        let list = pane.list();
        let at = list as usize;
        let anchor = self.filters[at].take().and_then(|filter| filter.anchor).or_else(|| self.selected_row(model));
        let anchor = anchor.filter(|_| !self.follows());
        self.filters[at] = filter.map(|filter| Filter { anchor, ..filter });
        if self.filters[at].is_none() {
            self.fit(model, pane, anchor);
            self.reseen(model);
        } else if list == RowList::Decisions {
            self.pending.alone = false;
        }
    }

    /// Takes all queries away.
    pub fn drop_filters(&mut self, model: &Model) {
        self.filters = Default::default();
        self.reseen(model);
    }

    /// True while rows wait to be looked at.
    pub fn filtering(&self, model: &Model) -> bool {
        self.unfinished(model).is_some()
    }

    /// True while something takes more than one turn of the loop; what is read back is waited for otherwise.
    pub fn has_work(&self, model: &Model) -> bool {
        self.pending.goes_on()
            || self.filtering(model)
            || (self.reads_back(model) && self.awaiting != model.beginning())
    }

    /// True while what is before the first row is read back by itself: a person goes to the very first, a query looks
    /// through everything there is, ALERTs of earlier runs are sought.
    pub(super) fn reads_back(&self, model: &Model) -> bool {
        let wanted = self.before == Before::All || self.pending.awaits() || self.filters.iter().any(Option::is_some);
        wanted && model.beginning().is_some()
    }

    /// Asks for what is before the first row, unless it is asked for already.
    pub(super) fn ask_older(&mut self, model: &Model) -> Option<Effect> {
        let before = model.beginning().filter(|before| self.awaiting != Some(*before))?;
        self.awaiting = Some(before);
        Some(Effect::EarlierEntries(before))
    }

    /// A list whose query has rows to look at.
    fn unfinished(&self, model: &Model) -> Option<RowList> {
        [RowList::Envelopes, RowList::Plans, RowList::Decisions].into_iter().find(|list| {
            let filter = self.filters[*list as usize].as_ref();
            filter.is_some_and(|filter| !filter.again.is_empty() || filter.looked_at != (0..model.rows(*list).len()))
        })
    }

    /// What a query over a list has not looked at yet, in words; none once it has looked at everything.
    pub fn still_to_look_at(&self, model: &Model) -> Option<String> {
        if self.reads_back(model) {
            let left = model.unread();
            return Some(if left == 0 {
                "journals are being read".to_owned()
            } else {
                format!("{} left", sized(left))
            });
        }
        self.filtering(model).then(|| "looking".to_owned())
    }

    /// Looks at the next rows, at most `most`; gives the entries that have to be recalled before it can go on.
    pub fn look(&mut self, model: &Model, most: usize) -> Vec<(RowId, EntryLocation)> {
        let Some(list) = self.unfinished(model) else { return Vec::new() };
        let Some(mut filter) = self.filters[list as usize].take() else { return Vec::new() };
        let mut wanted = filter.look_again(model, list);
        let total = model.rows(list).len();
        let Range { start, end } = filter.looked_at;
        let forward = end < total;
        let slice = if forward { end..total.min(end + most) } else { start.saturating_sub(most)..start };
        let (slice, lacking) = in_memory(model, list, slice, forward);
        wanted.extend(lacking);
        let found: Vec<Row> = model.rows(list)[slice.clone()]
            .iter()
            .filter(|row| lets_through(&filter.query, model, **row))
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
        self.filters[list as usize] = Some(filter);
        for pane in ListId::showing(list) {
            if first_time || self.selection_in(pane).index().is_none() {
                self.fit(model, pane, anchor);
            }
        }
        if first_time && caught_up {
            self.reseen(model);
        }
        model.places(wanted)
    }

    /// An entry says more of an envelope and its plans: queries over them look at those again.
    pub(super) fn look_again(&mut self, model: &Model, entry: &Applied<'_>) {
        let Some(arrival) = entry.arrival else { return };
        if self.filters[..2].iter().all(Option::is_none) {
            return;
        }
        for id in model.about(arrival).map(|(id, _)| id).filter(|id| Some(*id) != entry.row.map(Row::id)) {
            let list = model.row(id).map(|row| row.kind.list());
            if let Some(list) = list.filter(|list| *list != RowList::Decisions)
                && let Some(filter) = &mut self.filters[list as usize]
            {
                filter.again.insert(id);
            }
        }
    }

    /// Rows were put before a list: its query has not looked at them, and they are not new.
    pub(super) fn shift(&mut self, list: RowList, count: usize) {
        match &mut self.filters[list as usize] {
            Some(filter) => filter.looked_at = filter.looked_at.start + count..filter.looked_at.end + count,
            None => self.not_new(list, count),
        }
    }

    /// A row was taken out of a list.
    pub(super) fn taken_out(&mut self, list: RowList, at: usize, id: RowId) {
        if let Some(filter) = &mut self.filters[list as usize] {
            filter.rows.retain(|row| row.id() != id);
            filter.looked_at.start -= usize::from(at < filter.looked_at.start);
            filter.looked_at.end -= usize::from(at < filter.looked_at.end);
        }
    }

    fn not_new(&mut self, list: RowList, count: usize) {
        for pane in ListId::showing(list) {
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
    fn fit(&mut self, model: &Model, pane: ListId, anchor: Option<Row>) {
        let Some(anchor) = anchor else { return };
        let rows = self.list(model, pane);
        let index = rows.partition_point(|row| row.at < anchor.at).min(rows.len().saturating_sub(1));
        let put = rows.get(index).map(|row| (index, row.id()));
        self.selections[pane as usize].put(put);
    }
}

/// Adds what a query needs of a row and is not in memory.
fn missing(model: &Model, list: RowList, id: RowId, lacking: &mut Vec<RowId>) {
    match list {
        RowList::Decisions => model.missing_of(id, lacking),
        RowList::Envelopes | RowList::Plans => model.missing_about(id, MOST_ABOUT, lacking),
    }
}

/// How much of a slice can be looked at, and what is lacking for the next part.
fn in_memory(model: &Model, list: RowList, slice: Range<usize>, forward: bool) -> (Range<usize>, Vec<RowId>) {
    let mut lacking = Vec::new();
    let mut ready = 0;
    for step in 0..slice.len() {
        let at = if forward { slice.start + step } else { slice.end - 1 - step };
        missing(model, list, model.rows(list)[at].id(), &mut lacking);
        ready += usize::from(lacking.is_empty());
        if lacking.len() >= RECALLS {
            break;
        }
    }
    let slice = if forward { slice.start..slice.start + ready } else { slice.end - ready..slice.end };
    (slice, lacking)
}
