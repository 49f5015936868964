//! Where a person is in a list that grows: the row pinned by its id, and what of the list is in view.

use crate::console::model::RowId;

/// The selected row of one list and what of it is in view.
#[derive(Debug, Default)]
pub struct Selection {
    pinned: Option<RowId>,
    index: Option<usize>,
    /// The row that was last brought in view.
    last_shown: Option<usize>,
    /// First row in view.
    pub top: usize,
    /// Rows there were when the list was last followed.
    pub(super) seen: usize,
}

/// Rows kept in view before and after one that is gone to, where there are any.
const MARGIN: usize = 3;

impl Selection {
    /// Index of the selected row.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Id of the selected row.
    pub fn id(&self) -> Option<RowId> {
        self.pinned
    }

    /// Puts it on a row, or on none.
    pub fn put(&mut self, row: Option<(usize, RowId)>) {
        (self.index, self.pinned) = (row.map(|(index, _)| index), row.map(|(_, id)| id));
    }

    /// Moves what is in view so that the selected row shows; with `newest`, as far down as that allows.
    pub fn scroll_into_view(&mut self, height: usize, total: usize, newest: bool) {
        let height = height.max(1);
        let last_top = total.saturating_sub(height);
        if newest {
            self.top = last_top;
        }
        if let Some(index) = self.index {
            // INVARIANT: top <= index < top + height. Rows that only came must not move what is looked at.
            let moved = self.last_shown != self.index;
            let margin = if moved { MARGIN.min((height - 1) / 2) } else { 0 };
            self.top = self.top.clamp((index + 1 + margin).saturating_sub(height), index.saturating_sub(margin));
        }
        self.top = self.top.min(last_top);
        self.last_shown = self.index;
    }
}
