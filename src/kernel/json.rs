//! Reading JSON without losing anything: digits stay as written, a key given twice is noticed, and every place has a
//! pointer that leads back into the source.
//!
//! Outside text becomes a [`Value`] only through [`read`]. `serde_json::from_str::<Value>` is not used on it, because
//! with exact numbers it takes an object that has a certain private key for a number. What is carried through
//! unread (payloads, args, results) is [`Raw`]: compact text, checked once.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
pub use serde_json::{Map, Number, Value};

mod difference;
mod locate;
mod reader;

pub use difference::{Difference, between, first_difference};
pub use locate::{Position, locate, position};
pub use reader::{MAX_DEPTH, read};

/// A parsed text and what was odd about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The value; of a key given twice, the last one.
    pub value: Value,
    /// JSON pointers of the keys that were given more than once.
    pub duplicates: Vec<String>,
}

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What was wrong, lower case, no trailing stop.
    pub message: String,
    /// Byte offset into the text.
    pub offset: usize,
}

/// One JSON value as compact text, cheap to clone and written back digit for digit.
#[derive(Clone)]
pub struct Raw(Arc<RawValue>);

impl Raw {
    /// The compact text of a value.
    pub fn of(value: &Value) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::null(), |raw| Self(raw.into()))
    }

    /// The text `null`.
    pub fn null() -> Self {
        Self(Arc::from(RawValue::NULL.to_owned()))
    }

    /// Text that is already one compact JSON value, as an author host hands it over.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        read(text).map(|document| Self::of(&document.value))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The value behind the text.
    pub fn value(&self) -> Value {
        read(self.as_str()).map_or(Value::Null, |document| document.value)
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Raw {}

impl Default for Raw {
    fn default() -> Self {
        Self::null()
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw.into()))
    }
}

/// A child of a pointer, with the key escaped as RFC 6901 says.
pub fn child(pointer: &str, key: &str) -> String {
    let mut pointer = pointer.to_owned();
    push_child(&mut pointer, key);
    pointer
}

/// Turns a pointer into one to a child of what it points to.
pub fn push_child(pointer: &mut String, key: &str) {
    pointer.push('/');
    if key.contains(['~', '/']) {
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(key);
    }
}

/// What kind of JSON value this is, for sentences: `a string`, `an array`.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A byte range of a text.
pub type Span = Range<usize>;
