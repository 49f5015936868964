//! What each stage of the executor saw and said.

use serde::{Deserialize, Serialize};

use crate::kernel::policy::Limit;
use crate::kernel::receipt::{Decision, Handler};

/// The nearest change with which an action that failed validation would pass it, or pass further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidWith {
    /// This capability as its tool: the name is near.
    Tool(String),
    /// Its capability in the `requires` of this operator.
    Required {
        /// Who proposed it.
        operator: String,
        /// What is not listed.
        capability: String,
    },
    /// A connector that provides this capability.
    Provider(String),
    /// No action, but a read: this capability is sensed.
    Sensed(String),
    /// This connector, to which its capability is bound, or none.
    Connector(String),
    /// Args that fit the input schema of this tool.
    Args(String),
}

/// One stage of the executor (contract 5), with its input, output and the state it met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum StageRecord {
    /// Shape, allow-list, binding, input schema.
    Validate {
        /// True when it passed.
        passed: bool,
        /// The bound connector.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector: Option<String>,
        /// Why not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// True when the value came through a float that cannot hold it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        inexact_value: bool,
        /// What would let it pass.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid_with: Option<ValidWith>,
    },
    /// The trust policy.
    Policy {
        /// What it said.
        decision: Decision,
        /// The first deciding rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        /// Why.
        reason: String,
    },
    /// A second policy that only watches, where it would have decided otherwise.
    Shadow {
        /// What it would have said.
        decision: Decision,
        /// Its first deciding rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
        /// Why.
        reason: String,
    },
    /// A limit of a guardrail document.
    Limit {
        /// The limit.
        limit: Limit,
        /// How many keys were claimed in its window.
        used: u32,
        /// The rule that sets it.
        rule: String,
        /// When there is room again; null while there is, and the action goes on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frees_at: Option<String>,
    },
    /// A person, who was to confirm it.
    Hold {
        /// Since when it waited; null when nobody was there to ask.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<String>,
        /// Who answered; null when nobody did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<String>,
        /// False for a veto, and when nobody answered.
        approved: bool,
    },
    /// Single-flight.
    Lock {
        /// The entity.
        entity_key: String,
        /// The action that held it when this one came; null when it was free.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waited_for: Option<String>,
        /// The arguments locked beside it, as `ARG=VALUE`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        arguments: Vec<String>,
    },
    /// Idempotency.
    Dedup {
        /// The key.
        key: String,
        /// The receipt that had claimed it; null when it was new.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claimed_by: Option<String>,
    },
    /// The tool, or its stub.
    Handler {
        /// Which.
        handler: Handler,
        /// Whether it succeeded.
        ok: bool,
        /// Whether the key stays claimed.
        claimed: bool,
    },
}

/// What an action met that ended before it came to lock and key; of any other, its stages tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Met {
    /// The action that was in flight on the entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// The receipt that had claimed the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
}
