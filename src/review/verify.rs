//! Verifying a review: whole, in memory, offline. Everything that follows from the journal is worked out again and
//! compared; what does not follow is listed as not proven.

use serde::Serialize;

use super::archive::{self, Part, Refused};
use super::contents::{
    self, EARLIER, EarlierKey, Entries, Evidence, JOURNAL, MANIFEST, Manifest, POLICY, REDACTION, Redaction,
    source_name,
};
use super::difference::{Difference, of_lines};
use super::notes::Notes;
use super::rejudge::{Rejudged, rejudge};
use crate::kernel::capability::Vocabulary;
use crate::kernel::journal::{Fact, PolicyState, ReasonedBy, RunKind};
use crate::kernel::policy::file;
use crate::session::journal::seals::Seals;
use crate::workspace::policy::PolicyDigest;

/// What was proven, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// Entries of the journal.
    pub entries: u64,
    /// Groups of entries whose seal holds.
    pub seals: u64,
    /// Routes whose trigger matches.
    pub routes: u64,
    /// Dispositions that come to the same, with stages and receipt.
    pub verdicts: u64,
}

/// Something that nobody can work out from the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotProven {
    /// What.
    pub what: String,
    /// How many.
    pub count: u64,
}

/// What verifying came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// The run's number; none where the journal does not say.
    pub run: Option<u32>,
    /// Why it existed.
    pub kind: Option<RunKind>,
    /// Where parts do not agree.
    pub differences: Vec<Difference>,
    /// What was worked out again.
    pub proven: Proven,
    /// What was not.
    pub not_proven: Vec<NotProven>,
    /// What was replaced before it was exported.
    pub redaction: Option<Redaction>,
}

/// A review that was read, and what verifying it came to.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The findings.
    pub verification: Verification,
    /// The entries; none where the journal cannot be read.
    pub entries: Entries,
    /// What a reviewer said of its steps.
    pub notes: Notes,
}

impl Verified {
    /// Of a file of which nothing but that it is broken can be said.
    fn broken(digest: String, differences: Vec<Difference>) -> Self {
        let (entries, notes) = (Entries::default(), Notes::default());
        Self { verification: broken(digest, differences), entries, notes }
    }
}

/// Verifies a file, or says why it is no review at all.
pub fn verify(bytes: &[u8]) -> Result<Verified, Refused> {
    let digest = contents::digest(bytes);
    let parts = match archive::read(bytes, contents::is_known) {
        Ok(parts) => parts,
        Err(Refused::Damaged(why)) => {
            let differences = vec![Difference::of("the archive", why)];
            return Ok(Verified::broken(digest, differences));
        }
        Err(foreign) => return Err(foreign),
    };
    let (Some(manifest), Some(evidence)) = (of(&parts, MANIFEST), Evidence::of_parts(&parts)) else {
        return Err(Refused::Foreign(format!("it has no `{MANIFEST}`, or no `{JOURNAL}`")));
    };
    let mut differences = manifest_differences(manifest, &parts);
    let (seals, unsealed) = sealed(&evidence.journal, &mut differences);
    let entries = match Entries::read(&evidence.journal) {
        Ok(entries) => entries,
        Err(fault) => {
            differences.insert(0, fault);
            return Ok(Verified::broken(digest, differences));
        }
    };
    compare_parts(&parts, &evidence.parts(&entries), &mut differences);
    if differences.is_empty() && evidence.archive(&entries) != bytes {
        differences.push(Difference::of("the archive", "its parts do not stand in their order"));
    }
    let earlier = earlier_keys(evidence.earlier.as_deref(), &mut differences);
    let redaction = redaction(evidence.redaction.as_deref(), &mut differences);
    let (notes, edited) = Notes::read(evidence.notes.as_deref().unwrap_or_default());
    differences.extend(edited);
    differences.extend(notes.differences_from(&entries));
    let sources = sources_hold(&evidence.sources, &entries, &mut differences);
    let mut judged = rejudge(&entries, &earlier);
    differences.append(&mut judged.differences);
    let proven = Proven { entries: entries.0.len() as u64, seals, routes: judged.routes, verdicts: judged.verdicts };
    let open = Open { unsealed, earlier: earlier.len() as u64, sources, redaction: redaction.as_ref() };
    let not_proven = not_proven(&entries, &judged, &open);
    let started = entries.started();
    let verification = Verification {
        digest,
        run: started.map(|started| started.run),
        kind: started.map(|started| started.kind),
        differences,
        proven,
        not_proven,
        redaction,
    };
    Ok(Verified { verification, entries, notes })
}

fn broken(digest: String, differences: Vec<Difference>) -> Verification {
    let (proven, not_proven) = (Proven::default(), Vec::new());
    Verification { digest, run: None, kind: None, differences, proven, not_proven, redaction: None }
}

