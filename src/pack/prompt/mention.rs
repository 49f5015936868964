//! Whether a text has a name as a word of its own.

use crate::kernel::json::Span;

/// The first place at which the name stands alone: not as a part of a longer name, but a full stop may follow.
pub fn first(text: &str, name: &str) -> Option<Span> {
    let alone = |at: usize| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + name.len()..].chars();
        let ends = match after.next() {
            Some('.') => !after.next().is_some_and(continues),
            next => !next.is_some_and(continues),
        };
        ends && !before.is_some_and(|c| continues(c) || c == '.')
    };
    let found = text.match_indices(name).map(|(at, _)| at).filter(|_| !name.is_empty()).find(|at| alone(*at))?;
    Some(found..found + name.len())
}

fn continues(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}
