//! The receipt: one per disposition, append-only, one JSON line (contract 1).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::json::Raw;
use super::plan::{Amount, PlannedAction};

mod verdict;
mod written;

pub use verdict::Cause;

/// What the trust policy says of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Decision {
    /// Act.
    Allow,
    /// Act, and raise it to a person.
    Alert,
    /// Do not act.
    Block,
}

/// What became of an action: the policy's decision, or DEDUP when its key was already used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Ruling {
    /// Allowed.
    Allow,
    /// Allowed and raised.
    Alert,
    /// Stopped.
    Block,
    /// Key already used, handler untouched.
    Dedup,
}

impl From<Decision> for Ruling {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allow => Self::Allow,
            Decision::Alert => Self::Alert,
            Decision::Block => Self::Block,
        }
    }
}

impl Decision {
    /// The trust tier: 1 ALLOW, 2 ALERT, 3 BLOCK.
    pub fn tier(self) -> u8 {
        match self {
            Self::Allow => 1,
            Self::Alert => 2,
            Self::Block => 3,
        }
    }

    /// The word on the wire.
    pub fn word(self) -> &'static str {
        Ruling::from(self).word()
    }
}

impl Ruling {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Alert => "ALERT",
            Self::Block => "BLOCK",
            Self::Dedup => "DEDUP",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Decision, tier, deciding rule and the reason sentence.
///
/// INVARIANT: whatever depends on why an action was stopped looks at `cause` and `stale`; `reason` is for people, and
/// holds words that author code chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "written::Verdict")]
pub struct Verdict {
    /// ALLOW, ALERT, BLOCK or DEDUP.
    pub decision: Ruling,
    /// 1 ALLOW, 2 ALERT, 3 BLOCK; DEDUP keeps the tier of its policy verdict.
    pub tier: u8,
    /// `FILE:N`, the first of the deciding rules in file order, 1-based; null when none decided.
    pub rule: Option<String>,
    /// Why, in one sentence, the same everywhere.
    pub reason: String,
    /// What decided; written down where it does not follow from `rule`.
    #[serde(skip_serializing_if = "verdict::follows")]
    pub cause: Cause,
    /// True when a policy decided that no longer is what its file says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// What happened in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The handler, or its stub, ran.
    Applied,
    /// Stopped before the key was claimed.
    Refused,
    /// The key had been used.
    Deduplicated,
    /// The handler ran and failed, or was interrupted.
    Failed,
}

impl Outcome {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Deduplicated => "deduplicated",
            Self::Failed => "failed",
        }
    }
}

/// What stood in for the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Handler {
    /// Echoes its args.
    Stub,
    /// The author's handler, over a sandbox connection.
    Sandbox,
}

/// One disposition, as production would write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// `rc_…`, unique in the workspace.
    pub id: String,
    /// From the envelope.
    pub tenant_id: String,
    /// From the envelope.
    pub reseller_id: Option<String>,
    /// From the envelope.
    pub workspace_id: Option<String>,
    /// The operator that proposed it.
    pub operator: String,
    /// Pack id@version, null outside a pack.
    pub operator_version: Option<String>,
    /// The envelope.
    pub event_id: String,
    /// The envelope's thread.
    pub correlation_id: String,
    /// The plan.
    pub plan_id: String,
    /// The action in the plan.
    pub action_id: String,
    /// The bound connector; null when validation found none.
    pub connector: Option<String>,
    /// The capability.
    pub tool: String,
    /// The connector's own name for the tool; null when none was bound.
    pub tool_name: Option<String>,
    /// The checked args, as they were proposed. Nothing is taken out of them here; reviews and exports redact.
    pub args: Raw,
    /// The amount, null when the action has none.
    pub value: Option<Amount>,
    /// The entity.
    pub entity_key: String,
    /// The key.
    pub idempotency_key: String,
    /// The policy's word.
    pub verdict: Verdict,
    /// What happened.
    pub outcome: Outcome,
    /// What the handler gave back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Raw>,
    /// Why the handler failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Which handler ran; null when it was not touched.
    pub handler: Option<Handler>,
    /// On DEDUP, the receipt that claimed the key.
    pub claimed_by: Option<String>,
    /// The policy in force; null when there was none.
    pub policy_digest: Option<String>,
    /// RFC 3339.
    pub at: String,
}

/// The action as it was disposed of.
impl From<&Receipt> for PlannedAction {
    fn from(receipt: &Receipt) -> Self {
        Self {
            connector: receipt.connector.clone(),
            tool: receipt.tool.clone(),
            args: receipt.args.clone(),
            value: receipt.value.clone(),
            entity_key: receipt.entity_key.clone(),
            idempotency_key: receipt.idempotency_key.clone(),
        }
    }
}
