//! Tools' inputs checked by JSON Schema 2020-12: faults as sentences with a pointer, undeclared keys taken away.
//!
//! Nothing is fetched: a `$ref` that leads out of the schema makes it fail to compile. What checking costs is known from
//! the schema beforehand ([`is_costly`]): one that could cost without end is for a host to try, not for the kernel.

use jsonschema::{Draft, PatternOptions, Validator};

use crate::kernel::json::{Map, Raw, Value, child, kind};

mod weight;

/// True when checking against a schema, or compiling it, may cost without a bound: it is tried in a host alone.
pub fn is_costly(schema: &Raw) -> bool {
    weight::of(&schema.value()).is_none_or(|weight| weight > MAX_WEIGHT)
}

/// A compiled schema.
#[derive(Debug, Clone)]
pub struct InputSchema {
    validator: Validator,
    schema: Value,
    /// How many subschemas may look at one value of the input.
    weight: u64,
}

/// Subschemas that may look at one value in the kernel's own process.
const MAX_WEIGHT: u64 = 2_000;

/// Steps of one check in the kernel's own process: subschemas times bytes of the input.
const MAX_STEPS: u64 = 10_000_000;

/// Subschemas that may apply to one value; a bound, because `$ref` may go in circles.
const MAX_APPLYING: usize = 256;

/// Faults reported for one input.
const MAX_FAULTS: usize = 20;

/// Backtracking steps of one `pattern`, so that no pattern of an author's can hold up the kernel.
const PATTERN_STEPS: usize = 100_000;

impl InputSchema {
    /// Compiles a schema, or says why it is none.
    pub fn compile(schema: &Raw) -> Result<Self, String> {
        let schema = schema.value();
        if !schema.is_object() {
            return Err(format!("it is {}, expected an object", kind(&schema)));
        }
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(PATTERN_STEPS))
            .build(&schema)
            .map_err(|error| {
                let place = error.instance_path().as_str().to_owned();
                let said = lower_first(&error.to_string());
                if place.is_empty() { said } else { format!("{said} (at `{place}`)") }
            })?;
        let weight = weight::of(&schema).unwrap_or(u64::MAX);
        Ok(Self { validator, schema, weight })
    }

    /// True when checking this input is for a host.
    pub fn is_costly_for(&self, input: &Raw) -> bool {
        let size = u64::try_from(input.as_str().len()).unwrap_or(u64::MAX);
        self.weight.saturating_mul(size) > MAX_STEPS
    }

    /// The schema as it was given.
    pub fn text(&self) -> Raw {
        Raw::of(&self.schema)
    }

    /// The input without undeclared keys, or one sentence per fault.
    ///
    /// Keys are undeclared where the schema lists `properties` and says nothing of additional ones; with
    /// `additionalProperties: false` they are faults, with anything else there they stay.
    pub fn check(&self, args: &Raw) -> Result<Raw, Vec<String>> {
        let mut value = args.value();
        // Asking whether it is valid costs a tenth of asking for the faults.
        if !self.validator.is_valid(&value) {
            return Err(self.faults(&value));
        }
        let stripped = self.strip(&mut value, &[&self.schema]);
        Ok(if stripped { Raw::of(&value) } else { args.clone() })
    }

    fn faults(&self, value: &Value) -> Vec<String> {
        let mut errors = self.validator.iter_errors(value);
        let mut faults: Vec<String> = errors.by_ref().take(MAX_FAULTS).map(|error| sentence(&error)).collect();
        let more = errors.count();
        if more > 0 {
            faults.push(format!("{more} more"));
        }
        if faults.is_empty() {
            faults.push("the input does not match its schema".to_owned());
        }
        faults
    }

    /// Takes out what no schema lists; true when there was any.
    fn strip(&self, value: &mut Value, schemas: &[&Value]) -> bool {
        let applying = self.applying(schemas);
        match value {
            Value::Object(map) => self.strip_object(map, &applying),
            Value::Array(items) => items.iter_mut().enumerate().fold(false, |stripped, (index, item)| {
                let below: Vec<&Value> = applying.iter().filter_map(|schema| item_schema(schema, index)).collect();
                self.strip(item, &below) || stripped
            }),
            _ => false,
        }
    }

    fn strip_object(&self, map: &mut Map<String, Value>, applying: &[&Value]) -> bool {
        let mut stripped = false;
        let closed = applying.iter().any(|schema| schema.get("properties").is_some())
            && !applying.iter().any(|schema| is_open(schema));
        let keys: Vec<String> = map.keys().cloned().collect();
        for key in keys {
            let mut below = Vec::new();
            for schema in applying {
                if let Some(property) = schema.get("properties").and_then(|all| all.get(&key)) {
                    below.push(property);
                } else if let Some(rest) = schema.get("additionalProperties") {
                    below.push(rest);
                }
            }
            if below.is_empty() && closed {
                map.shift_remove(&key);
                stripped = true;
            } else if let Some(inner) = map.get_mut(&key) {
                stripped |= self.strip(inner, &below);
            }
        }
        stripped
    }

    /// The schemas and all they are composed of.
    fn applying<'s>(&'s self, schemas: &[&'s Value]) -> Vec<&'s Value> {
        let mut found: Vec<&Value> = schemas.to_vec();
        let mut next = 0;
        while next < found.len() && found.len() < MAX_APPLYING {
            let schema = found[next];
            next += 1;
            if let Some(target) = schema.get("$ref").and_then(Value::as_str)
                && let Some(pointer) = target.strip_prefix('#')
                && let Some(inner) = self.schema.pointer(pointer)
                && !found.iter().any(|known| std::ptr::eq(*known, inner))
            {
                found.push(inner);
            }
            for key in ["allOf", "anyOf", "oneOf"] {
                found.extend(schema.get(key).and_then(Value::as_array).into_iter().flatten());
            }
            found.extend(["then", "else"].iter().filter_map(|key| schema.get(key)));
        }
        found
    }
}

