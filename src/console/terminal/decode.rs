//! From the terminal's bytes to events, wherever they are split. What is no key, mouse, paste or focus is swallowed
//! whole: a terminal's replies, asked for or not, are never keys. It knows nothing of what any key does.

mod meaning;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// After an escape, silence of so long makes it the key.
const ESCAPE: Duration = Duration::from_millis(30);
/// After so long a silence, a sequence that has begun is not going on.
const SEQUENCE: Duration = Duration::from_secs(1);
/// The longest control sequence that may mean something, in bytes.
const PARAMETERS: usize = 64;
/// As much of an operating system command as is kept.
const KEPT: usize = 256;

const ESC: u8 = 0x1b;
const BELL: u8 = 0x07;
/// String terminator, in 8 bits.
const ST: u8 = 0x9c;
const PASTE_ENDS: &[u8] = b"\x1b[201~";
const PASTE_ENDS_8BIT: &[u8] = b"\x9b201~";

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Decoded {
    /// For the loop.
    Event(Event),
    /// An operating system command: what the terminal answers to a question about itself. Without its ends.
    Answer(Vec<u8>),
}

/// Where in a sequence it is.
#[derive(Debug, Clone, PartialEq)]
enum State {
    Ground,
    /// After an escape; `again` after two of them, of which the first has been told.
    Escape {
        again: bool,
    },
    /// Inside a letter of several bytes.
    Letter {
        bytes: Vec<u8>,
        wanted: usize,
        alt: bool,
    },
    /// After `ESC O`.
    Single,
    /// After `ESC [`.
    Control {
        parameters: Vec<u8>,
        /// True when one byte of 8 bits began it.
        eight: bool,
    },
    /// After `ESC [ [`: the Linux console's first function keys.
    Console,
    /// After `ESC [ M`: three bytes.
    Mouse {
        bytes: Vec<u8>,
    },
    Text(Text),
    Paste {
        bytes: Vec<u8>,
        ends: &'static [u8],
    },
}

/// A string of the terminal's, up to its terminator.
#[derive(Debug, Clone, PartialEq)]
struct Text {
    /// The letter after the escape that began it.
    kind: u8,
    kept: Vec<u8>,
    /// True while it may still be a key held with Alt: an escape and a letter, and nothing more.
    bare: bool,
    escaped: bool,
    /// Bytes of a letter that are still to come: one of them may look like a terminator.
    letter: usize,
    /// The last byte.
    last: u8,
}

impl Text {
    fn begun(kind: u8, bare: bool) -> Self {
        Self { kind, kept: Vec::new(), bare, escaped: false, letter: 0, last: 0 }
    }

    /// Takes one byte; true when it was the last one. Nothing but a terminator ends it, so that whatever a reply is made
    /// of stays inside.
    fn ends_with(&mut self, byte: u8) -> bool {
        self.bare = false;
        let escaped = std::mem::replace(&mut self.escaped, byte == ESC);
        let (inside, before) = (self.letter > 0, std::mem::replace(&mut self.last, byte));
        self.letter = match byte {
            0x80..=0xbf => self.letter.saturating_sub(1),
            other => following(other).unwrap_or(0),
        };
        let ended = match byte {
            b'\\' => escaped,
            BELL => self.kind == b']',
            // As it is, or as a letter of UTF-8.
            ST => !inside || before == 0xc2,
            _ => false,
        };
        if !ended && self.kept.len() < KEPT && byte != ESC {
            self.kept.push(byte);
        }
        ended
    }
}

/// How many bytes follow the first of a letter; none where no letter begins with it.
fn following(first: u8) -> Option<usize> {
    match first {
        0xc2..=0xdf => Some(1),
        0xe0..=0xef => Some(2),
        0xf0..=0xf4 => Some(3),
        _ => None,
    }
}

/// Takes bytes, gives events.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// What was told as a key because nothing followed it. The rest of a reply may come all the same.
    told: Vec<u8>,
    out: Vec<Decoded>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { state: State::Ground, told: Vec::new(), out: Vec::new() }
    }
}

