//! Two versions of a prompt contract, compared section by section: what is the same, what moved, what was changed, and
//! whether only the layout is other.
//!
//! Lines of one section are never taken for lines of another: what stands in another section now has moved. The result
//! is rows for a view; which words of a row changed is worked out for those that are shown. Knows nothing of screens,
//! files, or what a change of the text is worth.

use std::ops::Range;

use crate::kernel::sequence_diff::{self, Hunk};
use crate::pack::prompt::{Prompt, SectionKind};

mod blocks;
mod borders;
mod layout;
mod lines;
mod moves;
mod rows;
#[cfg(test)]
mod tests;
mod unified;
mod words;

use blocks::Block;
use layout::Source;
use lines::{Lines, Numbering};
use moves::Moves;
pub use rows::Row;
pub use unified::{Side, UnifiedLine};
pub use words::RowWords;

/// What became of a section, or of a whole contract, by how much it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Not a byte is other.
    Same,
    /// White space or Markdown layout is other; what it says is not.
    Layout,
    /// Lines stand elsewhere, and nothing else is other.
    Moved,
    /// What it says is other.
    Changed,
    /// The old version does not have it.
    Added,
    /// The new version does not have it.
    Removed,
}

impl Kind {
    /// One word, as screens show it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Layout => "layout",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// A section of either version. One that stands elsewhere among the others now is there twice, once for each place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionDiff {
    /// What it is to the contract.
    pub kind: SectionKind,
    /// The heading's text; empty for what stands before the first.
    pub title: String,
    /// What became of it.
    pub change: Kind,
    /// Its rows.
    pub rows: Range<usize>,
    /// Its changes, as a part of all.
    pub changes: Range<usize>,
}

/// Rows beside each other that are not the same: what a person goes to next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its rows.
    pub rows: Range<usize>,
    /// Whether only white space and Markdown layout are other in it.
    pub layout: bool,
}

/// Two contracts compared.
#[derive(Debug)]
pub struct ContractDiff {
    old: Lines,
    new: Lines,
    sections: Vec<SectionDiff>,
    changes: Vec<Change>,
    rows: Vec<Row>,
    passages: usize,
}

impl ContractDiff {
    /// Compares two versions.
    pub fn of(old: &Prompt, new: &Prompt) -> Self {
        let (before, after) = (Lines::of(old.text()), Lines::of(new.text()));
        let blocks = blocks::of((old, &before), (new, &after));
        let hunks = hunks(&blocks, &before, &after);
        let flat: Vec<_> = hunks.iter().flatten().cloned().collect();
        let moves = moves::of(&before, &after, &flat);
        let mut made = Self {
            old: before,
            new: after,
            sections: Vec::new(),
            changes: Vec::new(),
            rows: Vec::new(),
            passages: moves.passages,
        };
        let judge = (!flat.is_empty()).then(|| Judge::of(old, new));
        for (block, hunks) in blocks.into_iter().zip(hunks) {
            made.section(block, &hunks, &moves, judge.as_ref());
        }
        made
    }

    fn section(&mut self, block: Block, hunks: &[Hunk], moves: &Moves, judge: Option<&Judge<'_>>) {
        let (first_row, first_change) = (self.rows.len(), self.changes.len());
        let (old, new) = (block.old.clone().unwrap_or_default(), block.new.clone().unwrap_or_default());
        let layout = judge.is_some_and(|judge| block.is_paired() && judge.same(self, old.clone(), new.clone()));
        let mut at = (old.start, new.start);
        let nexts = hunks.iter().skip(1).map(|hunk| (hunk.old.start, hunk.new.start)).chain([(old.end, new.end)]);
        for (hunk, next) in hunks.iter().zip(nexts) {
            self.rows.extend(rows::same(at.0..hunk.old.start, at.1..hunk.new.start));
            let start = self.rows.len();
            rows::of_hunk(hunk, &self.old, &self.new, moves, &mut self.rows);
            // The lines up to the next change are read otherwise if this one opens or closes something.
            let layout =
                layout || judge.is_some_and(|judge| block.is_paired() && judge.same(self, at.0..next.0, at.1..next.1));
            self.changes.push(Change { rows: start..self.rows.len(), layout });
            at = (hunk.old.end, hunk.new.end);
        }
        self.rows.extend(rows::same(at.0..old.end, at.1..new.end));
        let (rows, changes) = (first_row..self.rows.len(), first_change..self.changes.len());
        let change = self.kind_of(&block, &changes, layout, judge);
        self.sections.push(SectionDiff { kind: block.kind, title: block.title, change, rows, changes });
    }

