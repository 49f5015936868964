//! Policies that no file could hold, and so nobody may evaluate; and names that have two spellings.
//!
//! Numbers are spelled as strings, as in the other vectors; text is `{ "text": … }`, and what JSON has no form for is
//! `{ "is": "undefined" }`, which each language makes of its own.

use fibric_console::kernel::capability::Vocabulary;
use fibric_console::kernel::crossed::{FUNCTION, UNFIT};
use fibric_console::kernel::json::{self, Value};
use fibric_console::kernel::policy::file::{CodedRules, read_coded};
use serde_json::{Map, json};

/// One member of a rule that could otherwise be, and why it is refused.
const MEMBERS: &[(&str, &str)] = &[
    ("maxValue", r#""NaN""#),
    ("maxValue", r#""Infinity""#),
    ("maxValue", r#""-Infinity""#),
    ("maxValue", r#""-1""#),
    ("maxValue", r#"{"text":"100"}"#),
    ("maxValue", r#"{"text":""}"#),
    ("maxValue", "true"),
    ("maxValue", r#"{"is":"undefined"}"#),
    ("maxValue", "[]"),
    ("max_value", r#""NaN""#),
    ("max_value", r#"{"is":"undefined"}"#),
    ("maxvalue", r#""1""#),
    ("max", r#""1""#),
    ("tool", r#"{"is":"undefined"}"#),
    ("tool", r#"{"text":""}"#),
    ("tool", r#"{"text":"order.*"}"#),
    ("tool", r#"{"text":"refund"}"#),
    ("tool", "true"),
    ("tool", r#""5""#),
    ("connector", r#"{"is":"undefined"}"#),
    ("connector", r#"{"text":""}"#),
    ("connector", r#"{"text":"*"}"#),
    ("connector", r#""5""#),
    ("predicate", r#"{"is":"undefined"}"#),
    ("predicate", "true"),
    ("predicate", r#"{"text":"true"}"#),
    ("decision", r#"{"is":"undefined"}"#),
    ("decision", r#"{"text":"allow"}"#),
    ("decision", r#"{"text":"DENY"}"#),
    ("decision", "true"),
    ("decision", "null"),
];

/// A rule's tool, the action's tool, and whether they are one.
const SPELLINGS: &[(&str, &str, bool)] = &[
    ("order.hold", "order.hold", true),
    ("order.hold", "orders.hold", true),
    ("orders.hold", "order.hold", true),
    ("orders.hold", "orders.hold", true),
    ("order.hold", "order.release", false),
];

/// The file's contents.
pub fn refused_cases() -> Value {
    let read = |text: &str| json::read(text).unwrap().value;
    let refused = MEMBERS.iter().map(|(key, value)| {
        let mut rule = Map::new();
        rule.insert((*key).to_owned(), read(value));
        rule.entry("decision").or_insert_with(|| json!({ "text": "ALLOW" }));
        json!({ "name": format!("{key} {value}"), "policies": [rule] })
    });
    let both = json!([{ "maxValue": "1", "max_value": "1", "decision": { "text": "ALLOW" } }]);
    let whole = [
        json!({ "name": "both ceilings", "policies": both }),
        json!({ "name": "no decision", "policies": [{}] }),
        json!({ "name": "a rule that is null", "policies": [null] }),
        json!({ "name": "a rule that is undefined", "policies": [{ "is": "undefined" }] }),
    ];
    let spellings = SPELLINGS.iter().map(|(rule, tool, same)| {
        let decision = if *same { "ALLOW" } else { "BLOCK" };
        let policies = json!([{ "tool": { "text": rule }, "decision": { "text": "ALLOW" } }]);
        json!({ "name": format!("{rule} of {tool}"), "policies": policies, "action": { "tool": tool }, "decision": decision })
    });
    json!({ "refused": refused.chain(whole).collect::<Vec<_>>(), "cases": spellings.collect::<Vec<_>>() })
}

/// Reads a case's policies as the kernel reads what code exports.
pub fn read(policies: &Value) -> Result<CodedRules, Vec<String>> {
    let rules: Vec<Value> = policies.as_array().unwrap().iter().map(crossed).collect();
    read_coded("policies", &rules, &Vocabulary::shipped())
        .map_err(|faults| faults.into_iter().map(|fault| fault.message).collect())
}

/// A rule as a host hands it over.
fn crossed(rule: &Value) -> Value {
    match rule {
        Value::Object(fields) if !fields.contains_key("is") => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), member(value))).collect())
        }
        other => member(other),
    }
}

fn member(value: &Value) -> Value {
    match value {
        Value::String(number) if number.parse::<f64>().is_ok_and(f64::is_finite) => json::read(number).unwrap().value,
        Value::String(not_finite) => json!({ UNFIT: not_finite }),
        Value::Object(spelled) => match (spelled.get("text"), spelled.get("is")) {
            (Some(text), _) => text.clone(),
            (None, Some(what)) => json!({ UNFIT: what }),
            _ => json!({ FUNCTION: true }),
        },
        other => other.clone(),
    }
}
