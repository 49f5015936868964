//! The verdict as it was written down. Runs of before the cause was, are read still: their sentence starts with the
//! kernel's own words wherever no rule is named, so that much may be told from it, here and nowhere else.

use serde::Deserialize;

use super::{Cause, Ruling};

/// A verdict's line in a journal or a receipt.
#[derive(Deserialize)]
pub(super) struct Verdict {
    decision: Ruling,
    tier: u8,
    rule: Option<String>,
    reason: String,
    #[serde(default)]
    cause: Option<Cause>,
    #[serde(default)]
    stale: bool,
}

impl From<Verdict> for super::Verdict {
    fn from(written: Verdict) -> Self {
        let Verdict { decision, tier, rule, reason, cause, stale } = written;
        let cause = Cause::as_written(cause, rule.is_some(), &reason);
        Self { decision, tier, rule, reason, cause, stale }
    }
}

impl Cause {
    /// The cause of a verdict that was written down, in any version.
    pub fn as_written(cause: Option<Self>, names_a_rule: bool, reason: &str) -> Self {
        match cause {
            Some(cause) => cause,
            None if names_a_rule => Self::Rule,
            None if reason.starts_with("validate: ") => Self::Validate,
            None if reason.starts_with("no policy: ") => Self::NoPolicy,
            None if reason == "policy stale" => Self::Stale,
            None => Self::NoMatch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, Decision, Verdict};

    fn read(text: &str) -> Verdict {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_an_older_version_wrote_is_read() {
        let old = |rule: &str, reason: &str| {
            let verdict = read(&format!(r#"{{"decision":"BLOCK","tier":3,"rule":{rule},"reason":"{reason}"}}"#));
            (verdict.cause, verdict.stale)
        };
        assert_eq!(old("null", "no rule matched"), (Cause::NoMatch, false));
        assert_eq!(old("null", "validate: `x` is missing"), (Cause::Validate, false));
        assert_eq!(old("null", "no policy: there is none"), (Cause::NoPolicy, false));
        assert_eq!(old("null", "policy stale"), (Cause::Stale, false));
        // Words that author code may have chosen tell nothing.
        assert_eq!(old(r#""f:1""#, "validate: no (policy stale)"), (Cause::Rule, false));
    }

    #[test]
    fn only_what_does_not_follow_is_written() {
        let written = |verdict: &Verdict| serde_json::to_string(verdict).unwrap();
        let plain = Verdict::of_rules(Decision::Allow, Some("f:1".to_owned()), "r");
        assert_eq!(written(&plain), r#"{"decision":"ALLOW","tier":1,"rule":"f:1","reason":"r"}"#);
        let all = [
            plain.clone(),
            plain.gone_stale(),
            Verdict::of_rules(Decision::Block, None, "no rule matched"),
            Verdict::blocked(Cause::Limit, Some("f:1".to_owned()), "limit 1 an hour"),
            Verdict::blocked(Cause::Validate, None, "validate: x"),
            Verdict::blocked(Cause::NotAsked, Some("f:1".to_owned()), "rule 1: predicate not asked"),
        ];
        for verdict in all {
            assert_eq!(read(&written(&verdict)), verdict);
        }
    }
}
