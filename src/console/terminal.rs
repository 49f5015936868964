//! The terminal as a thing that is borrowed: every mode that is switched on here is switched off here, on every way
//! out. It waits for no answer, because a silent terminal would block the start.

#[cfg(unix)]
mod decode;
mod desk;
#[cfg(unix)]
mod fatal_signals;
mod feed;
pub mod files;
#[cfg(unix)]
mod gate;
#[cfg(not(unix))]
#[path = "terminal/gate/other.rs"]
mod gate;
#[cfg(unix)]
mod ground;
mod guard;
pub mod receipts;
#[cfg(unix)]
mod signals;

use std::io::{self, Stdout, Write};

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub use desk::Desk;
pub use feed::feed;
pub use gate::Gate;
pub use guard::{Crashes, Guard};
#[cfg(unix)]
pub use signals::{hold_to_file_limits, listen};

use super::keys::ScreenId;
use super::present::source_location::At;
use super::runtime::Surface;
use super::screen::Effect;
use super::screen::files::FileRequest;
use super::shell::News;

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
    desk: Option<Desk>,
    gate: Option<Gate>,
    away: bool,
}

impl Painter {
    /// Paints on the terminal that `guard` holds.
    pub fn new(guard: Guard) -> Self {
        let sink = Sink { pending: Vec::new(), out: io::stdout() };
        Self {
            guard,
            backend: CrosstermBackend::new(sink),
            shown: Buffer::empty(Rect::ZERO),
            desk: None,
            gate: None,
            away: false,
        }
    }

    /// Gives it what effects need: a place, and who reads the terminal.
    pub fn attend(&mut self, desk: Desk, gate: Gate) {
        (self.desk, self.gate) = (Some(desk), Some(gate));
    }

    /// Asks the terminal whether its ground is light; the answer, if any, comes as news.
    #[cfg(unix)]
    pub fn ask_ground(&mut self) -> io::Result<()> {
        self.backend.write_all(ground::QUESTION.as_bytes())?;
        Backend::flush(&mut self.backend)
    }

    /// Where keys come without bytes, an answer could not be told from them.
    #[cfg(not(unix))]
    pub fn ask_ground(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.backend)
    }

    /// Gives the terminal to an editor; it is back when the loop hears of it.
    fn lend(&mut self, file: &str, at: At) -> io::Result<Option<News>> {
        let Some(desk) = self.desk.clone() else { return Ok(None) };
        let mut editor = match desk.editor(file, at) {
            Ok(editor) => editor,
            Err(said) => return Ok(Some(News::Said(said))),
        };
        if let Some(gate) = &mut self.gate {
            gate.close();
        }
        self.guard.leave();
        self.away = true;
        let lent = editor.spawn().and_then(|child| desk.wait(child));
        let Err(error) = lent else { return Ok(None) };
        self.back()?;
        Ok(Some(News::Said(format!("cannot start the editor: {error}"))))
    }
}

impl Painter {
    /// Does something with files for a screen; handing a draft over lends the terminal.
    fn files(&mut self, to: ScreenId, request: FileRequest) -> io::Result<Option<News>> {
        let Some(desk) = &self.desk else { return Ok(None) };
        let root = desk.root().to_path_buf();
        if let FileRequest::ReadReceipts { before } = request {
            return Ok(desk.record(to, before));
        }
        let lent = match &request {
            FileRequest::HandDraft { file, line, .. } => Some((files::handed(file), At::Line(*line))),
            _ => None,
        };
        match (files::perform(&root, request), lent) {
            (None, Some((file, at))) => self.lend(&file, at),
            (reply, _) => Ok(reply.map(|reply| News::Reply(to, reply))),
        }
    }
}

impl Surface for Painter {
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

    fn perform(&mut self, effect: Effect) -> io::Result<Option<News>> {
        match effect {
            Effect::Copy { what, text } => {
                let sent = text.len() <= desk::MOST && desk::takes_copies();
                if sent {
                    queue!(self.backend, CopyToClipboard::to_clipboard_from(&text))?;
                    Backend::flush(&mut self.backend)?;
                }
                let said = sent.then(|| News::Said(format!("sent {what} to the terminal")));
                if let Some(desk) = &self.desk {
                    desk.copy(what, text, sent);
                }
                Ok(said)
            }
            Effect::Edit { file, at } => self.lend(&file, at),
            Effect::Mouse(taken) => self.guard.mouse(taken).map(|()| None),
            Effect::RememberLayout(text) => Ok(self.desk.as_ref().and_then(|desk| desk.remember(&text))),
            Effect::Files(to, request) => self.files(to, request),
            // The rest is the loop's own.
            _ => Ok(None),
        }
    }

    fn away(&self) -> bool {
        self.away
    }

    fn back(&mut self) -> io::Result<()> {
        self.away = false;
        self.resume()?;
        if let Some(gate) = &mut self.gate {
            gate.open();
        }
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        if self.away {
            // The editor was stopped too; the terminal is not ours to give back.
            #[cfg(unix)]
            signals::stop()?;
            return Ok(());
        }
        self.guard.leave();
        #[cfg(unix)]
        signals::stop()?;
        self.resume()
    }

    fn resume(&mut self) -> io::Result<()> {
        if self.away {
            return Ok(());
        }
        self.guard.enter()?;
        self.shown = Buffer::empty(Rect::ZERO);
        Ok(())
    }
}
