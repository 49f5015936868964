//! What the kernel is answered while it judges a recorded action again: what only author code could say is taken from the
//! record, and counted as not proven; everything else is the kernel's own to say.

use std::cell::Cell;

use crate::kernel::capability::Vocabulary;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Binding, ExecutorEnv, Hold};
use crate::kernel::journal::{Claimed, Disposed, Held, PolicyStamp, PolicyState, StageRecord, ValidWith};
use crate::kernel::plan::PlannedAction;
use crate::kernel::policy::{Gates, PolicySet, PredicateId, PredicateOutcome, Subject};
use crate::kernel::receipt::{Cause, Handler, Receipt, Ruling, Verdict};
use crate::workspace::policy::why_none;

/// A policy that was in force, compiled from the rules that the journal has of it.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) rules: PolicySet,
    pub(super) stamp: PolicyStamp,
}

impl Policy {
    pub(super) fn of(stamp: &PolicyStamp) -> Self {
        let rules = match stamp.state {
            PolicyState::None => PolicySet::none(why_none(&stamp.diagnostics)),
            PolicyState::InForce | PolicyState::Stale => PolicySet::compile(stamp.ruleset.clone()),
        };
        Self { rules, stamp: stamp.clone() }
    }
}

/// What the journal has of one action.
#[derive(Debug, Clone, Default)]
pub(super) struct Record<'a> {
    pub(super) disposed: Option<&'a Disposed>,
    /// Each time it was put aside.
    pub(super) held: Vec<&'a Held>,
    pub(super) claimed: Option<&'a Claimed>,
}

impl<'a> Record<'a> {
    /// How it ended; none where a crash did, which is written down without going through the stages.
    pub(super) fn ended(&self) -> Option<&'a Disposed> {
        self.disposed.filter(|disposed| !is_of_recovery(disposed))
    }

    /// The first that is said of it.
    pub(super) fn receipt(&self) -> Option<&'a Receipt> {
        let held = self.held.first().map(|held| &*held.interrupted);
        let claimed = self.claimed.map(|claimed| &*claimed.interrupted);
        held.or(self.ended().map(|disposed| &*disposed.receipt)).or(claimed)
    }

    fn stages(&self) -> &'a [StageRecord] {
        self.ended().map_or(&[], |disposed| &disposed.stages)
    }

    fn validation(&self) -> Option<(bool, Option<&'a str>, Option<&'a ValidWith>)> {
        self.stages().iter().find_map(|stage| match stage {
            StageRecord::Validate { passed, reason, valid_with, .. } => {
                Some((*passed, reason.as_deref(), valid_with.as_ref()))
            }
            _ => None,
        })
    }

    /// Why the connector did not take the input.
    pub(super) fn input_fault(&self) -> Option<String> {
        match self.validation()? {
            (false, Some(reason), Some(ValidWith::Args(_))) => Some(reason.to_owned()),
            _ => None,
        }
    }

    /// Where a limit was looked at and reached: when there is room again, and how long its window is in seconds.
    pub(super) fn limit_reached(&self) -> Option<(&'a str, i64)> {
        self.stages().iter().find_map(|stage| match stage {
            StageRecord::Limit { limit, frees_at: Some(frees_at), .. } => {
                Some((frees_at.as_str(), limit.per.seconds()))
            }
            _ => None,
        })
    }
}

/// True for what recovery writes of an action that a crash ended.
pub(super) fn is_of_recovery(disposed: &Disposed) -> bool {
    matches!(
        &disposed.stages[..],
        [StageRecord::Handler { ok: false, .. } | StageRecord::Hold { who: None, approved: false, .. }]
    )
}

/// How often something was taken from the record because the kernel alone cannot say it.
#[derive(Debug, Default)]
pub(super) struct Believed {
    /// Connectors that were bound, and inputs that were taken.
    pub(super) inputs: Cell<u64>,
    /// Verdicts that depend on what a predicate answered.
    pub(super) predicates: Cell<u64>,
    /// Verdicts of a policy that only watched.
    pub(super) shadows: Cell<u64>,
    /// Keys that another runner claimed first.
    pub(super) lost: Cell<u64>,
}

pub(super) fn more(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

/// The executor's world, as far as the record of one action has it.
pub(super) struct Recorded<'a> {
    pub(super) record: &'a Record<'a>,
    pub(super) policy: &'a Policy,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) believed: &'a Believed,
}

