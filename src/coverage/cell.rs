//! One cell of the map: something that can come of an envelope at an operator, and whether a result fills it.

use serde::Serialize;

use super::outcome::{ActionOutcome, EnvelopeOutcome};
use crate::kernel::decimal::Decimal;
use crate::kernel::receipt::{Cause, Decision, Ruling};

/// A cell, by its operator and what is to come of an envelope there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The operator.
    pub operator: String,
    /// What is to come of it.
    pub case: Case,
}

/// What is to come of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Case {
    /// The operator's trigger matches it.
    Routed,
    /// The operator proposes an empty plan.
    Refusal,
    /// An action with that tool, of which the policy says so.
    Decided(String, Decision),
    /// An action with that tool whose key was used.
    Dedup(String),
    /// An action with that tool whose value is the ceiling.
    At(String, Decimal),
    /// An action with that tool whose value is above the ceiling, by a unit of its last place at most.
    Above(String, Decimal),
}

impl Case {
    /// The tool it is about.
    pub fn tool(&self) -> Option<&str> {
        match self {
            Self::Routed | Self::Refusal => None,
            Self::Decided(tool, _) | Self::Dedup(tool) | Self::At(tool, _) | Self::Above(tool, _) => Some(tool),
        }
    }

    /// What it is called: `allow`, `at-100`.
    pub fn name(&self) -> String {
        match self {
            Self::Routed => "routed".to_owned(),
            Self::Refusal => "refusal".to_owned(),
            Self::Decided(_, decision) => decision.word().to_lowercase(),
            Self::Dedup(_) => "dedup".to_owned(),
            Self::At(_, ceiling) => format!("at-{ceiling}"),
            Self::Above(_, ceiling) => format!("above-{ceiling}"),
        }
    }

    /// The values that a fixture for it is tried with, the likeliest first.
    pub fn values(&self) -> Vec<Decimal> {
        match self {
            Self::At(_, ceiling) => vec![ceiling.clone()],
            Self::Above(_, ceiling) => step_above(ceiling).into_iter().chain(ceiling.stepped(true)).collect(),
            _ => Vec::new(),
        }
    }
}

/// The smallest amount above a ceiling that money has: a hundredth, or a unit of its last place where that is less.
fn step_above(ceiling: &Decimal) -> Option<Decimal> {
    let text = ceiling.as_str();
    if text.contains(['e', 'E']) {
        return None;
    }
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let point = if decimals == 0 { "." } else { "" };
    let padded = format!("{text}{point}{}", "0".repeat(2_usize.saturating_sub(decimals)));
    Decimal::parse(padded.trim_end_matches('.')).ok()?.stepped(true)
}

impl Cell {
    /// What it is called, and asked for by: `return-desk/order.refund/at-100`.
    pub fn name(&self) -> String {
        match self.case.tool() {
            Some(tool) => format!("{}/{tool}/{}", self.operator, self.case.name()),
            None => format!("{}/{}", self.operator, self.case.name()),
        }
    }

    /// True where that came of an envelope.
    pub fn is_filled_by(&self, outcome: &EnvelopeOutcome) -> bool {
        match &self.case {
            Case::Routed => outcome.routed.contains(&self.operator),
            Case::Refusal => outcome.refuses(&self.operator),
            _ => outcome.actions.iter().any(|action| self.is_filled_by_action(action)),
        }
    }

    /// The action of an outcome that fills it.
    pub fn filled_by<'a>(&self, outcome: &'a EnvelopeOutcome) -> Option<&'a ActionOutcome> {
        outcome.actions.iter().find(|action| self.is_filled_by_action(action))
    }

    fn is_filled_by_action(&self, action: &ActionOutcome) -> bool {
        if action.operator != self.operator || self.case.tool() != Some(&action.tool) || !action.was_judged() {
            return false;
        }
        let value = || action.amount().filter(|amount| amount.exact).map(|amount| amount.number);
        match &self.case {
            Case::Routed | Case::Refusal => false,
            Case::Decided(_, decision) => {
                let by_policy = matches!(action.cause, Cause::Rule | Cause::NoMatch | Cause::NoPolicy);
                action.decision == Ruling::from(*decision) && by_policy
            }
            Case::Dedup(_) => action.decision == Ruling::Dedup,
            Case::At(_, ceiling) => value().is_some_and(|value| value == *ceiling),
            Case::Above(_, ceiling) => {
                let upto = ceiling.stepped(true);
                value().is_some_and(|value| value > *ceiling && upto.is_none_or(|upto| value <= upto))
            }
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}
