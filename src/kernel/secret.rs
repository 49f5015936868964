//! A value that is shown nowhere: it has no way into text but [`Secret::reveal`], and is scrubbed wherever it might come
//! back.

use std::borrow::Cow;
use std::fmt;

use super::json::Value;

/// A secret and what it is called: `reasoner.api_key`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    name: String,
    value: String,
}

impl Secret {
    /// Keeps a value; none where it is too short to be told from ordinary words.
    pub fn of(name: impl Into<String>, value: impl Into<String>) -> Option<Self> {
        const SHORTEST: usize = 4;
        let secret = Self { name: name.into(), value: value.into() };
        (secret.value.trim().len() >= SHORTEST).then_some(secret)
    }

    /// The value itself, for the one request it is meant for.
    pub fn reveal(&self) -> &str {
        &self.value
    }

    /// A text in which its name stands in its place.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.contains(&self.value) {
            Cow::Owned(text.replace(&self.value, &self.mark()))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// The same in every string and member's name of a value.
    pub fn scrub_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(clean) = self.scrub(text) {
                    *text = clean;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.scrub_value(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.scrub_value(member));
                if members.keys().any(|name| name.contains(&self.value)) {
                    let all = std::mem::take(members).into_iter();
                    *members = all.map(|(name, member)| (self.scrub(&name).into_owned(), member)).collect();
                }
            }
            Value::Number(number) => {
                if number.to_string().contains(&self.value) {
                    *value = Value::from(self.mark());
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn mark(&self) -> String {
        format!("[secret {}]", self.name)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json::read;

    #[test]
    fn it_is_found_wherever_it_stands() {
        let secret = Secret::of("reasoner.api_key", "sk-12345678").unwrap();
        assert_eq!(format!("{secret:?}"), "[secret reasoner.api_key]");
        let text = r#"{"sk-12345678":{"a":["x sk-\u003112345678","b sk-12345678 c"]},"n":1}"#;
        let mut value = read(&text.replace("\\u003112345678", "\\u00312345678")).unwrap().value;
        secret.scrub_value(&mut value);
        let shown = value.to_string();
        assert!(!shown.contains("12345678"), "{shown}");
        assert_eq!(shown.matches("[secret reasoner.api_key]").count(), 3, "{shown}");
    }

    #[test]
    fn what_any_text_holds_is_no_secret() {
        assert_eq!(Secret::of("a", "  x "), None);
    }
}
