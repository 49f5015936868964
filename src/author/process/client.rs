//! The kernel's side of one definition: orders given to its child, also ahead, and collected in turn.
//!
//! What was given ahead and not collected is kept, so a child may end at any time: the next one is given it again. Until
//! an order is collected nothing of it is known to anyone, so carrying it out twice changes nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::call::{Call, stopped};
use super::child::Child;
use super::pool::{ClientId, Hosts};
use crate::author::host::{Limits, Services};
use crate::author::message::{Failure, FailureKind, Order, Outcome};

/// How often an order is given to another child whose first died before it said anything of it: that one, and a spare
/// that was ended with it.
const SECOND_CHANCES: usize = 2;

/// How long past its limit a call may go on before its child is ended.
const GRACE: Duration = Duration::from_millis(90);

/// How long checking an input against a schema may take.
const VALIDATION: Duration = Duration::from_secs(1);

/// How long parsing one file may take.
const PARSING: Duration = Duration::from_secs(3);

/// Orders a child may hold ahead of the one that is collected.
const AHEAD: usize = 32;

/// Bytes of orders beyond which no more are given ahead.
const AHEAD_BYTES: usize = 256 << 10;

/// After a result of more bytes the child holds none ahead, so that results do not heap up.
const SMALL: usize = 64 << 10;

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
        self.expect_all([order]);
    }

    /// Gives several, written together.
    pub fn expect_all(&mut self, orders: impl IntoIterator<Item = Order>) {
        self.expected.extend(orders.into_iter().map(Arc::new));
        // No child now: collecting tries again, and says why.
        if let Ok(child) = self.fed() {
            self.hosts.rest(self.id, child);
        }
    }

    /// Serves what the first expected order asks for until it is closed. A child that died before it said anything of the
    /// order may have done so while it was idle: another one is tried.
    pub fn collect(&mut self, services: &mut dyn Services) -> Result<Outcome, Failure> {
        self.spent = Duration::ZERO;
        self.over_limit = None;
        let mut collected = self.collect_once(services);
        for _ in 0..SECOND_CHANCES {
            let Err(Lost { died_unheard: true, .. }) = &collected else { break };
            collected = self.collect_once(services);
        }
        self.expected.pop_front();
        collected.map_err(|Lost { failure, .. }| {
            self.over_limit = self.limits.broken_by(&failure);
            failure
        })
    }

    fn collect_once(&mut self, services: &mut dyn Services) -> Result<Outcome, Lost> {
        let mut child = self.fed().map_err(|error| stopped(format!("no process could be started for it: {error}")))?;
        let patience = match self.expected.front().map(|order| &**order) {
            Some(Order::Validate { .. }) => VALIDATION,
            Some(Order::Strip { .. }) => PARSING,
            _ => self.limits.call,
        };
        if self.expected.len() == 1 {
            child.wire.expect_promptly();
        }
        let mut call =
            Call { limits: &self.limits, patience: patience + GRACE, child: &mut child, services, heard: false };
        let collected = call.collect();
        let heard = call.heard;
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
                    Outcome::Failed { failure } => Err(failure.into()),
                    outcome => Ok(outcome),
                }
            }
            Err(failure) => {
                self.end(child);
                self.spent = self.limits.call;
                Err(Lost { died_unheard: !heard && failure.kind == FailureKind::HostDied, failure })
            }
        }
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
        // A child that has half of what it may hold is given the rest when it has less: a write for many, not for each.
        let more = if child.sent > self.ahead / 2 { 0 } else { self.ahead };
        for order in self.expected.iter().take(more).skip(child.sent) {
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

/// An order that came to nothing.
struct Lost {
    failure: Failure,
    /// Whether the child's end is all that was heard of it.
    died_unheard: bool,
}

impl From<Failure> for Lost {
    fn from(failure: Failure) -> Self {
        Self { failure, died_unheard: false }
    }
}

fn is_large(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Done { result } if result.as_str().len() > SMALL)
}

/// True where the child's engine has come to an end with the order.
fn is_final(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed { failure: Failure { kind: FailureKind::OutOfMemory, .. } })
}
