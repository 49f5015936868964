//! A session and a console at work on a copy of the bundled workspace, and what a script does with them. Everything is
//! real but the time: entries are shown as if it stood still, so that a demo looks the same every time.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use tempfile::TempDir;

use super::bundle::{self, BundleError};
use super::facts::Facts;
use super::script::{Script, Step, Stroke, Until};
use crate::console::{Incoming, Key, News, Runner, Setup, Theme, commands};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, Fact};
use crate::session::bus::{Batch, Command, Link};
use crate::session::clock::FIXTURE_NOW;
use crate::session::dev::{self, Dev};
use crate::session::error::Error;
use crate::workspace::Workspace;

/// For so long at most something is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// For so long an entry is waited for before a person is looked after again.
const GLANCE: Duration = Duration::from_millis(20);

/// What a performance needs to begin, and to begin anew.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The colours.
    pub theme: Theme,
    /// Columns and rows of the console.
    pub size: (u16, u16),
    /// A policy instead of the bundled one.
    pub policy: Option<String>,
    /// Set when it is to end as soon as it can.
    pub stopped: Arc<AtomicBool>,
}

/// Why a performance could not begin, or go on.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is no temporary folder.
    #[error("cannot make a temporary folder: {0}")]
    Folder(std::io::Error),
    /// The bundled workspace cannot be copied.
    #[error("cannot copy the bundled workspace: {0}")]
    Bundle(#[from] BundleError),
    /// The policy cannot be copied into it.
    #[error("cannot write `{}`: {}", .0.display(), .1)]
    Policy(PathBuf, std::io::Error),
    /// The workspace cannot be opened.
    #[error("{}", .0.message)]
    Workspace(Box<Diagnostic>),
    /// The session cannot begin, or has failed.
    #[error("{0}")]
    Session(#[from] Error),
    /// The session has ended by itself.
    #[error("the session ended unexpectedly")]
    Ended,
    /// What a step waits for does not happen.
    #[error("step {step}: waited {} s, and it never came to it that {}", PATIENCE.as_secs(), until.sentence())]
    Waited {
        /// The step, from 1.
        step: usize,
        /// What was waited for.
        until: Until,
    },
    /// Somebody asked for an end.
    #[error("interrupted")]
    Stopped,
    /// The terminal.
    #[error("{0}")]
    Terminal(#[from] crate::console::Error),
}

/// One performance. Dropped, it ends the session and removes the folder.
pub(super) struct Performance {
    runner: Runner,
    commands: SyncSender<Command>,
    /// What the session had no room for yet.
    waiting: Vec<Command>,
    batches: Receiver<Batch>,
    session: Option<JoinHandle<Result<(), Error>>>,
    facts: Facts,
    stopped: Arc<AtomicBool>,
    folder: Option<TempDir>,
}

/// What had happened before a step, to tell what happens in it.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    plays: usize,
    replays: usize,
    policies: usize,
    reruns: usize,
}

impl Performance {
    /// Begins: a folder, a session that plays the fixtures, a console.
    pub fn begin(stage: &Stage) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("fibric-demo-").tempdir().map_err(Failure::Folder)?;
        bundle::put_into(folder.path())?;
        if let Some(policy) = &stage.policy {
            let path = folder.path().join(bundle::POLICY);
            std::fs::write(&path, policy).map_err(|error| Failure::Policy(path, error))?;
        }
        let workspace = Workspace::open(folder.path()).map_err(|fault| Failure::Workspace(Box::new(fault)))?;
        let root = workspace.root.clone();
        let options = Dev { now: FIXTURE_NOW.to_owned(), play: true, ..Dev::default() };
        let (Link { batches, commands: asked, past }, session) = dev::start(workspace, options)?;
        let (columns, rows) = stage.size;
        let mut runner = Runner::over(columns, rows, Setup::of(stage.theme, commands()), past);
        runner.in_folder(&root);
        let stopped = Arc::clone(&stage.stopped);
        let (waiting, facts, session, folder) = (Vec::new(), Facts::default(), Some(session), Some(folder));
        Ok(Self { runner, commands: asked, waiting, batches, session, facts, stopped, folder })
    }

    /// Presses a key.
    pub fn press(&mut self, key: Key) {
        self.runner.press_key(key);
        self.ask();
    }

    /// Waits a moment for what the session has to tell, and shows it; true where there was something.
    pub fn take(&mut self, within: Duration) -> Result<bool, Failure> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Failure::Stopped);
        }
        self.ask();
        match self.batches.recv_timeout(within) {
            Ok(batch) => {
                self.show(batch);
                while let Ok(batch) = self.batches.try_recv() {
                    self.show(batch);
                }
                self.ask();
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(self.end().err().map_or(Failure::Ended, Failure::Session)),
        }
    }

    fn show(&mut self, mut batch: Batch) {
        for entry in &mut batch.entries {
            self.facts.take(batch.run, entry);
            *entry = Arc::new(timeless(entry));
        }
        self.runner.send(Incoming::News(News::Entries(batch)));
    }

    /// Hands the console's requests over, as far as the session has room for them.
    fn ask(&mut self) {
        self.waiting.extend(self.runner.asked());
        while let Some(request) = self.waiting.first() {
            match self.commands.try_send(request.clone()) {
                Err(TrySendError::Full(_)) => break,
                Ok(()) | Err(TrySendError::Disconnected(_)) => drop(self.waiting.remove(0)),
            }
        }
    }

    fn marks(&self) -> Marks {
        let Facts { plays_ended, replays_ended, policies_read, reruns, .. } = self.facts;
        Marks { plays: plays_ended, replays: replays_ended, policies: policies_read, reruns }
    }

    fn has_happened(&self, until: Until, since: Marks) -> bool {
        let now = self.marks();
        match until {
            Until::Played => now.plays > since.plays,
            Until::PolicyInForce => now.policies > since.policies && now.reruns > since.reruns,
            Until::Replayed => now.replays > since.replays,
        }
    }

    /// What is on the console's screen.
    pub fn frame(&self) -> &Buffer {
        self.runner.frame()
    }

    /// The same as text, a line a row.
    pub fn text(&self) -> String {
        self.runner.text()
    }

    /// What a step says, with its facts.
    pub fn caption(&self, script: &Script, step: &Step) -> String {
        self.facts.fill(&step.say, &script.actions)
    }

    /// Gives the console another size.
    pub fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.runner.resize(columns, rows);
    }

    /// Where its state is.
    #[cfg(test)]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().unwrap().path()
    }

    /// Ends the session; how it went.
    fn end(&mut self) -> Result<(), Error> {
        let _ = self.commands.try_send(Command::Stop);
        let Some(session) = self.session.take() else { return Ok(()) };
        // A session that is told to stop may still have something to tell.
        while !session.is_finished() {
            let _ = self.batches.recv_timeout(GLANCE);
            let _ = self.commands.try_send(Command::Stop);
        }
        session.join().unwrap_or(Ok(()))
    }
}

