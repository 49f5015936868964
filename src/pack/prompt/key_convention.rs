//! The convention of idempotency keys that `# Output` spells out: `order-risk:<order_id>:<action>`.
//!
//! A convention is written as a pattern: parts with `:` between them, one of which at least is, or has in it, a name in
//! `<…>` that stands for any text without a `:`. A prompt spells out patterns of entity keys as well, so a pattern
//! counts by the label before it: one that follows `entity_key` is none, and where one follows `idempotency_key`, those
//! without a label are none either.

use std::fmt;

use super::Section;
use super::faults::Fault;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Span;

mod candidates;

/// How the keys of a pack are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyConvention {
    parts: Vec<KeyPart>,
    /// Where the text spells it out.
    pub span: Span,
}

/// What stands between two `:` of a convention.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct KeyPart {
    /// Fixed text; the whole part where nothing stands for any text.
    pub before: String,
    /// The name of what stands for any text.
    pub any: Option<String>,
    /// Fixed text after it.
    pub after: String,
}

impl KeyPart {
    fn fits(&self, part: &str) -> bool {
        let Some(_) = &self.any else { return part == self.before };
        let inner = part.strip_prefix(&*self.before).and_then(|rest| rest.strip_suffix(&*self.after));
        // With nothing where the name stands, all actions would have one key.
        inner.is_some_and(|inner| !inner.trim().is_empty())
    }
}

impl fmt::Display for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.any {
            Some(name) => write!(f, "{}<{name}>{}", self.before, self.after),
            None => f.write_str(&self.before),
        }
    }
}

/// Why a key does not follow a convention: the first part that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyMismatch {
    /// A part is not what the convention has there.
    #[error("part {number} of the key is `{found}`, the convention has `{wanted}` there")]
    Part {
        /// From 1.
        number: usize,
        /// What the key has.
        found: String,
        /// What the convention has.
        wanted: KeyPart,
    },
    /// The key ends too soon.
    #[error("the key ends before part {number}, `{wanted}`")]
    Missing {
        /// From 1.
        number: usize,
        /// What the convention has.
        wanted: KeyPart,
    },
    /// The key goes on.
    #[error("the key goes on with `{found}` as part {number}, the convention has no more parts")]
    Further {
        /// From 1.
        number: usize,
        /// What the key has.
        found: String,
    },
}

impl KeyConvention {
    /// Its parts, in order; two at least.
    pub fn parts(&self) -> &[KeyPart] {
        &self.parts
    }

    /// Whether a key is made in this way. A key that only begins like it is not.
    pub fn follows(&self, key: &str) -> bool {
        self.mismatch(key).is_none()
    }

    /// The first part of a key that does not fit, if there is one.
    pub fn mismatch(&self, key: &str) -> Option<KeyMismatch> {
        let mut found = key.split(':');
        for (number, wanted) in (1..).zip(&self.parts) {
            let wanted = wanted.clone();
            match found.next() {
                None => return Some(KeyMismatch::Missing { number, wanted }),
                Some(part) if !wanted.fits(part) => {
                    return Some(KeyMismatch::Part { number, found: part.to_owned(), wanted });
                }
                Some(_) => {}
            }
        }
        let number = self.parts.len() + 1;
        found.next().map(|part| KeyMismatch::Further { number, found: part.to_owned() })
    }

    /// Whether both are followed by the same keys: what stands for any text may be called otherwise.
    pub fn has_same_keys(&self, other: &Self) -> bool {
        let shape = |part: &KeyPart| (part.before.clone(), part.any.is_some(), part.after.clone());
        self.parts.iter().map(shape).eq(other.parts.iter().map(shape))
    }
}

impl fmt::Display for KeyConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            write!(f, "{}{part}", if at == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

/// The convention that a section spells out, or why none can be told from it.
pub fn find(text: &str, output: &Section) -> Result<KeyConvention, Fault> {
    let found = candidates::in_section(text, &output.body);
    let labelled = found.iter().any(|candidate| candidate.labelled);
    let mut counting = found.iter().filter(|candidate| candidate.labelled == labelled);
    let Some(first) = counting.next() else {
        return Err((output.heading.clone(), none_found()));
    };
    let Some(parts) = first.parts.clone() else {
        let told = format!("`{}` is not a convention that keys can be held to", shown(text, &first.span));
        let help = "write `:` between any two names in `<…>`, and no part without a text";
        return Err((first.span.clone(), Diagnostic::error(told).help(help)));
    };
    let convention = KeyConvention { parts, span: first.span.clone() };
    let same = |parts: &Option<Vec<KeyPart>>| parts.as_deref() == Some(&convention.parts);
    match counting.find(|candidate| !same(&candidate.parts)) {
        None => Ok(convention),
        Some(other) => {
            let told =
                format!("`# Output` has two patterns of keys: `{convention}` and `{}`", shown(text, &other.span));
            Err((other.span.clone(), Diagnostic::error(told).help(ONE_PATTERN)))
        }
    }
}

const ONE_PATTERN: &str = "write one that fits all keys, after the word `idempotency_key`; an example has no `<…>`, and \
                           the pattern of an entity key stands after `entity_key`";

fn none_found() -> Diagnostic {
    Diagnostic::error("`# Output` does not spell out the convention of idempotency keys").help(
        "write it as parts with `:` between and `<…>` for any text, as in `idempotency_key: order-risk:<order_id>:<action>`",
    )
}

/// Long words are cut: the excerpt has the place.
fn shown(text: &str, span: &Span) -> String {
    super::faults::short(&text[span.clone()])
}
