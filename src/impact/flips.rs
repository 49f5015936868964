//! The flipped actions of a group, in order of value, fetched a screenful at a time: whichever part of them is asked
//! for is found by halving the range of values, never by walking there.

use std::ops::Range;
use std::sync::Arc;

use super::corpus::{Corpus, Group, Row, Unfit, Worth};
use super::piece::{Judged, Piece, Rows};
use crate::kernel::decimal::Compact;

/// One action that flips.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// Which.
    pub row: Row,
    /// The operator that proposed it.
    pub operator: Option<Arc<str>>,
    /// Its connector.
    pub connector: Option<Arc<str>>,
    /// Its capability.
    pub tool: Arc<str>,
    /// What it moves.
    pub worth: Worth,
    /// How often it was recorded.
    pub times: u32,
    /// The word of the policy in force.
    pub before: Judged,
    /// The word of the draft.
    pub after: Judged,
}

/// Where a flipped row stands, and enough to put rows in order: those with a value first, by value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    key: Compact,
    unfit: Option<Unfit>,
    row: Row,
    group: usize,
    before: Judged,
    after: Judged,
}

/// Rows of one piece, in ascending order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequence<'a> {
    group: usize,
    keys: &'a [Compact],
    rows: &'a [Row],
    unfit: Option<Unfit>,
    before: Judged,
    after: Judged,
}

impl Place {
    /// The one with the lower value; of equal ones the earlier found.
    pub fn min(self, later: Self) -> Self {
        let order = |place: &Self| (place.unfit.is_some(), place.key);
        if order(&later) < order(&self) { later } else { self }
    }

    /// The one with the higher value; of equal ones the later found.
    pub fn farther(self, later: Self) -> Self {
        let order = |place: &Self| (place.unfit.is_none(), place.key);
        if order(&later) < order(&self) { self } else { later }
    }
}

impl<'a> Sequence<'a> {
    /// The rows of a piece, one sequence for each run of its column.
    pub fn of(group: &'a Group, at: usize, piece: &'a Piece) -> [Self; 2] {
        let sequence = |keys, rows, unfit| {
            let (before, after) = (piece.before, piece.after);
            Self { group: at, keys, rows, unfit, before, after }
        };
        let none = sequence(&[], &[], None);
        match &piece.rows {
            Rows::Ranges { main, tail } => {
                let wide = |range: &Range<u32>| range.start as usize..range.end as usize;
                let [runs_main, runs_tail] = group.column.runs();
                let of = |run: &'a super::column::Run, range: Range<usize>| {
                    sequence(&run.keys[range.clone()], &run.rows[range], None)
                };
                [of(runs_main, wide(main)), of(runs_tail, wide(tail))]
            }
            Rows::Unfit(kind) => [sequence(&[], group.unfit(*kind), Some(*kind)), none],
            Rows::Picked { keys, rows, unfit } => [sequence(keys, rows, *unfit), none],
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn rows(&self) -> &'a [Row] {
        self.rows
    }

    fn place(&self, index: usize) -> Option<Place> {
        Some(Place {
            row: *self.rows.get(index)?,
            key: self.keys.get(index).copied().unwrap_or(Compact::ENDS.0),
            unfit: self.unfit,
            group: self.group,
            before: self.before,
            after: self.after,
        })
    }

    /// The first and the last.
    pub fn ends(&self) -> Option<(Place, Place)> {
        self.place(0).zip(self.place(self.rows.len().checked_sub(1)?))
    }

    fn below(&self, key: Compact) -> usize {
        self.keys.partition_point(|known| *known < key)
    }
}

impl Corpus {
    /// What a row of a group moves.
    pub(super) fn worth(&self, row: Row, key: Compact, unfit: Option<Unfit>) -> Worth {
        let beside = || self.beside().get(&row).cloned();
        let known = match unfit {
            Some(Unfit::Missing) => None,
            Some(Unfit::Negative) => beside().map(Worth::Negative),
            Some(Unfit::Inexact) => beside().map(Worth::Inexact),
            None if key.is_exact() => key.number().map(Worth::Exact),
            None => beside().map(Worth::Exact),
        };
        known.unwrap_or(Worth::Missing)
    }

