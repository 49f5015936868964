//! The smallest fixture for a cell: looked for, written, run at once in a run of its own, and kept only if its cell is
//! filled then.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::cell::{Case, Cell};
use super::last_results::LastResults;
use super::loaded::WhatIsLoaded;
use super::map::{CoverageMap, Standing};
use super::outcome::{EnvelopeOutcome, Seeing};
use super::search::{Base, Found, Goal, Missed, search};
use super::synthetic;
use crate::author::definition::Trigger;
use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::State;
use crate::kernel::glob::Glob;
use crate::kernel::journal::RunKind;
use crate::kernel::policy::ActionKind;
use crate::kernel::receipt::Decision;
use crate::session::bus::Batch;
use crate::session::clock::FIXTURE_NOW;
use crate::session::dev_kernel::DevKernel;
use crate::session::error::Error;
use crate::session::ledger::Options;
use crate::session::replay::{Play, ReplayObserver, Select};
use crate::session::run::{Run, Setup};
use crate::session::store::Store;
use crate::workspace::fixtures::{self, Offered};
use crate::workspace::named_file;
use crate::workspace::recordings::digest;

/// Envelopes that are held to begin with.
const MOST_BASES: usize = 20_000;

/// A fixture that was written and does what it was written for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// The fixture file.
    pub file: String,
    /// The envelope it was made of: `fixtures/returns.json:3`.
    pub from: String,
    /// What was changed of it.
    pub changes: Vec<String>,
    /// The run in which it was tried.
    pub run: u32,
    /// What came of it there.
    pub outcome: String,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// There is no such cell.
    #[error("there is no cell `{name}`{}", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    NoSuchCell {
        /// What was asked for.
        name: String,
        /// The nearest there is.
        nearest: Option<String>,
    },
    /// It is filled already.
    #[error("{cell}: {file}:{line} fills it; nothing was written")]
    Covered {
        /// The cell.
        cell: String,
        /// The fixture file.
        file: String,
        /// The line.
        line: u32,
    },
    /// None can, or what fills it has only to be played.
    #[error("{cell}: {why}")]
    Needless {
        /// The cell.
        cell: String,
        /// Why.
        why: String,
    },
    /// No envelope that was tried leads there.
    #[error("{cell}: no fixture was written: {}", missed.told())]
    Missed {
        /// The cell.
        cell: String,
        /// What came instead.
        missed: Missed,
    },
    /// One was written, came to something else in a run of its own, and was taken away again.
    #[error("{cell}: a fixture was tried and taken away: {came} came of it")]
    Removed {
        /// The cell.
        cell: String,
        /// What came instead.
        came: String,
    },
    /// There is a file of that name already.
    #[error("{file} is there already and does not fill the cell; take it away first")]
    InTheWay {
        /// The file.
        file: String,
    },
    /// Something could not be read or written.
    #[error("{0}")]
    Failed(String),
}

impl Missed {
    /// `41 envelopes were tried; instead came order.refund 40 ALLOW; a refusal`.
    pub fn told(&self) -> String {
        let tried = match self.tried {
            0 => "there is no envelope to begin with".to_owned(),
            1 => "one envelope was tried".to_owned(),
            many => format!("{many} envelopes were tried"),
        };
        if self.came.is_empty() { tried } else { format!("{tried}; instead came {}", self.came.join("; ")) }
    }
}

