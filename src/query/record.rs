//! What can be asked of envelopes and receipts.

use std::borrow::Cow;

use super::{Field, Record, fields};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Value;
use crate::kernel::receipt::Receipt;

impl Record for EventEnvelope {
    const FIELDS: &'static [Field] = &[
        fields::TYPE,
        Field::text("source", "the system that emitted it"),
        Field::text("tenant", "tenant id"),
        fields::CORR,
        fields::EVENT,
        fields::PAYLOAD,
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
        fields::RULING,
        fields::OUTCOME,
        fields::TOOL,
        fields::CONNECTOR,
        fields::OPERATOR,
        fields::RULE,
        fields::REASON,
        fields::VALUE,
        fields::CORR,
        fields::EVENT,
        fields::PLAN,
        fields::ID,
        fields::KEY,
        fields::ENTITY,
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
            "event_type":"order.created","correlation_id":"9f31c4d8","payload":{"order_id":"SO-10884","total":412.50,"spelt":"7.50","zip":"007",
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
            ("payload.total:412.5", true),
            ("payload.total:412.500", true),
            ("payload.total:4125e-1", true),
            ("payload.total:412.51", false),
            ("-payload.total:412.5", false),
            ("payload.spelt:7.5", true),
            ("payload.spelt:>7.49", true),
            ("payload.spelt:7,50", false),
            ("payload.order_id:10884", false),
            ("payload.zip:7", false),
            ("payload.zip:007", true),
            ("type:ticket.* or type:order.*", true),
            ("type:ticket.* OR source:shop", false),
            ("type:order.* source:shop or corr:9f31 -source:shop", true),
            ("type:order.* or source:shop source:desk", true),
            ("\"or\"", true),
            ("text:or", true),
            ("-or", false),
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
        assert!(holds("\"open").is_err() && holds("type:").is_err() && holds("-").is_err() && holds("\"\"").is_err());
        let fault = holds("type:order.* or").unwrap_err();
        assert_eq!((fault.message.as_str(), fault.offset), ("nothing stands after `or`", 13));
        assert_eq!(holds(" or type:a").unwrap_err().message, "nothing stands before `or`");
        assert_eq!(holds("a or or b").unwrap_err().offset, 5);
        assert_eq!(holds("--strict").unwrap_err().message, "`--strict` is no term");
        assert_eq!(holds("\"--strict\""), Ok(false));
        let closed = |query: &str| Query::parse::<Receipt>(query).unwrap_err().help.unwrap();
        assert_eq!(closed("decision:blocked"), "did you mean `block`?");
        assert_eq!(closed("outcome:refusd"), "did you mean `refused`?");
        assert_eq!(closed("tool:a or decision:allowed"), "did you mean `allow`?");
    }

    #[test]
    fn what_is_made_of_parts_matches_through_one_of_them() {
        let part = |event_type: &str, source: &str| EventEnvelope {
            event_type: event_type.to_owned(),
            source: source.to_owned(),
            ..envelope()
        };
        let through =
            |query: &str, parts: Vec<EventEnvelope>| Query::parse::<EventEnvelope>(query).unwrap().matches_any(&parts);
        let parts = || vec![part("a.b", "one"), part("c.d", "two")];
        assert!(through("type:c.d", parts()) && through("type:a.b source:one", parts()));
        assert!(!through("type:a.b source:two", parts()), "no one part is both");
        assert!(through("type:none or source:two", parts()) && through("", Vec::new()));
        assert!(!through("-type:a.b source:two", parts()), "negated is of none of them");
    }
}
