//! The host protocol: what the kernel asks of author code, what author code asks of the kernel.
//!
//! One order is open at a time. While it is open the host may send any number of asks (`sense`, `reason`, `http`),
//! each of which it waits for, and of `log`, which nobody answers; then exactly one of `described`, `done`, `invalid`
//! or `failed` closes the order. The embedded engine passes these values over channels; a child process would pass
//! the same as one line of JSON each, `{"propose":{…}}`. Nothing here may know which of them it is.

use serde::{Deserialize, Serialize};

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Raw;

/// What a call sees of the world around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneMessage {
    /// The event, absent where a tool runs by itself.
    pub envelope: Option<EventEnvelope>,
    /// RFC 3339: the clock that author code reads.
    pub clock: String,
    /// Seeds whatever is random.
    pub seed: String,
}

/// From the kernel: opens an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
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
        envelope: Option<EventEnvelope>,
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
        scene: SceneMessage,
    },
    /// Run an operator on an envelope.
    Propose {
        /// The surroundings; the envelope is there.
        scene: SceneMessage,
    },
}

/// From the host, while an order is open or to close it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromHost {
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
    /// Closes `describe`: the export in [`super::definition::authored`]'s form. Closes `rules`: the list, as it is.
    Described {
        /// The authored definition.
        definition: Raw,
    },
    /// Closes the others: the result.
    Done {
        /// A plan, a tool's result, or the input as its validator returned it.
        result: Raw,
    },
    /// Closes `check_input`: the input is not acceptable.
    Invalid {
        /// One sentence per fault.
        issues: Vec<String>,
    },
    /// Closes any order: author code failed.
    Failed {
        /// How.
        failure: Failure,
    },
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
    /// What it returned cannot be carried as JSON.
    BadResult,
    /// The host itself could not go on.
    HostStopped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_json_and_comes_back() {
        let order = Order::CheckInput { tool: "hold".into(), input: Raw::parse(r#"{"id":9007199254740993}"#).unwrap() };
        let line = serde_json::to_string(&order).unwrap();
        assert_eq!(line, r#"{"check_input":{"tool":"hold","input":{"id":9007199254740993}}}"#);
        assert_eq!(serde_json::from_str::<Order>(&line).unwrap(), order);
        let closing =
            FromHost::Failed { failure: Failure { kind: FailureKind::TookTooLong, message: "m".into(), stack: None } };
        let line = serde_json::to_string(&closing).unwrap();
        assert_eq!(line, r#"{"failed":{"failure":{"kind":"took_too_long","message":"m"}}}"#);
        assert_eq!(serde_json::from_str::<FromHost>(&line).unwrap(), closing);
        assert_eq!(serde_json::to_string(&Answer::Stub {}).unwrap(), r#"{"stub":{}}"#);
    }
}
