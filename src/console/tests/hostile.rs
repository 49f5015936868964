//! Text from outside that tries to act on the terminal.

use std::sync::Arc;

use super::{dark, entries, mono, story, troubles};
use crate::console::screens::live::tests::joined;
use crate::console::theme::Theme;
use crate::console::{Depth, Palette, Runner, text::Charset};
use crate::kernel::journal::Entry;

const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n\t\u{8}\u{7f}\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}\u{ad}\u{e0041}日本\u{301}\u{301}\u{301}\u{301}\u{301}👩\u{200d}👩";

/// Every text of a journal entry made hostile, numbers and the words of the format kept.
fn poisoned(entry: &Entry) -> Arc<Entry> {
    let mut value = serde_json::to_value(entry).unwrap();
    poison(&mut value);
    let text = serde_json::to_string(&value).unwrap();
    Arc::new(serde_json::from_str(&text).unwrap())
}

fn poison(value: &mut serde_json::Value) {
    const WORDS: [&str; 9] =
        ["decision", "cause", "outcome", "handler", "stage", "severity", "kind", "source", "state"];
    match value {
        serde_json::Value::String(text) => *text = format!("{EVIL}{text}{EVIL}"),
        serde_json::Value::Array(items) => items.iter_mut().for_each(poison),
        serde_json::Value::Object(map) => {
            for (key, child) in map.iter_mut() {
                if !(WORDS.contains(&key.as_str()) && child.is_string()) {
                    poison(child);
                }
            }
        }
        _ => {}
    }
}

fn assert_inert(runner: &Runner) {
    for cell in &runner.frame().content {
        let symbol = cell.symbol();
        let acts = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{e0000}'..='\u{e0fff}')
        };
        assert!(!symbol.chars().any(acts), "{symbol:?} reached the screen");
        assert!(crate::console::text::width(symbol) <= 2, "{symbol:?}");
    }
}

#[test]
fn nothing_that_acts_reaches_a_cell() {
    let ascii = Theme::new(Palette::Light, Depth::Indexed, Charset::Ascii);
    let sizes = [(40, 12), (80, 24), (120, 40), (200, 60)];
    let all = [story(), troubles(), joined::rerun(&story()).to_vec()].concat();
    let poisoned: Vec<_> = all.iter().map(|entry| poisoned(entry)).collect();
    for (theme, sizes) in [(dark(), &sizes[..]), (mono(), &sizes[1..2]), (ascii, &sizes[1..2])] {
        for &(columns, rows) in sizes {
            let mut runner = Runner::new(columns, rows, theme);
            runner.feed(1, poisoned.clone());
            assert_inert(&runner);
            for keys in [
                "enter pgdn",
                "esc home enter G",
                "esc j j enter",
                "esc ! pgdn",
                "esc ?",
                "esc :",
                "esc T",
                "esc g",
                "esc esc home tab",
                "tab home",
                "tab home space",
                "A",
                "space enter space",
            ] {
                assert_inert(runner.press(keys));
            }
            if columns == 80 {
                runner.press("esc esc home");
                for _ in 0..runner.rows().len() {
                    assert_inert(runner.press("j"));
                }
            }
        }
    }
}

#[test]
fn a_huge_text_costs_no_more_than_its_cells() {
    let mut lines = entries(include_str!("troubles.jsonl"));
    let huge = serde_json::to_string(&*lines[2]).unwrap().replace("2 lines", &"x\\u0301".repeat(1_000_000));
    lines[2] = Arc::new(serde_json::from_str(&huge).unwrap());
    let mut runner = Runner::new(200, 60, dark());
    runner.feed(1, lines);
    assert_inert(&runner);
}
