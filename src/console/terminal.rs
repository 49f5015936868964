//! The terminal as a thing that is borrowed: every mode that is switched on here is switched off here, on every way
//! out. It asks the terminal nothing, because a silent one would block the start.

mod feed;
mod guard;
#[cfg(unix)]
mod signals;

use std::io::{self, Stdout, Write};

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub use feed::feed;
pub use guard::{Crashes, Guard};
#[cfg(unix)]
pub use signals::listen;

use super::runtime::Screen;

/// Gathers the bytes of a frame and writes them at once, bracketed as one update. What was gathered and not flushed is
/// lost on a panic, so that nothing follows the restored modes.
#[derive(Debug)]
struct Sink {
    pending: Vec<u8>,
    out: Stdout,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut whole = Vec::with_capacity(self.pending.len() + 16);
        queue!(whole, BeginSynchronizedUpdate)?;
        whole.append(&mut self.pending);
        queue!(whole, EndSynchronizedUpdate)?;
        let mut out = self.out.lock();
        out.write_all(&whole)?;
        out.flush()
    }
}

/// Frames on a real terminal.
#[derive(Debug)]
pub struct Painter {
    guard: Guard,
    backend: CrosstermBackend<Sink>,
    shown: Buffer,
}

impl Painter {
    /// Paints on the terminal that `guard` holds.
    pub fn new(guard: Guard) -> Self {
        let sink = Sink { pending: Vec::new(), out: io::stdout() };
        Self { guard, backend: CrosstermBackend::new(sink), shown: Buffer::empty(Rect::ZERO) }
    }
}

impl Screen for Painter {
    fn size(&self) -> (u16, u16) {
        // A terminal that will not tell is drawn on as the smallest comfortable one.
        crossterm::terminal::size().unwrap_or((80, 24))
    }

    fn show(&mut self, frame: Buffer) -> io::Result<()> {
        if frame.area != self.shown.area {
            queue!(self.backend, crossterm::terminal::Clear(crossterm::terminal::ClearType::All))?;
            self.shown = Buffer::empty(frame.area);
        }
        let changed = self.shown.diff(&frame);
        if !changed.is_empty() {
            self.backend.draw(changed.into_iter())?;
        }
        Backend::flush(&mut self.backend)?;
        self.shown = frame;
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.guard.leave();
        #[cfg(unix)]
        signals::stop()?;
        self.resume()
    }

    fn resume(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        self.shown = Buffer::empty(Rect::ZERO);
        Ok(())
    }
}
