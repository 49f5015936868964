//! The engine against the literal definition, and the examples people know it by.

use std::sync::Arc;

use super::{Action, Batch, Corpus, Direction, Impact, Row, Side, Worth};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::policy::{Origin, PolicySet, TrustPolicy};
use crate::kernel::receipt::Decision;

mod equality;
mod examples;
mod mutants;

/// A recorded action with text of its own.
#[derive(Debug, Clone, PartialEq)]
struct Recorded {
    operator: Option<String>,
    connector: Option<String>,
    tool: String,
    value: Option<Amount>,
}

impl Recorded {
    fn new(connector: &str, tool: &str, value: &str) -> Self {
        let value = (!value.is_empty()).then(|| Amount::exact(decimal(value)));
        Self { operator: Some("op".into()), connector: Some(connector.into()), tool: tool.into(), value }
    }

    fn action(&self) -> Action<'_> {
        Action {
            operator: self.operator.as_deref(),
            connector: self.connector.as_deref(),
            tool: &self.tool,
            value: self.value.as_ref(),
            ..Action::default()
        }
    }
}

fn batch(actions: &[Recorded]) -> Batch {
    let mut batch = Batch::default();
    for action in actions {
        assert!(batch.add(&action.action()));
    }
    batch
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

/// `tool ≤ ceiling DECISION`, written short.
fn rule(connector: &str, tool: &str, ceiling: &str, decision: Decision) -> TrustPolicy {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    TrustPolicy {
        connector: some(connector),
        tool: some(tool),
        max_value: some(ceiling).map(|text| decimal(&text)),
        predicate: None,
        decision,
        origin: Origin::new("policy/trust.yaml", 0),
        guard: None,
    }
}

fn policy(rules: &[TrustPolicy]) -> Arc<PolicySet> {
    Arc::new(PolicySet::compile(rules.to_vec()))
}
