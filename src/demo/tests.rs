//! The scripts performed over real sessions, and how the band and the first page look.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::first_run::{Choice, Page};
use super::performance::{Performance, Progress};
use super::player::{Guide, Pace, Speed};
use super::view::{Band, console_size, framed};
use super::{Failure, Line, Script, Stage, Written, written};
use crate::console::tests::frames::dump_frame;
use crate::console::tests::{ascii, dark, mono};
use crate::console::{Key, Runner, Theme};

fn stage(size: (u16, u16), policy: Option<&str>) -> Stage {
    Stage { theme: dark(), size, policy: policy.map(str::to_owned), stopped: Arc::default() }
}

fn told(script: &Script, policy: Option<&str>) -> Result<Vec<Line>, Failure> {
    let mut lines = Vec::new();
    let how = Written { size: (100, 36), speed: Speed::Max, presenting: false, recording: None };
    written(script, stage((100, 30), policy), how, |line| {
        lines.push(line);
        Ok::<_, Failure>(())
    })?;
    Ok(lines)
}

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

#[test]
fn a_newcomer_reads_why_the_second_refund_was_stopped_and_what_would_have_passed() {
    let lines = told(&Script::demo(), None).unwrap();
    let why = lines.iter().find(|line| line.title == "Why, in one sentence").unwrap();
    assert!(why.shows.starts_with("■ BLOCK  rule 3: value 250 > maxValue 100"), "{why:?}");
    assert!(why.caption.contains("value ≤ 100 → ALLOW, or rule 3 maxValue ≥ 250 → ALLOW"), "{why:?}");
    let last = lines.iter().rfind(|line| !line.keys.is_empty()).unwrap();
    assert!(last.shows.starts_with("✓ ALLOW  rule 3: value 250 ≤ maxValue 250"), "{last:?}");
    assert!(lines.iter().all(|line| !line.caption.contains("not known")), "{lines:#?}");
}

/// What is said follows from what happens, and not from the script.
#[test]
fn another_policy_shows_another_story() {
    let bundled = include_str!("../../policy/trust.yaml");
    let lines = told(&Script::demo(), Some(&bundled.replace("maxValue: 100", "maxValue: 300"))).unwrap();
    let why = lines.iter().find(|line| line.title == "Why, in one sentence").unwrap();
    assert!(why.shows.starts_with("✓ ALLOW  rule 3: value 250 ≤ maxValue 300"), "{why:?}");
    assert!(why.caption.contains("ALLOW, because of rule 3: value 250 ≤ maxValue 300"), "{why:?}");
    let stricter = told(&Script::demo(), Some(&bundled.replace("maxValue: 100", "maxValue: 30"))).unwrap();
    assert_ne!(lines, stricter);
}

/// A script that presses a key for nothing is out of date.
#[test]
fn each_key_of_a_script_changes_what_is_shown() {
    for script in [Script::demo(), Script::tour()] {
        let stage = stage((100, 24), None);
        let mut performance = Performance::begin(&stage).unwrap();
        for (at, step) in script.steps.iter().enumerate() {
            let mut progress = Progress::of(&script, at, &performance);
            if at == 0 {
                // What comes in meanwhile changes it too.
                while performance.text().contains("0 sensed") || !performance.text().contains("claim.filed") {
                    performance.take(Duration::from_millis(20)).unwrap();
                }
            }
            while let Some(stroke) = progress.next() {
                let before = performance.frame().clone();
                progress.press(&mut performance);
                assert_ne!(*performance.frame(), before, "{} of `{}` in the {}", stroke.key, step.title, script.title);
            }
            progress.finish(&script, &mut performance).unwrap();
        }
    }
}

