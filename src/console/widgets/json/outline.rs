//! Where each value of a JSON text begins and what it is part of, found in one pass and kept in sixteen bytes a value.
//!
//! It reads text that is known to be JSON; of any other it shows what can be made out, and never fails.

use crate::console::theme::Role;
use crate::console::widgets::Span;

/// A JSON text and its values, in the order in which they begin.
#[derive(Debug, Default)]
pub struct Outline {
    text: String,
    values: Vec<Value>,
}

#[derive(Debug, Clone, Copy)]
struct Value {
    /// Byte where it begins; of a field, where its key does.
    at: u32,
    /// What it is in; of an outermost one, itself.
    parent: u32,
    /// How many values are in it, at any depth.
    below: u32,
    /// How many are in it directly.
    count: u32,
}

/// One line: a value and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line(u32);

/// What of a value stands on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Whole,
    Open,
    Close,
    Folded,
}

/// Values of one text, and bytes of it; the rest is not shown.
const MOST: u32 = u32::MAX >> 2;
/// Longest text or number shown, in bytes; no line of a terminal is longer.
const LONGEST: usize = 4_096;

impl Line {
    fn of(value: u32, piece: Piece) -> Self {
        Self(value << 2 | piece as u32)
    }

    /// Which value, by its number.
    pub fn value(self) -> u32 {
        self.0 >> 2
    }

    fn piece(self) -> Piece {
        match self.0 & 3 {
            0 => Piece::Whole,
            1 => Piece::Open,
            2 => Piece::Close,
            _ => Piece::Folded,
        }
    }
}

/// What a text is read into.
#[derive(Debug, Default)]
struct Reader {
    values: Vec<Value>,
    /// What is not closed yet, and whether its values have keys.
    open: Vec<(u32, bool)>,
    /// Where the key of the value that comes next begins.
    key: Option<usize>,
}

impl Reader {
    fn value(&mut self, start: usize) -> u32 {
        let own = number(self.values.len());
        let parent = self.open.last().map_or(own, |(parent, _)| *parent);
        let at = number(self.key.take().unwrap_or(start));
        self.values.push(Value { at, parent, below: 0, count: 0 });
        if parent != own {
            self.values[parent as usize].count += 1;
        }
        own
    }

    fn close(&mut self) {
        self.key = None;
        if let Some((closed, _)) = self.open.pop() {
            self.values[closed as usize].below = number(self.values.len()) - closed - 1;
        }
    }

    fn read(mut self, bytes: &[u8]) -> Vec<Value> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let start = at;
            match byte {
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
                b'}' | b']' => {
                    at += 1;
                    self.close();
                }
                b'{' | b'[' => {
                    at += 1;
                    let own = self.value(start);
                    self.open.push((own, *byte == b'{'));
                }
                b'"' => {
                    at = end_of_text(bytes, at);
                    if self.key.is_none() && self.open.last().is_some_and(|(_, fields)| *fields) {
                        self.key = Some(start);
                    } else {
                        self.value(start);
                    }
                }
                _ => {
                    at = end_of_word(bytes, at);
                    self.value(start);
                }
            }
        }
        // What was never closed goes on to the end.
        while !self.open.is_empty() {
            self.close();
        }
        self.values
    }
}

impl Outline {
    /// Reads a text.
    pub fn of(text: String) -> Self {
        let reader = Reader { values: Vec::with_capacity(text.len() / 16), ..Reader::default() };
        let values = reader.read(&text.as_bytes()[..text.len().min(MOST as usize)]);
        Self { text, values }
    }

