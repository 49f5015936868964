//! JSON as coloured lines. Only the lines asked for are built, however long the value.

use crate::kernel::json::Value;

use super::Span;
use crate::console::theme::Role;

/// A window on a stream of lines: those before it are counted, those in it kept, and nothing is built of the rest.
#[derive(Debug)]
pub struct Lines {
    skip: usize,
    take: usize,
    seen: usize,
    kept: Vec<Vec<Span>>,
}

impl Lines {
    /// The lines from `skip`, at most `take`.
    pub fn window(skip: usize, take: usize) -> Self {
        Self { skip, take, seen: 0, kept: Vec::new() }
    }

    /// Counts all and keeps none.
    pub fn counting() -> Self {
        Self::window(usize::MAX, 0)
    }

    /// One more line.
    pub fn line(&mut self, build: impl FnOnce() -> Vec<Span>) {
        if self.seen >= self.skip && self.kept.len() < self.take {
            self.kept.push(build());
        }
        self.seen += 1;
    }

    /// True when no further line would be kept or counted.
    fn done(&self) -> bool {
        self.take > 0 && self.kept.len() >= self.take
    }

    /// How many lines there were.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// The lines kept.
    pub fn kept(self) -> Vec<Vec<Span>> {
        self.kept
    }
}

/// Writes a value as lines, keys in `muted`, text in `text`, numbers in `data`; what is nested deeper than `open` is
/// folded to one line.
pub fn json(lines: &mut Lines, value: &Value, open: usize) {
    emit(lines, value, &Place { depth: 0, open, key: None, comma: false });
}

struct Place<'a> {
    depth: usize,
    open: usize,
    key: Option<&'a str>,
    comma: bool,
}

impl Place<'_> {
    fn spans(&self, middle: Span) -> Vec<Span> {
        let mut spans = vec![Span::new("  ".repeat(self.depth), Role::Faint)];
        if let Some(key) = self.key {
            spans.push(Span::new(quoted(key), Role::Muted));
            spans.push(Span::new(": ", Role::Faint));
        }
        spans.push(middle);
        if self.comma {
            spans.push(Span::new(",", Role::Faint));
        }
        spans
    }

    fn close(&self, bracket: &str) -> Vec<Span> {
        Place { key: None, ..*self }.spans(Span::new(bracket, Role::Faint))
    }
}

fn emit(lines: &mut Lines, value: &Value, place: &Place<'_>) {
    let open = Place { comma: false, ..*place };
    match value {
        Value::Object(map) if !map.is_empty() && place.depth >= place.open => {
            lines.line(|| place.spans(folded("{", map.len(), "field", "}")));
        }
        Value::Array(items) if !items.is_empty() && place.depth >= place.open => {
            lines.line(|| place.spans(folded("[", items.len(), "item", "]")));
        }
        Value::Object(map) if !map.is_empty() => {
            lines.line(|| open.spans(Span::new("{", Role::Faint)));
            for (at, (key, child)) in map.iter().enumerate() {
                emit_child(lines, child, place, Some(key), at + 1 < map.len());
            }
            lines.line(|| place.close("}"));
        }
        Value::Array(items) if !items.is_empty() => {
            lines.line(|| open.spans(Span::new("[", Role::Faint)));
            for (at, child) in items.iter().enumerate() {
                emit_child(lines, child, place, None, at + 1 < items.len());
            }
            lines.line(|| place.close("]"));
        }
        leaf => lines.line(|| place.spans(scalar(leaf))),
    }
}

fn emit_child(lines: &mut Lines, child: &Value, parent: &Place<'_>, key: Option<&str>, comma: bool) {
    if !lines.done() {
        emit(lines, child, &Place { depth: parent.depth + 1, open: parent.open, key, comma });
    }
}

fn folded(open: &str, count: usize, what: &str, close: &str) -> Span {
    let s = if count == 1 { "" } else { "s" };
    Span::new(format!("{open} {count} {what}{s} {close}"), Role::Muted)
}

fn scalar(value: &Value) -> Span {
    match value {
        Value::String(text) => Span::new(quoted(text), Role::Text),
        Value::Number(number) => Span::new(number.to_string(), Role::Data),
        Value::Bool(truth) => Span::new(truth.to_string(), Role::Data),
        Value::Null => Span::new("null", Role::Faint),
        Value::Object(_) => Span::new("{}", Role::Faint),
        Value::Array(_) => Span::new("[]", Role::Faint),
    }
}

/// Longest text quoted whole, in bytes; no line of a terminal is longer.
const LONGEST: usize = 4096;

fn quoted(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    serde_json::to_string(&text[..end]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json::read;

    fn text(lines: Lines) -> Vec<String> {
        lines.kept().iter().map(|spans| spans.iter().map(|span| span.text.as_str()).collect()).collect()
    }

    #[test]
    fn a_window_shows_what_the_whole_does() {
        let value = read(r#"{"a":[1,{"b":"x"},[]],"n":9007199254740993,"z":null}"#).unwrap().value;
        let mut all = Lines::window(0, 99);
        json(&mut all, &value, 9);
        let mut counted = Lines::counting();
        json(&mut counted, &value, 9);
        assert_eq!(counted.seen(), all.seen());
        let all = text(all);
        assert_eq!(all[8], r#"  "n": 9007199254740993,"#);
        let mut part = Lines::window(3, 2);
        json(&mut part, &value, 9);
        assert_eq!(text(part), all[3..5]);
    }
}
