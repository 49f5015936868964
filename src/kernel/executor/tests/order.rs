//! What one disposal does to another: waits, failures, retries, and answers that come out of turn.

use super::gates::Office;
use super::*;
use crate::kernel::executor::Hold;
use crate::kernel::journal::StageRecord;
use crate::kernel::policy::Gates;
use crate::kernel::receipt::Outcome;

fn is_call(next: &Next) -> bool {
    matches!(next, Next::Call { .. })
}

fn is_wait(next: &Next) -> bool {
    matches!(next, Next::Wait { .. })
}

#[test]
fn a_second_action_on_an_entity_waits_and_says_for_whom() {
    let mut state = State::default();
    let (mut first, mut second) =
        (disposal(1, action("order.hold", "o:1", "k1")), disposal(2, action("order.hold", "o:1", "k2")));
    until(&mut state, &mut first, is_call);
    let wait = Next::Wait { holder: "ac_1_1".to_owned() };
    assert_eq!(until(&mut state, &mut second, is_wait), wait);
    assert_eq!(second.advance(&mut state, &Desk, Answer::Go, AT), wait, "it may ask as often as it likes");
    assert_eq!(state.claimed_by("k2").as_deref(), None, "who waits has claimed nothing");

    first.advance(&mut state, &Desk, Answer::Handled(ok()), AT);
    let done = finish(&mut state, &mut second, ok());
    assert_eq!(done.disposed.receipt.outcome, Outcome::Applied);
    let lock =
        StageRecord::Lock { entity_key: "o:1".to_owned(), waited_for: Some("ac_1_1".to_owned()), arguments: vec![] };
    assert_eq!(done.disposed.stages[2], lock);
}

#[test]
fn after_a_wait_the_policy_is_asked_again_and_the_stricter_verdict_stands() {
    let hundred = Amount { number: Decimal::parse("100").unwrap(), exact: true };
    for (now, value, expected) in [
        (Decision::Block, None, (Ruling::Block, Outcome::Refused)),
        (Decision::Alert, None, (Ruling::Alert, Outcome::Applied)),
        (Decision::Allow, Some(hundred), (Ruling::Alert, Outcome::Applied)),
    ] {
        let (mut state, later) = (State::default(), Office::new(now, Gates::default(), Hold::default()));
        let waiting = PlannedAction { value, ..action("order.hold", "o:1", "k2") };
        let (mut first, mut second) = (disposal(1, action("order.hold", "o:1", "k1")), disposal(2, waiting));
        until(&mut state, &mut first, is_call);
        until(&mut state, &mut second, is_wait);
        first.advance(&mut state, &Desk, Answer::Handled(ok()), AT);
        let mut next = second.advance(&mut state, &later, Answer::Go, AT);
        while !matches!(next, Next::Done(_)) {
            let answer = if is_call(&next) { Answer::Handled(ok()) } else { Answer::Claimed };
            next = second.advance(&mut state, &later, answer, AT);
        }
        let Next::Done(done) = next else { unreachable!() };
        let receipt = &done.disposed.receipt;
        assert_eq!((receipt.verdict.decision, receipt.outcome), expected, "{now:?}");
        assert_eq!(state.claimed_by("k2").is_some(), expected.1 == Outcome::Applied);
        assert!(state.locks.is_empty());
    }
}

#[test]
fn a_lock_that_nobody_gives_back_is_a_block_that_says_who_holds_it() {
    let mut state = State::default();
    let (mut first, mut second) =
        (disposal(1, action("order.hold", "o:1", "k1")), disposal(2, action("order.hold", "o:1", "k2")));
    until(&mut state, &mut first, is_call);
    until(&mut state, &mut second, is_wait);
    let Next::Done(done) = second.advance(&mut state, &Desk, Answer::WaitedTooLong, AT) else { panic!("no end") };
    let receipt = &done.disposed.receipt;
    assert_eq!((receipt.verdict.decision, receipt.outcome), (Ruling::Block, Outcome::Refused));
    assert_eq!(receipt.verdict.reason, "lock: held by ac_1_1");
    assert_eq!((state.holder("o:1"), state.claimed_by("k2")), (Some("ac_1_1"), None));
}

