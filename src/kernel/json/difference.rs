//! The first place at which two JSON values differ, as comparisons of plans and dispositions name it. Members of objects
//! have no order, items of arrays have; numbers are compared as they are written.

use serde::Serialize;

use super::{Raw, Value};

/// Characters of a value that are shown.
const SHOWN: usize = 96;

/// Characters of a longer text that stand before what differs.
const LEAD: usize = 24;

/// Two values that are not the same, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `actions[1].entity_key`.
    pub field: String,
    /// What was there; null where nothing was.
    pub before: Option<Raw>,
    /// What is there; null where nothing is.
    pub after: Option<Raw>,
}

/// The first place below `field` at which two values differ, in the order of the first.
pub fn first_difference(field: &str, before: &Value, after: &Value) -> Option<Difference> {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let changed = old.iter().find_map(|(key, value)| member(field, key, Some(value), new.get(key)));
            changed.or_else(|| new.iter().find_map(|(key, value)| member(field, key, old.get(key), Some(value))))
        }
        (Value::Array(old), Value::Array(new)) => (0..old.len().max(new.len()))
            .find_map(|index| between(&format!("{field}[{index}]"), old.get(index), new.get(index))),
        _ => between_leaves(field, before, after),
    }
}

/// The same where either side may be absent.
pub fn between(field: &str, before: Option<&Value>, after: Option<&Value>) -> Option<Difference> {
    match (before, after) {
        (Some(before), Some(after)) => first_difference(field, before, after),
        (None, None) => None,
        _ => Some(Difference { field: field.to_owned(), before: before.map(Raw::of), after: after.map(Raw::of) }),
    }
}

fn member(field: &str, key: &str, before: Option<&Value>, after: Option<&Value>) -> Option<Difference> {
    // Most members are the same: their names are not written out.
    if before == after {
        return None;
    }
    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    let name = match (plain, field.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{field}.{key}"),
        (false, _) => format!("{field}[{}]", Value::from(key)),
    };
    between(&name, before, after)
}

fn between_leaves(field: &str, before: &Value, after: &Value) -> Option<Difference> {
    (before != after).then(|| Difference {
        field: field.to_owned(),
        before: Some(Raw::of(before)),
        after: Some(Raw::of(after)),
    })
}

impl Difference {
    /// `actions[1].entity_key: recorded "a", now "b"`, with words for the two sides. Long values are cut around what
    /// differs.
    pub fn told(&self, before: &str, after: &str) -> String {
        let text =
            |side: &Option<Raw>| side.as_ref().map_or_else(|| "nothing".to_owned(), |raw| raw.as_str().to_owned());
        let (old, new) = (text(&self.before), text(&self.after));
        let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
        format!("{}: {before} {}, {after} {}", self.field, cut(&old, same), cut(&new, same))
    }
}

/// A text of which so many characters at its beginning are not of interest.
fn cut(text: &str, same: usize) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let from = same.saturating_sub(LEAD);
    let mut rest = text.chars().skip(from);
    let shown: String = rest.by_ref().take(SHOWN).collect();
    let (lead, tail) = (if from > 0 { "…" } else { "" }, if rest.next().is_some() { "…" } else { "" });
    format!("{lead}{shown}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json::read;

    fn told(before: &str, after: &str) -> Option<String> {
        let value = |text: &str| read(text).unwrap().value;
        first_difference("", &value(before), &value(after)).map(|found| found.told("recorded", "now"))
    }

    #[test]
    fn the_first_field_that_differs_is_named() {
        for (before, after, expected) in [
            (r#"{"a":[{"k":"x"},{"k":"y"}]}"#, r#"{"a":[{"k":"x"},{"k":"z"}]}"#, r#"a[1].k: recorded "y", now "z""#),
            (r#"{"a":[1]}"#, r#"{"a":[1,2]}"#, "a[1]: recorded nothing, now 2"),
            (r#"{"a":[1,2]}"#, r#"{"a":[1]}"#, "a[1]: recorded 2, now nothing"),
            (r#"{"a":{"b c":1}}"#, r#"{"a":{"b c":1.0}}"#, r#"a["b c"]: recorded 1, now 1.0"#),
            (r#"{"a":1}"#, r#"{"b":1}"#, "a: recorded 1, now nothing"),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, "b: recorded nothing, now null"),
            (r#"{"a":{}}"#, r#"{"a":[]}"#, "a: recorded {}, now []"),
            (
                r#"{"a":9007199254740993}"#,
                r#"{"a":9007199254740992}"#,
                "a: recorded 9007199254740993, now 9007199254740992",
            ),
        ] {
            assert_eq!(told(before, after).as_deref(), Some(expected), "{before} {after}");
        }
    }

    #[test]
    fn members_have_no_order_and_items_have() {
        assert_eq!(told(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#), None);
        assert_eq!(told(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#).as_deref(), Some("a[0]: recorded 1, now 2"));
    }

    #[test]
    fn of_long_texts_what_differs_is_shown() {
        let text = |end: &str| format!(r#"{{"a":"{}{end}{}"}}"#, "é".repeat(500), "x".repeat(500));
        let said = told(&text("old"), &text("new")).unwrap();
        assert!(said.contains("éold") && said.contains("énew") && said.chars().count() < 300, "{said}");
    }
}
