//! Frames as text and styles, at four sizes in three looks.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Style};

use super::{ascii, dark, mono, told, troubles};
use crate::console::screens::live::tests::joined;
use crate::console::text::Charset;
use crate::console::theme::{Role, Theme};
use crate::console::{Depth, Palette, Runner, text_of};

/// The frame's text, then each row's styles as runs, then what the letters of the runs stand for.
pub fn dump(runner: &Runner, theme: Theme) -> String {
    dump_frame(runner.frame(), theme)
}

/// The same of a frame that is drawn elsewhere.
pub fn dump_frame(frame: &Buffer, theme: Theme) -> String {
    let mut out = text_of(frame);
    let mut styles: Vec<Style> = Vec::new();
    out.push('\n');
    for y in 0..frame.area.height {
        let runs = runs(frame, y, &mut styles);
        writeln!(out, "{y:>2} {runs}").unwrap();
    }
    out.push('\n');
    for (at, style) in styles.iter().enumerate() {
        let modifiers =
            if style.add_modifier.is_empty() { String::new() } else { format!(" {:?}", style.add_modifier) };
        let (fg, bg) = (name(style.fg, theme, true), name(style.bg, theme, false));
        writeln!(out, "{} {fg} on {bg}{modifiers}", letter(at)).unwrap();
    }
    out
}

fn runs(frame: &Buffer, y: u16, styles: &mut Vec<Style>) -> String {
    let mut runs: Vec<(usize, u16)> = Vec::new();
    for x in 0..frame.area.width {
        let style = frame.cell((x, y)).map(Cell::style).unwrap();
        let at = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        match runs.last_mut() {
            Some((last, count)) if *last == at => *count += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs.iter().map(|(at, count)| format!("{}{count}", letter(*at))).collect::<Vec<_>>().join(" ")
}

fn letter(at: usize) -> char {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZαβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ";
    letters.chars().nth(at).unwrap()
}

fn name(colour: Option<Color>, theme: Theme, ink: bool) -> String {
    let role = Role::ALL.into_iter().find(|role| {
        let style = theme.ink(*role);
        style.fg.is_some() && style.fg == colour
    });
    match (role, colour) {
        (Some(role), _) => format!("{role:?}").to_lowercase(),
        (None, Some(Color::Reset) | None) => "default".to_owned(),
        (None, Some(colour)) => format!("{}{colour}", if ink { "" } else { "tint " }),
    }
}

#[test]
fn live() {
    let light = Theme::new(Palette::Light, Depth::True, Charset::Unicode);
    for (look, theme) in [("dark", dark()), ("light", light), ("mono", mono()), ("ascii", ascii())] {
        for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
            let mut runner = told(columns, rows, theme);
            // The blocked refund, off the newest.
            runner.press(&"up ".repeat(25));
            insta::assert_snapshot!(format!("live-{columns}x{rows}-{look}"), dump(&runner, theme));
        }
    }
}

#[test]
fn every_theme() {
    for palette in Palette::ALL {
        let theme = Theme::new(palette, Depth::True, Charset::Unicode);
        let runner = told(120, 40, theme);
        insta::assert_snapshot!(format!("theme-120x40-{}", palette.name()), dump(&runner, theme));
    }
    let indexed = Theme::new(Palette::Dark, Depth::Indexed, Charset::Unicode);
    insta::assert_snapshot!("theme-80x24-indexed", dump(&told(80, 24, indexed), indexed));
    let sixteen = Theme::new(Palette::Dark, Depth::Sixteen, Charset::Unicode);
    insta::assert_snapshot!("live-80x24-sixteen", dump(&told(80, 24, sixteen), sixteen));
}

#[test]
fn each_list_in_hand() {
    for (name, keys) in [("envelopes", "backtab backtab"), ("plans", "backtab"), ("receipts", "tab"), ("to-ack", "A")] {
        let mut runner = told(120, 40, dark());
        runner.press(&"up ".repeat(25)).press(keys);
        insta::assert_snapshot!(format!("live-120x40-{name}"), dump(&runner, dark()));
    }
}

#[test]
fn a_plan_made_again() {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut runner = told(columns, rows, dark());
        runner.press("g").feed(1, joined::rerun(&super::story()));
        insta::assert_snapshot!(format!("again-{columns}x{rows}"), dump(&runner, dark()));
    }
}

#[test]
fn layers() {
    let mut runner = told(100, 30, dark());
    insta::assert_snapshot!("help-100x30", dump(runner.press("? down down"), dark()));
    insta::assert_snapshot!("help-filtered-100x30", dump(runner.type_in("polic"), dark()));
    insta::assert_snapshot!("detail-100x30", dump(runner.press("esc enter"), dark()));
    insta::assert_snapshot!("whichkey-100x30", dump(runner.press("esc up g"), dark()));
    insta::assert_snapshot!("palette-100x30", dump(runner.press("esc : n e x t enter : down"), dark()));
    insta::assert_snapshot!("palette-typed-100x30", dump(runner.type_in("ne"), dark()));
    insta::assert_snapshot!("themes-100x30", dump(runner.press("esc T down down"), dark()));
    for (keys, name) in [("?", "help"), (":", "palette"), ("T", "themes"), ("g", "whichkey")] {
        let mut runner = told(40, 12, dark());
        insta::assert_snapshot!(format!("{name}-40x12"), dump(runner.press(keys), dark()));
        let mut runner = told(80, 24, ascii());
        insta::assert_snapshot!(format!("{name}-80x24-ascii"), dump(runner.press(keys), ascii()));
        let mut runner = told(80, 24, mono());
        insta::assert_snapshot!(format!("{name}-80x24-mono"), dump(runner.press(keys), mono()));
    }
}

#[test]
fn trouble() {
    for (columns, rows) in [(40, 12), (80, 24), (100, 30), (120, 40)] {
        let mut runner = told(columns, rows, dark());
        runner.feed(1, troubles());
        insta::assert_snapshot!(format!("trouble-{columns}x{rows}"), dump(&runner, dark()));
    }
}

#[test]
fn nothing_yet() {
    insta::assert_snapshot!(dump(&Runner::new(80, 24, dark()), dark()));
}

#[test]
fn a_picture_has_every_glyph_and_is_well_formed() {
    let mut runner = told(120, 40, dark());
    runner.press("home");
    let svg = crate::console::picture::svg(runner.frame(), dark(), "Live, 120 by 40");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<text ").count(), svg.matches("</text>").count());
    for glyph in ["✓", "≡", "Decisions", "order.hold", "#11141a"] {
        assert!(svg.contains(glyph), "{glyph}");
    }
}

#[test]
#[ignore = "writes pictures to look at, into the folder named by PICTURES"]
fn pictures() {
    let Ok(folder) = std::env::var("PICTURES") else { return };
    let light = Theme::new(Palette::Light, Depth::True, Charset::Unicode);
    for (name, theme) in [("dark", dark()), ("light", light), ("mono", mono())] {
        let mut runner = told(120, 40, theme);
        runner.press(&"up ".repeat(25));
        let svg = crate::console::picture::svg(runner.frame(), theme, "Live, 120 by 40");
        std::fs::write(format!("{folder}/live-120x40-{name}.svg"), svg).unwrap();
    }
}
