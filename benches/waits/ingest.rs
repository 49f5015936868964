//! Events over HTTP, acknowledged once they are on disk: in batches, and one by one beside a bare handler of the same stack.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use fibric_console::kernel::journal::Fact;
use fibric_console::serve::{self, Options};
use fibric_console::session::bus::{Command, Link};
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev::{self, Dev};
use fibric_console::workspace::Workspace;

use crate::{Row, ground, median};

const RUNS: usize = 5;
/// Events a batch has.
const BATCH: usize = 500;
/// Callers at once: what they send meanwhile shares a sync.
const CALLERS: usize = 64;
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

pub fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for size in SIZES {
        let rates = (0..RUNS).map(|_| batches(size, &routed_to_nobody)).collect::<Result<_>>()?;
        let name = format!("ingest over HTTP, acknowledged durable, {size} events in ndjson batches of {BATCH}");
        rows.push(Row::new(name, "≥ 20,000 a second", median(rates), "a second"));
    }
    let rates = (0..RUNS).map(|_| batches(10_000, &held)).collect::<Result<_>>()?;
    let name = "the same, 10000 events through a TypeScript operator, each with a disposition";
    rows.push(Row::new(name, "", median(rates), "a second"));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(one_by_one(20_000)?);
        bare.push(bare_handler(20_000)?);
    }
    let (ours, bare) = (median(ours), median(bare));
    let name = format!("ingest over HTTP, acknowledged durable, one by one from {CALLERS} connections");
    let peer = "a bare axum handler that answers each and keeps nothing";
    rows.push(Row::new(name, "≥ 0.5 of the peer", ours, "a second").against(peer, bare / ours));
    Ok(rows)
}

/// A session that listens.
struct Session {
    link: Link,
    thread: std::thread::JoinHandle<Result<(), fibric_console::session::error::Error>>,
    port: u16,
}

impl Session {
    fn start(root: &Path) -> Result<Self> {
        let workspace = Workspace::open(root).map_err(|fault| anyhow!(fault.message))?;
        let options = Options::of(&workspace, Some(0));
        let (link, thread) = dev::start(workspace, Dev { now: FIXTURE_NOW.to_owned(), ..Dev::default() })?;
        let (Link { batches, commands, past }, _surface) = serve::start(link, options);
        let port = batches.iter().find_map(|batch| {
            batch.entries.iter().find_map(|entry| match &entry.fact {
                Fact::Listening(listening) => listening.address.rsplit(':').next()?.parse().ok(),
                _ => None,
            })
        });
        // Its reader takes what it is told, as the console does.
        let (_nobody, rest) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || batches.iter().for_each(drop));
        Ok(Self { link: Link { batches: rest, commands, past }, thread, port: port.context("it does not listen")? })
    }

    fn stop(self) -> Result<()> {
        self.link.commands.send(Command::Stop)?;
        self.thread.join().map_err(|_| anyhow!("the session ended unexpectedly"))??;
        Ok(())
    }
}

fn routed_to_nobody(n: usize) -> String {
    format!(
        r#"{{"source":"shop","event_type":"stock.counted","payload":{{"sku":"SKU-{n}","count":{n},"total":412.50}}}}"#
    )
}

fn held(n: usize) -> String {
    ground::envelope(n).replace("SO-10884", &format!("SO-{n}"))
}

/// Events a second, sent by two callers in batches.
fn batches(size: usize, event: &dyn Fn(usize) -> String) -> Result<f64> {
    let folder = ground::workspace()?;
    let session = Session::start(folder.path())?;
    let bodies: Vec<String> = (0..size.div_ceil(BATCH))
        .map(|batch| (batch * BATCH..((batch + 1) * BATCH).min(size)).map(|n| event(n) + "\n").collect())
        .collect();
    let started = Instant::now();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..2)
            .map(|caller| {
                let bodies = bodies.iter().skip(caller).step_by(2);
                scope.spawn(move || {
                    let mut connection = Connection::open(session.port)?;
                    bodies.map(|body| connection.post("application/x-ndjson", body)).collect::<Result<Vec<_>>>()
                })
            })
            .collect();
        callers.into_iter().try_for_each(|caller| caller.join().map_err(|_| anyhow!("a caller died"))?.map(drop))
    })?;
    let rate = size as f64 / started.elapsed().as_secs_f64();
    session.stop()?;
    Ok(rate)
}

fn one_by_one(size: usize) -> Result<f64> {
    let folder = ground::workspace()?;
    let session = Session::start(folder.path())?;
    let rate = posted(session.port, size)?;
    session.stop()?;
    Ok(rate)
}

fn bare_handler(size: usize) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let answer = |_: axum::body::Bytes| async { r#"{"event_id":"e","correlation_id":"e"}"# };
    let router = axum::Router::new().route("/v1/events", axum::routing::post(answer));
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    });
    let rate = posted(port, size)?;
    runtime.shutdown_background();
    Ok(rate)
}

/// Events a second, each in a request of its own, from many connections that two threads drive.
fn posted(port: u16, size: usize) -> Result<f64> {
    const DRIVERS: usize = 2;
    let started = Instant::now();
    std::thread::scope(|scope| {
        let drivers: Vec<_> = (0..DRIVERS)
            .map(|driver| {
                scope.spawn(move || {
                    let mut connections =
                        (0..CALLERS / DRIVERS).map(|_| Connection::open(port)).collect::<Result<Vec<_>>>()?;
                    for round in 0..size / CALLERS {
                        for connection in &mut connections {
                            connection.send("application/json", &routed_to_nobody(round + driver))?;
                        }
                        for connection in &mut connections {
                            connection.receive()?;
                        }
                    }
                    Ok::<_, anyhow::Error>(())
                })
            })
            .collect();
        drivers.into_iter().try_for_each(|driver| driver.join().map_err(|_| anyhow!("a driver died"))?)
    })?;
    Ok((size / CALLERS * CALLERS) as f64 / started.elapsed().as_secs_f64())
}

/// A connection that is kept.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(port: u16) -> Result<Self> {
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nodelay(true)?;
        Ok(Self(BufReader::new(socket)))
    }

    fn post(&mut self, media: &str, body: &str) -> Result<()> {
        self.send(media, body)?;
        self.receive()
    }

    fn send(&mut self, media: &str, body: &str) -> Result<()> {
        let length = body.len();
        let text = format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(text.as_bytes())?;
        Ok(())
    }

    fn receive(&mut self) -> Result<()> {
        let (mut line, mut length) = (String::new(), 0);
        self.0.read_line(&mut line)?;
        anyhow::ensure!(line.contains(" 20"), "refused: {line}");
        loop {
            line.clear();
            self.0.read_line(&mut line)?;
            if let Some(said) = line.strip_prefix("content-length: ") {
                length = said.trim().parse()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(())
    }
}
