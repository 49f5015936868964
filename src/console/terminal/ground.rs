//! The terminal's ground, light or dark: asked for once the first frame stands, and listened for among the keys. A
//! terminal that never answers costs nothing, one that answers late is heard all the same, and of an answer no letter
//! ever comes to the loop as a key.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// What asks for it: OSC 11.
pub const QUESTION: &str = "\x1b]11;?\x1b\\";
/// The longest answer, in keys.
const LONGEST: usize = 40;

/// Picks the answer out of what comes from the terminal.
#[derive(Debug, Default)]
pub struct Listener {
    held: Vec<Event>,
    text: String,
    heard: bool,
}

/// What came of one event.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// It is part of an answer, maybe.
    Held,
    /// These came, and are none.
    Passed(Vec<Event>),
    /// The ground is light, or dark.
    Ground {
        /// True when ink on it should be dark.
        light: bool,
    },
}

impl Listener {
    /// Takes one event.
    pub fn hear(&mut self, event: Event) -> Heard {
        if self.heard {
            return Heard::Passed(vec![event]);
        }
        let Some(letter) = letter(&event) else { return self.pass(event) };
        let begins = self.text.is_empty();
        match letter {
            // The library makes Alt of an escape.
            Letter::Escaped(']') if begins => self.hold(event, ']'),
            Letter::Escaped('\\') | Letter::Bell if !begins => self.end(event),
            Letter::Plain(c) if !begins && self.text.len() < LONGEST => {
                self.text.push(c);
                let expected = "]11;rgb:";
                if self.text.starts_with(expected) || expected.starts_with(&self.text) {
                    self.held.push(event);
                    return Heard::Held;
                }
                self.pass(event)
            }
            _ => self.pass(event),
        }
    }

    fn hold(&mut self, event: Event, c: char) -> Heard {
        self.text.push(c);
        self.held.push(event);
        Heard::Held
    }

    fn pass(&mut self, event: Event) -> Heard {
        self.text.clear();
        self.held.push(event);
        Heard::Passed(std::mem::take(&mut self.held))
    }

    fn end(&mut self, event: Event) -> Heard {
        let Some(light) = self.text.strip_prefix("]11;rgb:").and_then(light) else { return self.pass(event) };
        self.held.clear();
        self.text.clear();
        self.heard = true;
        Heard::Ground { light }
    }
}

enum Letter {
    Plain(char),
    Escaped(char),
    Bell,
}

fn letter(event: &Event) -> Option<Letter> {
    let Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }) = event else { return None };
    match *modifiers {
        KeyModifiers::NONE | KeyModifiers::SHIFT => Some(Letter::Plain(*c)),
        KeyModifiers::ALT => Some(Letter::Escaped(*c)),
        KeyModifiers::CONTROL if *c == 'g' => Some(Letter::Bell),
        _ => None,
    }
}

/// `rrrr/gggg/bbbb`, each of one to four hexadecimal digits.
fn light(colours: &str) -> Option<bool> {
    let part = |text: &str| {
        let most = 16_u32.checked_pow(u32::try_from(text.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
        Some(f64::from(u32::from_str_radix(text, 16).ok()?) / f64::from(most))
    };
    let mut parts = colours.split('/').map(part);
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    /// As the library reads it.
    fn events(answer: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut letters = answer.chars();
        while let Some(c) = letters.next() {
            events.push(match c {
                '\x1b' => key(letters.next().unwrap(), KeyModifiers::ALT),
                '\x07' => key('g', KeyModifiers::CONTROL),
                c => key(c, KeyModifiers::NONE),
            });
        }
        events
    }

    fn heard(text: &str) -> (Vec<Event>, Vec<bool>) {
        let mut listener = Listener::default();
        let (mut passed, mut grounds) = (Vec::new(), Vec::new());
        for event in events(text) {
            match listener.hear(event) {
                Heard::Held => {}
                Heard::Passed(events) => passed.extend(events),
                Heard::Ground { light } => grounds.push(light),
            }
        }
        (passed, grounds)
    }

    #[test]
    fn an_answer_is_heard_among_keys_and_none_of_it_is_a_key() {
        for (answer, light) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", true),
            ("\x1b]11;rgb:1111/1414/1a1a\x07", false),
            ("\x1b]11;rgb:f/f/e\x07", true),
            ("\x1b]11;rgb:00/00/80\x1b\\", false),
        ] {
            assert_eq!(heard(&format!("jk{answer}q")), (events("jkq"), vec![light]), "{answer:?}");
        }
    }

    #[test]
    fn what_only_begins_like_one_is_keys() {
        for keys in ["\x1b]q", "\x1b]11q", "\x1b]\x1b]x", "\x1b]11;rgb:\x1b\\", "\x1b]11;rgb:zz/1/2\x07", "q\x1b\\"] {
            assert_eq!(heard(keys), (events(keys), Vec::new()), "{keys:?}");
        }
        let long = format!("\x1b]11;rgb:{}", "f".repeat(99));
        assert_eq!(heard(&long), (events(&long), Vec::new()));
    }
}
