//! Reading authored objects leniently, collecting every fault with the word in the source that it is about.

use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::json::{Map, Value, kind};

/// A fault, and the word by which to find it in the author's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What was wrong.
    pub diagnostic: Diagnostic,
    /// A name or a quoted text of the source.
    pub word: Option<String>,
    /// Which occurrence of the word is at fault, from 0.
    pub occurrence: usize,
}

/// All that was wrong so far.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Remembers one.
    pub fn add(&mut self, message: impl Into<String>, word: Option<&str>, help: Option<String>) {
        self.add_at(message, word, 0, help);
    }

    /// Remembers one about a later occurrence of the word.
    pub fn add_at(&mut self, message: impl Into<String>, word: Option<&str>, occurrence: usize, help: Option<String>) {
        let diagnostic = Diagnostic { help, ..Diagnostic::error(message) };
        self.0.push(Fault { diagnostic, word: word.map(str::to_owned), occurrence });
    }
}

/// One authored object.
pub struct Reader<'a> {
    map: &'a Map<String, Value>,
    what: String,
}

impl<'a> Reader<'a> {
    /// Starts on an object; names every field that is not in `known`.
    pub fn of(value: &'a Value, what: &str, known: &[&str], faults: &mut Faults) -> Option<Self> {
        let Value::Object(map) = value else {
            faults.add(format!("{what} is {}, expected an object", kind(value)), None, None);
            return None;
        };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            faults.add(format!("unknown field `{key}` in {what}"), Some(key), did_you_mean(key, known.iter().copied()));
        }
        Some(Self { map, what: what.to_owned() })
    }

    /// The value, when there is one.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// The first of the names that is there, `id` or `name`.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.get(name).is_some())
    }

    fn mismatch(&self, name: &str, wanted: &str, found: &Value, faults: &mut Faults) {
        faults.add(format!("`{name}` of {} is {}, expected {wanted}", self.what, kind(found)), Some(name), None);
    }

    /// A string, when there is one.
    pub fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        match self.get(name)? {
            Value::String(text) => Some(text.clone()),
            other => {
                self.mismatch(name, "a string", other, faults);
                None
            }
        }
    }

    /// A string that must be there and not empty.
    pub fn required(&self, name: &str, faults: &mut Faults) -> String {
        if self.get(name).is_none() {
            faults.add(format!("field `{name}` of {} is missing", self.what), None, None);
        }
        let text = self.text(name, faults).unwrap_or_default();
        if text.is_empty() && matches!(self.get(name), Some(Value::String(_))) {
            faults.add(format!("`{name}` of {} is empty", self.what), Some(name), None);
        }
        text
    }

    /// A boolean, false where absent.
    pub fn flag(&self, name: &str, faults: &mut Faults) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.mismatch(name, "true or false", other, faults);
                false
            }
        }
    }

    /// A list of strings, empty where absent.
    pub fn texts(&self, name: &str, faults: &mut Faults) -> Vec<String> {
        let items = match self.get(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => {
                self.mismatch(name, "an array of strings", other, faults);
                return Vec::new();
            }
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Value::String(text) => texts.push(text.clone()),
                other => self.mismatch(name, "an array of strings", other, faults),
            }
        }
        texts
    }
}

/// Lowercase letters, digits and single hyphens, starting with a letter.
pub fn is_slug(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The slug nearest to a text, for a suggestion.
pub fn slug_of(text: &str) -> Option<String> {
    let mut slug = String::new();
    for c in text.trim().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-').to_owned();
    is_slug(&slug).then_some(slug)
}

/// Checks a slug, with a suggestion.
pub fn check_slug(text: &str, name: &str, faults: &mut Faults) {
    if !text.is_empty() && !is_slug(text) {
        let help = slug_of(text).map(|slug| format!("use lowercase letters, digits and hyphens, as in `{slug}`"));
        faults.add(format!("`{name}` is not a lowercase slug: `{text}`"), Some(text), help);
    }
}
