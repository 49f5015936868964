//! What is in a review: which parts there are, what follows from the journal, and the manifest with the digest of each.
//!
//! The whole file follows from the journal and the few parts that stand beside it, byte for byte; that is what verifying
//! compares it with.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::archive::{self, Part};
use super::difference::Difference;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::Use;
use crate::kernel::journal::{Entry, Fact, PolicyStamp, RunKind, RunStarted};
use crate::kernel::json::Raw;
use crate::workspace::policy::hex;

/// What a manifest calls this form of file.
pub const FORMAT: &str = "fibric-review/1";

/// The manifest's name, the first part.
pub const MANIFEST: &str = "manifest.json";
/// The journal's name.
pub const JOURNAL: &str = "journal.jsonl";
/// The envelopes' name.
pub const ENVELOPES: &str = "envelopes.jsonl";
/// The plans' name.
pub const PLANS: &str = "plans.jsonl";
/// The policies' name: every one that was in force, with its rules.
pub const POLICY: &str = "policy.jsonl";
/// The receipts' name.
pub const RECEIPTS: &str = "receipts.jsonl";
/// The name of the keys that earlier runs had claimed.
pub const EARLIER: &str = "earlier.jsonl";
/// The name of what was redacted.
pub const REDACTION: &str = "redaction.json";
/// The name of what a reviewer said of steps.
pub const NOTES: &str = "notes.jsonl";
/// The texts of the policy files begin so.
const SOURCE: &str = "policy/";
/// How many policy files a review may have the text of.
pub const MOST_SOURCES: usize = 64;

/// The name of the text of a policy file, by its place among those of its policy.
pub fn source_name(index: usize) -> String {
    format!("{SOURCE}{}.txt", index + 1)
}

/// True for the names that parts have.
pub fn is_known(name: &str) -> bool {
    matches!(name, MANIFEST | JOURNAL | ENVELOPES | PLANS | POLICY | RECEIPTS | EARLIER | REDACTION | NOTES)
        || (0..MOST_SOURCES).any(|index| source_name(index) == name)
}

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The run's number in its workspace.
    pub run: u32,
    /// Why the run existed.
    pub kind: RunKind,
    /// The version of `fibric` that wrote the journal.
    pub version: String,
    /// How many entries the journal has.
    pub entries: u64,
    /// True where facts have been replaced by stand-ins.
    pub redacted: bool,
    /// Every other part, in the order in which they stand.
    pub parts: Vec<PartDigest>,
}

/// A part as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartDigest {
    /// Its name.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256, hex.
    pub sha256: String,
}

/// What a review is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The run's journal, whole lines, up to its last seal.
    pub journal: Vec<u8>,
    /// The texts of the files of the first policy, in order; none where they are not at hand any more.
    pub sources: Vec<Vec<u8>>,
    /// Lines of [`EarlierKey`]; none where the run had keys of its own.
    pub earlier: Option<Vec<u8>>,
    /// A [`Redaction`]; none where nothing was replaced.
    pub redaction: Option<Vec<u8>>,
    /// What a reviewer said of steps, as [`super::notes::Notes::part`] gives it; none where nothing was said.
    pub notes: Option<Vec<u8>>,
}

/// A key that an earlier run had claimed, as far as this run met it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierKey {
    /// The key.
    pub key: String,
    /// The receipt that claimed it.
    pub receipt: String,
    /// What it counts for.
    #[serde(rename = "use")]
    pub used: Use,
}

/// What was replaced, without what stood there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// Members whose values were replaced, in the order of the alphabet.
    pub members: Vec<String>,
    /// Forms that were replaced wherever they stood, alike.
    pub forms: Vec<String>,
    /// How many different values there were.
    pub values: u64,
}

/// One line of `plans.jsonl`.
#[derive(Debug, Serialize)]
struct PlanLine<'a> {
    plan_id: &'a str,
    operator: &'a str,
    event_id: &'a str,
    correlation_id: &'a str,
    plan: &'a Raw,
}

/// The entries of a journal, in order: the entry of line N is at N - 1.
#[derive(Debug, Clone, Default)]
pub struct Entries(pub Vec<Entry>);

impl Entries {
    /// Reads a journal of which every line must be an entry, numbered without gaps, its first the beginning of the run.
    pub fn read(journal: &[u8]) -> Result<Self, Difference> {
        let mut entries = Vec::new();
        for (line, number) in journal.split_inclusive(|byte| *byte == b'\n').zip(1_u64..) {
            let at = |message: String| Difference::at(JOURNAL, number, message);
            if line.last() != Some(&b'\n') {
                return Err(at("the last line is cut off".to_owned()));
            }
            let entry: Entry = serde_json::from_slice(line).map_err(|error| at(format!("no entry: {error}")))?;
            if entry.seq != number {
                let message = format!("is {}, and it is entry {number} of the journal", entry.seq);
                return Err(Difference { field: Some("/seq".to_owned()), ..at(message) });
            }
            if (number == 1) != matches!(entry.fact, Fact::RunStarted(_)) {
                return Err(at("a run begins with its first entry, and once".to_owned()));
            }
            entries.push(entry);
        }
        if entries.is_empty() {
            return Err(Difference::of(JOURNAL, "there is no entry"));
        }
        Ok(Self(entries))
    }

