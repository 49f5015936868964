//! The sentences: one function says why a rule did or did not decide, and nobody else puts such words together.

use super::{Finding, PredicateOutcome, Subject, TrustPolicy, Violation};
use crate::kernel::decimal::Decimal;
use crate::kernel::receipt::Decision;

/// What is said when no rule speaks of the action.
pub(super) const NO_RULE: &str = "no rule matched";

/// `rule 3`, or `rule policy/trust.ts:3` where the rules come from several files.
pub(super) fn label(rule: &TrustPolicy, several_files: bool) -> String {
    if several_files { format!("rule {}", rule.origin) } else { format!("rule {}", rule.origin.number) }
}

/// Why a rule decided: its label and its clause.
pub(super) fn sentence(rule: &TrustPolicy, finding: &Finding, subject: &Subject<'_>, several_files: bool) -> String {
    format!("{}: {}", label(rule, several_files), clause(rule, finding, subject))
}

/// The clause that decided about a rule, with its values.
pub(super) fn clause(rule: &TrustPolicy, finding: &Finding, subject: &Subject<'_>) -> String {
    said(rule, finding, subject, Words::of(rule))
}

/// The same for a table whose heading says what is compared with what.
pub(super) fn brief(rule: &TrustPolicy, finding: &Finding, subject: &Subject<'_>) -> String {
    match finding {
        Finding::ToolDiffers => "tool differs".to_owned(),
        Finding::ConnectorDiffers => "connector differs".to_owned(),
        // Only a value and its ceiling say more than the decision does.
        Finding::Holds(decision) if rule.max_value.is_none() || guarded_alert(rule) => decision.word().to_owned(),
        _ => said(rule, finding, subject, Words { value: "", key: "" }),
    }
}

/// What a value and a ceiling are called, with the blank behind it.
#[derive(Clone, Copy)]
struct Words {
    value: &'static str,
    key: &'static str,
}

impl Words {
    fn of(rule: &TrustPolicy) -> Self {
        Self { value: "value ", key: if rule.guard.is_some() { "max_value " } else { "maxValue " } }
    }
}

fn said(rule: &TrustPolicy, finding: &Finding, subject: &Subject<'_>, words: Words) -> String {
    let Words { value: value_word, key } = words;
    match finding {
        Finding::ToolDiffers => format!("tool {} ≠ {}", rule.tool.as_deref().unwrap_or("any"), subject.tool),
        Finding::ConnectorDiffers => {
            let wanted = rule.connector.as_deref().unwrap_or("any");
            format!("connector {wanted} ≠ {}", subject.connector.unwrap_or("none"))
        }
        Finding::Violated(violation) => violated(rule, violation, words),
        Finding::Holds(_) => holds(rule, subject, words),
        Finding::PassedOn(value) => {
            format!("{value_word}{value} > {key}{}: the next rule is tried", ceiling(rule))
        }
        Finding::NotReached => "not reached: an earlier rule of its document decides".to_owned(),
    }
}

/// What a rule's ceiling is called where it stands.
pub(super) fn key(rule: &TrustPolicy) -> &'static str {
    if rule.guard.is_some() { "max_value" } else { "maxValue" }
}

fn ceiling(rule: &TrustPolicy) -> &str {
    rule.max_value.as_ref().map_or("", Decimal::as_str)
}

/// How a rule of a guardrail document starts.
pub(super) fn verb(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::Alert => "require_confirmation",
        Decision::Block => "deny",
    }
}

fn violated(rule: &TrustPolicy, violation: &Violation, words: Words) -> String {
    let Words { value: value_word, key } = words;
    let ceiling = ceiling(rule);
    match violation {
        Violation::Block if rule.guard.is_some() => scope(rule),
        Violation::Block => format!("BLOCK for {}", scope(rule)),
        Violation::NoValue => format!("{value_word}missing under {key}{ceiling}"),
        Violation::Negative(value) => format!("{value_word}{value} < 0 under {key}{ceiling}"),
        Violation::Inexact(value) => format!("{value_word}{value} is not exact under {key}{ceiling}"),
        Violation::Above(value) => format!("{value_word}{value} > {key}{ceiling}"),
        Violation::Predicate(outcome) => predicate(outcome),
    }
}

fn predicate(outcome: &PredicateOutcome) -> String {
    match outcome {
        PredicateOutcome::True => "predicate is true".to_owned(),
        PredicateOutcome::False => "predicate is false".to_owned(),
        PredicateOutcome::Threw(message) => format!("predicate threw: {}", one_line(message)),
        PredicateOutcome::TimedOut => "predicate timed out".to_owned(),
        PredicateOutcome::NotAsked => "predicate not asked".to_owned(),
        PredicateOutcome::NotBoolean(value) => format!("predicate gave `{}`, not a boolean", one_line(value)),
    }
}

/// Under which ceiling a person is asked does not say that one is.
fn guarded_alert(rule: &TrustPolicy) -> bool {
    rule.guard.is_some() && rule.decision == Decision::Alert
}

fn holds(rule: &TrustPolicy, subject: &Subject<'_>, words: Words) -> String {
    let Words { value, key } = words;
    let ceiling = rule.max_value.as_ref().zip(subject.value);
    let ceiling = ceiling.map(|(ceiling, amount)| format!("{value}{} ≤ {key}{ceiling}", amount.number));
    match (ceiling, rule.predicate) {
        (None, None) => scope(rule),
        (Some(clause), None) if guarded_alert(rule) => format!("{}, {clause}", scope(rule)),
        (Some(clause), None) => clause,
        (None, Some(_)) => predicate(&PredicateOutcome::True),
        (Some(clause), Some(_)) => format!("{clause}, {}", predicate(&PredicateOutcome::True)),
    }
}

fn scope(rule: &TrustPolicy) -> String {
    if rule.guard.is_some() {
        return format!("{} {}", verb(rule.decision), rule.tool.as_deref().unwrap_or_default());
    }
    match (&rule.connector, &rule.tool) {
        (None, None) => "any connector, any tool".to_owned(),
        (None, Some(tool)) => format!("tool {tool}"),
        (Some(connector), None) => format!("connector {connector}, any tool"),
        (Some(connector), Some(tool)) => format!("connector {connector}, tool {tool}"),
    }
}

/// Author code's words, cut so that a sentence stays a sentence.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 160;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
