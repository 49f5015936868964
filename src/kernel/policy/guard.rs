//! Guardrail documents (contract 4): what a rule has more when it stands in one, and how a document is read.
//!
//! A document yields one verdict for an action: its rules for the capability in order, the first whose ceiling holds.
//! Knows nothing of how the gates are kept; that is the executor's.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::clause::{Finding, Violation, amiss, satisfies};
use super::{Standing, Subject, TrustPolicy};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::Decision;

/// What makes a rule one of a guardrail document. Rules of one document share a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// The document's name.
    pub policy: String,
    /// The operator it speaks of; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<String>,
    /// How often the capability may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The argument on whose value one action is in flight at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_flight: Option<String>,
}

/// So many claimed keys in any such period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The period.
    pub per: Period,
    /// How many at most.
    pub max: u32,
}

/// The length of a limit's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Sixty seconds.
    Minute,
    /// Sixty minutes.
    Hour,
    /// Twenty-four hours.
    Day,
}

impl Period {
    /// Every period, by its word in a document.
    pub const ALL: [(&'static str, Self); 3] = [("minute", Self::Minute), ("hour", Self::Hour), ("day", Self::Day)];

    /// Its length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    fn with_article(self) -> &'static str {
        match self {
            Self::Minute => "a minute",
            Self::Hour => "an hour",
            Self::Day => "a day",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.max, self.per.with_article())
    }
}

/// What an action must still pass that a policy let through: the gates of the rules that gave its verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gates {
    /// True when a person has to confirm it, whatever the session's own mind.
    pub confirm: bool,
    /// The limits, each with the rule that sets it.
    pub limits: Vec<(String, Limit)>,
    /// The arguments whose values are locked.
    pub single_flight: Vec<String>,
}

impl Gates {
    /// Adds those of a rule that gave its document's verdict.
    pub(super) fn add(&mut self, rule: &TrustPolicy) {
        let Some(guard) = &rule.guard else { return };
        self.confirm |= rule.decision == Decision::Alert;
        self.limits.extend(guard.limit.map(|limit| (rule.origin.name(), limit)));
        let new = guard.single_flight.iter().filter(|arg| !self.single_flight.contains(arg)).cloned();
        self.single_flight.extend(new.collect::<Vec<_>>());
    }
}

/// True when a rule's document speaks of an operator; a rule outside a document speaks of all.
pub(super) fn applies_to(rule: &TrustPolicy, operator: Option<&str>) -> bool {
    let named = rule.guard.as_ref().and_then(|guard| guard.applies_to.as_deref());
    named.is_none_or(|named| Some(named) == operator)
}

/// True when two rules stand in one document.
pub(super) fn same_document(a: &TrustPolicy, b: &TrustPolicy) -> bool {
    a.guard.is_some() && b.guard.is_some() && a.origin.file == b.origin.file
}

/// Tries the rules of one document, in order.
pub(super) fn try_document(rules: &[&TrustPolicy], subject: &Subject<'_>) -> Vec<Finding> {
    let speaks = |rule: &TrustPolicy| rule.tool.as_deref() == Some(subject.tool);
    let ceilinged = rules.iter().any(|rule| speaks(rule) && rule.max_value.is_some());
    let amiss = if ceilinged { amiss(subject.value) } else { None };
    let last = rules.iter().rposition(|rule| speaks(rule));
    let mut decided = false;
    let mut found = Vec::with_capacity(rules.len());
    for (at, rule) in rules.iter().enumerate() {
        let finding = match (&amiss, &rule.max_value) {
            _ if !speaks(rule) => Finding::ToolDiffers,
            (Some(violation), Some(_)) => Finding::Violated(violation.clone()),
            (Some(_), None) if rule.decision == Decision::Block => Finding::Violated(Violation::Block),
            (Some(_), None) => Finding::NotReached,
            (None, _) if decided => Finding::NotReached,
            (None, Some(ceiling)) if !satisfies(subject.value, ceiling) => above(subject.value, Some(at) == last),
            (None, _) => {
                decided = true;
                match rule.decision {
                    Decision::Block => Finding::Violated(Violation::Block),
                    decision => Finding::Holds(decision),
                }
            }
        };
        found.push(finding);
    }
    found
}

