//! Limits, locked arguments and people: what each lets through, what it stops, and what the receipt says of it.

use std::cell::RefCell;

use super::*;
use crate::kernel::executor::Hold;
use crate::kernel::journal::StageRecord;
use crate::kernel::policy::{Gates, Limit, Period};
use crate::kernel::receipt::Outcome;

const RULE: &str = "policy/refunds.yaml:1";

/// A desk whose policy, gates and people can be changed between two steps.
pub(super) struct Office {
    decision: RefCell<Decision>,
    gates: RefCell<Gates>,
    hold: Hold,
}

impl Office {
    pub(super) fn new(decision: Decision, gates: Gates, hold: Hold) -> Self {
        Self { decision: RefCell::new(decision), gates: RefCell::new(gates), hold }
    }
}

impl ExecutorEnv for Office {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        Desk.canonical(capability)
    }

    fn may_propose(&self, operator: &str, capability: &str) -> bool {
        Desk.may_propose(operator, capability)
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        Desk.bind(capability)
    }

    fn is_own_pack(&self, operator: &str, connector: &str) -> bool {
        Desk.is_own_pack(operator, connector)
    }

    fn judge(&self, _: &str, _: &PlannedAction, _: Handler, _: &EventEnvelope) -> Verdict {
        let decision = *self.decision.borrow();
        let reason = format!("rule 1: {}", decision.word());
        Verdict::of_rules(decision, Some(RULE.to_owned()), reason)
    }

    fn gates(&self, _: &str, _: &PlannedAction) -> Gates {
        self.gates.borrow().clone()
    }

    fn hold(&self) -> Hold {
        self.hold
    }

    fn policy_digest(&self) -> Option<String> {
        Some("d1ge57".to_owned())
    }
}

fn attended() -> Hold {
    Hold { alerts: false, attended: true }
}

fn limited(max: u32) -> Gates {
    Gates { limits: vec![(RULE.to_owned(), Limit { per: Period::Hour, max })], ..Gates::default() }
}

fn confirmed() -> Gates {
    Gates { confirm: true, ..Gates::default() }
}

/// Goes on from an answer to the next step that the driver cannot take by itself.
fn on(env: &Office, state: &mut State, disposal: &mut Disposal, mut answer: Answer, at: &str) -> Next {
    loop {
        answer = match disposal.advance(state, env, answer, at) {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => Answer::Claimed,
            Next::Call { args, .. } => Answer::Handled(Ok(args)),
            other => return other,
        };
    }
}

fn whole(env: &Office, state: &mut State, disposal: &mut Disposal, at: &str) -> Finish {
    match on(env, state, disposal, Answer::Go, at) {
        Next::Done(finish) => *finish,
        other => panic!("{other:?}"),
    }
}

fn ended(next: Next) -> Finish {
    match next {
        Next::Done(finish) => *finish,
        other => panic!("{other:?}"),
    }
}

fn said(finish: &Finish) -> (Outcome, Ruling, &str) {
    let receipt = &finish.disposed.receipt;
    (receipt.outcome, receipt.verdict.decision, &receipt.verdict.reason)
}

fn person(who: &str, approve: bool) -> Answer {
    Answer::Person { who: who.to_owned(), approve }
}

#[test]
fn a_limit_counts_claimed_keys_in_a_sliding_window() {
    let env = Office::new(Decision::Allow, limited(2), Hold::default());
    let mut state = State::default();
    let mut at = |n: usize, tool: &str, at: &str| {
        let mut disposal = disposal(n, action(tool, "o:1", &format!("k{n}")));
        let finish = whole(&env, &mut state, &mut disposal, at);
        assert_eq!(state.claimed_by(&format!("k{n}")).is_some(), finish.disposed.receipt.outcome == Outcome::Applied);
        finish
    };
    assert_eq!(said(&at(1, "order.refund", "2026-01-01T10:00:00Z")).0, Outcome::Applied);
    assert_eq!(said(&at(2, "order.refund", "2026-01-01T10:20:00Z")).0, Outcome::Applied);
    let over = at(3, "order.refund", "2026-01-01T10:59:59Z");
    let reason = "limit 2 an hour: 2 order.refund by order-risk in that time, the next at 2026-01-01T11:00:00Z";
    assert_eq!(said(&over), (Outcome::Refused, Ruling::Block, reason));
    assert_eq!(over.disposed.receipt.verdict.rule.as_deref(), Some(RULE));
    assert_eq!(said(&at(4, "order.hold", "2026-01-01T10:59:59Z")).0, Outcome::Applied, "each capability by itself");
    let freed = at(5, "order.refund", "2026-01-01T11:00:00Z");
    assert_eq!(said(&freed).0, Outcome::Applied, "the first has left the window");
    let limit = Limit { per: Period::Hour, max: 2 };
    let stage = StageRecord::Limit { limit, used: 1, rule: RULE.to_owned(), frees_at: None };
    assert!(freed.disposed.stages.contains(&stage), "{:?}", freed.disposed.stages);
    let over = at(6, "order.refund", "2026-01-01T11:01:00Z");
    assert!(said(&over).2.ends_with("the next at 2026-01-01T11:20:00Z"), "{over:?}");
}