impl From<Error> for Unfilled {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Writes the smallest fixture that fills a cell.
pub fn fill(kernel: &mut DevKernel, store: &Store, files: &[PathBuf], name: &str) -> Result<Filled, Unfilled> {
    let results = super::read(&kernel.workspace, files);
    let loaded = WhatIsLoaded::of(kernel);
    let map = CoverageMap::of(&loaded, &results);
    let Some(row) = map.find(name) else {
        let names = map.rows.iter().map(|row| row.cell.name());
        let nearest =
            names.max_by(|one, other| strsim::jaro_winkler(one, name).total_cmp(&strsim::jaro_winkler(other, name)));
        return Err(Unfilled::NoSuchCell { name: name.to_owned(), nearest });
    };
    let needless = |why: &str| Err(Unfilled::Needless { cell: name.to_owned(), why: why.to_owned() });
    match &row.standing {
        Standing::Covered { by, .. } => {
            let (cell, file, line) = (name.to_owned(), by.file.clone(), by.line);
            return Err(Unfilled::Covered { cell, file, line });
        }
        Standing::Impossible { why } => return needless(&format!("nothing can fill it: {why}")),
        Standing::Outdated { by } => {
            return needless(&format!(
                "{}:{} filled it under other code or another policy; play it again first",
                by.file, by.line
            ));
        }
        Standing::Empty | Standing::Unknown { .. } => {}
    }
    let cell = row.cell.clone();
    let fills = |outcomes: &[EnvelopeOutcome]| outcomes.iter().any(|outcome| cell.is_filled_by(outcome));
    let goal = Goal {
        name: cell.name(),
        operator: Some(&cell.operator),
        tool: cell.case.tool(),
        values: values(&loaded, &cell),
        event_types: event_types(kernel, &loaded, &cell.operator),
        repeats: matches!(cell.case, Case::Dedup(_)),
        lacks: cell.case == Case::Refusal,
        used_keys: !matches!(cell.case, Case::Decided(..)),
        fills: &fills,
    };
    let bases = bases(kernel, files, Vec::new());
    lead(kernel, store, &goal, &bases, &results).map(|(filled, _)| filled)
}

/// Looks for the smallest fixture that leads there, writes it, and keeps it if it does.
pub(super) fn lead(
    kernel: &mut DevKernel,
    store: &Store,
    goal: &Goal<'_>,
    bases: &[Base],
    results: &LastResults,
) -> Result<(Filled, Vec<EnvelopeOutcome>), Unfilled> {
    let cell = || goal.name.clone();
    let file = synthetic::file(&goal.name);
    if kernel.workspace.root.join(&file).exists() {
        return Err(Unfilled::InTheWay { file });
    }
    match search(kernel, goal, bases, &results.claims())? {
        Ok(found) => keep(kernel, store, goal, file, &found),
        Err(missed) => Err(Unfilled::Missed { cell: cell(), missed }),
    }
}

/// Writes a fixture and plays it; keeps it where it leads where it should.
fn keep(
    kernel: &mut DevKernel,
    store: &Store,
    goal: &Goal<'_>,
    file: String,
    found: &Found,
) -> Result<(Filled, Vec<EnvelopeOutcome>), Unfilled> {
    let path = kernel.workspace.root.join(&file);
    write(&path, &found.envelopes).map_err(|error| Unfilled::Failed(format!("cannot write {file}: {error}")))?;
    let played = play(kernel, store, &path, None);
    let fills = played.as_ref().is_ok_and(|(_, outcomes)| (goal.fills)(outcomes));
    if !fills {
        fs::remove_file(&path).map_err(|error| Unfilled::Failed(format!("cannot take {file} away: {error}")))?;
    }
    let (run, outcomes) = played?;
    let told = outcomes.iter().map(|outcome| outcome.told(goal.operator)).collect::<Vec<_>>().join("; then ");
    if !fills {
        return Err(Unfilled::Removed { cell: goal.name.clone(), came: told });
    }
    let changes = found.changes.iter().map(super::candidate::Change::told).collect();
    Ok((Filled { file, from: found.from.clone(), changes, run, outcome: told }, outcomes))
}

fn write(path: &Path, envelopes: &[Arc<EventEnvelope>]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut text = Vec::new();
    for envelope in envelopes {
        serde_json::to_writer(&mut text, &**envelope)?;
        text.write_all(b"\n")?;
    }
    named_file::write(path, &text)
}

#[derive(Default)]
struct Watching(Option<Seeing>);

impl ReplayObserver for Watching {
    fn batch(&mut self, _: u32, batch: Batch) {
        let seeing = self.0.get_or_insert_with(|| Seeing::of(batch.run));
        batch.entries.iter().for_each(|entry| seeing.take(entry));
    }
}

/// Plays a fixture file, or of it the envelopes with a digest, in a run of its own; gives its number.
pub fn play_fixture(kernel: &mut DevKernel, store: &Store, file: &Path, envelope: Option<&str>) -> Result<u32, Error> {
    let is_it = |found: &EventEnvelope| envelope.is_none_or(|wanted| digest(found) == wanted);
    play(kernel, store, file, Some(&is_it)).map(|(run, _)| run)
}

/// Plays a fixture file in a run of its own, with stubs and keys that nobody shares.
pub(super) fn play(
    kernel: &mut DevKernel,
    store: &Store,
    file: &Path,
    select: Option<Select<'_>>,
) -> Result<(u32, Vec<EnvelopeOutcome>), Error> {
    let setup = Setup {
        kind: RunKind::Replay,
        propose_only: false,
        now: FIXTURE_NOW.to_owned(),
        ledger: Options { sync: true, plan_files: true, persistent_keys: false },
    };
    let mut run = Run::begin(store, kernel, setup, State::default())?;
    let (number, mut watching) = (run.number(), Watching::default());
    let files = [file.to_owned()];
    let play = Play { files: &files, select, passes: 1, stopped: Arc::default(), until: None };
    play.through(&mut run, kernel, &mut watching)?;
    if let (_, Some(batch)) = run.end()? {
        watching.batch(1, batch);
    }
    let seen = watching.0.map(|seeing| seeing.seen).unwrap_or_default();
    Ok((number, seen.into_iter().map(|seen| seen.outcome).collect()))
}

/// Every envelope there is to begin with, those that were made last: given ones, then those of the fixture files.
pub(super) fn bases(kernel: &DevKernel, files: &[PathBuf], given: Vec<Base>) -> Vec<Base> {
    let tenant = &kernel.workspace.config.tenant;
    let mut all = given;
    for file in files {
        let name = kernel.workspace.shown(file);
        for offered in fixtures::open(file, &name).into_iter().flatten() {
            if all.len() >= MOST_BASES {
                break;
            }
            if let Offered::Envelope { envelope, line, .. } = offered {
                all.push(Base { from: format!("{name}:{line}"), envelope });
            }
        }
    }
    all.retain(|base| base.envelope.tenant_id == *tenant);
    all.sort_by_key(|base| (synthetic::is_synthetic(&base.envelope), base.envelope.payload.as_str().len()));
    all
}

/// The values that are tried for a cell: those it is about, or one of each step at which the policy says so.
fn values(loaded: &WhatIsLoaded, cell: &Cell) -> Vec<Decimal> {
    let Case::Decided(tool, decision) = &cell.case else { return cell.case.values() };
    let operator = loaded.operators.iter().find(|operator| operator.name == cell.operator);
    let bound = operator.and_then(|operator| operator.tools.iter().find(|known| known.capability == *tool));
    let Some(Ok(connector)) = bound.map(|tool| tool.connector.as_ref()) else { return Vec::new() };
    let kind = ActionKind { operator: Some(&cell.operator), connector: Some(connector), tool };
    let bands = loaded.policy.bands(&kind);
    let mut below: Option<&Decimal> = None;
    let mut all = Vec::new();
    for band in &bands.bands {
        if band.reached.standing.decision() == *decision && bands.bands.len() > 1 {
            all.extend(band.upto.cloned().or_else(|| below?.stepped(true)));
        }
        below = band.upto;
    }
    if *decision == Decision::Block && all.is_empty() {
        all.extend(Decimal::parse("-1").ok());
    }
    all
}

/// Event types that an operator's trigger matches: those that connectors declare, else the trigger spelled out.
pub(super) fn event_types(kernel: &DevKernel, loaded: &WhatIsLoaded, operator: &str) -> Vec<String> {
    let operator = loaded.operators.iter().find(|known| known.name == operator);
    let Some(Trigger::On(on)) = operator.map(|operator| &operator.trigger) else { return Vec::new() };
    let Ok(glob) = Glob::parse(on) else { return Vec::new() };
    let declared = kernel.roster.connectors().flat_map(|connector| &connector.events);
    let mut all: Vec<String> =
        declared.map(|event| event.event_type.clone()).filter(|name| glob.matches(name)).collect();
    let spelled: Vec<_> = on.split('.').map(|part| part.replace("**", "any").replace('*', "any")).collect();
    all.push(spelled.join("."));
    all.sort();
    all.dedup();
    all.retain(|name| glob.matches(name));
    all
}
