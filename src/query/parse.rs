//! Reading a query: words, quoted words, `field:value`, `field:>number`, each with an optional `-` before it.

use super::{Comparison, Field, Term, Test, like};
use crate::kernel::decimal::Decimal;
use crate::kernel::diagnostic::did_you_mean;

/// Why a text is no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What was wrong.
    pub message: String,
    /// Byte offset of the term.
    pub offset: usize,
    /// What to do.
    pub help: Option<String>,
}

pub(super) fn terms(text: &str, fields: &[Field]) -> Result<Vec<Term>, QueryError> {
    words(text)?.into_iter().map(|word| term(&word, fields)).collect()
}

struct Word {
    offset: usize,
    negated: bool,
    /// The part before an unquoted `:`.
    field: Option<String>,
    value: String,
}

fn words(text: &str) -> Result<Vec<Word>, QueryError> {
    let mut words = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(offset, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let negated = first == '-';
        if negated {
            chars.next();
        }
        let mut word = Word { offset, negated, field: None, value: String::new() };
        let mut quoted = false;
        while let Some(&(_, c)) = chars.peek() {
            if c.is_whitespace() && !quoted {
                break;
            }
            chars.next();
            match c {
                '"' => quoted = !quoted,
                ':' if !quoted && word.field.is_none() => word.field = Some(std::mem::take(&mut word.value)),
                c => word.value.push(c),
            }
        }
        if quoted {
            return Err(QueryError { message: "a quote is not closed".to_owned(), offset, help: None });
        }
        words.push(word);
    }
    Ok(words)
}

fn term(word: &Word, fields: &[Field]) -> Result<Term, QueryError> {
    let error = |message: String, help| QueryError { message, offset: word.offset, help };
    let Some(name) = &word.field else {
        if word.value.is_empty() {
            return Err(error("`-` stands alone".to_owned(), None));
        }
        return Ok(Term { negated: word.negated, test: Test::Text(word.value.to_lowercase()) });
    };
    // `payload.order_id` asks a member of a field that holds JSON.
    let base = name.split('.').next().unwrap_or(name);
    let Some(field) = fields.iter().find(|field| field.name == name || (field.name == base && base == "payload"))
    else {
        let known: Vec<_> = fields.iter().map(|field| field.name).collect();
        let help = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| format!("fields: {}", known.join(" ")));
        return Err(error(format!("unknown field `{name}`"), Some(help)));
    };
    if word.value.is_empty() {
        return Err(error(format!("`{name}:` has no value"), Some(field.doc.to_owned())));
    }
    let pattern = word.value.to_lowercase();
    let comparisons =
        [("<=", Comparison::AtMost), (">=", Comparison::AtLeast), ("<", Comparison::Less), (">", Comparison::More)];
    if name == "text" {
        return Ok(Term { negated: word.negated, test: Test::Text(word.value.to_lowercase()) });
    }
    let test =
        match comparisons.iter().find_map(|(sign, comparison)| Some((word.value.strip_prefix(sign)?, *comparison))) {
            Some((digits, comparison)) => Test::Compares {
                field: name.clone(),
                comparison,
                number: Decimal::parse(digits).map_err(|fault| error(fault.to_string(), None))?,
            },
            None if !field.values.is_empty() && !field.values.iter().any(|value| like(&pattern, value)) => {
                let help = did_you_mean(&word.value, field.values.iter().copied());
                let message = format!("there is no {name} `{}`", word.value);
                return Err(error(message, Some(help.unwrap_or_else(|| field.doc.to_owned()))));
            }
            None => Test::Matches { field: name.clone(), id: field.id, pattern },
        };
    Ok(Term { negated: word.negated, test })
}
