//! Operators that run at intervals: the session wakes when one is due. The due times taken up outlive it in
//! `schedules.json`, so that what was missed while nothing ran is made up for, once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError};
use std::time::Duration;

use jiff::Timestamp;

use super::{Session, SessionEvent};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Fact, Origin, Source};
use crate::session::error::Error;
use crate::session::run::Offer;
use crate::session::schedule::Schedules;
use crate::session::state_files;

/// The file in the state folder: an object of operators with their last due times.
const FILE: &str = "schedules.json";
/// The longest wait for what is due: while the machine sleeps, the clock goes on and a wait does not.
const LONGEST: Duration = Duration::from_secs(30);

impl Session {
    /// Begins to run them; without the right to live input nothing is due here.
    pub(super) fn begin_schedules(&mut self) -> Result<(), Error> {
        let (last, fault) = match read(&self.store.file(FILE)) {
            Ok(last) => (last, None),
            Err(fault) => (BTreeMap::new(), Some(fault)),
        };
        self.schedules = Schedules::begin(self.kernel.roster.schedules(), last, self.clock.now());
        self.tell(fault)
    }

    /// Waits for what wakes the session, or until something is due.
    pub(super) fn next_event(&self, events: &Receiver<SessionEvent>) -> Result<SessionEvent, RecvError> {
        let next = self.schedules.next().filter(|_| self.live.is_some() && !self.clock.is_manual());
        let Some(next) = next else { return events.recv() };
        let left = Duration::try_from(next.duration_since(self.clock.now())).unwrap_or(Duration::ZERO);
        match events.recv_timeout(left.min(LONGEST)) {
            Ok(event) => Ok(event),
            Err(RecvTimeoutError::Timeout) => Ok(SessionEvent::Tick),
            Err(RecvTimeoutError::Disconnected) => Err(RecvError),
        }
    }

    /// Takes in what is due.
    pub(super) fn fire_schedules(&mut self) -> Result<(), Error> {
        if self.live.is_none() {
            return Ok(());
        }
        let due = self.schedules.take(self.clock.now());
        if due.is_empty() {
            return Ok(());
        }
        self.keep_up()?;
        for due in due {
            let envelope = Arc::new(due.envelope(&self.kernel.workspace.config.tenant));
            let origin = Origin { source: Source::Schedule, file: None, line: None };
            self.take(Offer::of(envelope, origin, Vec::new()))?;
        }
        // A crash before this is written has them run again under the same ids, so that no key is used twice.
        self.commit()?;
        let text = serde_json::to_vec(self.schedules.taken()).unwrap_or_default();
        if let Err(error) = state_files::write_whole(&self.store.file(FILE), &text) {
            let notice = Diagnostic::warning(format!("cannot write `{FILE}`: {error}"))
                .help("what is due while nothing runs is not made up for");
            self.run.note(Fact::Noticed(notice))?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, Timestamp>, Diagnostic> {
    let fault = |why: String| {
        Diagnostic::warning(format!("`{FILE}` cannot be read: {why}"))
            .help("what was due while nothing ran is not made up for; the file is written anew when the next is due")
    };
    match state_files::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| fault(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(fault(error.to_string())),
    }
}
