//! Envelopes near to one there is: with one field of it changed, or two. A change is a value that the same field has in
//! another envelope, a value that is wanted, or none at all.

use std::collections::BTreeMap;

use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Number, Raw, Value, child};

/// Leaves of a payload that are looked at.
const LEAVES: usize = 48;
/// Values that the same field has elsewhere, at most.
const ELSEWHERE: usize = 12;

/// One field that is changed, by its pointer in the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `/event_type` or `/payload/…`.
    pub pointer: String,
    /// What it was.
    pub was: Value,
    /// What it is to be; none where it is taken out.
    pub to: Option<Value>,
}

/// A scalar of a payload.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Where in the envelope.
    pub pointer: String,
    /// What stands there.
    pub value: Value,
}

/// The values that fields have in all envelopes there are.
#[derive(Debug, Default)]
pub struct Elsewhere(BTreeMap<String, Vec<Value>>);

impl Elsewhere {
    /// Takes an envelope's values in.
    pub fn add(&mut self, envelope: &EventEnvelope) {
        for leaf in leaves(envelope) {
            let known = self.0.entry(leaf.pointer).or_default();
            if known.len() < ELSEWHERE && !known.contains(&leaf.value) {
                known.push(leaf.value);
            }
        }
    }

    /// What a field could be because it is so elsewhere.
    pub fn changes_of(&self, leaf: &Leaf) -> Vec<Change> {
        let known = self.0.get(&leaf.pointer).into_iter().flatten();
        known.filter(|value| **value != leaf.value).map(|value| leaf.to(Some(value.clone()))).collect()
    }
}

impl Leaf {
    /// The change to another value, or to none.
    pub fn to(&self, to: Option<Value>) -> Change {
        Change { pointer: self.pointer.clone(), was: self.value.clone(), to }
    }

    /// The number it is, or spells.
    pub fn number(&self) -> Option<Decimal> {
        match &self.value {
            Value::Number(number) => Decimal::parse(&number.to_string()).ok(),
            Value::String(text) => Decimal::parse(text).ok(),
            _ => None,
        }
    }

    /// The change to a number, spelled as what stands there is.
    pub fn to_number(&self, number: &Decimal) -> Change {
        let text = number.to_string();
        let is_text = matches!(self.value, Value::String(_));
        let value = if is_text { Value::String(text) } else { Value::Number(Number::from_string_unchecked(text)) };
        self.to(Some(value))
    }

    /// The changes after which there is nothing to go by: it is gone, null, empty, zero.
    pub fn to_nothing(&self) -> Vec<Change> {
        let mut all = vec![self.to(None)];
        match &self.value {
            Value::String(text) if !text.is_empty() => all.push(self.to(Some(Value::from("")))),
            Value::Number(_) => all.push(self.to(Some(Value::from(0)))),
            Value::Bool(is) => all.push(self.to(Some(Value::from(!is)))),
            _ => {}
        }
        all
    }

    /// The changes that make it another name of the same form.
    pub fn renamed(&self) -> Vec<Change> {
        let Value::String(text) = &self.value else { return Vec::new() };
        let last = text.rfind(|c: char| c.is_ascii_digit());
        let counted = last.map(|at| format!("{}{}{}", &text[..=at], "9", &text[at + 1..]));
        let all = counted.into_iter().chain([format!("{text}-s")]);
        all.map(|name| self.to(Some(Value::from(name)))).collect()
    }
}

/// The scalars of a payload, in order.
pub fn leaves(envelope: &EventEnvelope) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(&envelope.payload.value(), "/payload".to_owned(), &mut found);
    found
}

fn collect(value: &Value, pointer: String, found: &mut Vec<Leaf>) {
    if found.len() >= LEAVES {
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                collect(item, child(&pointer, name), found);
            }
        }
        scalar => found.push(Leaf { pointer, value: scalar.clone() }),
    }
}

impl Change {
    /// `payload.amount 250.00 → 101`.
    pub fn told(&self) -> String {
        let field = self.pointer.trim_start_matches('/').replace('/', ".");
        match &self.to {
            Some(to) => format!("{field} {} → {to}", self.was),
            None => format!("{field} {} taken out", self.was),
        }
    }
}

/// An envelope with some fields changed; none where it has no such field.
pub fn changed(envelope: &EventEnvelope, changes: &[Change]) -> Option<EventEnvelope> {
    let mut made = envelope.clone();
    let mut payload = envelope.payload.value();
    for change in changes {
        match (change.pointer.strip_prefix("/payload"), &change.to) {
            (Some(within), Some(to)) => *payload.pointer_mut(within)? = to.clone(),
            (Some(within), None) => take_out(&mut payload, within)?,
            (None, Some(Value::String(event_type))) => made.event_type.clone_from(event_type),
            (None, _) => return None,
        }
    }
    made.payload = Raw::of(&payload);
    Some(made)
}

fn take_out(payload: &mut Value, pointer: &str) -> Option<()> {
    let (parent, name) = pointer.rsplit_once('/')?;
    match payload.pointer_mut(parent)? {
        Value::Object(members) => members.remove(&name.replace("~1", "/").replace("~0", "~")).map(drop),
        Value::Array(items) => {
            let index = name.parse().ok().filter(|index: &usize| *index < items.len())?;
            items.remove(index);
            Some(())
        }
        _ => None,
    }
}
