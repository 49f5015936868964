//! From YAML events to a small tree with byte spans. What a policy has no use for is refused by name here: anchors,
//! aliases, tags, merge keys, more than one document, deep nesting.

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use super::{Faults, MAX_DEPTH, words};
use crate::kernel::json::Span;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) line: u32,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    /// A scalar; `plain` when it is written without quotes.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    /// Keys and values, in order.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// Its text, when it is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    start: usize,
    line: u32,
    is_map: bool,
    children: Vec<Node>,
}

/// The one document of a text; `None` when it is empty, or cannot be read.
pub(super) fn parse(text: &str, faults: &mut Faults<'_>) -> Option<Node> {
    let offsets = Offsets::of(text);
    let mut builder = Builder { text, offsets, open: Vec::new(), root: None, documents: 0, faults };
    let body = &text[builder.offsets.skipped..];
    for event in Parser::new_from_str(body) {
        match event {
            Ok((event, marks)) => {
                if !builder.take(event, marks) {
                    return None;
                }
            }
            Err(error) => {
                let at = builder.offsets.byte(error.marker().index());
                builder.broken(at, error.info());
                return None;
            }
        }
    }
    builder.root
}

struct Builder<'a, 'f> {
    text: &'a str,
    offsets: Offsets,
    open: Vec<Open>,
    root: Option<Node>,
    documents: u32,
    faults: &'a mut Faults<'f>,
}

impl Builder<'_, '_> {
    /// Takes one event; false when reading should stop.
    fn take(&mut self, event: Event<'_>, marks: Marks) -> bool {
        let start = self.offsets.byte(marks.start.index());
        let end = self.offsets.byte(marks.end.index()).max(start);
        // Behind a quote or a bracket the parser takes blanks along.
        let span = start..start + self.text.get(start..end).map_or(end - start, |word| word.trim_end().len());
        let line = u32::try_from(marks.start.line()).unwrap_or(u32::MAX);
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let help = "keep one list of rules in a file; `---` starts another document";
                    self.faults.add(&span, "a policy file is one document", help);
                    return false;
                }
            }
            Event::Alias(_) => {
                self.faults.add(&span, "aliases are not supported in a policy", "write the value out");
                self.close(Node { span, line, value: null() });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_extras(&span, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain;
                self.close(Node { span, line, value: Value::Scalar { text: text.into_owned(), plain } });
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if self.open.len() >= MAX_DEPTH => {
                self.faults.add(&span, format!("nested deeper than {MAX_DEPTH} levels"), words::EXAMPLE);
                return false;
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_extras(&span, anchor, tag.is_some());
                self.open.push(Open { start, line, is_map: false, children: Vec::new() });
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_extras(&span, anchor, tag.is_some());
                self.open.push(Open { start, line, is_map: true, children: Vec::new() });
            }
            Event::SequenceEnd | Event::MappingEnd => self.shut(&span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        true
    }

    fn refuse_extras(&mut self, span: &Span, anchor: usize, tagged: bool) {
        if anchor > 0 {
            self.faults.add(span, "anchors are not supported in a policy", "write the value out where it is needed");
        }
        if tagged {
            self.faults.add(span, "tags are not supported in a policy", "take the `!…` out");
        }
    }

    /// A list or mapping ends: a flow one at its bracket, a block one with its last child.
    fn shut(&mut self, end: &Span) {
        let Some(open) = self.open.pop() else { return };
        let last = open.children.last().map_or(open.start, |child| child.span.end);
        let bracket = matches!(self.text.as_bytes().get(end.start), Some(b'}' | b']')) && !end.is_empty();
        let span = open.start..if bracket { end.end } else { last }.max(open.start);
        let value = if open.is_map {
            let mut pairs = Vec::new();
            let mut children = open.children.into_iter();
            while let (Some(key), Some(mut value)) = (children.next(), children.next()) {
                if value.span.is_empty() {
                    value.span = key.span.clone();
                }
                pairs.push((key, value));
            }
            Value::Map(pairs)
        } else {
            Value::List(open.children)
        };
        self.close(Node { span, line: open.line, value });
    }

    /// A finished node goes to whatever is open, or is the document.
    fn close(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.root = Some(node),
        }
    }

    fn broken(&mut self, at: usize, info: &str) {
        let line_end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        let help = if info.contains("tab") || self.text[at..].starts_with('\t') {
            "indent with spaces, not with tabs"
        } else if info.contains("anchor") {
            "aliases are not supported in a policy; write the value out"
        } else {
            words::EXAMPLE
        };
        self.faults.add(&(at..line_end), format!("not YAML: {info}"), help);
    }
}

fn null() -> Value {
    Value::Scalar { text: String::new(), plain: true }
}

/// From the parser's character indices to bytes of the text.
struct Offsets {
    /// Empty when every character is one byte.
    bytes: Vec<usize>,
    /// A byte order mark before the first character.
    skipped: usize,
    end: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let body = &text[skipped..];
        let bytes =
            if body.is_ascii() { Vec::new() } else { body.char_indices().map(|(at, _)| skipped + at).collect() };
        Self { bytes, skipped, end: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            return (character + self.skipped).min(self.end);
        }
        self.bytes.get(character).copied().unwrap_or(self.end)
    }
}
