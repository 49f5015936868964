//! The kernel's side of one definition: orders given to its child, also ahead, what the author's code asks for served,
//! and every limit held from outside.
//!
//! What was given ahead and not collected is kept, so a child may end at any time: the next one is given it again. Until
//! an order is collected nothing of it is known to anyone, so carrying it out twice changes nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::child::{Child, Death};
use super::pool::{ClientId, Hosts};
use super::wire::Silence;
use crate::author::host::{Limits, Reasoned, Services};
use crate::author::message::{Answer, Failure, FailureKind, FromHost, Order, Outcome};
use crate::kernel::json::Raw;

/// How long past its limit a call may go on before its child is ended.
const GRACE: Duration = Duration::from_millis(90);

/// How long checking an input against a schema may take.
const VALIDATION: Duration = Duration::from_secs(1);

/// How long parsing one file may take.
const PARSING: Duration = Duration::from_secs(3);

/// How long a new child may take until it is confined and says so.
const START: Duration = Duration::from_secs(10);

/// Orders a child may hold ahead of the one that is collected.
const AHEAD: usize = 32;

/// Bytes of orders beyond which no more are given ahead.
const AHEAD_BYTES: usize = 256 << 10;

/// After a result of more bytes the child holds none ahead, so that results do not heap up.
const SMALL: usize = 64 << 10;

/// Lines of log a child may send for one order; one that keeps its own limit sends fewer.
const LOG_LINES: usize = 1_100;

/// A definition's line to its child, which is started when it is needed.
pub struct Client {
    hosts: Hosts,
    id: ClientId,
    limits: Limits,
    /// What every child is given first: the program.
    program: Option<Arc<Order>>,
    /// Given and not collected yet, in the order in which they will be.
    expected: VecDeque<Arc<Order>>,
    /// How many of them the child may hold.
    ahead: usize,
    /// How long the order collected last took.
    spent: Duration,
    /// Why it was stopped, where it was over a limit.
    over_limit: Option<String>,
}

impl Client {
    /// No child yet, and no program.
    pub fn new(hosts: &Hosts, limits: Limits) -> Self {
        let (hosts, id) = (hosts.clone(), hosts.register());
        let expected = VecDeque::new();
        Self { hosts, id, limits, program: None, expected, ahead: AHEAD, spent: Duration::ZERO, over_limit: None }
    }

    /// Gives the program, to this child and to all that follow.
    pub fn load(&mut self, program: Order) {
        let program = Arc::new(program);
        if let Some(mut child) = self.hosts.take(self.id) {
            child.wire.queue(&*program);
            child.wire.flush();
            self.hosts.rest(self.id, child);
        }
        self.program = Some(program);
    }

    /// Sends an order and serves what the author's code asks for until it is closed.
    pub fn exchange(&mut self, order: Order, services: &mut dyn Services) -> Result<Outcome, Failure> {
        if !self.expected.is_empty() {
            // Nobody will collect them, and no call may hear what was meant for another.
            self.expected.clear();
            self.hosts.forget(self.id);
        }
        self.expected.push_back(Arc::new(order));
        self.collect(services)
    }

    /// True when such an order was given ahead, and is to be collected next. Those given before it were passed over.
    pub fn is_expected(&mut self, wanted: impl Fn(&Order) -> bool) -> bool {
        let found = self.expected.iter().position(|order| wanted(order));
        if let Some(passed @ 1..) = found {
            self.expected.drain(..passed);
            self.hosts.forget(self.id);
        }
        found.is_some()
    }

    /// How long the order collected last took, without waiting for what it asked.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// Why the order collected last was stopped, where it was over a limit.
    pub fn over_limit(&self) -> Option<&str> {
        self.over_limit.as_deref()
    }

    /// Gives an order, to be collected after those given before. What it asks for waits until then.
    pub fn expect(&mut self, order: Order) {
        self.expected.push_back(Arc::new(order));
        // No child now: collecting tries again, and says why.
        if let Ok(child) = self.fed() {
            self.hosts.rest(self.id, child);
        }
    }

    /// Serves what the first expected order asks for until it is closed.
    pub fn collect(&mut self, services: &mut dyn Services) -> Result<Outcome, Failure> {
        self.spent = Duration::ZERO;
        self.over_limit = None;
        let child = self.fed();
        let order = self.expected.pop_front();
        let patience = match order.as_deref() {
            Some(Order::Validate { .. }) => VALIDATION,
            Some(Order::Strip { .. }) => PARSING,
            _ => self.limits.call,
        };
        let mut child = child.map_err(|error| stopped(format!("no process could be started for it: {error}")))?;
        let collected =
            Call { limits: &self.limits, patience: patience + GRACE, child: &mut child, services }.collect();
        // INVARIANT: a child is used again only after it closed an order as it should and broke no limit.
        match collected {
            Ok((outcome, spent)) => {
                self.spent = spent;
                child.sent -= 1;
                self.ahead = if is_large(&outcome) { 1 } else { AHEAD };
                if is_final(&outcome) {
                    self.end(child);
                } else {
                    self.hosts.rest(self.id, child);
                }
                match outcome {
                    Outcome::Failed { failure } => Err(self.noted(failure)),
                    outcome => Ok(outcome),
                }
            }
            Err(failure) => {
                self.end(child);
                self.spent = self.limits.call;
                Err(self.noted(failure))
            }
        }
    }

