//! Sentences that more than one reader says: made once, so that the screen and the plain lines agree. Text from outside
//! stands in them as it came: whoever shows one makes it inert. Knows no reader; what is said of rules and verdicts is
//! in `policy/wording.rs`.

use super::dollars::Dollars;
use super::journal::{
    Disposed, PolicyStamp, PolicyState, ReasonedBy, Reasoning, Routed, StageRecord, Tokens, ValidWith,
};
use super::receipt::Ruling;

/// `2 actions`, `1 action`.
pub fn counted(n: impl TryInto<u128>, noun: &str) -> String {
    let n = n.try_into().unwrap_or(u128::MAX);
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Bytes as people say them: `0.4 kB`, `3.4 kB`, `812 MB`.
pub fn sized(bytes: u64) -> String {
    let (tenths, unit) = match bytes {
        0..1_000_000 => (bytes / 100, "kB"),
        1_000_000..1_000_000_000 => (bytes / 100_000, "MB"),
        _ => (bytes / 100_000_000, "GB"),
    };
    if tenths >= 100 { format!("{} {unit}", tenths / 10) } else { format!("{}.{} {unit}", tenths / 10, tenths % 10) }
}

/// Why an envelope went nowhere.
pub fn unrouted(routed: &Routed) -> String {
    match &routed.nearest {
        Some(near) => format!("no trigger matched; nearest is {} of {}", near.trigger, near.operator),
        None => "no trigger matched; no operator is loaded".to_owned(),
    }
}

/// What would have let an action through that validation stopped, or that was deduplicated; none for any other, and
/// where nothing near would. What the policy stopped is explained by its rules.
pub fn would_pass_with(disposed: &Disposed) -> Option<String> {
    if disposed.receipt.verdict.decision == Ruling::Dedup {
        return Some("another idempotency key".to_owned());
    }
    let valid_with = disposed.stages.iter().find_map(|stage| match stage {
        StageRecord::Validate { valid_with, .. } => valid_with.as_ref(),
        _ => None,
    })?;
    Some(match valid_with {
        ValidWith::Tool(name) => format!("tool `{name}`"),
        ValidWith::Required { operator, capability } => format!("`{capability}` in the `requires` of {operator}"),
        ValidWith::Provider(capability) => format!("a connector that provides `{capability}`"),
        ValidWith::Sensed(capability) => format!("`ctx.sense('{capability}', …)` in place of the action"),
        ValidWith::Connector(connector) => format!("connector `{connector}`, or none named"),
        ValidWith::Args(tool) => format!("args that fit the input schema of `{tool}`"),
    })
}

/// What reasoned about a plan: `model gpt-4o-mini, 812 + 143 tokens, $0.0002076`; none where nothing was asked.
pub fn reasoned_by(reasoned: &[Reasoning]) -> Option<String> {
    let each = reasoned.iter().map(|reasoning| {
        let what = match reasoning.from {
            ReasonedBy::Stub => "stub".to_owned(),
            ReasonedBy::Rules => format!("rule {}", reasoning.rule.as_deref().unwrap_or("of none")),
            ReasonedBy::Recorded if reasoning.missed => "a recording that is missing".to_owned(),
            ReasonedBy::Recorded => {
                let digest = reasoning.digest.as_deref().unwrap_or_default();
                format!("recording {}", digest.get(..8).unwrap_or(digest))
            }
            ReasonedBy::Model => format!("model {}", reasoning.model.as_deref().unwrap_or("without a name")),
        };
        let times = (reasoning.times > 1).then(|| format!("{} times", reasoning.times));
        let attempts = (reasoning.attempts > 1).then(|| format!("{} attempts", reasoning.attempts));
        let spent = (reasoning.tokens.is_some()).then(|| spent(reasoning.tokens, reasoning.cost_usd));
        let failed = (reasoning.error.is_some() && !reasoning.missed).then(|| "no answer".to_owned());
        let parts = [Some(what), times, attempts, spent, failed];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    let told = each.collect::<Vec<_>>().join("; ");
    (!told.is_empty()).then_some(told)
}

/// The same, none where only stubs did: then the lines are those that the documentation prints.
pub fn reasoned_elsewhere(reasoned: &[Reasoning]) -> Option<String> {
    let only_stubs = reasoned.iter().all(|reasoning| reasoning.from == ReasonedBy::Stub);
    if only_stubs { None } else { reasoned_by(reasoned) }
}

/// `812 + 143 tokens, $0.0002076`: read and written, and what that cost where prices are known.
pub fn spent(tokens: Option<Tokens>, cost: Option<Dollars>) -> String {
    let Tokens { input, output } = tokens.unwrap_or_default();
    let cost = cost.map_or_else(String::new, |cost| format!(", ${cost}"));
    format!("{input} + {output} tokens{cost}")
}

/// What no policy comes to.
pub const ALL_BLOCKED: &str = "every action is BLOCKed";

/// Why nothing is let through; none where a policy is in force.
pub fn no_policy(stamp: &PolicyStamp) -> Option<String> {
    let why = match (stamp.state, stamp.files.is_empty()) {
        (PolicyState::InForce | PolicyState::Stale, _) => return None,
        (PolicyState::None, true) => "there is no policy".to_owned(),
        (PolicyState::None, false) => format!("{} does not load", stamp.files.join(" ")),
    };
    Some(format!("{why}: {ALL_BLOCKED}"))
}

/// The policy that judges, or why none does.
pub fn policy(stamp: &PolicyStamp) -> String {
    let files: Vec<_> = stamp.files.iter().map(|file| format!("./{file}")).collect();
    let files = files.join(" ");
    match stamp.state {
        PolicyState::InForce => format!("policy from {files}"),
        PolicyState::Stale => {
            format!("policy stale: {files} does not load; {} stays in force, for stubs", stamp.short())
        }
        PolicyState::None if files.is_empty() => format!("no policy: {ALL_BLOCKED}"),
        PolicyState::None => format!("no policy: {files} does not load; {ALL_BLOCKED}"),
    }
}

/// How much a policy says, and its digest: `7 rules in policy/trust.yaml (1f2e3d4c)`.
pub fn policy_size(stamp: &PolicyStamp) -> String {
    format!("{} in {} ({})", counted(stamp.rules, "rule"), stamp.files.join(" "), stamp.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_thing_has_no_plural() {
        assert_eq!(
            [counted(0_u64, "run"), counted(1_usize, "run"), counted(2_u32, "run")],
            ["0 runs", "1 run", "2 runs"]
        );
    }

    #[test]
    fn a_policy_that_is_not_there_and_one_that_does_not_load_are_told_apart() {
        let none = PolicyStamp {
            state: PolicyState::None,
            digest: None,
            files: Vec::new(),
            rules: 0,
            ruleset: Vec::new(),
            diagnostics: Vec::new(),
        };
        let broken = PolicyStamp { files: vec!["policy/trust.yaml".to_owned()], ..none.clone() };
        assert_eq!(no_policy(&none).unwrap(), "there is no policy: every action is BLOCKed");
        assert_eq!(no_policy(&broken).unwrap(), "policy/trust.yaml does not load: every action is BLOCKed");
        assert_eq!(no_policy(&PolicyStamp { state: PolicyState::Stale, ..broken }), None);
    }
}
