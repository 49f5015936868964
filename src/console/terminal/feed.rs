//! The two threads that bring things to the loop: one reads the terminal, one takes the session's entries.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::Builder;

#[cfg(unix)]
use super::decode::{Decoded, Decoder};
#[cfg(unix)]
use super::gate::Ready;
use super::gate::{Gate, Waiting, gate};
#[cfg(unix)]
use super::ground;
use crate::console::runtime::Incoming;
use crate::console::shell::News;
use crate::session::bus::Batch;

/// The most that is read at once.
#[cfg(unix)]
const READ: usize = 4096;
/// Entries handed over at once, so that a key never waits behind more.
const PORTION: usize = 256;

/// Starts both, and returns what makes the first one step aside. They end with the loop's channel, or with the process.
pub fn feed(batches: Receiver<Batch>, to_loop: &SyncSender<Incoming>) -> io::Result<Gate> {
    let keys = to_loop.clone();
    let (gate, waiting) = gate()?;
    Builder::new().name("console-input".to_owned()).spawn(move || read_terminal(&keys, waiting))?;
    let entries = to_loop.clone();
    Builder::new().name("console-entries".to_owned()).spawn(move || take_entries(&batches, &entries))?;
    Ok(gate)
}

#[cfg(unix)]
fn read_terminal(to_loop: &SyncSender<Incoming>, mut waiting: Waiting) {
    let mut decoder = Decoder::default();
    loop {
        let incoming = match decode(&mut decoder, &mut waiting) {
            Ok(decoded) => decoded.into_iter().filter_map(incoming).collect(),
            Err(error) => vec![Incoming::Lost(error.to_string())],
        };
        for incoming in incoming {
            let last = matches!(incoming, Incoming::Lost(_));
            if to_loop.send(incoming).is_err() || last {
                return;
            }
        }
    }
}

/// What comes next; reads only once there is something, so that it can be asked to wait.
#[cfg(unix)]
fn decode(decoder: &mut Decoder, waiting: &mut Waiting) -> io::Result<Vec<Decoded>> {
    match waiting.input(decoder.patience())? {
        Ready::Quiet => Ok(decoder.quiet()),
        Ready::Input | Ready::Gone => Ok(decoder.feed(waiting.read(&mut [0; READ])?)),
    }
}

/// An answer that tells of the ground is news; any other is nobody's.
#[cfg(unix)]
fn incoming(decoded: Decoded) -> Option<Incoming> {
    match decoded {
        Decoded::Event(event) => Some(Incoming::Terminal(event)),
        Decoded::Answer(answer) => ground::told(&answer).map(|light| Incoming::News(News::Ground { light })),
    }
}

/// Where the system hands out keys rather than bytes.
#[cfg(not(unix))]
fn read_terminal(to_loop: &SyncSender<Incoming>, _waiting: Waiting) {
    loop {
        let incoming = match crossterm::event::read() {
            Ok(event) => Incoming::Terminal(event),
            Err(error) => Incoming::Lost(error.to_string()),
        };
        let last = matches!(incoming, Incoming::Lost(_));
        if to_loop.send(incoming).is_err() || last {
            return;
        }
    }
}

/// Nothing is dropped: a console that is slower than the session makes it wait.
fn take_entries(batches: &Receiver<Batch>, to_loop: &SyncSender<Incoming>) {
    for batch in batches {
        let mut rest = batch;
        while !rest.entries.is_empty() {
            let later = rest.split_off(PORTION);
            let portion = std::mem::replace(&mut rest, later);
            if to_loop.send(Incoming::News(News::Entries(portion))).is_err() {
                return;
            }
        }
    }
    // The loop may have ended first.
    let _ = to_loop.send(Incoming::News(News::Ended));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::kernel::diagnostic::Diagnostic;
    use crate::kernel::journal::{Entry, Fact};

    #[test]
    fn every_entry_arrives_in_order_and_in_portions() {
        let (session, batches) = sync_channel(2);
        let (to_loop, incoming) = sync_channel(1);
        let taking = std::thread::spawn(move || take_entries(&batches, &to_loop));
        let sending = std::thread::spawn(move || {
            for run in 0..20_u64 {
                let entry = |seq| Entry { seq, at: String::new(), fact: Fact::Noticed(Diagnostic::warning("w")) };
                let entries = (1..=1_000).map(|at| Arc::new(entry(run * 1_000 + at))).collect();
                session.send(Batch::unwritten(1, entries)).unwrap();
            }
        });
        let mut next = 1;
        loop {
            match incoming.recv().unwrap() {
                Incoming::News(News::Entries(batch)) => {
                    assert!((1..=PORTION).contains(&batch.entries.len()));
                    for entry in &batch.entries {
                        assert_eq!(entry.seq, next);
                        next += 1;
                    }
                }
                Incoming::News(News::Ended) => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(next, 20_001);
        taking.join().unwrap();
        sending.join().unwrap();
    }
}
