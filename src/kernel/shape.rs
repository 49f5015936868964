//! Checking the shapes on the wire: an unknown field is named with the nearest known one, and all that is wrong is
//! said at once, each with a pointer.

use super::decimal::Decimal;
use super::diagnostic::did_you_mean;
use super::json::{Map, Raw, Value, child, kind};

/// One fault of a shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ShapeError {
    /// JSON pointer, relative to the value that was checked.
    pub pointer: String,
    /// True when the key is at fault rather than its value.
    pub key: bool,
    /// What was wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl ShapeError {
    fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), key: false, message: message.into(), help: None }
    }

    /// The same fault, seen from further up.
    #[must_use]
    pub fn under(mut self, parent: &str) -> Self {
        self.pointer.insert_str(0, parent);
        self
    }
}

/// The fields of one object being read. Getters give a harmless value on a fault and remember the fault.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    faults: Vec<ShapeError>,
    /// Where in `faults` the one about missing fields is, and their names: one finding, however many they are.
    missing: Option<(usize, Vec<String>)>,
}

impl<'a> Fields<'a> {
    /// Starts on an object; names every field that is not in `known`.
    pub fn of(value: &'a Value, what: &str, known: &[&str]) -> Result<Self, Vec<ShapeError>> {
        let Value::Object(map) = value else {
            return Err(vec![ShapeError::at("", format!("expected {what} (an object), found {}", kind(value)))]);
        };
        let faults = map
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .map(|key| ShapeError {
                pointer: child("", key),
                key: true,
                message: format!("unknown field `{key}` in {what}"),
                help: did_you_mean(key, known.iter().copied()),
            })
            .collect();
        Ok(Self { map, faults, missing: None })
    }

    /// Remembers a fault of a field.
    pub fn wrong(&mut self, name: &str, message: String, help: Option<String>) {
        self.faults.push(ShapeError { pointer: child("", name), key: false, message, help });
    }

    /// Takes over faults found below this object.
    pub fn extend(&mut self, faults: impl IntoIterator<Item = ShapeError>) {
        self.faults.extend(faults);
    }

    /// True while no fault of this field is known.
    pub fn sound(&self, name: &str) -> bool {
        let pointer = child("", name);
        self.map.contains_key(name) && !self.faults.iter().any(|fault| fault.pointer == pointer)
    }

    /// The value, or `None` if absent.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name)
    }

    fn required(&mut self, name: &str) -> Option<&'a Value> {
        let value = self.map.get(name);
        if value.is_none() {
            self.miss(name);
        }
        value
    }

    fn miss(&mut self, name: &str) {
        let next = self.faults.len();
        let (at, names) = self.missing.get_or_insert_with(|| (next, Vec::new()));
        names.push(format!("`{name}`"));
        let message = match names.as_slice() {
            [name] => format!("field {name} is missing"),
            [names @ .., last] => format!("fields {} and {last} are missing", names.join(", ")),
            [] => return,
        };
        match self.faults.get_mut(*at) {
            Some(fault) => fault.message = message,
            None => self.faults.push(ShapeError::at("", message)),
        }
    }

    fn mismatch(&mut self, name: &str, wanted: &str, found: &Value) {
        self.wrong(name, format!("`{name}` is {}, expected {wanted}", kind(found)), None);
    }

    /// A non-empty string.
    pub fn text(&mut self, name: &str) -> String {
        match self.required(name) {
            Some(Value::String(text)) if text.is_empty() => {
                self.wrong(name, format!("`{name}` is empty"), None);
                String::new()
            }
            Some(Value::String(text)) => text.clone(),
            Some(other) => {
                self.mismatch(name, "a string", other);
                String::new()
            }
            None => String::new(),
        }
    }

    /// A string or null; must be there.
    pub fn nullable_text(&mut self, name: &str) -> Option<String> {
        match self.required(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => {
                self.mismatch(name, "a string or null", other);
                None
            }
        }
    }

    /// A string, null or absent.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.map.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => {
                self.mismatch(name, "a string", other);
                None
            }
        }
    }

    /// A number, null or absent.
    pub fn optional_number(&mut self, name: &str) -> Option<Decimal> {
        match self.map.get(name)? {
            Value::Null => None,
            Value::Number(number) => match Decimal::parse(&number.to_string()) {
                Ok(decimal) => Some(decimal),
                Err(error) => {
                    self.wrong(name, format!("`{name}`: {error}"), None);
                    None
                }
            },
            other => {
                self.mismatch(name, "a number", other);
                None
            }
        }
    }

    /// An object, kept as text.
    pub fn object(&mut self, name: &str) -> Raw {
        match self.required(name) {
            Some(value @ Value::Object(_)) => Raw::of(value),
            Some(other) => {
                self.mismatch(name, "an object", other);
                Raw::null()
            }
            None => Raw::null(),
        }
    }

    /// An array; empty on a fault.
    pub fn array(&mut self, name: &str) -> &'a [Value] {
        match self.required(name) {
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.mismatch(name, "an array", other);
                &[]
            }
            None => &[],
        }
    }

    /// What was read, or every fault.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<ShapeError>> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }
}
