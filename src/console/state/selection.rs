//! Where a person is in a list that grows: on the newest row and following, or detached and pinned to one row's id.

use super::RowId;

/// The selected row and what of the list is in view.
#[derive(Debug, Default)]
pub struct Selection {
    pinned: Option<RowId>,
    index: Option<usize>,
    /// First row in view.
    pub top: usize,
    /// Rows there were when the list was last followed.
    seen: usize,
    detached: bool,
}

impl Selection {
    /// Index of the selected row.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Id of the selected row.
    pub fn id(&self) -> Option<RowId> {
        self.pinned
    }

    /// True while the newest row is selected as it comes.
    pub fn follows(&self) -> bool {
        !self.detached
    }

    /// Rows that came since the list was left, of `total`.
    pub fn unseen(&self, total: usize) -> usize {
        if self.detached { total.saturating_sub(self.seen) } else { 0 }
    }

    /// Selects a row by hand; the last one reattaches.
    pub fn pick(&mut self, index: usize, id: RowId, total: usize) {
        if !self.detached {
            self.seen = total;
        }
        self.detached = index + 1 < total;
        (self.index, self.pinned) = (Some(index), Some(id));
    }

    /// Goes where the newest row is, and stays there.
    pub fn follow(&mut self, newest: Option<(usize, RowId)>) {
        self.detached = false;
        (self.index, self.pinned) = (newest.map(|(index, _)| index), newest.map(|(_, id)| id));
    }

    /// Puts the selection on a row without a person having chosen it: whether it follows stays as it is.
    pub fn place(&mut self, row: Option<(usize, RowId)>) {
        (self.index, self.pinned) = (row.map(|(index, _)| index), row.map(|(_, id)| id));
    }

    /// The list is another one, of `total` rows: what comes from now on is new.
    pub fn reseen(&mut self, total: usize) {
        self.seen = total;
    }

    /// Moves what is in view so that the selected row shows; while following, so that the last row does.
    pub fn settle(&mut self, height: usize, total: usize) {
        let height = height.max(1);
        let last_top = total.saturating_sub(height);
        if !self.detached {
            self.top = last_top;
        }
        if let Some(index) = self.index {
            // INVARIANT: top <= index < top + height.
            self.top = self.top.clamp((index + 1).saturating_sub(height), index);
        }
        self.top = self.top.min(last_top);
    }
}
