//! Taking a review out of a workspace's state: the journal as it is on disk, and what else is at hand to prove it by.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::contents::{EarlierKey, Entries, Evidence, MOST_SOURCES};
use super::notes::{self, Note, Notes};
use super::redact::{NotRedacted, Plan, redact};
use super::verify::{Verified, verify};
use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Fact, RunKind};
use crate::kernel::policy::file;
use crate::session::base;
use crate::session::error::Error;
use crate::session::journal::chain::Known;
use crate::session::journal::line::{Holder, JournalLine};
use crate::session::journal::seals::is_sealed;
use crate::session::state_files::{self, Access};
use crate::session::store::Store;
use crate::workspace::Workspace;
use crate::workspace::policy::PolicyDigest;

use super::archive::MOST;

/// What a review of a run is made from; with its entries.
pub fn evidence(workspace: &Workspace, store: &Store, run: u32) -> Result<(Evidence, Entries), Error> {
    let path = store.journal(run);
    let journal = sealed_part(read_journal(&path)?);
    let entries = Entries::read(&journal).map_err(|fault| {
        let said = format!("the journal of run {run} cannot be exported: {}: {}", fault.place(), fault.message);
        Error::Input(Box::new(Diagnostic::error(said).help("`fibric receipts verify` says what became of it")))
    })?;
    let sources = sources(workspace, &entries);
    let earlier = match entries.started().map(|started| started.kind) {
        Some(RunKind::Live) => earlier(store, run, &entries)?,
        _ => None,
    };
    let (notes, _) = notes::kept(store.dir(), run).map_err(Error::disk("read the notes in", store.dir()))?;
    // What was said of steps that the journal does not have any more is not said of others.
    let known = |note: &Note| Notes(vec![note.clone()]).differences_from(&entries).is_empty();
    let notes = Notes(notes.0.into_iter().filter(known).collect()).part();
    Ok((Evidence { journal, sources, earlier, redaction: None, notes }, entries))
}

/// The same with stand-ins, where there is anything to replace.
pub fn redacted(evidence: Evidence, entries: Entries, plan: &Plan) -> Result<(Evidence, Entries), NotRedacted> {
    Ok(redact(&evidence, &entries, plan)?.unwrap_or((evidence, entries)))
}

/// The review as a file, and what verifying it comes to: whoever gets it will do the same.
pub fn file(evidence: &Evidence, entries: &Entries) -> Result<(Vec<u8>, Verified), Diagnostic> {
    let bytes = evidence.archive(entries);
    if bytes.len() as u64 > MOST {
        let said = format!("the review would have {} bytes, and none has more than {} MiB", bytes.len(), MOST >> 20);
        return Err(Diagnostic::error(said).help("export a shorter run"));
    }
    let verified = verify(&bytes).map_err(|refused| Diagnostic::error(refused.to_string()))?;
    Ok((bytes, verified))
}

fn read_journal(path: &Path) -> Result<Vec<u8>, Error> {
    let file = state_files::open(path, Access::Read).map_err(Error::disk("read", path))?;
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(Error::disk("read", path))?;
    if bytes.len() as u64 > MOST {
        let said = format!("the journal has more than {} MiB, which no review holds", MOST >> 20);
        return Err(Error::Input(Box::new(Diagnostic::error(said).help("export a shorter run"))));
    }
    Ok(bytes)
}

/// Up to the last seal: what no seal follows was cut off by a crash, or is still being written.
fn sealed_part(mut journal: Vec<u8>) -> Vec<u8> {
    let (mut end, mut sealed, mut whole) = (0, 0, 0);
    for line in journal.split_inclusive(|byte| *byte == b'\n') {
        end += line.len();
        if line.ends_with(b"\n") {
            whole = end;
        }
        if is_sealed(line) {
            sealed = end;
        }
    }
    // One of before there were seals has none at all.
    journal.truncate(if sealed > 0 { sealed } else { whole });
    journal
}

/// The texts of the policy's files, where they still are what judged.
fn sources(workspace: &Workspace, entries: &Entries) -> Vec<Vec<u8>> {
    let Some(stamp) = entries.policies().next() else { return Vec::new() };
    let is_yaml = |name: &String| {
        let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("yaml" | "yml"))
    };
    if stamp.files.len() > MOST_SOURCES || !stamp.files.iter().all(is_yaml) {
        return Vec::new();
    }
    let read = |name: &String| {
        let path = workspace.root.join(name);
        bounded_read::read_text(&path, file::MAX_BYTES as u64).ok()
    };
    let Some(texts) = stamp.files.iter().map(read).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let mut digest = PolicyDigest::default();
    for text in &texts {
        digest.take(text);
    }
    if stamp.digest == Some(digest.hex()) { texts.into_iter().map(String::into_bytes).collect() } else { Vec::new() }
}

/// The keys of earlier live runs that this one met, and those that may have counted for its limits.
fn earlier(store: &Store, run: u32, entries: &Entries) -> Result<Option<Vec<u8>>, Error> {
    let own = format!("rc_{run}_");
    let mut met: HashMap<String, String> = HashMap::new();
    for entry in &entries.0 {
        if let Fact::Disposed(disposed) = &entry.fact
            && let Some(by) = disposed.receipt.claimed_by.as_ref().filter(|by| !by.starts_with(&own))
        {
            met.insert(disposed.receipt.idempotency_key.clone(), by.clone());
        }
    }
    let began = entries.0.first().and_then(|entry| entry.at.parse::<Timestamp>().ok());
    let oldest = began.and_then(|began| began.checked_sub(SignedDuration::from_hours(24)).ok());
    let counts = |at: &str| oldest.is_none_or(|oldest| at.parse::<Timestamp>().is_ok_and(|at| at >= oldest));
    let mut claims: Vec<EarlierKey> = Vec::new();
    let mut take = |holder: Holder| {
        if counts(&holder.at) || met.get(&holder.idempotency_key) == Some(&holder.id) {
            let used = holder.counts();
            claims.push(EarlierKey { key: holder.idempotency_key, receipt: holder.id, used });
        }
    };
    if let Some(base) = base::in_force(store, &Known::read(&store.journals())?) {
        base::each(&base.path, |_, line| {
            if let base::Line::Receipt(receipt) = line {
                Holder::of(receipt).into_iter().for_each(&mut take);
            }
        })?;
    }
    for other in store.runs().into_iter().filter(|other| *other < run) {
        let path = store.journal(other);
        let Ok(file) = state_files::open(&path, Access::Read) else { continue };
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let (mut line, mut is_live) = (Vec::new(), false);
        while {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(Error::disk("read", &path))? > 0
        } {
            match JournalLine::read(&line) {
                JournalLine::Started(kind) => is_live = kind == RunKind::Live,
                JournalLine::Disposed { receipt, claimed: Some(true) } if is_live => {
                    Holder::of(receipt).into_iter().for_each(&mut take);
                }
                _ if !is_live => break,
                _ => {}
            }
        }
    }
    let lines = claims.iter().filter_map(|claim| serde_json::to_string(claim).ok());
    Ok(Some(lines.map(|line| line + "\n").collect::<String>().into_bytes()))
}
