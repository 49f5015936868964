//! All children of a workspace: a bounded number, the longest idle one ended where another is needed, and one spare that
//! is confined and warm, so that a reload does not wait for a process.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::child::Child;
use crate::author::confine::probe::Attempt;
use crate::author::message::FromHost;

/// How long a self-test may take.
const PROBING: Duration = Duration::from_secs(10);

/// What children are started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostOptions {
    /// How many may live at once, the spare not counted (`[hosts] children`).
    pub children: usize,
    /// Bytes a child may map above what it starts with.
    pub memory: usize,
    /// Whether author code runs where it cannot be confined (`[hosts] unconfined`).
    pub unconfined: bool,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self { children: 16, memory: 64 << 20, unconfined: false }
    }
}

/// The children of a workspace. A clone is another handle to the same.
#[derive(Clone, Default)]
pub struct Hosts(Arc<Shared>);

#[derive(Default)]
struct Shared {
    options: HostOptions,
    pool: Mutex<Pool>,
}

/// Names a client's child among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientId(u64);

#[derive(Default)]
struct Pool {
    clients: u64,
    /// Children nobody talks to at the moment, each with when it was last used.
    resting: HashMap<ClientId, (u64, Child)>,
    /// Children somebody talks to.
    taken: usize,
    spares: Vec<Child>,
    /// Counts uses: the smallest number is the longest idle.
    uses: u64,
}

impl Hosts {
    /// None is started before it is needed.
    pub fn new(options: HostOptions) -> Self {
        Self(Arc::new(Shared { options, pool: Mutex::default() }))
    }

    /// What they are started with.
    pub fn options(&self) -> &HostOptions {
        &self.0.options
    }

    /// Starts children that are about to be needed, as many as the bound lets.
    pub fn warm(&self, count: usize) {
        let mut pool = self.pool();
        let room = self.options().children.saturating_sub(pool.resting.len() + pool.taken).max(1);
        while pool.spares.len() < count.min(room) {
            // Where none can be started, whoever needs one is told why.
            let Ok(child) = Child::start(self.options()) else { return };
            pool.spares.push(child);
        }
    }

    /// What a child could reach, found out by one that tries; or why none could try. A listener is opened for it.
    pub fn self_test(&self) -> Result<Vec<Attempt>, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let mut child = Child::start_probe(self.options(), address).map_err(|error| error.to_string())?;
        let read = |line: &[u8]| serde_json::from_slice::<Vec<Attempt>>(line).map_err(|_| unconfined(line));
        match child.wire.next(Instant::now() + PROBING, read) {
            Ok(found) => found,
            Err(_) => Err("the process that was to try gave no answer".to_owned()),
        }
    }

    pub(super) fn register(&self) -> ClientId {
        let mut pool = self.pool();
        pool.clients += 1;
        ClientId(pool.clients)
    }

    /// A client's child, when it still has one.
    pub(super) fn take(&self, client: ClientId) -> Option<Child> {
        let mut pool = self.pool();
        let (_, child) = pool.resting.remove(&client)?;
        pool.taken += 1;
        Some(child)
    }

    /// A fresh child for a client that has none.
    pub(super) fn start(&self) -> io::Result<Child> {
        let (spare, ended) = {
            let mut pool = self.pool();
            let ended =
                if pool.resting.len() + pool.taken < self.options().children { None } else { pool.end_oldest() };
            // Whatever may have ended a spare, nobody who needs a child shall notice.
            pool.spares.retain_mut(|spare| !spare.has_ended());
            (pool.spares.pop(), ended)
        };
        drop(ended);
        let child = spare.map_or_else(|| Child::start(self.options()), Ok)?;
        self.pool().taken += 1;
        Ok(child)
    }

    /// Gives a child back for as long as nobody talks to it.
    pub(super) fn rest(&self, client: ClientId, child: Child) {
        let mut pool = self.pool();
        pool.taken -= 1;
        pool.uses += 1;
        let use_number = pool.uses;
        pool.resting.insert(client, (use_number, child));
    }

    /// A child that was taken is ended by its client.
    pub(super) fn ended(&self) {
        self.pool().taken -= 1;
    }

    /// A client is gone, and its child with it.
    pub(super) fn forget(&self, client: ClientId) {
        let gone = self.pool().resting.remove(&client);
        drop(gone);
    }

    /// How many children live, the spares counted.
    pub fn living(&self) -> usize {
        let pool = self.pool();
        pool.resting.len() + pool.taken + pool.spares.len()
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.0.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a child said instead of what it tried.
fn unconfined(line: &[u8]) -> String {
    match serde_json::from_slice(line) {
        Ok(FromHost::Unconfined { why }) => why,
        _ => "the process that was to try answered out of turn".to_owned(),
    }
}

impl Pool {
    fn end_oldest(&mut self) -> Option<Child> {
        let oldest = self.resting.iter().min_by_key(|(_, (used, _))| *used).map(|(client, _)| *client)?;
        self.resting.remove(&oldest).map(|(_, child)| child)
    }
}

impl fmt::Debug for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosts").field("options", self.options()).finish_non_exhaustive()
    }
}
