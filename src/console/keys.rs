//! Keys: their names, and which command each one means. It knows no terminal modes and no state.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::commands::{COMMANDS, CommandId};

/// One key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
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
    /// The key a terminal event reports; none for a release, which some terminals report too.
    pub fn pressed(event: &KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let modifiers = event.modifiers;
        Some(Self {
            code: event.code,
            ctrl: modifiers.contains(KeyModifiers::CONTROL),
            alt: modifiers.contains(KeyModifiers::ALT),
        })
    }

    /// Its code, and whether Ctrl and Alt go with it.
    pub fn parts(self) -> (KeyCode, bool, bool) {
        (self.code, self.ctrl, self.alt)
    }

    /// The terminal event a press of it is.
    pub fn event(self) -> KeyEvent {
        let ctrl = if self.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        let alt = if self.alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
        KeyEvent::new(self.code, ctrl | alt)
    }
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Self, UnknownKey> {
        let (mut rest, mut ctrl, mut alt) = (name, false, false);
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-") {
                (rest, ctrl) = (after, true);
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (rest, alt) = (after, true);
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
        Ok(Self { code, ctrl, alt })
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
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((word, _)), _) => f.write_str(word),
            (None, KeyCode::Char(letter)) => write!(f, "{letter}"),
            (None, KeyCode::F(n)) => write!(f, "F{n}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

/// Which key means which command.
#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: Vec<(Key, CommandId)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = COMMANDS
            .iter()
            .flat_map(|command| command.keys.iter().filter_map(|name| Some((name.parse().ok()?, command.id))));
        Self { bindings: bindings.collect() }
    }
}

impl Keymap {
    /// What a key means.
    pub fn command(&self, key: Key) -> Option<CommandId> {
        self.bindings.iter().find(|(bound, _)| *bound == key).map(|(_, id)| *id)
    }

    /// The keys of a command, the one to teach first.
    pub fn keys(&self, id: CommandId) -> impl Iterator<Item = Key> {
        self.bindings.iter().filter(move |(_, bound)| *bound == id).map(|(key, _)| *key)
    }

    /// Keys that mean two commands.
    pub fn conflicts(&self) -> Vec<(Key, CommandId, CommandId)> {
        let mut found = Vec::new();
        for (at, (key, first)) in self.bindings.iter().enumerate() {
            found.extend(
                self.bindings[at + 1..].iter().filter(|(k, _)| k == key).map(|(_, next)| (*key, *first, *next)),
            );
        }
        found
    }
}
