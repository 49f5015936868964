//! Keys: their names, one at a time or two in a row, and which command each means. It knows no terminal modes and no
//! state.

mod command;
pub mod file;
mod map;
pub mod page;

use std::fmt;
use std::str::FromStr;

pub use command::{CommandId, CommandSpec, Footer, Group, KeyContext, Scope, ScreenId};
pub use map::{Keymap, Meaning};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// One key with its modifiers. Shift counts only where it makes no other character of a key: with arrows and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
    shift: bool,
}

/// A name no key has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a key")]
pub struct UnknownKey(String);

/// Keys that have a word for a name.
const NAMED: [(&str, KeyCode); 16] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("space", KeyCode::Char(' ')),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

impl Key {
    /// Leaves one layer, whatever else is bound.
    pub const ESC: Self = Self::plain(KeyCode::Esc);
    /// Takes what is selected, breaks a line.
    pub const ENTER: Self = Self::plain(KeyCode::Enter);
    /// Completes, goes to the next of a few.
    pub const TAB: Self = Self::plain(KeyCode::Tab);
    /// The same, the other way.
    pub const BACKTAB: Self = Self::plain(KeyCode::BackTab);

    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// The key that types a character.
    pub const fn typing(letter: char) -> Self {
        Self::plain(KeyCode::Char(letter))
    }

    /// A letter with Ctrl.
    pub const fn ctrl(letter: char) -> Self {
        Self { ctrl: true, ..Self::plain(KeyCode::Char(letter)) }
    }

    /// A key with Alt.
    pub const fn alt(code: KeyCode) -> Self {
        Self { alt: true, ..Self::plain(code) }
    }

    /// The key a terminal event reports; none for a release, which some terminals report too, and none for a key with a
    /// modifier that belongs to the desktop.
    pub fn pressed(event: &KeyEvent) -> Option<Self> {
        let modifiers = event.modifiers;
        let foreign = KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
        if event.kind == KeyEventKind::Release || modifiers.intersects(foreign) {
            return None;
        }
        let with = |modifier| modifiers.contains(modifier);
        let key = Self {
            code: event.code,
            ctrl: with(KeyModifiers::CONTROL),
            alt: with(KeyModifiers::ALT),
            shift: with(KeyModifiers::SHIFT),
        };
        Some(key.canonical())
    }

    /// One value for all that terminals send for one key.
    fn canonical(mut self) -> Self {
        // Ways to type the same byte, where a terminal tells them apart.
        let alike = match self.code {
            KeyCode::Char('7' | '/') => true,
            KeyCode::Char('-') => self.shift,
            _ => false,
        };
        if self.ctrl && alike {
            self.code = KeyCode::Char('_');
        }
        let motion = matches!(
            self.code,
            KeyCode::Left | KeyCode::Right | KeyCode::Up | KeyCode::Down | KeyCode::Home | KeyCode::End
        );
        let other = matches!(
            self.code,
            KeyCode::PageUp | KeyCode::PageDown | KeyCode::Insert | KeyCode::Delete | KeyCode::F(_)
        );
        self.shift &= motion || other;
        self
    }

    /// The same key without Shift.
    #[must_use]
    pub fn unshifted(self) -> Self {
        Self { shift: false, ..self }
    }

    /// True with Shift, where that counts.
    pub fn is_shifted(self) -> bool {
        self.shift
    }

    /// The character it types, where it types one.
    pub fn typed(self) -> Option<char> {
        match self {
            Self { code: KeyCode::Char(letter), ctrl: false, alt: false, .. } => Some(letter),
            _ => None,
        }
    }

    /// True for a key that changes a text and does nothing else anywhere.
    pub fn is_text(self) -> bool {
        let changes = matches!(self.code, KeyCode::Enter | KeyCode::Backspace | KeyCode::Delete);
        self.typed().is_some() || (changes && !self.ctrl && !self.alt && !self.shift)
    }

    /// The words keys are called by, and a few with modifiers, to guess from.
    pub fn names() -> impl Iterator<Item = &'static str> {
        const LETTERS: [&str; 26] = [
            "ctrl-a", "ctrl-b", "ctrl-c", "ctrl-d", "ctrl-e", "ctrl-f", "ctrl-g", "ctrl-h", "ctrl-i", "ctrl-j",
            "ctrl-k", "ctrl-l", "ctrl-m", "ctrl-n", "ctrl-o", "ctrl-p", "ctrl-q", "ctrl-r", "ctrl-s", "ctrl-t",
            "ctrl-u", "ctrl-v", "ctrl-w", "ctrl-x", "ctrl-y", "ctrl-z",
        ];
        NAMED.iter().map(|(word, _)| *word).chain(LETTERS)
    }

    /// Its code, and whether Ctrl and Alt go with it.
    pub fn parts(self) -> (KeyCode, bool, bool) {
        (self.code, self.ctrl, self.alt)
    }

    /// The terminal event a press of it is.
    pub fn event(self) -> KeyEvent {
        let ctrl = if self.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        let alt = if self.alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
        let shift = if self.shift { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        KeyEvent::new(self.code, ctrl | alt | shift)
    }
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Self, UnknownKey> {
        let (mut rest, mut ctrl, mut alt, mut shift) = (name, false, false, false);
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-") {
                (rest, ctrl) = (after, true);
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (rest, alt) = (after, true);
            } else if let Some(after) = rest.strip_prefix("shift-") {
                (rest, shift) = (after, true);
            } else {
                break;
            }
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(letter), None) => KeyCode::Char(letter),
            (Some('F'), Some(_)) => {
                KeyCode::F(rest[1..].parse().ok().filter(|n| (1..=24).contains(n)).ok_or(UnknownKey(name.into()))?)
            }
            _ => NAMED.iter().find(|(word, _)| *word == rest).ok_or_else(|| UnknownKey(name.into()))?.1,
        };
        let key = Self { code, ctrl, alt, shift }.canonical();
        // Shift with a letter is another letter, and with Tab another key.
        if shift && !key.shift { Err(UnknownKey(name.into())) } else { Ok(key) }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if self.shift {
            f.write_str("shift-")?;
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((word, _)), _) => f.write_str(word),
            (None, KeyCode::Char(letter)) => write!(f, "{letter}"),
            (None, KeyCode::F(n)) => write!(f, "F{n}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

/// What a command is bound to: a key, or a prefix and a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Pressed first.
    pub prefix: Option<Key>,
    /// Pressed last.
    pub key: Key,
}

impl Chord {
    /// True when a press could mean either.
    pub fn clashes(self, other: Self) -> bool {
        match (self.prefix, other.prefix) {
            (None, Some(prefix)) => prefix == self.key,
            (Some(prefix), None) => prefix == other.key,
            _ => self == other,
        }
    }
}

impl FromStr for Chord {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Self, UnknownKey> {
        match name.split_once(' ') {
            Some((prefix, key)) => Ok(Self { prefix: Some(prefix.parse()?), key: key.parse()? }),
            None => Ok(Self { prefix: None, key: name.parse()? }),
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            Some(prefix) => write!(f, "{prefix} {}", self.key),
            None => self.key.fmt(f),
        }
    }
}
