//! The rows of a comparison one below the other: of a change first what was, then what is.

use std::ops::Range;

use super::ContractDiff;
use super::rows::Row;

/// Which line of a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The line that both texts have.
    Both,
    /// The old one.
    Old,
    /// The new one.
    New,
}

/// A line of the unified view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnifiedLine {
    /// Which row it is of, so that a place is kept from one view to the other.
    pub row: usize,
    /// Which of its lines.
    pub side: Side,
}

impl ContractDiff {
    /// The lines of the unified view.
    pub fn unified(&self) -> Vec<UnifiedLine> {
        let mut lines = Vec::with_capacity(self.rows().len());
        let mut at = 0;
        for change in self.changes() {
            lines.extend((at..change.rows.start).map(|row| UnifiedLine { row, side: Side::Both }));
            lines.extend(self.one_side(change.rows.clone(), Side::Old, Row::old));
            lines.extend(self.one_side(change.rows.clone(), Side::New, Row::new));
            at = change.rows.end;
        }
        lines.extend((at..self.rows().len()).map(|row| UnifiedLine { row, side: Side::Both }));
        lines
    }

    fn one_side(
        &self,
        rows: Range<usize>,
        side: Side,
        line: impl Fn(Row) -> Option<usize>,
    ) -> impl Iterator<Item = UnifiedLine> {
        rows.filter(move |row| line(self.rows()[*row]).is_some()).map(move |row| UnifiedLine { row, side })
    }
}
