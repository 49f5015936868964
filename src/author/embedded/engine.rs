//! The thread's end: one runtime with its limits, one realm always ready, orders carried out one by one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;
use std::sync::Arc;

use rquickjs::Runtime;

use super::exchange::Exchange;
use super::heap::Heap;
use super::linker::Linker;
use super::natives::{failed, reason_text};
use super::realm::Realm;
use crate::author::host::Limits;
use crate::author::message::{Failure, FailureKind, FromHost, Order};
use crate::author::source::Graph;

/// What lives on a host's thread.
pub struct Engine {
    graph: Arc<Graph>,
    limits: Limits,
    exchange: Rc<Exchange>,
    /// Made ready while the caller is busy with the answer before, or left from a call that could leave nothing. Declared first, so that it is dropped first.
    ready: Option<Realm>,
    runtime: Option<Runtime>,
}

impl Engine {
    /// An engine that has not started yet.
    pub fn new(graph: Arc<Graph>, limits: Limits, exchange: Rc<Exchange>) -> Self {
        Self { graph, limits, exchange, ready: None, runtime: None }
    }

    /// Carries out orders until nobody sends any.
    pub fn serve(mut self) {
        while let Ok(order) = self.exchange.next() {
            if self.exchange.abandoned() {
                return;
            }
            let closing = self.carry_out(&order);
            let spent = matches!(
                &closing,
                FromHost::Failed {
                    failure: Failure {
                        kind: FailureKind::TookTooLong | FailureKind::OutOfMemory | FailureKind::HostStopped,
                        ..
                    }
                }
            );
            let spent = spent || self.exchange.exhausted() || self.exchange.abandoned();
            if spent {
                self.drop_runtime();
            }
            if !self.exchange.close(closing) {
                return;
            }
            if !spent && self.ready.is_none() {
                self.exchange.open(self.limits.call);
                self.ready = self.realm().ok();
            }
            self.exchange.rest();
        }
    }

    fn drop_runtime(&mut self) {
        self.exchange.rest();
        // The realm goes before the runtime it lives in.
        self.ready = None;
        self.runtime = None;
    }

    fn carry_out(&mut self, order: &Order) -> FromHost {
        self.exchange.open(self.limits.call);
        let realm = match self.ready.take() {
            Some(realm) => realm,
            None => match self.realm() {
                Ok(realm) => realm,
                Err(failure) => return failure,
            },
        };
        let closing = realm.run(order, &self.exchange);
        // INVARIANT: a realm is used again only where its modules cannot have kept anything of this call.
        if self.graph.steady && !matches!(closing, FromHost::Failed { .. }) {
            self.ready = Some(realm);
        }
        closing
    }

    fn realm(&mut self) -> Result<Realm, FromHost> {
        let runtime = match &self.runtime {
            Some(runtime) => runtime,
            None => self.runtime.insert(self.start()?),
        };
        Realm::new(runtime, &self.graph, &self.exchange)
    }

    fn start(&self) -> Result<Runtime, FromHost> {
        let heap = Heap::new(Rc::clone(&self.exchange), self.limits.memory);
        let runtime =
            Runtime::new_with_alloc(heap).map_err(|error| failed(FailureKind::HostStopped, error.to_string(), None))?;
        // The engine's own limit only keeps absurd requests from the heap, which counts exactly.
        runtime.set_memory_limit(self.limits.memory.saturating_mul(2));
        runtime.set_max_stack_size(self.limits.stack);
        runtime.set_loader(Linker(Arc::clone(&self.graph)), Linker(Arc::clone(&self.graph)));
        let exchange = Rc::clone(&self.exchange);
        let rejections = Rc::clone(&self.exchange);
        runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, is_handled| {
            let mut hasher = DefaultHasher::new();
            promise.hash(&mut hasher);
            if is_handled {
                rejections.heard(hasher.finish());
            } else {
                rejections.reject(hasher.finish(), || reason_text(&ctx, &reason));
            }
        })));
        runtime.set_interrupt_handler(Some(Box::new(move || exchange.is_over())));
        Ok(runtime)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.drop_runtime();
    }
}
