//! The loop: take what happened, update, perform the effects, draw once. It is the same over a terminal and in a test;
//! only the [`Screen`] differs.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError};
use std::time::{Duration, Instant};

use crossterm::event::{Event, MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;

use super::commands::command;
use super::draw::draw;
use super::effects::Effect;
use super::errands::Errand;
use super::hits::HitMap;
use super::keys::{Key, Meaning};
use super::layers::menu::Menu;
use super::layers::{Layer, prompt};
use super::policy::{self, chores::Word};
use super::setup::{Setup, keep};
use super::state::State;
#[cfg(test)]
use super::theme::Theme;
use super::update::{Message, Motion, News, learn, update};
use super::{Error, Exit};
use crate::session::bus;
use crate::session::past::Past;

/// Where frames go.
pub trait Screen {
    /// Columns and rows.
    fn size(&self) -> (u16, u16);
    /// Shows a frame; one that equals the last writes nothing.
    fn show(&mut self, frame: Buffer) -> io::Result<()>;
    /// Whatever the terminal shows by now, the next frame is written whole.
    fn repaint(&mut self) {}
    /// Gives the terminal to the shell and comes back when resumed.
    fn suspend(&mut self) -> io::Result<()>;
    /// Does something outside; what there is to say of it at once.
    fn run(&mut self, _errand: Errand) -> io::Result<Option<News>> {
        Ok(None)
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
/// Between two frames when a person pressed a key.
const KEYED: Duration = Duration::from_millis(16);
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
    pub state: State,
    /// Where it is drawn.
    pub screen: S,
    /// Where a choice is kept.
    memory: Option<PathBuf>,
    commands: SyncSender<bus::Command>,
    /// What is not in memory.
    past: Past,
    /// What the session had no room for yet: the last selection counts, and any other request.
    waiting: Vec<bus::Command>,
    hits: HitMap,
    dirty: bool,
    keyed: bool,
    /// When a person has paused, unless more is typed.
    pause: Option<Instant>,
    /// When what is typed has to be kept, paused or not.
    keep_by: Option<Instant>,
    exit: Option<Exit>,
}

impl<S: Screen> Runtime<S> {
    /// One with keys and themes as shipped.
    #[cfg(test)]
    pub fn new(screen: S, theme: Theme, commands: SyncSender<bus::Command>) -> Self {
        Self::with(screen, Setup::of(theme), commands, Past::default())
    }

    /// A runtime that has drawn nothing yet.
    pub fn with(screen: S, setup: Setup, commands: SyncSender<bus::Command>, past: Past) -> Self {
        let Setup { keymap, themes, faults, memory } = setup;
        let mut state = State::new(screen.size(), themes.theme(None).charset());
        state.set_up(keymap, themes, faults);
        Self {
            state,
            screen,
            memory,
            commands,
            past,
            waiting: Vec::new(),
            hits: HitMap::default(),
            dirty: true,
            keyed: false,
            pause: None,
            keep_by: None,
            exit: None,
        }
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
            if self.state.busy() {
                self.look()?;
            } else {
                match self.wait(incoming) {
                    Ok(first) => self.take(first)?,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Quit),
                }
            }
            self.drain(incoming)?;
            while let Some(rest) = self.pace().checked_sub(shown.elapsed()).filter(|_| self.exit.is_none()) {
                if self.state.busy() {
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
        } else {
            Ok(())
        }
    }

    /// Keeps the draft as it is now.
    fn keep_draft(&mut self) -> Result<(), Error> {
        self.keep_by = None;
        let kept = policy::doing::keep(&mut self.state.policy);
        self.perform(kept.into_iter().collect())
    }

    /// Types into the draft what was typed before the end and not taken yet. No command runs any more.
    fn type_rest(&mut self, incoming: &Receiver<Incoming>) {
        while let Ok(next) = incoming.try_recv() {
            let typed = match &next {
                Incoming::Terminal(Event::Key(key)) => Key::pressed(key).is_some_and(Key::is_text),
                Incoming::Terminal(Event::Paste(_)) => true,
                _ => false,
            };
            if typed && self.state.types() {
                // What it would draw on is gone.
                let _ = self.take(next);
            }
        }
    }

    /// The next thing that happens, or that a person has paused.
    fn wait(&self, incoming: &Receiver<Incoming>) -> Result<Incoming, RecvTimeoutError> {
        match self.pause.into_iter().chain(self.keep_by).min() {
            Some(pause) => incoming.recv_timeout(pause.saturating_duration_since(Instant::now())),
            None => incoming.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// A person has paused: there is time for what a key must not wait for.
    pub fn paused(&mut self) -> Result<(), Error> {
        self.pause_work()?;
        self.show()
    }

    fn pause_work(&mut self) -> Result<(), Error> {
        (self.pause, self.keep_by) = (None, None);
        let before = self.state.policy.record.studies;
        let effects = learn(&mut self.state, News::Policy(Word::Paused));
        self.perform(effects)?;
        self.dirty |= self.state.policy.record.studies != before;
        Ok(())
    }

    /// Takes what is there, without waiting.
    pub fn drain(&mut self, incoming: &Receiver<Incoming>) -> Result<(), Error> {
        let since = Instant::now();
        // A feed faster than the loop must not keep frames and keys from their turn.
        while self.exit.is_none() && since.elapsed() < KEYED {
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
        if !self.screen.away() && std::mem::take(&mut self.dirty) {
            let (frame, hits) = draw(&self.state, self.state.theme());
            self.hits = hits;
            self.screen.show(frame)?;
        }
        self.keyed = false;
        Ok(())
    }

    /// How it ended, once it has.
    pub fn exit(&self) -> Option<Exit> {
        self.exit
    }

    fn pace(&self) -> Duration {
        if self.keyed { KEYED } else { FED }
    }

    /// Takes one thing that happened.
    pub fn take(&mut self, incoming: Incoming) -> Result<(), Error> {
        match incoming {
            Incoming::Terminal(event) => self.event(&event)?,
            Incoming::News(news) => {
                self.dirty = true;
                let effects = learn(&mut self.state, news);
                self.perform(effects)?;
            }
            // A Ctrl-C typed in the editor is meant for it.
            Incoming::Signal(SIGINT | SIGQUIT) if self.screen.away() => {}
            Incoming::Signal(number) => self.exit = Some(Exit::Signal(number)),
            Incoming::Stop => self.suspend()?,
            Incoming::Continue => {
                self.screen.resume()?;
                self.resized();
            }
            Incoming::Back(fault) => {
                self.screen.back()?;
                self.resized();
                let effects = learn(&mut self.state, News::Policy(Word::Back));
                self.perform(effects)?;
                self.state.status = fault.or(self.state.status.take());
            }
            Incoming::Lost(cause) => return Err(Error::Lost(cause)),
        }
        self.ask_again();
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
                self.screen.repaint();
                self.resized();
                Ok(())
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
            Event::Paste(text) => self.take(Incoming::News(News::Pasted(text.clone()))),
            Event::FocusGained | Event::FocusLost => Ok(()),
        }
    }

    fn key(&mut self, key: Key) -> Result<(), Error> {
        self.keyed = true;
        if let Some(message) = self.state.menu.as_ref().and_then(|_| Menu::pressed(key)) {
            return self.message(message);
        }
        if let (Some(Layer::Prompt(_)), Some(doing)) = (self.state.layer(), prompt::Doing::of(key)) {
            return self.message(Message::Typed(doing));
        }
        if let Some(message) = policy::keys::pressed(&self.state, key) {
            return self.message(message);
        }
        let prefix = self.state.prefix.take();
        self.dirty |= prefix.is_some();
        let command = match self.state.keymap.meaning(self.state.place(), prefix, key) {
            Meaning::Command(id) => command(id),
            Meaning::Prefix => {
                (self.state.prefix, self.state.status, self.dirty) = (Some(key), None, true);
                None
            }
            Meaning::Nothing => {
                // Esc only takes the prefix back.
                let prefix = prefix.filter(|_| key != Key::ESC);
                self.state.status =
                    prefix.map(|prefix| format!("{prefix} {key}: no command")).or(self.state.status.take());
                None
            }
        };
        let Some(command) = command else { return Ok(()) };
        match command.works(&self.state) {
            Ok(()) => self.message(command.message),
            Err(reason) => {
                self.dirty = true;
                self.state.status = Some(format!("{}: {reason}", command.name));
                Ok(())
            }
        }
    }

    fn message(&mut self, message: Message) -> Result<(), Error> {
        (self.dirty, self.keyed) = (true, true);
        self.state.prefix = None;
        let effects = update(&mut self.state, message);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Error> {
        for effect in effects {
            match effect {
                Effect::Quit => self.exit = Some(Exit::Quit),
                Effect::Suspend => self.suspend()?,
                Effect::Pause => {
                    let now = Instant::now();
                    self.pause = Some(now + PAUSE);
                    self.keep_by.get_or_insert(now + KEPT_WITHIN);
                }
                Effect::Redraw => self.screen.repaint(),
                Effect::Remember(theme) => {
                    let kept = self.memory.as_ref().map(|path| keep(path, &theme));
                    if let Some(Err(fault)) = kept {
                        self.state.troubles.noticed(&fault);
                    }
                }
                Effect::Run(errand) => {
                    if let Some(news) = self.screen.run(errand)? {
                        self.take(Incoming::News(news))?;
                    }
                }
                Effect::Recall(wanted) => {
                    let past = &mut self.past;
                    let recalled = wanted.into_iter().map(|(id, place)| (id, past.read(place).ok().map(Arc::new)));
                    let news = News::Recalled(recalled.collect());
                    self.take(Incoming::News(news))?;
                }
                Effect::Older(place) => {
                    let news = match self.past.before(place) {
                        Ok(older) => News::Older(older),
                        Err(error) => News::Said(format!("what is older cannot be read: {error}")),
                    };
                    self.take(Incoming::News(news))?;
                }
                Effect::Ask(request) => {
                    if matches!(request, bus::Command::Select { .. }) {
                        self.waiting.retain(|waiting| !matches!(waiting, bus::Command::Select { .. }));
                    }
                    self.waiting.push(request);
                    self.ask_again();
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
        self.screen.suspend()?;
        self.resized();
        Ok(())
    }

    fn resized(&mut self) {
        self.dirty = true;
        let (columns, rows) = self.screen.size();
        // INVARIANT: a change of size asks the session for nothing.
        let _ = learn(&mut self.state, News::Resized(columns, rows));
    }
}