#[test]
fn a_fixture_counts_by_its_own_clock_and_a_key_that_is_free_again_does_not_count() {
    let env = Office::new(Decision::Allow, limited(1), Hold::default());
    let mut state = State::default();
    let make = |n: usize| {
        let clock = Some("2026-01-01T00:00:00Z".to_owned());
        let action = action("order.hold", "o:1", &format!("k{n}"));
        let raw = Raw::parse(&serde_json::to_string(&action).unwrap()).unwrap();
        Disposal::new(Ticket { clock, ..ticket(n) }, ProposedAction { raw, shape: Ok(action) })
    };
    let mut failing = make(1);
    let mut answer = Answer::Go;
    let released = loop {
        answer = match failing.advance(&mut state, &env, answer, "2026-06-01T00:00:00Z") {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => Answer::Claimed,
            Next::Call { .. } => Answer::Handled(broken()),
            next => break ended(next).released,
        };
    };
    assert_eq!(released.as_deref(), Some("k1"));
    assert_eq!(said(&whole(&env, &mut state, &mut make(2), "2026-06-01T00:00:00Z")).0, Outcome::Applied);
    let later = whole(&env, &mut state, &mut make(3), "2026-06-02T00:00:00Z");
    assert_eq!(said(&later).0, Outcome::Refused, "however long the replay takes");
}

#[test]
fn what_was_used_before_a_restart_counts() {
    let env = Office::new(Decision::Allow, limited(1), Hold::default());
    let used = super::super::Use {
        operator: "order-risk".to_owned(),
        tool: "order.hold".to_owned(),
        at: "2025-12-31T23:30:00Z".to_owned(),
    };
    let mut state = State::default().with_uses([used], AT);
    let mut one = disposal(1, action("order.hold", "o:1", "k"));
    assert_eq!(said(&whole(&env, &mut state, &mut one, AT)).0, Outcome::Refused);
}

#[test]
fn two_that_passed_the_limit_do_not_both_claim() {
    let env = Office::new(Decision::Allow, limited(1), Hold::default());
    let mut state = State::default();
    let mut first = disposal(1, action("order.refund", "o:1", "k1"));
    let mut second = disposal(2, action("order.refund", "o:1", "k2"));
    let to_claim = |state: &mut State, disposal: &mut Disposal| {
        disposal.advance(state, &env, Answer::Go, AT);
        disposal.advance(state, &env, Answer::Input(Ok(Raw::null())), AT)
    };
    assert!(matches!(to_claim(&mut state, &mut first), Next::Claim { .. }));
    // The second finds the limit reached before it asks for the lock.
    assert_eq!(said(&ended(to_claim(&mut state, &mut second))).0, Outcome::Refused);
    // Without a limit it waits for the lock; the limit that came meanwhile is asked again.
    *env.gates.borrow_mut() = limited(2);
    let mut third = disposal(3, action("order.refund", "o:1", "k3"));
    assert!(matches!(to_claim(&mut state, &mut third), Next::Wait { .. }));
    let mut other = disposal(4, action("order.refund", "o:4", "k4"));
    assert!(matches!(to_claim(&mut state, &mut other), Next::Claim { .. }));
    first.advance(&mut state, &env, Answer::Claimed, AT);
    first.advance(&mut state, &env, Answer::Handled(ok()), AT);
    assert_eq!(said(&ended(third.advance(&mut state, &env, Answer::Go, AT))).0, Outcome::Refused);
}

