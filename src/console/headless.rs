//! Drives the production loop with keys and entries, without a terminal: for tests, demos and pictures.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Exit;
use super::keys::Key;
use super::runtime::{Incoming, Runtime, Surface};
use super::screen::Effect;
use super::screen::files::{FileReply, FileRequest};
#[cfg(test)]
use super::screens::live::Filter;
use super::settings::Setup;
use super::shell::{App, News, Start, specs};
use super::terminal::{boundary_tests, corpus, files, journals, receipts};
use super::theme::Theme;
use crate::kernel::journal::Entry;
use crate::session::bus::{Batch, Command};
use crate::session::journal::reader::JournalReader;

/// A surface that keeps the last frame.
#[derive(Debug)]
struct Canvas {
    size: (u16, u16),
    frame: Buffer,
    frames: usize,
    suspended: usize,
    performed: Vec<Effect>,
    away: bool,
    /// Where files are; without one, they are only noted.
    folder: Option<PathBuf>,
    /// What a thread of its own would tell the loop.
    later: Vec<News>,
}

impl Surface for Canvas {
    fn size(&self) -> (u16, u16) {
        self.size
    }

    fn show(&mut self, frame: Buffer) -> io::Result<()> {
        self.frame = frame;
        self.frames += 1;
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> io::Result<Option<News>> {
        self.away |= matches!(effect, Effect::Edit { .. });
        if let (Effect::Files(to, request), Some(folder)) = (&effect, &self.folder) {
            let to = *to;
            self.away |= matches!(request, FileRequest::HandDraft { .. });
            if let FileRequest::ReadReceipts { before } = request {
                receipts::read(folder, *before, &mut |reply| {
                    self.later.push(News::Reply(to, reply));
                    true
                });
                return Ok(None);
            }
            if let FileRequest::Journal(request) = request {
                journals::perform(folder, request.clone(), &mut |reply| {
                    self.later.push(News::Reply(to, FileReply::Journal(reply)));
                    true
                });
                return Ok(None);
            }
            if let FileRequest::Corpus(request) = request {
                let reply = FileReply::Corpus(corpus::perform(folder, request.clone()));
                self.later.push(News::Reply(to, reply));
                return Ok(None);
            }
            if let FileRequest::WriteTest { boundary, file, recorded } = request {
                self.later.push(News::Reply(to, boundary_tests::write(folder, boundary, file, recorded)));
                return Ok(None);
            }
            return Ok(files::perform(folder, request.clone()).map(|reply| News::Reply(to, reply)));
        }
        let effect = match (effect, &self.folder) {
            (Effect::CopyCommand(line), Some(folder)) => match files::playable(folder, line) {
                Ok((what, text)) => Effect::Copy { what, text },
                Err(said) => return Ok(Some(News::Said(said))),
            },
            (Effect::CopyCommand(line), None) => Effect::Copy { what: "command".to_owned(), text: line.text },
            (effect, _) => effect,
        };
        let said = match &effect {
            Effect::Copy { what, .. } => Some(News::Said(format!("sent {what} to the terminal"))),
            _ => None,
        };
        self.performed.push(effect);
        Ok(said)
    }

    fn away(&self) -> bool {
        self.away
    }

    fn back(&mut self) -> io::Result<()> {
        self.away = false;
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.suspended += 1;
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A console without a terminal.
#[derive(Debug)]
pub struct Runner {
    runtime: Runtime<Canvas>,
    sender: SyncSender<Incoming>,
    incoming: Receiver<Incoming>,
    asked: Receiver<Command>,
}

impl Runner {
    /// Starts one of that size; its first frame is drawn.
    pub fn new(columns: u16, rows: u16, theme: Theme) -> Self {
        Self::with(columns, rows, Setup::of(theme, specs()))
    }

    /// One with a person's own keys and themes.
    pub fn with(columns: u16, rows: u16, setup: Setup) -> Self {
        Self::over(columns, rows, setup, JournalReader::default())
    }

    /// One that reads back what it does not keep.
    pub fn over(columns: u16, rows: u16, setup: Setup, past: JournalReader) -> Self {
        let canvas = Canvas {
            size: (columns, rows),
            frame: Buffer::empty(Rect::ZERO),
            frames: 0,
            suspended: 0,
            performed: Vec::new(),
            away: false,
            folder: None,
            later: Vec::new(),
        };
        let (sender, incoming) = sync_channel(64);
        let (commands, asked) = sync_channel(64);
        let mut runner =
            Self { runtime: Runtime::with(canvas, setup, Start::default(), commands, past), sender, incoming, asked };
        runner.turn();
        runner
    }

    /// The workspace whose files it reads and writes from now on.
    pub fn in_folder(&mut self, folder: &Path) -> &mut Self {
        self.runtime.surface.folder = Some(folder.to_path_buf());
        self
    }

    /// A person has paused for a while.
    pub fn rest(&mut self) -> &mut Self {
        // INVARIANT: the canvas cannot fail.
        let _ = self.runtime.paused();
        self
    }

    /// The time has passed after which the screen goes on by itself; false where it does not.
    pub fn beat(&mut self) -> bool {
        // INVARIANT: the canvas cannot fail.
        let beats = self.runtime.beat().unwrap_or(false);
        self.turn();
        beats
    }

    /// Types text, a key a character.
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            let name = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
            self.press(&name);
        }
        self
    }

    /// Presses one key.
    pub fn press_key(&mut self, key: Key) -> &mut Self {
        self.send(Incoming::Terminal(Event::Key(key.event())))
    }

    /// Presses keys, by name, parted by spaces; names no key has are ignored.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ').filter_map(|name| name.parse::<Key>().ok()) {
            self.press_key(key);
        }
        self
    }

    /// Feeds entries of a run.
    pub fn feed(&mut self, run: u32, entries: impl IntoIterator<Item = Arc<Entry>>) -> &mut Self {
        let entries = entries.into_iter().collect();
        self.send(Incoming::News(News::Entries(Batch::unwritten(run, entries))))
    }

    /// Keeps only so many entries in memory.
    #[cfg(test)]
    pub fn keep(&mut self, kept: usize) {
        self.runtime.app.shared.model.keep(kept);
    }

    /// Anything else that can happen.
    pub fn send(&mut self, incoming: Incoming) -> &mut Self {
        if self.sender.try_send(incoming).is_ok() {
            self.turn();
        }
        self
    }

    /// Clicks on the first place that shows `text`.
    pub fn click(&mut self, text: &str) -> &mut Self {
        let shown = self.text();
        let found = shown.lines().enumerate().find_map(|(row, line)| Some((row, &line[..line.find(text)?])));
        let Some((row, before)) = found else { return self };
        let (column, row) = (super::text::cells(super::text::width(before)), super::text::cells(row));
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        self.send(Incoming::Terminal(Event::Mouse(event)))
    }

    /// Presses one key and draws, without going through the rest of a long list.
    #[cfg(test)]
    pub fn offer_key(&mut self, name: &str) {
        if let Ok(key) = name.parse::<Key>() {
            let _ = self.runtime.take(Incoming::Terminal(Event::Key(key.event())));
            let _ = self.runtime.show();
        }
    }

    /// One turn of looking, and how many rows that were.
    #[cfg(test)]
    pub fn look_once(&mut self) -> usize {
        let looked_at = |runner: &Self| runner.runtime.app.screens.live.query().map_or(0, Filter::looked_at);
        let before = looked_at(self);
        self.look();
        looked_at(self) - before
    }

    /// Changes the size of the screen.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.runtime.surface.size = (columns, rows);
        self.send(Incoming::Terminal(Event::Resize(columns, rows)))
    }

    fn turn(&mut self) {
        // INVARIANT: the canvas cannot fail, and nothing sends `Lost` but a caller that wants the end.
        // Whatever the clock says: a slow machine must not leave a key for the next turn.
        while let Ok(next) = self.incoming.try_recv() {
            let _ = self.runtime.take(next);
        }
        let _ = self.runtime.show();
        while !self.runtime.surface.later.is_empty() {
            // What is read may lead to more that has to be.
            for news in std::mem::take(&mut self.runtime.surface.later) {
                let _ = self.runtime.take(Incoming::News(news)).and_then(|()| self.runtime.show());
            }
        }
        while self.runtime.app.busy() && self.look() {}
    }

    /// One slice of what a query still has to look through, and a frame; false when there was none.
    fn look(&mut self) -> bool {
        self.runtime.look().is_ok() && self.runtime.show().is_ok()
    }

    /// The last frame.
    pub fn frame(&self) -> &Buffer {
        &self.runtime.surface.frame
    }

    /// How many frames were drawn.
    pub fn frames(&self) -> usize {
        self.runtime.surface.frames
    }

    /// What was to be done outside since the last time.
    pub fn performed(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.runtime.surface.performed)
    }

    /// How often the terminal was given back.
    pub fn suspended(&self) -> usize {
        self.runtime.surface.suspended
    }

    /// The last frame's text, a line a row, without blanks at the ends.
    pub fn text(&self) -> String {
        text_of(self.frame())
    }

    /// The state behind it.
    pub fn app(&self) -> &App {
        &self.runtime.app
    }

    /// What the session was asked for since the last time.
    pub fn asked(&self) -> Vec<Command> {
        self.asked.try_iter().collect()
    }

    /// How it ended, once it has.
    pub fn exit(&self) -> Option<Exit> {
        self.runtime.exit()
    }
}

/// A frame's text, a line a row, without blanks at the ends.
pub fn text_of(frame: &Buffer) -> String {
    let width = usize::from(frame.area.width).max(1);
    let mut text = String::new();
    for row in frame.content.chunks(width) {
        let mut line = String::new();
        let mut next = 0;
        for (x, cell) in row.iter().enumerate() {
            // The second cell of a wide character holds a blank that is not there.
            if x >= next {
                line.push_str(cell.symbol());
                next = x + super::text::width(cell.symbol()).max(1);
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
