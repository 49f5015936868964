//! Frames of the Policy screen as text and styles, and its pictures.

use super::{ascii, dark, desk, desk_saying, mono};
use crate::console::tests::frames::dump;
use crate::console::text::Charset;
use crate::console::theme::Theme;
use crate::console::{Depth, Palette};

#[test]
fn a_ceiling_raised() {
    let light = Theme::new(Palette::Light, Depth::True, Charset::Unicode);
    for (look, theme) in [("dark", dark()), ("light", light), ("mono", mono()), ("ascii", ascii())] {
        for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
            let mut desk = desk(columns, rows, theme);
            desk.runner.press("3 ctrl-w 2 5 0");
            insta::assert_snapshot!(format!("policy-{columns}x{rows}-{look}"), dump(&desk.runner, theme));
        }
    }
}

#[test]
fn a_draft_that_does_not_load() {
    for (columns, rows) in [(40, 12), (80, 24), (100, 30), (120, 40)] {
        let mut desk = desk(columns, rows, dark());
        desk.runner.press("3 backspace backspace O O");
        insta::assert_snapshot!(format!("policy-broken-{columns}x{rows}"), dump(&desk.runner, dark()));
    }
}

#[test]
fn what_opens_over_it() {
    for (name, keys) in [
        ("offers", "enter d e"),
        ("search", "ctrl-f o r d e r . h o l d"),
        ("replace", "ctrl-r o r d e r . h o l d enter x"),
        ("leave", "5 esc q"),
        ("form", "alt-s ctrl-u 9 9"),
        ("flips", "ctrl-w 2 5 0 F6"),
        ("untested", "F6 F6 F6 down"),
    ] {
        let mut desk = desk(120, 40, dark());
        desk.runner.press("3 i").press(keys);
        insta::assert_snapshot!(format!("policy-{name}-120x40"), dump(&desk.runner, dark()));
    }
}

#[test]
fn narrow_it_is_one_part_at_a_time() {
    for (name, keys) in [("impact", "F6"), ("ladder", "F6 F6"), ("untested", "F6 F6 F6")] {
        for (columns, rows) in [(40, 12), (80, 24)] {
            let mut desk = desk(columns, rows, dark());
            desk.runner.press("3 ctrl-w 2 5 0").press(keys);
            insta::assert_snapshot!(format!("policy-{name}-{columns}x{rows}"), dump(&desk.runner, dark()));
        }
    }
}

#[test]
fn hostile_text_is_drawn_inert() {
    let evil = "- tool: order.hold # \u{1b}[2J\u{7}\u{202e}x\u{200b}\u{feff}日本👩\u{200d}👩e\u{301}\u{301}\t\u{9b}31m\n  decision: ALLOW\n";
    for theme in [dark(), ascii()] {
        let mut desk = desk_saying(80, 24, theme, evil);
        desk.runner.press("3 i ctrl-home end x ctrl-f \u{1b} esc home right right ctrl-k");
        for cell in &desk.runner.frame().content {
            let acts = |c: char| c.is_control() || crate::kernel::sanitize::hidden(c);
            assert!(!cell.symbol().chars().any(acts), "{:?} reached the screen", cell.symbol());
        }
    }
}

#[test]
#[ignore = "writes pictures to look at, into the folder named by PICTURES"]
fn pictures() {
    let Ok(folder) = std::env::var("PICTURES") else { return };
    let light = Theme::new(Palette::Light, Depth::True, Charset::Unicode);
    for (name, theme) in [("dark", dark()), ("light", light), ("mono", mono())] {
        for (columns, rows) in [(120, 40), (80, 24)] {
            let mut desk = desk(columns, rows, theme);
            let mut picture = |name: String, keys: &str| {
                desk.runner.press(keys);
                let svg = crate::console::picture::svg(desk.runner.frame(), theme, "Policy");
                std::fs::write(format!("{folder}/{name}.svg"), svg).unwrap();
            };
            picture(format!("policy-{columns}x{rows}-{name}"), "3 ctrl-w 2 5 0");
            picture(format!("policy-broken-{columns}x{rows}-{name}"), "O");
        }
    }
}
