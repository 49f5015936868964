//! One condition of a rule: what a value of the input has to be.

use crate::kernel::decimal::Decimal;
use crate::kernel::json::Value;
use crate::kernel::shape::{Fields, ShapeError};

/// What is wanted of a value; a plain value wants to be equalled, number by number as it counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Is(Value),
    Not(Value),
    AtLeast(Decimal),
    AtMost(Decimal),
    Contains(String),
    /// Whether there is one at all.
    Given(bool),
}

impl Condition {
    pub(super) fn from_json(value: &Value) -> Result<Self, Vec<ShapeError>> {
        const KNOWN: [&str; 5] = ["not", "at_least", "at_most", "contains", "given"];
        if !value.is_object() {
            return Ok(Self::Is(value.clone()));
        }
        let mut fields = Fields::of(value, "a condition", &KNOWN)?;
        let (at_least, at_most) = (fields.optional_number("at_least"), fields.optional_number("at_most"));
        let (contains, not) = (fields.optional_text("contains"), fields.get("not").cloned());
        let given = fields.get("given").map(|given| given.as_bool().ok_or(()));
        if given == Some(Err(())) {
            fields.wrong("given", "`given` is true or false".to_owned(), None);
        }
        let all = [
            at_least.map(Self::AtLeast),
            at_most.map(Self::AtMost),
            contains.map(Self::Contains),
            not.map(Self::Not),
            given.and_then(Result::ok).map(Self::Given),
        ];
        let mut all = all.into_iter().flatten();
        let (first, more) = (all.next(), all.next().is_some());
        let condition = first.unwrap_or(Self::Given(true));
        let count = value.as_object().map_or(0, serde_json::Map::len);
        if count != 1 || more {
            let message = format!("a condition has one of `{}`", KNOWN.join("`, `"));
            let fault = ShapeError { pointer: String::new(), key: false, message, help: None };
            fields.extend([fault]);
        }
        fields.finish(condition)
    }

    /// Why a value at a path is not what is wanted; none where it is.
    pub(super) fn failure(&self, path: &str, value: Option<&Value>) -> Option<String> {
        let shown = || value.map_or_else(|| "nothing".to_owned(), |value| short(&value.to_string()));
        let number = || Decimal::parse(&value?.as_number()?.to_string()).ok();
        let is_so = match self {
            Self::Is(wanted) => value.is_some_and(|value| equal(value, wanted)),
            Self::Not(other) => !value.is_some_and(|value| equal(value, other)),
            Self::AtLeast(least) => number().is_some_and(|number| number >= *least),
            Self::AtMost(most) => number().is_some_and(|number| number <= *most),
            Self::Contains(part) => value.and_then(Value::as_str).is_some_and(|text| text.contains(part.as_str())),
            Self::Given(given) => value.is_some() == *given,
        };
        let wanted = match self {
            Self::Is(wanted) => short(&wanted.to_string()),
            Self::Not(other) => format!("anything but {}", short(&other.to_string())),
            Self::AtLeast(least) => format!("at least {}", least.as_str()),
            Self::AtMost(most) => format!("at most {}", most.as_str()),
            Self::Contains(part) => format!("a text with {}", short(&Value::from(part.as_str()).to_string())),
            Self::Given(true) => "given".to_owned(),
            Self::Given(false) => "left out".to_owned(),
        };
        (!is_so).then(|| format!("`{path}` is {}, wanted is {wanted}", shown()))
    }
}

/// Numbers are equal where they count the same: `1` and `1.0`.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (Decimal::parse(&a.to_string()), Decimal::parse(&b.to_string()));
            matches!((a, b), (Ok(a), Ok(b)) if a == b)
        }
        _ => a == b,
    }
}

fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