#[test]
fn actions_on_different_entities_do_not_wait() {
    let mut state = State::default();
    let (mut first, mut second) =
        (disposal(1, action("order.hold", "o:1", "k1")), disposal(2, action("order.hold", "o:2", "k2")));
    until(&mut state, &mut first, is_call);
    until(&mut state, &mut second, is_call);
    assert_eq!((state.holder("o:1"), state.holder("o:2")), (Some("ac_1_1"), Some("ac_1_2")));
}

#[test]
fn a_key_in_flight_on_another_entity_is_used() {
    let mut state = State::default();
    let (mut first, mut second) =
        (disposal(1, action("order.hold", "o:1", "k")), disposal(2, action("order.hold", "o:2", "k")));
    until(&mut state, &mut first, is_call);
    let done = finish(&mut state, &mut second, ok());
    assert_eq!(done.disposed.receipt.claimed_by.as_deref(), Some("rc_1_1"));
}

#[test]
fn a_failed_idempotent_tool_gives_its_key_back_and_a_retry_runs() {
    let mut state = State::default();
    let done = finish(&mut state, &mut disposal(1, action("order.hold", "o:1", "k")), broken());
    let receipt = &done.disposed.receipt;
    assert_eq!((receipt.outcome, receipt.error.as_deref()), (Outcome::Failed, Some("503 from the shop")));
    assert_eq!(receipt.verdict.decision, Ruling::Allow, "the policy allowed it; the world did not");
    assert_eq!(done.released.as_deref(), Some("k"));
    let record = StageRecord::Handler { handler: Handler::Stub, ok: false, claimed: false };
    assert_eq!(done.disposed.stages.last(), Some(&record));
    assert!(state.locks.is_empty() && state.claims.is_empty());

    let retried = finish(&mut state, &mut disposal(2, action("order.hold", "o:1", "k")), ok());
    assert_eq!(retried.disposed.receipt.outcome, Outcome::Applied);
    assert_eq!(state.claimed_by("k").as_deref(), Some("rc_1_2"));
}

#[test]
fn a_failed_tool_that_is_not_idempotent_keeps_its_key() {
    let mut state = State::default();
    let done = finish(&mut state, &mut disposal(1, action("order.refund", "o:1", "k")), broken());
    assert_eq!((done.disposed.receipt.outcome, done.released), (Outcome::Failed, None));
    assert_eq!(state.claimed_by("k").as_deref(), Some("rc_1_1"));
    assert!(state.locks.is_empty());
    let retried = finish(&mut state, &mut disposal(2, action("order.refund", "o:1", "k")), ok());
    assert_eq!(retried.disposed.receipt.outcome, Outcome::Deduplicated);
}

/// Drives a disposal this many steps into its way.
fn after(steps: usize, state: &mut State, disposal: &mut Disposal) {
    let mut answer = Answer::Go;
    for _ in 0..steps {
        answer = match disposal.advance(state, &Desk, answer, AT) {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => Answer::Claimed,
            Next::Call { .. } => Answer::Handled(ok()),
            other => panic!("{other:?}"),
        };
    }
}

fn answers() -> [Answer; 6] {
    let args = || Raw::parse("{}").unwrap();
    [
        Answer::Go,
        Answer::Input(Ok(args())),
        Answer::Input(Err(vec!["bad".to_owned()])),
        Answer::Claimed,
        Answer::Handled(Ok(args())),
        Answer::Handled(broken()),
    ]
}

#[test]
fn an_answer_out_of_turn_ends_it_without_an_effect_and_leaks_nothing() {
    // The answers that belong: at the start, to the input check, to the claim.
    let belongs = [&[0_usize][..], &[1, 2], &[3]];
    for (steps, belongs) in belongs.iter().enumerate() {
        for (index, answer) in answers().into_iter().enumerate().filter(|(index, _)| !belongs.contains(index)) {
            let mut state = State::default();
            let mut one = disposal(1, action("order.hold", "o:1", "k"));
            after(steps, &mut state, &mut one);
            let Next::Done(done) = one.advance(&mut state, &Desk, answer, AT) else { panic!("step {steps}, {index}") };
            let receipt = &done.disposed.receipt;
            assert_eq!((receipt.verdict.decision, receipt.outcome), (Ruling::Block, Outcome::Refused));
            assert!(receipt.verdict.reason.contains("out of turn"), "{}", receipt.verdict.reason);
            assert!(state.locks.is_empty() && state.claims.is_empty(), "step {steps}, answer {index}");
        }
    }
}

