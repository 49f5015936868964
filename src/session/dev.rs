//! The live session behind `fibric dev`: plays the fixtures, takes live input, and answers every save. It runs on a
//! thread of its own; readers hold a [`Link`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

use super::bus::{Batch, Command, InHand, Link, UNRECORDED};
use super::clock;
use super::dev_kernel::DevKernel;
use super::error::Error;
use super::keys;
use super::ledger::Options;
use super::recovery;
use super::replay::{self, Audience, Play};
use super::run::{Offer, Run, Setup};
use super::store::{Lock, Store};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::State;
use crate::kernel::journal::{Entry, EnvelopeRef, Fact, Origin, RunKind, Source};
use crate::workspace::Workspace;
use crate::workspace::fixtures::Offered;
use crate::workspace::watch::Watch;

mod saves;

/// How a session is to run.
pub struct Dev {
    /// Policy files instead of the workspace's own.
    pub named_policy: Vec<PathBuf>,
    /// The time author code sees for fixtures.
    pub now: String,
    /// Play `fixtures/` at the start.
    pub play: bool,
    /// End when the fixtures are played.
    pub once: bool,
    /// Set the old state aside first.
    pub fresh: bool,
    /// Live envelopes.
    pub input: Option<Input>,
}

/// A source of live envelopes.
pub struct Input {
    /// The envelopes as they come.
    pub offers: Box<dyn Iterator<Item = Offered> + Send>,
    /// What messages call the source.
    pub name: String,
}

/// What wakes a session.
enum Wake {
    Saved(Vec<PathBuf>),
    Offered(Offered),
    InputEnded,
    Command(Command),
}

/// Batches a reader may be behind before the session waits for it.
const BEHIND: usize = 256;

/// Starts a session on a thread of its own. The link closes when it has ended; the handle tells how.
pub fn start(workspace: Workspace, dev: Dev) -> Result<(Link, JoinHandle<Result<(), Error>>), Error> {
    let (tell, batches) = sync_channel(BEHIND);
    let (commands, asked) = sync_channel(64);
    let session = thread::Builder::new()
        .name("session".to_owned())
        .spawn(move || {
            let outcome = live(workspace, dev, &tell, asked);
            if let Err(error) = &outcome {
                // The disk may be what failed, so this one entry is only told.
                let fact = Fact::Noticed(error.diagnostic());
                let entry = Entry { seq: 0, at: clock::now(), fact };
                let _ = tell.send(Batch { run: UNRECORDED, entries: vec![Arc::new(entry)] });
            }
            outcome
        })
        .map_err(Error::Thread)?;
    Ok((Link { batches, commands }, session))
}

struct Session {
    kernel: DevKernel,
    store: Store,
    run: Run,
    tell: SyncSender<Batch>,
    now: String,
    /// What runs again after a save: what a reader selected, else the latest.
    selected: Option<InHand>,
    latest: Option<InHand>,
    input: String,
    /// Set when the session is asked to stop: a long play looks at it, the channel it does not.
    stopping: Arc<AtomicBool>,
    _live: Option<Lock>,
}

fn live(workspace: Workspace, dev: Dev, tell: &SyncSender<Batch>, asked: Receiver<Command>) -> Result<(), Error> {
    let mut notices = Vec::new();
    if dev.fresh
        && let Some(aside) = Store::set_aside(&workspace.state_dir(), &clock::stamp())?
    {
        notices.push(Diagnostic::warning(format!("the old state was set aside as `{}`", workspace.shown(&aside))));
    }
    let store = Store::open(workspace.state_dir())?;
    notices.extend(recovery::recover(&store, &clock::now())?);
    let lock = store.live_lock()?;
    if lock.is_none() {
        notices.push(
            Diagnostic::warning(
                "another `fibric dev` has this workspace: this one plays fixtures, and takes no live input",
            )
            .help("end the other one, or send live input to it"),
        );
    }
    let (wake, wakes) = sync_channel(1024);
    let root = workspace.root.clone();
    // Before anything is read, so that what is saved meanwhile is not missed.
    let watch = if dev.once { None } else { watch(&root, &wake, &mut notices) };
    let kernel = DevKernel::load(workspace, dev.named_policy, &mut |_| {});
    let state = if lock.is_some() { State::with_claims(keys::load(&store)?) } else { State::default() };
    let setup = Setup {
        kind: RunKind::Live,
        propose_only: false,
        now: dev.now.clone(),
        ledger: Options { sync: true, plan_files: true, persistent_keys: lock.is_some() },
    };
    let run = Run::begin(&store, &kernel, setup, state)?;
    let taken = dev.input.filter(|_| lock.is_some());
    let input = taken.as_ref().map_or_else(String::new, |input| input.name.clone());
    let mut session = Session {
        kernel,
        store,
        run,
        tell: tell.clone(),
        now: dev.now,
        selected: None,
        latest: None,
        input,
        stopping: Arc::default(),
        _live: lock,
    };
    forward(asked, wake.clone(), Arc::clone(&session.stopping))?;
    session.open(notices)?;
    if dev.play {
        session.play(&[root.join("fixtures")])?;
    }
    let finite = dev.once;
    let feeding = taken.is_some();
    if let Some(input) = taken {
        feed(input.offers, wake)?;
    }
    if !finite || feeding {
        session.serve(&wakes, finite)?;
    }
    drop(watch);
    let (_, batch) = session.run.end()?;
    batch.map_or(Ok(()), |batch| send(tell, batch))
}

