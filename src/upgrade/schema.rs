//! What became of a tool's input schema: whether an input that was taken before may be refused now. Where that cannot be
//! told for certain it counts as narrowed.

use crate::kernel::json::{Raw, Value};

/// What became of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaChange {
    /// It says the same.
    Same,
    /// It takes all it took, and more or as much.
    Widened,
    /// It may refuse what it took.
    Narrowed,
}

/// Members of a schema that say nothing of what is taken.
const REMARKS: [&str; 8] = ["title", "description", "$comment", "examples", "default", "deprecated", "$schema", "$id"];

/// Compares the schema of an input; none takes anything.
pub fn change(old: Option<&Raw>, new: Option<&Raw>) -> SchemaChange {
    match (old, new) {
        (None, None) => SchemaChange::Same,
        (Some(_), None) => SchemaChange::Widened,
        (None, Some(_)) => SchemaChange::Narrowed,
        (Some(old), Some(new)) => between(&old.value(), &new.value()),
    }
}

fn between(old: &Value, new: &Value) -> SchemaChange {
    let (old, new) = (without_remarks(old), without_remarks(new));
    if old == new {
        return SchemaChange::Same;
    }
    match (&old, &new) {
        (_, Value::Bool(true)) | (Value::Bool(false), _) => SchemaChange::Widened,
        (Value::Object(before), Value::Object(after)) => {
            let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
            let of = |key: &String| member(key, before.get(key), after.get(key));
            keys.into_iter().map(of).max().unwrap_or(SchemaChange::Same)
        }
        _ => SchemaChange::Narrowed,
    }
}

/// What one member of a schema that is otherwise the same means.
fn member(key: &str, old: Option<&Value>, new: Option<&Value>) -> SchemaChange {
    if old == new {
        return SchemaChange::Same;
    }
    match (key, old, new) {
        ("properties", old, new) => properties(old, new),
        ("required", Some(Value::Array(old)), Some(Value::Array(new))) if new.iter().all(|name| old.contains(name)) => {
            SchemaChange::Widened
        }
        ("enum", Some(Value::Array(old)), Some(Value::Array(new))) if old.iter().all(|value| new.contains(value)) => {
            SchemaChange::Widened
        }
        ("type", Some(old), Some(new)) if is_type_within(old, new) => SchemaChange::Widened,
        ("items" | "additionalProperties", Some(old), Some(new)) => between(old, new),
        // What is no longer asked for is no longer refused; `properties` alone say what else is an undeclared member.
        (
            "required" | "enum" | "const" | "pattern" | "format" | "minimum" | "maximum" | "exclusiveMinimum"
            | "exclusiveMaximum" | "minLength" | "maxLength" | "minItems" | "maxItems" | "uniqueItems" | "multipleOf"
            | "type" | "not",
            Some(_),
            None,
        ) => SchemaChange::Widened,
        (
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems",
            Some(Value::Number(old)),
            Some(Value::Number(new)),
        ) if at_most(new, old) => SchemaChange::Widened,
        (
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems",
            Some(Value::Number(old)),
            Some(Value::Number(new)),
        ) if at_most(old, new) => SchemaChange::Widened,
        _ => SchemaChange::Narrowed,
    }
}

/// A property more is one that may be given; one less is one that is stripped, and what was said with it is lost.
fn properties(old: Option<&Value>, new: Option<&Value>) -> SchemaChange {
    let (Some(Value::Object(old)), Some(Value::Object(new))) = (old, new) else { return SchemaChange::Narrowed };
    if old.keys().any(|name| !new.contains_key(name)) {
        return SchemaChange::Narrowed;
    }
    let of = |(name, schema): (&String, &Value)| match old.get(name) {
        Some(before) => between(before, schema),
        None => SchemaChange::Widened,
    };
    new.iter().map(of).max().unwrap_or(SchemaChange::Same)
}

/// Whether every type of one is among those of the other.
fn is_type_within(old: &Value, new: &Value) -> bool {
    let names = |value: &Value| -> Vec<String> {
        match value {
            Value::String(name) => vec![name.clone()],
            Value::Array(names) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    };
    let (old, new) = (names(old), names(new));
    !old.is_empty()
        && old.iter().all(|name| new.contains(name) || name == "integer" && new.iter().any(|n| n == "number"))
}

fn at_most(left: &serde_json::Number, right: &serde_json::Number) -> bool {
    use crate::kernel::decimal::Decimal;
    match (Decimal::parse(&left.to_string()), Decimal::parse(&right.to_string())) {
        (Ok(left), Ok(right)) => left <= right,
        _ => false,
    }
}

fn without_remarks(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| !REMARKS.contains(&key.as_str()));
            Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str, new: &str) -> SchemaChange {
        change(Some(&Raw::parse(old).unwrap()), Some(&Raw::parse(new).unwrap()))
    }

    #[test]
    fn what_may_refuse_more_is_narrowed() {
        let object =
            |properties: &str, rest: &str| format!(r#"{{"type":"object","properties":{{{properties}}}{rest}}}"#);
        let old = object(r#""a":{"type":"string"}"#, r#","required":["a"]"#);
        let table = [
            (object(r#""a":{"type":"string","description":"x"}"#, r#","required":["a"]"#), SchemaChange::Narrowed),
            (object(r#""a":{"type":"string"},"b":{"type":"number"}"#, r#","required":["a"]"#), SchemaChange::Widened),
            (object(r#""a":{"type":"string"},"b":{}"#, r#","required":["a","b"]"#), SchemaChange::Narrowed),
            (object(r#""a":{"type":"string"}"#, ""), SchemaChange::Widened),
            (object(r#""a":{"type":["string","null"]}"#, r#","required":["a"]"#), SchemaChange::Widened),
            (object(r#""a":{"type":"number"}"#, r#","required":["a"]"#), SchemaChange::Narrowed),
            (object(r#""a":{"type":"string","maxLength":9}"#, r#","required":["a"]"#), SchemaChange::Narrowed),
            (object("", ""), SchemaChange::Narrowed),
            (
                object(r#""a":{"type":"string"}"#, r#","required":["a"],"additionalProperties":false"#),
                SchemaChange::Narrowed,
            ),
        ];
        for (new, change) in table.iter().skip(1) {
            assert_eq!(of(&old, new), *change, "{new}");
        }
        // A remark within says nothing of what is taken.
        assert_eq!(of(&old, &table[0].0), SchemaChange::Same);
        assert_eq!(of(r#"{"maximum":9}"#, r#"{"maximum":10}"#), SchemaChange::Widened);
        assert_eq!(of(r#"{"maximum":9}"#, r#"{"maximum":8}"#), SchemaChange::Narrowed);
        assert_eq!(of(r#"{"enum":[1]}"#, r#"{"enum":[1,2]}"#), SchemaChange::Widened);
        assert_eq!(of(r#"{"enum":[1,2]}"#, r#"{"enum":[1]}"#), SchemaChange::Narrowed);
        assert_eq!(change(None, None), SchemaChange::Same);
        assert_eq!(change(None, Some(&Raw::parse("{}").unwrap())), SchemaChange::Narrowed);
    }
}
