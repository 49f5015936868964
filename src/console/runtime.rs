//! The loop: take what happened, update, perform the effects, draw once. It is the same over a terminal and in a test;
//! only the [`Surface`] differs. It alone performs effects; what is drawn changes only through the shell's update.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError};
use std::time::{Duration, Instant};

use crossterm::event::{Event, MouseButton, MouseEventKind};
use jiff::Timestamp;
use ratatui::buffer::Buffer;

use super::keys::Key;
use super::screen::Effect;
use super::settings::{Setup, keep};
use super::shell::{App, Message, News, Start, draw, route, take, update};
#[cfg(test)]
use super::theme::Theme;
use super::widgets::{HitMap, Motion};
use super::{Error, Exit};
use crate::session::bus;
use crate::session::journal::reader::{EarlierEntries, EntryLocation, JournalReader};

/// Where frames go.
pub trait Surface {
    /// Columns and rows.
    fn size(&self) -> (u16, u16);
    /// Shows a frame; one that equals the last writes nothing.
    fn show(&mut self, frame: Buffer) -> io::Result<()>;
    /// Whatever the terminal shows by now, the next frame is written whole.
    fn repaint(&mut self) {}
    /// Gives the terminal to the shell and comes back when resumed.
    fn suspend(&mut self) -> io::Result<()>;
    /// Does something outside; what there is to tell of it at once.
    fn perform(&mut self, _effect: Effect) -> io::Result<Option<News>> {
        Ok(None)
    }
    /// Reads what is before a place on a thread of its own, which tells the loop; false where there is none.
    fn read_back(&mut self, _place: EntryLocation) -> bool {
        false
    }
    /// True while somebody else has the terminal.
    fn away(&self) -> bool {
        false
    }
    /// The terminal is back.
    fn back(&mut self) -> io::Result<()> {
        Ok(())
    }
    /// The process was resumed after something else had stopped it.
    fn resume(&mut self) -> io::Result<()>;
}

/// What reaches the loop.
#[derive(Debug)]
pub enum Incoming {
    /// From the terminal.
    Terminal(Event),
    /// From the session, or about it.
    News(News),
    /// A signal that ends the process.
    Signal(i32),
    /// Stopped from outside.
    Stop,
    /// The editor has ended; what was wrong with it.
    Back(Option<String>),
    /// Continued from outside.
    Continue,
    /// The terminal can no longer be read.
    Lost(String),
}

/// What Ctrl-C and Ctrl-\\ send.
const SIGINT: i32 = 2;
const SIGQUIT: i32 = 3;
/// Between two frames that answer a key: the first key is answered at once, one that is held down no more often.
const KEYED: Duration = Duration::from_millis(16);
/// What came behind a key is taken for so long before the key is answered.
const BEHIND_A_KEY: Duration = Duration::from_millis(1);
/// Without a key for so long, a person has paused.
const PAUSE: Duration = Duration::from_millis(600);
/// Without a pause for so long, what was typed is kept all the same.
const KEPT_WITHIN: Duration = Duration::from_secs(1);
/// Between two frames when only entries came.
const FED: Duration = Duration::from_millis(33);

/// State, and what it is shown with and acts on.
#[derive(Debug)]
pub struct Runtime<S> {
    /// What is drawn.
    pub app: App,
    /// Where it is drawn.
    pub surface: S,
    /// Where a choice is kept.
    memory: Option<PathBuf>,
    commands: SyncSender<bus::Command>,
    /// What is not in memory.
    past: JournalReader,
    /// What the session had no room for yet: the last selection counts, and any other request.
    waiting: Vec<bus::Command>,
    hits: HitMap<Message>,
    dirty: bool,
    keyed: bool,
    /// When a key was last answered.
    answered: Option<Instant>,
    /// Tells the time, where ages are true; without one they count from the newest entry.
    clock: Option<fn() -> Timestamp>,
    shown: Instant,
    /// When a person has paused, unless more is typed.
    pause: Option<Instant>,
    /// When what is typed has to be kept, paused or not.
    keep_by: Option<Instant>,
    /// When the screen goes on by itself.
    beat: Option<Instant>,
    exit: Option<Exit>,
}

