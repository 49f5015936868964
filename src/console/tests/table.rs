//! The command table, and what is read off it.

use super::{dark, told};
use crate::console::commands::{COMMANDS, Footer, Group, enabled};
use crate::console::{Key, Keymap};

#[test]
fn every_command_has_a_sentence_and_keys_that_mean_it() {
    let keymap = Keymap::default();
    assert!(keymap.conflicts().is_empty(), "{:?}", keymap.conflicts());
    for command in COMMANDS {
        assert!(command.doc.ends_with('.') && command.doc.len() < 60, "{}", command.name);
        assert_eq!(COMMANDS.iter().filter(|other| other.id == command.id).count(), 1, "{}", command.name);
        assert_eq!(keymap.keys(command.id).count(), command.keys.len(), "{}", command.name);
        for name in command.keys {
            let key: Key = name.parse().unwrap();
            assert_eq!(key.to_string(), *name);
            assert_eq!(keymap.command(key), Some(command.id));
            assert_eq!(Key::pressed(&key.event()), Some(key));
        }
    }
}

#[test]
fn the_help_shows_every_command_and_why_one_cannot_run() {
    let mut runner = told(120, 60, dark());
    let text = runner.press("?").text();
    for command in COMMANDS {
        assert!(text.contains(command.doc.trim_end_matches('.')), "{}\n{text}", command.name);
        assert!(command.keys.iter().all(|key| text.contains(key)), "{}", command.name);
    }
    for group in Group::ALL {
        assert!(text.contains(group.title()));
    }
    assert!(text.contains("(not in this version yet)"));
}

#[test]
fn the_footer_names_only_what_works_now() {
    let mut runner = told(120, 40, dark());
    for keys in ["", "up", "enter", "esc ?"] {
        runner.press(keys);
        let text = runner.text();
        let footer = text.lines().last().unwrap();
        for command in COMMANDS.iter().filter(|command| command.footer != Footer::Silent) {
            let works = enabled(runner.state()).any(|other| other.id == command.id);
            let label = format!("{} {}", command.keys[0], command.name);
            assert_eq!(footer.contains(&label), works, "{keys}: {label} in {footer}");
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for name in ["", "F0", "F99", "ctrl-", "nokey", "Ctrl-a"] {
        assert!(name.parse::<Key>().is_err(), "{name}");
    }
}
