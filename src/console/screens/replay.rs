//! The Replay screen: a run stepped through, forwards and backwards, stage by stage, beside the play before it.
//!
//! It owns which run is open, where a person is in it, and what was read of its journal. What a stage says is the
//! replayer's; it must not know other screens or the shell.

mod commands;
mod editing;
mod entries;
mod forking;
mod interleavings;
mod layout;
mod message;
mod opening;
mod playback;
mod prompt;
mod reviewing;
mod revision;
mod run_list;
mod scene;
mod sheet;
#[cfg(test)]
mod tests;
mod tree;
mod update;
mod view;

use std::time::Duration;

use crate::console::keys::{Group, Key, ScreenId};
use crate::console::model::{Applied, Model, PolicyCache};
use crate::console::present::summary::RowSummary;
use crate::console::screen::files::FileReply;
use crate::console::screen::{Command, Context, Cover, Effect, Hints, Screen};
use crate::console::widgets::{HitMap, Motion, Pen};
use crate::kernel::journal::{EnvelopeRef, Fact, RunKind};
use crate::query::Query;
use crate::replayer::difference::Pairing;
use crate::replayer::runs::RunBrief;
use crate::replayer::{Index, Moment, Transport};
use crate::review::notes::Notes;

use entries::Entries;
pub use message::Message;
use prompt::Prompt;
use scene::Scene;

/// The digit of this screen.
const ID: ScreenId = ScreenId(2);
/// Keys that are shown while presenting.
const PRESSED: usize = 3;

/// A run whose journal is indexed, or is being.
#[derive(Debug, Default)]
pub struct Tape {
    /// Its number.
    pub run: u32,
    /// The index so far.
    pub index: Index,
    /// What was read back of it.
    pub entries: Entries,
    /// True while its journal is read.
    pub scanning: bool,
    /// Bytes its journal has.
    pub size: u64,
    /// Entries came since it was read to its end.
    grown: bool,
}

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Focus {
    /// The fixtures and their envelopes.
    #[default]
    Tree,
    /// The action in hand, stage by stage.
    Stages,
}

/// A query at which a play stops.
#[derive(Debug, Clone)]
pub struct Break {
    /// As it was typed.
    pub text: String,
    query: Query,
}

/// Where to go in a run once it is indexed so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Its beginning.
    Start,
    /// An envelope, by its ordinal; the action of that receipt where there is one.
    Envelope {
        /// The ordinal.
        arrival: u64,
        /// The receipt.
        receipt: Option<String>,
    },
    /// What begins there.
    Offset(u64),
}

/// Where a person is.
#[derive(Debug, Default)]
pub struct Replay {
    runs: Option<Vec<RunBrief>>,
    /// The run that is open.
    tape: Option<Tape>,
    /// The run it is compared with.
    other: Option<Tape>,
    transport: Transport,
    destination: Option<Destination>,
    /// The same envelopes, played before, as far as both are indexed.
    pairing: Pairing,
    /// What is at hand, as it is shown.
    scene: Scene,
    policies: PolicyCache,
    stop: Option<Break>,
    /// Where it last stopped for it.
    stopped_at: Option<Moment>,
    searching: bool,
    prompt: Option<Prompt>,
    list: Option<run_list::RunList>,
    sheet: Option<sheet::Sheet>,
    corpus: sheet::Corpus,
    /// What a reviewer said of the run that is open, and the run whose notes were asked for.
    notes: Notes,
    noted: Option<u32>,
    editing: Option<editing::Editing>,
    fork_menu: Option<forking::ForkMenu>,
    futures: Option<forking::Futures>,
    interleavings: Option<interleavings::Interleavings>,
    revision: Option<revision::RevisionFork>,
    focus: Focus,
    zoomed: bool,
    /// First row of the tree, and first line of the stages, in view.
    top: usize,
    scroll: usize,
    presenting: bool,
    pressed: Vec<Key>,
    /// A replay that was asked for: it is opened when it begins.
    awaited: Option<EnvelopeRef>,
}

impl Replay {
    /// Why the run that is open exists.
    fn kind(&self) -> Option<RunKind> {
        let run = self.tape.as_ref()?.run;
        self.runs.as_ref()?.iter().find(|brief| brief.run == run)?.kind
    }
}

