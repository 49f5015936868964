//! What operators sense and reason, on tape (contract 7, 11): recordings that answer in place of tools and reasoners, and
//! what is recorded while those answer. The files are in `recordings/` beside the fixture file that is played, else
//! beside the workspace's own.
//!
//! INVARIANT: while recordings answer, nothing else does. One request has one answer in a run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cassette::{Cassette, Kind, Merged, Miss, Outcome, Recording, Request};
use crate::kernel::diagnostic::Diagnostic;
use crate::workspace::fixtures::RECORDINGS;
use crate::workspace::named_file;

/// How long what a model answered may be in memory only, while more comes.
const UNSAVED: Duration = Duration::from_secs(1);

/// What the tape does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is recorded, and recordings are not asked.
    #[default]
    Off,
    /// Recordings answer, and nothing else does.
    Playing,
    /// Everything is recorded, once a replay has ended.
    Recording,
    /// What models answer is recorded as it comes, with what was sensed for it.
    Models,
}

/// The recordings of a workspace, and what is new for them.
pub struct Tape {
    root: PathBuf,
    mode: Mode,
    /// The folder of recordings in hand.
    folder: PathBuf,
    reels: BTreeMap<PathBuf, [Reel; 2]>,
    /// When files were last written.
    saved: Instant,
    /// What cannot be recorded.
    conflicts: Vec<Diagnostic>,
}

/// One file of recordings.
struct Reel {
    path: PathBuf,
    cassette: Cassette,
    /// What is new, each with the operator that asked.
    fresh: BTreeMap<String, (String, Recording)>,
    is_unsaved: bool,
}

/// What the tape has for a request.
pub enum Found {
    /// Its answer.
    Answered(Outcome),
    /// Nothing, and nothing else may answer.
    Missed(Miss),
    /// Whoever else answers is to be asked.
    Ask,
}

/// A file of recordings that was, or would have been, written.
pub struct Saved {
    /// Its name.
    pub shown: String,
    /// What is in it.
    pub merged: Merged,
    /// False where it was so already.
    pub written: bool,
}

impl Tape {
    /// The tape of a workspace.
    pub fn new(root: &Path, mode: Mode) -> Self {
        Self {
            root: root.to_owned(),
            mode,
            folder: root.join("fixtures").join(RECORDINGS),
            reels: BTreeMap::new(),
            saved: Instant::now(),
            conflicts: Vec::new(),
        }
    }

    /// What it does.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Turns to the recordings beside a fixture file; what is no plain file has those of the workspace.
    pub fn turn_to(&mut self, fixture: &Path) {
        if fixture.is_file() { self.folder = fixture.with_file_name(RECORDINGS) } else { self.turn_home() }
    }

    /// Turns to the workspace's own recordings.
    pub fn turn_home(&mut self) {
        self.folder = self.root.join("fixtures").join(RECORDINGS);
    }

