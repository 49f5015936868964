//! What is said under the lines of a draft: what is wrong with it, what its writer may not expect, and what to write
//! instead.

use std::ops::Range;

use super::last_good::Good;
use crate::console::editor::Text;
use crate::console::editor::syntax::{Kind, tokens};
use crate::console::model::Catalogue;
use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::policy::TrustPolicy;

/// One thing said under a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line, from 0.
    pub line: usize,
    /// Error or warning.
    pub severity: Severity,
    /// The sentence.
    pub text: String,
    /// What to do.
    pub help: Option<String>,
    /// The bytes of the text it is about.
    pub range: Range<usize>,
    /// What to write there instead.
    pub fix: Option<String>,
}

/// Everything there is to say, in the order of the lines.
pub fn notes(text: &Text, faults: &[Diagnostic], good: &Good, catalogue: &Catalogue) -> Vec<Note> {
    let mut notes: Vec<Note> = faults.iter().map(|fault| note(text, fault)).collect();
    if faults.is_empty() {
        notes.extend(good.warnings.iter().map(|warning| note(text, warning)));
        // Of what there is to name instead, completion tells more than a line has room for.
        let doubt = |doubt: Diagnostic| match doubt.suggested() {
            Some(_) => doubt,
            None => Diagnostic { help: None, ..doubt },
        };
        notes.extend(catalogue.doubts(&good.rules, text.as_str()).into_iter().map(|it| note(text, &doubt(it))));
    }
    notes.sort_by_key(|note| (note.line, note.severity == Severity::Warning));
    notes
}

/// A finding with a line and a column of its own, or about the text as a whole.
pub fn note(text: &Text, finding: &Diagnostic) -> Note {
    let line = finding.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(1).saturating_sub(1);
    let line = line.min(text.lines() - 1);
    let column = finding.column.and_then(|column| usize::try_from(column).ok()).unwrap_or(1).saturating_sub(1);
    let body = text.line(line);
    let start = body.char_indices().nth(column).map_or(body.len(), |(at, _)| at);
    let long = finding.excerpt.as_ref().map_or(0, |excerpt| excerpt.end - excerpt.start);
    let end = (start..=(start + long).min(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(start);
    at(text, finding, text.start(line) + start..text.start(line) + end)
}

fn at(text: &Text, finding: &Diagnostic, range: Range<usize>) -> Note {
    let fix = finding.suggested().filter(|fix| !range.is_empty() && !fix.is_empty()).map(str::to_owned);
    Note {
        line: text.line_at(range.start),
        severity: finding.severity,
        text: finding.message.replace('`', ""),
        help: finding.help.as_ref().map(|help| help.replace('`', "")),
        range,
        fix,
    }
}

/// The bytes at which a rule's value for a key stands.
pub fn value_of(text: &Text, rule: &TrustPolicy, key: &str) -> Option<Range<usize>> {
    let span = rule.origin.span.clone()?;
    let (first, last) = (text.line_at(span.start), text.line_at(span.end));
    (first..=last.min(first + 64)).find_map(|line| {
        let body = text.line(line);
        let start = text.start(line);
        let tokens = tokens(body);
        let at = tokens.iter().position(|token| {
            let word = body[token.range.clone()].trim_matches(['"', '\'']);
            let alike = word == key || (key == "maxValue" && word == "max_value");
            token.kind == Kind::Key && alike && start + token.range.start >= span.start.min(start + token.range.start)
        })?;
        let value = tokens[at + 1..].iter().find(|token| {
            let word = &body[token.range.clone()];
            word != ":" && !word.trim().is_empty()
        })?;
        let value = (!matches!(value.kind, Kind::Mark | Kind::Comment)).then_some(&value.range)?;
        Some(start + value.start..start + value.end)
    })
}
