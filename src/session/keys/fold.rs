//! The claimed keys, folded from the journals of live runs, each line looked at once.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::Claim;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::RunKind;
use crate::kernel::receipt::Outcome;
use crate::session::corpus::since;
use crate::session::error::Error;
use crate::session::journal_line::{Holder, JournalLine};
use crate::session::journals::Known;
use crate::session::seals::{self, Seals};
use crate::session::state_files::{self, Access};
use crate::session::store::Store;

/// Changes that are held back until the group they are in is known to hold.
const MOST: usize = 4_096;

/// What the journals say.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Keys that are used.
    pub(super) held: HashMap<String, Claim>,
    /// Keys that were given back, and by which receipt: claimed by that one, they are free.
    pub(super) freed: HashMap<String, String>,
}

/// What a line does to a key.
enum Change {
    Claim(String, Claim),
    /// Its holder failed and may be retried, or lost it to another.
    GiveBack {
        key: String,
        id: String,
        to: Option<String>,
    },
}

/// Folds the journals of all live runs.
pub(super) fn journals(store: &Store) -> Result<Claims, Error> {
    let known = Known::read(&store.journals())?;
    let mut claims = Claims::default();
    for run in store.runs() {
        let path = store.journal(run);
        let file = match state_files::open(&path, Access::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::disk("read", &path)(error)),
        };
        // A run that no line began can only add keys; one that is older than seals is believed.
        let trust = match (known.runs.contains_key(&run), run <= known.unchained || known.last.is_none()) {
            (true, _) => Trust::Sealed,
            (false, true) => Trust::All,
            (false, false) => Trust::None,
        };
        Folding { run, path: &path, trust, claims: &mut claims, changes: Vec::new() }
            .through(file)
            .map_err(Error::disk("read", &path))?;
    }
    Ok(claims)
}

/// The runs whose keys are the workspace's, as far as anyone knows, and whose journals are gone or cut short.
fn lost_runs(store: &Store, known: &Known) -> Result<BTreeSet<u32>, Error> {
    let mut lost = BTreeSet::new();
    for (run, reach) in known.runs.iter().filter(|(_, reach)| reach.shared) {
        let path = store.journal(*run);
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?;
        let had = reach.last.as_ref().map_or(0, |(end, _)| *end);
        if found.map_or(0, |found| found.length) < had {
            lost.insert(*run);
        }
    }
    let there: BTreeSet<u32> = store.runs().into_iter().collect();
    lost.extend((1..=known.unchained).filter(|run| !there.contains(run)));
    Ok(lost)
}

/// Where a journal is gone, what receipts say of its keys is all there is: what ran may not run again. A key that the
/// receipts of a play used counts too, where nobody knows any more that it was one.
pub(super) fn receipts_of_lost_runs(
    store: &Store,
    file: &HashMap<String, Claim>,
    claims: &mut Claims,
) -> Result<Option<Diagnostic>, Error> {
    let lost = lost_runs(store, &Known::read(&store.journals())?)?;
    let path = store.file("receipts.jsonl");
    if lost.is_empty() || state_files::identity(&path).map_err(Error::disk("read", &path))?.is_none() {
        return Ok(None);
    }
    let receipts = state_files::open(&path, Access::Read).map_err(Error::disk("read", &path))?;
    let mut first = None;
    let mut count = 0_u64;
    for line in BufReader::with_capacity(1 << 18, receipts).split(b'\n') {
        let line = line.map_err(Error::disk("read", &path))?;
        let Some(holder) = std::str::from_utf8(&line).ok().and_then(Holder::of) else { continue };
        let ran = matches!(holder.outcome, Outcome::Applied | Outcome::Failed);
        let (key, used) = (holder.idempotency_key.clone(), Some(holder.counts()));
        if !ran || claims.held.contains_key(&key) || !since::run_of(&holder.id).is_some_and(|run| lost.contains(&run)) {
            continue;
        }
        if !file.contains_key(&key) {
            count += 1;
            first.get_or_insert_with(|| key.clone());
        }
        claims.held.insert(key, Claim { by: holder.id, used });
    }
    Ok(first.map(|first| {
        let said =
            format!("{count} used keys are known only from receipts.jsonl (`{first}` is the first): they stay used");
        let help = "the journals of their runs are gone; `fibric receipts verify` says which";
        Diagnostic::warning(said).in_file(".fibric/dev/receipts.jsonl").help(help)
    }))
}

