//! What could stand at the cursor: names of fields, and of a field the values that were seen, the most frequent first.

use std::collections::HashMap;

use crate::console::model::Model;
use crate::console::present::row_query::RowRecord;
use crate::console::screens::live::Live;
use crate::console::theme::Role;
use crate::console::widgets::Span;
use crate::console::widgets::text_input::TextInput;
use crate::query::Record as _;

/// Rows looked at for values, the newest.
const REACH: usize = 2_000;
/// Things offered.
const MOST: usize = 12;

/// What was offered, and which of it stands in the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offers {
    words: Vec<String>,
    chosen: usize,
    from: usize,
}

impl Offers {
    /// The line has changed: offer anew.
    pub fn forget(&mut self) {
        self.words.clear();
    }

    /// Puts the next offer in the line.
    pub fn next(&mut self, line: &mut TextInput, live: &Live, model: &Model, back: bool) {
        if self.words.is_empty() {
            let (before, _) = line.parts();
            (self.from, self.words) = offers(before, live, model);
            self.chosen = if back { self.words.len().saturating_sub(1) } else { 0 };
        } else {
            let step = if back { self.words.len() - 1 } else { 1 };
            self.chosen = (self.chosen + step) % self.words.len();
        }
        if let Some(offer) = self.words.get(self.chosen) {
            line.replace(self.from, offer);
        }
        if self.words.len() == 1 {
            self.forget();
        }
    }

    /// What is offered, as a line; none when nothing is.
    pub fn spans(&self) -> Option<Vec<Span>> {
        let span = |(at, offer): (usize, &String)| {
            let chosen = at == self.chosen;
            let text = format!("{offer}  ");
            if chosen { Span::bold(text, Role::Accent) } else { Span::new(text, Role::Muted) }
        };
        // The chosen one must show, however many come before it.
        let first = self.chosen.saturating_sub(3);
        (!self.words.is_empty()).then(|| self.words.iter().enumerate().skip(first).map(span).collect())
    }
}

/// True when the last word is the beginning of a value that its field can have.
pub fn begins_a_value(text: &str) -> bool {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let Some((name, beginning)) = word.trim_start_matches('-').split_once(':') else { return false };
    let beginning = beginning.to_lowercase();
    let field = RowRecord::FIELDS.iter().find(|field| field.name == name);
    field.is_some_and(|field| field.values.iter().any(|value| value.starts_with(&beginning)))
}

fn offers(before: &str, live: &Live, model: &Model) -> (usize, Vec<String>) {
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in before.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => start = at + c.len_utf8(),
            _ => {}
        }
    }
    start += usize::from(before[start..].starts_with('-'));
    let word = &before[start..];
    if let Some((field, value)) = word.split_once(':') {
        return (start + field.len() + 1, values(live, model, field, value.trim_start_matches('"')));
    }
    let names = RowRecord::FIELDS.iter().map(|field| field.name).filter(|name| name.starts_with(word));
    (start, names.map(|name| format!("{name}{}", if name == "payload" { "." } else { ":" })).collect())
}

fn values(live: &Live, model: &Model, field: &str, beginning: &str) -> Vec<String> {
    let beginning = beginning.to_lowercase();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for row in model.rows(live.focus().list()).iter().rev().take(REACH) {
        let record = RowRecord::new(model, *row);
        let Some(value) = record.field(field) else { continue };
        if value.to_lowercase().starts_with(&beginning) && !value.contains(['"', '\n']) {
            *seen.entry(value.into_owned()).or_default() += 1;
        }
    }
    // A closed value may be what something came to that stands in another list.
    let closed = RowRecord::FIELDS.iter().find(|known| known.name == field).map_or(&[][..], |known| known.values);
    for value in closed.iter().filter(|value| value.starts_with(&beginning)) {
        if !seen.keys().any(|known| known.eq_ignore_ascii_case(value)) {
            seen.insert((*value).to_owned(), 0);
        }
    }
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    let quoted = |value: String| if value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value };
    seen.into_iter().take(MOST).map(|(value, _)| quoted(value)).collect()
}