impl Screen for Replay {
    type Message = Message;
    const ID: ScreenId = ID;
    const NAME: &'static str = "Replay";
    const COMMAND: &'static str = "replay";
    const KEY: &'static [&'static str] = &["2"];
    const ABOUT: &'static str = "A run, stage by stage, forwards and backwards.";
    const GROUPS: &'static [Group] = commands::GROUPS;
    const COMMANDS: &'static [Command<Self>] = commands::COMMANDS;
    const BEFORE_MOVING: usize = commands::BEFORE_MOVING;

    fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        view::draw(pen, self, cx, hits);
    }

    fn update(&mut self, cx: &Context<'_>, message: Message) -> Vec<Effect> {
        update::update(self, cx, message)
    }

    fn refresh(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        if cx.shown != ID {
            return Vec::new();
        }
        let mut effects = opening::refresh(self);
        effects.extend(reviewing::refresh(self));
        tree::fit(self, cx);
        effects.extend(entries::missing(self, cx));
        self.scene = scene::of(self, cx);
        effects.extend(opening::select_here(self, cx));
        forking::fit(self);
        playback::stop_here(self);
        effects
    }

    fn enter(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        opening::enter(self, cx)
    }

    fn close(&mut self) {
        self.prompt = None;
        self.list = None;
        self.sheet = None;
        self.fork_menu = None;
        if let Some(editing) = &mut self.editing {
            editing.line = None;
        }
    }

    fn back(&self, _: &Context<'_>) -> Option<(&'static str, Message)> {
        match self {
            Self { list: Some(_), .. } => Some(("close", Message::CloseRuns)),
            Self { sheet: Some(_), .. } => Some(("close", Message::CloseSheet)),
            Self { editing: Some(_), .. } => Some(("leave", Message::EditEnvelope)),
            Self { fork_menu: Some(_), .. } => Some(("close", Message::Fork)),
            Self { revision: Some(_), .. } => Some(("one future", Message::NoFork)),
            Self { interleavings: Some(_), .. } => Some(("leave", Message::Interleavings)),
            Self { presenting: true, .. } => Some(("end presenting", Message::Present)),
            Self { zoomed: true, .. } => Some(("all panes", Message::Zoom)),
            Self { futures: Some(_), .. } => Some(("one future", Message::NoFork)),
            _ => None,
        }
    }

    fn moved(motion: Motion) -> Option<Message> {
        Some(Message::Move(motion))
    }

    fn typing(&self) -> bool {
        self.prompt.is_some() || self.editing.as_ref().is_some_and(|editing| editing.line.is_some())
    }

    fn typed(&self, _: &Context<'_>, key: Key, _: bool) -> Option<Message> {
        if self.prompt.is_some() {
            return prompt::Typed::of(key).map(Message::Typed);
        }
        match (&self.editing, key) {
            (Some(editing), _) if editing.line.is_some() => return editing::FieldKey::of(key).map(Message::Field),
            (Some(_), Key::ENTER) => return Some(Message::Field(editing::FieldKey::Open)),
            _ => {}
        }
        if let Some(open) = &self.interleavings {
            return open.takes(key);
        }
        match key {
            Key::ENTER if self.list.is_some() => Some(Message::OpenRun),
            Key::ENTER if self.sheet.is_some() => Some(Message::OpenRow),
            Key::ENTER => self.fork_menu.as_ref().map(|menu| Message::PickFork(menu.at)),
            _ => None,
        }
    }

    fn hints(&self) -> Option<Hints<Message>> {
        if let Some(prompt) = &self.prompt {
            return Some(prompt.hints());
        }
        if let Some(editing) = &self.editing {
            return Some(editing.hints());
        }
        if let Some(open) = &self.interleavings {
            return Some(open.hints());
        }
        if let Some(menu) = &self.fork_menu {
            let pick = Some(Message::PickFork(menu.at));
            return Some(Hints { keys: vec![(Key::ENTER, "fork", pick)], alone: false });
        }
        if let Some(sheet) = self.sheet {
            return Some(sheet::hints(self, sheet));
        }
        self.list.as_ref().map(|_| Hints { keys: vec![(Key::ENTER, "open", Some(Message::OpenRun))], alone: false })
    }

    fn paste(&mut self, _: &Context<'_>, text: &str) -> Vec<Effect> {
        if let Some(prompt) = &mut self.prompt {
            prompt.paste(text);
        } else if let Some((line, _)) = self.editing.as_mut().and_then(|editing| editing.line.as_mut()) {
            line.paste(text);
        }
        Vec::new()
    }

    fn on_entry(&mut self, _: &Model, entry: &Applied<'_>) {
        if let Some(tape) = self.tape.as_mut().filter(|tape| tape.run == entry.run) {
            tape.grown = true;
        }
        match entry.fact {
            Fact::RunStarted(_) => self.runs = None,
            Fact::Received(received) if self.awaited.is_some() && received.rerun_of == self.awaited => {
                (self.awaited, self.editing) = (None, None);
                let destination = Destination::Envelope { arrival: received.arrival, receipt: None };
                opening::open(self, entry.run, destination);
            }
            // What was edited may be refused: that is what its run shows.
            Fact::Refused(_) if self.awaited.is_some() && entry.replayed => {
                (self.awaited, self.editing) = (None, None);
                opening::open(self, entry.run, Destination::Start);
            }
            _ => {}
        }
    }

    fn on_reply(&mut self, cx: &Context<'_>, reply: FileReply) -> Vec<Effect> {
        match reply {
            FileReply::Journal(reply) => opening::on_reply(self, cx, reply),
            FileReply::Corpus(reply) => sheet::take(self, reply),
            FileReply::Review(reply) => reviewing::take(self, reply),
            FileReply::FixtureAdded { file } => vec![Effect::say(format!("saved in {file}"))],
            FileReply::Failed { why } => vec![Effect::say(why)],
            _ => Vec::new(),
        }
    }

    fn beat(&self) -> Option<Duration> {
        self.transport.beat()
    }

    fn on_beat(&mut self, _: &Context<'_>) -> Vec<Effect> {
        playback::on_beat(self)
    }

    fn shows_keys(&self) -> bool {
        self.presenting && self.prompt.is_none()
    }

    fn on_key(&mut self, key: Key) {
        self.pressed.push(key);
        let beyond = self.pressed.len().saturating_sub(PRESSED);
        self.pressed.drain(..beyond);
    }

    fn summary(&self) -> Option<RowSummary<'_>> {
        scene::summary(&self.scene)
    }

    fn cover(&self) -> Option<Cover> {
        let menu = self.list.is_some() || self.fork_menu.is_some() || self.sheet.is_some();
        let over = self.presenting || menu || self.editing.is_some();
        let over = over || self.interleavings.is_some() || self.revision.is_some();
        if over { Some(Cover::Part) } else { None }
    }

    fn draw_cover(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        view::draw_cover(pen, self, cx, hits);
    }
}
