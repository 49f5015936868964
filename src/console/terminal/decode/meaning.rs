//! What a sequence means, once it is whole. One that is no key, mouse or focus means nothing.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// `ESC O` and a byte.
pub fn single(last: u8) -> Option<Event> {
    let code = match last {
        b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S' => named(last)?,
        // rxvt, with Control.
        b'a'..=b'd' => return Some(key(named(last.to_ascii_uppercase())?, KeyModifiers::CONTROL)),
        // The keypad, where it was told to be one.
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        b'j'..=b'y' => KeyCode::Char(char::from(last - b'j' + b'*')),
        _ => return None,
    };
    Some(key(code, KeyModifiers::NONE))
}

/// True for parameters that are nothing but the number of a key.
pub fn is_key_number(parameters: &[u8]) -> bool {
    let number = std::str::from_utf8(parameters).ok().and_then(|digits| digits.parse().ok());
    parameters.iter().all(u8::is_ascii_digit) && number.and_then(numbered).is_some()
}

/// `ESC [ [` and a byte.
pub fn console(last: u8) -> Option<Event> {
    matches!(last, b'A'..=b'E').then(|| key(KeyCode::F(1 + last - b'A'), KeyModifiers::NONE))
}

/// `ESC [`, parameters, and the last byte.
pub fn control(parameters: &[u8], last: u8) -> Option<Event> {
    if let Some(mouse) = parameters.strip_prefix(b"<") {
        return new_mouse(mouse, last);
    }
    // Anything else that is not a number, such as `?` and `>`, marks a reply.
    let numbers = Numbers::read(parameters)?;
    match (last, numbers.first()) {
        (b'I', None) => Some(Event::FocusGained),
        (b'O', None) => Some(Event::FocusLost),
        (b'Z', None | Some(1)) => Some(key(KeyCode::BackTab, KeyModifiers::SHIFT | numbers.modifiers())),
        // F3 of this form would be a report of the cursor's place.
        (b'R', _) => None,
        (b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S', _) => moving(&numbers, last),
        (b'a'..=b'd', None) => Some(key(named(last.to_ascii_uppercase())?, KeyModifiers::SHIFT)),
        // As xterm sends what has no other form, where it is told to.
        (b'~', Some(27)) => encoded(&numbers, numbers.three()?.2),
        (b'~', Some(number)) => Some(numbers.pressed(numbered(number)?)),
        // rxvt's way to say Shift, Control, and both.
        (b'$' | b'^' | b'@', Some(number)) if numbers.0.len() == 1 => {
            let shift = if last == b'^' { KeyModifiers::NONE } else { KeyModifiers::SHIFT };
            let control = if last == b'$' { KeyModifiers::NONE } else { KeyModifiers::CONTROL };
            Some(key(numbered(number)?, shift | control))
        }
        (b'u', Some(number)) => encoded(&numbers, number),
        (b'M', Some(_)) => {
            let (button, column, row) = numbers.three()?;
            mouse(u8::try_from(button.checked_sub(32)?).ok()?, column, row)
        }
        _ => None,
    }
}

/// The three bytes after `ESC [ M`.
pub fn old_mouse(button: u8, column: u8, row: u8) -> Option<Event> {
    mouse(button.checked_sub(32)?, u32::from(column.checked_sub(32)?), u32::from(row.checked_sub(32)?))
}

/// What parameters say: `number[:part…];number…`.
struct Numbers(Vec<Vec<Option<u32>>>);

impl Numbers {
    fn read(parameters: &[u8]) -> Option<Self> {
        let number = |digits: &[u8]| match digits {
            [] => Some(None),
            _ if digits.iter().all(u8::is_ascii_digit) => {
                std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).map(Some)
            }
            _ => None,
        };
        let parts = |part: &[u8]| part.split(|byte| *byte == b':').map(number).collect::<Option<Vec<_>>>();
        parameters.split(|byte| *byte == b';').map(parts).collect::<Option<Vec<_>>>().map(Self)
    }

    fn at(&self, parameter: usize, part: usize) -> Option<u32> {
        self.0.get(parameter)?.get(part).copied().flatten()
    }

    fn first(&self) -> Option<u32> {
        self.at(0, 0)
    }

    fn three(&self) -> Option<(u32, u32, u32)> {
        (self.0.len() == 3).then_some((self.at(0, 0)?, self.at(1, 0)?, self.at(2, 0)?))
    }

    fn modifiers(&self) -> KeyModifiers {
        self.at(1, 0).map_or(KeyModifiers::NONE, modifiers)
    }

    /// A key with the modifiers and the kind that the second parameter says.
    fn pressed(&self, code: KeyCode) -> Event {
        let kind = match self.at(1, 1) {
            Some(2) => KeyEventKind::Repeat,
            Some(3) => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        };
        Event::Key(KeyEvent::new_with_kind(code, self.modifiers(), kind))
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn modifiers(number: u32) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let all = [
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
        KeyModifiers::SUPER,
        KeyModifiers::HYPER,
        KeyModifiers::META,
    ];
    (0..).zip(all).filter(|(bit, _)| bits >> bit & 1 == 1).fold(KeyModifiers::NONE, |sum, (_, one)| sum | one)
}

/// Keys whose last byte tells which they are. With modifiers it is `1;modifiers`, or the modifiers alone.
fn moving(numbers: &Numbers, last: u8) -> Option<Event> {
    let code = named(last)?;
    match (numbers.0.len(), numbers.first()) {
        (1 | 2, None | Some(1)) => Some(numbers.pressed(code)),
        (1, Some(alone @ 2..=16)) if !last.is_ascii_uppercase() || last < b'P' => Some(key(code, modifiers(alone))),
        _ => None,
    }
}

fn named(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(1 + last - b'P'),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    let function = |less: u32| u8::try_from(number - less).ok().map(KeyCode::F);
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(10)?,
        17..=21 => function(11)?,
        23..=26 => function(12)?,
        28..=29 => function(15)?,
        31..=34 => function(17)?,
        _ => return None,
    })
}

