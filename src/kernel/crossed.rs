//! What author code says of its rules and definitions, as JSON: the marks for what JSON has no form for.
//!
//! A host copies plain objects member by member and leaves nothing out: NaN, a getter, a function or `undefined` stands
//! there as a mark, an object with one reserved key. So a reader can refuse it by its name and its path, and only what
//! is not there at all has its default. Knows nothing of engines, nor of what a rule or a definition holds.

use super::json::{self, Value};

/// The key that stands for a function.
pub const FUNCTION: &str = "~function";
/// The key behind which stands what a value is that cannot cross.
pub const UNFIT: &str = "~unfit";
/// The key behind which stands the length of a list too long to cross.
pub const LONG: &str = "~long";

/// True for a function.
pub fn is_function(value: &Value) -> bool {
    marked(value, FUNCTION).is_some()
}

/// The length of a list, also of one that was too long to cross.
pub fn length(value: &Value) -> Option<u64> {
    match value {
        Value::Array(items) => Some(items.len() as u64),
        _ => marked(value, LONG)?.as_u64(),
    }
}

/// What a value is, for sentences: `NaN`, `a function`, `a string`.
pub fn kind(value: &Value) -> String {
    misfit(value).unwrap_or_else(|| json::kind(value).to_owned())
}

/// What a value is that JSON has no form for.
pub fn misfit(value: &Value) -> Option<String> {
    if is_function(value) {
        return Some("a function".to_owned());
    }
    if let Some(length) = marked(value, LONG) {
        return Some(format!("{length} entries long"));
    }
    marked(value, UNFIT).map(|what| what.as_str().unwrap_or("not a value").to_owned())
}

/// The first place in a value that JSON has no form for: its path, empty for the value itself, and what is there.
pub fn first_misfit(value: &Value) -> Option<(String, String)> {
    if let Some(what) = misfit(value) {
        return Some((String::new(), what));
    }
    let below = |step: String, inner: &Value| {
        first_misfit(inner).map(|(path, what)| {
            let joint = if path.is_empty() || path.starts_with('[') { "" } else { "." };
            (format!("{step}{joint}{path}"), what)
        })
    };
    match value {
        Value::Array(items) => items.iter().enumerate().find_map(|(index, item)| below(format!("[{index}]"), item)),
        Value::Object(map) => map.iter().find_map(|(key, item)| below(key.clone(), item)),
        _ => None,
    }
}

fn marked<'a>(value: &'a Value, mark: &str) -> Option<&'a Value> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_told_with_its_path() {
        let value = |text: &str| json::read(text).unwrap().value;
        let held = value(r#"{"a":[1,{"b c":{"~unfit":"NaN"}}],"d":{"~function":true}}"#);
        assert_eq!(first_misfit(&held), Some(("a[1].b c".to_owned(), "NaN".to_owned())));
        assert_eq!(first_misfit(&value(r#"{"~long":7}"#)), Some((String::new(), "7 entries long".to_owned())));
        assert_eq!(first_misfit(&value(r#"{"a":[{}],"b":null}"#)), None);
        assert_eq!(kind(&held), "an object");
        assert_eq!(kind(&held["d"]), "a function");
        assert_eq!(length(&value(r#"{"~long":200000}"#)), Some(200_000));
    }
}
