//! What is said of golden plans: how many are as recorded, and each that is not.

use std::fmt::Write as _;

use super::diagnostics::said;
use super::plain::short;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;
use crate::session::golden::{Finding, Golden, State};

/// Findings that are named; more are counted.
const NAMED: usize = 1_000;

/// The lines about golden plans after a replay's report; nothing where nothing was recorded, or where one envelope's
/// plan is as it was.
pub fn text(golden: &Golden, envelopes: u64) -> String {
    let mut text = String::new();
    if !golden.compares() || (envelopes <= 1 && golden.findings.is_empty()) {
        return text;
    }
    let _ = writeln!(text, "{}", summary(golden));
    for finding in golden.findings.iter().take(NAMED) {
        let _ = writeln!(text, "{}", line(finding));
        if let State::Differs { reasoning: Some(reasoning), .. } = &finding.state {
            let _ = writeln!(text, "    {}", said(&reasoning.told("recorded", "now")));
        }
        for key in finding.breaks_dedup.iter().filter(|key| Some(*key) != finding.state.difference()) {
            let _ = writeln!(text, "    breaks dedup: {}", said(&key.told("recorded", "now")));
        }
    }
    let more = golden.findings.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = writeln!(text, "{more} more; `--json` has them all");
    }
    text
}

/// `golden: 14 plans as recorded · 1 differs · 2 new`.
fn summary(golden: &Golden) -> String {
    let mut text = format!("golden: {} as recorded", counted(golden.same, "plan"));
    let count = |wanted: fn(&State) -> bool| golden.findings.iter().filter(|found| wanted(&found.state)).count();
    for (n, what) in [
        (golden.failures(), "not"),
        (count(|state| matches!(state, State::Reasoning { .. })), "with other reasoning"),
        (count(|state| *state == State::New), "not recorded yet"),
        (count(|state| *state == State::Gone), "of envelopes that are gone"),
    ] {
        if n > 0 {
            let _ = write!(text, " · {n} {what}");
        }
    }
    text
}

/// `fixtures/orders.jsonl:3 order.created corr=58de · order-risk: actions[0].entity_key: recorded "a", now "b"`.
pub fn line(finding: &Finding) -> String {
    let place = match finding.line {
        Some(line) => format!("{}:{line}", finding.file),
        None => finding.file.clone(),
    };
    format!("{} {}", inert(&place), sentence(finding))
}

/// The same without the place.
pub fn sentence(finding: &Finding) -> String {
    let operator = finding.operator.as_deref().map_or_else(String::new, |name| format!(" · {}", inert(name)));
    let corr = short(&finding.correlation_id);
    let breaks = finding.breaks_dedup.iter().any(|key| Some(key) == finding.state.difference());
    let breaks = if breaks { " (breaks dedup)" } else { "" };
    format!("{} corr={corr}{operator}: {}{breaks}", said(&finding.event_type), said(&finding.state.told()))
}
