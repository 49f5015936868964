//! The claimed keys, folded from the journals of live runs, each line looked at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::Claim;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::claims::{KeyDigest, digest};
use crate::kernel::executor::{State, Use};
use crate::kernel::journal::RunKind;
use crate::kernel::receipt::Outcome;
use crate::session::base::{self, Base};
use crate::session::corpus::since;
use crate::session::error::Error;
use crate::session::journal::chain::Known;
use crate::session::journal::line::{Holder, JournalLine};
use crate::session::journal::seals::{self, Seals};
use crate::session::projections::KeyChange;
use crate::session::state_files::{self, Access};
use crate::session::store::Store;

/// Changes that are held back until the group they are in is known to hold.
const MOST: usize = 4_096;

/// What the journals say.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// Keys that are used, and what they count for.
    pub(super) state: State,
    /// Keys that were given back, and by which receipt: claimed by that one, they are free.
    pub(super) freed: HashMap<String, String>,
    /// What claims count for whose receipt has not come yet: it may give the key back.
    pending: HashMap<String, Use>,
    /// For times that cannot be read.
    now: String,
    /// The last run of a base of keys that is gone, or is not what was written.
    lost_base: Option<u32>,
}

impl Folded {
    /// Tells where the base of keys does not hold.
    pub(super) fn base_fault(&self) -> Option<Diagnostic> {
        let upto = self.lost_base?;
        let said = format!("the base of keys is gone or is not what was written; it stands for the runs up to {upto}");
        let help =
            "keys that keys.jsonl or receipts.jsonl has stay used; put the file back from a copy if there is one";
        Some(Diagnostic::warning(said).in_file(format!(".fibric/dev/{}", base::FILE)).help(help))
    }

    fn claim(&mut self, key: &str, claim: Claim) {
        self.freed.remove(key);
        // Who was first has it.
        if self.state.claimed_by(key).is_some() {
            return;
        }
        self.state.claim(key, &claim.by);
        if let Some(used) = claim.used {
            self.state.count(&used, &self.now);
            self.pending.insert(claim.by, used);
        }
    }

    fn give_back(&mut self, key: String, id: String, to: Option<String>) {
        if let Some(used) = self.pending.remove(&id) {
            self.state.uncount(&used, &self.now);
        }
        if let Some(by) = to {
            self.state.claim(&key, &by);
        } else {
            self.state.give_back(&key);
            self.freed.insert(key, id);
        }
    }
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
    /// It stays with its holder, whose action has ended.
    Keep(String),
}

/// Folds the journals of all live runs.
pub(super) fn journals(store: &Store, now: &str) -> Result<Folded, Error> {
    let known = Known::read(&store.journals())?;
    let mut folded = Folded { now: now.to_owned(), ..Folded::default() };
    let base = base::in_force(store, &known);
    if let Some(base) = &base {
        let digest = each_kept(base, |key, claim| folded.claim(&key, claim))?;
        folded.pending.clear();
        folded.lost_base = (digest.is_none() || base.seal.is_some() && digest != base.seal).then_some(base.upto);
    }
    let upto = base.as_ref().map_or(0, Base::covers);
    // What stands where a run was cleaned away was put there since.
    for run in store.runs().into_iter().filter(|run| *run > upto) {
        let path = store.journal(run);
        let Some(file) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
            continue;
        };
        // A run that no line began can only add keys; one that is older than seals is believed.
        let trust = match (known.runs.contains_key(&run), run <= known.unchained || known.last.is_none()) {
            (true, _) => Trust::Sealed,
            (false, true) => Trust::All,
            (false, false) => Trust::None,
        };
        Folding { run, path: &path, trust, folded: &mut folded, changes: Vec::new() }
            .through(file)
            .map_err(Error::disk("read", &path))?;
        // Only a run itself gives its keys back.
        folded.pending.clear();
    }
    Ok(folded)
}

/// The keys of the runs that were cleaned away; gives the digest of the file they stand in.
fn each_kept(base: &Base, mut hear: impl FnMut(String, Claim)) -> Result<Option<String>, Error> {
    base::each(&base.path, |_, line| match line {
        base::Line::Receipt(receipt) => {
            let Some(holder) = Holder::of(receipt) else { return };
            let used = Some(holder.counts());
            hear(holder.idempotency_key, Claim { by: holder.id, used });
        }
        base::Line::Claimed(KeyChange::Claimed { key, by, used }) => hear(key, Claim { by, used }),
        _ => {}
    })
}

/// The runs whose keys are the workspace's, as far as anyone knows, and whose journals are gone or cut short.
fn lost_runs(store: &Store, known: &Known, base_is_lost: bool) -> Result<BTreeSet<u32>, Error> {
    let mut lost = BTreeSet::new();
    let upto = known.cleaned_upto();
    lost.extend((1..=upto).filter(|_| base_is_lost));
    for (run, reach) in known.runs.iter().filter(|(_, reach)| reach.shared) {
        let path = store.journal(*run);
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?;
        let had = reach.last.as_ref().map_or(0, |(end, _)| *end);
        if found.map_or(0, |found| found.length) < had {
            lost.insert(*run);
        }
    }
    let there: BTreeSet<u32> = store.runs().into_iter().collect();
    lost.extend((upto + 1..=known.unchained).filter(|run| !there.contains(run)));
    Ok(lost)
}

