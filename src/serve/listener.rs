//! The port: bound on the loopback addresses, its connections counted and limited in time.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as Unready};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::Shared;
use super::stall::Guarded;

/// The most that is read of a request's head.
const HEAD_BYTES: usize = 64 << 10;
/// What a caller beyond the limit is told.
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n";
/// After an accept that failed: mostly there is no file descriptor left, which does not change at once.
const PAUSE: Duration = Duration::from_millis(50);

/// A port that is taken.
pub(super) struct Bound {
    sockets: Vec<Unready>,
    port: u16,
}

impl Bound {
    /// Where callers reach it.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Takes the port on both loopback addresses, on that of IPv6 where there is one.
pub(super) fn bind(port: u16) -> io::Result<Bound> {
    let first = Unready::bind((Ipv4Addr::LOCALHOST, port))?;
    let port = first.local_addr()?.port();
    let second = Unready::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).ok();
    let sockets: Vec<_> = std::iter::once(first).chain(second).collect();
    for socket in &sockets {
        socket.set_nonblocking(true)?;
    }
    Ok(Bound { sockets, port })
}

/// Accepts until the session ends. Runs inside the runtime.
pub(super) fn serve(bound: Bound, shared: &Arc<Shared>, router: &Router, active: &Arc<Semaphore>) {
    for socket in bound.sockets {
        let (shared, router, active) = (Arc::clone(shared), router.clone(), Arc::clone(active));
        tokio::spawn(async move {
            if let Ok(listener) = TcpListener::from_std(socket) {
                accept(&listener, &shared, &router, &active).await;
            }
        });
    }
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>, router: &Router, active: &Arc<Semaphore>) {
    let mut ended = shared.ended.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ended.wait_for(|ended| *ended) => return,
        };
        let Ok((socket, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(permit) = Arc::clone(active).try_acquire_owned() else {
            // It is told if that costs no waiting.
            let _ = socket.try_write(BUSY);
            continue;
        };
        let (shared, router) = (Arc::clone(shared), router.clone());
        tokio::spawn(async move {
            connection(socket, &shared, router).await;
            drop(permit);
        });
    }
}

/// Answers the requests of one connection. Whatever ends it concerns that caller alone.
async fn connection(socket: TcpStream, shared: &Arc<Shared>, router: Router) {
    let limits = &shared.options.limits;
    // Answers are small, and each is waited for.
    let _ = socket.set_nodelay(true);
    let io = TokioIo::new(Guarded::new(socket, limits.stall_time, Arc::clone(shared)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(io, TowerToHyperService::new(router));
    let mut served = std::pin::pin!(served);
    let mut ended = shared.ended.clone();
    tokio::select! {
        _ = served.as_mut() => return,
        _ = ended.wait_for(|ended| *ended) => {}
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}
