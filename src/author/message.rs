//! The host protocol: what the kernel asks of author code, what author code asks of the kernel.
//!
//! Each message is one line of JSON, `{"propose":{…}}`. The kernel may send orders ahead; the host carries them out in
//! turn. While it carries one out it may send any number of asks (`sense`, `reason`, `http`), each of which it waits
//! for, and of `log`, which nobody answers; then exactly one `closed` ends the order. `load` alone is not closed: what
//! is wrong with the code is said of the next order. Nothing here may know which engine is behind it, nor how the
//! lines travel.

use serde::{Deserialize, Serialize};

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Raw;

/// What a call sees of the world around it. The kernel writes a typed envelope; a host reads it as the text it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneMessage<E = EventEnvelope> {
    /// The event, absent where a tool runs by itself.
    pub envelope: Option<E>,
    /// RFC 3339: the clock that author code reads.
    pub clock: String,
    /// Seeds whatever is random.
    pub seed: String,
    /// True where the operator's own `stub(input)` reasons: the host says so with `reasoned` and waits for no answer.
    pub own_stub: bool,
}

/// The code of one definition, as it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The module to evaluate first.
    pub entry: String,
    /// True when no call can leave anything behind for the next.
    pub steady: bool,
    /// All modules but the kernel's own.
    pub modules: Vec<ProgramModule>,
    /// Milliseconds of the author's own time for a call.
    pub call_ms: u64,
    /// Bytes of the engine's heap, above the host's own.
    pub memory: usize,
    /// Bytes of the engine's stack.
    pub stack: usize,
    /// Bytes of log a call may write.
    pub log: usize,
}

/// One module of a [`Program`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramModule {
    /// Its path relative to the root.
    pub name: String,
    /// JavaScript.
    pub code: String,
    /// What each specifier in it leads to.
    pub imports: Vec<(String, String)>,
}

/// From the kernel: opens an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order<E = EventEnvelope> {
    /// Make a source file runnable. Needs no program.
    Strip {
        /// Its path relative to the root.
        name: String,
        /// What its author wrote.
        text: String,
    },
    /// Take this program; not closed.
    Load(Program),
    /// Say what the entry exports.
    Describe {},
    /// Say which rules the entry of a policy exports.
    Rules {},
    /// Ask a rule's predicate.
    Judge {
        /// The rule, from 0.
        rule: u32,
        /// The action.
        action: Raw,
        /// The envelope it answers, where there is one.
        envelope: Option<E>,
    },
    /// Check an input against a JSON Schema that would cost the kernel too much.
    Validate {
        /// The schema.
        schema: Raw,
        /// What was given.
        input: Raw,
    },
    /// Run a tool's own validator (a Standard Schema or a function).
    CheckInput {
        /// The tool's name.
        tool: String,
        /// What was given.
        input: Raw,
    },
    /// Run a tool on input that was checked.
    Call {
        /// The tool's name.
        tool: String,
        /// What the check returned.
        input: Raw,
        /// The surroundings.
        scene: SceneMessage<E>,
    },
    /// Run an operator on an envelope.
    Propose {
        /// The surroundings; the envelope is there.
        scene: SceneMessage<E>,
    },
}