/// A value above a ceiling goes on to the next rule; above the last one's, it is vetoed.
fn above(value: Option<&Amount>, is_last: bool) -> Finding {
    match value {
        Some(amount) if is_last => Finding::Violated(Violation::Above(amount.number.clone())),
        Some(amount) => Finding::PassedOn(amount.number.clone()),
        None => Finding::Violated(Violation::NoValue),
    }
}

/// What the documents come to for one capability, as a step function of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// For a missing, negative or inexact value.
    pub unvalued: Standing,
    /// Up to and with each ceiling, in ascending order.
    pub bands: Vec<(Decimal, Standing)>,
    /// Above the last of them.
    pub above: Standing,
}

impl Steps {
    /// Combines what the documents say of one capability: its rules alone, in file order.
    pub(super) fn of(rules: &[&TrustPolicy]) -> Self {
        let mut ceilings: Vec<&Decimal> = rules.iter().filter_map(|rule| rule.max_value.as_ref()).collect();
        ceilings.sort_unstable();
        ceilings.dedup();
        let documents = || rules.chunk_by(|a, b| same_document(a, b));
        let unvalued = |document: &[&TrustPolicy]| {
            // Any ceiling counts, also that of a rule no value comes to.
            let ceilinged = document.iter().any(|rule| rule.max_value.is_some());
            if ceilinged { Standing::Violated } else { document.first().map_or(Standing::NoMatch, |rule| says(rule)) }
        };
        let reached: Vec<_> = documents().map(reached).collect();
        let band = |value: Option<&Decimal>| {
            reached.iter().map(|rules| first_holding(rules, value)).max().unwrap_or(Standing::NoMatch)
        };
        Self {
            unvalued: documents().map(unvalued).max().unwrap_or(Standing::NoMatch),
            bands: ceilings.iter().map(|edge| ((*edge).clone(), band(Some(edge)))).collect(),
            above: band(None),
        }
    }

    /// What they come to for a value.
    pub fn standing(&self, value: Option<&Amount>) -> Standing {
        let Some(amount) = value.filter(|amount| amount.exact && !amount.number.is_negative()) else {
            return self.unvalued;
        };
        let band = self.bands.partition_point(|(edge, _)| *edge < amount.number);
        self.bands.get(band).map_or(self.above, |(_, standing)| *standing)
    }
}

/// The rules of a document that some value comes to: each with a higher ceiling than all before it, and nothing behind
/// one without.
fn reached<'a>(document: &[&'a TrustPolicy]) -> Vec<&'a TrustPolicy> {
    let mut reached: Vec<&TrustPolicy> = Vec::new();
    for rule in document {
        let is_higher = match reached.last().map(|last| (&last.max_value, &rule.max_value)) {
            None | Some((Some(_), None)) => true,
            Some((None, _)) => break,
            Some((Some(last), Some(own))) => own > last,
        };
        if is_higher {
            reached.push(rule);
        }
    }
    reached
}

/// What a rule comes to whose ceiling holds.
fn says(rule: &TrustPolicy) -> Standing {
    Standing::of(rule.decision)
}

/// The standing of the first of the reached rules whose ceiling holds for a value, or without one, for any above all of
/// them; where none does, the action is above what the document lets through at all, and is vetoed.
fn first_holding(reached: &[&TrustPolicy], value: Option<&Decimal>) -> Standing {
    let is_below = |rule: &&TrustPolicy| match (&rule.max_value, value) {
        (Some(ceiling), Some(value)) => ceiling < value,
        (Some(_), None) => true,
        (None, _) => false,
    };
    reached.get(reached.partition_point(is_below)).map_or(Standing::Violated, |rule| says(rule))
}
