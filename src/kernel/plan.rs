//! What operators propose: plans and planned actions, read leniently enough that one bad action does not lose the rest.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal::Decimal;
use super::json::{self, Raw, Value};
use super::shape::{Fields, ShapeError};

/// The amount an action moves. `exact` is false for a number from author code that a double cannot hold exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The number as written.
    pub number: Decimal,
    /// False from 2^53 on when it came through a float; such a value never satisfies a ceiling (contract 3).
    pub exact: bool,
}

impl Amount {
    /// A number read from JSON text.
    pub fn exact(number: Decimal) -> Self {
        Self { number, exact: true }
    }

    /// A number that author code held as a float.
    pub fn float(number: Decimal) -> Self {
        let exact = !number.exceeds_a_double();
        Self { number, exact }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Decimal::deserialize(deserializer).map(Self::exact)
    }
}

/// One action of a plan: `{ connector?, tool, args, value?, entity_key, idempotency_key }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedAction {
    /// The connector; the kernel fills in the binding before validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// The capability, `order.hold`.
    pub tool: String,
    /// The tool's input, an object.
    pub args: Raw,
    /// A number ≥ 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Amount>,
    /// Single-flight: one action in flight per entity.
    pub entity_key: String,
    /// At most once: one application per key.
    pub idempotency_key: String,
}

/// Whose digits a number carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// As written in a JSON file.
    Written,
    /// Printed from a float by author code.
    Float,
}

impl PlannedAction {
    /// Reads one action, or says everything that is wrong with it.
    pub fn from_json(value: &Value, digits: Digits) -> Result<Self, Vec<ShapeError>> {
        const KNOWN: [&str; 6] = ["connector", "tool", "args", "value", "entity_key", "idempotency_key"];
        let mut fields = Fields::of(value, "an action", &KNOWN)?;
        // Author code has floats that JSON has not; its host writes them as their names.
        let float = fields.get("value").and_then(Value::as_str).filter(|_| digits == Digits::Float);
        let amount = match float {
            Some(name @ ("NaN" | "Infinity" | "-Infinity")) => {
                fields.wrong("value", format!("`value` is {name}, expected a number ≥ 0"), None);
                None
            }
            _ => fields.optional_number("value").map(|number| match digits {
                Digits::Written => Amount::exact(number),
                Digits::Float => Amount::float(number),
            }),
        };
        if let Some(Amount { number, .. }) = &amount
            && number.is_negative()
        {
            fields.wrong("value", format!("`value` is {number}, expected a number ≥ 0"), None);
        }
        let action = Self {
            connector: fields.optional_text("connector"),
            tool: fields.text("tool"),
            args: fields.object("args"),
            value: amount,
            entity_key: key(&mut fields, "entity_key"),
            idempotency_key: key(&mut fields, "idempotency_key"),
        };
        fields.finish(action)
    }
}

/// The longest key, in bytes.
pub const MAX_KEY: usize = 512;

/// A key: something a person can read and tell from another, and a journal can hold a million of.
fn key(fields: &mut Fields<'_>, name: &str) -> String {
    let key = fields.text(name);
    let fault = if key.len() > MAX_KEY {
        format!("is {} bytes long, the limit is {MAX_KEY}", key.len())
    } else if let Some(control) = key.chars().find(|c| c.is_control()) {
        format!("holds the control character U+{:04X}", u32::from(control))
    } else if !key.is_empty() && key.chars().all(is_unseen) {
        "is blank".to_owned()
    } else {
        return key;
    };
    fields.wrong(name, format!("`{name}` {fault}"), None);
    String::new()
}

/// True for what leaves no mark: white space, and what is only there to join or to shape.
fn is_unseen(c: char) -> bool {
    let unseen = matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}');
    unseen || c.is_whitespace()
}

/// One action as it came: its text, and what it reads as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedAction {
    /// The action's own text.
    pub raw: Raw,
    /// The action, or why it has not the shape of one; such an action is BLOCKed in validation.
    pub shape: Result<PlannedAction, Vec<ShapeError>>,
}

/// A plan as an operator returned it. Empty `actions` is a refusal, a correct outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionPlan {
    /// Why, in the operator's words.
    pub reasoning: Option<String>,
    /// What to do, in order.
    pub actions: Vec<ProposedAction>,
}

