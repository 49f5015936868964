//! How many schedules there are that are not the same but for the order of steps that commute: sleep sets over the states.
//!
//! At a state the steps are taken in the order of their lanes. Behind a step, those taken before it that commute with it
//! sleep: to take one of them there would be a schedule that was counted already. A step that does not commute wakes
//! them. Schedules are not listed one by one: what is counted is how many come to each state with each set asleep.

use super::graph::Graph;

/// What was counted. Numbers beyond `u128` stay at the largest there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Schedules no two of which are equivalent, by what they come to.
    pub(super) by_end: Vec<u128>,
    /// All orders of the steps that others can see.
    pub(super) orders: u128,
    /// Steps that slept where they could have been taken.
    pub(super) asleep: u128,
}

/// Counts.
pub(super) fn count(graph: &Graph) -> Counted {
    let mut counted = Counted { by_end: vec![0; graph.ends.len()], ..Counted::default() };
    let mut arrivals: Vec<Vec<(u32, u128)>> = vec![Vec::new(); graph.nodes.len()];
    let mut orders: Vec<u128> = vec![0; graph.nodes.len()];
    arrivals[0].push((0, 1));
    orders[0] = 1;
    for number in &graph.order {
        let node = &graph.nodes[*number as usize];
        let ways = orders[*number as usize];
        if node.end.is_some() {
            counted.orders = counted.orders.saturating_add(ways);
        }
        for (_, to) in &node.steps {
            orders[*to as usize] = orders[*to as usize].saturating_add(ways);
        }
        for (asleep, many) in std::mem::take(&mut arrivals[*number as usize]) {
            if let Some(end) = node.end {
                let of_end = &mut counted.by_end[end as usize];
                *of_end = of_end.saturating_add(many);
            }
            let mut taken = asleep;
            for (lane, to) in &node.steps {
                if asleep & bit(*lane) != 0 {
                    counted.asleep = counted.asleep.saturating_add(many);
                    continue;
                }
                let stays = node.steps.iter().map(|(other, _)| *other);
                let stays = stays.filter(|other| taken & bit(*other) != 0 && commute(graph, *number, *lane, *other));
                let behind = stays.fold(0, |bits, other| bits | bit(other));
                let into = &mut arrivals[*to as usize];
                match into.iter_mut().find(|(set, _)| *set == behind) {
                    Some((_, count)) => *count = count.saturating_add(many),
                    None => into.push((behind, many)),
                }
                taken |= bit(*lane);
            }
        }
    }
    counted
}

fn bit(lane: u8) -> u32 {
    1 << lane
}

/// True where two steps come to the same in either order: the executor was asked for both.
pub(super) fn commute(graph: &Graph, at: u32, one: u8, other: u8) -> bool {
    let node = &graph.nodes[at as usize];
    let both = |first: u8, second: u8| graph.nodes[node.step(first)? as usize].step(second);
    let (one_first, other_first) = (both(one, other), both(other, one));
    one_first.is_some() && one_first == other_first
}
