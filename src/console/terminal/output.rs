//! Bytes on their way to the terminal. A terminal that does not read holds up whoever writes to it; here that wait ends
//! as soon as the process is asked to end. It must not know what the bytes say.

use std::fs::{File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::retry_on_intr;
use rustix::termios::{QueueSelector, tcflush, ttyname};

/// How long a terminal that takes nothing is waited for when its modes are given back, before what it has not read is
/// thrown away, and again after that.
const LAST_WAIT: Duration = Duration::from_millis(250);

/// The terminal's writing side. Clones write to the same terminal.
#[derive(Debug, Clone)]
pub struct Output(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The terminal opened once more, so that it may be written to without waiting: flags of the descriptors that a
    /// shell handed down are the shell's too. None where it has no name; then writing may wait.
    terminal: Option<File>,
    interrupted: PipeReader,
    interrupt: PipeWriter,
}

/// How much of something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// All of it.
    Whole,
    /// Some of it, or nothing.
    Cut,
}

impl Output {
    /// The terminal that standard output is.
    pub fn open() -> io::Result<Self> {
        let (interrupted, interrupt) = io::pipe()?;
        Ok(Self(Arc::new(Shared { terminal: reopened(), interrupted, interrupt })))
    }

    /// From now on no write waits for the terminal: the process was asked to end.
    pub fn interrupt(&self) {
        // A pipe that takes no more has been written to already.
        let _ = (&self.0.interrupt).write(b"x");
    }

    /// Takes back the interrupts so far: they were meant for a program that had the terminal.
    pub fn forget_interrupts(&self) {
        while self.is_interrupted() {
            if rustix::io::read(&self.0.interrupted, &mut [0; 64]).is_err() {
                return;
            }
        }
    }

    /// Writes all of it, waiting for the terminal for as long as nobody interrupts.
    pub fn write(&self, bytes: &[u8]) -> io::Result<Written> {
        self.write_until(bytes, None)
    }

    /// Writes what has to be written before the end, interrupted or not. Where the terminal takes nothing, what it has
    /// not read is thrown away to make room.
    pub fn write_last(&self, bytes: &[u8]) -> io::Result<()> {
        let soon = || Some(Instant::now() + LAST_WAIT);
        if self.write_until(bytes, soon())? == Written::Cut {
            if let Some(terminal) = &self.0.terminal {
                tcflush(terminal, QueueSelector::OFlush)?;
            }
            // A terminal that takes nothing even now cannot be given back.
            let _ = self.write_until(bytes, soon())?;
        }
        Ok(())
    }

    fn write_until(&self, mut bytes: &[u8], deadline: Option<Instant>) -> io::Result<Written> {
        let Some(mut terminal) = self.0.terminal.as_ref() else { return write_waiting(bytes) };
        while !bytes.is_empty() {
            if !self.takes_bytes(terminal, deadline)? {
                return Ok(Written::Cut);
            }
            match terminal.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Written::Whole)
    }

    /// Waits until the terminal takes something, or is gone; false when the deadline has passed, or, without one, when
    /// somebody interrupts.
    fn takes_bytes(&self, terminal: &File, deadline: Option<Instant>) -> io::Result<bool> {
        let room = PollFd::new(terminal, PollFlags::OUT);
        if let Some(deadline) = deadline {
            let left = Timespec::try_from(deadline.saturating_duration_since(Instant::now())).ok();
            return Ok(retry_on_intr(|| poll(&mut [room.clone()], left.as_ref()))? > 0);
        }
        let mut ends = [PollFd::new(&self.0.interrupted, PollFlags::IN), room];
        retry_on_intr(|| poll(&mut ends, None))?;
        Ok(ends[0].revents().is_empty())
    }

    fn is_interrupted(&self) -> bool {
        let mut ends = [PollFd::new(&self.0.interrupted, PollFlags::IN)];
        retry_on_intr(|| poll(&mut ends, Some(&Timespec::default()))).is_ok_and(|ready| ready > 0)
    }
}

fn reopened() -> Option<File> {
    let name = ttyname(io::stdout(), Vec::new()).ok()?;
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
    let path = std::ffi::OsStr::from_bytes(name.as_bytes());
    OpenOptions::new().write(true).custom_flags(flags.bits().cast_signed()).open(path).ok()
}

fn write_waiting(bytes: &[u8]) -> io::Result<Written> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(Written::Whole)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::OwnedFd;

    use super::*;

    /// An output over a pipe, which takes 64 KiB and then nothing, like a terminal that does not read.
    fn piped() -> (Output, PipeReader) {
        let (reader, writer) = io::pipe().unwrap();
        let terminal = File::from(OwnedFd::from(writer));
        rustix::fs::fcntl_setfl(&terminal, OFlags::NONBLOCK).unwrap();
        let (interrupted, interrupt) = io::pipe().unwrap();
        (Output(Arc::new(Shared { terminal: Some(terminal), interrupted, interrupt })), reader)
    }

    #[test]
    fn an_interrupt_ends_the_wait_for_a_terminal_that_does_not_read() {
        let (output, _reader) = piped();
        let writing = std::thread::spawn({
            let output = output.clone();
            move || output.write(&vec![b'x'; 1 << 20]).unwrap()
        });
        output.interrupt();
        assert_eq!(writing.join().unwrap(), Written::Cut);
        assert_eq!(output.write(b"more").unwrap(), Written::Cut);
        output.forget_interrupts();
        assert!(!output.is_interrupted());
    }

    #[test]
    fn everything_arrives_at_a_terminal_that_reads_slowly() {
        let (output, mut reader) = piped();
        let bytes: Vec<u8> = (0..200_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let reading = std::thread::spawn({
            let wanted = bytes.len();
            move || {
                let mut read = vec![0; wanted];
                reader.read_exact(&mut read).unwrap();
                read
            }
        });
        assert_eq!(output.write(&bytes).unwrap(), Written::Whole);
        assert!(reading.join().unwrap() == bytes);
    }

    #[test]
    fn the_last_words_go_out_after_an_interrupt() {
        let (output, mut reader) = piped();
        output.interrupt();
        output.write_last(b"bye").unwrap();
        let mut said = [0; 3];
        reader.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"bye");
    }
}
