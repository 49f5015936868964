//! A terminal for frames that are drawn elsewhere: a demo around the console, the page of a first run. Keys come as keys;
//! stopping, continuing and the modes of the terminal are dealt with here.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crossterm::event::Event;
use ratatui::buffer::Buffer;

#[cfg(unix)]
use super::signals::{Listening, listen};
use super::{Asciicast, Crashes, Gate, Guard, Painter, feed};
use crate::console::Error;
use crate::console::keys::Key;
use crate::console::runtime::{Incoming, Surface as _};

/// The terminal, until it is dropped.
#[derive(Debug)]
pub struct Display {
    // In the order in which they end: the terminal is given back before signals are heard no more.
    painter: Painter,
    incoming: Receiver<Incoming>,
    _gate: Gate,
    #[cfg(unix)]
    _listening: Listening,
    crashes: Crashes,
}

/// What a person or the system did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A key.
    Key(Key),
    /// The terminal may have another size, and shows nothing.
    Resized,
    /// A signal asks for an end.
    Signal(i32),
    /// Nothing, for as long as was to be waited.
    Nothing,
}

impl Display {
    /// Takes this process's terminal. The mouse stays the terminal's own.
    pub fn open() -> Result<Self, Error> {
        let crashes = Crashes::default();
        let (to_loop, incoming) = sync_channel(16);
        let mut guard = Guard::new(false, crashes.clone(), to_loop.clone())?;
        #[cfg(unix)]
        let listening = listen(to_loop.clone(), &guard)?;
        guard.enter()?;
        let painter = Painter::new(guard);
        // Nobody's entries come this way.
        let (_, none) = sync_channel(1);
        let gate = feed(none, &to_loop)?;
        Ok(Self {
            painter,
            incoming,
            _gate: gate,
            #[cfg(unix)]
            _listening: listening,
            crashes,
        })
    }

    /// Records what is shown from now on.
    pub fn record(&mut self, cast: Asciicast) {
        self.painter.record(cast);
    }

    /// Puts a mark into what is recorded.
    pub fn mark(&mut self, label: &str) {
        self.painter.mark(label);
    }

    /// Columns and rows.
    pub fn size(&self) -> (u16, u16) {
        self.painter.size()
    }

    /// Shows a frame; one that equals the last writes nothing.
    pub fn show(&mut self, frame: Buffer) -> Result<(), Error> {
        Ok(self.painter.show(frame)?)
    }

    /// Gives the terminal to the shell, as Ctrl-Z does; returns when this process is continued.
    pub fn suspend(&mut self) -> Result<(), Error> {
        Ok(self.painter.suspend()?)
    }

    /// The next thing that happens within that time.
    pub fn next(&mut self, within: Duration) -> Result<Told, Error> {
        loop {
            let told = match self.incoming.recv_timeout(within) {
                Ok(Incoming::Terminal(Event::Key(key))) => Key::pressed(&key).map(Told::Key),
                Ok(Incoming::Terminal(Event::Resize(..))) => {
                    self.painter.repaint();
                    Some(Told::Resized)
                }
                Ok(Incoming::Signal(number)) => Some(Told::Signal(number)),
                Ok(Incoming::Stop) => {
                    self.painter.suspend()?;
                    Some(Told::Resized)
                }
                Ok(Incoming::Continue) => {
                    self.painter.resume()?;
                    Some(Told::Resized)
                }
                Ok(Incoming::Lost(cause)) => return Err(Error::Lost(cause)),
                Ok(Incoming::Terminal(_) | Incoming::News(_) | Incoming::Back(_)) => None,
                Err(RecvTimeoutError::Timeout) => Some(Told::Nothing),
                Err(RecvTimeoutError::Disconnected) => return Err(Error::Lost("nothing reads it".to_owned())),
            };
            let dead = self.crashes.take();
            if !dead.is_empty() {
                return Err(Error::Crashed(dead));
            }
            if let Some(told) = told {
                return Ok(told);
            }
        }
    }
}
