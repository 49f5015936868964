//! The lines of both texts beside each other: what the views show, row by row.

use std::ops::Range;

use super::lines::{Lines, Numbering};
use super::moves::Moves;
use crate::kernel::sequence_diff::{self, Hunk};

mod likeness;

/// What a row shows. Lines are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The same line in both.
    Same {
        /// Line of the old text.
        old: usize,
        /// Line of the new text.
        new: usize,
    },
    /// A line that stands in place of another.
    Changed {
        /// Line of the old text.
        old: usize,
        /// Line of the new text.
        new: usize,
    },
    /// A line that the new text does not have.
    Removed {
        /// Line of the old text.
        old: usize,
    },
    /// A line that the old text does not have.
    Added {
        /// Line of the new text.
        new: usize,
    },
    /// A line that the new text has elsewhere.
    MovedAway {
        /// Line of the old text.
        old: usize,
        /// Where the new text has it.
        to: usize,
    },
    /// A line that the old text has elsewhere.
    MovedHere {
        /// Line of the new text.
        new: usize,
        /// Where the old text has it.
        from: usize,
    },
}

impl Row {
    /// The line of the old text that stands in this row.
    pub fn old(self) -> Option<usize> {
        match self {
            Self::Same { old, .. }
            | Self::Changed { old, .. }
            | Self::Removed { old }
            | Self::MovedAway { old, .. } => Some(old),
            Self::Added { .. } | Self::MovedHere { .. } => None,
        }
    }

    /// The line of the new text that stands in this row.
    pub fn new(self) -> Option<usize> {
        match self {
            Self::Same { new, .. } | Self::Changed { new, .. } | Self::Added { new } | Self::MovedHere { new, .. } => {
                Some(new)
            }
            Self::Removed { .. } | Self::MovedAway { .. } => None,
        }
    }

    /// Whether both texts have the line here.
    pub fn is_same(self) -> bool {
        matches!(self, Self::Same { .. })
    }

    /// Whether it is an end of a moved passage.
    pub fn is_moved(self) -> bool {
        matches!(self, Self::MovedAway { .. } | Self::MovedHere { .. })
    }
}

/// The rows of lines that are the same.
pub fn same(old: Range<usize>, new: Range<usize>) -> impl Iterator<Item = Row> {
    old.zip(new).map(|(old, new)| Row::Same { old, new })
}

/// The rows of a change: lines that stand for each other in one, others and moved ones alone.
pub fn of_hunk(hunk: &Hunk, old: &Lines, new: &Lines, moves: &Moves, rows: &mut Vec<Row>) {
    let stay = |lines: Range<usize>, moved: &[Option<usize>]| -> Vec<usize> {
        lines.filter(|line| moved[*line].is_none()).collect()
    };
    let (before, after) = (stay(hunk.old.clone(), &moves.to), stay(hunk.new.clone(), &moves.from));
    let mut at = (hunk.old.start, hunk.new.start);
    let pairs = pairs(&before, &after, old, new);
    for (old, new) in pairs.into_iter().chain([(hunk.old.end, hunk.new.end)]) {
        rows.extend((at.0..old).map(|old| match moves.to[old] {
            Some(to) => Row::MovedAway { old, to },
            None => Row::Removed { old },
        }));
        rows.extend((at.1..new).map(|new| match moves.from[new] {
            Some(from) => Row::MovedHere { new, from },
            None => Row::Added { new },
        }));
        if (old, new) != (hunk.old.end, hunk.new.end) {
            rows.push(Row::Changed { old, new });
        }
        at = (old + 1, new + 1);
    }
}

/// Which lines stand for each other, in the order of both: those that differ in white space only, between them those
/// with the most words in common, and between those one after another.
fn pairs(before: &[usize], after: &[usize], old: &Lines, new: &Lines) -> Vec<(usize, usize)> {
    if before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    let mut numbering = Numbering::default();
    let left: Vec<_> = before.iter().map(|line| numbering.of(old.line(*line).trim())).collect();
    let right: Vec<_> = after.iter().map(|line| numbering.of(new.line(*line).trim())).collect();
    let mut pairs = Vec::new();
    let mut at = (0, 0);
    let end = Hunk { old: before.len()..before.len(), new: after.len()..after.len() };
    for gap in sequence_diff::hunks(&left, &right).into_iter().chain([end]) {
        pairs.extend((at.0..gap.old.start).zip(at.1..gap.new.start));
        at = (gap.old.end, gap.new.end);
        let texts = |lines: &[usize], of: &Lines| lines.iter().map(|line| of.line(*line).trim().to_owned()).collect();
        let (left, right): (Vec<_>, Vec<_>) =
            (texts(&before[gap.old.clone()], old), texts(&after[gap.new.clone()], new));
        let alike = likeness::pairs(&left, &right);
        pairs.extend(alike.into_iter().map(|(a, b)| (gap.old.start + a, gap.new.start + b)));
    }
    pairs.into_iter().map(|(a, b)| (before[a], after[b])).collect()
}
