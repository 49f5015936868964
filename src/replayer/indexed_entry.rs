//! What an index keeps of a journal's line, read only as far as that takes: a journal of a million lines is opened
//! within a second. A line that is not as this program writes it is read whole.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::moment::Stage;
use crate::kernel::journal::{Claimed, Disposed, Entry, Fact, PolicyStamp, Proposed, Received};
use crate::kernel::receipt::{Outcome, Ruling};
use crate::session::journal::line as journal_line;

/// What one entry is to the index. Texts are kept as hashes: what is shown of one is read from the journal again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexedEntry {
    /// The policy from here on; none where there is no digest.
    Policy(Option<Box<str>>),
    /// An envelope was accepted.
    Received {
        /// Its ordinal.
        arrival: u64,
        /// Hash of its event id.
        event: u32,
        /// Hash of the file it came from; 0 for none.
        file: u32,
    },
    /// Something was not accepted.
    Refused {
        /// Hash of the file it came from; 0 for none.
        file: u32,
    },
    /// An envelope was routed.
    Routed {
        /// The envelope.
        arrival: u64,
        /// Whether to anyone.
        matched: bool,
    },
    /// An operator answered.
    Proposed {
        /// The envelope.
        arrival: u64,
        /// With what.
        plan: Plan,
    },
    /// A key was claimed; its action holds the entity from here on.
    Claimed {
        /// Hash of the key.
        key: u64,
        /// Hash of the entity.
        entity: u64,
    },
    /// An action has ended.
    Disposed(IndexedAction),
    /// The run ended by itself.
    Ended,
    /// Nothing that moves a moment or the state.
    Other,
    /// No entry at all.
    Damaged,
}

/// What an operator proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Actions.
    Actions,
    /// None: a refusal.
    Empty,
    /// No plan: author code failed.
    Failed,
}

/// What is kept of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedAction {
    /// The envelope's ordinal.
    pub arrival: u64,
    /// How it was ruled.
    pub ruling: Ruling,
    /// What happened.
    pub outcome: Outcome,
    /// The stage that decided.
    pub reached: Stage,
    /// Whether the handler left the key claimed; none where it was not called.
    pub claimed: Option<bool>,
    /// Hash of its key.
    pub key: u64,
    /// Hash of its entity.
    pub entity: u64,
    /// Hash of everything that another play of it is compared by: what was proposed, how it was ruled, what happened.
    pub sameness: u32,
}

/// A text's hash, the same in every index of this process.
pub(super) fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Half of it, and never 0.
pub(super) fn half(text: &str) -> u32 {
    let hash = hashed(text);
    u32::try_from((hash >> 32) ^ (hash & u64::from(u32::MAX))).unwrap_or(u32::MAX).max(1)
}

#[derive(Deserialize)]
struct DisposedText<'a> {
    arrival: u64,
    #[serde(borrow)]
    stages: Vec<StageText<'a>>,
    #[serde(borrow)]
    receipt: ReceiptText<'a>,
}

#[derive(Deserialize)]
struct StageText<'a> {
    #[serde(borrow)]
    stage: Cow<'a, str>,
    claimed: Option<bool>,
}

#[derive(Deserialize)]
struct ReceiptText<'a> {
    #[serde(borrow)]
    tool: Cow<'a, str>,
    #[serde(borrow)]
    args: &'a RawValue,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    entity_key: Cow<'a, str>,
    #[serde(borrow)]
    idempotency_key: Cow<'a, str>,
    #[serde(borrow)]
    verdict: VerdictText<'a>,
    outcome: Outcome,
}

#[derive(Deserialize)]
struct VerdictText<'a> {
    decision: Ruling,
    #[serde(borrow)]
    rule: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    cause: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct ProposedText<'a> {
    arrival: u64,
    #[serde(borrow)]
    plan: Option<PlanText<'a>>,
    failure: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct PlanText<'a> {
    #[serde(borrow, default)]
    actions: Option<&'a RawValue>,
}

impl IndexedEntry {
    /// Reads a line.
    pub fn read(line: &[u8]) -> Self {
        Self::as_written(line).unwrap_or_else(|| match serde_json::from_slice::<Entry>(line) {
            Ok(entry) => Self::of(&entry.fact),
            Err(_) => Self::Damaged,
        })
    }

