//! The two threads that bring things to the loop: one reads the terminal, one takes the session's entries.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::Builder;
use std::time::Duration;

use crossterm::event::{self, Event};

use super::gate::{Gate, Ready, Waiting, gate};
use super::ground::{Heard, Listener};
use crate::console::runtime::Incoming;
use crate::console::update::News;
use crate::session::bus::Batch;

/// How long the library may take over bytes that are there. Half a sequence becomes no event, and is waited for here.
const PARSING: Duration = Duration::from_millis(50);
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

fn read_terminal(to_loop: &SyncSender<Incoming>, mut waiting: Waiting) {
    let mut listener = Listener::default();
    loop {
        let incoming = match next_event(&mut waiting).map(|event| listener.hear(event)) {
            Ok(Heard::Held) => Vec::new(),
            Ok(Heard::Passed(events)) => events.into_iter().map(Incoming::Terminal).collect(),
            Ok(Heard::Ground { light }) => vec![Incoming::News(News::Ground { light })],
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

/// The next event; reads only once there is something, so that it can be asked to wait.
fn next_event(waiting: &mut Waiting) -> io::Result<Event> {
    // What was read together with the last event waits in the library, which hands it out only if it is given time.
    while !event::poll(PARSING)? && waiting.input()? == Ready::Input {}
    event::read()
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
