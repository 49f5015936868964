//! What a policy does to recorded actions: verdict counts before and after an edit, every action whose verdict flips,
//! what each rule decides, and which changes of a rule no fixture would notice. Fresh after every key press: an edit
//! costs a few binary searches in each group it touches, whatever the number of actions.
//!
//! ```text
//! let mut impact = Impact::new(Corpus::default());
//! impact.set_in_force(in_force);              // Arc<PolicySet>
//! impact.absorb(batch);                       // from a reader, whenever one has come
//! impact.add(&action);                        // a receipt that was just written
//! impact.set_draft(draft);                    // at every key press that parses
//! impact.summary();                           // counts, flips by tool and direction, witnesses
//! impact.flips("order.refund", direction, 0..40);
//! ```
//!
//! Everything here is a function of what it is given: it reads no file, starts no thread, knows no clock, and runs no
//! author code (predicates are answered from outside). Policies are only looked at through their bands.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::kernel::policy::{ActionKind, Changes, PolicySet, PredicateId, Scope};

pub mod compare;

mod answers;
mod column;
mod corpus;
mod difference;
mod direction;
mod flips;
mod identity;
mod kept_bands;
mod mutant;
mod piece;
mod rules;
mod steps;
mod summary;
#[cfg(test)]
mod tests;

pub use corpus::{Action, Batch, Corpus, Row, Worth};
pub use difference::Telling;
pub use direction::Direction;
pub use flips::Flip;
pub use mutant::{Coverage, Fate, Mutant, Mutation, Review, Survivor, coverage, review};
pub use piece::Judged;
pub use rules::{RuleFacts, Spread};
pub use summary::{Counts, FlipGroup, Summary};

use answers::Answers;
use flips::{Merged, Place, Sequence};
use kept_bands::KeptBands;
use piece::{Overlay, Piece};

/// Which of the two policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The one that judges now.
    InForce,
    /// The one being written.
    Draft,
}

/// A corpus judged by the policy in force and by a draft of the next.
#[derive(Debug, Clone)]
pub struct Impact {
    corpus: Corpus,
    in_force: Arc<PolicySet>,
    draft: Arc<PolicySet>,
    answers: Answers,
    // INVARIANT: for each group of the corpus the pieces that judging it with both policies gives; every row is in
    // exactly one of them.
    pieces: Vec<Vec<Piece>>,
    /// What the policy in force says of the groups that were judged since it was put there.
    kept: Vec<Option<KeptBands>>,
    /// Counted when it is asked for; empty since the last change.
    summary: OnceLock<Summary>,
}

impl Impact {
    /// A corpus under no policy at all.
    pub fn new(corpus: Corpus) -> Self {
        let none = Arc::new(PolicySet::none("none is given"));
        let mut impact = Self {
            pieces: vec![Vec::new(); corpus.groups().len()],
            kept: Vec::new(),
            corpus,
            in_force: Arc::clone(&none),
            draft: none,
            answers: Answers::default(),
            summary: OnceLock::new(),
        };
        impact.judge_all();
        impact
    }

    /// The recorded actions.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// A policy of the two.
    pub fn policy(&self, side: Side) -> &Arc<PolicySet> {
        match side {
            Side::InForce => &self.in_force,
            Side::Draft => &self.draft,
        }
    }

    /// What the draft does. Counted once after a change, from what each group comes to.
    pub fn summary(&self) -> &Summary {
        self.summary.get_or_init(|| summary::of(self))
    }

    /// Puts another policy in force: it was saved.
    pub fn set_in_force(&mut self, policy: Arc<PolicySet>) {
        self.set(Side::InForce, policy);
    }

    /// Compares another draft.
    pub fn set_draft(&mut self, policy: Arc<PolicySet>) {
        self.set(Side::Draft, policy);
    }

    fn set(&mut self, side: Side, policy: Arc<PolicySet>) {
        let kept = match side {
            Side::InForce => &mut self.in_force,
            Side::Draft => &mut self.draft,
        };
        let earlier = std::mem::replace(kept, policy);
        if side == Side::InForce {
            self.kept.clear();
        }
        let policy = Arc::clone(kept);
        let changes = policy.changes_since(&earlier);
        if changes.moves_rules() {
            self.renumber(side, &changes);
        }
        let touched = self.touched(&changes.scopes);
        if !touched.is_empty() || changes.moves_rules() {
            self.judge(touched);
        }
    }

    /// Takes actions in that were read elsewhere; gives the row of the first. Each has a row of its own, also one that
    /// was recorded before and is not counted again.
    pub fn absorb(&mut self, batch: Batch) -> Row {
        let first = piece::narrow(self.corpus.recorded());
        let touched = self.corpus.absorb(batch);
        self.judge(touched);
        first
    }

    /// Takes one action in, such as a receipt just written; gives its row, or none when the corpus is full.
    pub fn add(&mut self, action: &Action<'_>) -> Option<Row> {
        let row = piece::narrow(self.corpus.recorded());
        let group = self.corpus.add(action)?;
        self.judge(vec![group]);
        Some(row)
    }

