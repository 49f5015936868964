//! The parts of sentences about policy files, and what a mistyped word was meant to be.

use super::yaml::{Node, Value};
use crate::kernel::decimal::Decimal;
use crate::kernel::diagnostic::did_you_mean;
use crate::kernel::receipt::Decision;

/// What a rule looks like.
pub(super) const EXAMPLE: &str = "a policy is a list of rules, as in `- { tool: order.hold, decision: ALLOW }`";

/// What a list of rules in code looks like.
pub(super) const EXAMPLE_IN_CODE: &str =
    "a policy in code is a list of plain objects, as in `[{ tool: 'order.hold', decision: 'ALLOW' }]`";

/// What a guardrail document looks like.
pub(super) const DOCUMENT: &str =
    "a guardrail document has `policy: NAME` and `rules:`, a list such as `- allow: order.hold`";

/// What a value is, for sentences.
pub(super) fn kind(node: &Node) -> String {
    match &node.value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
        Value::Scalar { text, plain: true } if text.is_empty() => "nothing".to_owned(),
        Value::Scalar { text, plain: true } if is_null(text) => "null".to_owned(),
        Value::Scalar { text, plain: true } if is_boolean(text) => format!("the boolean `{text}`"),
        Value::Scalar { text, plain: true } if Decimal::parse(text).is_ok() => format!("the number `{}`", shown(text)),
        Value::Scalar { text, .. } => format!("text \"{}\"", shown(text)),
    }
}

/// YAML's words for null, the empty one apart.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "null" | "Null" | "NULL" | "~")
}

pub(super) fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

/// YAML's numbers that are none, with or without their dot.
pub(super) fn is_not_finite(text: &str) -> bool {
    let bare = text.trim_start_matches(['+', '-']).trim_start_matches('.').to_lowercase();
    matches!(bare.as_str(), "inf" | "infinity" | "nan")
}

/// A word cut to what fits in a sentence.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() { line + "…" } else { line }
}

/// The known word that was meant, when the text is short enough to be one.
pub(super) fn meant<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if text.len() <= 80 { did_you_mean(text, known) } else { None }
}

/// The decision that was meant.
pub(super) fn meant_decision(text: &str) -> String {
    const WORDS: [Decision; 3] = [Decision::Allow, Decision::Alert, Decision::Block];
    let synonym = match text.to_lowercase().as_str() {
        "deny" | "forbid" | "refuse" | "reject" => Some(Decision::Block),
        "confirm" | "require_confirmation" | "warn" | "notify" => Some(Decision::Alert),
        "permit" | "accept" => Some(Decision::Allow),
        _ => None,
    };
    synonym
        .map(|decision| format!("did you mean `{decision}`?"))
        .or_else(|| meant(text, WORDS.map(Decision::word)))
        .unwrap_or_else(|| "write `ALLOW`, `ALERT` or `BLOCK`".to_owned())
}

/// The number that was meant by a text that is none.
pub(super) fn meant_number(text: &str) -> Option<Decimal> {
    if text.len() > 40 {
        return None;
    }
    let letters: String = text.chars().map(|c| if matches!(c, 'O' | 'o') { '0' } else { c }).collect();
    let letters: String = letters.chars().map(|c| if matches!(c, 'l' | 'I') { '1' } else { c }).collect();
    let bare: String = letters.chars().filter(|c| !matches!(c, '$' | '€' | '£' | '_' | ' ' | '+')).collect();
    let groups: Vec<&str> = bare.split(',').collect();
    // A comma is a separator of thousands only where it stands as one: `1,5` is not 15.
    if groups.iter().skip(1).any(|group| group.split('.').next().is_none_or(|whole| whole.len() != 3)) {
        return None;
    }
    let joined = groups.concat();
    let (whole, fraction) = joined.split_once('.').unwrap_or((&joined, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let number = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    let digits = text.chars().any(|c| c.is_ascii_digit());
    Decimal::parse(&number).ok().filter(|number| digits && !number.is_negative())
}
