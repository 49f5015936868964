//! The command table, and what is read off it.

use super::{dark, told};
use crate::console::keys::{Chord, CommandId, CommandSpec, Footer, KeyContext, Meaning, Scope};
use crate::console::screens::Screens;
use crate::console::shell::{enabled, groups, specs};
use crate::console::{Key, Keymap, Runner};

/// Every context that keys can be pressed in.
fn contexts() -> impl Iterator<Item = KeyContext> {
    let of = |screen| [false, true].map(|text| KeyContext { screen, text });
    Screens::all().into_iter().flat_map(move |screen| of(screen.id))
}

#[test]
fn every_command_has_a_sentence_and_keys_that_mean_it() {
    let keymap = Keymap::new(specs());
    assert!(keymap.conflicts().is_empty(), "{:?}", keymap.conflicts());
    for command in specs() {
        assert!(command.doc.ends_with('.') && command.doc.len() < 60, "{}", command.name);
        let alike = |other: &&CommandSpec| other.id() == command.id() || other.word() == command.word();
        assert_eq!(specs().iter().filter(alike).count(), 1, "{}", command.name);
        assert_eq!(keymap.keys(command.id()).count(), command.keys.len(), "{}", command.name);
        for name in command.keys {
            let chord: Chord = name.parse().unwrap();
            assert_eq!(chord.to_string(), *name);
            for context in contexts().filter(|context| command.group.scope.holds(*context)) {
                let meant = keymap.meaning(context, chord.prefix, chord.key);
                // In a text, its own commands go before those of everywhere.
                let gives_way = command.group.scope == Scope::ALL
                    && matches!(meant, Meaning::Command(id) if keymap.spec(id).unwrap().group.scope.is_of_text());
                assert!(meant == Meaning::Command(command.id()) || gives_way, "{name} in {context:?}: {meant:?}");
                assert!(chord.prefix.is_none_or(|prefix| keymap.meaning(context, None, prefix) == Meaning::Prefix));
            }
            assert_eq!(Key::pressed(&chord.key.event()), Some(chord.key));
        }
    }
}

/// Every line of a menu, seen by walking down it.
fn walked(runner: &mut Runner) -> String {
    let mut seen = runner.text();
    for _ in specs() {
        seen += &runner.press("down").text();
    }
    seen
}

#[test]
fn help_palette_and_page_show_every_command_and_why_one_cannot_run() {
    let help = walked(told(120, 40, dark()).press("?"));
    let palette = walked(told(120, 40, dark()).press(":"));
    let page = crate::console::keys_page();
    for command in specs() {
        let sentence = command.doc.trim_end_matches('.');
        assert!(help.contains(sentence) && page.contains(sentence), "{}", command.name);
        assert!(page.contains(&format!("| `{}` |", command.word())), "{}", command.name);
        for key in command.keys {
            assert!(help.contains(key) && page.contains(&format!("`{key}`")), "{key}");
        }
        let opens_or_closes = [CommandId("commands"), CommandId::BACK].contains(&command.id());
        let listed = palette.lines().any(|line| line.contains(command.name) && line.contains(command.keys[0]));
        assert!(listed || opens_or_closes, "{}\n{palette}", command.name);
    }
    for group in groups() {
        assert!(help.contains(group.title) && page.contains(&format!("## {}\n", group.title)));
    }
    assert!(help.contains("(on the Policy screen)") && palette.contains("on the Policy screen"));
}

#[test]
fn which_key_shows_what_follows_and_works_now() {
    let mut runner = told(120, 40, dark());
    for (keys, prefix) in [("", "g"), ("enter", "g"), ("esc up", "g")] {
        let text = runner.press(keys).press(prefix).text();
        for command in specs() {
            let Some(key) = command.keys.iter().find_map(|key| key.strip_prefix("g ")) else { continue };
            let works = enabled(runner.app()).any(|other| other.id() == command.id());
            assert_eq!(text.contains(&format!(" {key}  {}", command.name)), works, "{keys}: {}\n{text}", command.name);
        }
        runner.press("esc");
    }
}

#[test]
fn the_footer_names_only_what_works_now() {
    let mut runner = told(200, 40, dark());
    for keys in ["", "up", "enter", "esc up up"] {
        runner.press(keys);
        let text = runner.text();
        let footer = text.lines().last().unwrap();
        for command in specs().iter().filter(|command| command.footer != Footer::Silent) {
            let works = enabled(runner.app()).find(|other| other.id() == command.id());
            let name = works.map_or(command.name.into(), |command| command.label(runner.app()));
            let label = format!("{} {name}", command.keys[0]);
            assert_eq!(footer.contains(&label), works.is_some(), "{keys}: {label} in {footer}");
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for name in ["", "F0", "F99", "ctrl-", "nokey", "Ctrl-a"] {
        assert!(name.parse::<Key>().is_err(), "{name}");
    }
}