/// From the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromHost {
    /// The host is confined and waits for orders; the first message of all.
    Ready {},
    /// The host could not be confined and carries nothing out.
    Unconfined {
        /// What the system refused.
        why: String,
    },
    /// Ask: read through a capability.
    Sense {
        /// The capability, `orders.read`.
        capability: String,
        /// Its arguments.
        args: Raw,
    },
    /// Ask: let the reasoner propose.
    Reason {
        /// What the operator hands to it.
        input: Raw,
    },
    /// The operator's own stub reasons, as its scene says it does; counts as an ask and is not answered.
    Reasoned {
        /// What the operator hands to it.
        input: Raw,
    },
    /// What the operator's own stub answered, after the kernel was asked and left it to it; not answered. What has no
    /// JSON form is not told.
    StubAnswered {
        /// What the operator handed to it.
        input: Raw,
        /// What it answered.
        answer: Raw,
    },
    /// Ask: one HTTP request of a tool, `{ method, path, params?, headers?, body? }`.
    Http {
        /// The request.
        request: Raw,
    },
    /// A line for the log; not answered.
    Log {
        /// `debug`, `info`, `warn` or `error`.
        level: String,
        /// The text.
        text: String,
    },
    /// Closes the order.
    Closed {
        /// How long author code ran, in microseconds, without waiting for what it asked.
        micros: u64,
        /// What came of it.
        outcome: Outcome,
    },
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Of `strip`: the file, ready to run.
    Stripped(StrippedFile),
    /// Of `strip`: the file is not code that can run, and why.
    NotCode {
        /// What is wrong, with its place.
        diagnostic: Box<Diagnostic>,
    },
    /// Of `describe`: the export in [`super::definition::authored`]'s form. Of `rules`: the list, as it is.
    Described {
        /// The authored definition.
        definition: Raw,
    },
    /// Of the others: the result.
    Done {
        /// A plan, a tool's result, or the input as its validator returned it.
        result: Raw,
    },
    /// Of `check_input` and `validate`: the input is not acceptable.
    Invalid {
        /// One sentence per fault.
        issues: Vec<String>,
    },
    /// Of any order: author code failed.
    Failed {
        /// How.
        failure: Failure,
    },
}

/// A source file as it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrippedFile {
    /// The JavaScript; absent where the text itself runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The source map, as JSON; absent where the code is the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// True when no call of its functions can leave anything behind.
    pub steady: bool,
    /// Specifiers of the imports that remain, with the bytes of the text at which each stands.
    pub imports: Vec<(String, usize, usize)>,
}

/// The kernel's answer to an ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What was asked for.
    Value {
        /// The value.
        value: Raw,
    },
    /// To `reason`: run the operator's own `stub(input)`.
    Stub {},
    /// It could not be had; author code sees an `Error` with this message.
    Refused {
        /// Why.
        message: String,
    },
}

/// How author code failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// `TypeError: x is not a function`, or what was wrong with the result.
    pub message: String,
    /// The engine's stack, positions of the code as it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// It threw, or its promise rejected.
    Threw,
    /// Its promise can never settle.
    NeverSettled,
    /// It ran over the time limit.
    TookTooLong,
    /// It ran over the memory limit.
    OutOfMemory,
    /// It asked for, or was given, more than a call may.
    OverLimit,
    /// What it returned cannot be carried as JSON.
    BadResult,
    /// The host itself could not go on.
    HostStopped,
    /// The host's process died.
    HostDied,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_json_and_comes_back() {
        let order: Order =
            Order::CheckInput { tool: "hold".into(), input: Raw::parse(r#"{"id":9007199254740993}"#).unwrap() };
        let line = serde_json::to_string(&order).unwrap();
        assert_eq!(line, r#"{"check_input":{"tool":"hold","input":{"id":9007199254740993}}}"#);
        assert_eq!(serde_json::from_str::<Order>(&line).unwrap(), order);
        let failure = Failure { kind: FailureKind::TookTooLong, message: "m".into(), stack: None };
        let closing = FromHost::Closed { micros: 7, outcome: Outcome::Failed { failure } };
        let line = serde_json::to_string(&closing).unwrap();
        let written =
            r#"{"closed":{"micros":7,"outcome":{"failed":{"failure":{"kind":"took_too_long","message":"m"}}}}}"#;
        assert_eq!(line, written);
        assert_eq!(serde_json::from_str::<FromHost>(&line).unwrap(), closing);
        assert_eq!(serde_json::to_string(&Answer::Stub {}).unwrap(), r#"{"stub":{}}"#);
    }
}
