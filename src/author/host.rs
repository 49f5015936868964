//! A host: something that runs one connector's or operator's code. The session drives hosts through this trait and
//! serves what they ask for; it cannot tell an embedded engine from a child process.

use std::time::Duration;

use super::definition::Definition;
use super::message::{Failure, FailureKind};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Raw;

/// What author code may ask for while it runs. An `Err` becomes an `Error` thrown into the author's code.
pub trait Services {
    /// Reads through a capability.
    fn sense(&mut self, capability: &str, args: &Raw) -> Result<Raw, String>;
    /// Asks the reasoner.
    fn reason(&mut self, input: &Raw) -> Result<Reasoned, String>;
    /// Takes note that the operator's own stub reasoned about this, without asking.
    fn reasoned(&mut self, _input: &Raw) {}
    /// Takes note of what the operator's own stub answered, after [`Services::reason`] left it to it.
    fn stub_answered(&mut self, _input: &Raw, _answer: &Raw) {}
    /// Performs one HTTP request of a tool, `{ method, path, params?, headers?, body? }`.
    fn http(&mut self, request: &Raw) -> Result<Raw, String>;
    /// Takes a line of the author's log.
    fn log(&mut self, level: &str, text: &str);
    /// Why the call may not go on, when it was given more than a call may be: it is stopped, whatever its code makes of
    /// the last answer.
    fn exceeded(&self) -> Option<String> {
        None
    }
}

/// The reasoner's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reasoned {
    /// An answer from a model or a recording.
    Answer(Raw),
    /// The host is to run the operator's own `stub(input)`.
    Stub,
}

/// What a call sees of the world: with the same scene and services, the same code gives the same result.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The event.
    pub envelope: Option<&'a EventEnvelope>,
    /// RFC 3339: what `Date` reads.
    pub clock: &'a str,
    /// The event id: seeds `Math.random` and `crypto`.
    pub seed: &'a str,
    /// Whether the operator's own stub reasons, so that its host need not ask.
    pub own_stub: bool,
}

/// How much author code may use (contract 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The author's own time for one call, and for loading; waiting for [`Services`] does not count.
    pub call: Duration,
    /// Time for one call with all waiting.
    pub wall: Duration,
    /// Bytes of the engine's heap.
    pub memory: usize,
    /// Bytes of the engine's stack.
    pub stack: usize,
    /// What one call may ask of [`Services`].
    pub asks: usize,
    /// Bytes of log one call may write.
    pub log: usize,
    /// Entries of one list of a definition: tools, events, requirements, scopes.
    pub list: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(2),
            wall: Duration::from_secs(30),
            memory: 64 << 20,
            stack: 1 << 20,
            asks: 1_000,
            log: 64 << 10,
            list: 1_000,
        }
    }
}

impl Limits {
    /// The time of a call as a sentence names it: `2 s`, `300 ms`.
    pub fn call_in_words(&self) -> String {
        let millis = self.call.as_millis();
        if millis.is_multiple_of(1000) { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
    }

    /// Which limit a failed call was over; none where it failed otherwise.
    pub fn broken_by(&self, failure: &Failure) -> Option<String> {
        match failure.kind {
            FailureKind::TookTooLong => Some(format!("it took longer than {}", self.call_in_words())),
            FailureKind::OutOfMemory => Some(format!("it used more than {} MiB", self.memory >> 20)),
            FailureKind::OverLimit => Some(failure.message.clone()),
            _ => None,
        }
    }
}

/// One connector's or operator's code, ready to run.
pub trait Host: Send {
    /// What the code declares.
    fn definition(&self) -> &Definition;

    /// Runs the operator; gives its plan as it came, to be read with [`crate::kernel::plan::Digits::Float`].
    fn propose(&mut self, scene: &Scene<'_>, services: &mut dyn Services) -> Result<Raw, Diagnostic>;

    /// Says that [`Host::propose`] will be called with this scene, after those said before it and with nothing in
    /// between. The host may begin at once; what its code asks for waits until the call.
    fn expect(&mut self, scene: &Scene<'_>);

    /// How long the author's code ran in the last call, without waiting for what it asked for.
    fn spent(&self) -> Duration;

    /// Why the last call was stopped, when it was given or asked for more than a call may be (contract 11).
    fn over_limit(&self) -> Option<&str>;

    /// Checks a tool's input; gives it without undeclared keys, or one sentence per fault.
    fn check_input(&mut self, tool: &str, input: &Raw) -> Result<Raw, Vec<String>>;

    /// Runs a tool on input that [`Host::check_input`] returned.
    fn call(
        &mut self,
        tool: &str,
        input: &Raw,
        scene: &Scene<'_>,
        services: &mut dyn Services,
    ) -> Result<Raw, Diagnostic>;
}
