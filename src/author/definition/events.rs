//! From authored events to those of the wire: a record by event type, or a list.

use super::fields::{Faults, Reader, list, too_long};
use super::{EventDef, EventKind};
use crate::kernel::crossed;
use crate::kernel::json::Value;

/// Reads the events of a connector, in order of their type.
pub fn events(value: Option<&Value>, faults: &mut Faults) -> Vec<EventDef> {
    let mut events: Vec<EventDef> = match value {
        None => Vec::new(),
        Some(given @ Value::Object(map)) if crossed::misfit(given).is_none() => {
            if map.len() as u64 > faults.longest {
                too_long("`events`", map.len() as u64, "events", faults);
                return Vec::new();
            }
            map.iter().filter_map(|(event_type, item)| keyed(event_type, item, faults)).collect()
        }
        Some(value) if !matches!(value, Value::Array(_)) && crossed::length(value).is_none() => {
            let message = format!("`events` is {}, expected a record by event type, or a list", crossed::kind(value));
            let help = "write `events: { 'order.created': { kind: 'webhook', topic: 'orders/create' } }`";
            faults.add(message, Some("events"), Some(help.to_owned()));
            Vec::new()
        }
        Some(value) => {
            let wanted = "a record by event type, or a list";
            let items = list(value, "`events`", wanted, "events", faults).unwrap_or_default();
            items.iter().filter_map(|item| listed(item, faults)).collect()
        }
    };
    events.sort_by(|a, b| (&a.event_type, &a.topic, a.kind.word()).cmp(&(&b.event_type, &b.topic, b.kind.word())));
    for pair in events.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = format!("the event `{}` with the topic `{}` is given twice", pair[0].event_type, pair[0].topic);
        faults.add_at(message, Some(&pair[0].event_type), 1, None);
    }
    events
}

/// An event that stands under its type: `'order.created': { kind, topic? }`.
fn keyed(event_type: &str, value: &Value, faults: &mut Faults) -> Option<EventDef> {
    let reader = Reader::of(value, &format!("event `{event_type}`"), &["kind", "topic"], faults)?;
    check_type(event_type, "an event type", faults);
    finish(&reader, event_type.to_owned(), faults)
}

/// An event of a list, which says its type.
fn listed(value: &Value, faults: &mut Faults) -> Option<EventDef> {
    const KNOWN: [&str; 5] = ["eventType", "event_type", "type", "kind", "topic"];
    let reader = Reader::of(value, "an event", &KNOWN, faults)?;
    let name = reader.first(&["eventType", "event_type", "type"]).unwrap_or("eventType");
    let event_type = reader.required(name, faults);
    check_type(&event_type, &format!("`{name}`"), faults);
    finish(&reader, event_type, faults)
}

fn check_type(event_type: &str, what: &str, faults: &mut Faults) {
    if !event_type.is_empty() && event_type.split('.').any(str::is_empty) {
        faults.add(format!("{what} has an empty segment: `{event_type}`"), Some(event_type), None);
    }
}

fn finish(reader: &Reader<'_>, event_type: String, faults: &mut Faults) -> Option<EventDef> {
    let kind = match reader.required("kind", faults).as_str() {
        "poll" => EventKind::Poll,
        "webhook" | "" => EventKind::Webhook,
        other => {
            let help = Some("an event is `webhook` or `poll`".to_owned());
            faults.add(format!("unknown kind of event `{other}`"), Some(other), help);
            return None;
        }
    };
    // Without a topic it arrives under its own name.
    let topic = match reader.get("topic") {
        None => event_type.clone(),
        Some(_) => reader.required("topic", faults),
    };
    Some(EventDef { event_type, kind, topic })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;

    fn read(text: &str) -> Result<Vec<EventDef>, Vec<String>> {
        let mut faults = Faults::within(1_000);
        let events = events(Some(&json::read(text).unwrap().value), &mut faults);
        let faults: Vec<_> = faults.into_told().into_iter().map(|fault| fault.diagnostic.message).collect();
        if faults.is_empty() { Ok(events) } else { Err(faults) }
    }

    #[test]
    fn a_record_and_a_list_come_to_the_same_in_order_of_type() {
        let by_type = r#"{"order.paid":{"kind":"poll"},"order.created":{"kind":"webhook","topic":"orders/create"}}"#;
        let listed = r#"[{"type":"order.paid","kind":"poll","topic":"order.paid"},
            {"eventType":"order.created","kind":"webhook","topic":"orders/create"}]"#;
        let events = read(by_type).unwrap();
        assert_eq!(events, read(listed).unwrap());
        let named: Vec<_> = events.iter().map(|event| (event.event_type.as_str(), event.topic.as_str())).collect();
        assert_eq!(named, [("order.created", "orders/create"), ("order.paid", "order.paid")]);
    }

    #[test]
    fn what_is_no_event_is_told() {
        let told = |text| read(text).unwrap_err().join("; ");
        assert_eq!(
            told(r#"{"~unfit":"undefined"}"#),
            "`events` is undefined, expected a record by event type, or a list"
        );
        assert_eq!(told("3"), "`events` is a number, expected a record by event type, or a list");
        assert_eq!(told(r#"{"a.b":{"~unfit":"NaN"}}"#), "event `a.b` is NaN, expected an object");
        assert_eq!(told(r#"{"a..b":{"kind":"poll"}}"#), "an event type has an empty segment: `a..b`");
        assert_eq!(told(r#"[{"type":"a.b","kind":"push"}]"#), "unknown kind of event `push`");
        assert_eq!(
            told(r#"[{"type":"a.b","kind":"poll","topic":{"~unfit":"undefined"}}]"#),
            "`topic` of an event is undefined, expected a string"
        );
        assert!(told(r#"[{"type":"a.b","kind":"poll"},{"type":"a.b","kind":"poll"}]"#).contains("given twice"));
        assert_eq!(told(r#"{"~long":200000}"#), "`events` has 200000 entries, the limit is 1000");
    }
}