    /// Takes in what a predicate answered about rows; anything but exactly `true` is `false`. The id must be another
    /// once the predicate's code is.
    pub fn answer(&mut self, predicate: PredicateId, answers: impl IntoIterator<Item = (Row, bool)>) {
        for (row, truth) in answers {
            self.answers.put(predicate, row, truth);
        }
        self.judge_asking(predicate);
    }

    /// Forgets what a predicate answered.
    pub fn forget(&mut self, predicate: PredicateId) {
        self.answers.forget(predicate);
        self.judge_asking(predicate);
    }

    /// Rows that wait for a predicate of the draft, the latest first, and for which.
    pub fn waiting(&self, most: usize) -> Vec<(PredicateId, Row)> {
        let mut waiting = Vec::new();
        for (at, pieces) in self.pieces.iter().enumerate() {
            let undecided = pieces.iter().filter(|piece| piece.after.standing.is_none());
            for piece in undecided {
                let rule = piece.after.rule.and_then(|rule| self.draft.rules().get(rule as usize));
                let Some(predicate) = rule.and_then(|rule| rule.predicate) else { continue };
                let sequences = Sequence::of(&self.corpus.groups()[at], at, piece);
                waiting.extend(sequences.iter().flat_map(Sequence::rows).map(|row| (predicate, *row)));
            }
        }
        waiting.sort_unstable_by_key(|(_, row)| std::cmp::Reverse(*row));
        waiting.truncate(most);
        waiting
    }

    /// The flipped actions of a group of the summary, by value, those without a usable one last. Only the range asked
    /// for is fetched.
    pub fn flips(&self, tool: &str, direction: Direction, range: Range<usize>) -> Vec<Flip> {
        self.merged(tool, direction).range(range).into_iter().map(|place| self.corpus.flip(place)).collect()
    }

    /// Where an action stands among those, for a selection that stays with it while the numbers change.
    pub fn position(&self, tool: &str, direction: Direction, row: Row) -> Option<usize> {
        self.merged(tool, direction).position(row)
    }

    fn merged(&self, tool: &str, direction: Direction) -> Merged<'_> {
        let tool = self.corpus.names().find(tool);
        let flips = move |piece: &&Piece| {
            Direction::between(piece.before.decision(), piece.after.decision()) == Some(direction)
        };
        let groups = self.corpus.groups().iter().enumerate().filter(move |(_, group)| Some(group.names.tool) == tool);
        Merged::new(groups.flat_map(move |(at, group)| {
            self.pieces[at].iter().filter(flips).flat_map(move |piece| Sequence::of(group, at, piece))
        }))
    }

    fn flip_at(&self, place: Place) -> Flip {
        self.corpus.flip(place)
    }

    /// Gives the rules that stayed their new numbers in every word that names one. Words that name another are said
    /// anew right after.
    fn renumber(&mut self, side: Side, changes: &Changes<'_>) {
        for piece in self.pieces.iter_mut().flatten() {
            let judged = match side {
                Side::InForce => &mut piece.before,
                Side::Draft => &mut piece.after,
            };
            if let Some(rule) = &mut judged.rule {
                *rule = changes.now(*rule as usize).map_or(*rule, piece::narrow);
            }
        }
    }

    /// The groups any of the scopes holds.
    fn touched(&self, scopes: &[Scope<'_>]) -> Vec<usize> {
        // A name that no action has is in no group; `None` is any.
        let known = |name: Option<&str>| match name {
            None => Some(None),
            Some(name) => self.corpus.names().find(name).map(Some),
        };
        let known_scope =
            |scope: &Scope<'_>| Some((known(scope.operator)?, known(scope.connector)?, known(scope.tool)?));
        let scopes: Vec<_> = scopes.iter().filter_map(known_scope).collect();
        let touched = |group: &corpus::Group| {
            let names = group.names;
            scopes.iter().any(|(operator, connector, tool)| {
                tool.is_none_or(|tool| tool == names.tool)
                    && (connector.is_none() || *connector == names.connector)
                    && (operator.is_none() || *operator == names.operator)
            })
        };
        (0..self.pieces.len()).filter(|group| touched(&self.corpus.groups()[*group])).collect()
    }

    fn judge_all(&mut self) {
        self.judge((0..self.corpus.groups().len()).collect());
    }

    fn judge_asking(&mut self, predicate: PredicateId) {
        let asks = |kind: ActionKind<'_>| {
            let mut asks = [&self.in_force, &self.draft].into_iter().flat_map(|policy| policy.bands(&kind).asks);
            asks.any(|ask| ask.predicate == predicate)
        };
        let touched = (0..self.pieces.len()).filter(|group| asks(self.corpus.kind(*group))).collect();
        self.judge(touched);
    }

    fn judge(&mut self, groups: Vec<usize>) {
        self.pieces.resize_with(self.corpus.groups().len(), Vec::new);
        self.kept.resize_with(self.corpus.groups().len(), || None);
        for at in groups {
            let kind = self.corpus.kind(at);
            let kept = self.kept[at].get_or_insert_with(|| KeptBands::of(self.in_force.bands(&kind)));
            let (before, after) = (kept.bands(), self.draft.bands(&kind));
            let overlay = Overlay { before: &before, after: &after, answers: &self.answers };
            self.pieces[at] = overlay.judge(&self.corpus.groups()[at], self.corpus.beside());
        }
        self.summary = OnceLock::new();
    }
}
