//! Where groups are written: here, while the run waits; or, once a run has large groups, on a thread beside it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::writer::{Group, Writer};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::Entry;
use crate::session::error::Error;

/// Groups that wait while one is written: memory stays bounded, and a run is never far ahead of its disk.
const WAITING: usize = 1;

/// What is on disk and was not given out before.
#[derive(Default)]
pub struct Written {
    /// The entries, in order.
    pub entries: Vec<Arc<Entry>>,
    /// Where the line of each begins in the journal.
    pub offsets: Vec<u64>,
    /// What had to be put right on the way.
    pub notices: Vec<Diagnostic>,
}

/// Writes groups in the order in which they come.
pub struct WritePipeline {
    journal: PathBuf,
    place: Place,
    /// A write failed: nothing may follow it, and the run has not ended as it should.
    broken: bool,
    done: Written,
    /// The buffers of a group that was written, to be filled again.
    spare: Option<Group>,
}

enum Place {
    /// None only while it is handed to a thread.
    Here(Option<Box<Writer>>),
    Beside(Beside),
}

type Outcome = (Group, Result<Vec<Diagnostic>, Error>);

struct Beside {
    groups: Option<SyncSender<Group>>,
    written: Receiver<Outcome>,
    /// Groups the thread has and has not given back.
    out: usize,
    thread: Option<JoinHandle<Option<Box<Writer>>>>,
}

impl WritePipeline {
    /// Writes here.
    pub fn new(journal: &Path, writer: Writer) -> Self {
        let place = Place::Here(Some(Box::new(writer)));
        Self { journal: journal.to_owned(), place, broken: false, done: Written::default(), spare: None }
    }

    /// Writes on a thread of its own from now on; here, where none can be had.
    pub fn move_out(&mut self) {
        if let Place::Here(writer) = &mut self.place
            && let Some(held) = writer.take()
        {
            match Beside::start() {
                Ok((beside, hand)) => match hand.send(held) {
                    Ok(()) => self.place = Place::Beside(beside),
                    Err(back) => *writer = Some(back.0),
                },
                Err(_) => *writer = Some(held),
            }
        }
    }

    /// An empty group with buffers that are large enough already.
    pub fn blank(&mut self) -> Group {
        self.spare.take().unwrap_or_default()
    }

    /// Writes a group, or sees to it that it is written.
    pub fn write(&mut self, mut group: Group) -> Result<(), Error> {
        self.sound()?;
        match &mut self.place {
            Place::Here(Some(writer)) => {
                let outcome = writer.write(&mut group);
                self.take((group, outcome))
            }
            Place::Here(None) => Err(self.gone()),
            Place::Beside(beside) => {
                let sent = beside.groups.as_ref().is_some_and(|groups| groups.send(group).is_ok());
                beside.out += 1;
                if sent { Ok(()) } else { Err(self.gone()) }
            }
        }
    }

    /// What is on disk by now.
    pub fn written(&mut self) -> Result<Written, Error> {
        self.sound()?;
        while let Place::Beside(beside) = &mut self.place
            && let Ok(outcome) = beside.written.try_recv()
        {
            beside.out -= 1;
            self.take(outcome)?;
        }
        Ok(std::mem::take(&mut self.done))
    }

    /// Waits until everything is on disk, and gives it out.
    pub fn finish(&mut self) -> Result<Written, Error> {
        self.wait()?;
        Ok(std::mem::take(&mut self.done))
    }

    /// Waits until everything is on disk.
    pub fn wait(&mut self) -> Result<(), Error> {
        self.sound()?;
        while let Place::Beside(beside) = &mut self.place
            && beside.out > 0
        {
            let Ok(outcome) = beside.written.recv() else { return Err(self.gone()) };
            beside.out -= 1;
            self.take(outcome)?;
        }
        Ok(())
    }

    /// The writer again, when everything is on disk.
    pub fn into_writer(mut self) -> Result<Box<Writer>, Error> {
        self.sound()?;
        let writer = match &mut self.place {
            Place::Here(writer) => writer.take(),
            Place::Beside(beside) => beside.end(),
        };
        writer.ok_or_else(|| self.gone())
    }

    // INVARIANT: entries of a group whose write failed are in no `Written`.
    fn take(&mut self, (mut group, outcome): Outcome) -> Result<(), Error> {
        self.broken = outcome.is_err();
        self.done.notices.extend(outcome?);
        self.done.entries.append(&mut group.entries);
        self.done.offsets.append(&mut group.offsets);
        group.lines.clear();
        group.receipts.clear();
        self.spare = Some(group);
        Ok(())
    }

    fn sound(&self) -> Result<(), Error> {
        if self.broken { Err(self.stopped("an earlier write of this run failed")) } else { Ok(()) }
    }

    fn gone(&self) -> Error {
        self.stopped("the thread that writes it ended")
    }

    fn stopped(&self, why: &'static str) -> Error {
        Error::disk("go on with", &self.journal)(io::Error::other(why))
    }

    #[cfg(test)]
    pub fn here(&mut self) -> &mut Writer {
        match &mut self.place {
            Place::Here(Some(writer)) => writer,
            _ => panic!("it writes beside"),
        }
    }
}

impl Beside {
    fn start() -> io::Result<(Self, SyncSender<Box<Writer>>)> {
        let (groups, inbox) = sync_channel::<Group>(WAITING);
        let (outbox, written) = channel();
        let (hand, handed) = sync_channel::<Box<Writer>>(1);
        let body = move || {
            let mut writer = handed.recv().ok()?;
            for mut group in inbox {
                let outcome = writer.write(&mut group);
                // Nobody hears it where the run was dropped: what is on disk is for recovery to find.
                let _ = outbox.send((group, outcome));
            }
            Some(writer)
        };
        let thread = thread::Builder::new().name("ledger".to_owned()).spawn(body)?;
        Ok((Self { groups: Some(groups), written, out: 0, thread: Some(thread) }, hand))
    }

    fn end(&mut self) -> Option<Box<Writer>> {
        self.groups = None;
        self.thread.take()?.join().ok()?
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // While its thread writes, the run's journal must stay this process's.
        drop(self.end());
    }
}
