//! Executors with a defect: the search has to find each.

use super::*;
use crate::kernel::executor::{Answer, Next};

/// Another executor, by what it does beside the kernel's.
struct Defective<F>(F);

impl<F> Executor for Defective<F>
where
    F: Fn(&mut Disposal, &mut State, &dyn ExecutorEnv, Answer) -> Next,
{
    fn advance(
        &self,
        disposal: &mut Disposal,
        state: &mut State,
        env: &dyn ExecutorEnv,
        answer: Answer,
        _: &str,
    ) -> Next {
        (self.0)(disposal, state, env, answer)
    }
}

/// The key is free while its handler runs, and claimed when that has ended.
fn claims_after_the_call(disposal: &mut Disposal, state: &mut State, env: &dyn ExecutorEnv, answer: Answer) -> Next {
    let next = disposal.advance(state, env, answer, AT);
    match &next {
        Next::Claim { key } => state.give_back(key),
        Next::Done(finish) if finish.disposed.receipt.handler.is_some() => {
            let receipt = &finish.disposed.receipt;
            state.claim(&receipt.idempotency_key, &receipt.id);
        }
        _ => {}
    }
    next
}

/// The entity is free as soon as the handler runs.
fn unlocks_before_the_call(disposal: &mut Disposal, state: &mut State, env: &dyn ExecutorEnv, answer: Answer) -> Next {
    let next = disposal.advance(state, env, answer, AT);
    if matches!(next, Next::Call { .. }) {
        state.unlock("e");
    }
    next
}

/// A use is counted when the handler has ended.
fn counts_after_the_call(disposal: &mut Disposal, state: &mut State, env: &dyn ExecutorEnv, answer: Answer) -> Next {
    let next = disposal.advance(state, env, answer, AT);
    let used = || crate::kernel::executor::Use {
        operator: "holder".to_owned(),
        tool: "order.hold".to_owned(),
        at: AT.to_owned(),
    };
    match &next {
        Next::Claim { .. } => state.uncount(&used(), AT),
        Next::Done(finish) if finish.disposed.receipt.handler.is_some() => state.count(&used(), AT),
        _ => {}
    }
    next
}

/// The lock is never given back.
fn keeps_the_lock(disposal: &mut Disposal, state: &mut State, env: &dyn ExecutorEnv, answer: Answer) -> Next {
    let next = disposal.advance(state, env, answer, AT);
    if matches!(next, Next::Done(_)) {
        *state = std::mem::take(state).locked_by("e", disposal.action_id());
    }
    next
}

#[test]
fn a_key_that_is_claimed_after_the_call_is_found() {
    // One after the other, or on one entity, nothing of it shows.
    let defect = Defective(claims_after_the_call);
    assert!(found(&[vec![spec("e", "k")], vec![spec("e", "k")]], &defect).is_empty());
    let bad = found(&[vec![spec("e", "k")], vec![spec("f", "k")]], &defect);
    assert_eq!(bad, [Property::KeyTwice, Property::NotSerial]);
}

#[test]
fn a_lock_that_is_given_back_early_is_found() {
    let bad = found(&[vec![spec("e", "a")], vec![spec("e", "b")]], &Defective(unlocks_before_the_call));
    assert_eq!(bad, [Property::TwoInFlight, Property::NotSerial]);
}

#[test]
fn a_use_that_is_counted_late_is_found() {
    let limited = |key| Spec { limit: Some(1), ..spec(key, key) };
    let bad = found(&[vec![limited("a")], vec![limited("b")]], &Defective(counts_after_the_call));
    assert!(bad.contains(&Property::OverLimit), "{bad:?}");
}

#[test]
fn a_lock_that_is_never_given_back_stops_whoever_comes_after() {
    let plans = [vec![spec("e", "a")], vec![spec("e", "b")]];
    let explored = explored(&plans, &Defective(keeps_the_lock));
    // It does so in every order, also of whole actions: what differs from the kernel's outcomes is all that shows.
    let refused = crate::kernel::receipt::Outcome::Refused;
    let stopped = |outcome: &super::super::OutcomeClass| {
        outcome.endings.iter().flatten().filter(|ending| ending.outcome == refused).count()
    };
    assert!(explored.outcomes.iter().all(|outcome| stopped(outcome) == 1), "{:?}", explored.outcomes);
}

#[test]
fn the_kernels_executor_has_none_of_them() {
    let limited = |key| Spec { limit: Some(1), ..spec(key, key) };
    for plans in [
        [vec![spec("e", "k")], vec![spec("f", "k")]],
        [vec![spec("e", "a")], vec![spec("e", "b")]],
        [vec![limited("a")], vec![limited("b")]],
    ] {
        assert_eq!(found(&plans, &KernelExecutor), []);
    }
}