    /// Of a line that begins as this program writes it.
    fn as_written(line: &[u8]) -> Option<Self> {
        // What is cut off is no entry, however it begins.
        if !line.ends_with(b"}") {
            return None;
        }
        let (name, body) = journal_line::fact(line)?;
        match name {
            b"received" => received(body),
            b"refused" => Some(Self::Refused { file: file(body.strip_prefix(b"{\"origin\":")?)? }),
            b"routed" => {
                let (arrival, rest) = arrival(body)?;
                let to = rest.strip_prefix(b",\"to\":[")?;
                Some(Self::Routed { arrival, matched: to.first()? != &b']' })
            }
            b"proposed" => {
                let ProposedText { arrival, plan, failure } = beginning(body)?;
                let actions = plan.and_then(|plan| plan.actions).filter(|_| failure.is_none());
                let plan = match actions.map(RawValue::get) {
                    Some("[]") => Plan::Empty,
                    Some(_) => Plan::Actions,
                    None => Plan::Failed,
                };
                Some(Self::Proposed { arrival, plan })
            }
            b"disposed" => {
                let told: DisposedText<'_> = beginning(body)?;
                Some(Self::Disposed(action(&told)))
            }
            b"noticed" | b"settled" | b"loaded" | b"answered" | b"acknowledged" => Some(Self::Other),
            _ => None,
        }
    }

    /// Of an entry that was read whole.
    pub fn of(fact: &Fact) -> Self {
        let digest = |stamp: &PolicyStamp| Self::Policy(stamp.digest.as_deref().map(Into::into));
        match fact {
            Fact::RunStarted(started) => digest(&started.policy),
            Fact::PolicyLoaded(stamp) => digest(stamp),
            Fact::Received(Received { arrival, envelope, origin, .. }) => Self::Received {
                arrival: *arrival,
                event: half(&envelope.event_id),
                file: origin.file.as_deref().map_or(0, half),
            },
            Fact::Refused(refused) => Self::Refused { file: refused.origin.file.as_deref().map_or(0, half) },
            Fact::Routed(routed) => Self::Routed { arrival: routed.arrival, matched: !routed.to.is_empty() },
            Fact::Proposed(proposed) => Self::Proposed { arrival: proposed.arrival, plan: plan_of(proposed) },
            Fact::Claimed(Claimed { key, interrupted, .. }) => {
                Self::Claimed { key: hashed(key), entity: hashed(&interrupted.entity_key) }
            }
            Fact::Disposed(disposed) => Self::Disposed(action_of(disposed)),
            Fact::RunEnded(_) => Self::Ended,
            Fact::Held(_)
            | Fact::Answered(_)
            | Fact::Carried(_)
            | Fact::Acknowledged(_)
            | Fact::Listening(_)
            | Fact::Loaded(_)
            | Fact::Noticed(_)
            | Fact::Settled(_) => Self::Other,
        }
    }
}

/// A value that a text begins with; what follows is not looked at.
fn beginning<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    T::deserialize(&mut serde_json::Deserializer::from_slice(text)).ok()
}

/// The ordinal a fact begins with, and what stands after it.
fn arrival(body: &[u8]) -> Option<(u64, &[u8])> {
    let rest = body.strip_prefix(b"{\"arrival\":")?;
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    let arrival = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    Some((arrival, &rest[digits..]))
}

/// A string without escapes that a text begins with.
fn plain(text: &[u8]) -> Option<&str> {
    let end = memchr::memchr2(b'"', b'\\', text)?;
    if text[end] == b'\\' { None } else { std::str::from_utf8(&text[..end]).ok() }
}

fn received(body: &[u8]) -> Option<IndexedEntry> {
    const ORIGIN: &[u8] = b",\"origin\":";
    let (arrival, rest) = arrival(body)?;
    let event = half(plain(rest.strip_prefix(b",\"envelope\":{\"event_id\":\"")?)?);
    // INVARIANT: within the payload stand only values, in whose strings every quote is escaped; a member of that name in
    // a payload comes before the fact's own.
    let origin = &rest[memmem::rfind(rest, b",\"origin\":{\"source\":\"")? + ORIGIN.len()..];
    Some(IndexedEntry::Received { arrival, event, file: file(origin)? })
}

