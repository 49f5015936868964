//! Which way a verdict flips, the dangerous ways first.

use crate::kernel::receipt::Decision;

/// From what to what; `None` stands for not decided. Ordered by danger: BLOCK → ALLOW, BLOCK → ALERT, ALERT → ALLOW,
/// then what gets stricter, then what is not decided on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Direction {
    /// By the policy in force.
    pub before: Option<Decision>,
    /// By the draft.
    pub after: Option<Decision>,
}

impl Direction {
    /// The direction between two decisions; `None` where they are decided and the same.
    pub fn between(before: Option<Decision>, after: Option<Decision>) -> Option<Self> {
        (before != after || before.is_none()).then_some(Self { before, after })
    }

    /// From one decision to another.
    pub fn decided(before: Decision, after: Decision) -> Self {
        Self { before: Some(before), after: Some(after) }
    }

    /// True when both sides are decided.
    pub fn is_decided(self) -> bool {
        self.before.is_some() && self.after.is_some()
    }

    /// True when the draft is less strict: newly allowed, or no longer raised.
    pub fn loosens(self) -> bool {
        self.before.zip(self.after).is_some_and(|(before, after)| after < before)
    }

    /// `BLOCK → ALLOW`, with `?` for what is not decided.
    pub fn told(self) -> String {
        let word = |decision: Option<Decision>| decision.map_or("?", Decision::word);
        format!("{} → {}", word(self.before), word(self.after))
    }

    fn danger(self) -> (u8, u8, u8) {
        // The farther it goes, the earlier it stands.
        let strictness = |decision: Option<Decision>| decision.map_or(0, Decision::tier);
        let (before, after) = (strictness(self.before), strictness(self.after));
        let kind = match (self.is_decided(), self.loosens()) {
            (true, true) => 0,
            (true, false) => 1,
            (false, _) => 2,
        };
        if kind == 0 { (kind, u8::MAX - before, after) } else { (kind, u8::MAX - after, before) }
    }
}

impl Ord for Direction {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.danger().cmp(&other.danger())
    }
}

impl PartialOrd for Direction {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dangerous_ways_come_first() {
        use Decision::{Alert, Allow, Block};
        let all = [None, Some(Allow), Some(Alert), Some(Block)];
        let mut directions: Vec<_> =
            all.iter().flat_map(|a| all.iter().filter_map(|b| Direction::between(*a, *b))).collect();
        directions.sort();
        let told: Vec<_> = directions.iter().map(|direction| direction.told()).collect();
        assert_eq!(told[..3], ["BLOCK → ALLOW", "BLOCK → ALERT", "ALERT → ALLOW"]);
        assert_eq!(told[3..6], ["ALLOW → BLOCK", "ALERT → BLOCK", "ALLOW → ALERT"]);
        assert_eq!(told.len(), 13);
        assert!(directions[..3].iter().all(|direction| direction.loosens()));
        assert!(!directions[3..].iter().any(|direction| direction.loosens()));
    }
}
