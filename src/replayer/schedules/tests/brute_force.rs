//! Every schedule one by one, each step of each action a step, and which of them are equivalent by swapping neighbours.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::super::graph::{End, Graph};
use super::super::inequivalent::count;
use super::super::model::Model;
use super::super::world::World;
use super::*;
use crate::kernel::executor::Canonical;

/// Schedules that are taken one by one at most.
const MOST: usize = 500;

fn written(world: &World) -> Vec<u8> {
    let mut out = Canonical::default();
    world.write_canonical(&mut out);
    out.0
}

/// All schedules of single steps, each with its end; none where there are too many.
fn all(model: &Model<'_>) -> Option<Vec<(Vec<usize>, End)>> {
    let mut found = Vec::new();
    let mut open = vec![(World::beginning(model), Vec::new())];
    while let Some((world, path)) = open.pop() {
        let before = open.len();
        for lane in 0..model.lanes {
            let mut after = world.clone();
            if after.advance(model, lane, false).is_some() {
                open.push((after, [&path[..], &[lane]].concat()));
            }
        }
        if open.len() == before {
            found.push((path, End { endings: world.endings.clone(), breaches: world.breaches }));
        }
        if found.len() > MOST {
            return None;
        }
    }
    Some(found)
}

/// The one that stands for all that are equivalent to it.
fn find(root: &mut [usize], mut n: usize) -> usize {
    while root[n] != n {
        root[n] = root[root[n]];
        n = root[n];
    }
    n
}

/// How many there are, those that come from one another by swapping neighbours that commute counted once.
fn classes(model: &Model<'_>, schedules: &[(Vec<usize>, End)]) -> u128 {
    let place: HashMap<&[usize], usize> = schedules.iter().enumerate().map(|(n, (path, _))| (&path[..], n)).collect();
    let mut root: Vec<usize> = (0..schedules.len()).collect();
    for (n, (path, _)) in schedules.iter().enumerate() {
        let mut world = World::beginning(model);
        for at in 0..path.len().saturating_sub(1) {
            let mut swapped = path.clone();
            swapped.swap(at, at + 1);
            if let Some(other) = place.get(&swapped[..]).filter(|_| path[at] < path[at + 1]) {
                let taken = |lanes: &[usize]| {
                    let mut world = world.clone();
                    assert!(lanes.iter().all(|lane| world.advance(model, *lane, false).is_some()));
                    written(&world)
                };
                if taken(&path[at..at + 2]) == taken(&swapped[at..at + 2]) {
                    let (one, two) = (find(&mut root, n), find(&mut root, *other));
                    root[one] = two;
                }
            }
            world.advance(model, path[at], false);
        }
    }
    let roots: HashSet<usize> = (0..schedules.len()).map(|n| find(&mut root, n)).collect();
    roots.len() as u128
}

fn specs() -> impl Strategy<Value = Vec<Vec<Spec>>> {
    let word = |words: Vec<&'static str>| prop::sample::select(words);
    let decision = prop::sample::select(vec![Decision::Allow, Decision::Allow, Decision::Alert, Decision::Block]);
    let limit = prop::option::weighted(0.3, 1..3_u32);
    let person = prop::option::weighted(0.2, any::<bool>());
    let tool = word(vec!["order.hold", "order.ship"]);
    let spec = (tool, word(vec!["e", "f"]), word(vec!["a", "b", "c"]), decision, any::<bool>(), limit, person)
        .prop_map(|(tool, entity, key, decision, fails, limit, person)| Spec {
            tool,
            entity,
            key,
            decision,
            fails,
            limit,
            person,
        });
    prop::collection::vec(prop::collection::vec(spec, 1..3), 2..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn the_search_comes_to_what_every_schedule_comes_to_and_counts_none_twice(plans in specs()) {
        let model = model(&plans, &KernelExecutor);
        let all = all(&model);
        prop_assume!(all.is_some());
        let all = all.unwrap();
        let graph = Graph::of(&model).unwrap();
        let one_by_one: HashSet<End> = all.iter().map(|(_, end)| end.clone()).collect();
        let searched: HashSet<End> = graph.ends.iter().cloned().collect();
        prop_assert_eq!(&one_by_one, &searched);
        let counted = count(&graph);
        prop_assert_eq!(counted.by_end.iter().sum::<u128>(), classes(&model, &all));
        prop_assert!(counted.orders <= all.len() as u128);
    }

    #[test]
    fn an_order_of_whole_actions_is_found_exactly_where_there_is_one(plans in specs()) {
        let model = model(&plans, &KernelExecutor);
        let lines = plans.iter().map(|_| PlanLine::default()).collect();
        let explored = explore(&model, lines, None, &Property::FAULTS).unwrap();
        let serial = whole_actions(&model);
        for outcome in &explored.outcomes {
            prop_assert_eq!(outcome.is_serial, serial.contains(&outcome.endings), "{:?}", outcome.endings);
        }
    }

    #[test]
    fn the_contract_holds_in_every_schedule_of_more_plans_than_can_be_taken_one_by_one(plans in specs()) {
        let explored = explored(&plans, &KernelExecutor);
        for outcome in &explored.outcomes {
            for breach in [Property::KeyTwice, Property::TwoInFlight, Property::OverLimit] {
                prop_assert!(!outcome.bad.contains(&breach), "{breach:?}: {:?}", outcome.endings);
            }
        }
        for (place, outcome) in explored.outcomes.iter().enumerate() {
            // Each schedule that is shown comes to the outcome that it is shown for.
            let schedule = outcome.schedule.as_ref().unwrap();
            let mut endings = vec![None; explored.actions.len()];
            for taken in &schedule.moves {
                if let super::super::Did::Ended(ending) = taken.did {
                    endings[taken.action] = Some(ending);
                }
            }
            prop_assert_eq!(&endings, &outcome.endings, "outcome {}", place);
            prop_assert_eq!(schedule.lost_at.is_some(), !outcome.bad.is_empty());
        }
    }
}

/// What all orders of whole actions come to: each is driven to its end, or until it waits for a person.
fn whole_actions(model: &Model<'_>) -> HashSet<Vec<Option<super::super::Ending>>> {
    use super::super::Did;
    let mut found = HashSet::new();
    let mut open = vec![World::beginning(model)];
    while let Some(world) = open.pop() {
        let before = open.len();
        for lane in 0..model.lanes {
            let mut after = world.clone();
            let mut moved = false;
            while let Some(taken) = after.advance(model, lane, false) {
                moved = true;
                if matches!(taken.did, Did::Ended(_))
                    || (taken.did == Did::Held && model.held_lane[taken.action].is_some())
                {
                    break;
                }
            }
            if moved {
                open.push(after);
            }
        }
        if open.len() == before {
            found.insert(world.endings);
        }
    }
    found
}
