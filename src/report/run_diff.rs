//! Two runs compared, as lines: how many envelopes are the same, and each difference by its first field.

use std::fmt::Write as _;

use super::diagnostics::said;
use super::plain::short;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;
use crate::session::run_diff::{Change, Kind, RunDiff};

/// Differences that are named; more are counted.
const NAMED: usize = 1_000;

/// The lines; where only what is worse is wanted, those of it.
pub fn text(diff: &RunDiff, (first, second): (u32, u32), only_regressions: bool) -> String {
    let count = |wanted: &Kind| diff.changes.iter().filter(|change| change.kind == *wanted).count();
    let mut text =
        format!("run {first} and run {second}: {} in both · {} the same", counted(diff.shared, "envelope"), diff.same);
    for (n, what) in [
        (count(&Kind::OnlyInFirst), format!("only in run {first}")),
        (count(&Kind::OnlyInSecond), format!("only in run {second}")),
        (diff.regressions(), if diff.regressions() == 1 { "regression" } else { "regressions" }.to_owned()),
    ] {
        if n > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, " · {n} {what}");
        }
    }
    text.push('\n');
    let mut wanted = diff.changes.iter().filter(|change| !only_regressions || change.regression.is_some());
    for change in wanted.by_ref().take(NAMED) {
        let _ = writeln!(text, "{}", line(change, first, second));
    }
    let more = wanted.count();
    if more > 0 {
        let _ = writeln!(text, "{more} more; `--json` has them all");
    }
    text
}

/// `fixtures/returns.json:9 order.returned corr=7c90 · return-desk: actions[0].verdict.decision: run 1 "ALLOW", run 2
/// "BLOCK" (newly blocked: rule 3: value 250 > maxValue 100)`.
fn line(change: &Change, first: u32, second: u32) -> String {
    let place = match (&change.file, change.line) {
        (Some(file), Some(line)) => format!("{}:{line} ", inert(file)),
        _ => String::new(),
    };
    let operator = change.operator.as_deref().map_or_else(String::new, |name| format!(" · {}", inert(name)));
    let (before, after) = (format!("run {first}"), format!("run {second}"));
    let (what, reason) = match &change.kind {
        Kind::Plan(difference) => (difference.told(&before, &after), None),
        Kind::Disposition { difference, reason } => (difference.told(&before, &after), reason.as_deref()),
        Kind::OnlyInFirst => (format!("only in {before}"), None),
        Kind::OnlyInSecond => (format!("only in {after}"), None),
    };
    let note = match (change.regression, reason) {
        (Some(worse), Some(reason)) => format!(" ({}: {})", worse.told(), said(reason)),
        (Some(worse), None) => format!(" ({})", worse.told()),
        (None, Some(reason)) => format!(" ({})", said(reason)),
        (None, None) => String::new(),
    };
    let corr = short(&change.correlation_id);
    format!("{place}{} corr={corr}{operator}: {}{note}", said(&change.event_type), said(&what))
}
