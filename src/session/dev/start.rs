//! How a session comes to be: its state opened and recovered, author code and policy loaded, its run begun. It takes
//! nothing in yet.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::{Dev, Input, Session, SessionEvent};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::State;
use crate::kernel::journal::RunKind;
use crate::session::bus::Bus;
use crate::session::clock;
use crate::session::dev_kernel::DevKernel;
use crate::session::error::Error;
use crate::session::external_runs::{self, ExternalRuns, Own};
use crate::session::ledger::Options;
use crate::session::reasoner::{self, Answering};
use crate::session::recovery;
use crate::session::run::{Run, Setup};
use crate::session::schedule::Schedules;
use crate::session::store::{Lock, Store};
use crate::workspace::Workspace;
use crate::workspace::watch::Watch;

/// Events a session may be behind before who sends them waits.
const BEHIND: usize = 1_024;

/// A session that has begun, and what it will be fed with.
pub(super) struct Started {
    pub(super) session: Session,
    pub(super) events: Receiver<SessionEvent>,
    pub(super) to_session: SyncSender<SessionEvent>,
    /// Live input, where this process may take any.
    pub(super) input: Option<Input>,
    /// What is to be told first.
    pub(super) notices: Vec<Diagnostic>,
    /// Follows the runs of other processes for as long as it is kept.
    pub(super) followed: Option<ExternalRuns>,
}

impl Session {
    /// Begins one. The lock for live input is taken before recovery: from then on no one adds to the keys, so what
    /// recovery finds of them is all there is.
    pub(super) fn start(workspace: Workspace, dev: Dev, bus: &Arc<dyn Bus>) -> Result<Started, Error> {
        let mut notices = Vec::new();
        let (store, live) = open_state(&workspace, &dev, &mut notices)?;
        let (to_session, events) = sync_channel(BEHIND);
        // Before anything is read, so that what is saved meanwhile is not missed.
        let watch = if dev.once { None } else { watch(&workspace.root, &to_session, &mut notices) };
        let ticks = to_session.clone();
        // A session that has ended needs no time.
        dev.clock.on_change(move || drop(ticks.try_send(SessionEvent::Tick)));
        let Dev { named_policy, shadow, now, input, hold, external_runs: follows, clock, reasoner, .. } = dev;
        let mut kernel = DevKernel::load(workspace, named_policy, &mut |_| {});
        let rule_faults = reasoner::rules(&kernel.workspace).map_or_else(Vec::new, |rules| rules.faults());
        let stopping = Arc::default();
        let answering = Answering { kind: reasoner, stopped: Arc::clone(&stopping), ..Answering::default() };
        notices.extend(kernel.answer_with(&answering).map_err(|fault| Error::Input(Box::new(fault)))?);
        notices.extend(kernel.tape.open_home());
        if !shadow.is_empty() {
            let (Ok(found) | Err(found)) = kernel.watch_with(shadow);
            notices.extend(found);
        }
        kernel.hold = hold;
        notices.extend(unconfined(&kernel));
        let setup = Setup {
            kind: RunKind::Live,
            propose_only: false,
            now: now.clone(),
            ledger: Options { sync: true, plan_files: true, persistent_keys: live.is_some() },
        };
        let own = Own::default();
        let followed = follows.then(|| external_runs::follow(&store, Arc::clone(&own), Arc::clone(bus))).flatten();
        let run = external_runs::begin(&own, || Run::begin(&store, &kernel, setup, State::default()), Run::number)?;
        let input = input.filter(|_| live.is_some());
        let session = Self {
            kernel,
            store,
            run,
            plays: Vec::new(),
            bus: Arc::clone(bus),
            now,
            selected: None,
            latest: None,
            input: input.as_ref().map_or_else(String::new, |input| input.name.clone()),
            config_fault: None,
            looked: None,
            stopping,
            own,
            watch,
            unanswered: Vec::new(),
            clock,
            answering,
            schedules: Schedules::default(),
            rule_faults,
            unwatched: Vec::new(),
            live,
        };
        Ok(Started { session, events, to_session, input, notices, followed })
    }
}

/// The state as it was left, put in order, with the lock for live input where nobody else has it.
fn open_state(workspace: &Workspace, dev: &Dev, notices: &mut Vec<Diagnostic>) -> Result<(Store, Option<Lock>), Error> {
    if dev.fresh
        && let Some(aside) = Store::set_aside(&workspace.state_dir(), &clock::stamp())?
    {
        notices.push(Diagnostic::warning(format!("the old state was set aside as `{}`", workspace.shown(&aside))));
    }
    let store = Store::open(workspace.state_dir())?;
    let lock = store.live_lock()?;
    notices.extend(recovery::recover(&store, &clock::now())?);
    if lock.is_none() && dev.input.is_some() {
        return Err(Error::Busy);
    }
    if lock.is_none() {
        notices.push(
            Diagnostic::warning(
                "another `fibric dev` has this workspace: this one plays fixtures, and takes no live input",
            )
            .help("end the other one, or send live input to it"),
        );
    }
    Ok((store, lock))
}

/// Says that author code may run unconfined, where it may.
fn unconfined(kernel: &DevKernel) -> Option<Diagnostic> {
    kernel.workspace.hosts.options().unconfined.then(|| {
        Diagnostic::warning("author code may run unconfined: `[hosts] unconfined = true`")
            .in_file(crate::workspace::config::FILE)
            .help("take it out where this system confines; `fibric doctor` tries what author code could reach")
    })
}

fn watch(root: &Path, wake: &SyncSender<SessionEvent>, notices: &mut Vec<Diagnostic>) -> Option<Watch> {
    let wake = wake.clone();
    Watch::start(root, move |paths| drop(wake.send(SessionEvent::Saved(paths))))
        .map_err(|notice| notices.push(notice))
        .ok()
}