    /// How the run began.
    pub fn started(&self) -> Option<&RunStarted> {
        match &self.0.first()?.fact {
            Fact::RunStarted(started) => Some(started),
            _ => None,
        }
    }

    /// Each envelope by its ordinal, in order; reruns too.
    pub fn envelopes(&self) -> impl Iterator<Item = (u64, &EventEnvelope)> {
        self.0.iter().filter_map(|entry| match &entry.fact {
            Fact::Received(received) => Some((received.arrival, &*received.envelope)),
            _ => None,
        })
    }

    /// Each policy that came into force, in order.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyStamp> {
        self.0.iter().filter_map(|entry| match &entry.fact {
            Fact::RunStarted(started) => Some(&started.policy),
            Fact::PolicyLoaded(stamp) => Some(stamp),
            _ => None,
        })
    }

    /// The parts that follow from the journal, with their names.
    fn derived(&self) -> [(&'static str, Vec<u8>); 4] {
        let (mut envelopes, mut plans, mut receipts) = (Vec::new(), Vec::new(), Vec::new());
        let mut at_hand: Option<(u64, &EventEnvelope)> = None;
        for entry in &self.0 {
            match &entry.fact {
                Fact::Received(received) => {
                    push(&mut envelopes, &*received.envelope);
                    at_hand = Some((received.arrival, &received.envelope));
                }
                Fact::Proposed(proposed) => {
                    let envelope = at_hand.filter(|(arrival, _)| *arrival == proposed.arrival).map(|(_, found)| found);
                    if let (Some(plan), Some(envelope)) = (&proposed.plan, envelope) {
                        let line = PlanLine {
                            plan_id: &proposed.plan_id,
                            operator: &proposed.operator,
                            event_id: &envelope.event_id,
                            correlation_id: &envelope.correlation_id,
                            plan,
                        };
                        push(&mut plans, &line);
                    }
                }
                Fact::Disposed(disposed) => push(&mut receipts, &*disposed.receipt),
                _ => {}
            }
        }
        let mut policy = Vec::new();
        self.policies().for_each(|stamp| push(&mut policy, stamp));
        [(ENVELOPES, envelopes), (PLANS, plans), (POLICY, policy), (RECEIPTS, receipts)]
    }
}

fn push(lines: &mut Vec<u8>, line: &impl Serialize) {
    // Writing to memory cannot fail, and every shape here has a form in JSON.
    if serde_json::to_writer(&mut *lines, line).is_ok() {
        lines.push(b'\n');
    }
}

/// SHA-256, hex.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

impl Evidence {
    /// Every part of the review, the manifest first.
    pub fn parts(&self, entries: &Entries) -> Vec<(String, Vec<u8>)> {
        let mut parts = vec![(JOURNAL.to_owned(), self.journal.clone())];
        parts.extend(entries.derived().map(|(name, bytes)| (name.to_owned(), bytes)));
        let sources = self.sources.iter().enumerate();
        parts.extend(sources.map(|(index, text)| (source_name(index), text.clone())));
        parts.extend(self.earlier.iter().map(|bytes| (EARLIER.to_owned(), bytes.clone())));
        parts.extend(self.redaction.iter().map(|bytes| (REDACTION.to_owned(), bytes.clone())));
        parts.extend(self.notes.iter().map(|bytes| (NOTES.to_owned(), bytes.clone())));
        let digests = parts.iter().map(|(name, bytes)| PartDigest {
            name: name.clone(),
            bytes: bytes.len() as u64,
            sha256: digest(bytes),
        });
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            run: entries.started().map_or(0, |started| started.run),
            kind: entries.started().map_or(RunKind::Replay, |started| started.kind),
            version: entries.started().map_or_else(String::new, |started| started.version.clone()),
            entries: entries.0.len() as u64,
            redacted: self.redaction.is_some(),
            parts: digests.collect(),
        };
        let text = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
        parts.insert(0, (MANIFEST.to_owned(), text.into_bytes()));
        parts
    }

    /// The file.
    pub fn archive(&self, entries: &Entries) -> Vec<u8> {
        let parts = self.parts(entries);
        let parts: Vec<_> = parts.iter().map(|(name, bytes)| Part { name, bytes }).collect();
        archive::write(&parts)
    }

    /// What of an archive's parts a review is made from; none without a journal.
    pub fn of_parts(parts: &[Part<'_>]) -> Option<Self> {
        let part = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.bytes.to_vec());
        let sources = (0..MOST_SOURCES).map_while(|index| part(&source_name(index))).collect();
        let (earlier, redaction, notes) = (part(EARLIER), part(REDACTION), part(NOTES));
        Some(Self { journal: part(JOURNAL)?, sources, earlier, redaction, notes })
    }
}
