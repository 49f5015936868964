//! The host's loop: one runtime with its limits, one realm always ready, orders carried out one by one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;
use std::time::Duration;

use rquickjs::Runtime;

use super::exchange::Exchange;
use super::heap::Heap;
use super::linker::Linker;
use super::natives::{failed, reason_text};
use super::program::Modules;
use super::realm::Realm;
use crate::author::message::{Failure, FailureKind, Order, Outcome, Program, StrippedFile};
use crate::author::schema::InputSchema;
use crate::author::source::strip;
use crate::kernel::json::Raw;

/// What lives on the engine's thread of a host.
pub struct Engine {
    exchange: Rc<Exchange>,
    loaded: Option<Loaded>,
}

/// A program and what runs it.
struct Loaded {
    modules: Rc<Modules>,
    call: Duration,
    memory: usize,
    stack: usize,
    /// Made ready while the kernel is busy with the answer before, or left from a call that could leave nothing.
    /// Declared before the runtime, so that it is dropped first.
    ready: Option<Realm>,
    runtime: Option<Runtime>,
}

impl Engine {
    /// An engine without a program.
    pub fn new(exchange: Rc<Exchange>) -> Self {
        Self { exchange, loaded: None }
    }

    /// Carries out orders for as long as the kernel is there.
    pub fn serve(mut self) -> ! {
        loop {
            match self.exchange.next() {
                Order::Load(program) => {
                    self.exchange.limit_log(program.log);
                    self.loaded = Some(Loaded::of(program));
                }
                Order::Strip { name, text } => {
                    self.exchange.open(Duration::MAX);
                    self.exchange.close(stripped(&name, &text));
                }
                Order::Validate { schema, input } => {
                    self.exchange.open(Duration::MAX);
                    self.exchange.close(validated(&schema, &input));
                }
                order => self.run(&order),
            }
        }
    }

    fn run(&mut self, order: &Order<Raw>) {
        let Some(loaded) = &mut self.loaded else {
            self.exchange.open(Duration::MAX);
            return self.exchange.close(failed(FailureKind::HostStopped, "it was given no program".to_owned(), None));
        };
        let outcome = loaded.carry_out(order, &self.exchange);
        let is_stopped = matches!(
            &outcome,
            Outcome::Failed { failure: Failure { kind: FailureKind::TookTooLong | FailureKind::HostStopped, .. } }
        );
        if is_stopped {
            loaded.drop_runtime(&self.exchange);
        }
        self.exchange.close(outcome);
        if !is_stopped && loaded.ready.is_none() {
            self.exchange.open(loaded.call);
            loaded.ready = loaded.realm(&self.exchange).ok();
        }
        self.exchange.rest();
    }

    /// Readies what every program needs, so that the first does not wait for it.
    pub fn warm(&self) {
        let empty = Program {
            entry: "none".to_owned(),
            steady: true,
            modules: Vec::new(),
            call_ms: 1_000,
            memory: 64 << 20,
            stack: 1 << 20,
            log: 0,
        };
        let mut loaded = Loaded::of(empty);
        self.exchange.open(loaded.call);
        drop(loaded.realm(&self.exchange));
        loaded.drop_runtime(&self.exchange);
    }
}

impl Loaded {
    fn of(program: Program) -> Self {
        let (call, memory, stack) = (Duration::from_millis(program.call_ms), program.memory, program.stack);
        Self { modules: Rc::new(Modules::of(program)), call, memory, stack, ready: None, runtime: None }
    }

    fn carry_out(&mut self, order: &Order<Raw>, exchange: &Rc<Exchange>) -> Outcome {
        exchange.open(self.call);
        let realm = match self.ready.take() {
            Some(realm) => realm,
            None => match self.realm(exchange) {
                Ok(realm) => realm,
                Err(failure) => return failure,
            },
        };
        let outcome = realm.run(order, exchange);
        // INVARIANT: a realm is used again only where its modules cannot have kept anything of this call.
        if self.modules.is_steady && !matches!(outcome, Outcome::Failed { .. }) {
            self.ready = Some(realm);
        }
        outcome
    }

    fn drop_runtime(&mut self, exchange: &Exchange) {
        exchange.rest();
        // The realm goes before the runtime it lives in.
        self.ready = None;
        self.runtime = None;
    }

    fn realm(&mut self, exchange: &Rc<Exchange>) -> Result<Realm, Outcome> {
        let runtime = match &self.runtime {
            Some(runtime) => runtime,
            None => self.runtime.insert(self.start(exchange)?),
        };
        Realm::new(runtime, &self.modules, exchange)
    }

    fn start(&self, exchange: &Rc<Exchange>) -> Result<Runtime, Outcome> {
        let heap = Heap::new(Rc::clone(exchange), self.memory);
        let runtime =
            Runtime::new_with_alloc(heap).map_err(|error| failed(FailureKind::HostStopped, error.to_string(), None))?;
        runtime.set_max_stack_size(self.stack);
        runtime.set_loader(Linker(Rc::clone(&self.modules)), Linker(Rc::clone(&self.modules)));
        let rejections = Rc::clone(exchange);
        runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, is_handled| {
            let mut hasher = DefaultHasher::new();
            promise.hash(&mut hasher);
            if is_handled {
                rejections.heard(hasher.finish());
            } else {
                rejections.reject(hasher.finish(), || reason_text(&ctx, &reason));
            }
        })));
        let exchange = Rc::clone(exchange);
        runtime.set_interrupt_handler(Some(Box::new(move || exchange.is_over())));
        Ok(runtime)
    }
}

fn stripped(name: &str, text: &str) -> Outcome {
    match strip(name, text) {
        Ok(stripped) => {
            let imports = stripped.imports.into_iter().map(|(name, span)| (name, span.start, span.end)).collect();
            Outcome::Stripped(StrippedFile { code: stripped.code, map: stripped.map, steady: stripped.steady, imports })
        }
        Err(diagnostic) => Outcome::NotCode { diagnostic },
    }
}

fn validated(schema: &Raw, input: &Raw) -> Outcome {
    match InputSchema::compile(schema) {
        Err(reason) => failed(FailureKind::BadResult, format!("a tool's `input` is not a schema: {reason}"), None),
        Ok(schema) => match schema.check(input) {
            Ok(result) => Outcome::Done { result },
            Err(issues) => Outcome::Invalid { issues },
        },
    }
}
