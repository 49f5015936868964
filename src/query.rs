//! The filter language of every list, of `--where` and of reports: `decision:block tool:order.* value:>100 corr:9f31`.
//!
//! Terms stand side by side and must all hold; `-term` must not; `or` between them begins another choice. `field:value`
//! compares without regard to case, `*` is any run of characters, ids match by their beginning, numbers compare exactly,
//! however they are spelt. A word without a field is looked for anywhere in the record's text.

use std::borrow::Cow;

use crate::kernel::decimal::Decimal;

pub mod fields;
mod parse;
mod record;

pub use parse::QueryError;

/// A field a record may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in a query.
    pub name: &'static str,
    /// One line for completion and help.
    pub doc: &'static str,
    /// True for ids, which match by their beginning.
    pub id: bool,
    /// The only values there are, in lower case; empty when any is possible.
    pub values: &'static [&'static str],
}

impl Field {
    /// A field of text or numbers.
    pub const fn text(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, id: false, values: &[] }
    }

    /// A field of ids, which match by their beginning.
    pub const fn id(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, id: true, values: &[] }
    }

    /// A field with a closed set of values.
    pub const fn one_of(name: &'static str, doc: &'static str, values: &'static [&'static str]) -> Self {
        Self { name, doc, id: false, values }
    }
}

/// What a query is asked of.
pub trait Record {
    /// The fields this kind of record has.
    const FIELDS: &'static [Field];
    /// A field's value: text, or a number's digits; none when the record has none.
    fn field(&self, name: &str) -> Option<Cow<'_, str>>;
    /// True when the (lower-case) text stands anywhere in the record.
    fn contains(&self, text: &str) -> bool;
}

/// A parsed query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What stands between `or`s: one of them has to hold as a whole. Empty where everything is let through.
    choices: Vec<Vec<Term>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Text(String),
    /// `number` is the pattern where it is one: 412.5 is 412.50, in text too.
    Matches {
        field: String,
        id: bool,
        pattern: String,
        number: Option<Decimal>,
    },
    Compares {
        field: String,
        comparison: Comparison,
        number: Decimal,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Query {
    /// Reads a query about one kind of record; an empty one matches everything.
    pub fn parse<R: Record>(text: &str) -> Result<Self, QueryError> {
        parse::choices(text, R::FIELDS).map(|choices| Self { choices })
    }

    /// True when every term of one of the choices holds.
    pub fn matches<R: Record>(&self, record: &R) -> bool {
        self.matches_any(std::slice::from_ref(record))
    }

    /// True when, for one of the choices, one of what belongs together has every term that is asked for, and none has a
    /// negated one.
    pub fn matches_any<R: Record>(&self, records: &[R]) -> bool {
        let holds = |terms: &Vec<Term>| {
            let has_all = |record: &R| terms.iter().all(|term| term.negated || term.test.holds(record));
            let has_none = |term: &Term| !records.iter().any(|record| term.test.holds(record));
            records.iter().any(has_all) && terms.iter().all(|term| !term.negated || has_none(term))
        };
        self.choices.is_empty() || self.choices.iter().any(holds)
    }
}

impl Test {
    fn holds<R: Record>(&self, record: &R) -> bool {
        match self {
            Self::Text(text) => record.contains(text),
            Self::Matches { field, id, pattern, number } => record.field(field).is_some_and(|found| {
                let value = found.to_lowercase();
                if *id && !pattern.contains('*') {
                    return value.starts_with(pattern.as_str());
                }
                like(pattern, &value)
                    || number.as_ref().is_some_and(|number| Decimal::parse(&found).is_ok_and(|value| value == *number))
            }),
            Self::Compares { field, comparison, number } => record
                .field(field)
                .and_then(|value| Decimal::parse(&value).ok())
                .is_some_and(|value| match comparison {
                    Comparison::Less => value < *number,
                    Comparison::AtMost => value <= *number,
                    Comparison::More => value > *number,
                    Comparison::AtLeast => value >= *number,
                }),
        }
    }
}

/// `*` is any run of characters; everything else is itself. Linear in the text for each `*`.
fn like(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let parts: Vec<&str> = rest.split('*').collect();
    let (last, middle) = parts.split_last().unwrap_or((&"", &[]));
    for part in middle {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_is_any_run() {
        for (pattern, text, expected) in [
            ("order.*", "order.hold", true),
            ("*.hold", "order.hold", true),
            ("o*r.*d", "order.hold", true),
            ("order", "order.hold", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("**", "x", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn stars_agree_with_backtracking(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            fn slow(p: &[u8], t: &[u8]) -> bool {
                match p.first() {
                    None => t.is_empty(),
                    Some(b'*') => (0..=t.len()).any(|skip| slow(&p[1..], &t[skip..])),
                    Some(c) => t.first() == Some(c) && slow(&p[1..], &t[1..]),
                }
            }
            prop_assert_eq!(like(&pattern, &text), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
