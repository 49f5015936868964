//! One group judged by two policies: their bands laid over one another, and the rows of each piece found by binary
//! search. Rows are only looked at one by one where a predicate has answered about some of them.

use std::ops::Range;

use super::answers::Answers;
use super::column::{Beside, Column, Ends};
use super::corpus::{Group, Row, Unfit};
use super::steps::Steps;
use crate::kernel::decimal::Compact;
use crate::kernel::policy::{Ask, Bands, Reached, Standing};
use crate::kernel::receipt::Decision;

/// A policy's word on an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Judged {
    /// How it stands; `None` where a predicate has not been asked yet, which is never taken for allowed.
    pub standing: Option<Standing>,
    /// The first of the deciding rules, by index; where it is not decided, the first whose predicate is waited for.
    pub rule: Option<u32>,
}

/// Rows of one group that both policies judge alike among themselves.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub before: Judged,
    pub after: Judged,
    pub rows: Rows,
}

#[derive(Debug, Clone)]
pub(super) enum Rows {
    /// A range of each of the column's runs.
    Ranges { main: Range<u32>, tail: Range<u32> },
    /// All rows of a kind that no ceiling holds for.
    Unfit(Unfit),
    /// Picked one by one, in ascending order; with the kind, where they have no usable value.
    Picked { keys: Vec<Compact>, rows: Vec<Row>, unfit: Option<Unfit> },
}

impl Judged {
    /// The decision; `None` while it is not decided.
    pub fn decision(self) -> Option<Decision> {
        self.standing.map(Standing::decision)
    }
}

impl From<Reached> for Judged {
    fn from(reached: Reached) -> Self {
        Self { standing: Some(reached.standing), rule: reached.rule.map(narrow) }
    }
}

pub(super) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Rows {
    pub fn count(&self, group: &Group) -> usize {
        match self {
            Self::Ranges { main, tail } => main.len() + tail.len(),
            Self::Unfit(kind) => group.unfit(*kind).len(),
            Self::Picked { rows, .. } => rows.len(),
        }
    }
}

/// The bands of two policies for one pair.
pub(super) struct Overlay<'a> {
    pub before: &'a Bands<'a>,
    pub after: &'a Bands<'a>,
    pub answers: &'a Answers,
}

impl Overlay<'_> {
    /// The pieces of a group that have rows.
    pub fn judge(&self, group: &Group, beside: &Beside) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.valued(&group.column, beside, &mut pieces);
        let unfit = (self.before.unfit, self.after.unfit);
        for kind in Unfit::ALL.into_iter().filter(|kind| !group.unfit(*kind).is_empty()) {
            let rows = group.unfit(kind);
            match self.at_once(unfit) {
                Some((before, after)) => pieces.push(Piece { before, after, rows: Rows::Unfit(kind) }),
                None => self.one_by_one(unfit, &[], rows, Some(kind), &mut pieces),
            }
        }
        pieces
    }

    fn valued(&self, column: &Column, beside: &Beside, pieces: &mut Vec<Piece>) {
        let mut from = Ends::default();
        for step in Steps::of(self.before, self.after) {
            let to = column.ends(step.upto, beside);
            if to != from {
                self.between(column, from..to, (step.before, step.after), pieces);
                from = to;
            }
        }
    }

    fn between(&self, column: &Column, ends: Range<Ends>, reached: (Reached, Reached), pieces: &mut Vec<Piece>) {
        let (main, tail) = (ends.start.main..ends.end.main, ends.start.tail..ends.end.tail);
        if let Some((before, after)) = self.at_once(reached) {
            let narrowed = |range: Range<usize>| narrow(range.start)..narrow(range.end);
            let rows = Rows::Ranges { main: narrowed(main), tail: narrowed(tail) };
            return pieces.push(Piece { before, after, rows });
        }
        for (run, range) in column.runs().into_iter().zip([main, tail]) {
            self.one_by_one(reached, &run.keys[range.clone()], &run.rows[range], None, pieces);
        }
    }

    /// Both words, where they are the same for every row.
    fn at_once(&self, (before, after): (Reached, Reached)) -> Option<(Judged, Judged)> {
        let word = |reached: Reached, asks: &[Ask]| match asks.first() {
            Some(_) if reached.acts() && asks.iter().any(|ask| self.answers.has(ask.predicate)) => None,
            Some(ask) if reached.acts() => Some(Judged { standing: None, rule: Some(narrow(ask.rule)) }),
            _ => Some(Judged::from(reached)),
        };
        Some((word(before, &self.before.asks)?, word(after, &self.after.asks)?))
    }

    /// The word on one row, with what is answered about it.
    fn word(&self, reached: Reached, asks: &[Ask], row: Row) -> Judged {
        if !reached.acts() {
            return Judged::from(reached);
        }
        let first = |answer: Option<bool>| asks.iter().find(|ask| self.answers.get(ask.predicate, row) == answer);
        match (first(Some(false)), first(None)) {
            (Some(ask), _) => Judged { standing: Some(Standing::Violated), rule: Some(narrow(ask.rule)) },
            (None, Some(ask)) => Judged { standing: None, rule: Some(narrow(ask.rule)) },
            (None, None) => Judged::from(reached),
        }
    }

    fn one_by_one(
        &self,
        (before, after): (Reached, Reached),
        keys: &[Compact],
        rows: &[Row],
        unfit: Option<Unfit>,
        pieces: &mut Vec<Piece>,
    ) {
        let first = pieces.len();
        for (index, row) in rows.iter().enumerate() {
            let old = self.word(before, &self.before.asks, *row);
            let new = self.word(after, &self.after.asks, *row);
            let at = pieces[first..].iter().position(|piece| piece.before == old && piece.after == new);
            if at.is_none() {
                let rows = Rows::Picked { keys: Vec::new(), rows: Vec::new(), unfit };
                pieces.push(Piece { before: old, after: new, rows });
            }
            let at = at.map_or(pieces.len() - 1, |at| first + at);
            if let Rows::Picked { keys: picked, rows, .. } = &mut pieces[at].rows {
                picked.extend(keys.get(index));
                rows.push(*row);
            }
        }
    }
}
