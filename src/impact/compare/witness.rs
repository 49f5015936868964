//! The values that stand for all: between two neighbouring ceilings of either policy nothing changes, so one value of
//! each such band is enough, and the least is the easiest to read.

use crate::kernel::decimal::Decimal;
use crate::kernel::policy::{CompiledPolicy, Subject};

/// A band of values, by the one that stands for it; absent for a missing, negative or inexact value.
pub(super) struct Band {
    pub value: Option<Decimal>,
}

/// The bands of two policies for one pair: without a value, up to each ceiling, and above the last.
pub(super) fn bands(policies: [&CompiledPolicy; 2], connector: Option<&str>, tool: &str) -> Vec<Band> {
    let subject = Subject { connector, tool, value: None };
    let rules = policies.into_iter().flat_map(CompiledPolicy::rules);
    let speaking = rules.filter(|rule| rule.matches(&subject));
    let mut edges: Vec<&Decimal> = speaking.filter_map(|rule| rule.max_value.as_ref()).collect();
    edges.retain(|edge| !edge.is_negative());
    edges.sort_unstable();
    edges.dedup();
    let mut bands = vec![Band { value: None }];
    let mut below: Option<&Decimal> = None;
    for edge in edges.into_iter().map(Some).chain([None]) {
        if let Some(value) = least(below, edge) {
            bands.push(Band { value: Some(value) });
        }
        below = edge;
    }
    bands
}

/// A value above one edge and not above the next, by the least step of the first that stays below the second.
fn least(below: Option<&Decimal>, edge: Option<&Decimal>) -> Option<Decimal> {
    let Some(below) = below else { return Decimal::parse("0").ok() };
    let fits = |value: &Decimal| value > below && edge.is_none_or(|edge| value <= edge);
    below.stepped(true).filter(fits).or_else(|| edge.cloned())
}