/// Which lines may give a key back. Any line may claim one: that only ever stops an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    None,
    Sealed,
    All,
}

struct Folding<'a> {
    run: u32,
    path: &'a Path,
    trust: Trust,
    claims: &'a mut Claims,
    changes: Vec<Change>,
}

impl Folding<'_> {
    fn through(mut self, file: File) -> io::Result<()> {
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let (mut line, mut offset, mut group) = (Vec::new(), 0, 0);
        let mut before = Vec::new();
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if read == 0 {
                self.apply(self.trust == Trust::All);
                return Ok(());
            }
            // Only live runs share their keys, and the first line says what a run is.
            if offset == 0 && !matches!(JournalLine::read(&line), JournalLine::Started(RunKind::Live)) {
                return Ok(());
            }
            self.line(&line);
            offset += read as u64;
            if seals::is_sealed(&line) {
                let gives_back = self.changes.iter().any(|change| matches!(change, Change::GiveBack { .. }));
                let holds = match self.trust {
                    Trust::All => true,
                    Trust::None => false,
                    Trust::Sealed => gives_back && self.holds(group, offset, &before)?,
                };
                self.apply(holds);
                group = offset;
                before.clone_from(&line);
            } else if self.trust != Trust::Sealed && self.changes.len() >= MOST {
                self.apply(self.trust == Trust::All);
            }
        }
    }

    fn line(&mut self, line: &[u8]) {
        match JournalLine::read(line) {
            JournalLine::Claimed { key, interrupted } => {
                let Some(holder) = Holder::of(interrupted) else { return };
                let claim = Claim { used: Some(holder.counts()), by: holder.id };
                self.changes.push(Change::Claim(key.into_owned(), claim));
            }
            JournalLine::Disposed { receipt, claimed } => {
                let Some(holder) = Holder::of(receipt) else { return };
                let (key, used) = (holder.idempotency_key.clone(), Some(holder.counts()));
                if claimed == Some(true) {
                    self.changes.push(Change::Claim(key, Claim { by: holder.id, used }));
                } else if claimed.is_some() || self.has(&key, &holder.id) {
                    let to = holder.claimed_by.filter(|_| holder.outcome == Outcome::Deduplicated);
                    self.changes.push(Change::GiveBack { key, id: holder.id, to });
                }
            }
            _ => {}
        }
    }

    /// True for a receipt that claimed the key and has not ended before: most that end without a handler never did.
    fn has(&self, key: &str, id: &str) -> bool {
        matches!(self.changes.last(), Some(Change::Claim(_, claim)) if claim.by == id)
            || self.claims.held.get(key).is_some_and(|claim| claim.by == id)
    }

    /// The changes of a group, in their order; only one that holds gives a key back.
    fn apply(&mut self, holds: bool) {
        let own = format!("rc_{}_", self.run);
        for change in self.changes.drain(..) {
            match change {
                Change::Claim(key, claim) => {
                    self.claims.freed.remove(&key);
                    // Who was first has it.
                    self.claims.held.entry(key).or_insert(claim);
                }
                Change::GiveBack { key, id, to } => {
                    let is_holder = self.claims.held.get(&key).is_some_and(|claim| claim.by == id);
                    if !(holds && is_holder && id.starts_with(&own)) {
                        continue;
                    }
                    if let Some(by) = to {
                        self.claims.held.insert(key, Claim { by, used: None });
                    } else {
                        self.claims.held.remove(&key);
                        self.claims.freed.insert(key, id);
                    }
                }
            }
        }
    }

    /// Reads a group again, to hold it against its seal: rarely, because few give a key back.
    fn holds(&self, from: u64, upto: u64, before: &[u8]) -> io::Result<bool> {
        let mut seals = Seals::after(self.run, before);
        let mut file = state_files::open(self.path, Access::Read)?;
        file.seek(SeekFrom::Start(from))?;
        let mut reader = BufReader::with_capacity(1 << 18, file.take(upto - from));
        let mut line = Vec::new();
        let mut holds = false;
        while reader.read_until(b'\n', &mut line)? > 0 {
            holds = seals.take(&line).is_some_and(|sealed| sealed.holds);
            line.clear();
        }
        Ok(holds)
    }
}
