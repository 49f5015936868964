//! Two runs side by side: for each envelope that is in both, what was proposed and what came of it, and the first field
//! that is not the same. Read from the journals; an envelope is known by what it is, not by when it came.

use std::collections::HashMap;

use serde::Serialize;

use crate::kernel::json::{Difference, Raw, Value, between};
use crate::kernel::receipt::{Cause, Outcome, Receipt, Ruling};
pub use side::{Plan, Seen, Side, number_of, read};

mod side;

/// What is different about an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The fixture file it is from in the second run, else in the first; null for what came otherwise.
    pub file: Option<String>,
    /// The line it starts on.
    pub line: Option<u32>,
    /// The envelope's type.
    pub event_type: String,
    /// The envelope's correlation id.
    pub correlation_id: String,
    /// Who proposed; null where the envelope is in one run only.
    pub operator: Option<String>,
    /// What became worse, where something did.
    pub regression: Option<Regression>,
    /// What is different.
    #[serde(flatten)]
    pub kind: Kind,
}

/// How two runs differ about an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Kind {
    /// The plans differ.
    Plan(Difference),
    /// What came of an action differs, with the second run's reason.
    Disposition {
        /// The first field that differs.
        #[serde(flatten)]
        difference: Difference,
        /// Why, in the second run; null where nothing was disposed of.
        reason: Option<String>,
    },
    /// Only the first run has the envelope.
    OnlyInFirst,
    /// Only the second has.
    OnlyInSecond,
}

/// What is worse than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Regression {
    /// An action is stopped that was not.
    Blocked,
    /// Author code or a handler fails that did not.
    Failed,
    /// What is proposed is not valid any more.
    Invalid,
}

impl Regression {
    /// `newly blocked`.
    pub fn told(self) -> &'static str {
        match self {
            Self::Blocked => "newly blocked",
            Self::Failed => "newly failed",
            Self::Invalid => "newly invalid",
        }
    }
}

/// Two runs compared.
#[derive(Debug, Default)]
pub struct RunDiff {
    /// Envelopes that are in both.
    pub shared: u64,
    /// Those of them of which everything is the same.
    pub same: u64,
    /// What is not, in the order of the first run; then what only the second has.
    pub changes: Vec<Change>,
}

impl RunDiff {
    /// Compares two runs. What was disposed of is compared only where both disposed.
    pub fn between(first: &Side, second: &Side) -> Self {
        let mut diff = Self::default();
        let mut unmet: HashMap<_, usize> = second.seen.iter().enumerate().map(|(at, seen)| (&seen.key, at)).collect();
        let disposes = !first.propose_only && !second.propose_only;
        for before in &first.seen {
            let Some(after) = unmet.remove(&before.key).map(|at| &second.seen[at]) else {
                diff.changes.push(change(before, None, None, Kind::OnlyInFirst));
                continue;
            };
            diff.shared += 1;
            let known = diff.changes.len();
            diff.envelope(before, after, disposes);
            diff.same += u64::from(diff.changes.len() == known);
        }
        let others = second.seen.iter().filter(|seen| unmet.contains_key(&seen.key));
        diff.changes.extend(others.map(|seen| change(seen, None, None, Kind::OnlyInSecond)));
        diff
    }

    /// How many changes are for the worse.
    pub fn regressions(&self) -> usize {
        self.changes.iter().filter(|change| change.regression.is_some()).count()
    }

    fn envelope(&mut self, before: &Seen, after: &Seen, disposes: bool) {
        let mut operators: Vec<&str> = before.plans.iter().chain(&after.plans).map(|plan| &*plan.operator).collect();
        operators.sort_unstable();
        operators.dedup();
        for operator in operators {
            let of = |seen: &'_ Seen| seen.plans.iter().position(|plan| plan.operator == operator);
            let (old, new) = (of(before).map(|at| &before.plans[at]), of(after).map(|at| &after.plans[at]));
            if let Some(difference) = between_plans(old, new) {
                let regression = new.and_then(Plan::fault).filter(|_| old.and_then(Plan::fault).is_none());
                self.changes.push(change(after, Some(operator), regression, Kind::Plan(difference)));
            }
            if disposes {
                self.dispositions(after, operator, (old, new));
            }
        }
    }

    fn dispositions(&mut self, seen: &Seen, operator: &str, (old, new): (Option<&Plan>, Option<&Plan>)) {
        let (old, new) = (old.map_or(&[][..], |plan| &plan.disposed), new.map_or(&[][..], |plan| &plan.disposed));
        for index in 0..old.len().max(new.len()) {
            let (before, after) = (old.get(index), new.get(index));
            let (was, is) = (before.map(disposition), after.map(disposition));
            let Some(difference) = between(&format!("actions[{index}]"), was.as_ref(), is.as_ref()) else { continue };
            let regression = after.and_then(|after| worse(before, after));
            let reason = after.map(|after| after.error.clone().unwrap_or_else(|| after.verdict.reason.clone()));
            let kind = Kind::Disposition { difference, reason };
            self.changes.push(change(seen, Some(operator), regression, kind));
        }
    }
}

fn change(seen: &Seen, operator: Option<&str>, regression: Option<Regression>, kind: Kind) -> Change {
    Change {
        file: seen.file.clone(),
        line: seen.line,
        event_type: seen.event_type.clone(),
        correlation_id: seen.correlation_id.clone(),
        operator: operator.map(str::to_owned),
        regression,
        kind,
    }
}

/// The first field in which two plans differ. Reasoning is no difference.
fn between_plans(old: Option<&Plan>, new: Option<&Plan>) -> Option<Difference> {
    let whole = |side: &Plan| match &side.failure {
        None => Value::from("a plan"),
        Some(failure) => Value::from(format!("no plan: {failure}")),
    };
    match (old, new) {
        (Some(old), Some(new)) => match (&old.plan, &new.plan) {
            (Some(was), Some(is)) if was == is => None,
            (Some(was), Some(is)) => between("actions", was.value().get("actions"), is.value().get("actions")),
            (None, None) if old.failure == new.failure => None,
            _ => Some(Difference {
                field: "plan".to_owned(),
                before: Some(Raw::of(&whole(old))),
                after: Some(Raw::of(&whole(new))),
            }),
        },
        _ => between("plan", old.map(whole).as_ref(), new.map(whole).as_ref()),
    }
}

/// What matters of a disposition: binding, verdict and outcome, without ids, times, and the number of a rule. Its keys are
/// the plan's, where they are compared.
fn disposition(receipt: &Receipt) -> Value {
    serde_json::json!({
        "connector": receipt.connector,
        "verdict": { "decision": receipt.verdict.decision, "cause": receipt.verdict.cause },
        "outcome": receipt.outcome,
        "error": receipt.error,
    })
}

fn worse(before: Option<&Receipt>, after: &Receipt) -> Option<Regression> {
    let invalid = |receipt: &Receipt| receipt.verdict.cause == Cause::Validate;
    let blocked = |receipt: &Receipt| receipt.verdict.decision == Ruling::Block;
    let failed = |receipt: &Receipt| receipt.outcome == Outcome::Failed;
    let newly = |is: fn(&Receipt) -> bool| is(after) && !before.is_some_and(is);
    if newly(invalid) {
        Some(Regression::Invalid)
    } else if newly(blocked) {
        Some(Regression::Blocked)
    } else if newly(failed) {
        Some(Regression::Failed)
    } else {
        None
    }
}
