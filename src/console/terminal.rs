//! The terminal as a thing that is borrowed: every mode that is switched on here is switched off here, on every way
//! out. It waits for no answer, because a silent terminal would block the start.

mod asciicast;
#[cfg(unix)]
pub mod boundary_tests;
pub mod corpus;
mod decode;
mod desk;
mod display;
mod draft_keeper;
#[cfg(unix)]
mod fatal_signals;
mod feed;
pub mod files;
mod frame_diff;
#[cfg(unix)]
mod gate;
#[cfg(not(unix))]
#[path = "terminal/gate/other.rs"]
mod gate;
#[cfg(unix)]
mod ground;
mod guard;
mod history_reader;
pub mod journals;
mod keyboard;
#[cfg(unix)]
mod output;
#[cfg(not(unix))]
#[path = "terminal/output/other.rs"]
mod output;
pub mod receipts;
pub mod reviews;
#[cfg(unix)]
mod signals;

use std::io;
use std::path::Path;
use std::time::Instant;

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub use asciicast::Asciicast;
pub use desk::Desk;
pub use display::{Display, Told};
pub use feed::feed;
pub use gate::Gate;
pub use guard::{Crashes, Guard};
pub use history_reader::HistoryReader;
#[cfg(unix)]
pub use signals::{hold_to_file_limits, listen};

use draft_keeper::DraftKeeper;
use output::Written;

use super::keys::ScreenId;
use super::present::source_location::At;
use super::runtime::Surface;
use super::screen::Effect;
use super::screen::files::{FileReply, FileRequest};
use super::shell::News;
use crate::session::journal::reader::EntryLocation;

/// Frames on a real terminal.
#[derive(Debug)]
pub struct Painter {
    guard: Guard,
    /// What the terminal shows; of no size where that is not known.
    shown: Buffer,
    desk: Option<Desk>,
    drafts: Option<DraftKeeper>,
    gate: Option<Gate>,
    history: Option<HistoryReader>,
    away: bool,
    /// What records the frames, and since when.
    recording: Option<(Asciicast, Instant)>,
}

impl Painter {
    /// Paints on the terminal that `guard` holds.
    pub fn new(guard: Guard) -> Self {
        let shown = Buffer::empty(Rect::ZERO);
        Self { guard, shown, desk: None, drafts: None, gate: None, history: None, away: false, recording: None }
    }

    /// Gives it what effects need: a place, who reads the terminal, and who reads the journals.
    pub fn attend(&mut self, desk: Desk, gate: Gate, history: HistoryReader) {
        self.drafts = Some(desk.draft_keeper());
        self.history = Some(history);
        (self.desk, self.gate) = (Some(desk), Some(gate));
    }

    /// Records the frames that are shown from now on.
    pub fn record(&mut self, cast: Asciicast) {
        self.recording = Some((cast, Instant::now()));
    }

    /// Puts a mark into what is recorded.
    pub fn mark(&mut self, label: &str) {
        if let Some((cast, since)) = &mut self.recording {
            cast.mark(since.elapsed(), label);
        }
    }

    /// Asks the terminal whether its ground is light; the answer, if any, comes as news.
    #[cfg(unix)]
    pub fn ask_ground(&mut self) -> io::Result<()> {
        self.write(ground::QUESTION.as_bytes())
    }

    /// Where keys come without bytes, an answer could not be told from them.
    #[cfg(not(unix))]
    pub fn ask_ground(&mut self) -> io::Result<()> {
        self.write(b"")
    }

    /// Writes; after what was cut off, nothing is known of the screen.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.guard.output().write(bytes)? == Written::Cut {
            self.repaint();
        }
        Ok(())
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
        self.guard.lend();
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
        let request = match (request, &self.drafts) {
            (FileRequest::ReadReceipts { before }, _) => return Ok(desk.record(to, before)),
            (FileRequest::WriteTest { boundary, file, recorded }, _) => {
                let write = move |root: &Path| Some(boundary_tests::write(root, &boundary, &file, &recorded));
                return Ok(desk.answer(to, write));
            }
            (FileRequest::Corpus(request), _) => {
                return Ok(desk.answer(to, move |root| Some(FileReply::Corpus(corpus::perform(root, request)))));
            }
            (FileRequest::Review(request), _) if reviews::takes_long(&request) => {
                return Ok(desk.answer(to, move |root| reviews::perform(root, request).map(FileReply::Review)));
            }
            (FileRequest::Journal(request), _) if journals::takes_long(&request) => {
                return Ok(desk.read_journal(to, request));
            }
            (request @ (FileRequest::KeepDraft(_) | FileRequest::ForgetDraft { .. }), Some(drafts)) => {
                match drafts.perform(to, request) {
                    Some(request) => request,
                    None => return Ok(None),
                }
            }
            (request, drafts) => {
                // A draft that is read back is the one that was kept last.
                if let (FileRequest::Read { .. }, Some(drafts)) = (&request, drafts) {
                    drafts.finish();
                }
                request
            }
        };
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
        if let Some((cast, since)) = &mut self.recording {
            cast.frame(since.elapsed(), &frame);
        }
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        let unchanged = bytes.len();
        if frame.area != self.shown.area {
            queue!(bytes, Clear(ClearType::All))?;
            self.shown = Buffer::empty(frame.area);
        }
        bytes.append(&mut frame_diff::bytes(&self.shown, &frame)?);
        self.shown = frame;
        if bytes.len() == unchanged {
            return Ok(());
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        self.write(&bytes)
    }

    fn repaint(&mut self) {
        self.shown = Buffer::empty(Rect::ZERO);
    }

    fn perform(&mut self, effect: Effect) -> io::Result<Option<News>> {
        match effect {
            Effect::Copy { what, text } => {
                let sent = text.len() <= desk::MOST && desk::takes_copies();
                if sent {
                    let mut bytes = Vec::new();
                    queue!(bytes, CopyToClipboard::to_clipboard_from(&text))?;
                    self.write(&bytes)?;
                }
                let said = sent.then(|| News::Said(format!("sent {what} to the terminal")));
                if let Some(desk) = &self.desk {
                    desk.copy(what, text, sent);
                }
                Ok(said)
            }
            Effect::CopyCommand(line) => match self.desk.as_ref().map(|desk| files::playable(desk.root(), line)) {
                Some(Ok((what, text))) => self.perform(Effect::Copy { what, text }),
                Some(Err(said)) => Ok(Some(News::Said(said))),
                None => Ok(None),
            },
            Effect::Edit { file, at } => self.lend(&file, at),
            Effect::Mouse(taken) => self.guard.mouse(taken).map(|()| None),
            Effect::RememberLayout(text) => Ok(self.desk.as_ref().and_then(|desk| desk.remember(&text))),
            Effect::Files(to, request) => self.files(to, request),
            // The rest is the loop's own.
            _ => Ok(None),
        }
    }

    fn read_back(&mut self, place: EntryLocation) -> bool {
        self.history.as_ref().is_some_and(|history| history.read(place))
    }

    fn away(&self) -> bool {
        self.away
    }

    fn back(&mut self) -> io::Result<()> {
        self.away = false;
        // A Ctrl-C at the editor was the editor's.
        self.guard.output().forget_interrupts();
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
        self.repaint();
        Ok(())
    }
}
