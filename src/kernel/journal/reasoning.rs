//! What answered `ctx.reason`, and what that took.

use serde::{Deserialize, Serialize};

use crate::kernel::dollars::Dollars;

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonedBy {
    /// The operator's own `stub(input)`.
    Stub,
    /// A rule of the workspace's rule file.
    Rules,
    /// A recording.
    Recorded,
    /// A model.
    Model,
}

/// How much a model read and wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// What it was given.
    pub input: u64,
    /// What it answered.
    pub output: u64,
}

/// One answer to `ctx.reason`, or that there was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoning {
    /// What answered, or was to.
    pub from: ReasonedBy,
    /// How often in a row, where nothing else is known of it.
    #[serde(default = "super::one", skip_serializing_if = "super::is_one")]
    pub times: u64,
    /// Digest of the request, by which recordings know it; absent where nobody needed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Of rules, the one that answered: `reasoning.json:12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What it counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// What that cost by the prices of `fibric.toml`, in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<Dollars>,
    /// How often a model was asked, where it took more than once.
    #[serde(default = "super::one", skip_serializing_if = "super::is_one")]
    pub attempts: u64,
    /// How long a model took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub millis: Option<u64>,
    /// Why there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// True where there was none because nothing of the kind is recorded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
}

impl Reasoning {
    /// An answer of which nothing more is known.
    pub fn by(from: ReasonedBy) -> Self {
        Self {
            from,
            times: 1,
            digest: None,
            rule: None,
            model: None,
            tokens: None,
            cost_usd: None,
            attempts: 1,
            millis: None,
            error: None,
            missed: false,
        }
    }
}
