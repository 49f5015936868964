//! The HTTP surface of a running session, on the loopback addresses alone: events and webhooks come in, the journal's
//! entries go out (contract 8, 11).
//!
//! ```text
//! POST /v1/events                    one event, or a batch of lines; answered once it is on disk
//! GET  /v1/events/stream             the journal's entries as server-sent events
//! POST /webhooks/CONNECTOR/EVENT     a body becomes the payload of an event that a loaded connector declares
//! ```
//!
//! It stands between a session and its reader: it speaks to the one as any reader does, and hands the other a [`Link`]
//! like the session's own. Everything asynchronous is in here; what goes in and comes out are blocking channels. It knows
//! nothing of screens or printing, and opens files only through the session's state.

mod answer;
mod body;
mod caller;
mod events;
mod idempotency;
mod ingest;
mod listener;
mod routes;
mod runtime;
mod stall;
mod stream;
mod tenant;
mod webhooks;

pub use stream::EntryRecord;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use crate::kernel::diagnostic::Diagnostic;
use crate::session::bus::{Command, Link};
use crate::session::delivery::Inbox;
use crate::workspace::Workspace;

/// Writes down which requests with an idempotency key were done: from then on their envelopes need not be there. Nobody may
/// take live input meanwhile, and crashes are recovered.
pub fn settle_requests(state: &Path) -> std::io::Result<()> {
    idempotency::settle(state)
}

/// How the surface is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The local tenant at the start: that of events which name none.
    pub tenant: String,
    /// The workspace, whose settings may say another later.
    pub root: PathBuf,
    /// The state folder.
    pub state: PathBuf,
    /// What callers may use.
    pub limits: Limits,
}

impl Options {
    /// As a workspace says it, on that port or the one of its settings.
    pub fn of(workspace: &Workspace, port: Option<u16>) -> Self {
        let config = &workspace.config;
        let (body, envelope) = (config.http.body.0, config.limits.envelope.0);
        Self {
            port: port.unwrap_or(config.http.port),
            tenant: config.tenant.clone(),
            root: workspace.root.clone(),
            state: workspace.state_dir(),
            limits: Limits { body, envelope, ..Limits::default() },
        }
    }
}

/// What callers may use. A caller who wants more is told, or cut off; no other has to wait for it.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one body.
    pub body: usize,
    /// Bytes of one envelope.
    pub envelope: usize,
    /// Bytes of all bodies that are read or wait to be taken in.
    pub bodies: usize,
    /// Connections at once.
    pub connections: usize,
    /// For the head of a request, and between two requests of a connection.
    pub head_time: Duration,
    /// For the body of a request.
    pub body_time: Duration,
    /// For a caller to take anything of an answer.
    pub stall_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 8 << 20,
            envelope: 64 << 20,
            bodies: 128 << 20,
            connections: 256,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            stall_time: Duration::from_secs(10),
        }
    }
}

/// Whether events are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The session has not said yet.
    Starting,
    /// They are.
    Live,
    /// Another process has the workspace's live input.
    NotLive,
}

/// What all requests share.
struct Shared {
    options: Options,
    commands: SyncSender<Command>,
    inbox: Inbox,
    mode: watch::Receiver<Mode>,
    /// Changes with every group that is on disk.
    written: watch::Receiver<u64>,
    /// Set once the session has ended.
    ended: watch::Receiver<bool>,
    /// Kibibytes of bodies that may still be read.
    bodies: Arc<Semaphore>,
    /// Readers that were cut off because they took nothing.
    stalled: AtomicU64,
    tenant: tenant::LocalTenant,
    keys: idempotency::Keys,
    latest: stream::Latest,
}

/// The surface while it is open.
#[derive(Debug)]
pub struct Surface(Option<JoinHandle<()>>);

impl Surface {
    /// Waits, not for long, until callers have the answers that were under way when the session ended.
    pub fn end(mut self) {
        // A thread that died has nobody left to answer.
        drop(self.0.take().map(JoinHandle::join));
    }
}

/// Opens the surface on a session, and gives the reader's end that stands for it. A port that is taken is a notice, and
/// the session goes on without one.
pub fn start(link: Link, options: Options) -> (Link, Surface) {
    match listener::bind(options.port).and_then(|bound| Ok((bound, runtime::start()?))) {
        Ok((bound, runtime)) => runtime::attach(link, options, bound, runtime),
        Err(error) => {
            // A session that has ended already needs no notice.
            let _ = link.commands.send(Command::Notice(unavailable(options.port, &error)));
            (link, Surface(None))
        }
    }
}

fn unavailable(port: u16, error: &std::io::Error) -> Diagnostic {
    let help = "end what listens there, or take another port: `--port 0` finds a free one";
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            Diagnostic::warning(format!("port {port} is in use: no events are taken over HTTP")).help(help)
        }
        _ => Diagnostic::warning(format!("cannot listen on port {port}: {error}; no events are taken over HTTP"))
            .help(help),
    }
}