impl ExecutionPlan {
    /// Reads a plan. Faults of the plan itself are errors; faults of one action stay with that action.
    pub fn from_json(value: &Value, digits: Digits) -> Result<Self, Vec<ShapeError>> {
        let mut fields = Fields::of(value, "a plan", &["reasoning", "actions"])?;
        let reasoning = fields.optional_text("reasoning");
        let actions = fields
            .array("actions")
            .iter()
            .enumerate()
            .map(|(index, item)| ProposedAction {
                raw: Raw::of(item),
                shape: PlannedAction::from_json(item, digits)
                    .map_err(|faults| faults.into_iter().map(|f| f.under(&format!("/actions/{index}"))).collect()),
            })
            .collect();
        fields.finish(Self { reasoning, actions })
    }

    /// Reads a plan from its text.
    pub fn parse(text: &str, digits: Digits) -> Result<Self, Vec<ShapeError>> {
        match json::read(text) {
            Ok(document) => Self::from_json(&document.value, digits),
            Err(error) => Err(vec![ShapeError {
                pointer: String::new(),
                key: false,
                message: format!("the plan is not JSON: {error}"),
                help: None,
            }]),
        }
    }

    /// True when it proposes nothing.
    pub fn is_refusal(&self) -> bool {
        self.actions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_action_does_not_lose_its_neighbour() {
        let plan = ExecutionPlan::parse(
            r#"{"actions":[{"tool":"order.hold","args":{"id":9007199254740993},"entity_key":"e","idempotency_key":"k"},
                {"tool":"order.refund","args":[],"value":-1,"entity_key":"e","idempotency":"k"}]}"#,
            Digits::Written,
        )
        .unwrap();
        assert_eq!(plan.actions[0].shape.as_ref().unwrap().args.as_str(), r#"{"id":9007199254740993}"#);
        let faults = plan.actions[1].shape.as_ref().unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert_eq!(faults[0].pointer, "/actions/1/idempotency");
    }

    #[test]
    fn a_value_that_is_no_number_is_called_what_it_is() {
        let said = |value: &str, digits| {
            let text = format!(r#"{{"tool":"t","args":{{}},"value":{value},"entity_key":"e","idempotency_key":"k"}}"#);
            PlannedAction::from_json(&json::read(&text).unwrap().value, digits).unwrap_err()[0].message.clone()
        };
        assert_eq!(said(r#""NaN""#, Digits::Float), "`value` is NaN, expected a number ≥ 0");
        assert_eq!(said(r#""-Infinity""#, Digits::Float), "`value` is -Infinity, expected a number ≥ 0");
        assert_eq!(said(r#""12""#, Digits::Float), "`value` is a string, expected a number");
        assert_eq!(said(r#""NaN""#, Digits::Written), "`value` is a string, expected a number");
    }

    #[test]
    fn a_key_is_short_readable_and_not_blank() {
        let read = |key: &str| {
            let action = serde_json::json!({"tool": "t", "args": {}, "entity_key": key, "idempotency_key": "k"});
            PlannedAction::from_json(&action, Digits::Written).map_err(|faults| faults[0].message.clone())
        };
        for good in ["k", "order:SO-1", "über 鍵", &"k".repeat(512), " k "] {
            assert_eq!(read(good).unwrap().entity_key, good);
        }
        let cases = [
            (String::new(), "`entity_key` is empty"),
            ("  ".to_owned(), "`entity_key` is blank"),
            ("\u{a0}\u{3000}".to_owned(), "`entity_key` is blank"),
            ("\u{200b}\u{feff} \u{3164}".to_owned(), "`entity_key` is blank"),
            ("a\0b".to_owned(), "`entity_key` holds the control character U+0000"),
            ("a\nb".to_owned(), "`entity_key` holds the control character U+000A"),
            ("a\u{7f}".to_owned(), "`entity_key` holds the control character U+007F"),
            ("a\u{9b}31m".to_owned(), "`entity_key` holds the control character U+009B"),
            ("é".repeat(257), "`entity_key` is 514 bytes long, the limit is 512"),
            ("k".repeat(1 << 20), "`entity_key` is 1048576 bytes long, the limit is 512"),
        ];
        for (bad, said) in cases {
            assert_eq!(read(&bad).unwrap_err(), said);
        }
    }

    #[test]
    fn a_float_past_two_to_the_53_is_inexact() {
        let action = |digits| {
            let text = r#"{"tool":"t","args":{},"value":9007199254740992,"entity_key":"e","idempotency_key":"k"}"#;
            PlannedAction::from_json(&json::read(text).unwrap().value, digits).unwrap()
        };
        assert!(!action(Digits::Float).value.unwrap().exact);
        assert!(action(Digits::Written).value.unwrap().exact);
    }
}