    fn kind_of(&self, block: &Block, changes: &Range<usize>, layout: bool, judge: Option<&Judge<'_>>) -> Kind {
        let moved = |change: &Change| {
            change.layout || self.rows[change.rows.clone()].iter().all(|row| row.is_moved() || self.is_blank(*row))
        };
        match (&block.old, &block.new, &block.elsewhere) {
            _ if changes.is_empty() => Kind::Same,
            (Some(_), Some(_), _) if layout => Kind::Layout,
            (Some(_), Some(_), _) if self.changes[changes.clone()].iter().all(moved) => Kind::Moved,
            (Some(_), Some(_), _) => Kind::Changed,
            (Some(old), None, Some(new)) | (None, Some(new), Some(old)) => {
                let same = judge.is_some_and(|judge| judge.same(self, old.clone(), new.clone()));
                if same { Kind::Moved } else { Kind::Changed }
            }
            (Some(_), None, None) => Kind::Removed,
            _ => Kind::Added,
        }
    }

    fn is_blank(&self, row: Row) -> bool {
        let blank = |lines: &Lines, line: Option<usize>| line.is_none_or(|line| lines.line(line).trim().is_empty());
        blank(&self.old, row.old()) && blank(&self.new, row.new())
    }

    /// What became of the whole: the most that became of a section. `Layout` is white space and Markdown layout alone.
    pub fn change(&self) -> Kind {
        let most = self.sections.iter().map(|section| section.change).max().unwrap_or(Kind::Same);
        if most > Kind::Moved { Kind::Changed } else { most }
    }

    /// Every section, in the order of the rows.
    pub fn sections(&self) -> &[SectionDiff] {
        &self.sections
    }

    /// Every change, in the order of the rows.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The side-by-side view. The old lines of the rows are the old text, the new lines the new one.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many passages moved.
    pub fn passages(&self) -> usize {
        self.passages
    }

    /// A line of the old text with its line break, counted from 0.
    pub fn old_line(&self, at: usize) -> &str {
        self.old.line(at)
    }

    /// A line of the new text with its line break, counted from 0.
    pub fn new_line(&self, at: usize) -> &str {
        self.new.line(at)
    }
}

/// Where the lines of each block differ.
fn hunks(blocks: &[Block], old: &Lines, new: &Lines) -> Vec<Vec<Hunk>> {
    let mut numbering = Numbering::default();
    let before: Vec<_> = (0..old.len()).map(|line| numbering.of(old.line(line))).collect();
    let after: Vec<_> = (0..new.len()).map(|line| numbering.of(new.line(line))).collect();
    let within = |part: Range<usize>, whole: &Range<usize>| part.start + whole.start..part.end + whole.start;
    let in_block = |block: &Block| {
        let whole = Hunk { old: block.old.clone().unwrap_or_default(), new: block.new.clone().unwrap_or_default() };
        let found = sequence_diff::hunks(&before[whole.old.clone()], &after[whole.new.clone()]);
        let placed = |hunk: Hunk| Hunk { old: within(hunk.old, &whole.old), new: within(hunk.new, &whole.new) };
        let mut found: Vec<_> = found.into_iter().map(placed).collect();
        borders::settle(&mut found, &whole, (old, &before), (new, &after));
        found
    };
    blocks.iter().map(in_block).collect()
}

/// How both texts are read, to tell wording from layout.
struct Judge<'a> {
    old: Source<'a>,
    new: Source<'a>,
}

impl<'a> Judge<'a> {
    fn of(old: &'a Prompt, new: &'a Prompt) -> Self {
        Self { old: Source::of(old.text()), new: Source::of(new.text()) }
    }

    /// Whether some lines say the same as others.
    fn same(&self, diff: &ContractDiff, old: Range<usize>, new: Range<usize>) -> bool {
        let (old, new) = (diff.old.span(old).unwrap_or_default(), diff.new.span(new).unwrap_or_default());
        self.old.part(old).says_the_same_as(&self.new.part(new))
    }
}
