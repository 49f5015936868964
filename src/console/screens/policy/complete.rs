//! What could stand where the cursor is: keys of a rule, tools, connectors, decisions. It offers; it never writes.

use std::ops::Range;

use super::draft::Draft;
use crate::console::editor::syntax::{Kind, tokens};
use crate::console::model::Catalogue;

/// Things that could be written, one of them selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// The bytes of the text they would stand in place of.
    pub range: Range<usize>,
    /// The things, and what each is.
    pub all: Vec<(String, &'static str)>,
    /// The selected one.
    pub at: usize,
}

/// Offers shown at once.
const MOST: usize = 8;
const KEYS: [(&str, &str); 4] = [
    ("tool", "what it speaks of"),
    ("connector", "only there"),
    ("maxValue", "a ceiling"),
    ("decision", "what it says"),
];
const DECISIONS: [(&str, &str); 3] =
    [("ALLOW", "it may"), ("ALERT", "it may, and a person hears"), ("BLOCK", "it may not")];

/// What is offered at the cursor; nothing where the word is complete already.
pub fn offers(draft: &Draft, catalogue: &Catalogue) -> Option<Offers> {
    let (line, at) = draft.editor.place();
    let body = draft.editor.text().line(line);
    let before = &body[..at];
    let start = before.rfind([' ', '\t', '{', ',', '[']).map_or(0, |at| at + 1);
    let typed = &before[start..];
    let tokens = tokens(before);
    let in_comment = tokens.last().is_some_and(|token| token.kind == Kind::Comment);
    let inside = body[at..].chars().next().is_some_and(|c| !c.is_whitespace() && !matches!(c, ',' | '}' | ']'));
    if in_comment || inside {
        return None;
    }
    let key = tokens.iter().rev().find_map(|token| match (&before[token.range.clone()], token.kind) {
        ("{" | ",", Kind::Mark) => Some(""),
        (key, Kind::Key) => Some(key),
        _ => None,
    });
    let all: Vec<(String, &'static str)> = match key.unwrap_or_default() {
        "tool" => {
            let loaded = catalogue.tools(None);
            let known =
                draft.vocabulary().iter().filter(|name| !loaded.contains(name)).map(|name| (name.to_owned(), ""));
            loaded.iter().map(|name| ((*name).to_owned(), "loaded")).chain(known).collect()
        }
        "connector" => catalogue.connectors().map(|name| (name.to_owned(), "loaded")).collect(),
        "decision" => DECISIONS.map(|(word, what)| (word.to_owned(), what)).to_vec(),
        "" => KEYS.map(|(word, what)| (format!("{word}: "), what)).to_vec(),
        _ => return None,
    };
    let wanted = typed.to_lowercase();
    let mut all: Vec<_> = all.into_iter().filter(|(word, _)| word.to_lowercase().starts_with(&wanted)).collect();
    all.truncate(MOST);
    let complete = all.len() == 1 && all[0].0.trim_end() == typed || all.iter().any(|(word, _)| word == typed);
    let from = draft.editor.text().start(line);
    (!all.is_empty() && !complete).then(|| Offers { range: from + start..from + at, all, at: 0 })
}
