//! The executor as an explicit state machine (contract 5): validate → policy → limit → a person, where one is asked →
//! single-flight → dedup → handler → receipt, one [`Disposal`] per action over one shared [`State`].
//!
//! It performs nothing. [`Disposal::advance`] moves as far as pure state allows and returns what must be done next; the
//! driver does it and comes back with the [`Answer`]. Whatever the interleaving of disposals, each call to `advance`
//! is one atomic step on the state.

use std::sync::Arc;

use super::envelope::EventEnvelope;
use super::journal::Disposed;
use super::json::Raw;
use super::plan::PlannedAction;
use super::policy::Gates;
use super::receipt::{Handler, Verdict};

mod canonical;
pub mod claims;
mod disposal;
mod gates;
mod preview;
mod receipt_builder;
mod state;
#[cfg(test)]
mod tests;
mod turns;

pub use canonical::Canonical;
pub use disposal::Disposal;
pub use state::{State, Use};
pub use turns::{Turn, take_turns};

/// The connector's tool an action was bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The connector.
    pub connector: String,
    /// The connector's own name for the tool.
    pub tool_name: String,
    /// False for a read, which may not be planned.
    pub side_effecting: bool,
    /// True when a failed call may be retried under the same key.
    pub idempotent: bool,
    /// What runs: the stub, or the handler itself.
    pub handler: Handler,
}

/// What the executor asks of the world it stands in. Answers must not change while a plan is disposed of.
pub trait ExecutorEnv {
    /// The canonical spelling of a capability, or why it is none.
    fn canonical(&self, capability: &str) -> Result<String, String>;
    /// The known capability that was most likely meant by a name that is none.
    fn nearest_capability(&self, _name: &str) -> Option<String> {
        None
    }
    /// True when the operator's `requires` lists the (canonical) capability.
    fn may_propose(&self, operator: &str, capability: &str) -> bool;
    /// The connector bound to a (canonical) capability, or why none is.
    fn bind(&self, capability: &str) -> Result<Binding, String>;
    /// The names under which an operator's own pack may be given as `connector`.
    fn is_own_pack(&self, operator: &str, connector: &str) -> bool {
        connector == operator || connector.strip_prefix("op-") == Some(operator)
    }
    /// The trust policy's word on an operator's bound action.
    fn judge(&self, operator: &str, action: &PlannedAction, handler: Handler, envelope: &EventEnvelope) -> Verdict;
    /// What a second policy would say that only watches; none where there is none.
    fn shadow(&self, _operator: &str, _action: &PlannedAction, _envelope: &EventEnvelope) -> Option<Verdict> {
        None
    }
    /// The gates that the rules set which let the action through.
    fn gates(&self, _operator: &str, _action: &PlannedAction) -> Gates {
        Gates::default()
    }
    /// Whether a person is asked.
    fn hold(&self) -> Hold {
        Hold::default()
    }
    /// The digest of the policy in force.
    fn policy_digest(&self) -> Option<String>;
}

/// Whether a person is asked before an action that is raised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hold {
    /// Every ALERT waits, not only what a policy wants confirmed.
    pub alerts: bool,
    /// Somebody is there to answer.
    pub attended: bool,
}

/// Who proposed an action, in which plan, for which envelope, and the id its receipt will have.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The envelope.
    pub envelope: Arc<EventEnvelope>,
    /// Its ordinal in the run.
    pub arrival: u64,
    /// The operator.
    pub operator: String,
    /// Pack id@version, null outside a pack.
    pub operator_version: Option<String>,
    /// The plan.
    pub plan_id: String,
    /// The action.
    pub action_id: String,
    /// The receipt to come.
    pub receipt_id: String,
    /// The time by which limits count, RFC 3339; that of the step when absent. Fixtures have one of their own, so that
    /// a replay comes to the same however long it takes.
    pub clock: Option<String>,
}

/// What the driver must do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Check the args against the tool's input schema; answer [`Answer::Input`].
    CheckInput {
        /// The connector.
        connector: String,
        /// Its tool.
        tool_name: String,
        /// The args as proposed.
        args: Raw,
    },
    /// A person has to say; write it down with [`Disposal::held`], and come back with [`Answer::Person`],
    /// [`Answer::Nobody`], or [`Answer::Go`] when the policy is another one.
    Hold,
    /// Another action is in flight on the entity; come back with [`Answer::Go`] when it has ended.
    Wait {
        /// The action that holds it.
        holder: String,
    },
    /// Write the claim durably, with [`Disposal::interrupted`]; answer [`Answer::Claimed`] once it is, or
    /// [`Answer::AlreadyClaimed`] where somebody else's came first.
    Claim {
        /// The key.
        key: String,
    },
    /// Run the tool, or its stub; answer [`Answer::Handled`].
    Call {
        /// Which handler.
        handler: Handler,
        /// The connector.
        connector: String,
        /// Its tool.
        tool_name: String,
        /// The checked args.
        args: Raw,
    },
    /// The end: write the receipt.
    Done(Box<Finish>),
    /// It had ended before, and its receipt was given then.
    Ended,
}

/// A disposition that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    /// For the journal.
    pub disposed: Disposed,
    /// A key that is free again, because an idempotent tool failed.
    pub released: Option<String>,
}

/// What the driver found.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Start, try again after a wait, or judge again what is held.
    Go,
    /// What a person says of an action that is held.
    Person {
        /// Who.
        who: String,
        /// False for a veto.
        approve: bool,
    },
    /// Nobody will answer any more.
    Nobody,
    /// The lock that is waited for will not be given back in time.
    WaitedTooLong,
    /// The args as the tool will see them, or what is wrong with them.
    Input(Result<Raw, Vec<String>>),
    /// The claim is durable.
    Claimed,
    /// Somebody else's claim of the key came first: another holder of the same keys, which this state knew nothing of.
    AlreadyClaimed {
        /// The receipt that has it.
        by: String,
    },
    /// What the handler gave back, or why it failed.
    Handled(Result<Raw, String>),
}
