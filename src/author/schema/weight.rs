//! What a schema may cost, from its text alone: how many subschemas can look at one value, references followed.
//!
//! An overestimate, never an underestimate: forty levels of `allOf: [$ref, $ref]` are a billion subschemas in a
//! kilobyte, and a schema that refers to itself has no bound.

use std::collections::HashMap;

use crate::kernel::json::Value;

/// Past this weight nothing is counted any more.
const ENOUGH: u64 = 1_000_000;

/// Levels of references and nesting that are followed.
const MAX_DEPTH: usize = 200;

/// What comparing all items of an array with each other weighs.
const UNIQUE: u64 = 500;

/// What a regular expression weighs, its backtracking bounded.
const PATTERN: u64 = 50;

/// The weight of a schema; none where it has no bound.
pub fn of(schema: &Value) -> Option<u64> {
    Weigher { root: schema, known: HashMap::new() }.weigh(schema, 0)
}

struct Weigher<'s> {
    root: &'s Value,
    /// By address; none while it is being weighed, which is how a circle is noticed.
    known: HashMap<*const Value, Option<u64>>,
}

impl<'s> Weigher<'s> {
    fn weigh(&mut self, schema: &'s Value, depth: usize) -> Option<u64> {
        let (Value::Object(_) | Value::Array(_)) = schema else { return Some(1) };
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        self.known.insert(std::ptr::from_ref(schema), None);
        let weight = self.sum(schema, depth)?.min(ENOUGH);
        self.known.insert(std::ptr::from_ref(schema), Some(weight));
        Some(weight)
    }

    /// Every member counts as if it were a subschema: the names of keywords may also be names of properties.
    fn sum(&mut self, schema: &'s Value, depth: usize) -> Option<u64> {
        let mut weight = 1_u64;
        match schema {
            Value::Object(members) => {
                for (name, member) in members {
                    weight = weight.saturating_add(match (name.as_str(), member) {
                        ("$ref", Value::String(target)) => self.referred(target, depth)?,
                        ("$dynamicRef" | "$recursiveRef", Value::String(_)) => return None,
                        ("uniqueItems", Value::Bool(true)) => UNIQUE,
                        ("pattern", Value::String(_)) => PATTERN,
                        // What is only defined weighs where it is referred to.
                        ("$defs" | "definitions", _) => 1,
                        ("patternProperties", _) => PATTERN.saturating_add(self.weigh(member, depth + 1)?),
                        _ => self.weigh(member, depth + 1)?,
                    });
                }
            }
            Value::Array(items) => {
                for item in items {
                    weight = weight.saturating_add(self.weigh(item, depth + 1)?);
                }
            }
            _ => {}
        }
        Some(weight)
    }

    fn referred(&mut self, target: &str, depth: usize) -> Option<u64> {
        // An anchor, an id, or an escaped pointer: followed by who compiles it, not here.
        let is_plain =
            |pointer: &&str| (pointer.is_empty() || pointer.starts_with('/')) && !pointer.contains(['%', '~']);
        let pointer = target.strip_prefix('#').filter(is_plain)?;
        match self.root.pointer(pointer) {
            Some(schema) => self.weigh(schema, depth + 1),
            // It does not compile either.
            None => Some(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;

    fn weight(text: &str) -> Option<u64> {
        of(&json::read(text).unwrap().value)
    }

    #[test]
    fn a_plain_schema_is_light() {
        let plain = r##"{"type":"object","properties":{"a":{"type":"string"},"b":{"$ref":"#/$defs/b"}},"$defs":{"b":{"type":"integer"}}}"##;
        assert!(weight(plain).is_some_and(|weight| weight < 30), "{:?}", weight(plain));
    }

    #[test]
    fn doubling_and_circles_are_seen_at_once() {
        let level = |n: usize| {
            format!(r##""d{n}":{{"allOf":[{{"$ref":"#/$defs/d{}"}},{{"$ref":"#/$defs/d{}"}}]}}"##, n + 1, n + 1)
        };
        let levels: Vec<_> = (0..40).map(level).collect();
        let text = format!(r##"{{"$ref":"#/$defs/d0","$defs":{{{},"d40":{{"type":"object"}}}}}}"##, levels.join(","));
        assert_eq!(weight(&text), Some(ENOUGH));
        assert_eq!(weight(r##"{"properties":{"left":{"$ref":"#"}}}"##), None);
        assert_eq!(weight(r##"{"$dynamicRef":"#x"}"##), None);
        assert_eq!(weight(r##"{"$ref":"#anchor"}"##), None);
        assert_eq!(weight(r#"{"$ref":"https://example.com/x"}"#), None);
    }
}