impl<S: Surface> Runtime<S> {
    /// One with keys and themes as shipped.
    #[cfg(test)]
    pub fn new(surface: S, theme: Theme, commands: SyncSender<bus::Command>) -> Self {
        let setup = Setup::of(theme, super::shell::specs());
        Self::with(surface, setup, Start::default(), commands, JournalReader::default())
    }

    /// A runtime that has drawn nothing yet.
    pub fn with(
        surface: S,
        setup: Setup,
        start: Start,
        commands: SyncSender<bus::Command>,
        past: JournalReader,
    ) -> Self {
        let memory = setup.memory.clone();
        let app = App::new(surface.size(), setup, start);
        Self {
            app,
            surface,
            memory,
            commands,
            past,
            waiting: Vec::new(),
            hits: HitMap::default(),
            dirty: true,
            keyed: false,
            answered: None,
            clock: None,
            shown: Instant::now(),
            pause: None,
            keep_by: None,
            beat: None,
            exit: None,
        }
    }

    /// Shows true ages from now on.
    pub fn keep_time(&mut self, clock: fn() -> Timestamp) {
        self.clock = Some(clock);
    }

    /// Runs until something ends it, and keeps the draft whatever that was. The first frame is drawn before anything has
    /// come.
    pub fn drive(&mut self, incoming: &Receiver<Incoming>) -> Result<Exit, Error> {
        let ended = catch_unwind(AssertUnwindSafe(|| self.turn(incoming)));
        if !matches!(ended, Ok(Ok(Exit::Quit))) {
            self.type_rest(incoming);
        }
        // What cannot be kept cannot be said any more either.
        let _ = self.keep_draft();
        ended.unwrap_or_else(|panic| resume_unwind(panic))
    }