    pub(super) fn flip(&self, place: Place) -> Flip {
        let names = self.groups()[place.group].names;
        let name = |id: u32| Arc::clone(self.names().get(id));
        Flip {
            row: place.row,
            operator: names.operator.map(name),
            connector: names.connector.map(name),
            tool: name(names.tool),
            worth: self.worth(place.row, place.key, place.unfit),
            times: self.times(place.row),
            before: place.before,
            after: place.after,
        }
    }
}

/// Some sequences as if they were one: those with values merged, then the others one after another.
pub(super) struct Merged<'a> {
    valued: Vec<Sequence<'a>>,
    others: Vec<Sequence<'a>>,
}

impl<'a> Merged<'a> {
    pub fn new(sequences: impl Iterator<Item = Sequence<'a>>) -> Self {
        let (valued, others) =
            sequences.filter(|sequence| sequence.len() > 0).partition(|sequence| sequence.unfit.is_none());
        Self { valued, others }
    }

    /// The rows of a range.
    pub fn range(&self, range: Range<usize>) -> Vec<Place> {
        let total: usize = self.valued.iter().map(Sequence::len).sum();
        let mut places = self.valued_range(range.start.min(total)..range.end.min(total));
        let mut before = total;
        for sequence in &self.others {
            let (from, to) = (range.start.saturating_sub(before), range.end.saturating_sub(before));
            places.extend((from..to.min(sequence.len())).filter_map(|index| sequence.place(index)));
            before += sequence.len();
        }
        places
    }

    /// Where a row stands among them.
    pub fn position(&self, row: Row) -> Option<usize> {
        let total: usize = self.valued.iter().map(Sequence::len).sum();
        let mut before = total;
        for sequence in &self.others {
            if let Ok(at) = sequence.rows.binary_search(&row) {
                return Some(before + at);
            }
            before += sequence.len();
        }
        let mut hits = self.valued.iter().enumerate();
        let (which, at) =
            hits.find_map(|(which, found)| Some((which, found.rows.iter().position(|known| *known == row)?)))?;
        let key = self.valued[which].keys[at];
        let smaller: usize = self.valued.iter().map(|sequence| sequence.below(key)).sum();
        let alike =
            |sequence: &Sequence<'_>| sequence.keys.partition_point(|known| *known <= key) - sequence.below(key);
        let earlier: usize = self.valued[..which].iter().map(alike).sum();
        Some(smaller + earlier + at - self.valued[which].below(key))
    }

    fn valued_range(&self, range: Range<usize>) -> Vec<Place> {
        let mut places = Vec::with_capacity(range.len());
        let mut at = self.starts(range.start);
        while places.len() < range.len() {
            let next = (0..at.len())
                .filter_map(|which| Some((*self.valued[which].keys.get(at[which])?, which)))
                .min()
                .map(|(_, which)| which);
            let Some(which) = next else { break };
            places.extend(self.valued[which].place(at[which]));
            at[which] += 1;
        }
        places
    }

    /// How far each sequence is read when so many rows are passed. Rows of equal keys go sequence by sequence.
    fn starts(&self, passed: usize) -> Vec<usize> {
        let below = |key| self.valued.iter().map(|sequence| sequence.below(key)).sum::<usize>();
        // The greatest key with at most that many rows below it.
        let (mut low, mut high) = Compact::ENDS;
        while low < high {
            let middle = low.between_up(high);
            if below(middle) <= passed { low = middle } else { high = middle.previous() }
        }
        let mut left = passed - below(low);
        let mut starts: Vec<usize> = self.valued.iter().map(|sequence| sequence.below(low)).collect();
        for (start, sequence) in starts.iter_mut().zip(&self.valued) {
            let alike = sequence.keys[*start..].partition_point(|known| *known == low).min(left);
            *start += alike;
            left -= alike;
        }
        starts
    }
}
