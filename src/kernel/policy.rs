//! The trust policy: which actions may be done (contract 3), and why.
//!
//! `evaluate` gives the decision, `judge` the verdict a receipt carries, `explain` everything a person asks about it.
//! All three go through the same clause check, and every sentence comes from `reason`. Knows nothing of who
//! proposed an action, of locks, keys or handlers; predicates are asked through a trait and never trusted.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::json::Span;
use super::plan::{Amount, PlannedAction};
use super::receipt::Decision;

mod bands;
mod changes;
mod clause;
mod compile;
mod explain;
pub mod file;
mod flip;
mod guard;
mod names;
mod set;
#[cfg(test)]
mod tests;
mod wording;

pub use bands::{Ask, Band, Bands, Edit, Reached};
pub use changes::{ActionKind, Changes, Scope};
pub use clause::{Finding, Violation};
pub use compile::{CompiledPolicy, Constraint};
pub use explain::{Explanation, Rung};
pub use flip::{Change, Flip};
pub use guard::{Gates, Guard, Limit, Period, Steps};
pub use names::{Arguments, LoadedNames, unknown_names, unknown_names_in_tests};
pub use set::PolicySet;

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustPolicy {
    /// The connector it speaks of; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// The capability it speaks of, by its canonical name; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// The highest value it lets through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_value: Option<Decimal>,
    /// A function of the author's that must answer exactly `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<PredicateId>,
    /// What it says of an action that satisfies it.
    pub decision: Decision,
    /// Where it stands.
    pub origin: Origin,
    /// What it has more as a rule of a guardrail document; there ALERT is `require_confirmation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Box<Guard>>,
}

/// A handle to a predicate, meaningful to the host that loaded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PredicateId(pub u32);

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file, as a person would name it.
    pub file: String,
    /// Its number in that file, from 1.
    pub number: u32,
    /// The line it starts on, from 1, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Its bytes in the file, where known.
    #[serde(skip)]
    pub span: Option<Span>,
}

impl Origin {
    /// A rule of a file, by number alone.
    pub fn new(file: impl Into<String>, number: u32) -> Self {
        Self { file: file.into(), number, line: None, span: None }
    }

    /// `FILE:N`, the name of a rule everywhere (contract 1).
    pub fn name(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.number)
    }
}

impl TrustPolicy {
    /// True when it speaks of such an action.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        let tool = self.tool.as_deref().is_none_or(|tool| tool == subject.tool);
        tool && self.connector.as_deref().is_none_or(|connector| Some(connector) == subject.connector)
    }
}

/// What of an action the policy looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The bound connector; a rule that names one does not match an action without.
    pub connector: Option<&'a str>,
    /// The capability, by its canonical name.
    pub tool: &'a str,
    /// The amount it moves.
    pub value: Option<&'a Amount>,
}

impl<'a> From<&'a PlannedAction> for Subject<'a> {
    /// The tool's name must be canonical already: validation sees to it.
    fn from(action: &'a PlannedAction) -> Self {
        Self { connector: action.connector.as_deref(), tool: &action.tool, value: action.value.as_ref() }
    }
}

/// What became of asking a predicate. Only `True` lets an action through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PredicateOutcome {
    /// It answered exactly `true`.
    True,
    /// It answered exactly `false`.
    False,
    /// It threw, with this message.
    Threw(String),
    /// It did not answer in time.
    TimedOut,
    /// It answered something else, printed here.
    NotBoolean(String),
    /// Nobody asked it. Then the action is not decided, and is not let through.
    NotAsked,
}

/// Whoever can ask predicates about the action and envelope at hand.
pub trait Predicates {
    /// Asks one predicate; called at most once a judgement for each.
    fn ask(&mut self, predicate: PredicateId) -> PredicateOutcome;
}

impl<F: FnMut(PredicateId) -> PredicateOutcome> Predicates for F {
    fn ask(&mut self, predicate: PredicateId) -> PredicateOutcome {
        self(predicate)
    }
}

/// Where nothing can run predicates: none is asked, and what waits for one is not let through.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPredicates;

impl Predicates for NoPredicates {
    fn ask(&mut self, _: PredicateId) -> PredicateOutcome {
        PredicateOutcome::NotAsked
    }
}

/// How an action stands with a set of rules. The verdict over a set is the greatest standing in it.
// INVARIANT: `max` over this order is the whole combiner; being associative, commutative and idempotent is what makes
// order, duplicates and pre-combination safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// No rule speaks of it: BLOCK.
    NoMatch,
    /// A rule allows it.
    Allow,
    /// A rule allows it and raises it.
    Alert,
    /// Nothing but a predicate that was not asked stands in its way: BLOCK, as far as is known.
    Undecided,
    /// A rule forbids it, or its clause does not hold: BLOCK.
    Violated,
}

impl Standing {
    /// The decision it comes to.
    pub fn decision(self) -> Decision {
        match self {
            Self::Allow => Decision::Allow,
            Self::Alert => Decision::Alert,
            Self::NoMatch | Self::Undecided | Self::Violated => Decision::Block,
        }
    }

    /// What a rule contributes whose clauses hold.
    pub fn of(decision: Decision) -> Self {
        match decision {
            Decision::Allow => Self::Allow,
            Decision::Alert => Self::Alert,
            Decision::Block => Self::Violated,
        }
    }
}

/// The lower of two ceilings, which holds exactly when both do.
fn lower<'a>(a: &'a Decimal, b: &'a Decimal) -> &'a Decimal {
    if a.cmp(b) == Ordering::Greater { b } else { a }
}

/// Asks each predicate at most once.
struct Asked<'a> {
    host: &'a mut dyn Predicates,
    answers: Vec<(PredicateId, PredicateOutcome)>,
}

impl<'a> Asked<'a> {
    fn new(host: &'a mut dyn Predicates) -> Self {
        Self { host, answers: Vec::new() }
    }

    fn ask(&mut self, id: PredicateId) -> PredicateOutcome {
        if let Some((_, answer)) = self.answers.iter().find(|(asked, _)| *asked == id) {
            return answer.clone();
        }
        let answer = self.host.ask(id);
        self.answers.push((id, answer.clone()));
        answer
    }
}
