//! The caller's end: one thread per host, orders in, asks served, and a watch on the clock for when the thread is stuck
//! where the engine cannot interrupt it.
//!
//! Orders may be given ahead. The thread carries them out in turn, and what it says of each waits until that one is
//! collected: a thread that always has its next order is not woken for every one, which costs more than most calls.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::engine::Engine;
use super::exchange::{Exchange, FromThread, look};
use crate::author::host::{Limits, Reasoned, Services};
use crate::author::message::{Answer, Failure, FailureKind, FromHost, Order};
use crate::author::source::Graph;

/// How long past its limit a call may be stuck before its thread is given up.
const GRACE: Duration = Duration::from_millis(750);

/// The thread's own stack; the engine's limit is far below it.
const THREAD_STACK: usize = 8 << 20;

/// A thread that was given up may burn a processor for as long as the process lives; so a host gives up only a few.
const MAX_STUCK: u32 = 3;

/// Orders the thread may hold ahead of the one that is collected.
const AHEAD: usize = 32;

/// After a result of more bytes the thread holds none ahead, so that results do not heap up.
const SMALL: usize = 64 << 10;

/// A line to a host thread, which is started when it is needed.
pub struct Line {
    graph: Arc<Graph>,
    limits: Limits,
    worker: Option<Worker>,
    /// Given and not collected yet, in the order in which they will be.
    expected: VecDeque<Arc<Order>>,
    /// How many of them the thread may hold.
    ahead: usize,
    /// How long the order collected last took.
    spent: Duration,
    /// Threads given up so far.
    stuck: u32,
}

struct Worker {
    orders: Sender<Arc<Order>>,
    answers: Sender<Answer>,
    replies: Receiver<FromThread>,
    abandoned: Arc<AtomicBool>,
    /// How many of the expected orders it has.
    sent: usize,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Line {
    /// A line with no thread behind it yet.
    pub fn new(graph: Arc<Graph>, limits: Limits) -> Self {
        let (expected, ahead, spent) = (VecDeque::new(), AHEAD, Duration::ZERO);
        Self { graph, limits, worker: None, expected, ahead, spent, stuck: 0 }
    }

    /// Sends an order and serves what the author's code asks for until the order is closed.
    pub fn exchange(&mut self, order: Order, services: &mut dyn Services) -> Result<FromHost, Failure> {
        if !self.expected.is_empty() {
            // Nobody will collect them, and no call may hear what was meant for another.
            self.expected.clear();
            self.worker = None;
        }
        self.expect(order);
        self.collect(services)
    }

    /// True when such an order was given ahead, and is to be collected next. Those given before it were passed over.
    pub fn is_expected(&mut self, wanted: impl Fn(&Order) -> bool) -> bool {
        let found = self.expected.iter().position(|order| wanted(order));
        if let Some(passed @ 1..) = found {
            self.expected.drain(..passed);
            self.worker = None;
        }
        found.is_some()
    }

    /// How long the order collected last took, without waiting for what it asked.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Gives an order, to be collected after those given before. What it asks for waits until then.
    pub fn expect(&mut self, order: Order) {
        self.expected.push_back(Arc::new(order));
        if self.stuck < MAX_STUCK {
            // No thread now: collecting tries again, and says why.
            let _ = self.feed();
        }
    }

    /// Serves what the first expected order asks for until it is closed.
    pub fn collect(&mut self, services: &mut dyn Services) -> Result<FromHost, Failure> {
        self.spent = Duration::ZERO;
        if self.stuck >= MAX_STUCK {
            self.expected.pop_front();
            let message = format!(
                "it was stuck {MAX_STUCK} times where it cannot be stopped, and is not run again until it is saved"
            );
            return Err(stopped(message));
        }
        let patience = self.limits.call + GRACE;
        let begun = self.feed();
        self.expected.pop_front();
        let closed = match (begun, &mut self.worker) {
            (Ok(()), Some(worker)) => worker.collect(services, patience),
            (Err(error), _) => Err(stopped(format!("no thread could be started: {error}"))),
            (Ok(()), None) => Err(stopped("it has no thread".to_owned())),
        };
        let closed = closed.map(|(closing, spent)| {
            self.spent = spent;
            self.ahead =
                if matches!(&closing, FromHost::Done { result } if result.as_str().len() > SMALL) { 1 } else { AHEAD };
            closing
        });
        if let Err(Failure { kind: FailureKind::HostStopped | FailureKind::TookTooLong, .. }) = &closed {
            // Dropping the channels ends the thread as soon as it looks at them; what it held ahead goes to the next.
            self.worker = None;
        }
        if let Err(Failure { kind: FailureKind::TookTooLong, .. }) = &closed {
            self.stuck += 1;
            self.spent = patience;
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

    /// Gives the thread as many of the expected orders as it may hold.
    fn feed(&mut self) -> Result<(), std::io::Error> {
        if self.worker.is_none() {
            self.worker = Some(self.start()?);
        }
        if let Some(worker) = &mut self.worker {
            for order in self.expected.iter().take(self.ahead).skip(worker.sent) {
                // A thread that is gone is noticed where its reply is waited for.
                let _ = worker.orders.send(Arc::clone(order));
                worker.sent += 1;
            }
        }
        Ok(())
    }

    fn start(&self) -> Result<Worker, std::io::Error> {
        let (orders, inbox) = channel();
        let (answers, answered) = channel();
        let (outbox, replies) = channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&abandoned);
        let (graph, limits) = (Arc::clone(&self.graph), self.limits);
        thread::Builder::new()
            .name(self.name())
            .stack_size(THREAD_STACK)
            .spawn(move || Engine::new(graph, limits, Exchange::new(inbox, answered, outbox, theirs)).serve())?;
        Ok(Worker { orders, answers, replies, abandoned, sent: 0 })
    }
}

impl Worker {
    fn collect(&mut self, services: &mut dyn Services, patience: Duration) -> Result<(FromHost, Duration), Failure> {
        let gone = || stopped("its engine stopped".to_owned());
        self.sent = self.sent.saturating_sub(1);
        let mut waited = Duration::ZERO;
        loop {
            let start = Instant::now();
            let received = match look(&self.replies) {
                Some(received) => Ok(received),
                None => self.replies.recv_timeout(patience.saturating_sub(waited)),
            };
            waited += start.elapsed();
            let said = match received {
                Ok(FromThread::Closed(closing, spent)) => return Ok((closing, spent)),
                Ok(FromThread::Said(said)) => Ok(said),
                Err(error) => Err(error),
            };
            let answer = match said {
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
                Ok(closing) => return Ok((closing, Duration::ZERO)),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Failure {
                        kind: FailureKind::TookTooLong,
                        message: "stuck in native code".to_owned(),
                        stack: None,
                    });
                }
                Err(RecvTimeoutError::Disconnected) => return Err(gone()),
            };
            self.answers.send(answer).map_err(|_| gone())?;
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
