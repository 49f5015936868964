//! Secrets: what begins as a well-known service's key does, what looks made by chance, and what stands behind the name of a
//! secret, in a URL, a header or a line of settings.

use std::ops::Range;

use super::{Found, TOKEN, words};

/// What a key or token of a well-known service begins with.
const PREFIXES: [&str; 26] = [
    "sk_",
    "pk_",
    "rk_",
    "sk-",
    "ghp_",
    "gho_",
    "ghs_",
    "ghr_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "AKIA",
    "ASIA",
    "eyJ",
    "ya29.",
    "AIza",
    "npm_",
    "SG.",
    "whsec_",
    "shpat_",
    "hf_",
    "dop_v1_",
];

/// Names that a secret is given in settings, headers and queries.
const NAMES: [&str; 17] = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_token",
    "refresh_token",
    "client_secret",
    "private_key",
    "sid",
    "sessionid",
    "session_id",
    "signature",
    "sig",
];

/// Fewer characters are no secret.
const SHORTEST: usize = 4;

/// What stands behind the name of a secret.
pub(super) fn named(text: &str) -> impl Iterator<Item = Found> {
    let found = keys_in_blocks(text).into_iter().chain(in_urls(text)).chain(behind_schemes(text)).chain(assigned(text));
    found.map(|range| (range, TOKEN))
}

/// Words that are tokens by themselves.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Found> {
    let of_path = words(text, |c| c.is_ascii_alphanumeric() || "_-./+=".contains(c)).into_iter().flat_map(|word| {
        let whole = is_by_chance(&text[word.clone()]) && !text[word.clone()].contains("//");
        // In a path, each part is looked at by itself.
        let parts: Vec<_> = if whole { vec![word] } else { parts(text, word) };
        parts
    });
    of_path.filter(|word| is_token(&text[word.clone()])).map(|word| (word, TOKEN))
}

fn parts(text: &str, word: Range<usize>) -> Vec<Range<usize>> {
    let inside = words(&text[word.clone()], |c| !"/+=".contains(c));
    inside.into_iter().map(|part| word.start + part.start..word.start + part.end).collect()
}

fn is_token(word: &str) -> bool {
    let known = PREFIXES.iter().any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 12));
    known || is_by_chance(word)
}

/// Long, of all kinds of characters, and of pieces so short that no words are in it. A digest has no capitals, an id of
/// hexadecimal groups neither, and the name of a class has words.
fn is_by_chance(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit);
    // Capitals that only lead are the kind of an id.
    let mixed = mixed && word.chars().skip(3).any(|c| c.is_ascii_uppercase());
    let letters = word.chars().filter(char::is_ascii_alphanumeric).count();
    word.len() >= 32 && mixed && letters * 10 < pieces(word) * 33
}

/// How many pieces a word falls into where kinds of characters meet; a capital begins one with the small letters after it.
fn pieces(word: &str) -> usize {
    let kind = |c: char| match c {
        c if c.is_ascii_digit() => 1,
        c if c.is_ascii_uppercase() => 2,
        c if c.is_ascii_lowercase() => 3,
        _ => 0,
    };
    let kinds: Vec<_> = word.chars().map(kind).collect();
    let begins = |at: usize| match (at.checked_sub(1).map(|before| kinds[before]), kinds[at]) {
        (_, 0) => false,
        (Some(2), 3) => at > 1 && kinds[at - 2] == 2,
        (before, own) => before != Some(own),
    };
    (0..kinds.len()).filter(|at| begins(*at)).count()
}

/// `user:password@host` and `user@host` in a URL: what stands before the `@`. And the path of a webhook, which is its key.
fn in_urls(text: &str) -> Vec<Range<usize>> {
    const WEBHOOK: &str = "hooks.slack.com/services/";
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let authority = text[start..].find(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c));
        let authority = &text[start..authority.map_or(text.len(), |end| start + end)];
        if let Some((user, _)) = authority.rsplit_once('@') {
            let behind = user.split_once(':').map_or(0, |(_, secret)| secret.len());
            let name = user.len() - if behind > 0 { behind + 1 } else { 0 };
            let parts = [start..start + name, start + user.len() - behind..start + user.len()];
            found.extend(parts.into_iter().filter(|part| !part.is_empty() && text[part.clone()] != *":"));
        }
    }
    for (at, _) in text.match_indices(WEBHOOK) {
        found.push(value_from(text, at + WEBHOOK.len()));
    }
    found
}

/// `Bearer …` and `Basic …`.
fn behind_schemes(text: &str) -> Vec<Range<usize>> {
    let found = ["Bearer ", "bearer ", "Basic ", "basic "]
        .iter()
        .flat_map(|scheme| text.match_indices(scheme).map(|(at, _)| value_from(text, at + scheme.len())));
    // A word of a sentence is no secret.
    let is_one = |range: &Range<usize>| range.len() >= 12 && text[range.clone()].chars().any(|c| c.is_ascii_digit());
    found.filter(is_one).collect()
}

/// `password=…`, `api_key: "…"`, `DB_PASSWORD='…'`.
fn assigned(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for (at, name) in NAMES.iter().flat_map(|name| lower.match_indices(name)) {
        let before = lower[..at].chars().next_back();
        // A part of a longer word is another name; of a name in parts the last counts.
        if before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let after = lower[at + name.len()..].trim_start_matches(['"', '\'']);
        let gap = after.trim_start();
        let Some(rest) = gap.strip_prefix(['=', ':']) else { continue };
        // A sentence goes on after a colon and a blank: there only what is quoted, or no word, is a value.
        let spaced = rest.starts_with(char::is_whitespace);
        let value = rest.trim_start();
        let start = text.len() - value.len();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let range = match quote {
            Some(quote) => {
                let end = value[1..].find(quote).map_or(text.len(), |end| start + 1 + end);
                start + 1..end
            }
            None => value_from(text, start),
        };
        let is_word = text[range.clone()].chars().all(char::is_alphabetic);
        if range.len() >= SHORTEST && !(spaced && quote.is_none() && is_word) {
            found.push(range);
        }
    }
    found
}

/// What stands at a place, up to what ends a value.
fn value_from(text: &str, start: usize) -> Range<usize> {
    let end = text[start..].find(|c: char| c.is_whitespace() || "\"'&;,<>)]}".contains(c));
    start..end.map_or(text.len(), |end| start + end)
}

/// The lines of a private key between its marks.
fn keys_in_blocks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("PRIVATE KEY-----") {
        let start = at + "PRIVATE KEY-----".len();
        // The mark of the end has no key behind it.
        if text[..at].ends_with("-----END ")
            || text[..at].rsplit("-----").next().is_some_and(|mark| mark.starts_with("END "))
        {
            continue;
        }
        let end = text[start..].find("-----END").map_or(text.len(), |end| start + end);
        let lines = words(&text[start..end], |c| !c.is_whitespace() && c != '\\');
        found.extend(lines.into_iter().map(|line| start + line.start..start + line.end));
    }
    found
}
