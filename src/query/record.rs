//! What can be asked of envelopes and receipts.

use std::borrow::Cow;

use super::{Field, Record};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Value;
use crate::kernel::receipt::Receipt;

impl Record for EventEnvelope {
    const FIELDS: &'static [Field] = &[
        Field::text("type", "event type, `type:order.*`"),
        Field::text("source", "the system that emitted it"),
        Field::text("tenant", "tenant id"),
        Field::id("corr", "correlation id, by its beginning"),
        Field::id("event", "event id, by its beginning"),
        Field::text("payload", "a member of the payload, `payload.total:>100`"),
        Field::text("text", "anywhere in the record, as a word without a field is"),
    ];

    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(match name {
            "type" => self.event_type.as_str().into(),
            "source" => self.source.as_str().into(),
            "tenant" => self.tenant_id.as_str().into(),
            "corr" => self.correlation_id.as_str().into(),
            "event" => self.event_id.as_str().into(),
            _ => {
                let path = name.strip_prefix("payload")?;
                match self.payload.value().pointer(&path.replace('.', "/"))? {
                    Value::String(text) => text.clone().into(),
                    other => other.to_string().into(),
                }
            }
        })
    }

    fn contains(&self, text: &str) -> bool {
        [&self.event_type, &self.source, &self.event_id, &self.correlation_id]
            .iter()
            .any(|field| field.to_lowercase().contains(text))
            || self.payload.as_str().to_lowercase().contains(text)
    }
}

impl Record for Receipt {
    const FIELDS: &'static [Field] = &[
        Field::one_of("decision", "allow, alert, block or dedup", &["allow", "alert", "block", "dedup"]),
        Field::one_of(
            "outcome",
            "applied, refused, deduplicated or failed",
            &["applied", "refused", "deduplicated", "failed"],
        ),
        Field::text("tool", "capability, `tool:order.*`"),
        Field::text("connector", "connector id"),
        Field::text("operator", "operator name"),
        Field::text("rule", "the deciding rule"),
        Field::text("reason", "the reason sentence, `reason:*maxValue*`"),
        Field::text("value", "the amount, `value:>100`"),
        Field::id("corr", "correlation id, by its beginning"),
        Field::id("event", "event id, by its beginning"),
        Field::id("plan", "plan id, by its beginning"),
        Field::id("id", "receipt id, by its beginning"),
        Field::id("key", "idempotency key, by its beginning"),
        Field::id("entity", "entity key, by its beginning"),
        Field::text("text", "anywhere in the record, as a word without a field is"),
    ];

    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match name {
            "decision" => self.verdict.decision.word(),
            "outcome" => self.outcome.word(),
            "tool" => &self.tool,
            "connector" => self.connector.as_deref()?,
            "operator" => &self.operator,
            "rule" => self.verdict.rule.as_deref()?,
            "reason" => &self.verdict.reason,
            "value" => self.value.as_ref()?.number.as_str(),
            "corr" => &self.correlation_id,
            "event" => &self.event_id,
            "plan" => &self.plan_id,
            "id" => &self.id,
            "key" => &self.idempotency_key,
            "entity" => &self.entity_key,
            _ => return None,
        }))
    }

    fn contains(&self, text: &str) -> bool {
        [
            &self.tool,
            &self.operator,
            &self.verdict.reason,
            &self.idempotency_key,
            &self.entity_key,
            &self.correlation_id,
        ]
        .iter()
        .any(|field| field.to_lowercase().contains(text))
            || self.args.as_str().to_lowercase().contains(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;
    use crate::query::{Query, QueryError};

    fn envelope() -> EventEnvelope {
        let text = r#"{"event_id":"6a1e","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"magento",
            "event_type":"order.created","correlation_id":"9f31c4d8","payload":{"order_id":"SO-10884","total":412.50,
            "lines":[{"sku":"A"}]},"agent_id":null,"session_id":null}"#;
        EventEnvelope::from_json(&json::read(text).unwrap().value).unwrap()
    }

    fn holds(query: &str) -> Result<bool, QueryError> {
        Query::parse::<EventEnvelope>(query).map(|query| query.matches(&envelope()))
    }

    #[test]
    fn terms_join_negate_and_compare() {
        for (query, expected) in [
            ("", true),
            ("type:order.*", true),
            ("type:ORDER.created corr:9f31", true),
            ("-type:order.*", false),
            ("payload.total:>412.49", true),
            ("payload.total:>412.50", false),
            ("payload.total:<=412.5", true),
            ("payload.lines.0.sku:a", true),
            ("so-10884", true),
            ("\"no such\"", false),
            ("payload.gone:x", false),
            ("source:mag", false),
            ("source:mag*", true),
            ("text:so-10884", true),
            ("-text:\"SO-10884\"", false),
        ] {
            assert_eq!(holds(query), Ok(expected), "{query}");
        }
    }

    #[test]
    fn faults_are_named_with_a_place() {
        let fault = holds("type:order.* typ:x").unwrap_err();
        assert_eq!((fault.message.as_str(), fault.offset), ("unknown field `typ`", 13));
        assert_eq!(fault.help.as_deref(), Some("did you mean `type`?"));
        assert!(holds("payload.total:>x").unwrap_err().message.contains("not a number"));
        let fault = Query::parse::<Receipt>("tool:order.* decision:blok").unwrap_err();
        assert_eq!((fault.message.as_str(), fault.offset), ("there is no decision `blok`", 13));
        assert_eq!(fault.help.as_deref(), Some("did you mean `block`?"));
        assert!(Query::parse::<Receipt>("-decision:BLOCK outcome:*ed decision:a*").is_ok());
        assert!(Query::parse::<Receipt>("outcome:x*").is_err());
        assert!(holds("\"open").is_err() && holds("type:").is_err() && holds("-").is_err());
    }
}
