//! What in a section could be the pattern of a key.

use super::KeyPart;
use crate::kernel::json::Span;

/// A word that has the form of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it stands.
    pub span: Span,
    /// Whether the last label before it says that it is an idempotency key.
    pub labelled: bool,
    /// Its parts; none where they cannot be told from one another.
    pub parts: Option<Vec<KeyPart>>,
}

/// The longest name in `<…>`, in bytes. What is longer is text with a less-than sign in it.
const LONGEST_NAME: usize = 64;

/// Every candidate of a section but the patterns of entity keys, in order.
pub fn in_section(text: &str, section: &Span) -> Vec<Candidate> {
    let body = &text[section.clone()];
    let labels = labels(body);
    let mut found = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let end = at + word_length(&body[at..]);
        if end == at {
            at += body[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let last = labels.partition_point(|(label, _)| *label <= at).checked_sub(1).map(|at| labels[at].1);
        if last != Some(Label::Entity)
            && let Some((length, parts)) = pattern(&body[at..end])
        {
            let span = section.start + at..section.start + at + length;
            found.push(Candidate { span, labelled: last == Some(Label::Idempotency), parts });
        }
        at = end;
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Idempotency,
    Entity,
}

/// Where the text speaks of which kind of key: `idempotency_key`, `Idempotency keys`, `entityKey`.
fn labels(body: &str) -> Vec<(usize, Label)> {
    let lower = body.to_ascii_lowercase();
    let kinds = [("idempotency", Label::Idempotency), ("entity", Label::Entity)];
    let of = |(word, label): (&'static str, Label)| {
        let follows = |at: &usize| {
            let rest = &lower[at + word.len()..];
            rest.trim_start_matches('\\').trim_start_matches(['_', '-', ' ', '\n', '\r']).starts_with("key")
        };
        lower.match_indices(word).map(|(at, _)| at).filter(follows).map(move |at| (at, label)).collect::<Vec<_>>()
    };
    let mut found: Vec<_> = kinds.into_iter().flat_map(of).collect();
    found.sort_by_key(|(at, _)| *at);
    found
}

/// How long the word is that the text begins with: what keys are written of, with names in `<…>` that may have blanks.
fn word_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let length = match c {
            '<' => name(&text[at..]).map_or(0, |(length, _)| length),
            '\\' => 1,
            c if c.is_alphanumeric() || "_-.:/#@=+~%!$&|".contains(c) => c.len_utf8(),
            _ => 0,
        };
        if length == 0 {
            break;
        }
        at += length;
    }
    at
}

/// `<name>`, also with the escapes that Markdown needs for it: how long it is, and the name.
fn name(text: &str) -> Option<(usize, String)> {
    let inner = text.strip_prefix('<')?;
    let end = inner.find('>').filter(|end| *end <= LONGEST_NAME)?;
    let written = inner[..end].replace('\\', "");
    // Tags, attributes, addresses and comparisons are none.
    let fine = |c: char| !c.is_control() && !"<:/=\"'!".contains(c);
    let begins = !written.starts_with(char::is_whitespace) && !written.is_empty();
    (begins && written.chars().all(fine)).then(|| (end + 2, written.trim().to_owned()))
}

/// A word as a pattern, without the full stop that ends a sentence: two parts at least, one name at least.
fn pattern(word: &str) -> Option<(usize, Option<Vec<KeyPart>>)> {
    let word = word.trim_end_matches(['.', ':', '!']);
    if word.contains("://") || !word.contains('<') {
        return None;
    }
    let parts = parts(word)?;
    (parts.len() >= 2).then(|| (word.len(), parts.into_iter().collect()))
}

/// The parts of a word; one that is empty or has two names cannot be told, and is none.
fn parts(word: &str) -> Option<Vec<Option<KeyPart>>> {
    let (mut parts, mut part, mut told) = (Vec::new(), KeyPart::default(), true);
    let mut at = 0;
    while let Some(c) = word[at..].chars().next() {
        at += c.len_utf8();
        match c {
            ':' => {
                let whole = std::mem::take(&mut part);
                parts.push((told && whole != KeyPart::default()).then_some(whole));
                told = true;
            }
            '<' => {
                let (length, found) = name(&word[at - 1..])?;
                told &= part.any.is_none();
                part.any = Some(found);
                at += length - 1;
            }
            // An escape of Markdown: keys have no such sign.
            '\\' => {}
            c if part.any.is_some() => part.after.push(c),
            c => part.before.push(c),
        }
    }
    parts.push((told && part != KeyPart::default()).then_some(part));
    Some(parts)
}
