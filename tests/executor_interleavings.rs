//! The executor under threads: a scheduler that tries interleavings at random (shuttle) drives it through a mutex and a
//! condition variable, as a host with several plans in hand would. A driver that is wrong on purpose shows that the
//! harness sees what it should.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its ground gives way")]

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc as StdArc;

use fibric_console::kernel::envelope::EventEnvelope;
use fibric_console::kernel::executor::{Answer, Binding, Disposal, ExecutorEnv, Hold, Next, State, Ticket};
use fibric_console::kernel::json::Raw;
use fibric_console::kernel::plan::{PlannedAction, ProposedAction};
use fibric_console::kernel::policy::{Gates, Limit, Period};
use fibric_console::kernel::receipt::{Decision, Handler, Outcome, Receipt, Verdict};
use shuttle::sync::{Arc, Condvar, Mutex};
use shuttle::thread;

const AT: &str = "2026-01-01T00:00:00Z";

/// Allows everything; `order.hold` may be retried.
struct Open;

impl ExecutorEnv for Open {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        Ok(capability.to_owned())
    }

    fn may_propose(&self, _: &str, _: &str) -> bool {
        true
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        Ok(Binding {
            connector: "acme".to_owned(),
            tool_name: capability.to_owned(),
            side_effecting: true,
            idempotent: capability == "order.hold",
            handler: Handler::Stub,
        })
    }

    fn is_own_pack(&self, _: &str, _: &str) -> bool {
        false
    }

    fn judge(&self, _: &str, _: &PlannedAction, _: Handler, _: &EventEnvelope) -> Verdict {
        Verdict::of_rules(Decision::Allow, None, "")
    }

    fn policy_digest(&self) -> Option<String> {
        None
    }
}

#[derive(Clone, Copy)]
struct Job {
    tool: &'static str,
    entity: &'static str,
    key: &'static str,
    works: bool,
}

const fn job(tool: &'static str, entity: &'static str, key: &'static str, works: bool) -> Job {
    Job { tool, entity, key, works }
}

/// Each list is one thread's plan.
const THREADS: [&[Job]; 3] = [
    &[job("order.hold", "e1", "k1", false), job("order.refund", "e2", "k2", true)],
    &[job("order.hold", "e1", "k1", true), job("order.refund", "e1", "k3", false)],
    &[
        job("order.refund", "e2", "k2", true),
        job("order.hold", "e2", "k1", true),
        job("order.refund", "e1", "k3", true),
    ],
];

/// What happens outside: who is in a handler, and what had an effect.
#[derive(Default)]
struct World {
    in_flight: HashMap<&'static str, usize>,
    receipts: Vec<Receipt>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    world: Mutex<World>,
}

fn disposal(n: usize, job: Job) -> Disposal {
    let envelope = EventEnvelope {
        event_id: "evt".to_owned(),
        reseller_id: None,
        tenant_id: "t_local".to_owned(),
        workspace_id: None,
        source: "acme".to_owned(),
        event_type: "order.created".to_owned(),
        correlation_id: "c".to_owned(),
        payload: Raw::null(),
        agent_id: None,
        session_id: None,
    };
    let ticket = Ticket {
        envelope: StdArc::new(envelope),
        arrival: 1,
        operator: "order-risk".to_owned(),
        operator_version: None,
        plan_id: "pl".to_owned(),
        action_id: format!("ac_{n}"),
        receipt_id: format!("rc_{n}"),
        clock: None,
    };
    let action = PlannedAction {
        connector: None,
        tool: job.tool.to_owned(),
        args: Raw::null(),
        value: None,
        entity_key: job.entity.to_owned(),
        idempotency_key: job.key.to_owned(),
    };
    Disposal::new(ticket, ProposedAction { raw: Raw::null(), shape: Ok(action) })
}

/// A handler others may run beside.
fn handler(shared: &Shared, job: Job) -> Result<Raw, String> {
    {
        let mut world = shared.world.lock().unwrap();
        let inside = world.in_flight.entry(job.entity).or_default();
        *inside += 1;
        assert_eq!(*inside, 1, "two actions in flight on {}", job.entity);
    }
    thread::yield_now();
    *shared.world.lock().unwrap().in_flight.entry(job.entity).or_default() -= 1;
    if job.works { Ok(Raw::null()) } else { Err("no".to_owned()) }
}

fn drive(shared: &Shared, n: usize, job: Job) {
    let mut disposal = disposal(n, job);
    let mut answer = Answer::Go;
    loop {
        let mut state = shared.state.lock().unwrap();
        let mut next = disposal.advance(&mut state, &Open, answer, AT);
        while matches!(next, Next::Wait { .. }) {
            state = shared.changed.wait(state).unwrap();
            next = disposal.advance(&mut state, &Open, Answer::Go, AT);
        }
        drop(state);
        answer = match next {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => {
                // The claim is being written; others go on meanwhile.
                thread::yield_now();
                Answer::Claimed
            }
            Next::Call { .. } => Answer::Handled(handler(shared, job)),
            Next::Done(finish) => {
                shared.world.lock().unwrap().receipts.push((*finish.disposed.receipt).clone());
                shared.changed.notify_all();
                return;
            }
            Next::Hold | Next::Wait { .. } | Next::Ended => panic!("a wait was waited for, and an end is the end"),
        };
    }
}

