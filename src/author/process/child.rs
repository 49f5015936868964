//! One child: started with a socket for its standard input, an empty environment and no other descriptor; killed and
//! taken leave of when it is dropped.

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};

use super::launch;
use super::pool::HostOptions;
use super::wire::Wire;

/// Bytes of what a dying child wrote to its standard error that are looked at.
const LAST_WORDS: usize = 4 << 10;

/// How long the end of a child is waited for where its socket has closed already.
const DYING: Duration = Duration::from_millis(500);

/// A child process and the line to it.
pub struct Child {
    process: process::Child,
    /// The line.
    pub wire: Wire,
    /// True once the child has said that it is confined.
    pub is_ready: bool,
    /// How many of its client's expected orders it was given.
    pub sent: usize,
}

impl Child {
    /// Starts one; it becomes ready by itself.
    pub fn start(options: &HostOptions) -> io::Result<Self> {
        Self::start_with(options, None)
    }

    /// Starts one that only tries what it can reach, `listener` among it.
    pub fn start_probe(options: &HostOptions, listener: SocketAddr) -> io::Result<Self> {
        Self::start_with(options, Some(listener))
    }

    fn start_with(options: &HostOptions, probe: Option<SocketAddr>) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let (program, arguments) = launch::command();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null()).stderr(Stdio::piped());
        // One arena: each further one would reserve address space that counts as memory.
        command.env_clear().env("MALLOC_ARENA_MAX", "1").env(launch::MEMORY, options.memory.to_string());
        // A key that interrupts or stops the console is not for them: they end with it.
        command.process_group(0);
        if options.unconfined {
            command.env(launch::UNCONFINED, "1");
        }
        if let Some(listener) = probe {
            command.env(launch::PROBE, listener.to_string());
        }
        let process = command.spawn()?;
        // `command` held the child's end; while it is open here the end of the child would not be seen.
        drop(command);
        Ok(Self { process, wire: Wire::new(ours)?, is_ready: false, sent: 0 })
    }

    /// True when its process is no more.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(Some(_)))
    }

    /// How it died, as a sentence names it: `it was killed by SIGSEGV`. Called when its socket has closed.
    pub fn cause_of_death(&mut self) -> Death {
        let until = Instant::now() + DYING;
        let status = loop {
            match self.process.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(1)),
                _ => break None,
            }
        };
        let said = self.last_words();
        if said.contains("memory allocation of") {
            return Death::OutOfMemory;
        }
        let how = match status {
            None => "it closed its line to the kernel".to_owned(),
            Some(status) => match (status.signal(), status.code()) {
                (Some(signal), _) => format!("it was ended by {}", name_of(signal)),
                (None, Some(code)) => format!("it ended with code {code}"),
                (None, None) => "it ended".to_owned(),
            },
        };
        let said = said.lines().find(|line| !line.trim().is_empty()).map(|line| format!(": {}", line.trim()));
        Death::Otherwise(format!("{how}{}", said.unwrap_or_default()))
    }

    fn last_words(&mut self) -> String {
        let Some(stderr) = self.process.stderr.take() else { return String::new() };
        // Who still holds the other end of it could keep it open for ever.
        if rustix::io::ioctl_fionbio(&stderr, true).is_err() {
            return String::new();
        }
        let mut words = Vec::new();
        let _ = stderr.take(LAST_WORDS as u64).read_to_end(&mut words);
        String::from_utf8_lossy(&words).into_owned()
    }
}

/// How a child came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Death {
    /// It had no more memory.
    OutOfMemory,
    /// In another way, in words.
    Otherwise(String),
}

impl Drop for Child {
    fn drop(&mut self) {
        // Killing and waiting fail only where it has been waited for already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn name_of(signal: i32) -> String {
    use rustix::process::Signal;
    let named = [
        (Signal::SEGV, "SIGSEGV"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::ILL, "SIGILL"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::SYS, "SIGSYS"),
        (Signal::TERM, "SIGTERM"),
    ];
    let found = named.iter().find(|(known, _)| known.as_raw() == signal);
    found.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}