/// Where a journal is gone, what receipts say of its keys is all there is: what ran may not run again. A key that the
/// receipts of a play used counts too, where nobody knows any more that it was one.
pub(super) fn receipts_of_lost_runs(store: &Store, folded: &mut Folded) -> Result<Option<Diagnostic>, Error> {
    let lost = lost_runs(store, &Known::read(&store.journals())?, folded.lost_base.is_some())?;
    if lost.is_empty() {
        return Ok(None);
    }
    let file = super::read(store)?;
    let (mut first, mut count) = (None, 0_u64);
    each_receipt(store, |holder| {
        let ran = matches!(holder.outcome, Outcome::Applied | Outcome::Failed);
        let key = &holder.idempotency_key;
        let is_of_lost = since::run_of(&holder.id).is_some_and(|run| lost.contains(&run));
        if !ran || folded.state.claimed_by(key).is_some() || !is_of_lost {
            return;
        }
        if file.get(key).is_none() {
            count += 1;
            first.get_or_insert_with(|| key.clone());
        }
        folded.state.claim(key, &holder.id);
        folded.state.count(&holder.counts(), &folded.now);
    })?;
    Ok(first.map(|first| {
        let said =
            format!("{count} used keys are known only from receipts.jsonl (`{first}` is the first): they stay used");
        let help = "the journals of their runs are gone; `fibric receipts verify` says which";
        Diagnostic::warning(said).in_file(".fibric/dev/receipts.jsonl").help(help)
    }))
}

/// What `receipts.jsonl` says of keys, line by line.
fn each_receipt(store: &Store, mut hear: impl FnMut(Holder)) -> Result<(), Error> {
    let path = store.file("receipts.jsonl");
    let Some(receipts) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
        return Ok(());
    };
    for line in BufReader::with_capacity(1 << 18, receipts).split(b'\n') {
        let line = line.map_err(Error::disk("read", &path))?;
        if let Some(holder) = std::str::from_utf8(&line).ok().and_then(Holder::of) {
            hear(holder);
        }
    }
    Ok(())
}

/// The texts of some keys, with what their claims count for, in the order in which they were claimed: of a key that is
/// used, only a digest is kept.
pub(super) fn texts(
    store: &Store,
    state: &State,
    mut wanted: HashSet<KeyDigest>,
) -> Result<Vec<(String, Claim)>, Error> {
    let mut found = Vec::new();
    if let Some(base) = base::in_force(store, &Known::read(&store.journals())?) {
        each_kept(&base, |key, claim| {
            let short = digest(&key);
            if wanted.contains(&short) && state.claims().of_digest(&short).as_ref() == Some(&claim.by) {
                wanted.remove(&short);
                found.push((key, claim));
            }
        })?;
    }
    let mut hear = |holder: Holder| {
        let key = digest(&holder.idempotency_key);
        let Some(by) = state.claims().of_digest(&key).filter(|_| wanted.contains(&key)) else { return };
        let is_holder = by == holder.id;
        // Lost to another, whose own line is nowhere here.
        if is_holder || holder.claimed_by.as_ref() == Some(&by) {
            wanted.remove(&key);
            let used = is_holder.then(|| holder.counts());
            found.push((holder.idempotency_key, Claim { by, used }));
        }
    };
    for run in store.runs() {
        let path = store.journal(run);
        let Some(file) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
            continue;
        };
        for (line, at) in BufReader::with_capacity(1 << 18, file).split(b'\n').zip(0_u64..) {
            let line = line.map_err(Error::disk("read", &path))?;
            match JournalLine::read(&line) {
                JournalLine::Started(RunKind::Live) if at == 0 => {}
                _ if at == 0 => break,
                JournalLine::Claimed { interrupted: receipt, .. } | JournalLine::Disposed { receipt, .. } => {
                    if let Some(holder) = Holder::of(receipt) {
                        hear(holder);
                    }
                }
                _ => {}
            }
        }
    }
    each_receipt(store, hear)?;
    Ok(found)
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
    folded: &'a mut Folded,
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
                    self.changes.push(Change::Claim(key, Claim { by: holder.id.clone(), used }));
                    self.changes.push(Change::Keep(holder.id));
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
            || self.folded.state.claimed_by(key).is_some_and(|by| by == id)
    }

    /// The changes of a group, in their order; only one that holds gives a key back.
    fn apply(&mut self, holds: bool) {
        let own = format!("rc_{}_", self.run);
        for change in self.changes.drain(..) {
            match change {
                Change::Claim(key, claim) => self.folded.claim(&key, claim),
                Change::Keep(id) => {
                    self.folded.pending.remove(&id);
                }
                Change::GiveBack { key, id, to } => {
                    let is_holder = self.folded.state.claimed_by(&key).is_some_and(|by| by == id);
                    if holds && is_holder && id.starts_with(&own) {
                        self.folded.give_back(key, id, to);
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
