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
    match finding {
        Finding::ToolDiffers => format!("tool {} ≠ {}", rule.tool.as_deref().unwrap_or("any"), subject.tool),
        Finding::ConnectorDiffers => {
            let wanted = rule.connector.as_deref().unwrap_or("any");
            format!("connector {wanted} ≠ {}", subject.connector.unwrap_or("none"))
        }
        Finding::Violated(violation) => violated(rule, violation),
        Finding::Holds(_) => holds(rule, subject),
        Finding::PassedOn(value) => format!("value {value} > {} {}: the next rule is tried", key(rule), ceiling(rule)),
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

fn violated(rule: &TrustPolicy, violation: &Violation) -> String {
    let (key, ceiling) = (key(rule), ceiling(rule));
    match violation {
        Violation::Block if rule.guard.is_some() => scope(rule),
        Violation::Block => format!("BLOCK for {}", scope(rule)),
        Violation::NoValue => format!("value missing under {key} {ceiling}"),
        Violation::Negative(value) => format!("value {value} < 0 under {key} {ceiling}"),
        Violation::Inexact(value) => format!("value {value} is not exact under {key} {ceiling}"),
        Violation::Above(value) => format!("value {value} > {key} {ceiling}"),
        Violation::Predicate(outcome) => predicate(outcome),
    }
}

fn predicate(outcome: &PredicateOutcome) -> String {
    match outcome {
        PredicateOutcome::True => "predicate is true".to_owned(),
        PredicateOutcome::False => "predicate is false".to_owned(),
        PredicateOutcome::Threw(message) => format!("predicate threw: {}", one_line(message)),
        PredicateOutcome::TimedOut => "predicate timed out".to_owned(),
        PredicateOutcome::NotBoolean(value) => format!("predicate gave `{}`, not a boolean", one_line(value)),
    }
}

fn holds(rule: &TrustPolicy, subject: &Subject<'_>) -> String {
    let ceiling = rule.max_value.as_ref().zip(subject.value);
    let ceiling = ceiling.map(|(ceiling, amount)| format!("value {} ≤ {} {ceiling}", amount.number, key(rule)));
    match (ceiling, rule.predicate) {
        (None, None) => scope(rule),
        // Under which ceiling a person is asked does not say that one is.
        (Some(clause), None) if rule.guard.is_some() && rule.decision == Decision::Alert => {
            format!("{}, {clause}", scope(rule))
        }
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
