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
    /// After an escape.
    Escape(Escape),
    /// Inside a letter of several bytes.
    Letter {
        bytes: Vec<u8>,
        wanted: usize,
        alt: bool,
    },
    /// After `ESC O`.
    Single {
        /// True after two escapes, see [`Escape::Twice`].
        twice: bool,
    },
    /// After `ESC [`.
    Control(Control),
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

/// What an escape came after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// Nothing that was left open: it may be the key.
    First,
    /// A sequence that it cut off.
    CutOff,
    /// Another: the first one may be the key, or Alt with the key that the rest of the sequence is (rxvt).
    Twice,
}

/// A control sequence so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Control {
    parameters: Vec<u8>,
    /// True when one byte of 8 bits began it.
    eight: bool,
    /// True after two escapes, see [`Escape::Twice`].
    twice: bool,
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
                self.state = State::Escape(Escape::First);
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
            State::Escape(_) => Some(ESCAPE),
            State::Text(text) if text.bare => Some(ESCAPE),
            _ => Some(SEQUENCE),
        }
    }

    /// Nothing more came in time.
    pub fn quiet(&mut self) -> Vec<Decoded> {
        match std::mem::replace(&mut self.state, State::Ground) {
            State::Escape(escape) => {
                self.told = vec![ESC];
                self.escape_key(escape != Escape::CutOff);
            }
            State::Text(Text { kind, bare: true, .. }) => {
                self.told = vec![ESC, kind];
                self.letter(char::from(kind), true);
            }
            paste @ State::Paste { .. } => self.state = paste,
            // Half of something is nothing, but for an escape before it.
            State::Single { twice } | State::Control(Control { twice, .. }) => self.escape_key(twice),
            _ => {}
        }
        std::mem::take(&mut self.out)
    }

    fn take(&mut self, byte: u8) {
        self.state = match std::mem::replace(&mut self.state, State::Ground) {
            State::Ground => self.ground(byte, false),
            State::Escape(escape) => self.escape(byte, escape),
            State::Letter { bytes, wanted, alt } => self.inside_letter(bytes, wanted, alt, byte),
            State::Single { twice } => self.single(byte, twice),
            State::Control(control) => self.control(control, byte),
            State::Console => {
                self.out.extend(meaning::console(byte).map(Decoded::Event));
                State::Ground
            }
            State::Mouse { .. } if byte == ESC => State::Escape(Escape::CutOff),
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
            ESC => return State::Escape(Escape::First),
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

    fn escape(&mut self, byte: u8, escape: Escape) -> State {
        let twice = escape == Escape::Twice;
        match byte {
            ESC if escape == Escape::CutOff => State::Escape(Escape::CutOff),
            ESC => State::Escape(Escape::Twice),
            b'O' => State::Single { twice },
            b'[' => State::Control(Control { twice, ..Control::default() }),
            _ => {
                self.escape_key(twice);
                match byte {
                    b'P' | b'X' | b']' | b'^' | b'_' => State::Text(Text::begun(byte, true)),
                    _ => self.ground(byte, true),
                }
            }
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

    fn single(&mut self, byte: u8, twice: bool) -> State {
        match byte {
            ESC => self.cut_off(twice),
            // Modifiers, as old terminals send them.
            b'0'..=b'9' | b';' => State::Single { twice },
            _ => {
                self.whole(meaning::single(byte), twice);
                State::Ground
            }
        }
    }

    fn control(&mut self, mut control: Control, byte: u8) -> State {
        let twice = control.twice;
        match byte {
            b'[' if control.parameters.is_empty() => {
                self.escape_key(twice);
                State::Console
            }
            b'M' if control.parameters.is_empty() => {
                self.escape_key(twice);
                State::Mouse { bytes: Vec::new() }
            }
            // Elsewhere it stands before the last byte; here it is that (rxvt, with Shift).
            b'$' if meaning::is_key_number(&control.parameters) => {
                self.whole(meaning::control(&control.parameters, byte), twice);
                State::Ground
            }
            b' '..=b'?' => {
                // What is too long means nothing, and is swallowed to its end.
                if control.parameters.len() <= PARAMETERS {
                    control.parameters.push(byte);
                }
                State::Control(control)
            }
            b'@'..=b'~' => self.ended(&control, byte),
            // The one before was cut off.
            ESC => self.cut_off(twice),
            // A letter or a control character is in none: it was cut off, and that byte with it.
            _ => {
                self.escape_key(twice);
                State::Ground
            }
        }
    }

    fn ended(&mut self, control: &Control, last: u8) -> State {
        let Control { parameters, eight, twice } = control;
        if parameters == b"200" && last == b'~' {
            self.escape_key(*twice);
            return State::Paste { bytes: Vec::new(), ends: if *eight { PASTE_ENDS_8BIT } else { PASTE_ENDS } };
        }
        let known = parameters.len() <= PARAMETERS;
        self.whole(known.then(|| meaning::control(parameters, last)).flatten(), *twice);
        State::Ground
    }

    /// A sequence is whole. After two escapes a key is one with Alt; anything else came right after the key Esc.
    fn whole(&mut self, event: Option<Event>, twice: bool) {
        match event {
            Some(Event::Key(mut key)) if twice => {
                key.modifiers |= KeyModifiers::ALT;
                self.out.push(Decoded::Event(Event::Key(key)));
            }
            event => {
                self.escape_key(twice);
                self.out.extend(event.map(Decoded::Event));
            }
        }
    }

    /// An escape in the middle of a sequence.
    fn cut_off(&mut self, twice: bool) -> State {
        self.escape_key(twice);
        State::Escape(Escape::CutOff)
    }

    fn escape_key(&mut self, pressed: bool) {
        if pressed {
            self.key(KeyCode::Esc, KeyModifiers::NONE);
        }
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
        0x8f => State::Single { twice: false },
        0x9b => State::Control(Control { eight: true, ..Control::default() }),
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
