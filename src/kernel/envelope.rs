//! The event envelope: exactly ten fields, always all present (contract 1).

use serde::{Deserialize, Serialize};

use super::json::{Raw, Value};
use super::shape::{Fields, ShapeError};

/// The fields of an envelope, in the order they are written.
pub const FIELDS: [&str; 10] = [
    "event_id",
    "reseller_id",
    "tenant_id",
    "workspace_id",
    "source",
    "event_type",
    "correlation_id",
    "payload",
    "agent_id",
    "session_id",
];

/// One recorded or arriving event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventEnvelope {
    /// Any non-empty string; the executor does not dedupe on it.
    pub event_id: String,
    /// Null for Fibric-direct.
    pub reseller_id: Option<String>,
    /// Must be the local tenant, or the envelope is refused.
    pub tenant_id: String,
    /// Null where the tenant has one workspace.
    pub workspace_id: Option<String>,
    /// The system that emitted it.
    pub source: String,
    /// Dotted, no empty segment.
    pub event_type: String,
    /// Ties envelope, plan and receipts together.
    pub correlation_id: String,
    /// The body, an object, digits as they came.
    pub payload: Raw,
    /// The agent that acted, if one did.
    pub agent_id: Option<String>,
    /// The session it happened in, if any.
    pub session_id: Option<String>,
}

impl EventEnvelope {
    /// Reads one envelope, or says everything that is wrong with it.
    pub fn from_json(value: &Value) -> Result<Self, Vec<ShapeError>> {
        let mut fields = Fields::of(value, "an envelope", &FIELDS)?;
        let envelope = Self {
            event_id: fields.text("event_id"),
            reseller_id: fields.nullable_text("reseller_id"),
            tenant_id: fields.text("tenant_id"),
            workspace_id: fields.nullable_text("workspace_id"),
            source: fields.text("source"),
            event_type: fields.text("event_type"),
            correlation_id: fields.text("correlation_id"),
            payload: fields.object("payload"),
            agent_id: fields.nullable_text("agent_id"),
            session_id: fields.nullable_text("session_id"),
        };
        if fields.sound("event_type") && envelope.event_type.split('.').any(str::is_empty) {
            fields.wrong(
                "event_type",
                format!("`event_type` has an empty segment: `{}`", envelope.event_type),
                Some("write it dotted, as in `order.created`".to_owned()),
            );
        }
        fields.finish(envelope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;

    fn read(text: &str) -> Result<EventEnvelope, Vec<ShapeError>> {
        EventEnvelope::from_json(&json::read(text).unwrap().value)
    }

    const GOOD: &str = r#"{"event_id":"e","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"s","event_type":"order.created","correlation_id":"c","payload":{"id":9007199254740993},"agent_id":null,"session_id":null}"#;

    #[test]
    fn it_comes_back_digit_for_digit() {
        assert_eq!(serde_json::to_string(&read(GOOD).unwrap()).unwrap(), GOOD);
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let text = GOOD
            .replace("\"agent_id\":null,", "\"agent\":null,")
            .replace("order.created", "order..x")
            .replace("\"source\":\"s\"", "\"source\":\"\"");
        let faults = read(&text).unwrap_err();
        let said: Vec<_> = faults.iter().map(|f| (f.pointer.as_str(), f.message.as_str())).collect();
        assert_eq!(
            said,
            [
                ("/agent", "unknown field `agent` in an envelope"),
                ("/source", "`source` is empty"),
                ("", "field `agent_id` is missing"),
                ("/event_type", "`event_type` has an empty segment: `order..x`"),
            ]
        );
        assert_eq!(faults[0].help.as_deref(), Some("did you mean `agent_id`?"));
    }

    #[test]
    fn what_is_not_an_object_says_so() {
        assert_eq!(read("[]").unwrap_err()[0].message, "expected an envelope (an object), found an array");
    }
}
