//! The one asynchronous runtime, and the threads that stand between it and blocking channels.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};

use super::idempotency::Keys;
use super::listener::{self, Bound};
use super::stream::Latest;
use super::tenant::LocalTenant;
use super::{Mode, Options, Shared, Surface, routes};
use crate::session::bus::{Batch, Command, Link};
use crate::session::delivery::{Delivered, Inbox, Reply};

/// Batches that wait for the reader.
const BEHIND: usize = 16;
/// For answers that are under way when the session ends.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Starts the runtime: two threads, and a few more where files are read.
pub(super) fn start() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(32)
        .thread_name("http")
        .enable_io()
        .enable_time()
        .build()
}

/// Serves a session from a bound port, and gives its reader a link of its own.
pub(super) fn attach(link: Link, options: Options, bound: Bound, runtime: Runtime) -> (Link, Surface) {
    let Link { batches, commands, past } = link;
    let (mode_tell, mode) = watch::channel(Mode::Starting);
    let (written_tell, written) = watch::channel(0);
    let (ended_tell, ended) = watch::channel(false);
    let reply = Reply::to(move |delivered| {
        let mode = if delivered == Delivered::Durable { Mode::Live } else { Mode::NotLive };
        mode_tell.send_replace(mode);
    });
    // A session that has ended answers nobody.
    let _ = commands.send(Command::Listening { address: bound.address(), reply });
    let bodies = Arc::new(Semaphore::new(options.limits.bodies >> 10));
    let tenant = LocalTenant::of(options.root.clone(), options.tenant.clone());
    let (keys, latest) = (Keys::of(&options.state), Latest::of(&options.state));
    let shared = Arc::new(Shared {
        options,
        commands: commands.clone(),
        inbox: Inbox::default(),
        mode,
        written,
        ended,
        bodies,
        stalled: AtomicU64::new(0),
        tenant,
        keys,
        latest,
    });
    let router = routes::router(&shared);
    let inbox = shared.inbox.clone();
    let active = Arc::new(Semaphore::new(shared.options.limits.connections));
    {
        let _inside = runtime.enter();
        listener::serve(bound, &shared, &router, &active);
    }
    let (to_reader, batches_out) = sync_channel(BEHIND);
    let all = shared.options.limits.connections;
    let tee = move || {
        tell(&batches, &to_reader, &written_tell);
        drop(to_reader);
        // Batches end with the session: those who wait for an answer have it by now.
        ended_tell.send_replace(true);
        drop(inbox.take());
        runtime.block_on(async {
            let whole = u32::try_from(all).unwrap_or(u32::MAX);
            let _ = tokio::time::timeout(LAST_WORDS, active.acquire_many(whole)).await;
        });
        runtime.shutdown_background();
    };
    let (commands_in, asked) = sync_channel(64);
    let session = commands;
    // Without these threads the link is closed, which tells the reader that the session has ended.
    let surface = thread::Builder::new().name("http-entries".to_owned()).spawn(tee).ok();
    let _ = thread::Builder::new().name("http-commands".to_owned()).spawn(move || forward(&asked, &session));
    (Link { batches: batches_out, commands: commands_in, past }, Surface(surface))
}

/// Passes batches on, and wakes those who follow the journals.
fn tell(batches: &Receiver<Batch>, to_reader: &SyncSender<Batch>, written: &watch::Sender<u64>) {
    let mut reads = true;
    for batch in batches {
        written.send_modify(|count| *count += 1);
        // A reader that has gone away is for the commands' end to tell; the session must not wait for it.
        reads = reads && to_reader.send(batch).is_ok();
    }
}

/// Passes commands on. The surface holds an end of the session's channel itself, so that it is told when the reader has
/// gone.
fn forward(asked: &Receiver<Command>, session: &SyncSender<Command>) {
    for command in asked {
        if session.send(command).is_err() {
            return;
        }
    }
    let _ = session.send(Command::Stop);
}