fn of<'a>(parts: &[Part<'a>], name: &str) -> Option<&'a [u8]> {
    parts.iter().find(|part| part.name == name).map(|part| part.bytes)
}

/// Each part against its digest.
fn manifest_differences(text: &[u8], parts: &[Part<'_>]) -> Vec<Difference> {
    let manifest: Manifest = match serde_json::from_slice(text) {
        Ok(manifest) => manifest,
        Err(error) => return vec![Difference::at(MANIFEST, error.line() as u64, format!("cannot be read: {error}"))],
    };
    let mut found = Vec::new();
    if manifest.format != contents::FORMAT {
        let message = format!("is `{}`, and this version reads `{}`", manifest.format, contents::FORMAT);
        found.push(Difference { field: Some("/format".to_owned()), ..Difference::of(MANIFEST, message) });
    }
    for part in &manifest.parts {
        match of(parts, &part.name) {
            None => found.push(Difference::of(&part.name, "is in the manifest, and not there")),
            Some(bytes) if contents::digest(bytes) != part.sha256 => {
                found.push(Difference::of(&part.name, "has another digest than the manifest says"));
            }
            Some(_) => {}
        }
    }
    let unlisted =
        |part: &&Part<'_>| part.name != MANIFEST && !manifest.parts.iter().any(|known| known.name == part.name);
    found.extend(parts.iter().filter(unlisted).map(|part| Difference::of(part.name, "is not in the manifest")));
    found
}

/// How many groups of the journal hold, and how many bytes no seal follows.
fn sealed(journal: &[u8], differences: &mut Vec<Difference>) -> (u64, u64) {
    let Some(run) = journal.split(|byte| *byte == b'\n').next().and_then(run_of) else { return (0, 0) };
    let mut seals = Seals::of(run);
    let (mut held, mut from) = (0, 1);
    for (line, number) in journal.split_inclusive(|byte| *byte == b'\n').zip(1_u64..) {
        let Some(group) = seals.take(line) else { continue };
        if group.holds {
            held += 1;
        } else {
            let lines = if from == number {
                format!("line {number} was")
            } else {
                format!("one of the lines {from} to {number} was")
            };
            let message = format!("the seal does not hold: {lines} edited, or lines before it were taken out");
            let found = Difference::at(JOURNAL, number, message);
            differences.push(Difference { field: Some("/sealed".to_owned()), ..found });
        }
        from = number + 1;
    }
    let unsealed = seals.unsealed();
    if unsealed > 0 && (held > 0 || from > 1) {
        differences.push(Difference::at(JOURNAL, from, "no seal follows: it was added, or a seal was taken away"));
    }
    (held, unsealed)
}

fn run_of(line: &[u8]) -> Option<u32> {
    let entry: crate::kernel::journal::Entry = serde_json::from_slice(line).ok()?;
    match entry.fact {
        Fact::RunStarted(started) => Some(started.run),
        _ => None,
    }
}

/// Each part against what follows from the journal, line by line.
fn compare_parts(parts: &[Part<'_>], expected: &[(String, Vec<u8>)], differences: &mut Vec<Difference>) {
    for (name, bytes) in expected {
        match of(parts, name) {
            None => differences.push(Difference::of(name, "is missing")),
            Some(found) if found == bytes.as_slice() => {}
            Some(found) => differences.push(first_line(name, found, bytes)),
        }
    }
    let more = parts.iter().filter(|part| !expected.iter().any(|(name, _)| name == part.name));
    differences.extend(more.map(|part| Difference::of(part.name, "does not follow from the rest of the review")));
}

fn first_line(name: &str, found: &[u8], expected: &[u8]) -> Difference {
    let mut lines = expected.split_inclusive(|byte| *byte == b'\n');
    for (line, number) in found.split_inclusive(|byte| *byte == b'\n').zip(1_u64..) {
        let Some(other) = lines.next() else { return Difference::at(name, number, "does not follow from the journal") };
        if line == other {
            continue;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        let (line, other) = (text(line), text(other));
        if name == MANIFEST {
            let message = format!("is `{}`, and by the parts it is `{}`", line.trim(), other.trim());
            return Difference::at(name, number, message);
        }
        return of_lines(name, number, &line, &other, "by the journal")
            .unwrap_or_else(|| Difference::at(name, number, "the line ends otherwise than by the journal"));
    }
    let number = found.split(|byte| *byte == b'\n').count() as u64;
    Difference::at(name, number, "is missing: the journal says more")
}

fn earlier_keys(text: Option<&[u8]>, differences: &mut Vec<Difference>) -> Vec<EarlierKey> {
    let mut keys = Vec::new();
    for (line, number) in text.unwrap_or_default().split_inclusive(|byte| *byte == b'\n').zip(1_u64..) {
        match serde_json::from_slice(line) {
            Ok(key) => keys.push(key),
            Err(error) => differences.push(Difference::at(EARLIER, number, format!("no key: {error}"))),
        }
    }
    keys
}

fn redaction(text: Option<&[u8]>, differences: &mut Vec<Difference>) -> Option<Redaction> {
    serde_json::from_slice(text?)
        .map_err(|error| differences.push(Difference::of(REDACTION, format!("cannot be read: {error}"))))
        .ok()
}

/// True where the policy's rules are what the texts of its files say; false where the texts are not there.
fn sources_hold(sources: &[Vec<u8>], entries: &Entries, differences: &mut Vec<Difference>) -> bool {
    let Some(stamp) = entries.policies().next().filter(|_| !sources.is_empty()) else { return false };
    let mut digest = PolicyDigest::default();
    let mut rules = Vec::new();
    // A workspace's own names have no other spelling: those that its rules have are enough.
    let names = stamp.ruleset.iter().filter_map(|rule| Some((rule.tool.as_deref()?, None)));
    let vocabulary = Vocabulary::with(names).unwrap_or_else(|_| Vocabulary::shipped());
    for (index, (source, name)) in sources.iter().zip(&stamp.files).enumerate() {
        let part = source_name(index);
        let Ok(text) = std::str::from_utf8(source) else {
            differences.push(Difference::of(&part, "is no text"));
            return false;
        };
        digest.take(text);
        match file::read(name, text, &vocabulary) {
            Ok(read) => rules.extend(read.rules),
            Err(faults) => {
                let fault = faults.first();
                let message = fault.map_or_else(|| "is no policy".to_owned(), |fault| fault.message.clone());
                let line = fault.and_then(|fault| fault.line).map(u64::from);
                differences.push(Difference { line, ..Difference::of(&part, message) });
                return false;
            }
        }
    }
    if sources.len() != stamp.files.len() || Some(digest.hex()) != stamp.digest {
        differences.push(Difference::of(
            &source_name(0),
            "the texts of the policy have another digest than the policy that judged",
        ));
        return false;
    }
    let said = rules.iter().map(serde_json::to_string).zip(stamp.ruleset.iter().map(serde_json::to_string));
    for (index, (read, known)) in said.enumerate() {
        let (read, known) = (read.unwrap_or_default(), known.unwrap_or_default());
        if let Some(found) = of_lines(POLICY, 1, &known, &read, "in the text of the policy") {
            let field = found.field.as_ref().map(|field| format!("/ruleset/{index}{field}"));
            differences.push(Difference { field, ..found });
            return false;
        }
    }
    if rules.len() != stamp.ruleset.len() {
        differences.push(Difference::of(POLICY, "the text of the policy has another number of rules"));
        return false;
    }
    true
}

/// What the file itself leaves open.
struct Open<'a> {
    unsealed: u64,
    earlier: u64,
    sources: bool,
    redaction: Option<&'a Redaction>,
}

fn not_proven(entries: &Entries, judged: &Rejudged, open: &Open<'_>) -> Vec<NotProven> {
    let (mut plans, mut reads, mut models, mut policies) = (0, 0, 0, 0_u64);
    for entry in &entries.0 {
        match &entry.fact {
            Fact::Proposed(proposed) => {
                plans += 1;
                reads += proposed.reads.len() as u64;
                models +=
                    proposed.reasoned.iter().filter(|reasoning| reasoning.from == ReasonedBy::Model).count() as u64;
            }
            Fact::PolicyLoaded(_) => policies += 1,
            _ => {}
        }
    }
    let first = entries.started().is_some_and(|started| started.policy.state != PolicyState::None);
    policies += u64::from(first && !open.sources);
    let all = [
        (plans, "plans: author code proposed them, and is not run here"),
        (models, "answers of a model: it is not asked again"),
        (reads, "reads: what a tool answered is taken from the journal"),
        (judged.inputs, "bindings and inputs: what connectors and operators declare is not in the file"),
        (judged.predicates, "verdicts that ask a predicate: it is author code"),
        (judged.shadows, "verdicts of a policy that only watched: its rules are not in the file"),
        (judged.lost, "keys that another runner claimed first"),
        (judged.reruns, "verdicts shown for envelopes that ran again: nothing was disposed of"),
        (judged.unfinished, "actions without an end: the run was cut off by a crash"),
        (policies, "policies whose text is not in the file: their rules are taken from the journal"),
        (open.earlier, "keys of earlier runs: their journals are not in the file"),
        (open.redaction.map_or(0, |redaction| redaction.values), "values that were replaced by stand-ins"),
        (u64::from(open.unsealed > 0), "journal without seals: it was written before there were any"),
    ];
    let open = all.into_iter().filter(|(count, _)| *count > 0);
    open.map(|(count, what)| NotProven { what: what.to_owned(), count }).collect()
}
