//! Reading a query: words, quoted words, `field:value`, `field:>number`, each with an optional `-` before it; `or`
//! between them.

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

/// The choices between `or`s, each with its terms; none where there are no terms at all.
pub(super) fn choices(text: &str, fields: &[Field]) -> Result<Vec<Vec<Term>>, QueryError> {
    let words = words(text)?;
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut choices = vec![Vec::new()];
    let mut last_or = None;
    for word in &words {
        match choices.last_mut() {
            Some(terms) if word.is_or() && terms.is_empty() => return Err(lonely(word.offset, "before")),
            Some(_) if word.is_or() => {
                last_or = Some(word.offset);
                choices.push(Vec::new());
            }
            Some(terms) => terms.push(term(word, fields)?),
            None => {}
        }
    }
    match last_or {
        Some(offset) if choices.last().is_some_and(Vec::is_empty) => Err(lonely(offset, "after")),
        _ => Ok(choices),
    }
}

fn lonely(offset: usize, side: &str) -> QueryError {
    QueryError {
        message: format!("nothing stands {side} `or`"),
        offset,
        help: Some("`or` stands between terms; quote it to look for the word: `\"or\"`".to_owned()),
    }
}

struct Word {
    offset: usize,
    negated: bool,
    /// The part before an unquoted `:`.
    field: Option<String>,
    value: String,
    /// True when any of it stood in quotes.
    quoted: bool,
}

impl Word {
    fn is_or(&self) -> bool {
        !self.negated && !self.quoted && self.field.is_none() && self.value.eq_ignore_ascii_case("or")
    }
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
        let mut word = Word { offset, negated, field: None, value: String::new(), quoted: false };
        let mut quoted = false;
        while let Some(&(_, c)) = chars.peek() {
            if c.is_whitespace() && !quoted {
                break;
            }
            chars.next();
            match c {
                '"' => (quoted, word.quoted) = (!quoted, true),
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
            let message = if word.quoted { "the quotes are empty" } else { "`-` stands alone" };
            return Err(error(message.to_owned(), None));
        }
        if word.negated && !word.quoted && word.value.starts_with('-') {
            let help = format!("a flag stands before the query; to look for the text, quote it: `\"-{}\"`", word.value);
            return Err(error(format!("`-{}` is no term", word.value), Some(help)));
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
            None => {
                // Ids are no numbers, and closed values neither.
                let number = (!field.id && field.values.is_empty()).then(|| Decimal::parse(&word.value).ok()).flatten();
                Test::Matches { field: name.clone(), id: field.id, pattern, number }
            }
        };
    Ok(Term { negated: word.negated, test })
}
