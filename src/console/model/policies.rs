//! The policies entries speak of, by digest, and what they say of a receipt's action. No reason is made up here: the
//! kernel's own `explain` is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::journal::{Disposed, Fact, Held, PolicyStamp, StageRecord};
use crate::kernel::plan::Amount;
use crate::kernel::policy::{Explanation, NoPredicates, PolicySet, PredicateId, PredicateOutcome, Subject};
use crate::kernel::receipt::{Cause, Receipt, Ruling};

/// Compiled policies by digest.
#[derive(Debug, Default)]
pub struct PolicyCache {
    by_digest: BTreeMap<String, Arc<PolicySet>>,
}

/// What the rules say of one action.
#[derive(Debug)]
pub struct Explained {
    /// Every rule and what came of it, and what would change the verdict.
    pub explanation: Explanation,
    /// True when that is what the receipt says too. Where it is not, something besides the rules decided.
    pub agrees: bool,
}

impl PolicyCache {
    /// Takes one fact in.
    pub fn take(&mut self, fact: &Fact) {
        match fact {
            Fact::RunStarted(started) => self.add(&started.policy),
            Fact::PolicyLoaded(stamp) => self.add(stamp),
            _ => {}
        }
    }

    /// The policy of a digest.
    pub fn of(&self, digest: &str) -> Option<&Arc<PolicySet>> {
        self.by_digest.get(digest)
    }

    fn add(&mut self, stamp: &PolicyStamp) {
        let Some(digest) = stamp.digest.as_ref().filter(|_| stamp.ruleset.len() == stamp.rules) else { return };
        if !self.by_digest.contains_key(digest) {
            self.by_digest.insert(digest.clone(), Arc::new(PolicySet::compile(stamp.ruleset.clone())));
        }
    }

    /// The rules tried on a disposed action; `None` when it never came to them, or they are not known.
    pub fn explain(&self, disposed: &Disposed) -> Option<Explained> {
        // Where a person was asked it may have been judged twice.
        let said = disposed.stages.iter().rev().find_map(|stage| match stage {
            StageRecord::Policy { decision, reason, .. } => Some(((*decision).into(), reason.as_str())),
            _ => None,
        })?;
        let inexact =
            disposed.stages.iter().any(|stage| matches!(stage, StageRecord::Validate { inexact_value: true, .. }));
        self.explained(&disposed.receipt, disposed.receipt.verdict.decision, said, inexact)
    }

    /// The rules tried on an action that waits for a person.
    pub fn explain_held(&self, held: &Held) -> Option<Explained> {
        let verdict = &held.verdict;
        self.explained(&held.interrupted, verdict.decision, (verdict.decision, &verdict.reason), false)
    }

    fn explained(&self, receipt: &Receipt, ruling: Ruling, said: (Ruling, &str), inexact: bool) -> Option<Explained> {
        let policy = self.by_digest.get(receipt.policy_digest.as_ref()?)?;
        let value = receipt.value.clone().map(|amount| Amount { exact: amount.exact && !inexact, ..amount });
        let subject = Subject { connector: receipt.connector.as_deref(), tool: &receipt.tool, value: value.as_ref() };
        let policy = policy.of(&receipt.operator);
        let mut explanation = policy.explain(&subject, &mut NoPredicates);
        // What was let through, was let through by every predicate; none is asked again to know that.
        if explanation.cause == Cause::NotAsked && said.0 != Ruling::Block {
            explanation = policy.explain(&subject, &mut |_: PredicateId| PredicateOutcome::True);
        }
        let agrees = Ruling::from(explanation.decision) == said.0
            && explanation.reason == said.1
            && (ruling == Ruling::Dedup || ruling == said.0);
        Some(Explained { explanation, agrees })
    }
}
