//! The flow, counted stage by stage.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::kernel::journal::{Fact, Proposed};
use crate::kernel::receipt::{Cause, Handler, Outcome, Receipt, Ruling};

/// How many came in, were decided and were done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Offered as envelopes, refused ones included.
    pub sensed: u64,
    /// Not accepted.
    pub refused: u64,
    /// Matched by a trigger.
    pub routed: u64,
    /// Matched by none.
    pub unmatched: u64,
    /// Actions proposed.
    pub proposed: u64,
    /// Empty plans.
    pub refusals: u64,
    /// Runs of author code that gave no plan.
    pub planless: u64,
    /// Allowed.
    pub allowed: u64,
    /// Allowed and raised.
    pub alerted: u64,
    /// Stopped.
    pub blocked: u64,
    /// Stopped because no rule matched.
    pub unruled: u64,
    /// Key already used.
    pub deduped: u64,
    /// Applied.
    pub applied: u64,
    /// Applied by something else than a stub.
    pub real: u64,
    /// Handlers that failed, and operators that gave no plan, on a rerun too.
    pub failed: u64,
    /// Decided otherwise by a policy that only watches.
    pub differing: u64,
}

impl Counters {
    /// Counters one fact.
    pub fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::Received(_) => self.sensed += 1,
            Fact::Refused(refused) => {
                self.sensed += refused.count;
                self.refused += refused.count;
            }
            Fact::Routed(routed) if routed.to.is_empty() => self.unmatched += 1,
            Fact::Routed(_) => self.routed += 1,
            Fact::Proposed(proposed) if proposed.failed() => {
                self.planless += 1;
                self.failed += 1;
            }
            Fact::Proposed(proposed) => match actions(proposed) {
                0 => self.refusals += 1,
                many => self.proposed += many,
            },
            Fact::Disposed(disposed) => {
                self.dispose(&disposed.receipt);
                self.differing += u64::from(disposed.shadow().is_some());
            }
            _ => {}
        }
    }

    /// Counts one fact of a rerun: the flow has its envelope already, but what failed has failed.
    pub fn take_rerun(&mut self, fact: &Fact) {
        self.failed += u64::from(matches!(fact, Fact::Proposed(proposed) if proposed.failed()));
    }

    fn dispose(&mut self, receipt: &Receipt) {
        match receipt.verdict.decision {
            Ruling::Allow => self.allowed += 1,
            Ruling::Alert => self.alerted += 1,
            Ruling::Block => self.blocked += 1,
            Ruling::Dedup => self.deduped += 1,
        }
        if receipt.verdict.decision == Ruling::Block && receipt.verdict.cause == Cause::NoMatch {
            self.unruled += 1;
        }
        match receipt.outcome {
            Outcome::Applied => self.applied += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Refused | Outcome::Deduplicated => {}
        }
        if receipt.outcome == Outcome::Applied && receipt.handler == Some(Handler::Sandbox) {
            self.real += 1;
        }
    }

    /// The stages of the flow, in its order.
    pub fn stages(&self) -> [u64; super::activity::STAGES] {
        [
            self.sensed,
            self.routed,
            self.proposed,
            self.allowed,
            self.alerted,
            self.blocked,
            self.deduped,
            self.applied,
            self.failed,
        ]
    }
}

#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    actions: Vec<IgnoredAny>,
}

/// How many actions a plan has, without reading them.
pub fn actions(proposed: &Proposed) -> u64 {
    let shape = proposed.plan.as_ref().and_then(|plan| serde_json::from_str::<Shape>(plan.as_str()).ok());
    shape.map_or(0, |shape| shape.actions.len() as u64)
}
