//! The embedded engine: author code in a QuickJS of its own, on a thread of its own, with nothing to reach.
//!
//! No call sees what another left behind, so the order of calls never changes a plan: every call runs in a fresh
//! realm with its modules evaluated anew, unless their syntax shows that they cannot keep anything. While a module
//! loads, the clock stands at the start of 2026.
//! After a time or memory limit was hit the whole runtime is dropped. When a call is stuck in native code, where the
//! engine cannot be interrupted, the thread is abandoned and the next call starts another, a few times.
//!
//! Types of the engine stay below this module.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::definition::Definition;
use super::definition::authored::{self, InputForm};
use super::host::{Host, Limits, Reasoned, Scene, Services};
use super::message::{Failure, FromHost, Order, SceneMessage};
use super::schema::InputSchema;
use super::source::{Graph, diagnose, mark_word};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Raw;
use worker::Line;

mod engine;
mod evaluate;
mod exchange;
mod heap;
mod linker;
mod natives;
mod plain;
mod realm;
mod rules;
mod worker;

pub use rules::{Predicate, RuleCode};

/// A connector or an operator in the embedded engine.
pub struct Embedded {
    graph: Arc<Graph>,
    limits: Limits,
    definition: Definition,
    checks: BTreeMap<String, Check>,
    line: Line,
}

enum Check {
    Schema(Box<InputSchema>),
    Validator,
    Unchecked,
}

impl Embedded {
    /// Evaluates the entry of a graph and reads what it exports; or gives all that is wrong with it.
    pub fn load(graph: &Arc<Graph>, limits: Limits) -> Result<Self, Vec<Diagnostic>> {
        let mut line = Line::new(Arc::clone(graph), limits);
        let described = match line.exchange(Order::Describe {}, &mut NoServices) {
            Ok(FromHost::Described { definition }) => definition.value(),
            Ok(other) => return Err(vec![unexpected(graph, &other)]),
            Err(failure) => return Err(vec![diagnose(graph, "loading", &limits, &failure)]),
        };
        let authored = authored::read(&described).map_err(|faults| {
            let place =
                |fault: authored::Fault| mark_word(graph, fault.diagnostic, fault.word.as_deref(), fault.occurrence);
            faults.into_iter().map(place).collect::<Vec<_>>()
        })?;
        let mut checks = BTreeMap::new();
        if let Definition::Connector(connector) = &authored.definition {
            for (tool, form) in connector.tools.iter().zip(&authored.inputs) {
                let check = match (form, &tool.input_schema) {
                    (InputForm::Schema, Some(schema)) => InputSchema::compile(schema)
                        .map(|schema| Check::Schema(Box::new(schema)))
                        .map_err(|reason| vec![Diagnostic::error(reason).in_file(&*graph.entry)])?,
                    (InputForm::Validator, _) => Check::Validator,
                    _ => Check::Unchecked,
                };
                checks.insert(tool.name.clone(), check);
            }
        }
        Ok(Self { graph: Arc::clone(graph), limits, definition: authored.definition, checks, line })
    }

    fn run(&mut self, what: &str, order: Order, services: &mut dyn Services) -> Result<Raw, Diagnostic> {
        let closing = self.line.exchange(order, services);
        self.result(what, closing)
    }

    fn result(&self, what: &str, closing: Result<FromHost, Failure>) -> Result<Raw, Diagnostic> {
        match closing {
            Ok(FromHost::Done { result }) => Ok(result),
            Ok(other) => Err(unexpected(&self.graph, &other)),
            Err(failure) => Err(diagnose(&self.graph, what, &self.limits, &failure)),
        }
    }
}

impl Host for Embedded {
    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn propose(&mut self, scene: &Scene<'_>, services: &mut dyn Services) -> Result<Raw, Diagnostic> {
        if !matches!(self.definition, Definition::Operator(_)) {
            let message = format!("`{}` is a connector and proposes nothing", self.definition.name());
            return Err(Diagnostic::error(message).in_file(&*self.graph.entry));
        }
        let wanted = |order: &Order| matches!(order, Order::Propose { scene: expected } if is_same(expected, scene));
        let closing = if self.line.is_expected(wanted) {
            self.line.collect(services)
        } else {
            self.line.exchange(Order::Propose { scene: message_of(scene) }, services)
        };
        self.result("`run`", closing)
    }

    fn expect(&mut self, scene: &Scene<'_>) {
        if matches!(self.definition, Definition::Operator(_)) {
            self.line.expect(Order::Propose { scene: message_of(scene) });
        }
    }

    fn spent(&self) -> Duration {
        self.line.spent()
    }

    fn check_input(&mut self, tool: &str, input: &Raw) -> Result<Raw, Vec<String>> {
        match self.checks.get(tool) {
            None => Err(vec![format!("there is no tool `{tool}`")]),
            Some(Check::Schema(schema)) => schema.check(input),
            Some(Check::Unchecked) => Ok(input.clone()),
            Some(Check::Validator) => {
                let order = Order::CheckInput { tool: tool.to_owned(), input: input.clone() };
                match self.line.exchange(order, &mut NoServices) {
                    Ok(FromHost::Done { result }) => Ok(result),
                    Ok(FromHost::Invalid { issues }) => Err(issues),
                    Ok(other) => Err(vec![unexpected(&self.graph, &other).message]),
                    Err(failure) => {
                        let what = format!("the validator of `{tool}`");
                        Err(vec![diagnose(&self.graph, &what, &self.limits, &failure).message])
                    }
                }
            }
        }
    }

    fn call(
        &mut self,
        tool: &str,
        input: &Raw,
        scene: &Scene<'_>,
        services: &mut dyn Services,
    ) -> Result<Raw, Diagnostic> {
        let order = Order::Call { tool: tool.to_owned(), input: input.clone(), scene: message_of(scene) };
        self.run(&format!("tool `{tool}`"), order, services)
    }
}

fn message_of(scene: &Scene<'_>) -> SceneMessage {
    SceneMessage { envelope: scene.envelope.cloned(), clock: scene.clock.to_owned(), seed: scene.seed.to_owned() }
}

fn is_same(message: &SceneMessage, scene: &Scene<'_>) -> bool {
    message.clock == scene.clock && message.seed == scene.seed && message.envelope.as_ref() == scene.envelope
}

fn unexpected(graph: &Graph, message: &FromHost) -> Diagnostic {
    let message = match message {
        FromHost::Invalid { issues } => issues.join("; "),
        _ => "the host answered out of turn".to_owned(),
    };
    Diagnostic::error(message).in_file(&*graph.entry)
}

/// While a module loads or an input is checked there is nobody to ask.
struct NoServices;

const NOT_HERE: &str = "not available while a module loads or an input is checked";

impl Services for NoServices {
    fn sense(&mut self, _: &str, _: &Raw) -> Result<Raw, String> {
        Err(NOT_HERE.to_owned())
    }

    fn reason(&mut self, _: &Raw) -> Result<Reasoned, String> {
        Err(NOT_HERE.to_owned())
    }

    fn http(&mut self, _: &Raw) -> Result<Raw, String> {
        Err(NOT_HERE.to_owned())
    }

    fn log(&mut self, _: &str, _: &str) {}
}