fn item_schema(schema: &Value, index: usize) -> Option<&Value> {
    schema.get("prefixItems").and_then(|items| items.get(index)).or_else(|| schema.get("items"))
}

/// True where a schema lets keys through that it does not list by name.
fn is_open(schema: &Value) -> bool {
    ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| schema.get(key).is_some_and(|rest| *rest != Value::Bool(false)))
        || schema.get("patternProperties").is_some()
}

fn sentence(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Kind;
    let place = error.instance_path().as_str();
    if let Kind::Required { property: Value::String(name) } = error.kind() {
        return format!("`{}` is missing", child(place, name));
    }
    if let Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } = error.kind() {
        let names: Vec<String> = unexpected.iter().map(|name| format!("`{}`", child(place, name))).collect();
        return format!(
            "{} not expected",
            if names.len() == 1 { format!("{} is", names[0]) } else { format!("{} are", names.join(", ")) }
        );
    }
    let place = if place.is_empty() { "the input".to_owned() } else { format!("`{place}`") };
    format!("{place}: {}", shorten(&lower_first(&error.to_string())))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().collect::<String>()).unwrap_or_default();
    first + chars.as_str().trim_end_matches('.')
}

fn shorten(text: &str) -> String {
    const MAX: usize = 200;
    if text.chars().count() <= MAX { text.to_owned() } else { text.chars().take(MAX).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw {
        Raw::parse(text).unwrap()
    }

    fn check(schema: &str, input: &str) -> Result<String, Vec<String>> {
        InputSchema::compile(&raw(schema)).unwrap().check(&raw(input)).map(|raw| raw.as_str().to_owned())
    }

    const HOLD: &str = r##"{"type":"object","properties":{"orderId":{"type":"string"},"reason":{"type":"string","minLength":8},
        "lines":{"type":"array","items":{"$ref":"#/$defs/line"}}},"required":["orderId","reason"],
        "$defs":{"line":{"type":"object","properties":{"sku":{"type":"string"}}}}}"##;

    #[test]
    fn undeclared_keys_are_stripped_at_every_depth_and_digits_stay() {
        assert_eq!(
            check(HOLD, r#"{"x":1,"orderId":"a","reason":"long enough","lines":[{"sku":"s","n":2}]}"#).unwrap(),
            r#"{"orderId":"a","reason":"long enough","lines":[{"sku":"s"}]}"#
        );
        let open = r#"{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":true}"#;
        assert_eq!(check(open, r#"{"a":9007199254740993,"b":1}"#).unwrap(), r#"{"a":9007199254740993,"b":1}"#);
        assert_eq!(check(r#"{"type":"object"}"#, r#"{"b":1}"#).unwrap(), r#"{"b":1}"#);
        let either = r#"{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}"#;
        assert_eq!(check(either, r#"{"a":1,"b":1,"c":1}"#).unwrap(), r#"{"a":1,"b":1}"#);
    }

    #[test]
    fn faults_name_their_place() {
        assert_eq!(
            check(HOLD, r#"{"reason":"short","lines":[{"sku":1}]}"#).unwrap_err(),
            [
                "`/orderId` is missing",
                r#"`/reason`: "short" is shorter than 8 characters"#,
                r#"`/lines/0/sku`: 1 is not of type "string""#,
            ]
        );
        let strict = r#"{"type":"object","properties":{},"additionalProperties":false}"#;
        assert_eq!(check(strict, r#"{"a":1,"b":1}"#).unwrap_err(), ["`/a`, `/b` are not expected"]);
    }

    #[test]
    fn what_is_no_schema_or_leads_out_of_it_does_not_compile() {
        assert!(InputSchema::compile(&raw("[]")).unwrap_err().contains("an array"));
        assert!(InputSchema::compile(&raw(r#"{"type":"strin"}"#)).is_err());
        assert!(InputSchema::compile(&raw(r#"{"$ref":"https://example.com/x.json"}"#)).is_err());
        assert!(InputSchema::compile(&raw(r#"{"$ref":"file:///etc/hostname"}"#)).is_err());
    }

    #[test]
    fn a_circular_schema_and_a_bad_pattern_end() {
        let tree = r##"{"type":"object","properties":{"left":{"$ref":"#"}},"allOf":[{"$ref":"#"}]}"##;
        let _ = InputSchema::compile(&raw(tree)).map(|schema| schema.check(&raw(r#"{"left":{"left":{"x":1}}}"#)));
        let bomb = r#"{"type":"object","properties":{"a":{"pattern":"^(a|aa)+(?=b)$"}}}"#;
        let input = format!(r#"{{"a":"{}c"}}"#, "a".repeat(64));
        assert!(check(bomb, &input).is_err());
    }
}
