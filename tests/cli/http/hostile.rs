//! Callers that mean no good, or know no better: the session goes on, and honest ones are answered.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fibric_console::author::process::launch;
use fibric_console::kernel::journal::Fact;
use fibric_console::serve::{self, Limits, Options};
use fibric_console::session::bus::{Command, Link};
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev::{self, Dev};
use fibric_console::session::error::Error;

use super::client::{Http, JSON, answer, event};
use super::listening;
use crate::harness::{PATIENCE, Workspace};

/// A session with limits of its own.
struct Session {
    link: Link,
    thread: JoinHandle<Result<(), Error>>,
    http: Http,
}

fn limited(workspace: &Workspace, limits: impl FnOnce(&mut Limits)) -> Session {
    launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    let opened = fibric_console::workspace::Workspace::open(Path::new(&workspace.path("."))).unwrap();
    let mut options = Options::of(&opened, Some(0));
    limits(&mut options.limits);
    let (link, thread) = dev::start(opened, Dev { now: FIXTURE_NOW.to_owned(), ..Dev::default() }).unwrap();
    let (link, _surface) = serve::start(link, options);
    let port = loop {
        let batch = link.batches.recv_timeout(PATIENCE).unwrap();
        let found = batch.entries.iter().find_map(|entry| match &entry.fact {
            Fact::Listening(listening) => listening.address.rsplit(':').next().unwrap().parse().ok(),
            _ => None,
        });
        if let Some(port) = found {
            break port;
        }
    };
    Session { link, thread, http: Http(port) }
}

impl Session {
    /// A notice that says that.
    fn notice(&self, part: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let batch = self.link.batches.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap();
            let says = |fact: &Fact| matches!(fact, Fact::Noticed(notice) if notice.message.contains(part));
            if batch.entries.iter().any(|entry| says(&entry.fact)) {
                return;
            }
        }
    }

    fn stop(self) {
        self.link.commands.send(Command::Stop).unwrap();
        self.link.batches.iter().for_each(drop);
        self.thread.join().unwrap().unwrap();
    }
}

