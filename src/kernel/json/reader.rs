//! The strict reader (RFC 8259): one pass, bounded depth, numbers kept as written.

use std::borrow::Cow;

use super::{Document, Map, Number, SyntaxError, Value, push_child};

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: usize = 128;

/// Reads exactly one JSON value; only white space may follow it.
pub fn read(text: &str) -> Result<Document, SyntaxError> {
    let mut reader = Reader { text, at: 0, depth: 0, path: String::new(), duplicates: Vec::new() };
    reader.space();
    let value = reader.value()?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.error("something follows the JSON value"));
    }
    Ok(Document { value, duplicates: reader.duplicates })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    path: String,
    duplicates: Vec<String>,
}

impl<'a> Reader<'a> {
    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { message: message.into(), offset: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn found(&self) -> String {
        self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or_else(
            || "the end of the text".to_owned(),
            |c| if c.is_control() { format!("`{}`", c.escape_default()) } else { format!("`{c}`") },
        )
    }

    fn value(&mut self) -> Result<Value, SyntaxError> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::String(self.string()?.into_owned())),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.error(format!("expected a JSON value, found {}", self.found()))),
        }
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Value, SyntaxError>) -> Result<Value, SyntaxError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        let value = inner(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value, SyntaxError> {
        let mut map = Map::new();
        if self.closes(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.error(format!("expected a key in double quotes, found {}", self.found())));
            }
            let key = self.string()?;
            self.space();
            if !self.closes(b':') {
                return Err(self.error(format!("expected `:` after the key, found {}", self.found())));
            }
            self.space();
            let parent = self.path.len();
            push_child(&mut self.path, &key);
            let value = self.value()?;
            if map.insert(key.into_owned(), value).is_some() {
                self.duplicates.push(self.path.clone());
            }
            self.path.truncate(parent);
            if self.ends(b'}')? {
                return Ok(Value::Object(map));
            }
        }
    }

    fn array(&mut self) -> Result<Value, SyntaxError> {
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            let parent = self.path.len();
            self.path.push('/');
            self.path.push_str(&items.len().to_string());
            items.push(self.value()?);
            self.path.truncate(parent);
            if self.ends(b']')? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn closes(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.at += usize::from(here);
        here
    }

    /// After a member: true at the closing byte, false after a comma.
    fn ends(&mut self, close: u8) -> Result<bool, SyntaxError> {
        self.space();
        if self.closes(close) {
            return Ok(true);
        }
        if !self.closes(b',') {
            return Err(self.error(format!("expected `,` or `{}`, found {}", close as char, self.found())));
        }
        self.space();
        if self.peek() == Some(close) {
            return Err(self.error(format!("a comma stands before `{}`", close as char)));
        }
        Ok(false)
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, SyntaxError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.error(format!("expected a JSON value, found {}", self.found())))
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error(format!("expected a digit, found {}", self.found())));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        self.closes(b'-');
        if self.peek() == Some(b'0') {
            self.at += 1;
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.error("a number starts with a needless zero"));
            }
        } else {
            self.digits()?;
        }
        if self.closes(b'.') {
            self.digits()?;
        }
        if self.closes(b'e') || self.closes(b'E') {
            if !self.closes(b'+') {
                self.closes(b'-');
            }
            self.digits()?;
        }
        Ok(Value::Number(Number::from_string_unchecked(self.text[start..self.at].to_owned())))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut run = start;
        loop {
            match self.peek() {
                None => return Err(self.error("a string is not closed")),
                Some(b'"') => {
                    let tail = &self.text[run..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(tail),
                        Some(head) => Cow::Owned(head + tail),
                    });
                }
                Some(b'\\') => {
                    let mut text = owned.take().unwrap_or_default();
                    text.push_str(&self.text[run..self.at]);
                    self.at += 1;
                    text.push(self.escape()?);
                    run = self.at;
                    owned = Some(text);
                }
                Some(0..=0x1f) => {
                    return Err(self.error("a control character stands in a string; write it as an escape"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let c = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.error(format!("unknown escape {}", self.found()))),
        };
        self.at += 1;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.hex4()?;
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).ok_or_else(|| self.error("not a character"));
            }
            return Err(self.error("half of a surrogate pair stands alone"));
        }
        char::from_u32(first).ok_or_else(|| self.error("half of a surrogate pair stands alone"))
    }

    fn hex4(&mut self) -> Result<u32, SyntaxError> {
        let code = self
            .text
            .get(self.at..self.at + 4)
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .ok_or_else(|| self.error("expected four hexadecimal digits after `\\u`"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::json::Raw;

    #[test]
    fn digits_stay_as_written() {
        for text in ["9007199254740993", "1.10", "1E400", "-0.0", "0.1e-7", "123456789012345678901234567890"] {
            assert_eq!(Raw::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_key_given_twice_is_noticed_and_the_last_wins() {
        let document = read(r#"{"a":{"b~/":1,"b~/":2},"c":[{"d":1,"d":3}]}"#).unwrap();
        assert_eq!(document.duplicates, ["/a/b~0~1", "/c/0/d"]);
        assert_eq!(document.value["c"][0]["d"].to_string(), "3");
    }

    #[test]
    fn an_object_that_looks_like_a_private_number_stays_an_object() {
        let text = r#"{"$serde_json::private::Number":"not digits"}"#;
        assert_eq!(Raw::parse(text).unwrap().as_str(), text);
    }

    #[test]
    fn hostile_texts_are_refused_with_a_place() {
        for (text, offset) in [
            ("", 0),
            ("{", 1),
            ("{\"a\" 1}", 5),
            ("[1,]", 3),
            ("01", 1),
            ("1.", 2),
            ("\"\u{1}\"", 1),
            ("nul", 0),
            ("\"\\ud800\"", 7),
            ("\"\\u12\"", 3),
            ("{} x", 3),
            ("'a'", 0),
            ("-", 1),
            ("\"open", 5),
        ] {
            assert_eq!(read(text).unwrap_err().offset, offset, "{text:?}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(&deep).unwrap_err().message.contains("deeper"));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|n| Value::Number(n.into())),
            ".*".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec((".*", inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in any_json()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(&read(&pretty).unwrap().value, &value);
        }

        #[test]
        fn it_agrees_with_serde_json_on_what_is_json(text in r#"[\[\]{}:,"\\0-9eE+.\-truefalsn u]{0,24}"#) {
            prop_assert_eq!(read(&text).is_ok(), serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = read(&text);
        }
    }
}