/// `CSI letter ; modifiers u`, as some terminals are told to send what has no other form.
fn encoded(numbers: &Numbers, number: u32) -> Option<Event> {
    let shift = numbers.modifiers().contains(KeyModifiers::SHIFT);
    let code = match char::from_u32(number)? {
        '\u{1b}' => KeyCode::Esc,
        '\r' => KeyCode::Enter,
        '\t' if shift => KeyCode::BackTab,
        '\t' => KeyCode::Tab,
        '\u{7f}' => KeyCode::Backspace,
        // Keys without a letter stand among letters for private use.
        '\u{e000}'..='\u{f8ff}' => without_letter(number)?,
        letter if letter.is_control() => return None,
        letter => KeyCode::Char(letter),
    };
    let mut event = numbers.pressed(code);
    if let Event::Key(KeyEvent { code: KeyCode::Char(letter), modifiers, .. }) = &mut event
        && shift
    {
        if let Some(shifted) = numbers.at(0, 1).and_then(char::from_u32) {
            *letter = shifted;
            modifiers.remove(KeyModifiers::SHIFT);
        } else if !modifiers.contains(KeyModifiers::CONTROL) {
            // As without the protocol, where it is another letter.
            letter.make_ascii_uppercase();
        }
    }
    Some(event)
}

/// The kitty protocol's numbers of the keypad and of function keys beyond the twelfth.
fn without_letter(number: u32) -> Option<KeyCode> {
    const SIGNS: [char; 5] = ['.', '/', '*', '-', '+'];
    let at = |first: u32| usize::try_from(number - first).ok();
    Some(match number {
        57_376..=57_387 => KeyCode::F(u8::try_from(number - 57_376 + 13).ok()?),
        57_399..=57_408 => KeyCode::Char(char::from_digit(number - 57_399, 10)?),
        57_409..=57_413 => KeyCode::Char(*SIGNS.get(at(57_409)?)?),
        57_414 => KeyCode::Enter,
        57_415 => KeyCode::Char('='),
        57_416 => KeyCode::Char(','),
        57_417 => KeyCode::Left,
        57_418 => KeyCode::Right,
        57_419 => KeyCode::Up,
        57_420 => KeyCode::Down,
        57_421 => KeyCode::PageUp,
        57_422 => KeyCode::PageDown,
        57_423 => KeyCode::Home,
        57_424 => KeyCode::End,
        57_425 => KeyCode::Insert,
        57_426 => KeyCode::Delete,
        _ => return None,
    })
}

fn new_mouse(parameters: &[u8], last: u8) -> Option<Event> {
    let (button, column, row) = Numbers::read(parameters)?.three()?;
    let event = mouse(u8::try_from(button).ok()?, column, row)?;
    match (last, event) {
        (b'm', Event::Mouse(MouseEvent { kind: MouseEventKind::Down(button), column, row, modifiers })) => {
            Some(Event::Mouse(MouseEvent { kind: MouseEventKind::Up(button), column, row, modifiers }))
        }
        (b'M' | b'm', event) => Some(event),
        _ => None,
    }
}

/// The button's bits: two of the button, shift, alt, control, moving, two more of the button.
fn mouse(bits: u8, column: u32, row: u32) -> Option<Event> {
    let button = (bits & 0b11) | ((bits & 0b1100_0000) >> 4);
    let moving = bits & 0b10_0000 != 0;
    let kind = match (button, moving) {
        (0, false) => MouseEventKind::Down(MouseButton::Left),
        (1, false) => MouseEventKind::Down(MouseButton::Middle),
        (2, false) => MouseEventKind::Down(MouseButton::Right),
        (0, true) => MouseEventKind::Drag(MouseButton::Left),
        (1, true) => MouseEventKind::Drag(MouseButton::Middle),
        (2, true) => MouseEventKind::Drag(MouseButton::Right),
        (3, false) => MouseEventKind::Up(MouseButton::Left),
        (3..=5, true) => MouseEventKind::Moved,
        (4, false) => MouseEventKind::ScrollUp,
        (5, false) => MouseEventKind::ScrollDown,
        (6, false) => MouseEventKind::ScrollLeft,
        (7, false) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    // From one, where events count from nought.
    let place = |number: u32| u16::try_from(number.checked_sub(1)?).ok();
    let modifiers = modifiers(u32::from(bits >> 2 & 0b111) + 1);
    Some(Event::Mouse(MouseEvent { kind, column: place(column)?, row: place(row)?, modifiers }))
}
