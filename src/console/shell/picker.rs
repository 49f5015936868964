//! A list to type into and choose from: the palette, the help, the themes. What it lists is read off the command table
//! and the themes; this file knows no drawing.

mod fuzzy;
pub mod update;
pub mod view;

use crossterm::event::KeyCode;

use super::app::App;
use super::message::Message;
use super::registry::{Command, commands, groups};
use crate::console::keys::{CommandId, Key};
use crate::console::present::row_query::RowRecord;
use crate::console::widgets::Motion;
use crate::query::Query;
use fuzzy::Fuzzy;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickerKind {
    /// Every command, by a few letters.
    Palette,
    /// Every command, by heading.
    Help,
    /// The themes.
    Themes,
    /// What was said lately.
    Messages,
}

/// A list that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picker {
    /// Which list it is.
    pub kind: PickerKind,
    /// What was typed.
    pub query: String,
    /// Which of the things listed is selected.
    pub at: usize,
}

/// A change of what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// A character at the end.
    Insert(char),
    /// Without the last character.
    Erase,
    /// Without the last word.
    EraseWord,
    /// Empty the line.
    Clear,
    /// The name of what is selected.
    Complete,
}

/// One line of a list.
#[derive(Debug, Clone, Copy)]
pub enum PickerRow {
    /// Between two parts.
    Blank,
    /// What a part is called.
    Heading(&'static str),
    /// A command, and why it cannot run now.
    Command(&'static Command, Option<&'static str>),
    /// What was typed, as a query over the list.
    Query,
    /// The theme at that place in the registry.
    Theme(usize),
    /// What was said, counted from the newest.
    Message(usize),
}

impl PickerRow {
    /// True for what can be selected.
    pub fn is_choice(self) -> bool {
        matches!(self, Self::Command(..) | Self::Query | Self::Theme(_) | Self::Message(_))
    }
}

/// The command that opens the palette.
const PALETTE: CommandId = CommandId("commands");
/// The longest text taken.
const LONGEST: usize = 80;

/// The keys of a list, what the footer says of the first of them, and what they send. The way out stands
/// early, because a narrow footer ends early.
pub const KEYS: [(&[Key], Option<&str>, Message); 12] = [
    (&[Key::ENTER], Some("run"), Message::Accept),
    (&[Key::ESC], Some("close"), Message::Back),
    (&[Key::plain(KeyCode::Down), Key::ctrl('n')], Some("next"), Message::Move(Motion::Down)),
    (&[Key::plain(KeyCode::Up), Key::ctrl('p')], Some("previous"), Message::Move(Motion::Up)),
    (&[Key::TAB], Some("complete"), Message::Edit(Edit::Complete)),
    (&[Key::plain(KeyCode::PageDown)], None, Message::Move(Motion::PageDown)),
    (&[Key::plain(KeyCode::PageUp)], None, Message::Move(Motion::PageUp)),
    (&[Key::plain(KeyCode::Home)], None, Message::Move(Motion::First)),
    (&[Key::plain(KeyCode::End)], None, Message::Move(Motion::Last)),
    (&[Key::plain(KeyCode::Backspace), Key::ctrl('h')], None, Message::Edit(Edit::Erase)),
    (&[Key::ctrl('w'), Key::alt(KeyCode::Backspace)], None, Message::Edit(Edit::EraseWord)),
    (&[Key::ctrl('u')], None, Message::Edit(Edit::Clear)),
];

impl Picker {
    /// One with nothing typed; the themes start at the one in force.
    pub fn new(kind: PickerKind, app: &App) -> Self {
        let at = if kind == PickerKind::Themes { app.themes.chosen } else { 0 };
        Self { kind, query: String::new(), at }
    }

    /// What a key means while it is open; nothing for a key that is not its own.
    pub fn pressed(key: Key) -> Option<Message> {
        if let Some(letter) = key.typed() {
            return Some(Message::Edit(Edit::Insert(letter)));
        }
        KEYS.iter().find(|(own, ..)| own.contains(&key.unshifted())).map(|(.., message)| *message)
    }

    /// The keys that work in it now, what they do here, and what they send.
    pub fn hints(&self, app: &App) -> impl Iterator<Item = (Key, &'static str, Message)> {
        let (kind, some) = (self.kind, !self.choices(app).is_empty());
        KEYS.iter().filter_map(move |(keys, label, message)| {
            let label = match (kind, message) {
                (PickerKind::Themes, Message::Accept) => "keep",
                (PickerKind::Themes, Message::Back) => "as it was",
                (PickerKind::Messages, Message::Accept) => "copy",
                _ => (*label)?,
            };
            (some || *message == Message::Back).then_some((*keys.first()?, label, *message))
        })
    }

    /// What it lists.
    pub fn lines(&self, app: &App) -> Vec<PickerRow> {
        match self.kind {
            PickerKind::Palette => palette(&self.query, app),
            PickerKind::Help => help(&self.query, app),
            PickerKind::Themes => themes(&self.query, app),
            PickerKind::Messages => messages(&self.query, app),
        }
    }

    /// What of it can be selected.
    pub fn choices(&self, app: &App) -> Vec<PickerRow> {
        self.lines(app).into_iter().filter(|line| line.is_choice()).collect()
    }

    /// What is selected.
    pub fn selected(&self, app: &App) -> Option<PickerRow> {
        self.choices(app).get(self.at).copied()
    }

