//! The host's process from its first moment: confined, then one thread that runs the engine while the first watches for
//! the kernel's end.

use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};

use super::engine::Engine;
use super::exchange::Exchange;
use crate::author::confine::probe::{self, Target};
use crate::author::confine::{Confinement, Unconfined};
use crate::author::message::FromHost;
use crate::author::process::launch;

/// The stack of the engine's thread. The engine's own limit is far below it; the parser of source files recurses as deep
/// as they nest, and a file that nests deeper than this costs its host.
const STACK: usize = 64 << 20;

/// What a host may map beside the author's heap: texts on their way in and out, and what the parser makes of a file.
const BESIDE: u64 = 320 << 20;

/// Becomes a host: takes orders from standard input until the kernel is gone. Never returns to its caller's work.
pub fn serve() -> ! {
    end_on_panic();
    let status = match begin() {
        Ok(()) => 0,
        Err(error) => {
            tell(&FromHost::Unconfined { why: error.to_string() });
            2
        }
    };
    std::process::exit(status)
}

/// A host without its engine's thread would wait for ever; its kernel is to see that it died, and to read why.
fn end_on_panic() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::exit(101);
    }));
}

fn begin() -> Result<(), Unconfined> {
    let memory = std::env::var(launch::MEMORY).ok().and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or(0);
    let unconfined = std::env::var_os(launch::UNCONFINED).is_some();
    // A probe that is let off shows what a confined one is kept from.
    let target = std::env::var(launch::PROBE).ok().map(|listener| Target::new(listener.parse().ok()));
    let is_let_off = unconfined && target.is_some();
    let begun = (!is_let_off).then(|| Confinement::begin(memory.saturating_mul(2) + BESIDE));
    let confinement = match begun {
        Some(Ok(confinement)) => Some(confinement),
        Some(Err(error)) if !unconfined => return Err(error),
        _ => None,
    };
    let broken = |error: std::io::Error| Unconfined { what: "its thread cannot be started", why: error.to_string() };
    let socket = line().map_err(broken)?;
    let (go, wait) = sync_channel::<()>(1);
    thread::Builder::new()
        .name("engine".to_owned())
        .stack_size(STACK)
        .spawn(move || run(socket, target, &wait))
        .map_err(broken)?;
    if let Some(confinement) = confinement {
        confinement.seal()?;
    }
    // INVARIANT: the engine's thread reads nothing of the kernel before every barrier stands.
    let _ = go.send(());
    watch_for_the_end();
    Ok(())
}

fn run(socket: UnixStream, target: Option<Target>, wait: &Receiver<()>) {
    if wait.recv().is_err() {
        return;
    }
    if let Some(target) = target {
        let found = probe::attempts(&target);
        let _ = serde_json::to_writer(&socket, &found).map(|()| (&socket).write_all(b"\n"));
        std::process::exit(0);
    }
    let exchange = Exchange::new(socket);
    exchange.say(&FromHost::Ready {});
    let engine = Engine::new(exchange);
    engine.warm();
    engine.serve()
}

/// The socket that stands for standard input.
fn line() -> std::io::Result<UnixStream> {
    std::io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from)
}

fn tell(message: &FromHost) {
    if let Ok(socket) = line() {
        Exchange::new(socket).say(message);
    }
}

/// What the system says of a socket whose other end is gone.
#[cfg(target_os = "linux")]
const ENDED: PollFlags = PollFlags::RDHUP.union(PollFlags::HUP).union(PollFlags::ERR);
#[cfg(not(target_os = "linux"))]
const ENDED: PollFlags = PollFlags::HUP.union(PollFlags::ERR);

/// A host that loops would outlive a kernel that was killed.
fn watch_for_the_end() {
    let stdin = std::io::stdin();
    loop {
        let mut watched = [PollFd::new(&stdin, ENDED)];
        if poll(&mut watched, None).is_ok() && watched[0].revents().intersects(ENDED) {
            return;
        }
    }
}
