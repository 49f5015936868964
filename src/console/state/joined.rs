//! Moving in the joined lists: a person moves in one, the others go where its row came from and what it led to.

use super::links::Tie;
use super::{Fold, Links, Pane, Row, RowId, Selection, State};
use crate::kernel::journal::Fact;

impl State {
    /// The list that has the keys, as the terminal's width folds it.
    pub fn focus(&self) -> Pane {
        self.focus.folded(Fold::of(self.size.0))
    }

    /// Gives another list the keys; its row stays the one it is on.
    pub fn focus_on(&mut self, pane: Pane) {
        self.focus = pane;
        let index = self.selection().index();
        self.detached = index.is_some_and(|index| index + 1 < self.rows().len());
    }

    /// A list's selection.
    pub fn selection_in(&self, pane: Pane) -> &Selection {
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
    pub fn unseen(&self, pane: Pane) -> usize {
        if self.detached { self.list(pane).len().saturating_sub(self.selection_in(pane).seen) } else { 0 }
    }

    /// Selects a row of the list that has the keys; the last one reattaches.
    pub fn pick(&mut self, index: usize) {
        let total = self.rows().len();
        let Some(id) = self.rows().get(index).map(|row| row.id()) else { return };
        self.detached = index + 1 < total;
        let focus = self.focus();
        self.selections[focus as usize].put(Some((index, id)));
    }

    /// Goes to a row by its id, in whichever list has it.
    pub fn go_to(&mut self, id: RowId) {
        let fold = Fold::of(self.size.0);
        let shown = Pane::ALL.into_iter().filter(|pane| pane.folded(fold) == *pane);
        let found = shown.into_iter().find_map(|pane| Some((pane, self.position(pane, id)?)));
        if let Some((pane, index)) = found {
            self.focus = pane;
            self.pick(index);
        }
    }

    /// Where the row of that id is in a list.
    pub fn position(&self, pane: Pane, id: RowId) -> Option<usize> {
        self.list(pane).binary_search_by_key(&id.0, |row| row.at).ok()
    }

    /// What belongs to the selected row.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Shows only the ALERTs that wait, or all rows; what is new counts from here.
    pub fn narrow(&mut self, alone: bool) {
        self.attention.alone = alone;
        self.reseen();
    }

    /// The decisions shown are other ones: what comes from now on is new.
    pub fn reseen(&mut self) {
        for pane in Pane::ALL {
            self.selections[pane as usize].seen = self.list(pane).len();
        }
    }

    /// Makes the four selections agree after any change; `hold` keeps the selected row although newer ones came.
    pub fn join(&mut self, hold: bool) {
        if self.attention.alone && self.attention.rows().is_empty() {
            self.narrow(false);
        }
        let focus = self.focus();
        let total = self.rows().len();
        if hold {
            self.detached |= self.selection().index().is_some_and(|index| index + 1 < total);
        }
        if self.detached {
            self.repin(focus);
        } else {
            let newest = self.rows().last().map(|row| (total - 1, row.id()));
            self.selections[focus as usize].put(newest);
            for pane in Pane::ALL {
                self.selections[pane as usize].seen = self.list(pane).len();
            }
        }
        let Some(row) = self.selected() else {
            self.links = Links::default();
            return;
        };
        self.links = self.links_of(row, focus);
        for pane in Pane::ALL.into_iter().filter(|pane| *pane != focus) {
            self.lead(pane, row);
        }
        let id = row.id();
        if self.tried.as_ref().is_none_or(|(of, _)| *of != id) {
            self.tried = match self.entry(row).map(|entry| &entry.fact) {
                Some(Fact::Disposed(disposed)) => self.laws.tried(disposed).map(|tried| (id, tried)),
                Some(Fact::Held(held)) => self.laws.tried_on_held(held).map(|tried| (id, tried)),
                _ => None,
            };
        }
    }

    /// Finds the selected row again in a list whose rows changed; where it is gone, its neighbour.
    fn repin(&mut self, pane: Pane) {
        let selection = self.selection_in(pane);
        let row = selection.id().and_then(|id| Some((self.position(pane, id)?, id)));
        let row = row.or_else(|| {
            let last = self.list(pane).len().checked_sub(1)?;
            let index = selection.index().unwrap_or(last).min(last);
            Some((index, self.list(pane)[index].id()))
        });
        self.selections[pane as usize].put(row);
    }

    /// Puts a list on what belongs to the selected row: where it is already, else the first such row, else the row
    /// that was newest then.
    fn lead(&mut self, pane: Pane, row: Row) {
        let list = self.list(pane);
        let at = self.selection_in(pane).id().and_then(|id| self.position(pane, id));
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
    pub fn scroll(&mut self, height: usize) {
        for pane in Pane::ALL {
            let total = self.list(pane).len();
            let newest = !self.detached;
            self.selections[pane as usize].settle(height, total, newest);
        }
    }
}