    /// The lines, with those values open of which `shows` says so by their number and depth.
    pub fn lines(&self, shows: impl Fn(u32, usize) -> bool) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        let end = number(self.values.len());
        let mut at = 0;
        while at < end {
            let value = self.values[at as usize];
            let next = at + 1 + value.below;
            if value.count == 0 {
                lines.push(Line::of(at, Piece::Whole));
                at = next;
            } else if shows(at, open.len()) {
                lines.push(Line::of(at, Piece::Open));
                open.push(at);
                at += 1;
            } else {
                lines.push(Line::of(at, Piece::Folded));
                at = next;
            }
            while let Some(last) = open.pop_if(|last| *last + 1 + self.values[*last as usize].below == at) {
                lines.push(Line::of(last, Piece::Close));
            }
        }
        lines
    }

    /// The value that a line folds with: the innermost that has something in it.
    pub fn folds_with(&self, line: Line) -> Option<u32> {
        let value = self.values.get(line.value() as usize)?;
        match line.piece() {
            Piece::Whole => (value.parent != line.value()).then_some(value.parent),
            _ => Some(line.value()),
        }
    }

    /// Numbers that ascend from line to line, whatever is folded.
    pub fn order(&self, line: Line) -> u64 {
        let below = self.values.get(line.value() as usize).map_or(0, |value| value.below);
        match line.piece() {
            Piece::Close => u64::from(line.value() + below) * 2 + 1,
            Piece::Whole | Piece::Open | Piece::Folded => Self::order_of(line.value()),
        }
    }

    /// The number of the line on which a value begins.
    pub fn order_of(value: u32) -> u64 {
        u64::from(value) * 2
    }

    /// The value that begins on the line of that number.
    pub fn value_at(order: u64) -> u32 {
        u32::try_from(order / 2).unwrap_or(MOST)
    }

    /// What a value is in, each with its own depth, the innermost first.
    pub fn around(&self, value: u32) -> Vec<(u32, usize)> {
        let mut around = Vec::new();
        let mut at = value;
        while let Some(parent) = self.values.get(at as usize).map(|value| value.parent).filter(|parent| *parent != at) {
            around.push(parent);
            at = parent;
        }
        let depth = around.len();
        around.into_iter().enumerate().map(|(step, value)| (value, depth - 1 - step)).collect()
    }

    /// The values in whose key or text `words` stand, in order; without capitals, whatever the case of ASCII letters.
    pub fn with(&self, words: &str) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        let mut at = 0;
        while let Some(place) = position(&self.text, words, at) {
            let after = self.values.partition_point(|value| (value.at as usize) <= place);
            if let Some(value) = after.checked_sub(1).map(number).filter(|value| found.last() != Some(value)) {
                found.push(value);
            }
            at = place + words.len();
        }
        found
    }

    /// A line, keys in `muted`, text in `text`, numbers in `data`.
    pub fn spans(&self, line: Line) -> Vec<Span> {
        let Some(value) = self.values.get(line.value() as usize) else { return Vec::new() };
        let depth = self.around(line.value()).len();
        let mut spans = vec![Span::new("  ".repeat(depth), Role::Faint)];
        let (key, start) = self.parts(line.value());
        if let Some(key) = key.filter(|_| line.piece() != Piece::Close) {
            spans.push(Span::new(shortened(key), Role::Muted));
            spans.push(Span::new(": ", Role::Faint));
        }
        let list = self.text.as_bytes().get(start) == Some(&b'[');
        let (open, close, what) = if list { ("[", "]", "item") } else { ("{", "}", "field") };
        spans.push(match line.piece() {
            Piece::Open => Span::new(open, Role::Faint),
            Piece::Close => Span::new(close, Role::Faint),
            Piece::Folded => {
                let s = if value.count == 1 { "" } else { "s" };
                Span::new(format!("{open} {} {what}{s} {close}", value.count), Role::Muted)
            }
            Piece::Whole => self.leaf(start),
        });
        if line.piece() != Piece::Open && !self.is_last(line.value()) {
            spans.push(Span::new(",", Role::Faint));
        }
        spans
    }

    fn leaf(&self, start: usize) -> Span {
        let bytes = self.text.as_bytes();
        match bytes.get(start) {
            Some(b'"') => Span::new(shortened(&self.text[start..end_of_text(bytes, start)]), Role::Text),
            Some(b'{') => Span::new("{}", Role::Faint),
            Some(b'[') => Span::new("[]", Role::Faint),
            Some(b'n') => Span::new("null", Role::Faint),
            Some(_) => Span::new(shortened(&self.text[start..end_of_word(bytes, start)]), Role::Data),
            None => Span::new("", Role::Faint),
        }
    }

    /// The key of a field, and where its value begins.
    fn parts(&self, value: u32) -> (Option<&str>, usize) {
        let Value { at, parent, .. } = self.values[value as usize];
        let (at, bytes) = (at as usize, self.text.as_bytes());
        if parent == value || bytes.get(at) != Some(&b'"') {
            return (None, at);
        }
        let end = end_of_text(bytes, at);
        let rest = bytes.get(end..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
        // A text that is no key has no colon after it.
        if rest.get(blanks) != Some(&b':') {
            return (None, at);
        }
        let more = rest[blanks + 1..].iter().take_while(|byte| is_blank(**byte)).count();
        (Some(&self.text[at..end]), end + blanks + 1 + more)
    }

    fn is_last(&self, value: u32) -> bool {
        let Value { parent, below, .. } = self.values[value as usize];
        parent == value || value + below == parent + self.values[parent as usize].below
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(MOST)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Where a quoted text ends, its quotes included.
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where a number or a name ends.
fn end_of_word(bytes: &[u8], start: usize) -> usize {
    let goes_on = |byte: &&u8| !is_blank(**byte) && !matches!(byte, b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']');
    start + bytes[start..].iter().take_while(goes_on).count().max(1)
}

/// At most so much of a text as a line can show.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Where `words` stand in a text from a byte on; without capitals, whatever the case of ASCII letters.
pub fn position(text: &str, words: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..).filter(|_| !words.is_empty())?;
    if words.contains(char::is_uppercase) {
        return rest.find(words).map(|at| from + at);
    }
    let (bytes, words) = (rest.as_bytes(), words.as_bytes());
    let (low, high) = (words[0].to_ascii_lowercase(), words[0].to_ascii_uppercase());
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == low || *byte == high)?;
        if bytes.get(at..at + words.len())?.eq_ignore_ascii_case(words) {
            return Some(from + at);
        }
        at += 1;
    }
}
