//! How verdicts are made, and what they say of themselves beside their sentence. No sentence is read back here or
//! anywhere else: what author code says in one can decide nothing.

use serde::{Deserialize, Serialize};

use super::{Decision, Verdict};

/// What decided about an action. A DEDUP keeps the cause of its policy verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Rules of the policy, the first of which is named.
    Rule,
    /// No rule speaks of it.
    NoMatch,
    /// Only a predicate knows, and it was not asked.
    NotAsked,
    /// There is no policy.
    NoPolicy,
    /// The policy no longer loads, and the effect would have been real.
    Stale,
    /// It is not a valid action.
    Validate,
    /// It is one too many in the window of its limit.
    Limit,
    /// What it was to lock is not there, or stays locked.
    Lock,
    /// A person vetoed it, or nobody answered.
    Person,
}

/// True for a cause that follows from whether a rule is named.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
pub(super) fn follows(cause: &Cause) -> bool {
    matches!(cause, Cause::Rule | Cause::NoMatch)
}

impl Cause {
    /// What a list says of it in a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::NoMatch => "no rule",
            Self::NotAsked => "not asked",
            Self::NoPolicy => "no policy",
            Self::Stale => "policy stale",
            Self::Validate => "validate",
            Self::Limit => "limit",
            Self::Lock => "lock",
            Self::Person => "not confirmed",
        }
    }
}

impl Verdict {
    /// What a reason ends with while the policy file no longer loads and the last good one decides.
    const STALE: &'static str = " (policy stale)";

    /// The verdict of rules, or where none is named, of their silence.
    pub fn of_rules(decision: Decision, rule: Option<String>, reason: impl Into<String>) -> Self {
        let cause = if rule.is_some() { Cause::Rule } else { Cause::NoMatch };
        Self { decision: decision.into(), tier: decision.tier(), rule, reason: reason.into(), cause, stale: false }
    }

    /// A BLOCK for another cause.
    pub fn blocked(cause: Cause, rule: Option<String>, reason: impl Into<String>) -> Self {
        Self { cause, ..Self::of_rules(Decision::Block, rule, reason) }
    }

    /// The same, said by a policy that no longer is what its file says.
    #[must_use]
    pub fn gone_stale(self) -> Self {
        if self.stale {
            return self;
        }
        Self { reason: self.reason + Self::STALE, stale: true, ..self }
    }

    /// The same with other words for why; that the policy is stale stays the last of them.
    #[must_use]
    pub fn saying(self, reason: impl Into<String>) -> Self {
        let stale = self.stale;
        let other = Self { reason: reason.into(), stale: false, ..self };
        if stale { other.gone_stale() } else { other }
    }

    /// The same with a note of what came after it.
    #[must_use]
    pub fn noted(self, note: &str) -> Self {
        // Only a stale verdict ends with the mark by the kernel's own hand.
        let mark = if self.stale { Self::STALE } else { "" };
        let reason = format!("{}; {note}", self.reason.strip_suffix(mark).unwrap_or(&self.reason));
        self.saying(reason)
    }

    /// The sentence without the rule it starts with, which stands elsewhere.
    pub fn clause(&self) -> &str {
        let Some(rule) = &self.rule else { return &self.reason };
        let number = rule.rsplit_once(':').map_or(rule.as_str(), |(_, number)| number);
        let without = |name: &str| self.reason.strip_prefix("rule ")?.strip_prefix(name)?.strip_prefix(": ");
        without(number).or_else(|| without(rule)).unwrap_or(&self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_a_stale_policy_cannot_be_forged() {
        let forged = Verdict::of_rules(Decision::Allow, Some("f:1".to_owned()), "rule 1: it says (policy stale)");
        assert!(!forged.stale);
        let noted = forged.clone().noted("approved by ana");
        assert_eq!((noted.reason.as_str(), noted.stale), ("rule 1: it says (policy stale); approved by ana", false));
        let stale = forged.gone_stale();
        assert_eq!(stale.reason, "rule 1: it says (policy stale) (policy stale)");
        let noted = stale.noted("approved by ana");
        assert_eq!(noted.reason, "rule 1: it says (policy stale); approved by ana (policy stale)");
        assert!(noted.stale && noted.saying("key first claimed by rc_1").reason.ends_with("rc_1 (policy stale)"));
    }

    #[test]
    fn only_the_rule_that_decided_is_left_out_of_the_sentence() {
        let clause = |rule: &str, reason: &str| {
            Verdict::of_rules(Decision::Block, Some(rule.to_owned()), reason).clause().to_owned()
        };
        assert_eq!(clause("policy/trust.yaml:3", "rule 3: value 5 > maxValue 1"), "value 5 > maxValue 1");
        assert_eq!(clause("a.yaml:3", "rule a.yaml:3: predicate threw: rule 4: x"), "predicate threw: rule 4: x");
        assert_eq!(clause("a.yaml:3", "limit 1 an hour: rule 3: x"), "limit 1 an hour: rule 3: x");
    }
}
