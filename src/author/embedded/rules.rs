//! The code of a policy: a list of rules, of which only code can hold predicates, and the asking of one.

use std::sync::Arc;

use super::{NoServices, unexpected};
use crate::author::host::Limits;
use crate::author::message::{Failure, FailureKind, Order, Outcome};
use crate::author::process::Client;
use crate::author::source::{Graph, diagnose};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Raw, Value};

/// A policy's code in a host of its own.
pub struct RuleCode {
    graph: Arc<Graph>,
    client: Client,
}

/// What a predicate said, or why it said nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Predicate {
    /// Exactly `true`, or exactly `false`.
    Said(bool),
    /// Something else, in words.
    Other(String),
    /// It threw, or could not be run.
    Threw(String),
    /// It did not come to an end in time.
    TookTooLong,
}

impl RuleCode {
    /// Evaluates the entry and gives the rules it exports, as they are.
    pub fn load(graph: &Arc<Graph>, limits: Limits, mut client: Client) -> Result<(Self, Vec<Value>), Vec<Diagnostic>> {
        client.load(Order::Load(graph.program(&limits)));
        let described = match client.exchange(Order::Rules {}, &mut NoServices) {
            Ok(Outcome::Described { definition }) => definition.value(),
            Ok(other) => return Err(vec![unexpected(graph, &other)]),
            Err(failure) => return Err(vec![diagnose(graph, "loading", &limits, &failure)]),
        };
        let Some(Value::Array(rules)) = described.get("rules").filter(|_| is_list(&described)) else {
            let message = format!("`{}` exports no list of rules", graph.entry);
            let help = "write `export const defaults: TrustPolicy[] = [{ tool: 'order.hold', decision: 'ALLOW' }]`";
            return Err(vec![Diagnostic::error(message).help(help).in_file(&*graph.entry)]);
        };
        Ok((Self { graph: Arc::clone(graph), client }, rules.clone()))
    }

    /// Asks the predicate of a rule, counted from 0.
    pub fn ask(&mut self, rule: u32, action: &Raw, envelope: Option<&EventEnvelope>) -> Predicate {
        let order = Order::Judge { rule, action: action.clone(), envelope: envelope.cloned() };
        let closed = self.client.exchange(order, &mut NoServices);
        self.predicate(closed)
    }

    /// The same of many, given to the child together; answers in the order of the asks.
    pub fn ask_all(&mut self, asks: Vec<(u32, Raw)>, envelope: Option<&EventEnvelope>) -> Vec<Predicate> {
        let asked = asks.len();
        let orders = asks.into_iter().map(|(rule, action)| Order::Judge { rule, action, envelope: envelope.cloned() });
        self.client.expect_all(orders);
        (0..asked)
            .map(|_| {
                let closed = self.client.collect(&mut NoServices);
                self.predicate(closed)
            })
            .collect()
    }

    fn predicate(&self, closed: Result<Outcome, Failure>) -> Predicate {
        match closed {
            Ok(Outcome::Done { result }) => {
                let said = result.value();
                match (said.get("is"), said.get("other")) {
                    (Some(Value::Bool(answer)), _) => Predicate::Said(*answer),
                    (_, Some(Value::String(other))) => Predicate::Other(other.clone()),
                    _ => Predicate::Other("nothing".to_owned()),
                }
            }
            Ok(other) => Predicate::Threw(unexpected(&self.graph, &other).message),
            Err(failure) if failure.kind == FailureKind::TookTooLong => Predicate::TookTooLong,
            Err(failure) => {
                let limit = self.client.over_limit().map(str::to_owned);
                Predicate::Threw(limit.unwrap_or(failure.message))
            }
        }
    }
}

fn is_list(described: &Value) -> bool {
    matches!(described.get("export"), Some(Value::String(kind)) if kind == "rules")
}
