//! The caller's end: one thread per host, orders in, asks served, and a watch on the clock for when the thread is stuck
//! where the engine cannot interrupt it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::engine::Engine;
use super::exchange::Exchange;
use crate::author::host::{Limits, Reasoned, Services};
use crate::author::message::{Answer, Failure, FailureKind, FromHost, Order};
use crate::author::source::Graph;

/// How long past its limit a call may be stuck before its thread is given up.
const GRACE: Duration = Duration::from_millis(750);

/// The thread's own stack; the engine's limit is far below it.
const THREAD_STACK: usize = 8 << 20;

/// A thread that was given up may burn a processor for as long as the process lives; so a host gives up only a few.
const MAX_STUCK: u32 = 3;

/// What goes to the thread.
pub enum ToHost {
    /// Opens an exchange.
    Order(Box<Order>),
    /// Answers an ask.
    Answer(Answer),
}

/// A line to a host thread, which is started when it is needed.
pub struct Line {
    graph: Arc<Graph>,
    limits: Limits,
    worker: Option<Worker>,
    /// Threads given up so far.
    stuck: u32,
}

struct Worker {
    orders: Sender<ToHost>,
    replies: Receiver<FromHost>,
    abandoned: Arc<AtomicBool>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Line {
    /// A line with no thread behind it yet.
    pub fn new(graph: Arc<Graph>, limits: Limits) -> Self {
        Self { graph, limits, worker: None, stuck: 0 }
    }

    /// Sends an order and serves what the author's code asks for until the order is closed.
    pub fn exchange(&mut self, order: Order, services: &mut dyn Services) -> Result<FromHost, Failure> {
        if self.stuck >= MAX_STUCK {
            let message = format!(
                "it was stuck {MAX_STUCK} times where it cannot be stopped, and is not run again until it is saved"
            );
            return Err(stopped(message));
        }
        let patience = self.limits.call + GRACE;
        let closed = match self.worker() {
            Ok(worker) => worker.exchange(order, services, patience),
            Err(error) => Err(stopped(format!("no thread could be started: {error}"))),
        };
        if let Err(Failure { kind: FailureKind::HostStopped | FailureKind::TookTooLong, .. }) = &closed {
            // Dropping the channels ends the thread as soon as it looks at them.
            self.worker = None;
        }
        if let Err(Failure { kind: FailureKind::TookTooLong, .. }) = &closed {
            self.stuck += 1;
        }
        match closed? {
            FromHost::Failed { failure } => Err(failure),
            other => Ok(other),
        }
    }

    /// The thread's name, for those who look at a process: `author order-risk`.
    fn name(&self) -> String {
        let file = self.graph.entry.rsplit('/').next().unwrap_or_default();
        let plain = file.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_' || *c == '.');
        format!("author {}", plain.collect::<String>())
    }

    fn worker(&mut self) -> Result<&mut Worker, std::io::Error> {
        if let Some(ref mut worker) = self.worker {
            return Ok(worker);
        }
        let (orders, inbox) = channel();
        let (outbox, replies) = channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&abandoned);
        let (graph, limits) = (Arc::clone(&self.graph), self.limits);
        thread::Builder::new()
            .name(self.name())
            .stack_size(THREAD_STACK)
            .spawn(move || Engine::new(graph, limits, Exchange::new(inbox, outbox, theirs)).serve())?;
        Ok(self.worker.insert(Worker { orders, replies, abandoned }))
    }
}

impl Worker {
    fn exchange(&mut self, order: Order, services: &mut dyn Services, patience: Duration) -> Result<FromHost, Failure> {
        let gone = || stopped("its engine stopped".to_owned());
        self.orders.send(ToHost::Order(Box::new(order))).map_err(|_| gone())?;
        let mut waited = Duration::ZERO;
        loop {
            let start = Instant::now();
            let received = self.replies.recv_timeout(patience.saturating_sub(waited));
            waited += start.elapsed();
            let answer = match received {
                Ok(FromHost::Sense { capability, args }) => value(services.sense(&capability, &args)),
                Ok(FromHost::Http { request }) => value(services.http(&request)),
                Ok(FromHost::Reason { input }) => match services.reason(&input) {
                    Ok(Reasoned::Stub) => Answer::Stub {},
                    Ok(Reasoned::Answer(answer)) => Answer::Value { value: answer },
                    Err(message) => Answer::Refused { message },
                },
                Ok(FromHost::Log { level, text }) => {
                    services.log(&level, &text);
                    continue;
                }
                Ok(closing) => return Ok(closing),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Failure {
                        kind: FailureKind::TookTooLong,
                        message: "stuck in native code".to_owned(),
                        stack: None,
                    });
                }
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            };
            self.orders.send(ToHost::Answer(answer)).map_err(|_| gone())?;
        }
    }
}

fn value(given: Result<crate::kernel::json::Raw, String>) -> Answer {
    match given {
        Ok(value) => Answer::Value { value },
        Err(message) => Answer::Refused { message },
    }
}

fn stopped(message: String) -> Failure {
    Failure { kind: FailureKind::HostStopped, message, stack: None }
}
