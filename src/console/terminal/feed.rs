//! The two threads that bring things to the loop: one reads the terminal, one takes the session's entries.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::Builder;

use crate::console::runtime::Incoming;
use crate::console::update::News;
use crate::session::bus::Batch;

/// Entries handed over at once, so that a key never waits behind more.
const PORTION: usize = 256;

/// Starts both. They end with the loop's channel, or with the process: a blocked read cannot be called back.
pub fn feed(batches: Receiver<Batch>, to_loop: &SyncSender<Incoming>) -> io::Result<()> {
    let keys = to_loop.clone();
    Builder::new().name("console-input".to_owned()).spawn(move || read_terminal(&keys))?;
    let entries = to_loop.clone();
    Builder::new().name("console-entries".to_owned()).spawn(move || take_entries(&batches, &entries))?;
    Ok(())
}

fn read_terminal(to_loop: &SyncSender<Incoming>) {
    loop {
        let (incoming, last) = match crossterm::event::read() {
            Ok(event) => (Incoming::Terminal(event), false),
            Err(error) => (Incoming::Lost(error.to_string()), true),
        };
        if to_loop.send(incoming).is_err() || last {
            return;
        }
    }
}

/// Nothing is dropped: a console that is slower than the session makes it wait.
fn take_entries(batches: &Receiver<Batch>, to_loop: &SyncSender<Incoming>) {
    for batch in batches {
        let mut rest = batch.entries;
        while !rest.is_empty() {
            let later = rest.split_off(PORTION.min(rest.len()));
            let portion = Batch { run: batch.run, entries: std::mem::replace(&mut rest, later) };
            if to_loop.send(Incoming::News(News::Entries(portion))).is_err() {
                return;
            }
        }
    }
    // The loop may have ended first.
    let _ = to_loop.send(Incoming::News(News::Ended));
}
