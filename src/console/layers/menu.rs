//! A list to type into and choose from: the palette, the help, the themes. What it lists is read off the command table
//! and the shelf of themes; this file knows no drawing.

use crossterm::event::KeyCode;

use super::fuzzy::Fuzzy;
use crate::console::commands::{COMMANDS, Command, CommandId, Group};
use crate::console::keys::Key;
use crate::console::record::RowRecord;
use crate::console::state::State;
use crate::console::update::{Message, Motion};
use crate::query::Query;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every command, by a few letters.
    Palette,
    /// Every command, by heading.
    Help,
    /// The themes.
    Themes,
}

/// A list that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Which.
    pub kind: Kind,
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
    /// Nothing.
    Clear,
    /// The name of what is selected.
    Complete,
}

/// One line of a list.
#[derive(Debug, Clone, Copy)]
pub enum Line {
    /// Between two parts.
    Blank,
    /// What a part is called.
    Heading(&'static str),
    /// A command, and why it cannot run now.
    Command(&'static Command, Option<&'static str>),
    /// What was typed, as a query over the list.
    Query,
    /// The theme at that place on the shelf.
    Theme(usize),
}

impl Line {
    /// True for what can be selected.
    pub fn is_choice(self) -> bool {
        matches!(self, Self::Command(..) | Self::Query | Self::Theme(_))
    }
}

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

impl Menu {
    /// One with nothing typed; the themes start at the one in force.
    pub fn new(kind: Kind, state: &State) -> Self {
        let at = if kind == Kind::Themes { state.themes.chosen } else { 0 };
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
    pub fn hints(&self, state: &State) -> impl Iterator<Item = (Key, &'static str, Message)> {
        let (kind, some) = (self.kind, !self.choices(state).is_empty());
        KEYS.iter().filter_map(move |(keys, label, message)| {
            let label = match (kind, message) {
                (Kind::Themes, Message::Accept) => "keep",
                (Kind::Themes, Message::Back) => "as it was",
                _ => (*label)?,
            };
            (some || *message == Message::Back).then_some((*keys.first()?, label, *message))
        })
    }

    /// What it lists.
    pub fn lines(&self, state: &State) -> Vec<Line> {
        match self.kind {
            Kind::Palette => palette(&self.query, state),
            Kind::Help => help(&self.query, state),
            Kind::Themes => themes(&self.query, state),
        }
    }

    /// What of it can be selected.
    pub fn choices(&self, state: &State) -> Vec<Line> {
        self.lines(state).into_iter().filter(|line| line.is_choice()).collect()
    }

    /// What is selected.
    pub fn selected(&self, state: &State) -> Option<Line> {
        self.choices(state).get(self.at).copied()
    }

    /// Changes what was typed, and starts at the top of what is left.
    pub fn edit(&mut self, edit: Edit, state: &State) {
        match edit {
            Edit::Insert(letter) => self.insert(letter.encode_utf8(&mut [0; 4])),
            Edit::Erase => drop(self.query.pop()),
            Edit::EraseWord => {
                let kept = self.query.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.query.truncate(kept);
            }
            Edit::Clear => self.query.clear(),
            Edit::Complete => {
                self.query = match self.selected(state) {
                    Some(Line::Command(command, _)) => command.name.to_owned(),
                    Some(Line::Theme(at)) => state.themes.themes[at].name.clone(),
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
    pub fn go(&mut self, motion: Motion, state: &State) {
        const PAGE: usize = 10;
        let last = self.choices(state).len().saturating_sub(1);
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

fn line(command: &'static Command, state: &State) -> Line {
    Line::Command(command, command.works(state).err())
}

/// Lists parts with their headings, without empty ones.
fn parts(parts: impl IntoIterator<Item = (&'static str, Vec<Line>)>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (heading, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        if !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(heading));
        lines.extend(part);
    }
    lines
}

/// Recents, then what can run, then what cannot run now.
fn palette(query: &str, state: &State) -> Vec<Line> {
    let mut fuzzy = Fuzzy::new(query);
    let mut found: Vec<_> = COMMANDS
        .iter()
        // What it would close is the palette itself.
        .filter(|command| command.id != CommandId::Palette && command.id != CommandId::Back)
        .filter_map(|command| Some((fuzzy.score(command)?, command)))
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let recent = |command: &Command| state.recents.iter().position(|id| *id == command.id);
    let mut recents = Vec::new();
    let (mut now, mut later) = (Vec::new(), Vec::new());
    for (_, command) in found {
        match (line(command, state), recent(command)) {
            (line @ Line::Command(_, None), Some(at)) => recents.push((at, line)),
            (line @ Line::Command(_, None), None) => now.push(line),
            (line, _) => later.push(line),
        }
    }
    recents.sort_by_key(|(at, _)| *at);
    let recents = recents.into_iter().map(|(_, line)| line).collect();
    let queries = Vec::from_iter(query_of(query).map(|_| Line::Query));
    parts([("recent", recents), ("commands", now), ("filter", queries), ("not now", later)])
}

/// What was typed as a query, where it is meant as one: it names a field.
pub fn query_of(typed: &str) -> Option<Query> {
    Query::parse::<RowRecord<'_>>(typed.trim()).ok().filter(|_| typed.contains(':'))
}

/// By heading; a word filters by name, sentence or key.
fn help(query: &str, state: &State) -> Vec<Line> {
    let wanted = query.trim().to_lowercase();
    let matches = |command: &Command| {
        wanted.is_empty()
            || command.name.contains(&wanted)
            || command.doc.to_lowercase().contains(&wanted)
            || state.keymap.keys(command.id).any(|key| key.to_string() == query.trim())
    };
    parts(Group::ALL.map(|group| {
        let commands = COMMANDS.iter().filter(|command| command.group == group && matches(command));
        (group.title(), commands.map(|command| line(command, state)).collect())
    }))
}

fn themes(query: &str, state: &State) -> Vec<Line> {
    let wanted = query.trim().to_lowercase();
    let all = state.themes.themes.iter().enumerate();
    let mut found: Vec<_> = all
        .map(|(at, named)| (!named.name.contains(&wanted), !named.about.to_lowercase().contains(&wanted), at))
        .filter(|(named, about, _)| !(*named && *about))
        .collect();
    // A theme's own name counts for more than what is said of it.
    found.sort_by_key(|(named, _, at)| (*named, *at));
    found.into_iter().map(|(.., at)| Line::Theme(at)).collect()
}