impl Drop for Performance {
    fn drop(&mut self) {
        let _ = self.end();
        // The session wrote into it until now. What cannot be removed is the system's to clear away.
        if let Some(folder) = self.folder.take() {
            let _ = folder.close();
        }
    }
}

/// A step that is being performed: its keys one after another, then what it waits for.
#[derive(Debug)]
pub(super) struct Progress {
    /// The step, from 0.
    pub step: usize,
    /// The strokes that are done.
    pub done: usize,
    strokes: Vec<Stroke>,
    since: Marks,
    began: Instant,
}

impl Progress {
    /// The start of a step.
    pub fn of(script: &Script, step: usize, performance: &Performance) -> Self {
        // What the first step waits for began before it.
        let since = if step == 0 { Marks::default() } else { performance.marks() };
        let strokes = script.steps.get(step).map_or_else(Vec::new, Step::strokes);
        Self { step, done: 0, strokes, since, began: Instant::now() }
    }

    /// What is to be pressed next.
    pub fn next(&self) -> Option<Stroke> {
        self.strokes.get(self.done).copied()
    }

    /// How many of the step's presses are done.
    pub fn presses_done(&self) -> usize {
        self.next().map_or_else(|| self.strokes.last().map_or(0, |last| last.press + 1), |stroke| stroke.press)
    }

    /// Presses what is next.
    pub fn press(&mut self, performance: &mut Performance) {
        let Some(stroke) = self.next() else { return };
        performance.press(stroke.key);
        self.done += 1;
        self.began = Instant::now();
    }

    /// True when all was pressed, and what is waited for has happened.
    pub fn is_complete(&self, script: &Script, performance: &Performance) -> Result<bool, Failure> {
        if self.next().is_some() {
            return Ok(false);
        }
        let Some(until) = script.steps.get(self.step).and_then(|step| step.until) else { return Ok(true) };
        let happened = performance.has_happened(until, self.since);
        if !happened && self.began.elapsed() > PATIENCE {
            return Err(Failure::Waited { step: self.step + 1, until });
        }
        Ok(happened)
    }

    /// Presses what is left and waits for what comes of it.
    pub fn finish(&mut self, script: &Script, performance: &mut Performance) -> Result<(), Failure> {
        while self.next().is_some() {
            self.press(performance);
        }
        while !self.is_complete(script, performance)? {
            performance.take(GLANCE)?;
        }
        Ok(())
    }
}

/// The same entry at any time, on any machine.
fn timeless(entry: &Entry) -> Entry {
    let mut entry = Entry { at: FIXTURE_NOW.to_owned(), ..entry.clone() };
    match &mut entry.fact {
        Fact::Disposed(disposed) => FIXTURE_NOW.clone_into(&mut Arc::make_mut(&mut disposed.receipt).at),
        Fact::Proposed(proposed) => proposed.micros = 0,
        Fact::Loaded(loaded) => loaded.micros = 0,
        _ => {}
    }
    entry
}
