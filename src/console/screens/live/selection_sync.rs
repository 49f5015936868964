//! Moving in the joined lists: a person moves in one, the others go where its row came from and what it led to.

use super::links::Tie;
use super::{Links, ListId, Live, Selection};
use crate::console::model::{Model, Row, RowId};

impl Live {
    /// The list that has the keys, as the terminal's width folds it.
    pub fn focus(&self) -> ListId {
        self.focus.folded(self.columns)
    }

    /// Gives another list the keys; its row stays the one it is on.
    pub fn focus_on(&mut self, model: &Model, pane: ListId) {
        self.focus = pane;
        let index = self.selection().index();
        self.detached = index.is_some_and(|index| index + 1 < self.rows(model).len());
    }

    /// A list's selection.
    pub fn selection_in(&self, pane: ListId) -> &Selection {
        &self.selections[pane as usize]
    }

    /// The selection of the list that has the keys.
    pub fn selection(&self) -> &Selection {
        self.selection_in(self.focus())
    }

    /// True while the newest row is selected as it comes.
    pub fn follows(&self) -> bool {
        !self.detached
    }

    /// Rows of a list that came since the newest were left.
    pub fn unseen(&self, model: &Model, pane: ListId) -> usize {
        if self.detached { self.list(model, pane).len().saturating_sub(self.selection_in(pane).seen) } else { 0 }
    }

    /// Selects a row of the list that has the keys; the last one reattaches.
    pub fn pick(&mut self, model: &Model, index: usize) {
        let total = self.rows(model).len();
        let Some(id) = self.rows(model).get(index).map(|row| row.id()) else { return };
        self.detached = index + 1 < total;
        let focus = self.focus();
        self.selections[focus as usize].put(Some((index, id)));
    }

    /// Goes to a row by its id, in whichever list has it.
    pub fn go_to(&mut self, model: &Model, id: RowId) {
        let shown = ListId::ALL.into_iter().filter(|pane| pane.folded(self.columns) == *pane);
        let found = shown.into_iter().find_map(|pane| Some((pane, self.position(model, pane, id)?)));
        // A list that is folded away has no row to go to: its envelope's has it.
        let found = found.or_else(|| {
            let envelope = model.envelope_row(model.row(id)?)?;
            Some((ListId::Envelopes, self.position(model, ListId::Envelopes, envelope)?))
        });
        if let Some((pane, index)) = found {
            self.focus = pane;
            self.pick(model, index);
        }
    }

    /// Where the row of that id is in a list.
    pub fn position(&self, model: &Model, pane: ListId, id: RowId) -> Option<usize> {
        self.list(model, pane).binary_search_by_key(&id.0, |row| row.at).ok()
    }

    /// What belongs to the selected row.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Shows only the ALERTs that wait, or all rows; what is new counts from here.
    pub fn narrow(&mut self, model: &Model, alone: bool) {
        self.pending.alone = alone;
        self.reseen(model);
    }

    /// The decisions shown are other ones: what comes from now on is new.
    pub fn reseen(&mut self, model: &Model) {
        for pane in ListId::ALL {
            self.selections[pane as usize].seen = self.list(model, pane).len();
        }
    }

    /// Makes the four selections agree after any change; `hold` keeps the selected row although newer ones came.
    pub fn join(&mut self, model: &Model, hold: bool) {
        if self.pending.alone && self.pending.rows().is_empty() {
            self.narrow(model, false);
        }
        let focus = self.focus();
        let total = self.rows(model).len();
        if hold {
            self.detached |= self.selection().index().is_some_and(|index| index + 1 < total);
        }
        if self.detached {
            self.repin(model, focus);
        } else {
            let newest = self.rows(model).last().map(|row| (total - 1, row.id()));
            self.selections[focus as usize].put(newest);
            for pane in ListId::ALL {
                self.selections[pane as usize].seen = self.list(model, pane).len();
            }
        }
        let Some(row) = self.selected_row(model) else {
            self.links = Links::default();
            return;
        };
        self.links = self.links_of(model, row, focus);
        for list in ListId::ALL.into_iter().filter(|list| *list != focus) {
            self.lead(model, list, row);
        }
        if self.explained.as_ref().is_none_or(|(of, _)| *of != row.id()) {
            self.explained = model.explain(row).map(|explained| (row.id(), explained));
        }
    }

    /// Finds the selected row again in a list whose rows changed; where it is gone, its neighbour.
    fn repin(&mut self, model: &Model, pane: ListId) {
        let selection = self.selection_in(pane);
        let row = selection.id().and_then(|id| Some((self.position(model, pane, id)?, id)));
        let row = row.or_else(|| {
            let last = self.list(model, pane).len().checked_sub(1)?;
            let index = selection.index().unwrap_or(last).min(last);
            Some((index, self.list(model, pane)[index].id()))
        });
        self.selections[pane as usize].put(row);
    }

    /// Puts a list on what belongs to the selected row: where it is already, else the first such row, else the row
    /// that was newest then.
    fn lead(&mut self, model: &Model, pane: ListId, row: Row) {
        let list = self.list(model, pane);
        let at = self.selection_in(pane).id().and_then(|id| self.position(model, pane, id));
        let to = at
            .filter(|at| self.links.tie(pane, *at) == Some(Tie::Linked))
            .or_else(|| self.links.first(pane))
            .or_else(|| {
                let later = list.partition_point(|other| other.at <= row.at);
                (!list.is_empty()).then(|| later.saturating_sub(1))
            });
        let put = to.and_then(|index| Some((index, list.get(index)?.id())));
        self.selections[pane as usize].put(put);
    }

    /// Moves what each list shows of itself, so that its row is in view.
    pub fn scroll(&mut self, model: &Model, height: usize) {
        for pane in ListId::ALL {
            let total = self.list(model, pane).len();
            let newest = !self.detached;
            self.selections[pane as usize].scroll_into_view(height, total, newest);
        }
    }
}
