//! What a comparison with golden plans finds, plan by plan.

use serde::Serialize;

use crate::kernel::json::{Difference, Raw, Value, between};
use crate::workspace::recordings::GoldenPlan;

/// One plan that is not as it was recorded, or of which there is something else to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The fixture file, and the line its envelope starts on; null where the envelope is gone.
    pub file: String,
    /// The line.
    pub line: Option<u32>,
    /// The file of golden plans.
    pub recording: String,
    /// The envelope's type.
    pub event_type: String,
    /// The envelope's correlation id.
    pub correlation_id: String,
    /// Who proposed, or was to propose.
    pub operator: Option<String>,
    /// Digest of the envelope, and which of those alike in its fixture file it is.
    #[serde(skip)]
    pub key: (String, u32),
    /// What was found.
    #[serde(flatten)]
    pub state: State,
    /// Entity keys and idempotency keys that are others for the same action: what was done under the old ones is not
    /// known under the new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breaks_dedup: Vec<Difference>,
    /// The line of the recording; none where nothing was recorded.
    #[serde(skip)]
    pub recorded_at: Option<u32>,
    /// What is proposed now; none where nothing is.
    #[serde(skip)]
    pub now: Option<Raw>,
    /// True where no trigger matches the envelope now.
    #[serde(skip)]
    pub unrouted: bool,
    /// True where the operator was asked and gave no plan.
    #[serde(skip)]
    pub failed: bool,
}

/// What was found of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Its actions are others.
    Differs {
        /// The first field that differs.
        #[serde(flatten)]
        difference: Difference,
        /// Other reasoning, where there is.
        #[serde(skip_serializing_if = "Option::is_none")]
        reasoning: Option<Difference>,
    },
    /// There is none any more.
    Missing {
        /// Why.
        why: String,
    },
    /// There is one of an operator of which none was recorded, though others were for that envelope.
    Unexpected {
        /// What is proposed now.
        #[serde(flatten)]
        difference: Difference,
    },
    /// Its actions are the same; its reasoning is not, which is only shown.
    Reasoning {
        /// Both.
        #[serde(flatten)]
        difference: Difference,
    },
    /// Nothing was recorded of its envelope.
    New,
    /// It was recorded, and its envelope is no longer in the fixture file.
    Gone,
}

impl State {
    /// True for what makes a replay fail.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Differs { .. } | Self::Missing { .. } | Self::Unexpected { .. })
    }

    /// The first field that differs, where actions do.
    pub fn difference(&self) -> Option<&Difference> {
        match self {
            Self::Differs { difference, .. } => Some(difference),
            _ => None,
        }
    }

    /// A plan where none was recorded.
    pub(super) fn unexpected(plan: &Raw) -> Self {
        let after = plan.value().get("actions").map(Raw::of);
        Self::Unexpected { difference: Difference { field: "actions".to_owned(), before: None, after } }
    }

    /// What was found, in a sentence.
    pub fn told(&self) -> String {
        match self {
            Self::Differs { difference, .. } | Self::Reasoning { difference } | Self::Unexpected { difference } => {
                difference.told("recorded", "now")
            }
            Self::Missing { why } => format!("there is no plan any more: {why}"),
            Self::New => "no golden plan is recorded of this envelope".to_owned(),
            Self::Gone => "its envelope is no longer in the fixture file".to_owned(),
        }
    }
}

impl Finding {
    pub(super) fn gone(file: &str, recording: &str, line: u32, plan: &GoldenPlan) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            recording: recording.to_owned(),
            event_type: plan.event_type.clone(),
            correlation_id: plan.correlation_id.clone(),
            operator: plan.operator.clone(),
            key: (plan.envelope.clone(), plan.occurrence),
            state: State::Gone,
            breaks_dedup: Vec::new(),
            recorded_at: Some(line),
            now: None,
            unrouted: false,
            failed: false,
        }
    }
}

/// The first field in which the actions of two plans differ.
pub(super) fn unlike(recorded: &Raw, now: &Raw) -> Option<Difference> {
    of_member("actions", recorded, now)
}

/// The reasoning of two plans, where it differs.
pub(super) fn reasoning(recorded: &Raw, now: &Raw) -> Option<Difference> {
    of_member("reasoning", recorded, now)
}

/// The keys that differ between actions that stand at the same place and have the same tool.
pub(super) fn keys_unlike(recorded: &Raw, now: &Raw) -> Vec<Difference> {
    let (recorded, now) = (recorded.value(), now.value());
    let actions = |plan: &Value| plan.get("actions").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (index, (before, after)) in actions(&recorded).iter().zip(&actions(&now)).enumerate() {
        if before.get("tool") != after.get("tool") {
            continue;
        }
        for name in ["entity_key", "idempotency_key"] {
            found.extend(between(&format!("actions[{index}].{name}"), before.get(name), after.get(name)));
        }
    }
    found
}

fn of_member(name: &str, recorded: &Raw, now: &Raw) -> Option<Difference> {
    // Nearly all plans are the same to the byte.
    if recorded == now {
        return None;
    }
    between(name, recorded.value().get(name), now.value().get(name))
}
