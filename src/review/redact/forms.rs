//! Forms that tell a person or a secret wherever they stand: addresses of e-mail, phone numbers, card numbers, tokens.

use std::ops::Range;

/// The names of the forms, as a review says them.
pub(super) const EMAIL: &str = "e-mail address";
pub(super) const PHONE: &str = "phone number";
pub(super) const CARD: &str = "card number";
pub(super) const TOKEN: &str = "token or key";

/// What a key or token of a well-known service begins with.
const PREFIXES: [&str; 14] = [
    "sk_",
    "pk_",
    "rk_",
    "sk-",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "eyJ",
];

/// Where such forms stand in a text, in order, without overlap.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for word in words(text, |c| c.is_alphanumeric() || "._%+-@".contains(c)) {
        let inside = &text[word.clone()];
        let trimmed = inside.trim_matches(|c: char| ".-+%".contains(c));
        let start = word.start + inside.find(trimmed).unwrap_or(0);
        if is_email(trimmed) {
            found.push((start..start + trimmed.len(), EMAIL));
        }
    }
    for word in words(text, |c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
        if is_token(&text[word.clone()]) {
            add(&mut found, word, TOKEN);
        }
    }
    for run in words(text, |c| c.is_ascii_digit() || "+()-. ".contains(c)) {
        let inside = &text[run.clone()];
        let trimmed = inside.trim_matches(|c: char| "). -".contains(c)).trim_end_matches(['(', '+']);
        let start = run.start + inside.find(trimmed).unwrap_or(0);
        let range = start..start + trimmed.len();
        let joined = |at: Option<char>| at.is_some_and(|c| c.is_alphanumeric() || "_:/".contains(c));
        // A group of an id is none by itself.
        let behind = text[..range.start].trim_end_matches(['-', '.']).chars().next_back();
        let ahead = text[range.end..].trim_start_matches(['-', '.']).chars().next();
        if joined(behind) || joined(ahead) {
            continue;
        }
        if is_card(trimmed) {
            add(&mut found, range, CARD);
        } else if is_phone(trimmed) {
            add(&mut found, range, PHONE);
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

fn add(found: &mut Vec<(Range<usize>, &'static str)>, range: Range<usize>, form: &'static str) {
    if !found.iter().any(|(other, _)| other.start < range.end && range.start < other.end) {
        found.push((range, form));
    }
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

fn is_email(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else { return false };
    let labels: Vec<_> = domain.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let top = labels.last().is_some_and(|top| top.chars().count() >= 2 && top.chars().all(char::is_alphabetic));
    !local.is_empty() && labels.len() >= 2 && labels.iter().all(is_label) && top
}

/// Digits in the groups that people write: with a `+`, or with at least two separators, and no date or amount.
fn is_phone(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let groups: Vec<_> = word.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let is_date = groups.len() == 3 && groups[0].len() == 4 && groups[1].len() == 2 && groups[2].len() == 2;
    let is_version =
        word.contains('.') && !word.contains(['-', ' ', '(']) && groups.iter().all(|group| group.len() < 3);
    match word.strip_prefix('+') {
        Some(_) => (7..=15).contains(&digits),
        None => (9..=15).contains(&digits) && groups.len() >= 3 && !is_date && !is_version,
    }
}

/// Twelve to nineteen digits whose last one checks the others (Luhn), in groups or none.
fn is_card(word: &str) -> bool {
    let digits: Vec<u32> = word.chars().filter_map(|c| c.to_digit(10)).collect();
    let only = word.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    only && (13..=19).contains(&digits.len()) && sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

fn is_token(word: &str) -> bool {
    let known = PREFIXES.iter().any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 12));
    // Long, of all kinds of characters, and no sentence: an id of hexadecimal groups is none.
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    known || (word.len() >= 32 && mixed && !word.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(text: &str) -> Vec<(&str, &str)> {
        find(text).into_iter().map(|(range, form)| (&text[range], form)).collect()
    }

    #[test]
    fn each_form_is_found_where_it_stands() {
        assert_eq!(forms("write to <jane.doe+x@acme.co.uk>."), [("jane.doe+x@acme.co.uk", EMAIL)]);
        assert_eq!(
            forms("call +44 20 7946 0958, or (555) 010-9999"),
            [("+44 20 7946 0958", PHONE), ("(555) 010-9999", PHONE)]
        );
        assert_eq!(forms("card 4111 1111 1111 1111"), [("4111 1111 1111 1111", CARD)]);
        assert_eq!(forms("sk_live_4eC39HqLyjWDarjtT1zdp7dc"), [("sk_live_4eC39HqLyjWDarjtT1zdp7dc", TOKEN)]);
        assert_eq!(forms("customer:jane@acme.io"), [("jane@acme.io", EMAIL)]);
    }

    #[test]
    fn what_only_looks_alike_is_left() {
        for text in [
            "2026-07-04",
            "2026-01-01T00:00:00Z",
            "SO-10884",
            "412.50",
            "4c91630e-1629-5481-8351-a57cf8702047",
            "9f31c4d8-2b7e-4a55-8d20-1f0a9e3b6c77",
            "order.created",
            "hold:SO-10884:2026-07-04",
            "4111111111111112",
            "a@b",
            "@acme.io",
            "1.10.200",
        ] {
            assert_eq!(forms(text), [], "{text}");
        }
    }
}
