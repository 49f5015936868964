//! The rows a query lets through. A long list is looked through a slice at a time, so that no frame waits for it.

use super::{Pane, Row, State};
use crate::console::record::RowRecord;
use crate::query::Query;

/// Rows looked at in one turn of the loop: a few milliseconds' worth.
pub const SLICE: usize = 4_096;

/// A query over the list, and how far it got.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: String,
    query: Query,
    rows: Vec<Row>,
    looked_at: usize,
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
    /// The query in force.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Puts another query, or none, in place of the one in force; the selection stays where it can.
    pub fn replace_filter(&mut self, filter: Option<Filter>) {
        let anchor = self.filter.take().and_then(|filter| filter.anchor).or_else(|| self.selected());
        let anchor = anchor.filter(|_| !self.follows());
        self.filter = filter.map(|filter| Filter { anchor, ..filter });
        if self.filter.is_none() {
            self.fit(anchor);
            self.reseen();
        } else {
            self.attention.alone = false;
            if !matches!(self.focus(), Pane::Decisions | Pane::Receipts) {
                self.focus_on(Pane::Decisions);
            }
        }
    }

    /// True while rows wait to be looked at.
    pub fn filtering(&self) -> bool {
        self.filter.as_ref().is_some_and(|filter| filter.looked_at < self.all().len())
    }

    /// Rows the query has looked at.
    #[cfg(test)]
    pub fn looked_at(&self) -> usize {
        self.filter.as_ref().map_or(0, |filter| filter.looked_at)
    }

    /// Looks at the next rows, at most `most`; how many that were.
    pub fn look(&mut self, most: usize) -> usize {
        let Some(mut filter) = self.filter.take() else { return 0 };
        let until = self.all().len().min(filter.looked_at.saturating_add(most));
        let slice = self.all().get(filter.looked_at..until).unwrap_or_default();
        let looked_at = slice.len();
        filter.rows.extend(slice.iter().filter(|row| filter.query.matches(&RowRecord::new(self, **row))));
        filter.looked_at = until;
        let (anchor, first_time) = (filter.anchor, !filter.caught_up);
        filter.caught_up |= until == self.all().len();
        let caught_up = filter.caught_up;
        self.filter = Some(filter);
        if first_time || self.selection_in(Pane::Decisions).index().is_none() {
            self.fit(anchor);
        }
        if first_time && caught_up {
            self.reseen();
        }
        looked_at
    }

    /// A person chose a row: the one selected before is no longer looked for.
    pub fn let_go(&mut self) {
        if let Some(filter) = &mut self.filter {
            filter.anchor = None;
        }
    }

    /// Selects the first row that is not older than `anchor`, or the last there is.
    fn fit(&mut self, anchor: Option<Row>) {
        let Some(anchor) = anchor else { return };
        let rows = self.list(Pane::Decisions);
        let index = rows.partition_point(|row| row.at < anchor.at).min(rows.len().saturating_sub(1));
        let put = rows.get(index).map(|row| (index, self.id(*row)));
        for pane in [Pane::Decisions, Pane::Receipts] {
            self.selections[pane as usize].put(put);
        }
    }
}
