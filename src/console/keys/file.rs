//! A file of keys: `command = "key"` or `command = ["key", "prefix key"]`. Whatever cannot be used is named with its
//! place; the rest of the file is in force.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Chord, CommandId, CommandSpec, Key, Keymap};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

/// Puts a file's text in force and says what of it could not be used.
pub fn apply(keymap: &mut Keymap, text: &str) -> Vec<Diagnostic> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut file = File { text, keymap, bound: Vec::new(), faults: Vec::new() };
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        file.faults.push(Diagnostic::error(error.message().to_owned()).at_span(text, &span, 1));
    }
    let at: BTreeMap<String, Range<usize>> =
        table.get_ref().keys().map(|name| (word(name.get_ref()), name.span())).collect();
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in entries {
        file.command(name, value);
    }
    let File { bound, mut faults, .. } = file;
    for (id, chord, by) in keymap.rebind(&bound) {
        let (Some(command), Some(by)) = (keymap.spec(id), keymap.spec(by)) else { continue };
        let left: Vec<_> = keymap.keys(id).map(|left| format!("`{left}`")).collect();
        let (command, by) = (command.word(), by.word());
        let fault = if left.is_empty() {
            let said = format!("`{command}` has no key left: `{by}` took `{chord}`");
            Diagnostic::warning(said).help("it can be run from the palette")
        } else {
            let said = format!("`{by}` takes `{chord}` from `{command}`, which keeps {}", left.join(", "));
            Diagnostic::warning(said).help(format!("where that is meant, name `{command}` with its keys too"))
        };
        faults.push(at.get(&by).map_or_else(|| fault.clone(), |span| fault.clone().at_span(text, span, 1)));
    }
    faults
}

/// The name of a command, however it is spelt in the file.
fn word(name: &str) -> String {
    name.replace([' ', '_'], "-")
}

struct File<'t> {
    text: &'t str,
    keymap: &'t Keymap,
    bound: Vec<(CommandId, Vec<Chord>)>,
    faults: Vec<Diagnostic>,
}

