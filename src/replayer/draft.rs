//! An envelope with some of its fields otherwise: what a replay is given in place of the one that was recorded. Every
//! change is checked; the recorded envelope stays as it is.

use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{self, Value};

/// Fields that are listed; what a payload has beyond them is not edited here.
const MOST: usize = 500;

/// One field that can be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftField {
    /// JSON pointer into the envelope.
    pub pointer: String,
    /// The same with dots, as queries say it.
    pub name: String,
    /// Its value as it was recorded, as JSON.
    pub recorded: String,
    /// Its value now, as JSON.
    pub now: String,
}

impl DraftField {
    /// True where it is not as it was recorded.
    pub fn is_changed(&self) -> bool {
        self.recorded != self.now
    }
}

/// The envelope that is edited.
#[derive(Debug, Clone)]
pub struct EnvelopeDraft {
    value: Value,
    envelope: Arc<EventEnvelope>,
    fields: Vec<DraftField>,
}

impl EnvelopeDraft {
    /// Of a recorded envelope; none where it cannot be written as JSON.
    pub fn of(envelope: &Arc<EventEnvelope>) -> Option<Self> {
        let text = serde_json::to_string(&**envelope).ok()?;
        let value = json::read(&text).ok()?.value;
        let mut fields = Vec::new();
        leaves(&value, &mut String::new(), &mut fields);
        Some(Self { value, envelope: Arc::clone(envelope), fields })
    }

    /// Its fields, in the order of the envelope.
    pub fn fields(&self) -> &[DraftField] {
        &self.fields
    }

    /// The envelope as it is now.
    pub fn envelope(&self) -> &Arc<EventEnvelope> {
        &self.envelope
    }

    /// True where any field is not as it was recorded.
    pub fn is_changed(&self) -> bool {
        self.fields.iter().any(DraftField::is_changed)
    }

    /// Gives a field another value, written as JSON; where that makes no envelope, says why and changes nothing.
    pub fn set(&mut self, field: usize, text: &str) -> Result<(), String> {
        let Some(field) = self.fields.get_mut(field) else { return Err("there is no such field".to_owned()) };
        let new = json::read(text).map_err(|_| {
            let quoted = Value::String(text.to_owned());
            format!("this is not JSON; text stands in quotes: {quoted}")
        })?;
        let mut value = self.value.clone();
        let place = value.pointer_mut(&field.pointer).ok_or_else(|| format!("`{}` is not there", field.name))?;
        *place = new.value;
        let envelope = EventEnvelope::from_json(&value).map_err(|faults| {
            faults.first().map_or_else(String::new, |fault| match &fault.help {
                Some(help) => format!("{}; {help}", fault.message),
                None => fault.message.clone(),
            })
        })?;
        field.now = place_text(&value, &field.pointer);
        (self.value, self.envelope) = (value, Arc::new(envelope));
        Ok(())
    }
}

fn place_text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map_or_else(String::new, Value::to_string)
}

/// The values without members of their own, each with its pointer; an empty list or object is one.
fn leaves(value: &Value, pointer: &mut String, fields: &mut Vec<DraftField>) {
    let nested: Vec<(String, &Value)> = match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().map(|(name, value)| (name.clone(), value)).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => {
            let text = value.to_string();
            let name = pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~");
            fields.push(DraftField { pointer: pointer.clone(), name, recorded: text.clone(), now: text });
            return;
        }
    };
    for (name, value) in nested {
        if fields.len() >= MOST {
            return;
        }
        let length = pointer.len();
        json::push_child(pointer, &name);
        leaves(value, pointer, fields);
        pointer.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> EnvelopeDraft {
        let text = r#"{"event_id":"e","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"s","event_type":"order.made","correlation_id":"c","payload":{"id":9007199254740993,"lines":[{"sku":"A","a/b~":1}],"none":{}},"agent_id":null,"session_id":null}"#;
        EnvelopeDraft::of(&Arc::new(EventEnvelope::from_json(&json::read(text).unwrap().value).unwrap())).unwrap()
    }

    fn at(draft: &EnvelopeDraft, name: &str) -> usize {
        draft.fields().iter().position(|field| field.name == name).unwrap()
    }

    #[test]
    fn one_field_is_otherwise_and_every_other_keeps_its_digits() {
        let mut draft = draft();
        let recorded = Arc::clone(draft.envelope());
        let names: Vec<_> = draft.fields().iter().map(|field| field.name.as_str()).collect();
        assert!(
            names.contains(&"payload.id") && names.contains(&"payload.lines.0.sku") && names.contains(&"payload.none")
        );
        draft.set(at(&draft, "payload.lines.0.a/b~"), "250.00").unwrap();
        assert!(draft.is_changed());
        let payload = draft.envelope().payload.as_str();
        assert!(payload.contains("9007199254740993") && payload.contains("250.00"), "{payload}");
        assert_eq!(recorded.payload.as_str().matches("250.00").count(), 0, "what was recorded stays as it is");
        draft.set(at(&draft, "payload.lines.0.a/b~"), "1").unwrap();
        assert!(!draft.is_changed());
    }

    #[test]
    fn what_makes_no_envelope_is_refused_and_changes_nothing() {
        let mut draft = draft();
        let before = Arc::clone(draft.envelope());
        let kind = at(&draft, "event_type");
        assert!(draft.set(kind, "order.made").unwrap_err().contains("\"order.made\""));
        assert!(draft.set(kind, "\"order..made\"").unwrap_err().contains("empty segment"));
        assert!(draft.set(kind, "5").is_err() && draft.set(kind, "").is_err());
        assert!(draft.set(at(&draft, "payload.id"), "{").is_err() && draft.set(999, "1").is_err());
        assert_eq!(*draft.envelope(), before);
        assert!(!draft.is_changed());
    }
}