    fn noted(&mut self, failure: Failure) -> Failure {
        self.over_limit = self.limits.broken_by(&failure);
        failure
    }

    fn end(&self, child: Child) {
        drop(child);
        self.hosts.ended();
    }

    /// The child with as many of the expected orders as it may hold.
    fn fed(&self) -> Result<Child, std::io::Error> {
        let mut child = if let Some(child) = self.hosts.take(self.id) {
            child
        } else {
            let mut child = self.hosts.start()?;
            if let Some(program) = &self.program {
                child.wire.queue(&**program);
            }
            child
        };
        for order in self.expected.iter().take(self.ahead).skip(child.sent) {
            if child.sent > 0 && child.wire.unwritten() > AHEAD_BYTES {
                break;
            }
            child.wire.queue(&**order);
            child.sent += 1;
        }
        child.wire.flush();
        Ok(child)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.hosts.forget(self.id);
    }
}

/// One order while it is collected.
struct Call<'a> {
    limits: &'a Limits,
    /// How long the child may be waited for.
    patience: Duration,
    child: &'a mut Child,
    services: &'a mut dyn Services,
}

impl Call<'_> {
    fn collect(mut self) -> Result<(Outcome, Duration), Failure> {
        self.await_ready()?;
        let begun = Instant::now();
        let (mut left, mut asks, mut lines) = (self.patience, 0, 0);
        loop {
            let start = Instant::now();
            let wall = self.limits.wall.saturating_sub(begun.elapsed());
            let message = self.receive(start + left.min(wall), wall < left)?;
            left = left.saturating_sub(start.elapsed());
            if matches!(message, FromHost::Sense { .. } | FromHost::Http { .. } | FromHost::Reason { .. }) {
                asks += 1;
                if asks > self.limits.asks {
                    return Err(over(format!("it asked more than {} times", self.limits.asks)));
                }
            }
            let answer = match message {
                FromHost::Closed { micros, outcome } => return Ok((outcome, Duration::from_micros(micros))),
                FromHost::Log { level, text } => {
                    lines += 1;
                    if lines > LOG_LINES || text.len() > 2 * self.limits.log {
                        return Err(stopped("its process logged without end and was ended".to_owned()));
                    }
                    self.services.log(&level, &text);
                    continue;
                }
                FromHost::Sense { capability, args } => value(self.services.sense(&capability, &args)),
                FromHost::Http { request } => value(self.services.http(&request)),
                FromHost::Reason { input } => match self.services.reason(&input) {
                    Ok(Reasoned::Stub) => Answer::Stub {},
                    Ok(Reasoned::Answer(answer)) => Answer::Value { value: answer },
                    Err(message) => Answer::Refused { message },
                },
                FromHost::Ready {} | FromHost::Unconfined { .. } => return Err(out_of_turn()),
            };
            if let Some(reason) = self.services.exceeded() {
                return Err(over(reason));
            }
            if begun.elapsed() > self.limits.wall {
                return Err(self.over_wall());
            }
            self.child.wire.queue(&answer);
            self.child.wire.flush();
        }
    }

    fn await_ready(&mut self) -> Result<(), Failure> {
        if self.child.is_ready {
            return Ok(());
        }
        match self.receive(Instant::now() + START, false)? {
            FromHost::Ready {} => {
                self.child.is_ready = true;
                Ok(())
            }
            FromHost::Unconfined { why } => Err(stopped(format!(
                "this system cannot confine it, {why}; `[hosts] unconfined = true` in `fibric.toml` runs it all the same"
            ))),
            _ => Err(out_of_turn()),
        }
    }

    fn receive(&mut self, deadline: Instant, wall: bool) -> Result<FromHost, Failure> {
        match self.child.wire.next(deadline, |line| serde_json::from_slice(line)) {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(_)) => Err(stopped("its process sent what is no message, and was ended".to_owned())),
            Err(Silence::TooLong) => Err(stopped("its process sent without end, and was ended".to_owned())),
            Err(Silence::TimedOut) if wall => Err(self.over_wall()),
            Err(Silence::TimedOut) => Err(failure(FailureKind::TookTooLong, "stuck in native code".to_owned())),
            Err(Silence::Closed) => Err(match self.child.cause_of_death() {
                Death::OutOfMemory => failure(FailureKind::OutOfMemory, String::new()),
                Death::Otherwise(how) => failure(FailureKind::HostDied, how),
            }),
        }
    }

    fn over_wall(&self) -> Failure {
        over(format!("it took longer than {} s with all waiting", self.limits.wall.as_secs_f64()))
    }
}

fn value(given: Result<Raw, String>) -> Answer {
    match given {
        Ok(value) => Answer::Value { value },
        Err(message) => Answer::Refused { message },
    }
}

fn is_large(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Done { result } if result.as_str().len() > SMALL)
}

/// True where the child's engine has come to an end with the order.
fn is_final(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { failure: Failure { kind: FailureKind::OutOfMemory, .. } })
}

fn failure(kind: FailureKind, message: String) -> Failure {
    Failure { kind, message, stack: None }
}

fn stopped(message: String) -> Failure {
    failure(FailureKind::HostStopped, message)
}

fn over(message: String) -> Failure {
    failure(FailureKind::OverLimit, message)
}

fn out_of_turn() -> Failure {
    stopped("its process answered out of turn, and was ended".to_owned())
}
