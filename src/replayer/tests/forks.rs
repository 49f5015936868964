//! Forks against what was recorded: without one the executor comes to the same, with one only that differs.

use std::sync::Arc;

use proptest::prelude::*;

use super::journals::{journal, turns};
use crate::kernel::journal::{Fact, RunKind, StageRecord};
use crate::kernel::plan::ProposedAction;
use crate::kernel::policy::{PolicySet, TrustPolicy};
use crate::kernel::receipt::{Cause, Handler, Outcome, Ruling};
use crate::replayer::fork::{Fork, OtherPolicy, Recorded, again, futures};

fn rules(decision: &str) -> Arc<OtherPolicy> {
    let rule = format!(r#"{{"tool":"order.hold","decision":"{decision}","origin":{{"file":"b.yaml","number":1}}}}"#);
    let rule: TrustPolicy = serde_json::from_str(&rule).unwrap();
    Arc::new(OtherPolicy { rules: Arc::new(PolicySet::compile(vec![rule])), answers: Vec::new() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_executor_comes_to_what_was_recorded_and_a_fork_changes_one_thing(turns in turns()) {
        let entries = journal(RunKind::Play, &turns);
        let mut envelope = None;
        let mut plan: Vec<ProposedAction> = Vec::new();
        let mut done = 0;
        for entry in &entries {
            match &entry.fact {
                Fact::Received(received) => envelope = Some(received.envelope.clone()),
                Fact::Proposed(proposed) => (plan, done) = (proposed.typed().map_or_else(Vec::new, |plan| plan.actions), 0),
                Fact::Disposed(disposed) => {
                    let envelope = envelope.as_ref().unwrap();
                    let recorded = Recorded { envelope, disposed, proposed: plan.get(done), policy: None };
                    done += 1;
                    let was = again(recorded).unwrap();
                    prop_assert_eq!(&was.stages, &disposed.stages);
                    prop_assert_eq!(&was.receipt.outcome, &disposed.receipt.outcome);
                    prop_assert_eq!(&was.receipt.claimed_by, &disposed.receipt.claimed_by);
                    let blocked = disposed.receipt.verdict.decision == Ruling::Block;
                    let held = futures(recorded, &Fork::LockHeld).unwrap();
                    prop_assert_eq!(held.receipt.outcome, Outcome::Refused);
                    prop_assert_eq!(held.receipt.verdict.cause == Cause::Lock, !blocked);
                    let used = futures(recorded, &Fork::KeyUsed).unwrap();
                    prop_assert_eq!(used.receipt.outcome == Outcome::Deduplicated, !blocked);
                    let unused = futures(recorded, &Fork::KeyUnused).unwrap();
                    prop_assert_eq!(unused.receipt.handler.is_some(), !blocked);
                    let fails = futures(recorded, &Fork::HandlerFails).unwrap();
                    prop_assert_eq!(fails.receipt.outcome == Outcome::Failed, was.receipt.handler.is_some());
                    let other = futures(recorded, &Fork::Policy(rules("BLOCK"), "b.yaml".into())).unwrap();
                    prop_assert_eq!(other.receipt.verdict.rule.as_deref(), Some("b.yaml:1"));
                    for future in [held, used, unused, fails, other] {
                        let real = |stage: &StageRecord| matches!(stage, StageRecord::Handler { handler: Handler::Sandbox, .. });
                        prop_assert!(!future.stages.iter().any(real), "no handler fires in a fork");
                        prop_assert_eq!(&future.receipt.id, &disposed.receipt.id);
                    }
                }
                _ => {}
            }
        }
    }
}
