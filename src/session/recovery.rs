//! What a crash left behind, made good at the next start: torn lines are set aside, claims without a receipt become
//! `failed: interrupted`, and the projections catch up with the journals.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::chain::Link;
use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::history::{History, Line};
use super::projections::{KeyChange, Projections, key_change};
use super::store::{RunDir, Store};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Claimed, Disposed, Entry, Fact, RunKind, Source};
use crate::kernel::receipt::Receipt;

/// What one crashed run's journal holds that the projections must have.
#[derive(Default)]
struct Remains {
    receipts: Vec<Arc<Receipt>>,
    envelopes: Vec<Arc<EventEnvelope>>,
    keys: BTreeMap<String, KeyChange>,
}

/// Recovers every run that neither ended nor lives. Gives a notice for each thing that was found and done.
pub fn recover(store: &Store, at: &str) -> Result<Vec<Diagnostic>, Error> {
    let crashed = store.crashed();
    if crashed.is_empty() {
        return Ok(Vec::new());
    }
    let _lock = store.lock()?;
    let mut notices = Vec::new();
    let mut all = Remains::default();
    for run in &crashed {
        let remains = read_remains(run, at, &mut notices)?;
        all.receipts.extend(remains.receipts);
        all.envelopes.extend(remains.envelopes);
        all.keys.extend(remains.keys);
    }
    catch_up(store, &all, &mut notices)?;
    for run in crashed {
        run.close()?;
    }
    Ok(notices)
}

fn read_remains(run: &RunDir, at: &str, notices: &mut Vec<Diagnostic>) -> Result<Remains, Error> {
    let path = &run.journal;
    let mut remains = Remains::default();
    let mut open: BTreeMap<String, Claimed> = BTreeMap::new();
    let mut live = false;
    let mut last = 0;
    cut_torn(path, &format!("run {}", run.number), notices)?;
    for line in History::open(path).map_err(Error::disk("read", path))? {
        match line {
            Line::Entry(entry) => {
                last = entry.seq;
                if let Fact::RunStarted(started) = &entry.fact {
                    live = started.kind == RunKind::Live;
                }
                remember(*entry, live, &mut remains, &mut open);
            }
            Line::Damaged { number, reason } => notices.push(
                Diagnostic::warning(format!("run {}: line {number} of its journal is damaged: {reason}", run.number))
                    .in_file(path.to_string_lossy()),
            ),
            Line::Torn { .. } => {}
        }
    }
    let mut disk = FileDisk::open(path).map_err(Error::disk("open", path))?;
    for claimed in open.into_values() {
        last += 1;
        let receipt = &claimed.interrupted;
        notices.push(Diagnostic::warning(format!(
            "run {}: {} was interrupted after its key was claimed: {} says `failed: interrupted`, the key stays claimed",
            run.number, receipt.tool, receipt.id
        )));
        remains
            .keys
            .insert(claimed.key.clone(), KeyChange::Claimed { key: claimed.key.clone(), by: receipt.id.clone() });
        remains.receipts.push(Arc::clone(receipt));
        let disposed = Disposed { arrival: claimed.arrival, stages: Vec::new(), receipt: Arc::clone(receipt) };
        let entry = Entry { seq: last, at: at.to_owned(), fact: Fact::Disposed(disposed) };
        append_json(&mut disk, &entry, path)?;
    }
    Ok(remains)
}

fn remember(entry: Entry, live: bool, remains: &mut Remains, open: &mut BTreeMap<String, Claimed>) {
    if live && let Some(change) = key_change(&entry) {
        let (KeyChange::Claimed { key, .. } | KeyChange::Released { key }) = &change;
        remains.keys.insert(key.clone(), change);
    }
    match entry.fact {
        Fact::Received(received) if received.origin.source != Source::Rerun => {
            remains.envelopes.push(received.envelope);
        }
        Fact::Claimed(claimed) => {
            open.insert(claimed.action_id.clone(), claimed);
        }
        Fact::Disposed(disposed) => {
            open.remove(&disposed.receipt.action_id);
            remains.receipts.push(disposed.receipt);
        }
        _ => {}
    }
}