/// The room follows one plan, stage by stage, there and back, with keys alone.
#[test]
fn a_presenter_walks_through_one_plan_forwards_and_backwards() {
    let mut performance = Performance::begin(&stage((100, 30), None)).unwrap();
    let script = Script::tour();
    let mut first = Progress::of(&script, 0, &performance);
    first.finish(&script, &mut performance).unwrap();
    for name in ["2", "g", "g", "/"] {
        performance.press(key(name));
    }
    "key:return-desk:RMA-502:notify".chars().for_each(|letter| performance.press(Key::typing(letter)));
    for name in ["enter", "P"] {
        performance.press(key(name));
    }
    // Without the keys that were pressed, and the hints of what can be pressed now.
    let scene = |performance: &Performance| {
        let text = performance.text();
        let lines = text.lines().take(29).map(|line| line.split(['╭', '│', '╰']).next().unwrap_or_default().trim_end());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    while !performance.text().contains("stage 1/6") {
        performance.press(key("b"));
    }
    let mut seen = vec![scene(&performance)];
    for _ in 0..5 {
        performance.press(key("s"));
        seen.push(scene(&performance));
    }
    let whole = seen.concat().join("\n");
    for said in ["stage 1/6", "stage 2/6", "stage 6/6", "return-desk proposes", "presenting, P ends it"] {
        assert!(whole.contains(said), "{said}: {whole}");
    }
    for (at, before) in seen.iter().enumerate().rev().skip(1) {
        performance.press(key("b"));
        assert_eq!(scene(&performance), *before, "back at {at}");
    }
}

#[test]
fn the_folder_goes_with_the_performance_and_a_signal_is_heard() {
    let stage = stage((80, 24), None);
    let performance = Performance::begin(&stage).unwrap();
    let folder = performance.folder().to_path_buf();
    assert!(folder.join("policy/trust.yaml").is_file());
    drop(performance);
    assert!(!folder.exists());
    stage.stopped.store(true, Ordering::Relaxed);
    let mut performance = Performance::begin(&stage).unwrap();
    assert!(matches!(performance.take(Duration::ZERO), Err(Failure::Stopped)));
}

fn band(script: &Script, pressed: usize, complete: bool, guide: Guide, presenting: bool) -> Band<'_> {
    let pace = Pace { speed: Speed::Times(2.0), guide, paused: complete, presenting };
    let caption =
        "The second refund is BLOCK, because of rule 3: value 250 > maxValue 100. What would change it: value ≤ 100."
            .to_owned();
    Band { script, at: 3, caption, pressed, complete, pace, note: None }
}

#[test]
fn the_band() {
    let script = Script::demo();
    let draw = |size: (u16, u16), theme: Theme, band: &Band<'_>| {
        let (columns, rows) = console_size(size, band.pace.presenting);
        let console = Runner::new(columns, rows, theme);
        dump_frame(&framed(console.frame(), size, &theme, band), theme)
    };
    for (columns, rows) in [(40, 12), (80, 24), (100, 30), (120, 40)] {
        let playing = band(&script, 2, false, Guide::Script, false);
        insta::assert_snapshot!(format!("band-{columns}x{rows}"), draw((columns, rows), dark(), &playing));
        let large = band(&script, 5, true, Guide::Script, true);
        insta::assert_snapshot!(format!("band-large-{columns}x{rows}"), draw((columns, rows), dark(), &large));
    }
    let guided = band(&script, 0, false, Guide::Person, false);
    insta::assert_snapshot!("band-tour-80x24-ascii", draw((80, 24), ascii(), &guided));
    insta::assert_snapshot!("band-tour-80x24-mono", draw((80, 24), mono(), &guided));
    for (columns, rows) in (0..60).zip(0..30) {
        draw((columns, rows), dark(), &guided);
    }
}

#[test]
fn the_page_of_a_first_run() {
    let mut page = Page::default();
    for (look, theme) in [("dark", dark()), ("mono", mono()), ("ascii", ascii())] {
        for (columns, rows) in [(40, 12), (80, 24), (100, 30), (120, 40)] {
            if look == "dark" || columns == 80 {
                let frame = page.draw((columns, rows), &theme, "~/new-shop", None);
                insta::assert_snapshot!(format!("first-run-{columns}x{rows}-{look}"), dump_frame(&frame, theme));
            }
        }
    }
    let fault =
        page.draw((100, 30), &dark(), "\u{1b}[2J/new", Some("nothing was written: `operators` is there already"));
    insta::assert_snapshot!("first-run-fault-100x30", dump_frame(&fault, dark()));
    for columns in 0..130 {
        page.draw((columns, columns / 3), &dark(), "x", Some("y"));
    }
    assert_eq!(page.take(key("down")), None);
    assert_eq!(page.take(key("enter")), Some(Choice::Tour));
    assert_eq!(page.take(key("o")), Some(Choice::Open));
    assert_eq!(page.take(key("x")), None);
    assert_eq!(page.take(key("q")), Some(Choice::Quit));
}
