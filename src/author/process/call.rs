//! One order while it is carried out: what its child asks for is served, and every limit is held from outside.
//!
//! Believes nothing that a child sends to be small, in turn or even a message.

use std::time::{Duration, Instant};

use super::child::{Child, Death};
use super::wire::Silence;
use crate::author::host::{Limits, Reasoned, Services};
use crate::author::message::{Answer, Failure, FailureKind, FromHost, Outcome};
use crate::kernel::json::Raw;

/// How long a new child may take until it is confined and says so.
const START: Duration = Duration::from_secs(10);

/// Lines of log a child may send for one order; one that keeps its own limit sends fewer.
const LOG_LINES: usize = 1_100;

/// One order while it is collected.
pub(super) struct Call<'a> {
    pub(super) limits: &'a Limits,
    /// How long the child may be waited for.
    pub(super) patience: Duration,
    pub(super) child: &'a mut Child,
    pub(super) services: &'a mut dyn Services,
    /// Whether anything was heard of the order.
    pub(super) heard: bool,
}

impl Call<'_> {
    /// Serves it to its end; gives what came of it, and how long author code ran.
    pub(super) fn collect(&mut self) -> Result<(Outcome, Duration), Failure> {
        self.await_ready()?;
        let begun = Instant::now();
        let (mut left, mut asks, mut lines, mut left_to_stub) = (self.patience, 0, 0, 0_usize);
        loop {
            let start = Instant::now();
            let wall = self.limits.wall.saturating_sub(begun.elapsed());
            let message = self.receive(start + left.min(wall), wall < left)?;
            left = left.saturating_sub(start.elapsed());
            self.heard = true;
            if matches!(
                message,
                FromHost::Sense { .. } | FromHost::Http { .. } | FromHost::Reason { .. } | FromHost::Reasoned { .. }
            ) {
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
                FromHost::StubAnswered { input, answer } => {
                    left_to_stub = left_to_stub.checked_sub(1).ok_or_else(out_of_turn)?;
                    self.services.stub_answered(&input, &answer);
                    if let Some(reason) = self.services.exceeded() {
                        return Err(over(reason));
                    }
                    continue;
                }
                FromHost::Reasoned { input } => {
                    self.services.reasoned(&input);
                    if let Some(reason) = self.services.exceeded() {
                        return Err(over(reason));
                    }
                    continue;
                }
                FromHost::Sense { capability, args } => value(self.services.sense(&capability, &args)),
                FromHost::Http { request } => value(self.services.http(&request)),
                FromHost::Reason { input } => match self.services.reason(&input) {
                    Ok(Reasoned::Stub) => {
                        left_to_stub += 1;
                        Answer::Stub {}
                    }
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
            self.child.wire.expect_promptly();
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

fn failure(kind: FailureKind, message: String) -> Failure {
    Failure { kind, message, stack: None }
}

pub(super) fn stopped(message: String) -> Failure {
    failure(FailureKind::HostStopped, message)
}

fn over(message: String) -> Failure {
    failure(FailureKind::OverLimit, message)
}

fn out_of_turn() -> Failure {
    stopped("its process answered out of turn, and was ended".to_owned())
}
