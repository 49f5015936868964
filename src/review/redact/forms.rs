//! Forms that tell a person or a secret wherever they stand: addresses of e-mail, numbers of phones, cards, accounts and
//! persons, tokens, and what stands behind the name of a secret. A form that ids, dates and amounts have too is none.

mod numbers;
mod secrets;

use std::ops::Range;

/// The names of the forms, as a review says them.
pub(super) const EMAIL: &str = "e-mail address";
pub(super) const PHONE: &str = "phone number";
pub(super) const CARD: &str = "card number";
pub(super) const ACCOUNT: &str = "account number";
pub(super) const IDENTITY: &str = "identity number";
pub(super) const NETWORK: &str = "network address";
pub(super) const TOKEN: &str = "token or key";

/// A part of a text, and the form it has.
type Found = (Range<usize>, &'static str);

/// Where such forms stand in a text, in order, without overlap.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    // What says most goes first: of two that overlap the earlier one stays.
    for (range, form) in secrets::named(text).chain(emails(text)).chain(secrets::tokens(text)).chain(numbers::all(text))
    {
        if !found.iter().any(|(other, _)| other.start < range.end && range.start < other.end) {
            found.push((range, form));
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// The longest runs of characters that belong together.
fn words(text: &str, belongs: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let (mut found, mut start) = (Vec::new(), None);
    for (at, c) in text.char_indices() {
        match (belongs(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| from..text.len()));
    found
}

/// The same range without some characters at its ends.
fn trimmed(text: &str, range: &Range<usize>, ends: impl Fn(char) -> bool) -> Range<usize> {
    let inside = &text[range.clone()];
    let kept = inside.trim_matches(&ends);
    let start = range.start + (inside.len() - inside.trim_start_matches(&ends).len());
    start..start + kept.len()
}

fn emails(text: &str) -> impl Iterator<Item = Found> {
    words(text, |c| c.is_alphanumeric() || "._%+-@".contains(c)).into_iter().filter_map(|word| {
        let range = trimmed(text, &word, |c| ".-+%".contains(c));
        is_email(&text[range.clone()]).then_some((range, EMAIL))
    })
}

fn is_email(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else { return false };
    let labels: Vec<_> = domain.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let top = labels.last().is_some_and(|top| top.chars().count() >= 2 && top.chars().all(char::is_alphabetic));
    !local.is_empty() && labels.len() >= 2 && labels.iter().all(is_label) && top
}

#[cfg(test)]
mod tests;