#[test]
fn out_of_turn_while_it_waits_leaves_the_holder_alone() {
    let mut state = State::default();
    let (mut first, mut second) =
        (disposal(1, action("order.hold", "o:1", "k")), disposal(2, action("order.hold", "o:1", "k")));
    until(&mut state, &mut first, is_call);
    until(&mut state, &mut second, is_wait);
    assert!(matches!(second.advance(&mut state, &Desk, Answer::Claimed, AT), Next::Done(_)));
    assert_eq!((state.holder("o:1"), state.claimed_by("k").as_deref()), (Some("ac_1_1"), Some("rc_1_1")));
}

#[test]
fn out_of_turn_after_the_call_is_a_failed_call_for_its_effect_may_have_happened() {
    for (tool, kept) in [("order.refund", true), ("order.hold", false)] {
        for answer in answers().into_iter().take(4) {
            let mut state = State::default();
            let mut one = disposal(1, action(tool, "o:1", "k"));
            after(3, &mut state, &mut one);
            let Next::Done(done) = one.advance(&mut state, &Desk, answer, AT) else { panic!() };
            let receipt = &done.disposed.receipt;
            assert_eq!(receipt.outcome, Outcome::Failed);
            assert_eq!(receipt.error.as_deref(), Some("the executor was answered out of turn"));
            assert_eq!(state.claimed_by("k").is_some(), kept);
            assert!(state.locks.is_empty());
        }
    }
}

#[test]
fn a_disposal_gives_one_receipt_and_then_is_over() {
    let blocked = || disposal(1, action("order.cancel", "o:1", "k"));
    for mut one in [disposal(1, action("order.hold", "o:1", "k")), blocked(), written(1, "[]")] {
        let mut state = State::default();
        finish(&mut state, &mut one, ok());
        // Someone else is at it by now.
        let mut other = disposal(2, action("order.hold", "o:1", "k2"));
        until(&mut state, &mut other, is_call);
        let before = format!("{state:?}");
        for answer in answers() {
            assert_eq!(one.advance(&mut state, &Desk, answer, AT), Next::Ended);
        }
        assert_eq!(format!("{state:?}"), before);
    }
}

#[test]
fn a_claim_that_is_lost_to_another_holder_is_a_dedup_with_the_winners_receipt() {
    let mut state = State::default();
    let mut lost = disposal(1, action("order.refund", "o:1", "k"));
    until(&mut state, &mut lost, |next| matches!(next, Next::Claim { .. }));
    let Next::Done(done) = lost.advance(&mut state, &Desk, Answer::AlreadyClaimed { by: "rc_9_9".to_owned() }, AT)
    else {
        panic!("it has ended")
    };
    let receipt = &done.disposed.receipt;
    assert_eq!((receipt.outcome, receipt.verdict.decision), (Outcome::Deduplicated, Ruling::Dedup));
    assert_eq!((receipt.claimed_by.as_deref(), receipt.handler, receipt.verdict.tier), (Some("rc_9_9"), None, 1));
    let dedups: Vec<_> =
        done.disposed.stages.iter().filter(|stage| matches!(stage, StageRecord::Dedup { .. })).collect();
    let said = StageRecord::Dedup { key: "k".to_owned(), claimed_by: Some("rc_9_9".to_owned()) };
    assert_eq!(dedups, [&said], "only what came of it is told");
    assert_eq!((state.claimed_by("k").as_deref(), state.holder("o:1")), (Some("rc_9_9"), None));
    let again = finish(&mut state, &mut disposal(2, action("order.refund", "o:1", "k")), ok());
    assert_eq!(again.disposed.receipt.claimed_by.as_deref(), Some("rc_9_9"));
    // Out of turn it is no answer: before the claim nothing was claimed, after the call the effect may have happened.
    let mut called = disposal(3, action("order.refund", "o:3", "k3"));
    until(&mut state, &mut called, is_call);
    let Next::Done(done) = called.advance(&mut state, &Desk, Answer::AlreadyClaimed { by: "rc_9_9".to_owned() }, AT)
    else {
        panic!("it has ended")
    };
    assert_eq!((done.disposed.receipt.outcome, state.claimed_by("k3").as_deref()), (Outcome::Failed, Some("rc_1_3")));
}
