//! Reading authored objects, collecting faults with the word in the source that each is about.
//!
//! A member that is there must be a value of its type; only one that is absent has its default.

use std::collections::BTreeMap;

use crate::kernel::crossed;
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::json::{Map, Value};

/// So many faults of a definition are told; the others are counted.
pub const TOLD: usize = 20;

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
#[derive(Debug)]
pub struct Faults {
    told: Vec<Fault>,
    more: usize,
    /// How many entries a list of the definition may have; a longer one is a fault by itself.
    pub longest: u64,
}

impl Faults {
    /// None yet, for a definition whose lists have so many entries at most.
    pub fn within(longest: u64) -> Self {
        Self { told: Vec::new(), more: 0, longest }
    }

    /// Remembers one.
    pub fn add(&mut self, message: impl Into<String>, word: Option<&str>, help: Option<String>) {
        self.add_at(message, word, 0, help);
    }

    /// Remembers one about a later occurrence of the word.
    pub fn add_at(&mut self, message: impl Into<String>, word: Option<&str>, occurrence: usize, help: Option<String>) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let diagnostic = Diagnostic { help, ..Diagnostic::error(message) };
        self.told.push(Fault { diagnostic, word: word.map(str::to_owned), occurrence });
    }

    /// True when further faults are only counted: no work is worth doing for their words.
    pub fn is_full(&self) -> bool {
        self.told.len() >= TOLD
    }

    /// True when nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The faults, the last of them saying how many more there are.
    pub fn into_told(mut self) -> Vec<Fault> {
        if self.more > 0 {
            let diagnostic = Diagnostic::error(format!("{} more", self.more));
            self.told.push(Fault { diagnostic, word: None, occurrence: 0 });
        }
        self.told
    }
}

/// How often each field stands in the source before an object.
pub type Earlier = BTreeMap<String, usize>;

/// One authored object.
pub struct Reader<'a> {
    map: &'a Map<String, Value>,
    what: String,
    earlier: Option<&'a Earlier>,
}

impl<'a> Reader<'a> {
    /// Starts on an object; names every field that is not in `known`.
    pub fn of(value: &'a Value, what: &str, known: &[&str], faults: &mut Faults) -> Option<Self> {
        Self::after(None, value, what, known, faults)
    }

    /// The same, where fields of the same names stand before it in the source.
    pub fn after(
        earlier: Option<&'a Earlier>,
        value: &'a Value,
        what: &str,
        known: &[&str],
        faults: &mut Faults,
    ) -> Option<Self> {
        let (Value::Object(map), None) = (value, crossed::misfit(value)) else {
            faults.add(format!("{what} is {}, expected an object", crossed::kind(value)), None, None);
            return None;
        };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let help = if faults.is_full() { None } else { did_you_mean(key, known.iter().copied()) };
            faults.add(format!("unknown field `{key}` in {what}"), Some(key), help);
        }
        Some(Self { map, what: what.to_owned(), earlier })
    }

    /// The value of a field that is there, whatever it is.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name)
    }

    /// The first of the names that is there, `id` or `name`.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| self.get(name).is_some())
    }

    /// Says that a field is not what it should be.
    pub fn mismatch(&self, name: &str, wanted: &str, found: &Value, faults: &mut Faults) {
        self.wrong(name, &crossed::kind(found), wanted, faults);
    }

    fn wrong(&self, name: &str, found: &str, wanted: &str, faults: &mut Faults) {
        let occurrence = self.earlier.and_then(|earlier| earlier.get(name)).copied().unwrap_or(0);
        let message = format!("`{name}` of {} is {found}, expected {wanted}", self.what);
        faults.add_at(message, Some(name), occurrence, None);
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

    /// A string, where null says as well that there is none: the wire form writes it.
    pub fn nullable_text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        self.get(name).filter(|value| !value.is_null()).and_then(|_| self.text(name, faults))
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

    /// Says that a field that is there is no function.
    pub fn function(&self, name: &str, faults: &mut Faults) -> bool {
        match self.get(name) {
            None => false,
            Some(found) if crossed::is_function(found) => true,
            Some(other) => {
                self.mismatch(name, "a function", other, faults);
                true
            }
        }
    }

    /// A list of strings, empty where absent.
    pub fn texts(&self, name: &str, faults: &mut Faults) -> Vec<String> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let what = format!("`{name}` of {}", self.what);
        let Some(items) = list(value, &what, "an array of strings", name, faults) else { return Vec::new() };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text.clone()),
                other => {
                    let message =
                        format!("`{name}[{index}]` of {} is {}, expected a string", self.what, crossed::kind(other));
                    faults.add(message, Some(name), None);
                }
            }
        }
        texts
    }
}

/// The entries of a list that is not too long.
pub fn list<'a>(value: &'a Value, what: &str, wanted: &str, word: &str, faults: &mut Faults) -> Option<&'a [Value]> {
    match (value, crossed::length(value)) {
        (_, Some(length)) if length > faults.longest => too_long(what, length, word, faults),
        (Value::Array(items), _) => return Some(items),
        _ => faults.add(format!("{what} is {}, expected {wanted}", crossed::kind(value)), Some(word), None),
    }
    None
}

/// Says that there is more than a definition may hold.
pub fn too_long(what: &str, length: u64, word: &str, faults: &mut Faults) {
    faults.add(format!("{what} has {length} entries, the limit is {}", faults.longest), Some(word), None);
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