    /// Reads the recordings beside these fixture files; gives what is wrong with them.
    pub fn open(&mut self, fixtures: &[PathBuf]) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.mode == Mode::Off {
            return faults;
        }
        for fixture in fixtures {
            self.turn_to(fixture);
            faults.extend(self.open_folder());
        }
        self.turn_home();
        faults
    }

    /// Reads the workspace's own recordings; gives what is wrong with them.
    pub fn open_home(&mut self) -> Vec<Diagnostic> {
        self.turn_home();
        if self.mode == Mode::Off { Vec::new() } else { self.open_folder() }
    }

    fn open_folder(&mut self) -> Vec<Diagnostic> {
        if self.reels.contains_key(&self.folder) {
            return Vec::new();
        }
        self.reels().iter().flat_map(|reel| reel.cassette.faults().to_vec()).collect()
    }

    /// The files of recordings that cannot be read whole.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        let reels = self.reels.values().flatten();
        reels.filter(|reel| !reel.cassette.faults().is_empty()).map(|reel| reel.cassette.shown())
    }

    /// Reads recordings anew when they are next asked, where nothing new waits for them.
    pub fn read_again(&mut self) {
        self.reels.retain(|_, reels| reels.iter().any(|reel| !reel.fresh.is_empty()));
    }

    /// What is there for a request of an operator.
    pub fn find(&mut self, kind: Kind, request: &Request, operator: &str) -> Found {
        match self.mode {
            Mode::Off => Found::Ask,
            Mode::Playing => match self.reel(kind).cassette.find(request) {
                Ok(outcome) => Found::Answered(outcome.clone()),
                Err(miss) => Found::Missed(miss),
            },
            Mode::Recording | Mode::Models => match self.reel(kind).fresh.get(request.digest()) {
                // Another operator's stub may answer otherwise, and has to be asked for that to be known.
                Some((who, _)) if kind == Kind::Reason && who != operator => Found::Ask,
                Some((_, recording)) => Found::Answered(recording.outcome.clone()),
                None => Found::Ask,
            },
        }
    }

    /// Keeps what came of a request.
    pub fn keep(&mut self, kind: Kind, request: &Request, operator: &str, outcome: Outcome) {
        if !matches!(self.mode, Mode::Recording | Mode::Models) {
            return;
        }
        let recording = Recording::of(request, outcome);
        let reel = self.reel(kind);
        match reel.fresh.get(request.digest()) {
            Some((_, first)) if *first == recording => {}
            Some((who, _)) => {
                let said = format!(
                    "{who} and {operator} ask the reasoner the same, and their stubs answer differently: one request has \
                     one answer"
                );
                let help = "give them goals that tell them apart; the first answer is recorded";
                let fault = Diagnostic::warning(said).in_file(reel.cassette.shown()).help(help);
                if !self.conflicts.contains(&fault) {
                    self.conflicts.push(fault);
                }
            }
            None => {
                reel.fresh.insert(recording.digest.clone(), (operator.to_owned(), recording));
                reel.is_unsaved = true;
            }
        }
    }

    /// Says that something an operator was answered cannot be recorded.
    pub fn lacks_form(&mut self, operator: &str) {
        let said = format!("what the stub of {operator} answered has no exact form in JSON, and is not recorded");
        let fault = Diagnostic::warning(said).help("a plan is made of plain objects, lists, texts and finite numbers");
        if self.mode == Mode::Recording && !self.conflicts.contains(&fault) {
            self.conflicts.push(fault);
        }
    }

    /// What could not be recorded as it was answered, since it was last asked.
    pub fn take_conflicts(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.conflicts)
    }

    /// Writes what models answered, where some of it has waited long enough; gives what went wrong.
    pub fn save_in_time(&mut self) -> Vec<Diagnostic> {
        let is_due = self.mode == Mode::Models && self.saved.elapsed() >= UNSAVED;
        if is_due { self.save() } else { Vec::new() }
    }

    /// Writes what is new, each file whole or not at all; gives what went wrong.
    pub fn save(&mut self) -> Vec<Diagnostic> {
        let unsaved = self.reels.values_mut().flatten().filter(|reel| reel.is_unsaved);
        let faults = unsaved.filter_map(|reel| reel.save().err()).collect();
        self.saved = Instant::now();
        faults
    }

    /// The same at the end of a run: gives every file that something is new in since it was first read.
    pub fn finish(&mut self) -> (Vec<Saved>, Vec<Diagnostic>) {
        let (mut saved, mut faults) = (Vec::new(), Vec::new());
        for reel in self.reels.values_mut().flatten().filter(|reel| !reel.fresh.is_empty()) {
            match reel.save() {
                Ok(written) => saved.push(written),
                Err(fault) => faults.push(fault),
            }
        }
        (saved, faults)
    }

    fn reel(&mut self, kind: Kind) -> &mut Reel {
        let [sense, reason] = self.reels();
        match kind {
            Kind::Sense => sense,
            Kind::Reason => reason,
        }
    }

    fn reels(&mut self) -> &mut [Reel; 2] {
        let root = &self.root;
        let folder = &self.folder;
        self.reels.entry(folder.clone()).or_insert_with(|| {
            [Kind::Sense, Kind::Reason].map(|kind| {
                let path = folder.join(kind.file_name());
                let shown = crate::workspace::shown(root, &path);
                let cassette = Cassette::read(kind, &path, shown);
                Reel { path, cassette, fresh: BTreeMap::new(), is_unsaved: false }
            })
        })
    }
}

impl Reel {
    fn save(&mut self) -> Result<Saved, Diagnostic> {
        // Told once: what cannot be written now is tried again when there is more.
        self.is_unsaved = false;
        let shown = self.cassette.shown().to_owned();
        // Read again, so that what others have recorded meanwhile stays.
        let cassette = Cassette::read(self.cassette.kind(), &self.path, shown.clone());
        if !cassette.faults().is_empty() {
            let fault = format!("lines of `{shown}` cannot be read, so none can be added to it");
            let help = "mend them, or move the file away and record anew";
            return Err(Diagnostic::error(fault).in_file(shown).help(help));
        }
        let fresh = self.fresh.iter().map(|(digest, (_, recording))| (digest.clone(), recording.clone())).collect();
        // What is new is told against what was there first, though some of it was written meanwhile.
        let Merged { added, changed, .. } = self.cassette.with(&fresh);
        let merged = Merged { added, changed, ..cassette.with(&fresh) };
        let is_same = fs::read(&self.path).is_ok_and(|bytes| bytes == merged.text.as_bytes());
        if !is_same {
            let folder = named_file::folder_of(&self.path);
            let written =
                fs::create_dir_all(folder).and_then(|()| named_file::write(&self.path, merged.text.as_bytes()));
            written.map_err(|error| Diagnostic::error(format!("cannot write `{shown}`: {error}")).in_file(&*shown))?;
        }
        Ok(Saved { shown, merged, written: !is_same || added + changed > 0 })
    }
}
