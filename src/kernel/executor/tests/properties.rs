//! Any number of disposals over a few entities and keys, interleaved at random, each step of each in any order.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::kernel::executor::claims::Claims;
use crate::kernel::receipt::Outcome;

#[derive(Debug, Clone)]
struct Plan {
    tool: &'static str,
    entity: u8,
    key: u8,
    works: bool,
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let tool = prop::sample::select(vec!["order.hold", "order.refund", "order.hold", "order.cancel", "order.ship"]);
    let plan = (tool, 0..3_u8, 0..4_u8, prop::bool::weighted(0.6)).prop_map(|(tool, entity, key, works)| Plan {
        tool,
        entity,
        key,
        works,
    });
    prop::collection::vec(plan, 1..12)
}

/// What a driver holds of one disposal.
struct Driven {
    disposal: Disposal,
    answer: Option<Answer>,
}

/// Drives all to their ends, letting `pick` choose who takes each step; gives the entries in journal order.
fn drive(plans: &[Plan], state: &mut State, mut pick: impl FnMut(usize) -> usize) -> Vec<Finish> {
    let mut driven: Vec<_> = plans
        .iter()
        .enumerate()
        .map(|(n, plan)| {
            let action = action(plan.tool, &format!("e{}", plan.entity), &format!("k{}", plan.key));
            Driven { disposal: disposal(n, action), answer: Some(Answer::Go) }
        })
        .collect();
    let mut in_flight: HashMap<u8, usize> = HashMap::new();
    let mut ended = Vec::new();
    let mut open: Vec<usize> = (0..plans.len()).collect();
    let mut idle = 0;
    while !open.is_empty() {
        let at = pick(open.len());
        let n = open[at];
        let plan = &plans[n];
        let one = &mut driven[n];
        let answer = one.answer.take().unwrap();
        idle += 1;
        match one.disposal.advance(state, &Desk, answer, AT) {
            Next::CheckInput { args, .. } => one.answer = Some(Answer::Input(Ok(args))),
            Next::Hold => panic!("nobody is asked here"),
            Next::Wait { holder } => {
                let holder: usize = holder.trim_start_matches("ac_1_").parse().unwrap();
                assert_eq!(in_flight.get(&plan.entity), Some(&holder), "who is waited for is in flight");
                one.answer = Some(Answer::Go);
                assert!(idle < 100_000, "nobody gets on");
                continue;
            }
            Next::Claim { .. } => {
                assert_eq!(in_flight.insert(plan.entity, n), None, "two actions in flight on one entity");
                one.answer = Some(Answer::Claimed);
            }
            Next::Call { .. } => one.answer = Some(Answer::Handled(if plan.works { ok() } else { broken() })),
            Next::Done(finish) => {
                if in_flight.get(&plan.entity) == Some(&n) {
                    in_flight.remove(&plan.entity);
                }
                ended.push(*finish);
                open.swap_remove(at);
            }
            Next::Ended => panic!("ended twice"),
        }
        idle = 0;
    }
    ended
}

proptest! {
    #[test]
    fn whatever_the_interleaving(plans in plans(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..64)) {
        let mut state = State::default();
        let mut turns = picks.iter().cycle();
        // Past the drawn picks the turn also moves on by itself, so that a wait cannot be picked for ever.
        let mut turn = 0;
        let ended = drive(&plans, &mut state, |open| { turn += 1; (turns.next().unwrap().index(open) + turn / 64) % open });

        let ids: HashSet<_> = ended.iter().map(|finish| finish.disposed.receipt.id.clone()).collect();
        prop_assert_eq!(ids.len(), plans.len(), "one receipt each");
        prop_assert!(state.locks.is_empty());

        let mut folded = State::default();
        // Who holds each key: a key that was not released never lets a second handler run.
        let mut kept: HashMap<String, String> = HashMap::new();
        for finish in &ended {
            let receipt = &finish.disposed.receipt;
            let key = receipt.idempotency_key.clone();
            if matches!(receipt.outcome, Outcome::Applied | Outcome::Failed) {
                prop_assert!(!kept.contains_key(&key), "{key} was used by {:?} and {}", kept.get(&key), receipt.id);
                if finish.released.is_none() {
                    kept.insert(key, receipt.id.clone());
                }
            } else {
                prop_assert_eq!(receipt.handler, None);
            }
            folded.apply(&finish.disposed);
        }
        prop_assert_eq!(&folded.claims, &state.claims);
        let kept: Claims = kept.into_iter().collect();
        prop_assert_eq!(&state.claims, &kept);
    }

    #[test]
    fn folding_over_older_keys_gives_the_same_too(plans in plans(), seed in 0..7_usize) {
        let older = || (0..2).map(|n| (format!("k{n}"), format!("rc_0_{n}")));
        let mut state = State::with_claims(older());
        let mut turn = seed;
        let ended = drive(&plans, &mut state, |open| { turn += 1; turn % open });
        let mut folded = State::with_claims(older());
        for finish in &ended {
            folded.apply(&finish.disposed);
        }
        prop_assert_eq!(&folded.claims, &state.claims);
        for (key, first) in older() {
            prop_assert_eq!(state.claimed_by(&key), Some(first));
        }
    }
}

#[test]
fn a_journal_read_back_folds_to_the_same() {
    let plans: Vec<_> = (0..6).map(|n| Plan { tool: "order.hold", entity: n % 2, key: n % 3, works: n > 1 }).collect();
    let mut state = State::default();
    let ended = drive(&plans, &mut state, |_| 0);
    let mut folded = State::default();
    for finish in ended {
        let line = serde_json::to_string(&finish.disposed).unwrap();
        folded.apply(&serde_json::from_str(&line).unwrap());
    }
    assert_eq!(folded.claims, state.claims);
}