/// Reads to the end of a connection, which must come.
fn closed(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = socket.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn garbage_of_all_kinds_ends_its_own_connection_alone() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let long = format!("GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "x".repeat(200_000));
    let many: Vec<_> = (0..10_000).map(|n| format!("h{n}: x\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", many.concat());
    let deep = format!("{{\"source\":\"s\",\"event_type\":\"a\",\"payload\":{}", "[".repeat(100_000));
    let deep =
        format!("POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{JSON}content-length: {}\r\n\r\n{deep}", deep.len());
    let hostile: [&[u8]; 16] = [
        b"\x00\x01\x02\xff\xfe",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  /  HTTP/1.1\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
        b"POST /webhooks/%ff%00/%2e%2e HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
        b"GET /v1/events/stream?where=%ff%00%22 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
        deep.as_bytes(),
    ];
    for bytes in hostile {
        let mut socket = http.connect();
        let _ = socket.write_all(bytes);
        let _ = socket.shutdown(Shutdown::Write);
        let told = closed(&mut socket);
        assert!(
            !told.starts_with("HTTP/1.1 2"),
            "{:?}: {told}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(80)])
        );
    }
    // Half a request, and a body that breaks off.
    for cut in [
        "POST /v1/ev",
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"sour",
    ] {
        let mut socket = http.connect();
        socket.write_all(cut.as_bytes()).unwrap();
        socket.shutdown(Shutdown::Both).unwrap();
    }
    assert_eq!(http.post("/v1/events", JSON, &event("SO-1")).status, 202);
    dev.wait_for("key=holder:SO-1:hold");
    assert!(dev.peak_memory() < 200, "{} MiB", dev.peak_memory());
    dev.stop();
    assert_eq!(workspace.state("envelopes.jsonl").len(), 1);
}

#[test]
fn who_lets_wait_is_not_waited_for() {
    let workspace = Workspace::small();
    let session = limited(&workspace, |limits| {
        limits.head_time = Duration::from_millis(300);
        limits.body_time = Duration::from_millis(300);
    });
    let http = session.http;
    // A head that never ends, one that is sent drop by drop, and a connection that says nothing.
    let mut slow = http.connect();
    slow.write_all(b"POST /v1/events HTTP/1.1\r\nhost: loc").unwrap();
    closed(&mut slow);
    closed(&mut http.connect());
    // A body that is shorter than its length, and one that goes on for ever.
    let head = format!("POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{JSON}");
    let mut lying = http.connect();
    write!(lying, "{head}content-length: 1000\r\n\r\n{{").unwrap();
    let told = answer(&mut BufReader::new(lying)).unwrap();
    assert_eq!(told.status, 408, "{told:?}");
    let mut endless = http.connect();
    write!(endless, "{head}transfer-encoding: chunked\r\n\r\n").unwrap();
    let mut reader = BufReader::new(endless.try_clone().unwrap());
    let started = Instant::now();
    while started.elapsed() < PATIENCE && write!(endless, "400\r\n{}\r\n", "x".repeat(1024)).is_ok() {}
    let told = answer(&mut reader);
    assert!(told.is_none_or(|told| matches!(told.status, 408 | 413)), "it is cut off");
    assert_eq!(http.post("/v1/events", JSON, &event("SO-1")).status, 202);
    session.stop();
}

#[test]
fn a_reader_that_takes_nothing_is_cut_off_and_counted() {
    let workspace = Workspace::small();
    let session = limited(&workspace, |limits| limits.stall_time = Duration::from_millis(300));
    let http = session.http;
    let mut silent = http.connect();
    silent.write_all(b"GET /v1/events/stream HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let long = "x".repeat(1 << 20);
    let feeding = std::thread::spawn(move || {
        for n in 0..24 {
            assert_eq!(http.post("/v1/events", JSON, &event(&format!("{n}{long}"))).status, 202);
        }
    });
    session.notice("1 caller over HTTP cut off so far");
    feeding.join().unwrap();
    assert_eq!(http.post("/v1/events", JSON, &event("SO-1")).status, 202);
    session.stop();
}

#[test]
fn ten_thousand_connections_leave_room_for_an_honest_one() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let mut open = Vec::new();
    for _ in 0..10_000 {
        let Ok(mut socket) = TcpStream::connect(("127.0.0.1", http.0)) else { continue };
        let _ = socket.write_all(b"GET /v1/events/stream HTTP/1.1\r\nhost: loc");
        // Those that are turned away are closed at once; as many as it takes are kept.
        if open.len() < 400 {
            open.push(socket);
        }
    }
    drop(open);
    let deadline = Instant::now() + PATIENCE;
    while http.send("/v1/events", JSON, &event("SO-1")).is_none_or(|answer| answer.status != 202) {
        assert!(Instant::now() < deadline, "nobody is answered any more");
    }
    dev.wait_for("key=holder:SO-1:hold");
    assert!(dev.peak_memory() < 150, "{} MiB", dev.peak_memory());
    dev.stop();
}

/// A small generator, so that a failure can be had again.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn requests_that_are_bent_in_any_way_end_nothing() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let body = event("SO-1");
    let sound = [
        format!("POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{JSON}idempotency-key: k\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        format!("POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{JSON}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        "GET /v1/events/stream?where=fact:disposed%20or%20-corr:1 HTTP/1.1\r\nhost: [::1]:1\r\nlast-event-id: 1:2\r\nconnection: close\r\n\r\n".to_owned(),
        format!("POST /webhooks/cn-acts/a.b HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\n{JSON}content-length: 2\r\n\r\n{{}}"),
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    for round in 0..600 {
        let mut bytes = sound[round % sound.len()].clone().into_bytes();
        for _ in 0..=random(&mut seed) % 4 {
            let at = random(&mut seed) % bytes.len();
            match random(&mut seed) % 5 {
                0 => bytes[at] = u8::try_from(random(&mut seed) % 256).unwrap(),
                1 => bytes.truncate(at + 1),
                2 => drop(bytes.remove(at)),
                3 => bytes.insert(at, b"\r\n:\0 \"{9\xff"[random(&mut seed) % 9]),
                _ => {
                    let part = bytes[at..(at + 40).min(bytes.len())].to_vec();
                    bytes.extend(part);
                }
            }
            if bytes.is_empty() {
                bytes.push(b'P');
            }
        }
        let mut socket = http.connect();
        let _ = socket.write_all(&bytes);
        // A stream that was asked for in spite of all goes on for ever.
        let _ = socket.shutdown(if round % 2 == 0 { Shutdown::Both } else { Shutdown::Write });
        let _ = socket.set_read_timeout(Some(Duration::from_millis(20)));
        closed(&mut socket);
        assert!(dev.is_running(), "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(http.post("/v1/events", JSON, &event("SO-2")).status, 202);
    dev.wait_for("key=holder:SO-2:hold");
    dev.stop();
    workspace.ok(&["receipts", "verify"]);
}
