//! Where a review is not what follows from the rest of it: the part, the line and the first field.

use serde::Serialize;

use crate::kernel::json::{Value, child, read};

/// One place that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The part of the review.
    pub part: String,
    /// The line in it, from 1; null where it is about the whole part.
    pub line: Option<u64>,
    /// JSON pointer to the first field; null where it is about the whole line.
    pub field: Option<String>,
    /// What is wrong there.
    pub message: String,
}

impl Difference {
    /// About a part as a whole.
    pub fn of(part: &str, message: impl Into<String>) -> Self {
        Self { part: part.to_owned(), line: None, field: None, message: message.into() }
    }

    /// About one line of it.
    pub fn at(part: &str, line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::of(part, message) }
    }

    /// Where it is, in one phrase.
    pub fn place(&self) -> String {
        let mut place = self.part.clone();
        if let Some(line) = self.line {
            place += &format!(" line {line}");
        }
        if let Some(field) = &self.field {
            place += &format!(" {field}");
        }
        place
    }
}

/// The longest value that is told whole, in characters.
const SHOWN: usize = 120;

/// Compares a line with what it should be; none where they are the same. `other` names where the second comes from.
pub fn of_lines(part: &str, line: u64, found: &str, expected: &str, other: &str) -> Option<Difference> {
    if found == expected {
        return None;
    }
    let (Ok(left), Ok(right)) = (read(found), read(expected)) else {
        return Some(Difference::at(part, line, "the line is no JSON, or not as it is written"));
    };
    let Some((pointer, left, right)) = first(String::new(), &left.value, &right.value) else {
        return Some(Difference::at(part, line, "the line has the same values, written otherwise"));
    };
    let message = format!("is {}, and {other} it is {}", told(left), told(right));
    Some(Difference { field: Some(pointer), ..Difference::at(part, line, message) })
}

fn told(value: Option<&Value>) -> String {
    let Some(value) = value else { return "not there".to_owned() };
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return format!("`{text}`");
    }
    format!("`{}…`", text.chars().take(SHOWN).collect::<String>())
}

type Found<'a> = (String, Option<&'a Value>, Option<&'a Value>);

/// The first place where two values differ, in the order in which the first has its members.
pub fn first<'a>(pointer: String, left: &'a Value, right: &'a Value) -> Option<Found<'a>> {
    if left == right {
        return None;
    }
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                match b.get(key) {
                    Some(other) => {
                        if let Some(found) = first(child(&pointer, key), value, other) {
                            return Some(found);
                        }
                    }
                    None => return Some((child(&pointer, key), Some(value), None)),
                }
            }
            let (key, other) = b.iter().find(|(key, _)| !a.contains_key(*key))?;
            Some((child(&pointer, key), None, Some(other)))
        }
        (Value::Array(a), Value::Array(b)) => {
            let both = a.iter().zip(b).enumerate();
            for (index, (value, other)) in both {
                if let Some(found) = first(format!("{pointer}/{index}"), value, other) {
                    return Some(found);
                }
            }
            let index = a.len().min(b.len());
            Some((format!("{pointer}/{index}"), a.get(index), b.get(index)))
        }
        _ => Some((pointer, Some(left), Some(right))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_field_that_differs_is_named() {
        let of = |a: &str, b: &str| of_lines("p", 3, a, b, "elsewhere").map(|found| (found.field, found.message));
        let at = |field: &str, message: &str| Some((Some(field.to_owned()), message.to_owned()));
        assert_eq!(of("{}", "{}"), None);
        assert_eq!(
            of(r#"{"a":{"b/c":[1,2]}}"#, r#"{"a":{"b/c":[1,3]}}"#),
            at("/a/b~1c/1", "is `2`, and elsewhere it is `3`")
        );
        assert_eq!(of(r#"{"a":1}"#, "{}"), at("/a", "is `1`, and elsewhere it is not there"));
        assert_eq!(of("[1]", "[1,2]"), at("/1", "is not there, and elsewhere it is `2`"));
        assert_eq!(
            of(r#"{"a":1}"#, r#"{"a": 1}"#),
            Some((None, "the line has the same values, written otherwise".to_owned()))
        );
        assert!(of("{", "{}").unwrap().1.contains("no JSON"));
        assert_eq!(of("1.0", "1.00").unwrap().1, "is `1.0`, and elsewhere it is `1.00`", "digits count");
    }
}
