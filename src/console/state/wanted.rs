//! Which entries have to be recalled for what is in view: the rows of the four lists, what they tell of their envelopes,
//! and everything about the selected one.

use super::links::MOST;
use super::{Pane, RowId, State};
use crate::session::past::Place;

/// Entries about the envelope of a row that is only in view.
const SHOWN: usize = 32;

impl State {
    /// Entries of which some view needs the text, and where they stand.
    pub fn wanted(&self, height: usize) -> Vec<(RowId, Place)> {
        let mut ids = Vec::new();
        for pane in Pane::ALL {
            let rows = self.list(pane).iter().skip(self.selection_in(pane).top).take(height);
            rows.for_each(|row| self.about_row(row.id(), SHOWN, &mut ids));
        }
        if let Some(row) = self.selected() {
            self.about_row(row.id(), MOST, &mut ids);
            if let Some(claimed_by) = self.disposed(row).and_then(|disposed| disposed.receipt.claimed_by.as_deref())
                && let Some(claimer) = self.claimer(row, claimed_by)
            {
                self.about_row(claimer.id(), SHOWN, &mut ids);
            }
            let pair = self.arrival(row).and_then(|arrival| self.rerun(arrival));
            for (run, arrival) in pair.into_iter().flat_map(|(of, again)| [of, again]) {
                if let Some(first) = self.runs.stored(run, arrival) {
                    self.about_row(RowId(first), MOST, &mut ids);
                }
            }
        }
        self.places(ids)
    }

    /// Those of a row that are not in memory.
    fn about_row(&self, id: RowId, most: usize, ids: &mut Vec<RowId>) {
        let about = self.memory.onward(self.memory.first_about(id)).take(most);
        ids.extend(about.chain([id]).filter(|id| self.memory.lacks(*id)));
    }

    /// Adds what a query needs of a row: its own entry and its envelope's.
    pub(super) fn asked_of(&self, id: RowId, ids: &mut Vec<RowId>) {
        ids.extend([self.memory.first_about(id), id].into_iter().filter(|id| self.memory.lacks(*id)));
    }

    /// In the order in which they stand on disk, each once.
    pub(super) fn places(&self, mut ids: Vec<RowId>) -> Vec<(RowId, Place)> {
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| Some((id, self.memory.place(id)?))).collect()
    }

    /// Where what is shown begins; what is before it is on disk.
    pub fn beginning(&self) -> Option<Place> {
        self.beginning
    }

    /// Takes in what was read back, or could not be.
    pub fn recall(&mut self, id: RowId, entry: Option<std::sync::Arc<crate::kernel::journal::Entry>>) {
        self.memory.recall(id, entry);
    }

    /// True for a row whose entry can no longer be read.
    pub fn lost(&self, id: RowId) -> bool {
        self.memory.lost(id)
    }

    /// Keeps only so many entries in memory.
    #[cfg(test)]
    pub fn keep(&mut self, kept: usize) {
        self.memory.keep(kept);
    }
}
