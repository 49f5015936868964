//! Understanding a rule: what it decides among the recorded actions, and the values it judges.

use super::answers::Answers;
use super::corpus::{Corpus, Group, Unfit};
use super::piece::{Overlay, Piece};
use super::summary::Counts;
use super::{Impact, Side};
use crate::kernel::decimal::{Compact, Decimal};
use crate::kernel::policy::{PolicySet, Scope};

/// What a rule is to the recorded actions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleFacts {
    /// How many it speaks of; none: it never matches here.
    pub speaks_of: usize,
    /// How many it is the first to decide, by verdict; under `undecided` those that wait for its predicate.
    pub decides: Counts,
}

/// How the values that a rule speaks of are spread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    /// The end of the last bin: the highest value, or what lies beyond it and has to be on the axis. The first begins at
    /// zero.
    pub highest: Decimal,
    /// How many values there are in each of the equal parts, each with its upper edge.
    pub bins: Vec<usize>,
    /// How many actions have no usable value.
    pub without: usize,
}

impl Impact {
    /// What each rule of a policy is to the recorded actions, in file order.
    pub fn rules(&self, side: Side) -> Vec<RuleFacts> {
        let word = |piece: &Piece| match side {
            Side::InForce => piece.before,
            Side::Draft => piece.after,
        };
        let words = self.pieces.iter().enumerate().flat_map(|(at, pieces)| {
            let group = &self.corpus.groups()[at];
            pieces.iter().map(move |piece| (word(piece), piece.rows.count(group)))
        });
        let mut facts = spoken_of(&self.corpus, self.policy(side));
        for (word, count) in words {
            if let Some(fact) = word.rule.and_then(|rule| facts.get_mut(rule as usize)) {
                fact.decides.add(word, count);
            }
        }
        facts
    }

    /// How the values that a rule speaks of are spread over so many bins, which reach to the highest of them or of
    /// `marks`; `None` where it speaks of no value.
    pub fn spread(&self, side: Side, rule: usize, bins: usize, marks: &[Decimal]) -> Option<Spread> {
        let scope = Scope::of(self.policy(side).rules().get(rule)?);
        let spoken = self.corpus.groups().iter().enumerate();
        let spoken = spoken.filter(|(at, _)| scope.holds(&self.corpus.kind(*at)));
        let groups: Vec<_> = spoken.map(|(_, group)| group).collect();
        let runs = groups.iter().flat_map(|group| group.column.runs());
        let last = runs.filter_map(|run| Some((*run.keys.last()?, *run.rows.last()?))).max()?;
        let highest = self.corpus.number(last.1, last.0)?;
        let highest = marks.iter().fold(highest, |most, mark| if *mark > most { mark.clone() } else { most });
        let edges = (1..bins).map(|at| edge(&highest, at, bins)).chain([Some(highest.clone())]);
        let ends = |edge: Option<Decimal>| -> usize {
            let of = |group: &&Group| group.column.ends(edge.as_ref(), self.corpus.beside());
            groups.iter().map(of).map(|ends| ends.main + ends.tail).sum()
        };
        let mut below = 0;
        let bins = edges.map(ends).map(|upto| {
            let within = upto.saturating_sub(below);
            below = below.max(upto);
            within
        });
        let bins = bins.collect();
        let without = groups.iter().flat_map(|group| Unfit::ALL.map(|kind| group.unfit(kind).len())).sum();
        Some(Spread { highest, bins, without })
    }
}

impl Corpus {
    fn number(&self, row: u32, key: Compact) -> Option<Decimal> {
        if key.is_exact() { key.number() } else { self.beside().get(&row).cloned() }
    }
}

/// The end of a bin. A chart's edges need no more digits than a float has.
fn edge(highest: &Decimal, at: usize, bins: usize) -> Option<Decimal> {
    #[expect(clippy::cast_precision_loss, reason = "a chart has few bins")]
    let part = at as f64 / bins as f64;
    let highest: f64 = highest.as_str().parse().ok()?;
    Decimal::parse(&(highest * part).to_string()).ok()
}

/// What each rule is to a corpus, by itself and without predicates' answers.
pub(super) fn facts(corpus: &Corpus, policy: &PolicySet) -> Vec<RuleFacts> {
    let mut facts = spoken_of(corpus, policy);
    let answers = Answers::default();
    for (at, group) in corpus.groups().iter().enumerate() {
        let bands = policy.bands(&corpus.kind(at));
        let overlay = Overlay { before: &bands, after: &bands, answers: &answers };
        for piece in overlay.judge(group, corpus.beside()) {
            if let Some(fact) = piece.after.rule.and_then(|rule| facts.get_mut(rule as usize)) {
                fact.decides.add(piece.after, piece.rows.count(group));
            }
        }
    }
    facts
}

fn spoken_of(corpus: &Corpus, policy: &PolicySet) -> Vec<RuleFacts> {
    let speaks_of = |scope: Scope<'_>| {
        let held = |at: &usize| scope.holds(&corpus.kind(*at));
        (0..corpus.groups().len()).filter(held).map(|at| corpus.groups()[at].len()).sum()
    };
    let fact = |rule| RuleFacts { speaks_of: speaks_of(Scope::of(rule)), decides: Counts::default() };
    policy.rules().iter().map(fact).collect()
}
