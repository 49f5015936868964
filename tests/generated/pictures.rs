//! The pictures the README shows are frames of the bundled workspace, drawn by the production loop.

use std::path::Path;

use fibric_console::console::picture::svg;
use fibric_console::console::{Depth, Options, Palette, Runner};
use fibric_console::session::store::journal_in;

use sha2::{Digest, Sha256};

use crate::hold;
use crate::played::played;

/// Name, columns and rows, palette, colours.
const PICTURES: [(&str, (u16, u16), Palette, Depth); 6] = [
    ("live-120x40", (120, 40), Palette::Dark, Depth::True),
    ("live-120x40-light", (120, 40), Palette::Light, Depth::True),
    ("live-120x40-cvd", (120, 40), Palette::Cvd, Depth::True),
    ("live-120x40-mono", (120, 40), Palette::Mono, Depth::Mono),
    ("live-80x24", (80, 24), Palette::Dark, Depth::True),
    ("live-40x12", (40, 12), Palette::Dark, Depth::True),
];

#[test]
fn the_console_looks_as_its_pictures_show_it() {
    let entries = played(&["fixtures"]);
    for (name, (columns, rows), palette, depth) in PICTURES {
        let options = Options { depth, palette, ..Options::default() };
        let mut runner = Runner::new(columns, rows, options.theme());
        runner.feed(1, entries.iter().cloned());
        // Of the BLOCKs, the refund that the ceiling stopped.
        for _ in 0..9 {
            if runner.press("g b").text().contains("value 250 > maxValue 100") {
                break;
            }
        }
        assert!(runner.text().contains("value 250 > maxValue 100"), "{}", runner.text());
        let title = format!("the console on the bundled workspace, {columns} by {rows}");
        hold(&format!("screenshots/{name}.svg"), &svg(runner.frame(), options.theme(), &title));
    }
}

#[test]
fn the_policy_screen_looks_as_its_pictures_show_it() {
    let entries = played(&["fixtures"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, (columns, rows), palette) in [
        ("policy-120x40", (120, 40), Palette::Dark),
        ("policy-120x40-light", (120, 40), Palette::Light),
        ("policy-80x24", (80, 24), Palette::Dark),
    ] {
        // A workspace that has no past.
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("policy")).unwrap();
        std::fs::copy(root.join("policy/trust.yaml"), folder.path().join("policy/trust.yaml")).unwrap();
        let options = Options { depth: Depth::True, palette, ..Options::default() };
        let mut runner = Runner::new(columns, rows, options.theme());
        runner.in_folder(folder.path()).feed(1, entries.iter().cloned());
        for _ in 0..9 {
            if runner.press("g b").text().contains("value 250 > maxValue 100") {
                break;
            }
        }
        let text = runner.press("3 ctrl-w 2 5 0").text();
        assert!(text.contains("1 newly allowed"), "{text}");
        let title = format!("a ceiling raised on the Policy screen, {columns} by {rows}");
        hold(&format!("screenshots/{name}.svg"), &svg(runner.frame(), options.theme(), &title));
        hold(&format!("screenshots/{name}-broken.svg"), &svg(runner.press("O").frame(), options.theme(), &title));
    }
}

#[test]
fn the_replay_screen_looks_as_its_pictures_show_it() {
    let lines: String = played(&["fixtures"])
        .iter()
        .fold(String::new(), |text, entry| text + &serde_json::to_string(&**entry).unwrap_or_default() + "\n");
    for (name, (columns, rows), query, keys) in [
        ("replay-120x40", (120, 40), "decision:dedup", "tab F enter"),
        ("replay-80x24", (80, 24), "decision:dedup", ""),
        ("presenter-100x30", (100, 30), "tool:order.refund value:>100", "P b s"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal_in(&folder.path().join(".fibric/dev"), 1);
        std::fs::create_dir_all(journal.parent().unwrap()).unwrap();
        std::fs::write(journal, &lines).unwrap();
        let options = Options { depth: Depth::True, palette: Palette::Dark, ..Options::default() };
        let mut runner = Runner::new(columns, rows, options.theme());
        runner.in_folder(folder.path()).press("2 /").type_in(query).press("enter").press(keys);
        let text = runner.text();
        assert!(text.contains("DEDUP") || text.contains("value 250 > maxValue 100"), "{text}");
        let title = format!("a run stepped through on the Replay screen, {columns} by {rows}");
        hold(&format!("screenshots/{name}.svg"), &svg(runner.frame(), options.theme(), &title));
    }
}

#[test]
fn the_readmes_png_is_of_the_svg_as_it_is() {
    let read = |name: &str| {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name)).unwrap_or_default()
    };
    let source = Sha256::digest(read("live-120x40.svg"));
    let source = source.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let png = read("live-120x40.png");
    let holds = png.windows(source.len()).any(|bytes| bytes == source.as_bytes());
    assert!(holds || std::env::var_os("UPDATE_GENERATED").is_some(), "`cargo xtask screenshots` makes it anew");
}
