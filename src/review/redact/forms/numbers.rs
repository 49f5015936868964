//! Numbers that tell a person: those of phones, cards, bank accounts and persons, told from numbers of orders and goods by
//! their digits that check the others, or by the groups that people write them in.

use super::{ACCOUNT, CARD, Found, IDENTITY, NETWORK, PHONE, trimmed, words};

/// Whatever a text holds of them.
pub(super) fn all(text: &str) -> impl Iterator<Item = Found> {
    accounts(text).into_iter().chain(grouped(text))
}

/// Numbers whose digits may stand in groups.
fn grouped(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for run in words(text, |c| c.is_ascii_digit() || "+()-. /".contains(c)) {
        let range = trimmed(text, &run, |c| "). -/".contains(c));
        let range = range.start..range.start + text[range.clone()].trim_end_matches(['(', '+']).len();
        let joined = |at: Option<char>| at.is_some_and(|c| c.is_alphanumeric() || "_:".contains(c));
        // A group of an id is none by itself, nor is a part of a path.
        let behind = text[..range.start].trim_end_matches(['-', '.', '/']).chars().next_back();
        // A plus begins a number whatever it is called by.
        let behind = behind.filter(|c| *c != ':' || !text[range.clone()].starts_with('+'));
        let ahead = text[range.end..].trim_start_matches(['-', '.', '/']).chars().next();
        if joined(behind) || joined(ahead) {
            continue;
        }
        if let Some(form) = form_of(&text[range.clone()]) {
            found.push((range, form));
        }
    }
    found
}

fn form_of(number: &str) -> Option<&'static str> {
    if is_card(number) {
        Some(CARD)
    } else if is_identity(number) {
        Some(IDENTITY)
    } else if is_network(number) {
        Some(NETWORK)
    } else {
        is_phone(number).then_some(PHONE)
    }
}

fn groups(number: &str) -> Vec<&str> {
    number.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect()
}

/// As people write them: with a `+`; with the zero or the parenthesis of an area; or in groups of three, three and four, or
/// of twos and threes with blanks between. Groups of other sizes are those of orders, goods and books.
fn is_phone(number: &str) -> bool {
    let groups = groups(number);
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let sizes: Vec<_> = groups.iter().map(|group| group.len()).collect();
    if number.starts_with('+') {
        return (7..=15).contains(&digits) && !number.contains('/');
    }
    if !(9..=15).contains(&digits) {
        return false;
    }
    if let Some((area, _)) = number.split_once('/') {
        return area.starts_with('0') && (3..=5).contains(&area.len()) && number.matches('/').count() == 1;
    }
    let of_an_area = (number.starts_with('0') && !number.starts_with("000") || number.starts_with('('))
        && groups.len() >= 2
        && (2..=5).contains(&sizes[0])
        && !number.contains('.');
    let american = matches!(&*sizes, [3, 3, 4]) || (matches!(&*sizes, [1, 3, 3, 4]) && groups[0] == "1");
    let in_pairs = sizes.len() >= 4
        && digits <= 11
        && sizes.iter().all(|size| matches!(size, 2 | 3))
        && sizes.ends_with(&[2, 2])
        && number.chars().all(|c| c.is_ascii_digit() || c == ' ');
    of_an_area || american || in_pairs
}

/// Digits that an issuer of cards gives out, the last of which checks the others (Luhn), in groups or none.
fn is_card(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let only = number.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-');
    let first = |count: usize| digits.iter().take(count).fold(0, |sum, digit| sum * 10 + digit);
    let issued = match digits.len() {
        14 => matches!(first(2), 30 | 36 | 38 | 39),
        15 => matches!(first(2), 34 | 37),
        16 => {
            first(1) == 4
                || matches!(first(2), 35 | 51..=55 | 62 | 65)
                || (2221..=2720).contains(&first(4))
                || (644..=649).contains(&first(3))
                || first(4) == 6011
        }
        19 => first(1) == 4 || first(2) == 62 || first(4) == 6011,
        _ => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    only && issued && sum.is_multiple_of(10)
}

/// A number of the American social security (3-2-4 with hyphens), or of the Brazilian register with its two check digits.
fn is_identity(number: &str) -> bool {
    let shape: String = number.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    match &*shape {
        "000-00-0000" => !number.starts_with("000") && !number.starts_with('9'),
        "000.000.000-00" => {
            let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
            let check = |count: u32| {
                let sum: u32 = digits.iter().zip(0..count).map(|(digit, at)| digit * (count + 1 - at)).sum();
                sum * 10 % 11 % 10
            };
            check(9) == digits[9] && check(10) == digits[10]
        }
        _ => false,
    }
}

/// Four groups of a byte each, one of three digits at least: a version has smaller ones.
fn is_network(number: &str) -> bool {
    let groups: Vec<_> = number.split('.').collect();
    groups.len() == 4
        && groups.iter().all(|group| group.parse::<u8>().is_ok_and(|byte| byte.to_string() == **group))
        && groups.iter().any(|group| group.len() == 3)
}

/// Numbers of bank accounts as every bank reads them (IBAN), whose two digits check the others, in groups of four or none.
fn accounts(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for word in words(text, |c| c.is_ascii_alphanumeric() || c == ' ') {
        let starts = text[word.clone()]
            .char_indices()
            .filter(|(at, _)| *at == 0 || text.as_bytes()[word.start + at - 1] == b' ');
        let mut after = 0;
        for (at, _) in starts {
            let start = word.start + at;
            if start < after {
                continue;
            }
            // Of the ends that a blank or the text has, the longest that checks.
            let ends = (start + 15..=word.end).filter(|end| *end == word.end || text.as_bytes()[*end] == b' ');
            if let Some(end) = ends.rev().find(|end| is_account(&text[start..*end])) {
                found.push((start..end, ACCOUNT));
                after = end;
            }
        }
    }
    found
}

fn is_account(text: &str) -> bool {
    let groups: Vec<_> = text.split(' ').collect();
    let in_fours = groups.len() == 1
        || groups
            .split_last()
            .is_some_and(|(last, rest)| rest.iter().all(|group| group.len() == 4) && (1..=4).contains(&last.len()));
    let number = groups.concat();
    let bytes = number.as_bytes();
    if !in_fours || !(15..=34).contains(&bytes.len()) {
        return false;
    }
    let country = bytes[..2].iter().all(u8::is_ascii_uppercase) && bytes[2..4].iter().all(u8::is_ascii_digit);
    let capitals = bytes.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let rest = bytes[4..].iter().chain(&bytes[..4]).fold(0_u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    });
    country && capitals && rest == 1
}
