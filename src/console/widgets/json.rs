//! JSON as coloured lines. Only the lines asked for are built, however long the value.

use std::collections::BTreeSet;

use crate::kernel::json::Value;

use super::Span;
use crate::console::theme::Role;

/// Which object or array of a document, the same however the rest is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u64);

impl Node {
    /// The value that is the `index`th part of a document.
    pub fn part(index: usize) -> Self {
        Self(0).child(index)
    }

    /// The `index`th of what is in it.
    fn child(self, index: usize) -> Self {
        // A path is mixed into one number; that two of a document coincide is unlikely, and would fold both.
        let mixed = (self.0 ^ (index as u64 + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(mixed ^ (mixed >> 29))
    }
}

/// What is shown open: all down to a depth, but for those that were turned over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds {
    /// How deep values are shown open by themselves.
    pub open: usize,
    turned: BTreeSet<Node>,
}

impl Folds {
    /// Open down to that depth.
    pub fn to(open: usize) -> Self {
        Self { open, turned: BTreeSet::new() }
    }

    /// Shows a value folded that was open, or the other way round.
    pub fn turn(&mut self, node: Node) {
        if !self.turned.remove(&node) {
            self.turned.insert(node);
        }
    }

    fn shows(&self, node: Node, depth: usize) -> bool {
        (depth < self.open) != self.turned.contains(&node)
    }
}

/// A window on a stream of lines: those before it are counted, those in it kept, and nothing is built of the rest.
#[derive(Debug)]
pub struct Lines {
    skip: usize,
    take: usize,
    seen: usize,
    kept: Vec<Vec<Span>>,
    nodes: Vec<Option<Node>>,
}

impl Lines {
    /// The lines from `skip`, at most `take`.
    pub fn window(skip: usize, take: usize) -> Self {
        Self { skip, take, seen: 0, kept: Vec::new(), nodes: Vec::new() }
    }

    /// Counts all and keeps none.
    pub fn counting() -> Self {
        Self::window(usize::MAX, 0)
    }

    /// One more line.
    pub fn line(&mut self, build: impl FnOnce() -> Vec<Span>) {
        self.line_of(None, build);
    }

    /// One more line, which folds with a value.
    fn line_of(&mut self, node: Option<Node>, build: impl FnOnce() -> Vec<Span>) {
        if self.seen >= self.skip && self.kept.len() < self.take {
            self.kept.push(build());
            self.nodes.push(node);
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

    /// The value each line kept folds with: the innermost it is part of.
    pub fn nodes(self) -> Vec<Option<Node>> {
        self.nodes
    }
}

/// Writes a value as lines, keys in `muted`, text in `text`, numbers in `data`; what is folded is one line.
pub fn json(lines: &mut Lines, value: &Value, root: Node, folds: &Folds) {
    emit(lines, value, &Place { depth: 0, folds, node: root, within: None, key: None, comma: false });
}

#[derive(Clone, Copy)]
struct Place<'a> {
    depth: usize,
    folds: &'a Folds,
    node: Node,
    within: Option<Node>,
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
}

fn emit(lines: &mut Lines, value: &Value, place: &Place<'_>) {
    let node = Some(place.node);
    let shown = place.folds.shows(place.node, place.depth);
    match value {
        Value::Object(map) if !map.is_empty() && !shown => {
            lines.line_of(node, || place.spans(folded("{", map.len(), "field", "}")));
        }
        Value::Array(items) if !items.is_empty() && !shown => {
            lines.line_of(node, || place.spans(folded("[", items.len(), "item", "]")));
        }
        Value::Object(map) if !map.is_empty() => {
            let children = map.iter().map(|(key, child)| (Some(key.as_str()), child));
            emit_all(lines, children, map.len(), place, ("{", "}"));
        }
        Value::Array(items) if !items.is_empty() => {
            emit_all(lines, items.iter().map(|child| (None, child)), items.len(), place, ("[", "]"));
        }
        leaf => lines.line_of(place.within, || place.spans(scalar(leaf))),
    }
}

fn emit_all<'v>(
    lines: &mut Lines,
    children: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
    count: usize,
    place: &Place<'_>,
    (open, close): (&'static str, &'static str),
) {
    let node = Some(place.node);
    lines.line_of(node, || Place { comma: false, ..*place }.spans(Span::new(open, Role::Faint)));
    for (at, (key, child)) in children.enumerate() {
        if lines.done() {
            return;
        }
        let depth = place.depth + 1;
        let below = Place { depth, node: place.node.child(at), within: node, key, comma: at + 1 < count, ..*place };
        emit(lines, child, &below);
    }
    lines.line_of(node, || Place { key: None, ..*place }.spans(Span::new(close, Role::Faint)));
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
        let open = Folds::to(9);
        let mut all = Lines::window(0, 99);
        json(&mut all, &value, Node::part(0), &open);
        let mut counted = Lines::counting();
        json(&mut counted, &value, Node::part(0), &open);
        assert_eq!(counted.seen(), all.seen());
        let all = text(all);
        assert_eq!(all[8], r#"  "n": 9007199254740993,"#);
        let mut part = Lines::window(3, 2);
        json(&mut part, &value, Node::part(0), &open);
        assert_eq!(text(part), all[3..5]);
    }

    #[test]
    fn one_value_folds_and_the_rest_stays() {
        let value = read(r#"{"a":[1,{"b":{"c":2}}],"d":{"b":{"c":2}}}"#).unwrap().value;
        let mut folds = Folds::to(9);
        let shown = |folds: &Folds| {
            let mut all = Lines::window(0, 99);
            json(&mut all, &value, Node::part(0), folds);
            text(all)
        };
        let before = shown(&folds);
        let mut line = Lines::window(4, 1);
        json(&mut line, &value, Node::part(0), &folds);
        let node = line.nodes()[0].unwrap();
        folds.turn(node);
        let after = shown(&folds);
        assert_eq!(after[4], r#"      "b": { 1 field }"#);
        assert_eq!(after[5..], before[7..]);
        folds.turn(node);
        assert_eq!(shown(&folds), before);
    }
}