impl File<'_> {
    fn fault<T>(&mut self, at: &Spanned<T>, message: String, help: Option<String>) {
        let mut fault = Diagnostic::error(message);
        fault.help = help;
        self.faults.push(fault.at_span(self.text, &at.span(), 1));
    }

    fn command(&mut self, name: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let word = word(name.get_ref());
        let commands = self.keymap.commands();
        let Some(command) = commands.iter().find(|command| command.word() == word) else {
            let words: Vec<_> = commands.iter().map(CommandSpec::word).collect();
            let help = did_you_mean(&word, words.iter().map(String::as_str));
            return self.fault(name, format!("unknown command `{}`", name.get_ref()), help);
        };
        let keys: Vec<_> = match value.get_ref() {
            DeValue::String(_) => vec![value],
            DeValue::Array(keys) => keys.iter().collect(),
            _ => return self.fault(value, "expected a key in quotes, or a list of them".to_owned(), None),
        };
        let none_wanted = keys.is_empty();
        let chords: Vec<_> = keys.into_iter().filter_map(|key| self.chord(key, command)).collect();
        // A command all of whose keys are wrong keeps those it has.
        if none_wanted || !chords.is_empty() {
            self.bound.push((command.id(), chords));
        }
    }

    fn chord(&mut self, value: &Spanned<DeValue<'_>>, command: &CommandSpec) -> Option<Chord> {
        let Some(name) = value.get_ref().as_str() else {
            self.fault(value, "expected a key in quotes".to_owned(), None);
            return None;
        };
        let chord: Chord = match name.parse() {
            Ok(chord) => chord,
            Err(unknown) => {
                let help = did_you_mean(name, Key::names());
                self.fault(value, format!("{unknown}"), help);
                return None;
            }
        };
        if (chord.key == Key::ESC || chord.prefix == Some(Key::ESC)) && command.id() != CommandId::BACK {
            self.fault(value, "`esc` always goes back and can mean nothing else".to_owned(), None);
            return None;
        }
        let clash = self.bound.iter().find_map(|(id, chords)| {
            let other = chords.iter().find(|other| self.keymap.clash((**other, *id), (chord, command.id())))?;
            Some((self.keymap.spec(*id)?.word(), *other))
        });
        if let Some((word, other)) = clash {
            let message = format!("`{chord}` cannot be `{}`: `{other}` is `{word}` in this file", command.word());
            self.fault(value, message, None);
            return None;
        }
        Some(chord)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{KeyContext, Meaning, ScreenId};
    use super::*;

    fn with(text: &str) -> (Keymap, Vec<String>) {
        let mut keymap = Keymap::new(crate::console::shell::specs());
        let faults = apply(&mut keymap, text);
        assert!(keymap.conflicts().is_empty(), "{:?}", keymap.conflicts());
        let said = |fault: &Diagnostic| {
            let line = fault.line.map_or_else(String::new, |line| format!("{line}: "));
            format!("{line}{} {}", fault.message, fault.help.as_deref().unwrap_or_default()).trim_end().to_owned()
        };
        (keymap, faults.iter().map(said).collect())
    }

    fn meaning(keymap: &Keymap, keys: &str) -> Meaning {
        let chord: Chord = keys.parse().unwrap();
        let lists = KeyContext { screen: ScreenId(1), text: false };
        keymap.meaning(lists, chord.prefix, chord.key)
    }

    #[test]
    fn a_command_gets_exactly_the_keys_of_the_file() {
        let (keymap, faults) = with("play = [\"ctrl-r\", \"Z p\"]\nnext-block = \"B\"\npage_up = \"K\"\ntheme = []\n");
        assert_eq!(faults, [""; 0]);
        assert_eq!(meaning(&keymap, "ctrl-r"), Meaning::Command(CommandId("play")));
        assert_eq!(meaning(&keymap, "Z"), Meaning::Prefix);
        assert_eq!(meaning(&keymap, "Z p"), Meaning::Command(CommandId("play")));
        assert_eq!(meaning(&keymap, "p"), Meaning::Nothing);
        assert_eq!(meaning(&keymap, "K"), Meaning::Command(CommandId("page up")));
        assert_eq!(meaning(&keymap, "T"), Meaning::Nothing);
        assert_eq!(meaning(&keymap, "down"), Meaning::Command(CommandId("down")));
    }

    #[test]
    fn what_cannot_be_used_is_named_and_the_rest_is_in_force() {
        let text = "plai = \"P\"\nplay = \"ctrl+r\"\nquit = \"esc\"\nhelp = 3\nfirst = \"g\"\nnext-block = \"g b\"\n\
                    newest = \"N\"\n";
        let (keymap, faults) = with(text);
        let wanted = [
            "1: unknown command `plai` did you mean `play`?",
            "2: `ctrl+r` is not the name of a key did you mean `ctrl-r`?",
            "3: `esc` always goes back and can mean nothing else",
            "4: expected a key in quotes, or a list of them",
            "6: `g b` cannot be `next-block`: `g` is `first` in this file",
        ];
        assert_eq!(faults[..5], wanted, "{faults:#?}");
        assert!(faults.contains(
            &"5: `next-alert` has no key left: `first` took `g a` it can be run from the palette".to_owned()
        ));
        assert_eq!(meaning(&keymap, "g"), Meaning::Command(CommandId("first")));
        assert_eq!(meaning(&keymap, "N"), Meaning::Command(CommandId("newest")));
        assert_eq!(meaning(&keymap, "q"), Meaning::Command(CommandId("quit")));
    }

    #[test]
    fn a_key_that_is_taken_from_another_command_is_said_unless_both_are_named() {
        let (keymap, faults) = with("play = \"P\"\nzoom = \"j\"\n");
        let said =
            "2: `zoom` takes `j` from `down`, which keeps `down` where that is meant, name `down` with its keys too";
        assert_eq!(faults, [said]);
        assert_eq!(meaning(&keymap, "j"), Meaning::Command(CommandId("zoom")));
        assert_eq!(with("zoom = \"j\"\ndown = \"down\"\n").1, [""; 0]);
    }

    #[test]
    fn a_line_that_is_no_toml_does_not_take_the_others_away() {
        let (keymap, faults) = with("play = \"P\"\nhelp = = \"H\"\nnewest = \"N\"\n");
        assert!(faults[0].starts_with("2: "), "{faults:?}");
        assert_eq!(meaning(&keymap, "P"), Meaning::Command(CommandId("play")));
        assert_eq!(meaning(&keymap, "N"), Meaning::Command(CommandId("newest")));
    }

    #[test]
    fn back_keeps_esc() {
        assert_eq!(meaning(&with("back = \"b\"").0, "esc"), Meaning::Command(CommandId::BACK));
        assert_eq!(meaning(&with("back = []").0, "esc"), Meaning::Command(CommandId::BACK));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(play|quit|back|g b|esc|ctrl-| |=|\"|\\[|\\]|,|\n|\\PC){0,30}") {
            with(&text);
        }
    }
}
