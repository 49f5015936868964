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
