//! Stand-ins: of the same shape as what they stand for, numbered by first appearance.

use std::collections::{BTreeSet, HashMap};

/// Values and what stands for each.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    /// By the value as text.
    texts: HashMap<String, String>,
    /// Those that are replaced inside of other texts too, by their first characters, longest first.
    inside: HashMap<String, Vec<String>>,
    /// Every stand-in, so that no two values have one.
    taken: BTreeSet<String>,
    /// Members whose values were replaced.
    pub(super) members: BTreeSet<String>,
    /// Forms that were.
    pub(super) forms: BTreeSet<&'static str>,
}

/// Values that are shorter are replaced where they stand alone, not inside of another text.
const INSIDE: usize = 3;

impl StandIns {
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub(super) fn len(&self) -> u64 {
        self.texts.len() as u64
    }

    /// Gives a value a stand-in, if it has none yet.
    pub(super) fn add(&mut self, value: &str) {
        // What says nothing of anybody stays.
        if !value.chars().any(char::is_alphanumeric) || self.texts.contains_key(value) {
            return;
        }
        let mut number = self.texts.len() + 1;
        let mut stand_in = shaped(value, number);
        while self.taken.contains(&stand_in) || stand_in == value {
            number += 1;
            stand_in = shaped(value, number);
        }
        self.taken.insert(stand_in.clone());
        self.texts.insert(value.to_owned(), stand_in);
        if let Some(start) = start(value) {
            let alike = self.inside.entry(start.to_owned()).or_default();
            let at = alike.partition_point(|other| other.len() >= value.len());
            alike.insert(at, value.to_owned());
        }
    }

    /// What stands for a whole value.
    pub(super) fn of(&self, value: &str) -> Option<&str> {
        self.texts.get(value).map(String::as_str)
    }

    /// A text in which every value has its stand-in; none where nothing is replaced.
    pub(super) fn within(&self, text: &str) -> Option<String> {
        if let Some(whole) = self.of(text) {
            return Some(whole.to_owned());
        }
        let (mut out, mut rest, mut changed) = (String::new(), text, false);
        // At each place the longest value that begins and ends there as a word.
        while let Some(c) = rest.chars().next() {
            let before = out.chars().next_back();
            let value = if joins(before, Some(c)) { None } else { self.beginning(rest) };
            if let Some(value) = value {
                out += self.texts.get(value).map_or("", String::as_str);
                rest = &rest[value.len()..];
                changed = true;
            } else {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        changed.then_some(out)
    }

    fn beginning(&self, text: &str) -> Option<&String> {
        self.inside.get(start(text)?)?.iter().find(|value| {
            text.starts_with(value.as_str()) && !joins(value.chars().next_back(), text[value.len()..].chars().next())
        })
    }

    /// JSON lines in which the values of every member have their stand-ins.
    pub(super) fn in_lines(&self, lines: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            match serde_json::from_slice::<crate::review::contents::EarlierKey>(line) {
                Ok(mut earlier) => {
                    earlier.key = self.within(&earlier.key).unwrap_or(earlier.key);
                    out.extend(serde_json::to_vec(&earlier).unwrap_or_default());
                    out.push(b'\n');
                }
                Err(_) => out.extend_from_slice(line),
            }
        }
        out
    }
}

/// The first characters of a text; none of one that is too short to be replaced inside of others.
fn start(text: &str) -> Option<&str> {
    let (last, c) = text.char_indices().nth(INSIDE - 1)?;
    Some(&text[..last + c.len_utf8()])
}

/// True where two characters belong to one word.
fn joins(a: Option<char>, b: Option<char>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.is_alphanumeric() && b.is_alphanumeric())
}

/// The same length, letters for letters and digits for digits, the number in the last places that are either. Of an
/// address the part before the `@` has the number. What can be a number stays one: it does not begin with a zero.
fn shaped(value: &str, number: usize) -> String {
    let digits = number.to_string();
    let end = value.rfind('@').filter(|at| *at > 0).unwrap_or(value.len());
    let places = value[..end].chars().filter(|c| c.is_alphanumeric()).count();
    let mut place = 0;
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        if !c.is_alphanumeric() {
            out.push(c);
            continue;
        }
        place += 1;
        match places.checked_sub(place).and_then(|behind| digits.len().checked_sub(behind + 1)) {
            // A value of two letters may need more places than it has.
            Some(index) if at < end && place == 1 => out += &digits[..=index],
            Some(index) if at < end => out += &digits[index..=index],
            _ => out.push(blank(c)),
        }
    }
    let numeric = value.chars().all(|c| c.is_ascii_digit() || ".-".contains(c));
    let leads = out.find(|c: char| c.is_ascii_digit()).filter(|_| numeric && places > 1);
    if let Some(at) = leads.filter(|at| out[*at..].starts_with('0')) {
        out.replace_range(at..=at, "9");
    }
    out
}

fn blank(c: char) -> char {
    if c.is_numeric() {
        '0'
    } else if c.is_uppercase() {
        'X'
    } else {
        'x'
    }
}

#[cfg(test)]
mod tests {
    use super::{StandIns, shaped};

    #[test]
    fn a_stand_in_has_the_shape_of_its_value() {
        for (value, number, stand_in) in [
            ("Jane Doe", 3, "Xxxx Xx3"),
            ("jane@acme.io", 12, "xx12@xxxx.xx"),
            ("+44 20 7946", 1, "+00 00 0001"),
            ("4111", 2, "9002"),
            ("12.50", 7, "90.07"),
            ("Al", 123, "123"),
            ("7", 4, "4"),
        ] {
            assert_eq!(shaped(value, number), stand_in, "{value}");
        }
    }

    #[test]
    fn the_same_value_has_the_same_one_everywhere() {
        let mut stand_ins = StandIns::default();
        for value in ["Jane Doe", "Jane", "Jane Doe", "X1", "Al"] {
            stand_ins.add(value);
        }
        assert_eq!(stand_ins.len(), 4);
        assert_eq!(stand_ins.within("for Jane Doe and Jane, not Janet").unwrap(), "for Xxxx Xx1 and Xxx2, not Janet");
        assert_eq!(stand_ins.within("nobody"), None);
        let all: std::collections::BTreeSet<_> =
            ["Jane Doe", "Jane", "X1", "Al"].iter().map(|value| stand_ins.of(value)).collect();
        assert_eq!(all.len(), 4);
    }
}
