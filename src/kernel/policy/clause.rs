//! One rule against one action: the clauses in their order, and the first that fails.

use super::guard::{same_document, try_document};
use super::{Asked, PredicateOutcome, Standing, Subject, TrustPolicy};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::Decision;

/// What came of trying one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It speaks of another tool.
    ToolDiffers,
    /// It speaks of another connector.
    ConnectorDiffers,
    /// It matches and stops the action.
    Violated(Violation),
    /// It matches and its clauses hold: ALLOW or ALERT.
    Holds(Decision),
    /// The value is above its ceiling, and the next rule of its guardrail document is tried.
    PassedOn(Decimal),
    /// An earlier rule of its guardrail document gave the verdict.
    NotReached,
}

/// Why a matching rule stops an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// It says BLOCK.
    Block,
    /// It has a ceiling, and the action has no value.
    NoValue,
    /// It has a ceiling, and the value is below zero.
    Negative(Decimal),
    /// It has a ceiling, and the value came through a float that could not hold it.
    Inexact(Decimal),
    /// The value is above its ceiling.
    Above(Decimal),
    /// Its predicate is not `true`, or was not asked.
    Predicate(PredicateOutcome),
}

impl Finding {
    /// What the rule contributes to the verdict.
    pub fn standing(&self) -> Standing {
        match self {
            Self::ToolDiffers | Self::ConnectorDiffers | Self::PassedOn(_) | Self::NotReached => Standing::NoMatch,
            Self::Violated(Violation::Predicate(PredicateOutcome::NotAsked)) => Standing::Undecided,
            Self::Violated(_) => Standing::Violated,
            Self::Holds(decision) => Standing::of(*decision),
        }
    }
}

/// The clause of a ceiling: `0 <= value && value <= ceiling`, and nothing else passes.
pub(super) fn satisfies(value: Option<&Amount>, ceiling: &Decimal) -> bool {
    value.is_some_and(|amount| amount.exact && amount.number.is_within(ceiling))
}

/// Tries one rule.
fn try_rule(rule: &TrustPolicy, subject: &Subject<'_>, predicates: &mut Asked<'_>) -> Finding {
    if rule.tool.as_deref().is_some_and(|tool| tool != subject.tool) {
        return Finding::ToolDiffers;
    }
    if !rule.matches(subject) {
        return Finding::ConnectorDiffers;
    }
    if rule.decision == Decision::Block {
        return Finding::Violated(Violation::Block);
    }
    if let Some(ceiling) = &rule.max_value
        && !satisfies(subject.value, ceiling)
    {
        return Finding::Violated(why_not_satisfied(subject.value));
    }
    match rule.predicate.map(|id| predicates.ask(id)) {
        None | Some(PredicateOutcome::True) => Finding::Holds(rule.decision),
        Some(outcome) => Finding::Violated(Violation::Predicate(outcome)),
    }
}

fn why_not_satisfied(value: Option<&Amount>) -> Violation {
    match (amiss(value), value) {
        (Some(violation), _) => violation,
        (None, Some(amount)) => Violation::Above(amount.number.clone()),
        (None, None) => Violation::NoValue,
    }
}

/// Why no ceiling at all lets a value through.
pub(super) fn amiss(value: Option<&Amount>) -> Option<Violation> {
    match value {
        None => Some(Violation::NoValue),
        Some(amount) if amount.number.is_negative() => Some(Violation::Negative(amount.number.clone())),
        Some(amount) if !amount.exact => Some(Violation::Inexact(amount.number.clone())),
        Some(_) => None,
    }
}

/// Tries rules in file order: each by itself, but for those of a guardrail document, which are read together.
pub(super) fn findings(rules: &[&TrustPolicy], subject: &Subject<'_>, predicates: &mut Asked<'_>) -> Vec<Finding> {
    let mut found = Vec::with_capacity(rules.len());
    for group in rules.chunk_by(|a, b| same_document(a, b)) {
        match group {
            [rule] if rule.guard.is_none() => found.push(try_rule(rule, subject, predicates)),
            document => found.extend(try_document(document, subject)),
        }
    }
    found
}

/// The verdict over a set of rules, by trying each.
pub(super) fn standing_of<'a>(
    rules: impl Iterator<Item = &'a TrustPolicy>,
    subject: &Subject<'_>,
    predicates: &mut Asked<'_>,
) -> Standing {
    let rules: Vec<&TrustPolicy> = rules.collect();
    let found = findings(&rules, subject, predicates);
    found.iter().map(Finding::standing).max().unwrap_or(Standing::NoMatch)
}
