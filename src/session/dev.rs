//! The live session behind `fibric dev`: plays the fixtures, takes live input, and answers every save. It runs on a
//! thread of its own; readers hold a [`Link`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::bus::{Batch, Bus, Command, Link, SelectedEnvelope, UNRECORDED};
use super::clock::{self, Clock};
use super::delivery::{Delivered, Reply};
use super::dev_kernel::DevKernel;
use super::error::Error;
use super::external_runs::Own;
use super::journal::reader::JournalReader;
use super::keys::{self, OwnKeys};
use super::reasoner::Answering;
use super::run::Run;
use super::schedule::Schedules;
use super::store::{Lock, Store};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Hold;
use crate::kernel::journal::{Entry, Fact};
use crate::workspace::Workspace;
use crate::workspace::config::ReasonerKind;
use crate::workspace::fixtures::Offered;
use crate::workspace::watch::Watch;

mod approvals;
mod deliveries;
mod event_loop;
mod reload;
mod schedules;
mod start;

use start::Started;

/// How a session is to run.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Dev {
    /// Policy files instead of the workspace's own.
    pub named_policy: Vec<PathBuf>,
    /// Files of a second policy, which judges too and decides nothing.
    pub shadow: Vec<PathBuf>,
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
    /// Tell of replays that other processes run here.
    pub external_runs: bool,
    /// Whether a person is asked before what is raised.
    pub hold: Hold,
    /// What time it is for schedules.
    pub clock: Clock,
    /// What answers `ctx.reason`; what `fibric.toml` says where absent.
    pub reasoner: Option<ReasonerKind>,
}

/// A source of live envelopes.
pub struct Input {
    /// The envelopes as they come.
    pub offers: Box<dyn Iterator<Item = Offered> + Send>,
    /// What messages call the source.
    pub name: String,
}

/// What wakes a session.
enum SessionEvent {
    Saved(Vec<PathBuf>),
    Offered(Offered),
    InputEnded,
    Command(Command),
    /// The clock was moved.
    Tick,
}

/// Batches a reader may be behind before the session waits for it.
const BEHIND: usize = 256;

/// Starts a session on a thread of its own. The link closes when it has ended; the handle tells how.
pub fn start(workspace: Workspace, dev: Dev) -> Result<(Link, JoinHandle<Result<(), Error>>), Error> {
    let (tell, batches) = sync_channel(BEHIND);
    let bus: Arc<dyn Bus> = Arc::new(tell);
    let (commands, asked) = sync_channel(64);
    let past = JournalReader::of(&workspace.state_dir());
    let session = thread::Builder::new()
        .name("session".to_owned())
        .spawn(move || {
            let outcome = live(workspace, dev, &bus, asked);
            if let Err(error) = &outcome {
                // The disk may be what failed, so this one entry is only told.
                let fact = Fact::Noticed(error.diagnostic());
                let entry = Entry { seq: 0, at: clock::now(), fact };
                bus.publish(Batch::unwritten(UNRECORDED, vec![Arc::new(entry)]));
            }
            outcome
        })
        .map_err(Error::Thread)?;
    Ok((Link { batches, commands, past }, session))
}

struct Session {
    kernel: DevKernel,
    store: Store,
    run: Run,
    /// Plays in which an action waits for a person.
    plays: Vec<Run>,
    bus: Arc<dyn Bus>,
    now: String,
    /// What runs again after a save: what a reader selected, else the latest.
    selected: Option<SelectedEnvelope>,
    latest: Option<SelectedEnvelope>,
    input: String,
    /// What is wrong with `fibric.toml` as it is on disk; the one read before is in force.
    config_fault: Option<Diagnostic>,
    /// When the files of the policy were last looked at.
    looked: Option<Instant>,
    /// Set when the session is asked to stop: a long play looks at it, the channel it does not.
    stopping: Arc<AtomicBool>,
    /// The runs that are not a neighbour's.
    own: Own,
    watch: Option<Watch>,
    /// Who is told, and what, once what was taken in from them is on disk.
    unanswered: Vec<(Reply, Delivered)>,
    clock: Clock,
    /// How operators are answered.
    answering: Answering,
    schedules: Schedules,
    /// What was last said to be wrong with the rule file.
    rule_faults: Vec<Diagnostic>,
    /// What was last said to be unwatched.
    unwatched: Vec<Diagnostic>,
    live: Option<Lock>,
}

/// A session from its start to its end.
fn live(workspace: Workspace, dev: Dev, bus: &Arc<dyn Bus>, asked: Receiver<Command>) -> Result<(), Error> {
    let (play, finite) = (dev.play, dev.once);
    let Started { mut session, events, to_session, input, notices, followed } = Session::start(workspace, dev, bus)?;
    forward(asked, to_session.clone(), Arc::clone(&session.stopping))?;
    session.open(notices)?;
    session.watch_sources()?;
    if play {
        let fixtures = session.kernel.workspace.root.join("fixtures");
        session.play(&[fixtures])?;
    }
    // What earlier runs left takes as long as they are large: it is counted while what is new can be used already.
    session.carry_alerts()?;
    // INVARIANT: no live action is disposed of before every claimed key is known. Fixtures have keys of their own.
    if session.live.is_some() {
        let (state, found) = keys::load(&session.store, &clock::now())?;
        session.run.share_keys(state, Box::new(OwnKeys));
        session.tell(found)?;
        // What ends by itself waits for nothing that is due.
        if !finite {
            session.begin_schedules()?;
        }
    }
    let feeding = input.is_some();
    if let Some(input) = input {
        feed(input.offers, to_session)?;
    }
    if !finite || feeding {
        session.serve(&events, finite)?;
    }
    session.watch = None;
    drop(followed);
    session.save_tape()?;
    session.close()
}

/// Reads live input on a thread of its own.
fn feed(offers: Box<dyn Iterator<Item = Offered> + Send>, wake: SyncSender<SessionEvent>) -> Result<(), Error> {
    let body = move || {
        for offered in offers {
            if wake.send(SessionEvent::Offered(offered)).is_err() {
                return;
            }
        }
        let _ = wake.send(SessionEvent::InputEnded);
    };
    thread::Builder::new().name("input".to_owned()).spawn(body).map(|_| ()).map_err(Error::Thread)
}

/// Passes commands on; when the reader is gone, the session stops.
fn forward(asked: Receiver<Command>, wake: SyncSender<SessionEvent>, stopping: Arc<AtomicBool>) -> Result<(), Error> {
    let body = move || {
        for command in asked {
            if command == Command::Stop {
                stopping.store(true, Ordering::Relaxed);
            }
            if wake.send(SessionEvent::Command(command)).is_err() {
                return;
            }
        }
        stopping.store(true, Ordering::Relaxed);
        let _ = wake.send(SessionEvent::Command(Command::Stop));
    };
    thread::Builder::new().name("commands".to_owned()).spawn(body).map(|_| ()).map_err(Error::Thread)
}

/// Gives out what there is.
fn publish(bus: &dyn Bus, batch: Option<Batch>) {
    if let Some(batch) = batch {
        bus.publish(batch);
    }
}