impl Decoder {
    /// Takes what was read at once.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Decoded> {
        let mut told = std::mem::take(&mut self.told);
        if !told.is_empty() && self.state == State::Ground {
            let key = told.len();
            told.extend_from_slice(bytes);
            if is_rest_of_sequence(&told) {
                // The key has been told; what it began is swallowed.
                self.state = State::Escape { again: false };
                for byte in &told[1..key] {
                    self.take(*byte);
                }
            } else if let [ESC, b'P' | b'X' | b'[' | b']' | b'^' | b'_' | b'O'] = told[..] {
                // Cut in three.
                self.told = told;
            }
        }
        for byte in bytes {
            self.take(*byte);
        }
        std::mem::take(&mut self.out)
    }

    /// How long to wait for more before `quiet`; for ever where nothing has begun.
    pub fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Ground | State::Paste { .. } => None,
            State::Escape { .. } => Some(ESCAPE),
            State::Text(text) if text.bare => Some(ESCAPE),
            _ => Some(SEQUENCE),
        }
    }

    /// Nothing more came in time.
    pub fn quiet(&mut self) -> Vec<Decoded> {
        match std::mem::replace(&mut self.state, State::Ground) {
            State::Escape { again } => {
                self.told = vec![ESC];
                if !again {
                    self.key(KeyCode::Esc, KeyModifiers::NONE);
                }
            }
            State::Text(Text { kind, bare: true, .. }) => {
                self.told = vec![ESC, kind];
                self.letter(char::from(kind), true);
            }
            paste @ State::Paste { .. } => self.state = paste,
            // Half of something is nothing.
            _ => {}
        }
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, byte: u8) {
        self.state = match std::mem::replace(&mut self.state, State::Ground) {
            State::Ground => self.ground(byte, false),
            State::Escape { again } => self.escape(byte, again),
            State::Letter { bytes, wanted, alt } => self.inside_letter(bytes, wanted, alt, byte),
            State::Single => self.single(byte),
            State::Control { parameters, eight } => self.control(parameters, eight, byte),
            State::Console => {
                self.out.extend(meaning::console(byte).map(Decoded::Event));
                State::Ground
            }
            State::Mouse { .. } if byte == ESC => State::Escape { again: true },
            State::Mouse { mut bytes } => {
                bytes.push(byte);
                if let [button, column, row] = bytes[..] {
                    self.out.extend(meaning::old_mouse(button, column, row).map(Decoded::Event));
                    State::Ground
                } else {
                    State::Mouse { bytes }
                }
            }
            State::Text(mut text) => {
                if text.ends_with(byte) {
                    if text.kind == b']' {
                        // A terminator of two bytes has left its first one behind.
                        if byte == ST && text.kept.last() == Some(&0xc2) {
                            text.kept.pop();
                        }
                        self.out.push(Decoded::Answer(text.kept));
                    }
                    State::Ground
                } else {
                    State::Text(text)
                }
            }
            State::Paste { mut bytes, ends } => {
                bytes.push(byte);
                if let Some(pasted) = bytes.strip_suffix(ends) {
                    self.out.push(Decoded::Event(Event::Paste(String::from_utf8_lossy(pasted).into_owned())));
                    State::Ground
                } else {
                    State::Paste { bytes, ends }
                }
            }
        };
    }

    fn ground(&mut self, byte: u8, alt: bool) -> State {
        match byte {
            ESC => return State::Escape { again: false },
            0x80..=0x9f => return eight_bits(byte),
            _ => {}
        }
        if let Some(wanted) = following(byte) {
            return State::Letter { bytes: vec![byte], wanted, alt };
        }
        match byte {
            b'\r' => self.key(KeyCode::Enter, alted(alt)),
            b'\t' => self.key(KeyCode::Tab, alted(alt)),
            0x7f => self.key(KeyCode::Backspace, alted(alt)),
            0 => self.key(KeyCode::Char(' '), alted(alt) | KeyModifiers::CONTROL),
            0x01..=0x1a => self.key(KeyCode::Char(char::from(byte - 1 + b'a')), alted(alt) | KeyModifiers::CONTROL),
            0x1c..=0x1f => self.key(KeyCode::Char(char::from(byte - 0x1c + b'4')), alted(alt) | KeyModifiers::CONTROL),
            b' '..=b'~' => self.letter(char::from(byte), alt),
            // No letter begins with it.
            _ => {}
        }
        State::Ground
    }

    fn escape(&mut self, byte: u8, again: bool) -> State {
        match byte {
            ESC => {
                if !again {
                    self.key(KeyCode::Esc, KeyModifiers::NONE);
                }
                State::Escape { again: true }
            }
            b'O' => State::Single,
            b'[' => State::Control { parameters: Vec::new(), eight: false },
            b'P' | b'X' | b']' | b'^' | b'_' => State::Text(Text::begun(byte, true)),
            _ => self.ground(byte, true),
        }
    }

    fn inside_letter(&mut self, mut bytes: Vec<u8>, wanted: usize, alt: bool, byte: u8) -> State {
        if !(0x80..=0xbf).contains(&byte) {
            // The letter was none.
            return self.ground(byte, false);
        }
        bytes.push(byte);
        if bytes.len() <= wanted {
            return State::Letter { bytes, wanted, alt };
        }
        match std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
            Some('\u{80}'..='\u{9f}') => eight_bits(byte),
            Some(letter) => {
                self.letter(letter, alt);
                State::Ground
            }
            None => State::Ground,
        }
    }

    fn single(&mut self, byte: u8) -> State {
        match byte {
            ESC => State::Escape { again: true },
            // Modifiers, as old terminals send them.
            b'0'..=b'9' | b';' => State::Single,
            _ => {
                self.out.extend(meaning::single(byte).map(Decoded::Event));
                State::Ground
            }
        }
    }

    fn control(&mut self, mut parameters: Vec<u8>, eight: bool, byte: u8) -> State {
        match byte {
            b'[' if parameters.is_empty() => State::Console,
            b'M' if parameters.is_empty() => State::Mouse { bytes: Vec::new() },
            b' '..=b'?' => {
                // What is too long means nothing, and is swallowed to its end.
                if parameters.len() <= PARAMETERS {
                    parameters.push(byte);
                }
                State::Control { parameters, eight }
            }
            b'@'..=b'~' => self.ended(&parameters, eight, byte),
            // The one before was cut off.
            ESC => State::Escape { again: true },
            // A letter or a control character is in none: it was cut off, and that byte with it.
            _ => State::Ground,
        }
    }

    fn ended(&mut self, parameters: &[u8], eight: bool, last: u8) -> State {
        if parameters == b"200" && last == b'~' {
            return State::Paste { bytes: Vec::new(), ends: if eight { PASTE_ENDS_8BIT } else { PASTE_ENDS } };
        }
        if parameters.len() <= PARAMETERS {
            self.out.extend(meaning::control(parameters, last).map(Decoded::Event));
        }
        State::Ground
    }

    fn letter(&mut self, letter: char, alt: bool) {
        let shift = if letter.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        self.key(KeyCode::Char(letter), alted(alt) | shift);
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.out.push(Decoded::Event(Event::Key(KeyEvent::new(code, modifiers))));
    }
}

