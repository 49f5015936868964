//! Keys on every terminal: what some of them cannot send, and what some of them send for the same key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{dark, told};
use crate::console::Key;
use crate::console::keys::Chord;
use crate::console::shell::specs;

fn has_alt(key: Key) -> bool {
    key.parts().2
}

/// Alt is another letter in some terminals, and a prefix that gets lost in others.
#[test]
fn whatever_has_a_key_with_alt_has_another() {
    for command in specs() {
        let keys: Vec<Chord> = command.keys.iter().map(|name| name.parse().unwrap()).collect();
        let plain = |chord: &Chord| !has_alt(chord.key) && !chord.prefix.is_some_and(has_alt);
        // It works only where no text has the keys.
        let in_panes = command.name == "write fixture";
        let other = keys.iter().any(|chord| plain(chord) && (in_panes || chord.key.typed().is_none()));
        assert!(keys.iter().all(plain) || other, "{}", command.name);
    }
}

#[test]
fn a_key_with_a_modifier_of_the_desktop_is_none() {
    for modifier in [KeyModifiers::SUPER, KeyModifiers::HYPER, KeyModifiers::META] {
        assert_eq!(Key::pressed(&KeyEvent::new(KeyCode::Char('q'), modifier)), None);
        assert_eq!(Key::pressed(&KeyEvent::new(KeyCode::Char('c'), modifier | KeyModifiers::CONTROL)), None);
    }
}

#[test]
fn what_terminals_send_for_one_key_is_one_key() {
    let (control, shift) = (KeyModifiers::CONTROL, KeyModifiers::SHIFT);
    for (letter, modifiers) in [('7', control), ('/', control), ('_', control | shift), ('-', control | shift)] {
        let key = Key::pressed(&KeyEvent::new(KeyCode::Char(letter), modifiers)).unwrap();
        assert_eq!(key.to_string(), "ctrl-_", "{letter}");
    }
    assert_ne!(Key::pressed(&KeyEvent::new(KeyCode::Char('-'), control)).unwrap().to_string(), "ctrl-_");
    let enter = Key::pressed(&KeyEvent::new(KeyCode::Enter, shift));
    assert_eq!(enter, Some(Key::ENTER));
    assert!("shift-a".parse::<Key>().is_err() && "shift-tab".parse::<Key>().is_err());
    assert_eq!("ctrl-shift-left".parse::<Key>().unwrap().to_string(), "ctrl-shift-left");
}

#[test]
fn shift_means_nothing_where_it_has_no_meaning_of_its_own() {
    let shown = |keys: &str| told(80, 24, dark()).press(keys).text();
    assert_eq!(shown("shift-up shift-up"), shown("up up"));
    assert_eq!(shown("shift-home"), shown("home"));
    assert_ne!(shown("shift-up"), shown("shift-up shift-up"));
    assert_eq!(shown(": shift-down"), shown(": down"));
}
