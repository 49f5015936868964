//! The self-test: what a process can reach, found out by trying. Run in a host, each of it must be refused; run
//! anywhere else, most of it works, which shows that the test can fail.

use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// What was tried, as a sentence names it: `read a file`.
    pub what: String,
    /// Why it was refused; null where it worked.
    pub refused: Option<String>,
}

/// Whom it is tried on; found out before the process is confined.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    listener: Option<SocketAddr>,
    parent: Option<rustix::process::Pid>,
}

impl Target {
    /// This process's parent, and an address of this machine on which somebody listens.
    pub fn new(listener: Option<SocketAddr>) -> Self {
        Self { listener, parent: rustix::process::getppid() }
    }
}

/// Tries everything.
pub fn attempts(target: &Target) -> Vec<Attempt> {
    let scratch = std::env::temp_dir().join(format!("fibric-probe-{}", std::process::id()));
    let found = vec![
        tried("read a file", File::open("/etc/passwd")),
        tried("list a folder", fs::read_dir("/")),
        tried("write a file", File::create(&scratch)),
        tried("make a folder", fs::create_dir(scratch.with_extension("d"))),
        tried("read what the system says of this process", fs::read_to_string("/proc/self/environ")),
        tried("start a process", Command::new("/bin/true").status()),
        tried("reach a listener of this machine", connect(target.listener)),
        tried("open a UDP socket", UdpSocket::bind("127.0.0.1:0")),
        tried("open a local socket", UnixDatagram::unbound()),
        tried("reach a local socket", UnixStream::connect("/run/systemd/notify").map(drop).or_else(unless_absent)),
        tried("start a thread", std::thread::Builder::new().spawn(|| ()).map(std::thread::JoinHandle::join)),
        tried("signal its parent", target.parent.map_or(Ok(()), rustix::process::test_kill_process)),
    ];
    let _ = (fs::remove_file(&scratch), fs::remove_dir(scratch.with_extension("d")));
    found
}

fn tried<T, E: std::fmt::Display>(what: &str, outcome: Result<T, E>) -> Attempt {
    Attempt { what: what.to_owned(), refused: outcome.err().map(|error| error.to_string()) }
}

fn connect(listener: Option<SocketAddr>) -> io::Result<()> {
    let Some(listener) = listener else { return Err(io::Error::other("there was no listener to try")) };
    TcpStream::connect_timeout(&listener, Duration::from_secs(1)).map(drop)
}

/// A socket that nobody made cannot be reached by anyone, and says nothing.
fn unless_absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
