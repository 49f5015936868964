//! The attention list: ALERTs, which acted and wait for a person to say that it was seen, and actions that wait for an
//! answer before they act. What earlier runs raised waits too: it is awaited until its rows are read back.

use std::collections::BTreeSet;

use crate::console::model::{Model, Row, RowId, RowKind, RowList};
use crate::kernel::journal::Alert;

/// ALERTs not acknowledged, and whether only they are shown.
#[derive(Debug, Default)]
pub struct PendingAlerts {
    /// In the order they were raised, so that one is found by halving.
    open: Vec<Row>,
    /// Those of earlier runs whose rows are not read back yet.
    awaited: BTreeSet<Alert>,
    /// True while the decisions are these alone.
    pub alone: bool,
    /// True while a person is asked whether all were seen.
    pub(super) asks_for_all: bool,
    /// Those up to here were all seen, and are told the session one after the other.
    all_seen: Option<RowId>,
}

impl PendingAlerts {
    /// An action was raised.
    pub fn raise(&mut self, row: Row) {
        self.open.push(row);
    }

    /// Those of earlier runs wait still.
    pub fn carry(&mut self, alerts: &[Alert]) {
        self.awaited.extend(alerts.iter().cloned());
    }

    /// A person has seen it.
    pub fn acknowledge(&mut self, id: RowId) {
        if let Ok(index) = self.find(id) {
            self.open.remove(index);
        }
    }

    /// A person has seen all that have acted and wait now.
    pub(super) fn acknowledge_all(&mut self) {
        self.asks_for_all = false;
        self.all_seen = self.open.last().map(|row| row.id()).or(Some(RowId(0)));
    }

    /// True while some of them are not told yet.
    pub(super) fn goes_on(&self) -> bool {
        self.all_seen.is_some()
    }

    /// The receipts of the next ones, at most `most`, which wait no more; or what has to be read back to know them.
    pub(super) fn next_seen(&mut self, model: &Model, most: usize) -> (Vec<String>, Vec<RowId>) {
        let Some(upto) = self.all_seen else { return (Vec::new(), Vec::new()) };
        let carried: Vec<Alert> = std::iter::from_fn(|| self.awaited.pop_first()).take(most).collect();
        if !carried.is_empty() {
            return (carried.into_iter().map(|alert| alert.receipt).collect(), Vec::new());
        }
        let seen = self.open.iter().filter(|row| row.kind == RowKind::Disposed && row.id() <= upto).take(most);
        let seen: Vec<Row> = seen.copied().collect();
        let mut lacking = Vec::new();
        for row in &seen {
            model.missing_of(row.id(), &mut lacking);
        }
        if !lacking.is_empty() {
            return (Vec::new(), lacking);
        }
        if seen.len() < most {
            self.all_seen = None;
        }
        self.open.retain(|row| seen.iter().all(|seen| seen.id() != row.id()));
        (seen.iter().filter_map(|row| Some(model.receipt(*row)?.id.clone())).collect(), Vec::new())
    }

    /// How many have acted and wait to be acknowledged.
    pub(super) fn to_acknowledge(&self) -> usize {
        self.count() - self.held()
    }

    /// A person has seen the ALERT of that receipt, here or elsewhere.
    pub fn acknowledged(&mut self, model: &Model, receipt: &str) {
        self.awaited.retain(|alert| alert.receipt != receipt);
        self.open.retain(|row| row.kind == RowKind::Held || model.receipt(*row).is_none_or(|own| own.id != receipt));
    }

    /// Rows of earlier runs were put before all others, so many of them decisions: those that wait are found.
    pub fn find_awaited(&mut self, model: &Model, added: usize) {
        if self.awaited.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for row in &model.rows(RowList::Decisions)[..added] {
            let Some(id) = model.receipt(*row).map(|receipt| receipt.id.as_str()) else { continue };
            let before = self.awaited.len();
            self.awaited.retain(|alert| alert.receipt != id);
            if self.awaited.len() < before {
                found.push(*row);
            }
        }
        self.open.splice(0..0, found);
        if model.beginning().is_none() {
            // What is on no disk any more cannot be shown, and waits for nobody.
            self.awaited.clear();
        }
    }

    /// True while rows of earlier runs have to be read back.
    pub fn awaits(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// True while it waits.
    pub fn waits(&self, id: RowId) -> bool {
        self.find(id).is_ok()
    }

    /// Those that wait.
    pub fn rows(&self) -> &[Row] {
        &self.open
    }

    /// How many wait, those included whose rows are not read back yet.
    pub fn count(&self) -> usize {
        self.open.len() + self.awaited.len()
    }

    /// How many of them have not acted yet, and wait for an answer.
    pub fn held(&self) -> usize {
        self.open.iter().filter(|row| row.kind == RowKind::Held).count()
    }

    fn find(&self, id: RowId) -> Result<usize, usize> {
        self.open.binary_search_by_key(&id.0, |row| row.at)
    }
}
