//! Recording: the lines of each file of golden plans, in fixture order. Of a plan that failed, what was recorded before
//! stays; where only some envelopes were selected, so does what was recorded of the others.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::{Golden, Key, Recorded};
use crate::kernel::json::Raw;
use crate::workspace::recordings::GoldenPlan;

/// A file of golden plans as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording<'a> {
    /// Where.
    pub path: &'a Path,
    /// Its name.
    pub shown: &'a str,
    /// Its lines.
    pub text: String,
    /// How many plans those are.
    pub plans: usize,
    /// How many of them were not recorded before.
    pub added: usize,
    /// How many were recorded before, and are others now.
    pub changed: usize,
    /// How many were recorded before, and are none now.
    pub removed: usize,
}

impl Golden {
    /// What is to be written of each fixture file that had an envelope, or a recording.
    pub fn recordings(&self, selecting: bool) -> Vec<Recording<'_>> {
        self.files
            .iter()
            .filter(|file| file.exists || !file.observed.is_empty())
            .map(|file| file.recording(selecting))
            .collect()
    }
}

impl Recorded {
    fn recording(&self, selecting: bool) -> Recording<'_> {
        let lines = self.lines(selecting);
        let text = lines.iter().map(GoldenPlan::line).collect();
        let (mut plans, mut added, mut changed) = (0, 0, 0);
        for now in lines.iter().filter(|line| line.operator.is_some()) {
            plans += 1;
            match self.recorded_of(&(now.envelope.clone(), now.occurrence), now.operator.as_deref()) {
                None => added += 1,
                Some(before) => changed += usize::from(before.plan != now.plan),
            }
        }
        let before = self.plans.values().flatten().filter(|known| known.plan.operator.is_some()).count();
        let removed = before - (plans - added);
        Recording { path: &self.path, shown: &self.shown, text, plans, added, changed, removed }
    }

    fn recorded_of(&self, key: &Key, operator: Option<&str>) -> Option<&GoldenPlan> {
        let known = self.plans.get(key)?.iter().find(|known| known.plan.operator.as_deref() == operator);
        known.map(|known| &known.plan)
    }

    fn lines(&self, selecting: bool) -> Vec<GoldenPlan> {
        let order = if selecting { self.order() } else { HashMap::new() };
        let mut lines: BTreeMap<(usize, u32, Option<String>), GoldenPlan> = BTreeMap::new();
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for observed in &self.observed {
            *counts.entry(&observed.key.0).or_default() += 1;
        }
        let mut taken = HashMap::new();
        for (index, observed) in self.observed.iter().enumerate() {
            // A file that is played several times is recorded once.
            if observed.key.1 > counts.get(observed.key.0.as_str()).map_or(0, |count| count / self.times) {
                continue;
            }
            let place = if selecting { order.get(&observed.key).copied().unwrap_or(usize::MAX) } else { index };
            taken.insert(&observed.key, place);
            let line = |operator: Option<String>, plan| GoldenPlan {
                envelope: observed.key.0.clone(),
                occurrence: observed.key.1,
                operator,
                event_type: observed.event_type.clone(),
                correlation_id: observed.correlation_id.clone(),
                plan,
            };
            if observed.unrouted {
                lines.insert((place, 0, None), line(None, Raw::null()));
            }
            for (operator, plan) in &observed.proposed {
                let before = self.recorded_of(&observed.key, Some(operator)).cloned();
                let now = plan.clone().map(|plan| line(Some(operator.clone()), plan)).or(before);
                lines.extend(now.map(|now| ((place, 0, Some(operator.clone())), now)));
            }
        }
        if selecting {
            let others = self.plans.iter().filter(|(key, _)| !taken.contains_key(*key));
            for (key, recorded) in others {
                let place = order.get(key).copied().unwrap_or(usize::MAX);
                for known in recorded {
                    // What has no place in the fixture file any more keeps the one it had.
                    let then = if place == usize::MAX { known.line } else { 0 };
                    lines.insert((place, then, known.plan.operator.clone()), known.plan.clone());
                }
            }
        }
        lines.into_values().collect()
    }
}
