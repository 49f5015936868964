//! The fixtures with the last result of each: what the newest run that played an envelope says came of it. Read from the
//! journals, without running anything.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::outcome::{EnvelopeOutcome, Seeing};
use super::synthetic::is_synthetic;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, Fact, RunKind};
use crate::session::journal::line::fact_name;
use crate::session::state_files::{self, Access};
use crate::session::store::Store;
use crate::workspace::Workspace;
use crate::workspace::fixtures::{self, Offered};
use crate::workspace::recordings::digest;

/// Bytes of journals that are looked through, the newest first.
const MOST_BYTES: u64 = 256 << 20;

/// Fixture files in order, and how far the journals were read for them.
#[derive(Debug, Clone, Default)]
pub struct LastResults {
    /// The files.
    pub files: Vec<FixtureFile>,
    /// True where older runs were not looked at, because there is too much of them.
    pub cut: bool,
}

/// A fixture file.
#[derive(Debug, Clone, Serialize)]
pub struct FixtureFile {
    /// Its name, from the workspace.
    pub name: String,
    /// Where it is.
    #[serde(skip)]
    pub path: PathBuf,
    /// Its envelopes, in order.
    pub envelopes: Vec<FixtureResult>,
    /// What in it is no envelope, each with its place; why it cannot be read.
    pub faults: Vec<Diagnostic>,
}

/// An envelope of a fixture file.
#[derive(Debug, Clone, Serialize)]
pub struct FixtureResult {
    /// The line it starts on, from 1.
    pub line: u32,
    /// Its digest, and which of those alike in its file it is.
    #[serde(skip)]
    pub key: (String, u32),
    /// Its type.
    pub event_type: String,
    /// Its correlation id.
    pub correlation_id: String,
    /// True where it was made to fill a cell.
    pub synthetic: bool,
    /// What came of it last; none where no run has played it.
    pub last: Option<EnvelopeOutcome>,
}

impl FixtureFile {
    /// How many lines of it are no envelopes.
    pub fn broken(&self) -> usize {
        let mut lines: Vec<_> = self.faults.iter().filter(|fault| fault.is_error()).map(|fault| fault.line).collect();
        lines.dedup();
        lines.len()
    }
}

impl LastResults {
    /// Every envelope with its file.
    pub fn by_file(&self) -> impl Iterator<Item = (&FixtureFile, &FixtureResult)> {
        self.files.iter().flat_map(|file| file.envelopes.iter().map(move |fixture| (file, fixture)))
    }

    /// Every envelope.
    pub fn fixtures(&self) -> impl Iterator<Item = &FixtureResult> {
        self.files.iter().flat_map(|file| &file.envelopes)
    }

    /// Keys that the fixtures claim where they are all played together, each with the receipt that claims it.
    pub fn claims(&self) -> Vec<(String, String)> {
        let outcomes = self.fixtures().filter_map(|fixture| fixture.last.as_ref());
        let claiming = outcomes
            .flat_map(|outcome| &outcome.actions)
            .filter(|action| matches!(action.outcome, crate::kernel::receipt::Outcome::Applied));
        claiming.map(|action| (action.idempotency_key.clone(), action.receipt.clone())).collect()
    }
}

/// Reads fixture files and, for each of their envelopes, the last result.
pub fn read(workspace: &Workspace, files: &[PathBuf]) -> LastResults {
    let mut results = LastResults { files: files.iter().map(|path| file(workspace, path)).collect(), cut: false };
    let mut missing: HashMap<(String, (String, u32)), (usize, usize)> = HashMap::new();
    for (at, file) in results.files.iter().enumerate() {
        for (place, fixture) in file.envelopes.iter().enumerate() {
            missing.insert((file.name.clone(), fixture.key.clone()), (at, place));
        }
    }
    let store = Store::reading(workspace.state_dir());
    let mut left = MOST_BYTES;
    for run in store.runs().into_iter().rev() {
        if missing.is_empty() {
            break;
        }
        let Ok(journal) = state_files::open(&store.journal(run), Access::Read) else { continue };
        let bytes = journal.metadata().map_or(0, |about| about.len());
        if bytes > left {
            results.cut = true;
            break;
        }
        left -= bytes;
        for seen in seen_in(journal, run).into_iter().flat_map(|seeing| seeing.seen) {
            let Some(file) = seen.file else { continue };
            if let Some((at, place)) = missing.remove(&(file, seen.key)) {
                results.files[at].envelopes[place].last = Some(seen.outcome);
            }
        }
    }
    results
}

/// What a run that disposed of fixtures saw; none of any other.
fn seen_in(journal: File, run: u32) -> Option<Seeing> {
    let mut reader = BufReader::with_capacity(1 << 18, journal);
    let (mut seeing, mut line, mut started) = (Seeing::of(run), Vec::new(), false);
    loop {
        line.clear();
        // What cannot be read, or is cut off, ends what is known of the run.
        if reader.read_until(b'\n', &mut line).ok()? == 0 || !line.ends_with(b"\n") {
            return started.then_some(seeing);
        }
        let is_wanted = !matches!(fact_name(&line), Some(b"claimed" | b"loaded" | b"held" | b"carried" | b"noticed"));
        let Some(entry) = is_wanted.then(|| serde_json::from_slice::<Entry>(&line).ok()).flatten() else { continue };
        if let Fact::RunStarted(begun) = &entry.fact {
            if begun.kind == RunKind::Live || begun.propose_only {
                return None;
            }
            started = true;
        }
        seeing.take(&entry);
    }
}

fn file(workspace: &Workspace, path: &Path) -> FixtureFile {
    let name = workspace.shown(path);
    let mut file = FixtureFile { name: name.clone(), path: path.to_owned(), envelopes: Vec::new(), faults: Vec::new() };
    let offers = match fixtures::open(path, &name) {
        Ok(offers) => offers.limited(workspace.config.limits.envelope.0),
        Err(fault) => {
            file.faults.push(fault);
            return file;
        }
    };
    let mut alike: HashMap<String, u32> = HashMap::new();
    for offered in offers {
        match offered {
            Offered::Envelope { envelope, line, .. } => {
                let digest = digest(&envelope);
                let occurrence = alike.entry(digest.clone()).or_default();
                *occurrence += 1;
                file.envelopes.push(FixtureResult {
                    line,
                    key: (digest, *occurrence),
                    event_type: envelope.event_type.clone(),
                    correlation_id: envelope.correlation_id.clone(),
                    synthetic: is_synthetic(&envelope),
                    last: None,
                });
            }
            Offered::Refused { line, diagnostics, .. } => {
                let placed = |fault: Diagnostic| {
                    let line = fault.line.or(Some(line));
                    let file = fault.file.clone().or_else(|| Some(name.clone()));
                    Diagnostic { file, line, ..fault }
                };
                file.faults.extend(diagnostics.into_iter().map(placed));
            }
            Offered::Noticed(notice) => file.faults.push(notice),
            Offered::Passed => {}
        }
    }
    file
}