fn watch(root: &Path, wake: &SyncSender<Wake>, notices: &mut Vec<Diagnostic>) -> Option<Watch> {
    let wake = wake.clone();
    Watch::start(root, move |paths| drop(wake.send(Wake::Saved(paths)))).map_err(|notice| notices.push(notice)).ok()
}

/// Reads live input on a thread of its own.
fn feed(offers: Box<dyn Iterator<Item = Offered> + Send>, wake: SyncSender<Wake>) -> Result<(), Error> {
    let body = move || {
        for offered in offers {
            if wake.send(Wake::Offered(offered)).is_err() {
                return;
            }
        }
        let _ = wake.send(Wake::InputEnded);
    };
    thread::Builder::new().name("input".to_owned()).spawn(body).map(|_| ()).map_err(Error::Thread)
}

/// Passes commands on; when the reader is gone, the session stops.
fn forward(asked: Receiver<Command>, wake: SyncSender<Wake>, stopping: Arc<AtomicBool>) -> Result<(), Error> {
    let body = move || {
        for command in asked {
            if command == Command::Stop {
                stopping.store(true, Ordering::Relaxed);
            }
            if wake.send(Wake::Command(command)).is_err() {
                return;
            }
        }
        stopping.store(true, Ordering::Relaxed);
        let _ = wake.send(Wake::Command(Command::Stop));
    };
    thread::Builder::new().name("commands".to_owned()).spawn(body).map(|_| ()).map_err(Error::Thread)
}

/// A reader that has gone away is no error: the ledger goes on without it.
fn send(tell: &SyncSender<Batch>, batch: Batch) -> Result<(), Error> {
    let _ = tell.send(batch);
    Ok(())
}

impl Session {
    /// Says what is loaded and what was found.
    fn open(&mut self, notices: Vec<Diagnostic>) -> Result<(), Error> {
        for loaded in self.kernel.roster.loaded() {
            self.run.note(Fact::Loaded(loaded.clone()))?;
        }
        for notice in notices.into_iter().chain(self.kernel.roster.problems().to_vec()) {
            self.run.note(Fact::Noticed(notice))?;
        }
        self.commit()
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.run.commit()?.map_or(Ok(()), |batch| send(&self.tell, batch))
    }

    fn serve(&mut self, wakes: &Receiver<Wake>, until_input_ends: bool) -> Result<(), Error> {
        while let Ok(first) = wakes.recv() {
            let mut next = Some(first);
            while let Some(wake) = next {
                match wake {
                    Wake::Command(Command::Stop) => return self.commit(),
                    Wake::InputEnded if until_input_ends => return self.commit(),
                    wake => self.handle(wake)?,
                }
                if self.run.is_group_full() {
                    self.commit()?;
                }
                next = match wakes.try_recv() {
                    Ok(wake) => Some(wake),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return self.commit(),
                };
            }
            // Group commit: whatever came in meanwhile shares one sync.
            self.commit()?;
        }
        Ok(())
    }

    fn handle(&mut self, wake: Wake) -> Result<(), Error> {
        match wake {
            Wake::Saved(paths) => self.saved(&paths),
            Wake::Offered(offered) => self.offered(offered),
            Wake::Command(Command::Select(in_hand)) => {
                self.selected = Some(in_hand);
                Ok(())
            }
            Wake::Command(Command::Play) => self.play(&[self.kernel.workspace.root.join("fixtures")]),
            Wake::Command(Command::Stop) | Wake::InputEnded => Ok(()),
        }
    }

    fn offered(&mut self, offered: Offered) -> Result<(), Error> {
        let origin = |line| Origin { source: Source::Live, file: Some(self.input.clone()), line: Some(line) };
        match offered {
            Offered::Refused { line, diagnostics } => {
                let origin = origin(line);
                self.run.refuse(origin, diagnostics)
            }
            Offered::Noticed(notice) => self.run.note(Fact::Noticed(notice)),
            Offered::Envelope { envelope, line, warnings } => {
                let offer = Offer { envelope: Arc::clone(&envelope), origin: origin(line), again: None, warnings };
                if let Some(arrival) = self.run.offer(&mut self.kernel, offer)? {
                    let of = EnvelopeRef { run: self.run.number(), arrival };
                    self.latest = Some(InHand { of, envelope, clock: clock::now() });
                }
                Ok(())
            }
        }
    }

    /// Plays fixtures in a run of their own.
    fn play(&mut self, paths: &[PathBuf]) -> Result<(), Error> {
        self.commit()?;
        let there: Vec<_> = paths.iter().filter(|path| path.exists()).cloned().collect();
        let files = match replay::files(&there) {
            Ok(files) if files.is_empty() => return Ok(()),
            Ok(files) => files,
            Err(fault) => return self.run.note(Fact::Noticed(fault)),
        };
        let setup = Setup {
            kind: RunKind::Play,
            propose_only: false,
            now: self.now.clone(),
            ledger: Options { sync: true, plan_files: true, persistent_keys: false },
        };
        let mut run = Run::begin(&self.store, &self.kernel, setup, State::default())?;
        let mut audience = Teller { tell: &self.tell, stopping: &self.stopping };
        let play = Play { files: &files, select: None, passes: 1 };
        let played = play.through(&mut run, &mut self.kernel, &mut audience)?;
        if played.last.is_some() {
            self.latest = played.last;
        }
        let (_, batch) = run.end()?;
        batch.map_or(Ok(()), |batch| send(&self.tell, batch))
    }
}

struct Teller<'a> {
    tell: &'a SyncSender<Batch>,
    stopping: &'a AtomicBool,
}

impl Audience for Teller<'_> {
    fn batch(&mut self, _pass: u32, batch: Batch) {
        let _ = self.tell.send(batch);
    }

    fn is_interrupted(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
