//! From a pointer back into the source: only errors need it, so it re-reads the text instead of keeping spans.

use super::Span;

/// A place in a text, 1-based, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The position of a byte offset.
pub fn position(text: &str, offset: usize) -> Position {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(before[start..].chars().count() + 1).unwrap_or(u32::MAX),
    }
}

/// The span of the value at a JSON pointer, in a text that is valid JSON; with `key`, of its key instead.
/// Of a key given twice, the last one. `None` when nothing stands there.
pub fn locate(text: &str, pointer: &str, key: bool) -> Option<Span> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    let mut key_span = None;
    for segment in pointer.split('/').skip(1) {
        let wanted = segment.replace("~1", "/").replace("~0", "~");
        key_span = Some(scan.enter(text, &wanted)?);
    }
    if key {
        return key_span.flatten();
    }
    let start = scan.at;
    scan.skip_value()?;
    Some(start..scan.at)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Moves to the wanted member; gives the span of its key, if it has one.
    #[expect(clippy::option_option, reason = "nothing there is not the same as an element without a key")]
    fn enter(&mut self, text: &str, wanted: &str) -> Option<Option<Span>> {
        let open = *self.bytes.get(self.at)?;
        self.at += 1;
        let mut found = None;
        let mut index = 0_usize;
        loop {
            self.space();
            if matches!(self.bytes.get(self.at)?, b'}' | b']') {
                break;
            }
            let key_start = self.at;
            let (here, key_span) = match open {
                b'{' => {
                    self.skip_string()?;
                    let span = key_start..self.at;
                    let name = super::read(text.get(span.clone())?).ok()?.value;
                    self.space();
                    self.at += 1;
                    self.space();
                    (name.as_str() == Some(wanted), Some(span))
                }
                b'[' => (wanted.parse() == Ok(index), None),
                _ => return None,
            };
            if here {
                found = Some((self.at, key_span));
            }
            self.skip_value()?;
            self.space();
            if self.bytes.get(self.at) == Some(&b',') {
                self.at += 1;
            }
            index += 1;
        }
        let (at, span) = found?;
        self.at = at;
        Some(span)
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    while !matches!(
                        self.bytes.get(self.at),
                        None | Some(b',' | b':' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')
                    ) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_value_and_its_key() {
        let text = "{\"a\": [1, {\"b/c\": \"x\"}],\n \"é\": -2.5e3}";
        assert_eq!(&text[locate(text, "/a/1/b~1c", false).unwrap()], "\"x\"");
        assert_eq!(&text[locate(text, "/a/1/b~1c", true).unwrap()], "\"b/c\"");
        assert_eq!(&text[locate(text, "/é", false).unwrap()], "-2.5e3");
        assert_eq!(locate(text, "/a/7", false), None);
        assert_eq!(&text[locate(text, "", false).unwrap()], text);
    }

    #[test]
    fn of_a_key_given_twice_the_last_is_found() {
        let text = r#"{"a":1,"a":22}"#;
        assert_eq!(&text[locate(text, "/a", false).unwrap()], "22");
    }

    #[test]
    fn positions_count_characters_and_survive_any_offset() {
        let text = "é\nab";
        assert_eq!(position(text, 4), Position { line: 2, column: 2 });
        assert_eq!(position(text, 1), Position { line: 1, column: 1 });
        assert_eq!(position(text, 99).line, 2);
    }
}