/// Looks at the claim and takes it in two steps, as the executor does not.
fn drive_in_two_steps(shared: &Shared, n: usize, job: Job) {
    let seen = shared.state.lock().unwrap().claimed_by(job.key).is_some();
    thread::yield_now();
    if !seen {
        // A state of its own: what the others claimed meanwhile is not looked at again.
        let mut alone = State::default();
        let mut disposal = disposal(n, Job { works: true, ..job });
        let mut answer = Answer::Go;
        let receipt = loop {
            answer = match disposal.advance(&mut alone, &Open, answer, AT) {
                Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
                Next::Claim { .. } => Answer::Claimed,
                Next::Call { .. } => Answer::Handled(Ok(Raw::null())),
                Next::Done(finish) => break finish.disposed,
                Next::Hold | Next::Wait { .. } | Next::Ended => panic!("it is alone"),
            };
        };
        shared.state.lock().unwrap().apply(&receipt);
        shared.world.lock().unwrap().receipts.push((*receipt.receipt).clone());
    }
}

fn all_threads(drive: fn(&Shared, usize, Job)) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State::default()),
        changed: Condvar::new(),
        world: Mutex::new(World::default()),
    });
    let workers: Vec<_> = THREADS
        .iter()
        .enumerate()
        .map(|(t, jobs)| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || jobs.iter().enumerate().for_each(|(j, job)| drive(&shared, t * 10 + j, *job)))
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    check(&shared);
}

fn check(shared: &Shared) {
    let world = shared.world.lock().unwrap();
    let state = shared.state.lock().unwrap();
    let mut used: HashMap<&str, &str> = HashMap::new();
    for receipt in &world.receipts {
        let ran = matches!(receipt.outcome, Outcome::Applied | Outcome::Failed);
        let released = receipt.outcome == Outcome::Failed && receipt.tool == "order.hold";
        if ran && !released {
            let before = used.insert(&receipt.idempotency_key, &receipt.id);
            assert_eq!(before, None, "{} was used twice", receipt.idempotency_key);
            assert_eq!(state.claimed_by(&receipt.idempotency_key).as_deref(), Some(receipt.id.as_str()));
        }
    }
    for entity in ["e1", "e2"] {
        assert_eq!(state.holder(entity), None);
    }
}

#[test]
fn at_most_once_and_one_in_flight_under_any_schedule() {
    shuttle::check_random(
        || {
            all_threads(drive);
        },
        3_000,
    );
    // Rare schedules: few changes of thread, in unlikely places.
    shuttle::check_pct(|| all_threads(drive), 1_000, 3);
}

#[test]
fn every_disposal_ends_in_one_receipt() {
    shuttle::check_random(
        || {
            let shared = Arc::new(Shared {
                state: Mutex::new(State::default()),
                changed: Condvar::new(),
                world: Mutex::new(World::default()),
            });
            let workers: Vec<_> = (0..4)
                .map(|n| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || drive(&shared, n, job("order.refund", "e", "k", n % 2 == 0)))
                })
                .collect();
            for worker in workers {
                worker.join().unwrap();
            }
            let receipts = shared.world.lock().unwrap().receipts.clone();
            assert_eq!(receipts.len(), 4);
            assert_eq!(receipts.iter().filter(|receipt| receipt.outcome == Outcome::Deduplicated).count(), 3);
        },
        1_000,
    );
}

/// Raises everything: it waits for a person, may be done twice an hour, and its order is locked.
struct Guarded;

const MOST: usize = 2;

impl ExecutorEnv for Guarded {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        Open.canonical(capability)
    }

    fn may_propose(&self, _: &str, _: &str) -> bool {
        true
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        Open.bind(capability)
    }

    fn is_own_pack(&self, _: &str, _: &str) -> bool {
        false
    }

    fn judge(&self, _: &str, _: &PlannedAction, _: Handler, _: &EventEnvelope) -> Verdict {
        Verdict::of_rules(Decision::Alert, None, "")
    }

    fn gates(&self, _: &str, _: &PlannedAction) -> Gates {
        let limit = Limit { per: Period::Hour, max: u32::try_from(MOST).unwrap() };
        Gates { confirm: true, limits: vec![("p:1".to_owned(), limit)], single_flight: vec!["order".to_owned()] }
    }

    fn hold(&self) -> Hold {
        Hold { alerts: false, attended: true }
    }

    fn policy_digest(&self) -> Option<String> {
        None
    }
}

