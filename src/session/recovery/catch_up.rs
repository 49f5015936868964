//! Bringing the files the documentation names up to what the journals of crashed runs say, without touching a line that
//! is there: an edit must stay as visible as it was.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;

use super::Remains;
use crate::kernel::diagnostic::Diagnostic;
use crate::session::error::Error;
use crate::session::projections::Projections;
use crate::session::receipt_chain::Link;
use crate::session::state_files::{self, Access};
use crate::session::store::Store;

/// No id that this program makes is longer.
const MAX_ID: usize = 64;

/// Appends to each projection what it lacks. The store's lock must be held.
pub(super) fn catch_up(store: &Store, all: &Remains, sync: bool, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let mut projections = Projections::open(store, true, false)?;
    let wanted = all.receipts.iter().map(|receipt| receipt.id.as_str()).collect();
    let written = written_ids(&store.file("receipts.jsonl"), &wanted)?;
    let (there, missing): (Vec<_>, Vec<_>) = all.receipts.iter().partition(|receipt| written.contains(&*receipt.id));
    let mut missing: Vec<_> = missing.iter().map(json_line).collect();
    let count = missing.len();
    let mut links = read_links(store)?;
    let relinked = relink(store, &mut links, &there.iter().map(json_line).collect())?;
    let kept = keep_promises(store, &links, &mut missing)?;
    let envelopes: Vec<_> = all.envelopes.iter().map(json_line).collect();
    let envelopes = absent_lines(&store.file("envelopes.jsonl"), all.envelopes_from, envelopes)?;
    let keys = absent_lines(&store.file("keys.jsonl"), 0, all.keys.values().map(json_line).collect())?;
    projections.append_recovered(relinked.as_bytes(), &kept, &envelopes.concat(), &keys.concat())?;
    projections.append_receipts(&missing)?;
    if sync {
        projections.sync()?;
    }
    if count > 0 {
        let s = if count == 1 { "" } else { "s" };
        let message = format!("{count} receipt{s} of a crashed run brought back from its journal");
        notices.push(Diagnostic::warning(message));
    }
    if !relinked.is_empty() {
        let count = relinked.lines().count();
        let s = if count == 1 { "" } else { "s" };
        let message = format!("{count} receipt{s} of a crashed run linked to the chain again, as its journal has them");
        notices.push(Diagnostic::warning(message));
    }
    Ok(())
}

/// The last link whose receipt is there, and those that promise more.
fn read_links(store: &Store) -> Result<Vec<Link>, Error> {
    let path = store.file("receipts.chain");
    let length = store.length("receipts.jsonl")?;
    let mut links: Vec<Link> = Vec::new();
    each_line(&path, 0, |line| {
        let Some(link) = Link::parse(&String::from_utf8_lossy(line)) else { return };
        if link.end <= length {
            links.clear();
        }
        links.push(link);
    })?;
    Ok(links)
}

/// A power cut can take the end of the chain and leave the receipts. Receipts behind the chain are linked again where
/// they are, byte for byte, what a crashed run's journal holds; anything else stays unlinked, for an audit to find.
fn relink(store: &Store, links: &mut Vec<Link>, own: &HashSet<Vec<u8>>) -> Result<String, Error> {
    let path = store.file("receipts.jsonl");
    let mut end = links.last().map_or(0, |link| link.end);
    let mut file = state_files::open(&path, Access::Read).map_err(Error::disk("read", &path))?;
    file.seek(SeekFrom::Start(end)).map_err(Error::disk("read", &path))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut added = String::new();
    while reader.read_until(b'\n', &mut line).map_err(Error::disk("read", &path))? > 0 && own.contains(&line) {
        end += line.len() as u64;
        let link = Link::after(links.last(), end, &line);
        added.push_str(&link.line());
        links.push(link);
        line.clear();
    }
    Ok(added)
}

/// Links whose receipts were still to be written when a process died: takes those receipts out of `missing`, in the
/// order in which they were promised, which with several crashed runs need not be that of the runs.
fn keep_promises(store: &Store, links: &[Link], missing: &mut Vec<Vec<u8>>) -> Result<Vec<u8>, Error> {
    let path = store.file("receipts.jsonl");
    let length = state_files::identity(&path).map_err(Error::disk("read", &path))?.map_or(0, |found| found.length);
    let first = links.partition_point(|link| link.end <= length);
    let mut taken = vec![false; missing.len()];
    let mut kept = Vec::new();
    let mut from = 0;
    for (index, link) in links.iter().enumerate().skip(first) {
        let previous = index.checked_sub(1).map(|before| &links[before]);
        // One after the other is what is there nearly always.
        let found = (from..missing.len())
            .chain(0..from)
            .find(|at| !taken[*at] && Link::after(previous, link.end, &missing[*at]).hash == link.hash);
        let Some(at) = found else { break };
        taken[at] = true;
        from = at + 1;
        kept.extend_from_slice(&missing[at]);
    }
    let mut taken = taken.into_iter();
    missing.retain(|_| !taken.next().unwrap_or(false));
    Ok(kept)
}

#[derive(serde::Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// Those of the wanted ids that a receipt there has. There may be millions of others, of which nothing is kept.
fn written_ids<'a>(path: &Path, wanted: &HashSet<&'a str>) -> Result<HashSet<&'a str>, Error> {
    const FIRST: &[u8] = b"{\"id\":\"";
    let mut written = HashSet::new();
    each_line(path, 0, |line| {
        // As this program writes a receipt, its id comes first; any other is read whole.
        let id = line.strip_prefix(FIRST).and_then(|rest| {
            let id = &rest[..rest.iter().take(MAX_ID).position(|byte| *byte == b'"')?];
            std::str::from_utf8(id).ok().filter(|id| !id.contains('\\')).map(Cow::Borrowed)
        });
        let id = id.or_else(|| serde_json::from_slice(line).ok().map(|Id { id }| id));
        written.extend(id.and_then(|id| wanted.get(&*id).copied()));
    })?;
    Ok(written)
}

/// Those lines that the file does not hold from there on; a line given twice must be there twice.
fn absent_lines(path: &Path, from: u64, mut lines: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
    let mut held: HashMap<Vec<u8>, usize> = lines.iter().map(|line| (line.clone(), 0)).collect();
    each_line(path, from, |line| {
        if let Some(times) = held.get_mut(line) {
            *times += 1;
        }
    })?;
    lines.retain(|line| match held.get_mut(line) {
        Some(times) if *times > 0 => {
            *times -= 1;
            false
        }
        _ => true,
    });
    Ok(lines)
}

fn each_line(path: &Path, from: u64, mut see: impl FnMut(&[u8])) -> Result<(), Error> {
    let mut file = state_files::open(path, Access::Read).map_err(Error::disk("read", path))?;
    file.seek(SeekFrom::Start(from)).map_err(Error::disk("read", path))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).map_err(Error::disk("read", path))? > 0 {
        see(&line);
        line.clear();
    }
    Ok(())
}

pub(super) fn json_line(value: impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(&value).unwrap_or_default();
    line.push(b'\n');
    line
}
