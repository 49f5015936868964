//! A connection whose other end takes nothing: after a while it is closed, so that nobody holds one by not reading.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::Shared;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::session::bus::Command;

/// A socket whose writes may wait only so long.
pub(super) struct Guarded {
    socket: TcpStream,
    patience: Duration,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
    shared: Arc<Shared>,
}

impl Guarded {
    pub(super) fn new(socket: TcpStream, patience: Duration, shared: Arc<Shared>) -> Self {
        Self { socket, patience, waiting: None, shared }
    }

    /// What a write came to, or that it waited too long.
    fn held<T>(&mut self, polled: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.waiting = None;
            return polled;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        // Once, however often it is asked again.
        waiting.as_mut().reset(Instant::now() + Duration::from_hours(1));
        told(&self.shared, patience);
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Counts a caller that was cut off, and says so where a person sees it: at once, then each time there are twice as many.
fn told(shared: &Shared, patience: Duration) {
    let count = shared.stalled.fetch_add(1, Ordering::Relaxed) + 1;
    if count.is_power_of_two() {
        let callers = counted(usize::try_from(count).unwrap_or(usize::MAX), "caller");
        let message = format!("{callers} over HTTP cut off so far: nothing was read for {} s", patience.as_secs());
        let notice = Diagnostic::warning(message).help("a stream goes on where it was with `Last-Event-ID`");
        // Where the session is busy, the next count says it.
        let _ = shared.commands.try_send(Command::Notice(notice));
    }
}

impl AsyncRead for Guarded {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, into)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.held(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.socket).poll_write_vectored(context, bytes);
        self.held(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