impl Recorded<'_> {
    fn valid_with(&self) -> Option<&ValidWith> {
        self.record.validation().and_then(|(_, _, valid_with)| valid_with)
    }

    fn reason(&self) -> String {
        let reason = self.record.validation().and_then(|(_, reason, _)| reason);
        reason.unwrap_or("the record does not say").to_owned()
    }

    /// What the policy was recorded to say, where it was stopped or depends on an answer.
    fn said(&self) -> Vec<Verdict> {
        let whole = self.record.receipt().map(|receipt| &receipt.verdict);
        let mut said = Vec::new();
        for stage in self.record.stages() {
            let StageRecord::Policy { decision, rule, reason } = stage else { continue };
            let verdict = Verdict::of_rules(*decision, rule.clone(), reason.clone());
            let same = whole.filter(|whole| {
                whole.decision == verdict.decision && whole.rule == verdict.rule && whole.reason == verdict.reason
            });
            said.push(same.cloned().unwrap_or(verdict));
        }
        said.extend(self.record.held.iter().map(|held| held.verdict.clone()));
        said
    }

    /// The verdict under the rules, where predicates are as good as they can be; where the record says that one was not,
    /// and so that it was stricter, that is believed.
    fn under_rules(&self, operator: &str, action: &PlannedAction) -> Verdict {
        let asked = Cell::new(false);
        let mut all_true = |_: PredicateId| {
            asked.set(true);
            PredicateOutcome::True
        };
        let best = self.policy.rules.of(operator).judge(&Subject::from(action), &mut all_true);
        if !asked.get() {
            return best;
        }
        more(&self.believed.predicates);
        let said = self.said();
        if said.contains(&best) {
            return best;
        }
        // INVARIANT: an answer of a predicate can stop an action and never let one through.
        let stricter =
            said.into_iter().rev().find(|said| said.decision == Ruling::Block && best.decision != Ruling::Block);
        stricter.unwrap_or(best)
    }
}

impl ExecutorEnv for Recorded<'_> {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        if let Some(known) = self.vocabulary.find(capability) {
            return Ok(known.to_owned());
        }
        match self.record.validation() {
            Some((false, _, None | Some(ValidWith::Tool(_)))) => Err(self.reason()),
            // A name of the workspace's own, which has no other spelling.
            _ => Ok(capability.to_owned()),
        }
    }

    fn nearest_capability(&self, _: &str) -> Option<String> {
        match self.valid_with() {
            Some(ValidWith::Tool(nearest)) => Some(nearest.clone()),
            _ => None,
        }
    }

    fn may_propose(&self, _: &str, _: &str) -> bool {
        more(&self.believed.inputs);
        !matches!(self.valid_with(), Some(ValidWith::Required { .. }))
    }

    fn bind(&self, _: &str) -> Result<Binding, String> {
        let receipt = self.record.receipt();
        let connector = match self.valid_with() {
            Some(ValidWith::Provider(_)) => return Err(self.reason()),
            Some(ValidWith::Connector(bound)) => bound.clone(),
            _ => receipt.and_then(|receipt| receipt.connector.clone()).unwrap_or_default(),
        };
        let released =
            self.record.stages().iter().any(|stage| matches!(stage, StageRecord::Handler { claimed: false, .. }));
        let stale = receipt.is_some_and(|receipt| receipt.verdict.cause == Cause::Stale);
        let handler = receipt.and_then(|receipt| receipt.handler);
        Ok(Binding {
            connector,
            tool_name: receipt.and_then(|receipt| receipt.tool_name.clone()).unwrap_or_default(),
            side_effecting: !matches!(self.valid_with(), Some(ValidWith::Sensed(_))),
            idempotent: released,
            handler: if stale { Handler::Sandbox } else { handler.unwrap_or(Handler::Stub) },
        })
    }

    fn judge(&self, operator: &str, action: &PlannedAction, handler: Handler, _: &EventEnvelope) -> Verdict {
        let stale = self.policy.stamp.state == PolicyState::Stale;
        if stale && handler == Handler::Sandbox {
            return Verdict { stale: true, ..Verdict::blocked(Cause::Stale, None, "policy stale") };
        }
        let verdict = self.under_rules(operator, action);
        if stale { verdict.gone_stale() } else { verdict }
    }

    fn shadow(&self, _: &str, _: &PlannedAction, _: &EventEnvelope) -> Option<Verdict> {
        self.record.stages().iter().find_map(|stage| match stage {
            StageRecord::Shadow { decision, rule, reason } => {
                more(&self.believed.shadows);
                Some(Verdict::of_rules(*decision, rule.clone(), reason.clone()))
            }
            _ => None,
        })
    }

    fn gates(&self, operator: &str, action: &PlannedAction) -> Gates {
        self.policy.rules.of(operator).gates(&Subject::from(action))
    }

    fn hold(&self) -> Hold {
        let attended = !self.record.held.is_empty();
        let waited = self.record.stages().iter().any(|stage| matches!(stage, StageRecord::Hold { .. }));
        Hold { alerts: attended || waited, attended }
    }

    fn policy_digest(&self) -> Option<String> {
        self.policy.stamp.digest.clone()
    }
}
