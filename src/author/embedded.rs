//! The embedded engine: author code in a QuickJS of its own, in a confined child process of its own, with nothing to
//! reach. This file is the kernel's side; the modules below it but `rules` are the child's.
//!
//! No call sees what another left behind, so the order of calls never changes a plan: every call runs in a fresh
//! realm with its modules evaluated anew, unless their syntax shows that they cannot keep anything. While a module
//! loads, the clock stands at the start of 2026.
//! After a time limit was hit the whole runtime is dropped; after a memory limit, or in native code that does not come
//! back, its process ends, and the next call has another.
//!
//! Types of the engine stay below this module.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::definition::Definition;
use super::definition::authored::{self, InputForm};
use super::host::{Host, Limits, Reasoned, Scene, Services};
use super::message::{Failure, FailureKind, Order, Outcome, SceneMessage, StrippedFile};
use super::process::Client;
use super::schema::{self, InputSchema};
use super::source::{Graph, Stripped, diagnose, mark_word};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Raw;

mod engine;
mod evaluate;
mod exchange;
mod heap;
mod linker;
mod natives;
mod program;
mod realm;
mod rules;
mod serve;
mod to_json;

pub use rules::{Predicate, RuleCode};
pub use serve::serve;

/// A connector or an operator in the embedded engine.
pub struct Embedded {
    graph: Arc<Graph>,
    limits: Limits,
    definition: Definition,
    checks: BTreeMap<String, Check>,
    client: Client,
}

enum Check {
    Schema(Box<InputSchema>),
    /// A schema that the kernel does not try itself: what it costs has no bound.
    Costly(Raw),
    Validator,
    Unchecked,
}

impl Embedded {
    /// Evaluates the entry of a graph and reads what it exports; or gives all that is wrong with it.
    pub fn load(graph: &Arc<Graph>, limits: Limits, mut client: Client) -> Result<Self, Vec<Diagnostic>> {
        client.load(Order::Load(graph.program(&limits)));
        let described = match client.exchange(Order::Describe {}, &mut NoServices) {
            Ok(Outcome::Described { definition }) => definition.value(),
            Ok(other) => return Err(vec![unexpected(graph, &other)]),
            Err(failure) => return Err(vec![diagnose(graph, "loading", &limits, &failure)]),
        };
        let authored = authored::read(&described, limits.list).map_err(|faults| {
            let place =
                |fault: authored::Fault| mark_word(graph, fault.diagnostic, fault.word.as_deref(), fault.occurrence);
            faults.into_iter().map(place).collect::<Vec<_>>()
        })?;
        let mut checks = BTreeMap::new();
        if let Definition::Connector(connector) = &authored.definition {
            for (tool, form) in connector.tools.iter().zip(&authored.inputs) {
                let check = match (form, &tool.input_schema) {
                    (InputForm::Schema, Some(schema)) if schema::is_costly(schema) => {
                        compiles(&mut client, schema)
                            .map_err(|reason| vec![Diagnostic::error(reason).in_file(&*graph.entry)])?;
                        Check::Costly(schema.clone())
                    }
                    (InputForm::Schema, Some(schema)) => InputSchema::compile(schema)
                        .map(|schema| Check::Schema(Box::new(schema)))
                        .map_err(|reason| vec![Diagnostic::error(reason).in_file(&*graph.entry)])?,
                    (InputForm::Validator, _) => Check::Validator,
                    _ => Check::Unchecked,
                };
                checks.insert(tool.name.clone(), check);
            }
        }
        Ok(Self { graph: Arc::clone(graph), limits, definition: authored.definition, checks, client })
    }

    fn checked(&mut self, order: Order, what: &str) -> Result<Raw, Vec<String>> {
        match self.client.exchange(order, &mut NoServices) {
            Ok(Outcome::Done { result }) => Ok(result),
            Ok(Outcome::Invalid { issues }) => Err(issues),
            Ok(other) => Err(vec![unexpected(&self.graph, &other).message]),
            Err(failure) => Err(vec![diagnose(&self.graph, what, &self.limits, &failure).message]),
        }
    }

    fn run(&mut self, what: &str, order: Order, services: &mut dyn Services) -> Result<Raw, Diagnostic> {
        let closing = self.client.exchange(order, services);
        self.result(what, closing)
    }