/// One of several who each have an action held, and answer it while the others go on; all name one order.
fn drive_guarded(shared: &Shared, n: usize, approve: bool) {
    const ORDER: &str = "order 7";
    let entity = ["e1", "e2", "e3", "e4", "e5"][n];
    let job = job("order.refund", entity, ["k1", "k2", "k3", "k4", "k5"][n], n.is_multiple_of(2));
    let mut disposal = disposal(n, job);
    let mut answer = Answer::Go;
    loop {
        let mut state = shared.state.lock().unwrap();
        let mut next = disposal.advance(&mut state, &Guarded, answer, AT);
        while matches!(next, Next::Wait { .. }) {
            state = shared.changed.wait(state).unwrap();
            next = disposal.advance(&mut state, &Guarded, Answer::Go, AT);
        }
        drop(state);
        answer = match next {
            Next::CheckInput { .. } => Answer::Input(Ok(Raw::parse("{\"order\":7}").unwrap())),
            Next::Hold => {
                thread::yield_now();
                Answer::Person { who: "ana".to_owned(), approve }
            }
            Next::Claim { .. } => Answer::Claimed,
            Next::Call { .. } => Answer::Handled(handler(shared, Job { entity: ORDER, ..job })),
            Next::Done(finish) => {
                shared.world.lock().unwrap().receipts.push((*finish.disposed.receipt).clone());
                shared.changed.notify_all();
                return;
            }
            Next::Wait { .. } | Next::Ended => panic!("a wait was waited for, and an end is the end"),
        };
    }
}

#[test]
fn limits_locked_arguments_and_answers_hold_under_any_schedule() {
    shuttle::check_random(
        || {
            let shared = Arc::new(Shared {
                state: Mutex::new(State::default()),
                changed: Condvar::new(),
                world: Mutex::new(World::default()),
            });
            let workers: Vec<_> = (0..5)
                .map(|n| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || drive_guarded(&shared, n, n != 4))
                })
                .collect();
            for worker in workers {
                worker.join().unwrap();
            }
            let receipts = shared.world.lock().unwrap().receipts.clone();
            let of = |outcome: Outcome| receipts.iter().filter(|receipt| receipt.outcome == outcome).count();
            assert_eq!((receipts.len(), of(Outcome::Applied) + of(Outcome::Failed)), (5, MOST));
            let vetoed = receipts.iter().filter(|receipt| receipt.verdict.reason.contains("vetoed by ana")).count();
            let limited =
                receipts.iter().filter(|receipt| receipt.verdict.reason.starts_with("limit 2 an hour")).count();
            assert_eq!((vetoed + limited, vetoed <= 1), (3, true));
        },
        2_000,
    );
}

#[test]
fn a_driver_that_checks_and_takes_in_two_steps_is_caught() {
    let caught = catch_unwind(AssertUnwindSafe(|| shuttle::check_random(|| all_threads(drive_in_two_steps), 3_000)));
    assert!(caught.is_err(), "the harness does not see a key used twice");
}

/// What several kernels share: who created the claim of a key first.
type Claims = Mutex<HashMap<&'static str, String>>;

/// A kernel with a state of its own; whether a claim is won says only what all share.
fn drive_sharing(shared: &Shared, claims: &Claims, n: usize, job: Job) {
    let mut disposal = disposal(n, job);
    let mut answer = Answer::Go;
    loop {
        let next = disposal.advance(&mut shared.state.lock().unwrap(), &Open, answer, AT);
        answer = match next {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => {
                thread::yield_now();
                let mut held = claims.lock().unwrap();
                if let Some(by) = held.get(job.key) {
                    Answer::AlreadyClaimed { by: by.clone() }
                } else {
                    held.insert(job.key, format!("rc_{n}"));
                    Answer::Claimed
                }
            }
            Next::Call { .. } => {
                thread::yield_now();
                Answer::Handled(Ok(Raw::null()))
            }
            Next::Done(finish) => {
                shared.world.lock().unwrap().receipts.push((*finish.disposed.receipt).clone());
                return;
            }
            Next::Hold | Next::Wait { .. } | Next::Ended => panic!("its state is its own"),
        };
    }
}

#[test]
fn kernels_that_share_their_claims_apply_a_key_once_under_any_schedule() {
    shuttle::check_random(
        || {
            let claims: Arc<Claims> = Arc::new(Mutex::new(HashMap::new()));
            let workers: Vec<_> = (0..3)
                .map(|n| {
                    let claims = Arc::clone(&claims);
                    thread::spawn(move || {
                        let shared = Shared {
                            state: Mutex::new(State::default()),
                            changed: Condvar::new(),
                            world: Mutex::new(World::default()),
                        };
                        for (at, key) in ["k1", "k2"].into_iter().enumerate() {
                            drive_sharing(&shared, &claims, n * 10 + at, job("order.refund", "e", key, true));
                        }
                        shared.world.lock().unwrap().receipts.clone()
                    })
                })
                .collect();
            let receipts: Vec<Receipt> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
            for key in ["k1", "k2"] {
                let winner = claims.lock().unwrap()[key].clone();
                for receipt in receipts.iter().filter(|receipt| receipt.idempotency_key == key) {
                    if receipt.id == winner {
                        assert_eq!(receipt.outcome, Outcome::Applied);
                    } else {
                        assert_eq!(receipt.outcome, Outcome::Deduplicated);
                        assert_eq!(receipt.claimed_by.as_deref(), Some(winner.as_str()));
                    }
                }
            }
        },
        2_000,
    );
}
