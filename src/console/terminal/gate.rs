//! Waiting for input in a way that can be called back: while an editor has the terminal, nobody here reads from it.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How long the reader may take to step aside; it does at once, unless it waits for the loop and so reads nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// The loop's end.
#[derive(Debug)]
pub struct Gate {
    wake: PipeWriter,
    aside: Receiver<()>,
    on: SyncSender<()>,
}

/// The reading thread's end.
#[derive(Debug)]
pub struct Waiting {
    woken: PipeReader,
    aside: SyncSender<()>,
    on: Receiver<()>,
}

/// What there is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// Input.
    Input,
    /// The other side is gone: only reading tells how.
    Gone,
    /// Nothing, in the time that was given.
    Quiet,
}

/// Both ends.
pub fn gate() -> io::Result<(Gate, Waiting)> {
    let (woken, wake) = io::pipe()?;
    let (step_aside, aside) = sync_channel(1);
    let (go_on, on) = sync_channel(1);
    Ok((Gate { wake, aside, on: go_on }, Waiting { woken, aside: step_aside, on }))
}

impl Gate {
    /// Returns when nobody reads the terminal.
    pub fn close(&mut self) {
        while self.aside.try_recv().is_ok() {}
        if self.wake.write_all(b"x").is_ok() {
            // Without an answer the reader waits for the loop, which is busy here: it reads nothing either.
            let _ = self.aside.recv_timeout(PATIENCE);
        }
    }

    /// Lets the reader go on.
    pub fn open(&mut self) {
        let _ = self.on.try_send(());
    }
}

impl Waiting {
    /// Reads what there is; nothing where it was gone again.
    #[expect(clippy::unused_self, reason = "only who waits may read")]
    pub fn read<'a>(&mut self, room: &'a mut [u8]) -> io::Result<&'a [u8]> {
        match rustix::io::read(io::stdin(), &mut *room) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "its input has ended")),
            Ok(count) => Ok(&room[..count]),
            Err(Errno::INTR | Errno::AGAIN) => Ok(&[]),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Waits until there is input, or for as long as is said, stepping aside whenever it is asked to; an end of the loop
    /// is the end.
    pub fn input(&mut self, patience: Option<Duration>) -> io::Result<Ready> {
        let deadline = patience.map(|patience| Instant::now() + patience);
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            let stdin = io::stdin();
            let mut ends = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&self.woken, PollFlags::IN)];
            match poll(&mut ends, left.as_ref()) {
                Err(Errno::INTR) => continue,
                Ok(0) => return Ok(Ready::Quiet),
                Err(errno) => return Err(errno.into()),
                Ok(_) => {}
            }
            let (input, woken) = (ends[0].revents(), ends[1].revents());
            if woken.contains(PollFlags::IN) {
                self.woken.read_exact(&mut [0])?;
                let _ = self.aside.try_send(());
                self.on.recv().map_err(io::Error::other)?;
            } else if input.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return Ok(Ready::Gone);
            } else if input.contains(PollFlags::IN) {
                return Ok(Ready::Input);
            } else if !woken.is_empty() {
                return Err(io::Error::other("the loop has ended"));
            }
        }
    }
}