    /// Changes what was typed, and starts at the top of what is left.
    pub fn edit(&mut self, edit: Edit, app: &App) {
        match edit {
            Edit::Insert(letter) => self.insert(letter.encode_utf8(&mut [0; 4])),
            Edit::Erase => drop(self.query.pop()),
            Edit::EraseWord => {
                let kept = self.query.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.query.truncate(kept);
            }
            Edit::Clear => self.query.clear(),
            Edit::Complete => {
                self.query = match self.selected(app) {
                    Some(PickerRow::Command(command, _)) => command.spec.name.to_owned(),
                    Some(PickerRow::Theme(at)) => app.themes.themes[at].name.clone(),
                    _ => return,
                };
            }
        }
        self.at = 0;
    }

    /// Takes text in, of which only what can be seen.
    pub fn insert(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.query.chars().count());
        self.query.extend(text.chars().filter(|letter| !letter.is_control()).take(room));
        self.at = 0;
    }

    /// Moves the selection.
    pub fn go(&mut self, motion: Motion, app: &App) {
        const PAGE: usize = 10;
        let last = self.choices(app).len().saturating_sub(1);
        self.at = match motion {
            Motion::Up => self.at.saturating_sub(1),
            Motion::Down => self.at + 1,
            Motion::PageUp => self.at.saturating_sub(PAGE),
            Motion::PageDown => self.at + PAGE,
            Motion::First => 0,
            Motion::Last => last,
        }
        .min(last);
    }
}

fn line(command: &'static Command, app: &App) -> PickerRow {
    PickerRow::Command(command, command.works(app).err())
}

/// Lists parts with their headings, without empty ones.
fn parts(parts: impl IntoIterator<Item = (&'static str, Vec<PickerRow>)>) -> Vec<PickerRow> {
    let mut lines = Vec::new();
    for (heading, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        if !lines.is_empty() {
            lines.push(PickerRow::Blank);
        }
        lines.push(PickerRow::Heading(heading));
        lines.extend(part);
    }
    lines
}

/// Recents, then what can run, then what cannot run now.
fn palette(query: &str, app: &App) -> Vec<PickerRow> {
    let mut fuzzy = Fuzzy::new(query);
    let mut found: Vec<_> = commands()
        .iter()
        // What it would close is the palette itself.
        .filter(|command| command.id() != PALETTE && command.id() != CommandId::BACK)
        .filter_map(|command| {
            let by_key = has_key(app, command, query).then_some(u32::MAX);
            Some((by_key.or_else(|| fuzzy.score(command))?, command))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let recent = |command: &Command| app.recents.iter().position(|id| *id == command.id());
    let mut recents = Vec::new();
    let (mut now, mut later) = (Vec::new(), Vec::new());
    for (_, command) in found {
        match (line(command, app), recent(command)) {
            (line @ PickerRow::Command(_, None), Some(at)) => recents.push((at, line)),
            (line @ PickerRow::Command(_, None), None) => now.push(line),
            (line, _) => later.push(line),
        }
    }
    recents.sort_by_key(|(at, _)| *at);
    let recents = recents.into_iter().map(|(_, line)| line).collect();
    let queries = Vec::from_iter(query_of(query).map(|_| PickerRow::Query));
    parts([("recent", recents), ("commands", now), ("filter", queries), ("not now", later)])
}

/// What was typed as a query, where it is meant as one: it names a field.
pub fn query_of(typed: &str) -> Option<Query> {
    Query::parse::<RowRecord<'_>>(typed.trim()).ok().filter(|_| typed.contains(':'))
}

/// True where what was typed is the name of a key of the command: `g b`, `ctrl-s`.
fn has_key(app: &App, command: &Command, typed: &str) -> bool {
    app.keymap.keys(command.id()).any(|key| key.to_string() == typed.trim())
}

/// By heading; a word filters by name, sentence or key.
fn help(query: &str, app: &App) -> Vec<PickerRow> {
    let wanted = query.trim().to_lowercase();
    let matches = |command: &Command| {
        wanted.is_empty()
            || command.spec.name.contains(&wanted)
            || command.spec.doc.to_lowercase().contains(&wanted)
            || has_key(app, command, query)
    };
    // What a person can do where they are comes first.
    let mut all = groups();
    all.sort_by_key(|group| {
        let here = group.scope.holds(app.key_context());
        (!here, !(here && group.scope.screen.is_some()))
    });
    parts(all.into_iter().map(|group| {
        let listed = commands().iter().filter(|command| command.spec.group == group && matches(command));
        (group.title, listed.map(|command| line(command, app)).collect())
    }))
}

/// The newest first.
fn messages(query: &str, app: &App) -> Vec<PickerRow> {
    let wanted = query.trim().to_lowercase();
    let says = |at: &usize| app.messages.get(*at).is_some_and(|told| told.text.to_lowercase().contains(&wanted));
    (0..app.messages.len()).filter(says).map(PickerRow::Message).collect()
}

fn themes(query: &str, app: &App) -> Vec<PickerRow> {
    let wanted = query.trim().to_lowercase();
    let all = app.themes.themes.iter().enumerate();
    let mut found: Vec<_> = all
        .map(|(at, named)| (!named.name.contains(&wanted), !named.about.to_lowercase().contains(&wanted), at))
        .filter(|(named, about, _)| !(*named && *about))
        .collect();
    // A theme's own name counts for more than what is said of it.
    found.sort_by_key(|(named, _, at)| (*named, *at));
    found.into_iter().map(|(.., at)| PickerRow::Theme(at)).collect()
}
