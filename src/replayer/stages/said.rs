//! Small facts of a stage, each with its name.

use crate::kernel::plan::Amount;
use crate::kernel::receipt::Receipt;

/// A name and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The field, or the part of the state.
    pub name: &'static str,
    /// Its value, as it was recorded.
    pub text: String,
}

impl Said {
    /// One.
    pub fn new(name: &'static str, text: String) -> Self {
        Self { name, text }
    }
}

pub(super) fn text(name: &'static str, text: &str) -> Said {
    Said::new(name, text.to_owned())
}

pub(super) fn or_none(text: Option<&str>) -> &str {
    text.unwrap_or("none")
}

pub(super) fn amount(value: Option<&Amount>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.number.to_string())
}

/// A digest as people say it.
pub(super) fn short(digest: Option<&str>) -> String {
    digest.map_or_else(|| "none".to_owned(), |digest| digest.chars().take(4).collect())
}

/// Who has a key, with what is known of it.
pub(super) fn holder_of_key(id: &str, claimer: Option<&Receipt>, of: &Receipt) -> String {
    match claimer {
        Some(claimer) if claimer.id == id && claimer.tool != of.tool => format!("claimed by {id}, {}", claimer.tool),
        _ => format!("claimed by {id}"),
    }
}