/// The file of an origin that a text begins with; 0 for none.
fn file(origin: &[u8]) -> Option<u32> {
    let source = origin.strip_prefix(b"{\"source\":\"")?;
    let after = &source[memchr::memchr(b'"', source)? + 1..];
    match after.strip_prefix(b",\"file\":\"") {
        Some(name) => plain(name).map(half),
        None => Some(0),
    }
}

fn stage_named(name: &str) -> Option<Stage> {
    match name {
        "shadow" | "limit" | "hold" => Some(Stage::Policy),
        name => Stage::ALL.into_iter().find(|stage| stage.name() == name),
    }
}

fn action(told: &DisposedText<'_>) -> IndexedAction {
    let receipt = &told.receipt;
    let sameness = sameness(&Compared {
        tool: &receipt.tool,
        args: receipt.args.get(),
        value: receipt.value.map(RawValue::get).filter(|value| *value != "null"),
        entity: &receipt.entity_key,
        key: &receipt.idempotency_key,
        ruling: receipt.verdict.decision,
        rule: receipt.verdict.rule.as_deref(),
        outcome: receipt.outcome,
    });
    IndexedAction {
        arrival: told.arrival,
        ruling: receipt.verdict.decision,
        outcome: receipt.outcome,
        reached: match &receipt.verdict.cause {
            // A lock that stays held leaves no record of its stage.
            Some(cause) if cause == "lock" => Stage::Lock,
            _ => told.stages.last().and_then(|last| stage_named(&last.stage)).unwrap_or(Stage::Validate),
        },
        claimed: told.stages.iter().rev().find(|stage| stage.stage == "handler").and_then(|stage| stage.claimed),
        key: hashed(&receipt.idempotency_key),
        entity: hashed(&receipt.entity_key),
        sameness,
    }
}

fn action_of(disposed: &Disposed) -> IndexedAction {
    use crate::kernel::journal::StageRecord;
    let receipt = &disposed.receipt;
    let claimed = disposed.stages.iter().rev().find_map(|stage| match stage {
        StageRecord::Handler { claimed, .. } => Some(*claimed),
        _ => None,
    });
    // The digits, as they are written.
    let value = receipt.value.as_ref().and_then(|value| serde_json::to_string(value).ok());
    let sameness = sameness(&Compared {
        tool: &receipt.tool,
        args: receipt.args.as_str(),
        value: value.as_deref(),
        entity: &receipt.entity_key,
        key: &receipt.idempotency_key,
        ruling: receipt.verdict.decision,
        rule: receipt.verdict.rule.as_deref(),
        outcome: receipt.outcome,
    });
    IndexedAction {
        arrival: disposed.arrival,
        ruling: receipt.verdict.decision,
        outcome: receipt.outcome,
        reached: Stage::reached(disposed),
        claimed,
        key: hashed(&receipt.idempotency_key),
        entity: hashed(&receipt.entity_key),
        sameness,
    }
}

fn plan_of(proposed: &Proposed) -> Plan {
    let actions = || beginning::<PlanText<'_>>(proposed.plan.as_ref()?.as_str().as_bytes())?.actions;
    match actions().filter(|_| proposed.failure.is_none()).map(RawValue::get) {
        Some("[]") => Plan::Empty,
        Some(_) => Plan::Actions,
        None => Plan::Failed,
    }
}

/// What two plays of an action are compared by.
#[derive(Hash)]
struct Compared<'a> {
    tool: &'a str,
    args: &'a str,
    value: Option<&'a str>,
    entity: &'a str,
    key: &'a str,
    ruling: Ruling,
    rule: Option<&'a str>,
    outcome: Outcome,
}

/// Of so many actions that two differ and have one hash, it is one in four thousand million.
fn sameness(compared: &Compared<'_>) -> u32 {
    let mut hasher = DefaultHasher::new();
    compared.hash(&mut hasher);
    u32::try_from(hasher.finish() >> 32).unwrap_or(u32::MAX)
}