    fn turn(&mut self, incoming: &Receiver<Incoming>) -> Result<Exit, Error> {
        self.show()?;
        loop {
            let shown = Instant::now();
            if self.app.busy() {
                self.look()?;
            } else {
                match self.wait(incoming) {
                    Ok(first) => self.take(first)?,
                    // Where nothing was to be done, what is shown has grown older.
                    Err(RecvTimeoutError::Timeout) => self.dirty |= !self.is_due(),
                    Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Quit),
                }
            }
            self.drain(incoming)?;
            while let Some(rest) = self.rest(shown).filter(|_| self.exit.is_none()) {
                if self.app.busy() {
                    self.look()?;
                    self.drain(incoming)?;
                    continue;
                }
                match incoming.recv_timeout(rest) {
                    Ok(next) => self.take(next)?,
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            if let Some(exit) = self.exit {
                return Ok(exit);
            }
            self.keep_in_time()?;
            self.show()?;
        }
    }

    /// Does what waits for a pause once there is one, and keeps the draft when it is time to, before a frame for which
    /// the terminal may have to be waited for.
    fn keep_in_time(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        if self.pause.is_some_and(|pause| pause <= now) {
            self.pause_work()
        } else if self.keep_by.is_some_and(|by| by <= now) {
            self.keep_draft()
        } else if self.beat.is_some_and(|beat| beat <= now) {
            self.beat().map(|_| ())
        } else {
            Ok(())
        }
    }

    /// Keeps the draft as it is now.
    fn keep_draft(&mut self) -> Result<(), Error> {
        self.keep_by = None;
        let effects = take(&mut self.app, News::KeepDrafts);
        self.perform(effects)
    }

    /// Types into the draft what was typed before the end and not taken yet. No command runs any more.
    fn type_rest(&mut self, incoming: &Receiver<Incoming>) {
        while let Ok(next) = incoming.try_recv() {
            let typed = match &next {
                Incoming::Terminal(Event::Key(key)) => Key::pressed(key).is_some_and(Key::is_text),
                Incoming::Terminal(Event::Paste(_)) => true,
                _ => false,
            };
            if typed && self.app.screens.typing() {
                // What it would draw on is gone.
                let _ = self.take(next);
            }
        }
    }

    /// True when a pause or a draft is waited for no longer.
    fn is_due(&self) -> bool {
        let now = Instant::now();
        self.pause.into_iter().chain(self.keep_by).chain(self.beat).any(|at| at <= now)
    }

    /// When ages have to be drawn again, if nothing happens before.
    fn tick(&self) -> Option<Instant> {
        let change = self.clock.filter(|_| !self.surface.away()).and_then(|_| self.app.ages_change_in())?;
        Some(self.shown + change)
    }

    /// The next thing that happens, or that a person has paused, or that ages have to be drawn again.
    fn wait(&self, incoming: &Receiver<Incoming>) -> Result<Incoming, RecvTimeoutError> {
        match self.pause.into_iter().chain(self.keep_by).chain(self.beat).chain(self.tick()).min() {
            Some(pause) => incoming.recv_timeout(pause.saturating_duration_since(Instant::now())),
            None => incoming.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// The screen goes on by itself, where it does; whether it did.
    pub fn beat(&mut self) -> Result<bool, Error> {
        let beats = self.beat.take().is_some();
        if beats {
            self.news(News::Beat)?;
            self.arm();
        }
        Ok(beats)
    }

    /// Waits for the next beat, where the screen goes on by itself.
    fn arm(&mut self) {
        self.beat = match (self.app.screens.beat(), self.beat) {
            (None, _) => None,
            (Some(_), Some(due)) => Some(due),
            (Some(beat), None) => Some(Instant::now() + beat),
        };
    }

    /// A person has paused: there is time for what a key must not wait for.
    pub fn paused(&mut self) -> Result<(), Error> {
        self.pause_work()?;
        self.show()
    }

    fn pause_work(&mut self) -> Result<(), Error> {
        (self.pause, self.keep_by) = (None, None);
        let effects = take(&mut self.app, News::Paused);
        self.perform(effects)
    }

    /// Takes what is there, without waiting.
    pub fn drain(&mut self, incoming: &Receiver<Incoming>) -> Result<(), Error> {
        let since = Instant::now();
        // A feed faster than the loop must not keep frames and keys from their turn.
        while self.exit.is_none() && since.elapsed() < if self.keyed { BEHIND_A_KEY } else { KEYED } {
            match incoming.try_recv() {
                Ok(next) => self.take(next)?,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        Ok(())
    }

    /// Looks through a slice of the list; a key that comes meanwhile waits for no more than that.
    pub fn look(&mut self) -> Result<(), Error> {
        self.take(Incoming::News(News::Spare))
    }

    /// Draws, if anything changed since the last time.
    pub fn show(&mut self) -> Result<(), Error> {
        if !self.surface.away() && std::mem::take(&mut self.dirty) {
            self.app.shared.now = self.clock.map(|clock| clock());
            self.shown = Instant::now();
            let (frame, hits) = draw(&self.app, self.app.theme());
            self.hits = hits;
            self.surface.show(frame)?;
        }
        if std::mem::take(&mut self.keyed) {
            self.answered = Some(Instant::now());
        }
        Ok(())
    }

    /// How it ended, once it has.
    pub fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// How long the next frame may be waited for, when the last was shown then; none once it is due.
    fn rest(&self, shown: Instant) -> Option<Duration> {
        let due = if self.keyed { self.answered? + KEYED } else { shown + FED };
        due.checked_duration_since(Instant::now())
    }

    /// Takes one thing that happened.
    pub fn take(&mut self, incoming: Incoming) -> Result<(), Error> {
        match incoming {
            Incoming::Terminal(event) => self.event(&event)?,
            Incoming::News(news) => self.news(news)?,
            // A Ctrl-C typed in the editor is meant for it.
            Incoming::Signal(SIGINT | SIGQUIT) if self.surface.away() => {}
            Incoming::Signal(number) => self.exit = Some(Exit::Signal(number)),
            Incoming::Stop => self.suspend()?,
            Incoming::Continue => {
                self.surface.resume()?;
                self.resized()?;
            }
            Incoming::Back(fault) => {
                self.surface.back()?;
                self.resized()?;
                self.news(News::Returned(fault))?;
            }
            Incoming::Lost(cause) => return Err(Error::Lost(cause)),
        }
        self.ask_again();
        self.arm();
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), Error> {
        match event {
            Event::Key(key) => match Key::pressed(key) {
                Some(key) => self.key(key),
                None => Ok(()),
            },
            Event::Resize(..) => {
                // The size is asked for, not taken from the event: of a storm of them only the last is true. A terminal
                // that shrank and returned in between has lost what it showed.
                self.surface.repaint();
                self.resized()
            }
            Event::Mouse(mouse) => {
                let message = match mouse.kind {
                    MouseEventKind::ScrollUp => Some(Message::Move(Motion::Up)),
                    MouseEventKind::ScrollDown => Some(Message::Move(Motion::Down)),
                    MouseEventKind::Down(MouseButton::Left) => self.hits.at(mouse.column, mouse.row),
                    _ => None,
                };
                message.map_or(Ok(()), |message| self.message(message))
            }
            Event::Paste(text) => self.news(News::Pasted(text.clone())),
            Event::FocusGained | Event::FocusLost => Ok(()),
        }
    }

    fn key(&mut self, key: Key) -> Result<(), Error> {
        self.keyed = true;
        if self.app.screens.shows_keys() {
            self.news(News::Pressed(key))?;
        }
        route(&self.app, key).map_or(Ok(()), |message| self.message(message))
    }

    fn message(&mut self, message: Message) -> Result<(), Error> {
        (self.dirty, self.keyed) = (true, true);
        let effects = update(&mut self.app, message);
        self.perform(effects)
    }

    fn news(&mut self, news: News) -> Result<(), Error> {
        self.dirty = true;
        let effects = take(&mut self.app, news);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Error> {
        for effect in effects {
            match effect {
                Effect::Quit => self.exit = Some(Exit::Quit),
                Effect::Suspend => self.suspend()?,
                Effect::Draw => self.dirty = true,
                Effect::Redraw => self.surface.repaint(),
                Effect::Pause => {
                    let now = Instant::now();
                    self.pause = Some(now + PAUSE);
                    self.keep_by.get_or_insert(now + KEPT_WITHIN);
                }
                Effect::RememberTheme(theme) => {
                    let kept = self.memory.as_ref().map(|path| keep(path, &theme));
                    if let Some(Err(fault)) = kept {
                        self.news(News::Fault(Box::new(fault)))?;
                    }
                }
                Effect::Recall(wanted) => {
                    let past = &mut self.past;
                    let recalled = wanted.into_iter().map(|(id, place)| (id, past.read(place).ok().map(Arc::new)));
                    let news = News::Recalled(recalled.collect());
                    self.news(news)?;
                }
                Effect::EarlierEntries(place) if self.surface.read_back(place) => {}
                Effect::EarlierEntries(place) => {
                    let older = self.past.before(place).unwrap_or_else(|error| EarlierEntries::failed(place, &error));
                    self.news(News::EarlierEntries(older))?;
                }
                Effect::Session(request) => {
                    if matches!(request, bus::Command::Select { .. }) {
                        self.waiting.retain(|waiting| !matches!(waiting, bus::Command::Select { .. }));
                    }
                    self.waiting.push(request);
                    self.ask_again();
                }
                outside => {
                    if let Some(news) = self.surface.perform(outside)? {
                        self.news(news)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Hands over requests in order, and keeps those the session has no room for: the loop never waits for it.
    fn ask_again(&mut self) {
        while let Some(request) = self.waiting.first() {
            match self.commands.try_send(request.clone()) {
                Ok(()) => drop(self.waiting.remove(0)),
                Err(TrySendError::Full(_)) => break,
                Err(TrySendError::Disconnected(_)) => self.waiting.clear(),
            }
        }
    }

    fn suspend(&mut self) -> Result<(), Error> {
        self.surface.suspend()?;
        self.resized()
    }

    /// A larger terminal shows rows that may have to be read back first: what that asks for is performed.
    fn resized(&mut self) -> Result<(), Error> {
        let (columns, rows) = self.surface.size();
        self.news(News::Resized(columns, rows))
    }
}