    fn result(&self, what: &str, closing: Result<Outcome, Failure>) -> Result<Raw, Diagnostic> {
        match closing {
            Ok(Outcome::Done { result }) => Ok(result),
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
        let closing = if self.client.is_expected(wanted) {
            self.client.collect(services)
        } else {
            self.client.exchange(Order::Propose { scene: message_of(scene) }, services)
        };
        self.result("`run`", closing)
    }

    fn expect(&mut self, scene: &Scene<'_>) {
        if matches!(self.definition, Definition::Operator(_)) {
            self.client.expect(Order::Propose { scene: message_of(scene) });
        }
    }

    fn spent(&self) -> Duration {
        self.client.spent()
    }

    fn over_limit(&self) -> Option<&str> {
        self.client.over_limit()
    }

    fn check_input(&mut self, tool: &str, input: &Raw) -> Result<Raw, Vec<String>> {
        match self.checks.get(tool) {
            None => Err(vec![format!("there is no tool `{tool}`")]),
            Some(Check::Schema(schema)) if !schema.is_costly_for(input) => schema.check(input),
            Some(Check::Schema(schema)) => {
                let order = Order::Validate { schema: schema.text(), input: input.clone() };
                self.checked(order, "its schema")
            }
            Some(Check::Unchecked) => Ok(input.clone()),
            Some(Check::Costly(schema)) => {
                let order = Order::Validate { schema: schema.clone(), input: input.clone() };
                self.checked(order, "its schema")
            }
            Some(Check::Validator) => {
                let order = Order::CheckInput { tool: tool.to_owned(), input: input.clone() };
                self.checked(order, &format!("the validator of `{tool}`"))
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
        // A tool has no way to see the event.
        let scene = Scene { envelope: None, ..*scene };
        let order = Order::Call { tool: tool.to_owned(), input: input.clone(), scene: message_of(&scene) };
        self.run(&format!("tool `{tool}`"), order, services)
    }
}

fn message_of(scene: &Scene<'_>) -> SceneMessage {
    SceneMessage {
        envelope: scene.envelope.cloned(),
        clock: scene.clock.to_owned(),
        seed: scene.seed.to_owned(),
        own_stub: scene.own_stub,
    }
}

fn is_same(message: &SceneMessage, scene: &Scene<'_>) -> bool {
    message.clock == scene.clock
        && message.seed == scene.seed
        && message.own_stub == scene.own_stub
        && message.envelope.as_ref() == scene.envelope
}

fn unexpected(graph: &Graph, outcome: &Outcome) -> Diagnostic {
    let message = match outcome {
        Outcome::Invalid { issues } => issues.join("; "),
        _ => "the host answered out of turn".to_owned(),
    };
    Diagnostic::error(message).in_file(&*graph.entry)
}

/// Whether a schema is one, tried in a host.
fn compiles(client: &mut Client, schema: &Raw) -> Result<(), String> {
    match client.exchange(Order::Validate { schema: schema.clone(), input: Raw::null() }, &mut NoServices) {
        Ok(_) => Ok(()),
        Err(failure) if failure.kind == FailureKind::BadResult => Err(failure.message),
        Err(failure) if failure.kind == FailureKind::TookTooLong => {
            Err("a tool's `input` is a schema that takes too long to check".to_owned())
        }
        Err(failure) => Err(format!("a tool's `input` could not be checked: {}", failure.message)),
    }
}

/// Makes a file runnable in a host: parsing is work that its author decides how large it is.
pub fn strip(client: &mut Client, name: &str, text: &str) -> Result<Stripped, Box<Diagnostic>> {
    let order = Order::Strip { name: name.to_owned(), text: text.to_owned() };
    let fault = |message: &str| Box::new(Diagnostic::error(message.to_owned()).in_file(name));
    match client.exchange(order, &mut NoServices) {
        Ok(Outcome::Stripped(StrippedFile { code, map, steady, imports })) => {
            // INVARIANT: a place that a host names lies within the text and between characters.
            let is_place = |from: usize, to: usize| from <= to && text.get(from..to).is_some();
            let imports = imports.into_iter().filter(|(_, from, to)| is_place(*from, *to));
            let imports = imports.map(|(specifier, from, to)| (specifier, from..to)).collect();
            Ok(Stripped { code, map, steady, imports })
        }
        Ok(Outcome::NotCode { diagnostic }) => Err(diagnostic),
        Ok(_) => Err(fault("the host answered out of turn")),
        Err(Failure { kind: FailureKind::TookTooLong, .. }) => {
            let fault = fault("the file took too long to parse and was given up");
            Err(Box::new(fault.help("simplify it: it may nest too deeply")))
        }
        Err(Failure { kind: FailureKind::HostDied | FailureKind::OutOfMemory, .. }) => {
            let fault = fault("the file could not be parsed");
            Err(Box::new(fault.help("simplify it: it may nest too deeply")))
        }
        Err(failure) => Err(fault(&format!("the file could not be parsed: {}", failure.message))),
    }
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