/// A control character of 8 bits, as it is or as a letter: an escape and a letter in one.
fn eight_bits(byte: u8) -> State {
    match byte {
        0x8f => State::Single,
        0x9b => State::Control { parameters: Vec::new(), eight: true },
        0x90 | 0x98 | 0x9d..=0x9f => State::Text(Text::begun(byte - 0x40, false)),
        _ => State::Ground,
    }
}

fn alted(alt: bool) -> KeyModifiers {
    if alt { KeyModifiers::ALT } else { KeyModifiers::NONE }
}

/// True of bytes, an escape first, that no person types: the second half, read at once, of what was cut in two so long
/// ago that the first half was told as a key.
fn is_rest_of_sequence(bytes: &[u8]) -> bool {
    let [ESC, kind, rest @ ..] = bytes else { return false };
    let ended = || rest.ends_with(b"\x1b\\") || rest.contains(&BELL) || rest.contains(&ST);
    let number = || rest.first().is_some_and(u8::is_ascii_digit);
    match kind {
        b']' => (number() && rest.len() > 1) || ended(),
        b'P' => rest.len() > 1 && (number() || matches!(rest, [b'>' | b'!' | b'$' | b'+', ..])) || ended(),
        b'X' | b'^' | b'_' => ended(),
        b'[' => match rest {
            [b'0'..=b'9' | b'?' | b'<' | b'=' | b'>', _, ..] => true,
            [last] => last.is_ascii_uppercase() && meaning::control(b"", *last).is_some(),
            _ => false,
        },
        b'O' => matches!(rest, [last] if meaning::single(*last).is_some()),
        _ => false,
    }
}
