//! The attention list: ALERTs, which acted and wait for a person to say that it was seen, and actions that wait for an
//! answer before they act.

use crate::console::model::{Row, RowId, RowKind};

/// ALERTs not acknowledged, and whether only they are shown.
#[derive(Debug, Default)]
pub struct PendingAlerts {
    /// In the order they were raised, so that one is found by halving.
    open: Vec<Row>,
    /// True while the decisions are these alone.
    pub alone: bool,
}

impl PendingAlerts {
    /// An action was raised.
    pub fn raise(&mut self, row: Row) {
        self.open.push(row);
    }

    /// A person has seen it.
    pub fn acknowledge(&mut self, id: RowId) {
        if let Ok(index) = self.find(id) {
            self.open.remove(index);
        }
    }

    /// True while it waits.
    pub fn waits(&self, id: RowId) -> bool {
        self.find(id).is_ok()
    }

    /// Those that wait.
    pub fn rows(&self) -> &[Row] {
        &self.open
    }

    /// How many of them have not acted yet, and wait for an answer.
    pub fn held(&self) -> usize {
        self.open.iter().filter(|row| row.kind == RowKind::Held).count()
    }

    fn find(&self, id: RowId) -> Result<usize, usize> {
        self.open.binary_search_by_key(&id.0, |row| row.at)
    }
}
