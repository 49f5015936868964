//! The policy against its definition: every short rule list, and random long ones.

mod bands;
mod combiner;
mod documents;
mod explained;
mod properties;

use super::{Origin, PredicateId, PredicateOutcome, Subject, TrustPolicy};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::Decision;

pub(super) fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

pub(super) fn amount(text: &str) -> Amount {
    Amount::exact(decimal(text))
}

pub(super) fn rule(number: u32, tool: &str, decision: Decision) -> TrustPolicy {
    TrustPolicy {
        connector: None,
        tool: Some(tool.to_owned()),
        max_value: None,
        predicate: None,
        decision,
        origin: Origin::new("policy/trust.yaml", number),
        guard: None,
    }
}

pub(super) fn subject<'a>(tool: &'a str, value: Option<&'a Amount>) -> Subject<'a> {
    Subject { connector: Some("acme-wms"), tool, value }
}

/// Contract 3, word for word and sharing no code with what is tested.
pub(super) fn literal(
    rules: &[TrustPolicy],
    subject: &Subject<'_>,
    answer: impl Fn(PredicateId) -> PredicateOutcome,
) -> Decision {
    let matching: Vec<&TrustPolicy> = rules
        .iter()
        .filter(|rule| match &rule.connector {
            None => true,
            Some(name) => subject.connector == Some(name.as_str()),
        })
        .filter(|rule| match &rule.tool {
            None => true,
            Some(name) => subject.tool == name,
        })
        .collect();
    if matching.is_empty() {
        return Decision::Block;
    }
    for rule in &matching {
        if rule.decision == Decision::Block {
            return Decision::Block;
        }
        if let Some(ceiling) = &rule.max_value {
            let Some(value) = subject.value else { return Decision::Block };
            let holds = value.exact && decimal("0") <= value.number && value.number <= *ceiling;
            if !holds {
                return Decision::Block;
            }
        }
        if let Some(id) = rule.predicate
            && answer(id) != PredicateOutcome::True
        {
            return Decision::Block;
        }
    }
    if matching.iter().any(|rule| rule.decision == Decision::Alert) { Decision::Alert } else { Decision::Allow }
}
