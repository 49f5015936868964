//! Lines over a socket to a child that may not read, may not write, or may write without end: every wait has a limit,
//! every line a longest length, and writing never waits while there is something to read.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::PROMPTLY;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The longest line a child may send: the largest result, escaped, and what stands around it.
const LONGEST: usize = 40 << 20;

/// Bytes read at once.
const BLOCK: usize = 64 << 10;

/// Why no line came.
#[derive(Debug)]
pub enum Silence {
    /// Nothing came in time.
    TimedOut,
    /// The other end is closed.
    Closed,
    /// What came is longer than any message.
    TooLong,
}

/// The kernel's end of the socket.
pub struct Wire {
    socket: UnixStream,
    /// What was read and not given out yet, from `start` on.
    input: Vec<u8>,
    start: usize,
    /// How much of the unfinished line was looked through already.
    searched: usize,
    output: Vec<u8>,
    written: usize,
    block: Box<[u8]>,
    /// True where the next line is due at once.
    is_prompt: bool,
}

impl Wire {
    /// A line over this socket.
    pub fn new(socket: UnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let (input, output, block) = (Vec::new(), Vec::new(), vec![0; BLOCK].into_boxed_slice());
        Ok(Self { socket, input, start: 0, searched: 0, output, written: 0, block, is_prompt: false })
    }

    /// Adds a message to what is to be written.
    pub fn queue(&mut self, message: &impl serde::Serialize) {
        // The messages are made of what has a JSON form.
        if serde_json::to_writer(&mut self.output, message).is_ok() {
            self.output.push(b'\n');
        }
    }

    /// Says that the child does nothing but what brings about the next line.
    pub fn expect_promptly(&mut self) {
        self.is_prompt = true;
    }

    /// Writes what can be written without waiting. A line that is closed is noticed where its answer is waited for.
    pub fn flush(&mut self) {
        while self.written < self.output.len() {
            match self.socket.write(&self.output[self.written..]) {
                Ok(0) | Err(_) => break,
                Ok(count) => self.written += count,
            }
        }
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
            self.output.shrink_to(BLOCK);
        }
    }

    /// Bytes that wait to be written.
    pub fn unwritten(&self) -> usize {
        self.output.len() - self.written
    }

    /// The next line, read by the given reader; waits until `deadline` at most, and writes meanwhile.
    pub fn next<T>(&mut self, deadline: Instant, read: impl FnOnce(&[u8]) -> T) -> Result<T, Silence> {
        let end = self.line_end(deadline)?;
        let message = read(&self.input[self.start..end]);
        self.start = end + 1;
        if self.start == self.input.len() {
            self.input.clear();
            self.input.shrink_to(4 * BLOCK);
            self.start = 0;
        }
        self.searched = self.start;
        self.is_prompt = false;
        Ok(message)
    }

    /// Where the next line ends.
    fn line_end(&mut self, deadline: Instant) -> Result<usize, Silence> {
        loop {
            if let Some(at) = self.input[self.searched..].iter().position(|byte| *byte == b'\n') {
                return Ok(self.searched + at);
            }
            self.searched = self.input.len();
            if self.input.len() - self.start > LONGEST {
                return Err(Silence::TooLong);
            }
            self.flush();
            let patience = if self.is_prompt { PROMPTLY } else { Duration::ZERO };
            if !self.fill_within(patience)? {
                self.wait(deadline)?;
            }
        }
    }

    /// Reads what is there, giving way to the child until something is; false when nothing came in time.
    fn fill_within(&mut self, patience: Duration) -> Result<bool, Silence> {
        let began = Instant::now();
        while !self.fill()? {
            if began.elapsed() >= patience {
                return Ok(false);
            }
            std::thread::yield_now();
        }
        Ok(true)
    }

    /// Reads what is there; false when nothing is.
    fn fill(&mut self) -> Result<bool, Silence> {
        if self.start > 0 {
            self.input.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        match self.socket.read(&mut self.block) {
            Ok(0) => Err(Silence::Closed),
            Ok(count) => {
                self.input.extend_from_slice(&self.block[..count]);
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(false),
            Err(_) => Err(Silence::Closed),
        }
    }

    fn wait(&self, deadline: Instant) -> Result<(), Silence> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Silence::TimedOut);
        }
        let mut wanted = PollFlags::IN;
        if self.unwritten() > 0 {
            wanted |= PollFlags::OUT;
        }
        let mut watched = [PollFd::new(&self.socket, wanted)];
        match poll(&mut watched, Some(&timespec(left))) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(_) => Err(Silence::Closed),
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX), tv_nsec: duration.subsec_nanos().into() }
}