#[test]
fn an_argument_is_locked_beside_the_entity() {
    let gates = Gates { single_flight: vec!["id".to_owned()], ..Gates::default() };
    let env = Office::new(Decision::Allow, gates, Hold::default());
    let mut state = State::default();
    let to_claim = |state: &mut State, disposal: &mut Disposal, args: &str| {
        disposal.advance(state, &env, Answer::Go, AT);
        disposal.advance(state, &env, Answer::Input(Ok(Raw::parse(args).unwrap())), AT)
    };
    let mut first = disposal(1, action("order.hold", "o:1", "k1"));
    assert!(matches!(to_claim(&mut state, &mut first, r#"{"id":7}"#), Next::Claim { .. }));
    let mut second = disposal(2, action("order.refund", "o:2", "k2"));
    let waits = Next::Wait { holder: "ac_1_1".to_owned() };
    assert_eq!(to_claim(&mut state, &mut second, r#"{"id":7}"#), waits, "another entity, the same argument");
    let mut third = disposal(3, action("order.refund", "o:3", "k3"));
    assert!(matches!(to_claim(&mut state, &mut third, r#"{"id":8}"#), Next::Claim { .. }));
    first.advance(&mut state, &env, Answer::Claimed, AT);
    let finish = ended(first.advance(&mut state, &env, Answer::Handled(ok()), AT));
    let lock = StageRecord::Lock { entity_key: "o:1".to_owned(), waited_for: None, arguments: vec!["id=7".to_owned()] };
    assert!(finish.disposed.stages.contains(&lock));
    assert!(matches!(second.advance(&mut state, &env, Answer::Go, AT), Next::Claim { .. }));
    for args in ["{}", r#"{"id":null}"#, "7"] {
        let mut without = disposal(4, action("order.hold", "o:4", "k4"));
        let finish = ended(to_claim(&mut state, &mut without, args));
        let reason = "single_flight: there is no argument `id` to lock";
        assert_eq!(said(&finish), (Outcome::Refused, Ruling::Block, reason), "{args}");
    }
}

#[test]
fn what_a_policy_wants_confirmed_waits_and_nothing_waits_for_it() {
    let env = Office::new(Decision::Alert, confirmed(), attended());
    let mut state = State::default();
    let mut held = disposal(1, action("order.refund", "o:1", "k1"));
    assert_eq!(on(&env, &mut state, &mut held, Answer::Go, AT), Next::Hold);
    assert!(state.locks.is_empty() && state.claims.is_empty(), "it holds no lock and no key");
    let written = held.held(&env, AT);
    assert_eq!((written.verdict.decision, written.since.as_str()), (Ruling::Alert, AT));
    let left = &written.interrupted;
    assert_eq!((left.outcome, left.verdict.decision, left.handler), (Outcome::Refused, Ruling::Block, None));
    assert_eq!(left.verdict.reason, "rule 1: ALERT; interrupted before anyone answered");
    let later = "2026-01-01T00:05:00Z";
    let finish = ended(on(&env, &mut state, &mut held, person("ana", true), later));
    let reason = "rule 1: ALERT; approved by ana at 2026-01-01T00:05:00Z";
    assert_eq!(said(&finish), (Outcome::Applied, Ruling::Alert, reason));
    let (since, who) = (Some(AT.to_owned()), Some("ana".to_owned()));
    assert!(finish.disposed.stages.contains(&StageRecord::Hold { since, who, approved: true }));
}

#[test]
fn a_veto_is_a_block_that_says_who_and_when() {
    let env = Office::new(Decision::Alert, confirmed(), attended());
    let mut state = State::default();
    let mut held = disposal(1, action("order.refund", "o:1", "k1"));
    on(&env, &mut state, &mut held, Answer::Go, AT);
    let finish = ended(on(&env, &mut state, &mut held, person("ben", false), AT));
    let reason = "rule 1: ALERT; vetoed by ben at 2026-01-01T00:00:00Z";
    assert_eq!(said(&finish), (Outcome::Refused, Ruling::Block, reason));
    let receipt = &finish.disposed.receipt;
    assert_eq!((receipt.verdict.tier, receipt.verdict.rule.as_deref()), (3, Some(RULE)));
    assert!(state.claims.is_empty());
    assert_eq!(on(&env, &mut state, &mut held, person("ana", true), AT), Next::Ended, "it was answered");
}

#[test]
fn with_nobody_to_ask_it_is_refused() {
    for (gates, alerts) in [(confirmed(), false), (Gates::default(), true)] {
        let env = Office::new(Decision::Alert, gates, Hold { alerts, attended: false });
        let mut one = disposal(1, action("order.refund", "o:1", "k1"));
        let finish = whole(&env, &mut State::default(), &mut one, AT);
        let reason = "rule 1: ALERT; nobody is there to confirm it";
        assert_eq!(said(&finish), (Outcome::Refused, Ruling::Block, reason));
    }
    let env = Office::new(Decision::Alert, confirmed(), attended());
    let (mut state, mut held) = (State::default(), disposal(1, action("order.refund", "o:1", "k1")));
    on(&env, &mut state, &mut held, Answer::Go, AT);
    let finish = ended(on(&env, &mut state, &mut held, Answer::Nobody, AT));
    assert_eq!(said(&finish).2, "rule 1: ALERT; nobody answered before the session ended");
}

#[test]
fn without_a_gate_an_alert_acts_and_is_raised() {
    let env = Office::new(Decision::Alert, Gates::default(), attended());
    let mut one = disposal(1, action("order.refund", "o:1", "k1"));
    let finish = whole(&env, &mut State::default(), &mut one, AT);
    assert_eq!(said(&finish), (Outcome::Applied, Ruling::Alert, "rule 1: ALERT"));
}

#[test]
fn an_approval_overrides_neither_policy_nor_limit() {
    let hold = Hold { alerts: true, attended: true };
    let env = Office::new(Decision::Alert, Gates::default(), hold);
    let mut state = State::default();
    let mut held = disposal(1, action("order.refund", "o:1", "k1"));
    on(&env, &mut state, &mut held, Answer::Go, AT);
    *env.decision.borrow_mut() = Decision::Block;
    let finish = ended(on(&env, &mut state, &mut held, person("ana", true), AT));
    assert_eq!(said(&finish), (Outcome::Refused, Ruling::Block, "rule 1: BLOCK"));
    let policies = finish.disposed.stages.iter().filter(|stage| matches!(stage, StageRecord::Policy { .. }));
    assert_eq!(policies.count(), 2, "both of its judgements are told");

    let env = Office::new(Decision::Alert, limited(1), hold);
    let mut held = disposal(2, action("order.refund", "o:2", "k2"));
    assert_eq!(on(&env, &mut state, &mut held, Answer::Go, AT), Next::Hold);
    state.use_of("order-risk", "order.refund", super::super::gates::milliseconds(AT).unwrap());
    let finish = ended(on(&env, &mut state, &mut held, person("ana", true), AT));
    assert!(said(&finish).2.starts_with("limit 1 an hour: 1 order.refund"), "{finish:?}");
    assert!(state.claims.is_empty());
}

#[test]
fn another_policy_judges_what_is_held_again() {
    let hold = Hold { alerts: true, attended: true };
    for (now, outcome) in [(Decision::Block, Some(Outcome::Refused)), (Decision::Allow, Some(Outcome::Applied))] {
        let env = Office::new(Decision::Alert, Gates::default(), hold);
        let mut state = State::default();
        let mut held = disposal(1, action("order.refund", "o:1", "k1"));
        on(&env, &mut state, &mut held, Answer::Go, AT);
        assert_eq!(on(&env, &mut state, &mut held, Answer::Go, AT), Next::Hold, "nothing has changed");
        *env.decision.borrow_mut() = now;
        let next = on(&env, &mut state, &mut held, Answer::Go, AT);
        assert_eq!(Some(said(&ended(next)).0), outcome);
    }
    let env = Office::new(Decision::Alert, Gates::default(), hold);
    let mut state = State::default();
    let mut held = disposal(1, action("order.refund", "o:1", "k1"));
    on(&env, &mut state, &mut held, Answer::Go, AT);
    *env.gates.borrow_mut() = confirmed();
    assert!(held.is_judged_otherwise(&env));
    assert_eq!(on(&env, &mut state, &mut held, Answer::Go, "2026-01-02T00:00:00Z"), Next::Hold);
    assert_eq!(held.held(&env, AT).since, AT, "it waits since it was put aside");
}
