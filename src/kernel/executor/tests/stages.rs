//! Each stage: what it lets through, what it stops, and what the receipt says of it.

use super::*;
use crate::kernel::journal::{Disposed, Met, StageRecord};
use crate::kernel::receipt::Outcome;
use crate::kernel::sentences::would_pass_with;

/// Disposes of it alone; nothing may be left held, and the reason is given back.
fn refused(mut disposal: Disposal) -> (Finish, String) {
    let mut state = State::default();
    let finish = finish(&mut state, &mut disposal, ok());
    let receipt = &finish.disposed.receipt;
    assert_eq!((receipt.outcome, receipt.verdict.decision), (Outcome::Refused, Ruling::Block));
    assert_eq!((receipt.verdict.tier, receipt.handler, &receipt.claimed_by), (3, None, &None));
    assert!(receipt.result.is_none() && receipt.error.is_none() && finish.released.is_none());
    assert!(state.claims.is_empty() && state.locks.is_empty(), "BLOCK never claims a key");
    let reason = receipt.verdict.reason.clone();
    (finish, reason)
}

fn refused_in_validation(disposal: Disposal) -> String {
    let (finish, reason) = refused(disposal);
    let receipt = &finish.disposed.receipt;
    assert_eq!(receipt.verdict.rule, None);
    assert_eq!(finish.disposed.stages.len(), 1);
    match &finish.disposed.stages[0] {
        StageRecord::Validate { passed: false, reason: Some(said), .. } => {
            assert_eq!(reason, format!("validate: {said}"));
        }
        other => panic!("{other:?}"),
    }
    reason
}

#[test]
fn what_fails_validation_says_what_would_pass() {
    let tried = |change: fn(&mut PlannedAction)| {
        let mut changed = action("order.hold", "o:1", "k");
        change(&mut changed);
        would_pass_with(&finish(&mut State::default(), &mut disposal(1, changed), ok()).disposed)
    };
    assert_eq!(tried(|_| {}), None);
    assert_eq!(tried(|action| action.tool = "order.hodl".to_owned()).unwrap(), "tool `order.hold`");
    assert_eq!(
        tried(|action| action.tool = "customer.block".to_owned()).unwrap(),
        "`customer.block` in the `requires` of order-risk"
    );
    assert_eq!(
        tried(|action| action.tool = "order.ship".to_owned()).unwrap(),
        "a connector that provides `order.ship`"
    );
    assert_eq!(
        tried(|action| action.tool = "order.read".to_owned()).unwrap(),
        "`ctx.sense('order.read', …)` in place of the action"
    );
    assert_eq!(tried(|action| action.connector = Some("other".to_owned())).unwrap(), "connector `acme`, or none named");
    let mut state = State::with_claims([("k".to_owned(), "rc_9_9".to_owned())]);
    let again = finish(&mut state, &mut disposal(1, action("order.hold", "o:1", "k")), ok());
    assert_eq!(would_pass_with(&again.disposed).unwrap(), "another idempotency key");
}

