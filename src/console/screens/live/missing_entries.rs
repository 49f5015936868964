//! Which entries have to be recalled for what is in view: the rows of the four lists, what they tell of their envelopes,
//! and everything about the selected one.

use super::{ListId, Live};
use crate::console::model::{MOST_ABOUT, Model, RowId};
use crate::session::journal::reader::EntryLocation;

/// Entries about the envelope of a row that is only in view.
const SHOWN: usize = 32;

impl Live {
    /// Entries of which some view needs the text, and where they stand.
    pub fn missing(&self, model: &Model, height: usize) -> Vec<(RowId, EntryLocation)> {
        let mut ids = Vec::new();
        for pane in ListId::ALL {
            let rows = self.list(model, pane).iter().skip(self.selection_in(pane).top).take(height);
            rows.for_each(|row| model.missing_about(row.id(), SHOWN, &mut ids));
        }
        if let Some(row) = self.selected_row(model) {
            model.missing_about(row.id(), MOST_ABOUT, &mut ids);
            if let Some(claimed_by) = model.disposed(row).and_then(|disposed| disposed.receipt.claimed_by.as_deref())
                && let Some(claimer) = model.claimer(row, claimed_by)
            {
                model.missing_about(claimer.id(), SHOWN, &mut ids);
            }
            let pair = model.arrival(row).and_then(|arrival| model.rerun(arrival));
            for (run, arrival) in pair.into_iter().flat_map(|(of, again)| [of, again]) {
                if let Some(first) = model.runs.stored(run, arrival) {
                    model.missing_about(RowId(first), MOST_ABOUT, &mut ids);
                }
            }
        }
        model.places(ids)
    }
}