/// Cuts an unfinished last line off, keeping it in a file beside.
fn cut_torn(path: &Path, what: &str, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::disk("read", path)(error)),
    };
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    if whole == bytes.len() {
        return Ok(());
    }
    let aside = path.with_extension("torn");
    fs::write(&aside, &bytes[whole..]).map_err(Error::disk("write", &aside))?;
    let mut disk = FileDisk::open(path).map_err(Error::disk("open", path))?;
    disk.cut(whole as u64).map_err(Error::disk("cut", path))?;
    notices.push(
        Diagnostic::warning(format!(
            "{what}: the last line was torn by a crash ({} bytes); it was never shown, and is kept in `{}`",
            bytes.len() - whole,
            aside.file_name().unwrap_or_default().to_string_lossy()
        ))
        .in_file(path.file_name().unwrap_or_default().to_string_lossy()),
    );
    Ok(())
}

fn catch_up(store: &Store, all: &Remains, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    for name in ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl"] {
        // A torn projection is nothing to worry a person with: its line comes back from the journal.
        cut_torn(&store.file(name), name, &mut Vec::new())?;
    }
    let written = written_ids(&store.file("receipts.jsonl"))?;
    let missing: Vec<_> = all.receipts.iter().filter(|receipt| !written.contains(&receipt.id)).collect();
    let lines = missing.iter().map(|receipt| json_line(*receipt)).collect::<Vec<_>>();
    let mut projections = Projections::open(store, true, false)?;
    let promised = promised(store)?;
    let kept = promised
        .iter()
        .zip(&lines)
        .take_while(|((previous, link), line)| Link::after(previous.as_ref(), link.end, line).hash == link.hash);
    let kept = kept.count();
    let envelopes = absent_lines(&store.file("envelopes.jsonl"), all.envelopes.iter().map(json_line).collect())?;
    let keys = absent_lines(&store.file("keys.jsonl"), all.keys.values().map(json_line).collect())?;
    projections.append_recovered(&lines[..kept].concat(), &envelopes.concat(), &keys.concat())?;
    projections.append_receipts(&lines[kept..])?;
    projections.sync()?;
    if !lines.is_empty() {
        notices.push(Diagnostic::warning(format!(
            "{} receipt{} of a crashed run brought back from its journal",
            lines.len(),
            if lines.len() == 1 { "" } else { "s" }
        )));
    }
    Ok(())
}

/// Links whose receipts were still to be written when the process died, each with the link before it.
fn promised(store: &Store) -> Result<Vec<(Option<Link>, Link)>, Error> {
    let path = store.file("receipts.jsonl");
    let length = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let chain = store.file("receipts.chain");
    let bytes = fs::read(&chain).map_err(Error::disk("read", &chain))?;
    let links: Vec<_> = String::from_utf8_lossy(&bytes).lines().filter_map(Link::parse).collect();
    let first = links.partition_point(|link| link.end <= length);
    Ok((first..links.len())
        .map(|index| (index.checked_sub(1).map(|before| links[before].clone()), links[index].clone()))
        .collect())
}

#[derive(serde::Deserialize)]
struct Id {
    id: String,
}

fn written_ids(path: &Path) -> Result<HashSet<String>, Error> {
    let mut ids = HashSet::new();
    let Ok(file) = fs::File::open(path) else { return Ok(ids) };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).map_err(Error::disk("read", path))? > 0 {
        if let Ok(Id { id }) = serde_json::from_slice(&line) {
            ids.insert(id);
        }
        line.clear();
    }
    Ok(ids)
}

/// Those lines that the file does not hold.
fn absent_lines(path: &Path, mut lines: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
    let Ok(file) = fs::File::open(path) else { return Ok(lines) };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut held = HashSet::new();
    let wanted: HashSet<Vec<u8>> = lines.iter().cloned().collect();
    while reader.read_until(b'\n', &mut line).map_err(Error::disk("read", path))? > 0 {
        if wanted.contains(&line) {
            held.insert(line.clone());
        }
        line.clear();
    }
    lines.retain(|line| !held.contains(line));
    Ok(lines)
}

fn json_line(value: impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(&value).unwrap_or_default();
    line.push(b'\n');
    line
}

fn append_json(disk: &mut FileDisk, entry: &Entry, path: &Path) -> Result<(), Error> {
    disk.append(&json_line(entry)).map_err(Error::disk("write", path))
}