#[test]
fn a_malformed_action_is_blocked_and_still_says_which_it_was() {
    let disposal =
        written(1, r#"{"connector":"x","tool":"order.hold","args":[],"entity_key":"o:1","idempotency":"k"}"#);
    let (finish, reason) = refused(disposal);
    assert!(reason.starts_with("validate: ") && reason.contains("unknown field `idempotency`"), "{reason}");
    assert!(reason.contains("`args`"), "every fault is named: {reason}");
    let receipt = &finish.disposed.receipt;
    assert_eq!((receipt.tool.as_str(), receipt.entity_key.as_str()), ("order.hold", "o:1"));
    assert_eq!((receipt.connector.as_deref(), receipt.tool_name.as_deref()), (None, None), "nothing was bound");
}

#[test]
fn what_is_no_object_is_blocked_too() {
    assert!(refused_in_validation(written(1, "7")).contains("expected an action"));
}

#[test]
fn vocabulary_allow_list_and_binding_are_asked_in_turn() {
    let reason = |tool: &str| refused_in_validation(disposal(1, action(tool, "o:1", "k")));
    assert_eq!(reason("order.hodl"), "validate: `order.hodl` is no known capability");
    assert_eq!(reason("customer.block"), "validate: `customer.block` is not in the `requires` of order-risk");
    assert_eq!(reason("order.ship"), "validate: no connector provides `order.ship`");
    assert_eq!(reason("order.read"), "validate: `order.read` is a read: it is sensed, not planned");
}

#[test]
fn a_connector_other_than_the_binding_is_refused() {
    let named = PlannedAction { connector: Some("other".to_owned()), ..action("order.hold", "o:1", "k") };
    let reason = refused_in_validation(disposal(1, named));
    assert_eq!(reason, "validate: `order.hold` is bound to `acme`, not to `other`");
}

#[test]
fn no_connector_the_bound_one_and_the_own_pack_come_to_the_same() {
    for named in [None, Some("acme"), Some("order-risk")] {
        let action = PlannedAction { connector: named.map(ToOwned::to_owned), ..action("orders.hold", "o:1", "k") };
        let done = finish(&mut State::default(), &mut disposal(1, action), ok());
        let receipt = &done.disposed.receipt;
        assert_eq!(receipt.connector.as_deref(), Some("acme"));
        assert_eq!((receipt.tool.as_str(), receipt.tool_name.as_deref()), ("order.hold", Some("order_hold")));
        assert_eq!(receipt.outcome, Outcome::Applied);
    }
}

#[test]
fn args_that_the_schema_refuses_are_blocked_with_every_fault() {
    let mut state = State::default();
    let mut one = disposal(1, action("order.hold", "o:1", "k"));
    let asked = one.advance(&mut state, &Desk, Answer::Go, AT);
    assert!(matches!(asked, Next::CheckInput { connector, tool_name, args }
        if connector == "acme" && tool_name == "order_hold" && args.as_str() == r#"{"id":7}"#));
    let faults = vec!["`id` is a string".to_owned(), "`why` is missing".to_owned()];
    let Next::Done(done) = one.advance(&mut state, &Desk, Answer::Input(Err(faults)), AT) else { panic!() };
    let receipt = &done.disposed.receipt;
    assert_eq!(receipt.verdict.reason, "validate: `id` is a string; `why` is missing");
    assert_eq!((receipt.outcome, &receipt.verdict.rule), (Outcome::Refused, &None));
    assert!(state.claims.is_empty() && state.locks.is_empty());
}

#[test]
fn the_handler_and_the_receipt_get_the_args_as_checked() {
    let mut state = State::default();
    let mut one = disposal(1, action("order.hold", "o:1", "k"));
    one.advance(&mut state, &Desk, Answer::Go, AT);
    let checked = Raw::parse("{}").unwrap();
    one.advance(&mut state, &Desk, Answer::Input(Ok(checked.clone())), AT);
    let Next::Call { args, handler, .. } = one.advance(&mut state, &Desk, Answer::Claimed, AT) else { panic!() };
    assert_eq!((&args, handler), (&checked, Handler::Stub));
    let Next::Done(done) = one.advance(&mut state, &Desk, Answer::Handled(ok()), AT) else { panic!() };
    assert_eq!(done.disposed.receipt.args, checked);
}

#[test]
fn the_policys_block_names_its_rule_and_claims_nothing() {
    let (finish, reason) = refused(disposal(1, action("order.cancel", "o:1", "k")));
    assert_eq!(reason, "BLOCK says so");
    assert_eq!(finish.disposed.receipt.verdict.rule.as_deref(), Some("policy/trust.yaml:1"));
    assert_eq!(finish.disposed.stages.len(), 2);
}

#[test]
fn allow_and_alert_both_act() {
    for (amount, decision, tier) in [("99", Ruling::Allow, 1), ("100", Ruling::Alert, 2)] {
        let mut state = State::default();
        let mut one = disposal(1, worth(amount, action("order.refund", "o:1", "k")));
        let done = finish(&mut state, &mut one, ok());
        let receipt = &done.disposed.receipt;
        assert_eq!((receipt.verdict.decision, receipt.verdict.tier), (decision, tier));
        assert_eq!((receipt.outcome, receipt.handler), (Outcome::Applied, Some(Handler::Stub)));
        assert_eq!(receipt.result, ok().ok());
        assert_eq!(receipt.policy_digest.as_deref(), Some("d1ge57"));
        assert_eq!(state.claimed_by("k").as_deref(), Some("rc_1_1"));
        assert_eq!(state.holder("o:1"), None);
        let names: Vec<_> = done.disposed.stages.iter().map(|stage| format!("{stage:?}")).collect();
        let order = ["Validate", "Policy", "Lock", "Dedup", "Handler"];
        assert!(names.iter().zip(order).all(|(name, stage)| name.starts_with(stage)), "{names:?}");
        assert_eq!(names.len(), order.len());
    }
}

#[test]
fn a_used_key_is_deduplicated_and_keeps_the_tier_of_its_verdict() {
    let mut state = State::with_claims([("k".to_owned(), "rc_9_9".to_owned())]);
    let mut one = disposal(1, worth("100", action("order.refund", "o:1", "k")));
    let done = finish(&mut state, &mut one, ok());
    let receipt = &done.disposed.receipt;
    assert_eq!((receipt.verdict.decision, receipt.verdict.tier), (Ruling::Dedup, 2));
    assert_eq!(receipt.verdict.rule.as_deref(), Some("policy/trust.yaml:1"));
    assert_eq!(receipt.verdict.reason, "key first claimed by rc_9_9");
    assert_eq!(receipt.claimed_by.as_deref(), Some("rc_9_9"));
    assert_eq!((receipt.outcome, receipt.handler), (Outcome::Deduplicated, None));
    assert!(state.locks.is_empty());
    assert_eq!(state.claimed_by("k").as_deref(), Some("rc_9_9"));
}

#[test]
fn a_blocked_action_with_a_used_key_is_blocked() {
    let mut state = State::with_claims([("k".to_owned(), "rc_9_9".to_owned())]);
    let done = finish(&mut state, &mut disposal(1, action("order.cancel", "o:1", "k")), ok());
    assert_eq!(done.disposed.receipt.verdict.decision, Ruling::Block);
}

#[test]
fn the_claim_carries_what_a_crash_would_leave() {
    let mut state = State::default();
    let mut one = disposal(1, action("order.refund", "o:1", "k"));
    let next = until(&mut state, &mut one, |next| matches!(next, Next::Claim { .. }));
    assert_eq!(next, Next::Claim { key: "k".to_owned() });
    let interrupted = one.interrupted(&Desk, AT);
    assert_eq!((interrupted.outcome, interrupted.error.as_deref()), (Outcome::Failed, Some("interrupted")));
    assert_eq!((interrupted.handler, interrupted.id.as_str()), (Some(Handler::Stub), "rc_1_1"));
    assert_eq!((state.claimed_by("k").as_deref(), state.holder("o:1")), (Some("rc_1_1"), Some("ac_1_1")));
}

#[test]
fn what_ends_before_its_lock_says_what_it_met() {
    let mut state = State::with_claims([("used".to_owned(), "rc_0_9".to_owned())]).locked_by("order:1", "ac_0_9");
    let met = |state: &mut State, entity: &str, key: &str| {
        let mut blocked = disposal(1, action("order.cancel", entity, key));
        finish(state, &mut blocked, Err(String::new())).disposed.met
    };
    let both = Met { holder: Some("ac_0_9".to_owned()), claimed_by: Some("rc_0_9".to_owned()) };
    assert_eq!(met(&mut state, "order:1", "used"), Some(both));
    assert_eq!(met(&mut state, "order:2", "new"), Some(Met::default()));
    let mut allowed = disposal(2, action("order.hold", "order:2", "new"));
    let ended = finish(&mut state, &mut allowed, ok()).disposed;
    assert_eq!(ended.met, None, "its stages tell");
    // A journal of before says nothing, and one that does is read as it was written.
    let text = serde_json::to_string(&ended).unwrap();
    assert!(!text.contains("met") && text.ends_with('}'));
    assert_eq!(serde_json::from_str::<Disposed>(&text).unwrap(), ended);
}
