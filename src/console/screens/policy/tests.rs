//! The Policy screen through the real loop: the draft, the save, the disk, and what is never in force by accident.

mod disk;
mod drawn;
mod frames;
mod panes;
mod unsure;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::console::tests::{ascii, dark, mono, told};
use crate::console::{Exit, Runner, Theme};

pub const FILE: &str = include_str!("tests/trust.yaml");

/// A console on a workspace that has the story's policy, on the refund that its ceiling stopped.
pub struct Desk {
    pub runner: Runner,
    folder: TempDir,
}

impl Desk {
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("policy/trust.yaml")
    }

    pub fn on_disk(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    pub fn draft(&self) -> &str {
        self.runner.policy().draft.as_ref().unwrap().text()
    }

    /// The text that stands on a line, from 1.
    pub fn line(&self, number: usize) -> &str {
        self.draft().lines().nth(number - 1).unwrap_or_default()
    }
}

pub fn desk_saying(columns: u16, rows: u16, theme: Theme, file: &str) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("policy")).unwrap();
    fs::write(folder.path().join("policy/trust.yaml"), file).unwrap();
    let mut runner = told(columns, rows, theme);
    runner.in_folder(folder.path());
    runner.press(&"up ".repeat(25));
    Desk { runner, folder }
}

pub fn desk(columns: u16, rows: u16, theme: Theme) -> Desk {
    desk_saying(columns, rows, theme, FILE)
}

#[test]
fn a_digit_typed_into_the_ceiling_is_judged_on_the_same_frame() {
    let mut desk = desk(120, 40, dark());
    let text = desk.runner.press("3").text();
    assert!(text.contains("3 Policy") && text.contains("30 recorded actions") && text.contains("as on disk"), "{text}");
    assert!(text.contains("line 12, column 16"), "the cursor stands behind the ceiling that stopped it\n{text}");
    // 100 becomes 10, then 1, then nothing, and 250.
    desk.runner.press("backspace backspace backspace");
    let frames = desk.runner.frames();
    let text = desk.runner.press("2 5 0").text();
    assert_eq!(desk.runner.frames(), frames + 3, "a frame for each key");
    for wanted in [
        "● draft, not in force",
        "1 edit",
        "was 100",
        "in force; the draft says ✓ ALLOW",
        "1 newly allowed",
        "■ 2 → 1",
        "rule 3  250 ≤ 250",
        "29 the same",
        "■ 250 > 100      ✓ 250 ≤ 250",
        "value ≤ 100      value > 250",
        "maxValue 250 → 251",
        "policy a41f ●",
        "Nothing is in force until it is saved; a41f is.",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert_eq!(desk.on_disk(), FILE, "nothing is in force until it is saved");
    let text = desk.runner.press("alt-u").text();
    assert!(text.contains("last good") && text.contains("does not load"), "{text}");
    let text = desk.runner.press("alt-u").text();
    assert!(text.contains("as on disk") && !text.contains("a41f ●"), "{text}");
    assert!(!text.contains("newly allowed"), "undo rewinds the numbers too\n{text}");
    assert!(desk.runner.press("alt-r alt-r").text().contains("1 newly allowed"));
}

#[test]
fn what_is_typed_is_text_and_esc_leaves_without_quitting() {
    let mut desk = desk(120, 40, dark());
    desk.runner.press("3 i end").type_in(" # q?:1/");
    assert_eq!(desk.line(12), "  maxValue: 100 # q?:1/");
    assert!(desk.runner.app().picker.is_none() && desk.runner.exit().is_none());
    assert!(desk.runner.press("F1").text().contains("Help"));
    assert!(desk.runner.press("esc ctrl-p").text().contains("Commands"));
    desk.runner.press("esc esc");
    assert!(!desk.runner.policy().types(), "esc ends editing first\n{}", desk.runner.text());
    assert!(desk.runner.press("esc").text().contains("Envelopes"), "then it leaves the screen");
    assert!(desk.runner.press("esc esc").exit().is_none());
    let row = desk.runner.selected();
    desk.runner.press("3");
    assert_eq!(desk.runner.selected(), row, "the selection stays");
    assert_eq!(desk.line(12), "  maxValue: 100 # q?:1/", "and so does the draft");
}

#[test]
fn the_text_is_looked_at_until_an_editing_key() {
    let mut desk = desk(120, 40, dark());
    let text = desk.runner.press("3").text();
    assert!(text.contains("i edit") && !desk.runner.policy().types(), "{text}");
    assert!(desk.runner.press("4").text().contains("the text is only looked at; i or enter edits it"));
    desk.runner.press("x left down up right 7");
    assert_eq!(desk.draft(), FILE, "what would type says so and types nothing");
    assert!(desk.runner.press("5").text().contains("cn-brightdesk"), "numbers switch screens");
    assert!(!desk.runner.text().contains("policy/trust.yaml ━"));
    desk.runner.press("3 enter 5");
    assert_eq!(desk.line(12), "  maxValue: 1005");
    assert!(desk.runner.press("esc 1").text().contains("Envelopes"), "after esc, numbers switch screens again");
    desk.runner.press("3 backspace 6");
    assert_eq!(desk.line(12), "  maxValue: 1006", "what takes something away begins to edit");
}

#[test]
fn every_fault_stands_under_its_line_with_its_fix() {
    let mut desk = desk(120, 40, dark());
    desk.runner.press("3 backspace backspace O O");
    let text = desk.runner.text();
    for wanted in [
        "✗ does not load",
        "✗ maxValue is a number, found text \"1OO\"",
        "did you mean 100?",
        "ctrl-y take 100",
        "▲ last good",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    assert!(desk.runner.press("ctrl-y").text().contains("as on disk"));
    for (keys, typed, said, after) in [
        ("home ctrl-k", "maxvalue: 100", "unknown key maxvalue in rule 3", "  maxValue: 100"),
        ("up end ctrl-w", "order.refnd", "unknown capability order.refnd", "  tool: order.refund"),
        ("ctrl-w", "\"100\"", "maxValue is a number, found text \"100\"", "  maxValue: 100"),
        ("down end ctrl-w", "ALOW", "unknown decision ALOW", "  decision: ALLOW"),
    ] {
        let mut desk = desk_at_ceiling();
        let line = desk.runner.press(keys).policy().draft.as_ref().unwrap().editor.place().0;
        let text = desk.runner.type_in(typed).text();
        assert!(text.contains(said), "{said}\n{text}");
        desk.runner.press("esc F8 ctrl-y");
        assert_eq!(desk.line(line + 1), after, "{said}");
    }
    let mut desk = desk_at_ceiling();
    let text = desk.runner.press("up end ctrl-w").type_in("order.*").text();
    assert!(text.contains("* is not a pattern here"), "{text}");
}

fn desk_at_ceiling() -> Desk {
    let mut desk = desk(120, 40, dark());
    desk.runner.press("3 i");
    desk
}

#[test]
fn keys_tools_and_decisions_are_offered() {
    let mut desk = desk_at_ceiling();
    let text = desk.runner.press("enter").type_in("dec").text();
    assert!(text.contains("decision:   what it says"), "{text}");
    desk.runner.press("tab B");
    assert_eq!(desk.line(13), "  decision: B");
    desk.runner.press("tab");
    assert_eq!(desk.line(13), "  decision: BLOCK");
    let text = desk.runner.press("ctrl-u").type_in("  tool: order.").text();
    assert!(text.contains("order.hold") && text.contains("order.refund"), "{text}");
    desk.runner.press("down up tab");
    assert!(desk.line(13).starts_with("  tool: order.") && desk.line(13).len() > 14, "{}", desk.line(13));
    assert!(desk.runner.type_in("zz").policy().offers.is_none());
    desk.runner.press("ctrl-u tab");
    assert_eq!(desk.line(13), "  ", "without offers, tab indents");
}

#[test]
fn text_is_found_and_replaced() {
    let mut desk = desk_at_ceiling();
    let text = desk.runner.press("ctrl-f").type_in("order.hold").text();
    assert!(text.contains("2 of 2") && text.contains("enter next"), "{text}");
    assert!(desk.runner.press("enter").text().contains("1 of 2"));
    desk.runner.press("ctrl-r enter").type_in("order.release").press("enter alt-enter esc");
    assert_eq!(desk.draft().matches("order.hold").count(), 0);
    assert_eq!(desk.draft().matches("order.release").count(), 3);
    desk.runner.press("alt-u alt-u");
    assert_eq!(desk.draft(), FILE);
    assert!(desk.runner.press("ctrl-f").type_in("zzz").text().contains("nothing"));
    desk.runner.press("esc");
    assert!(desk.runner.policy().types());
}

#[test]
fn a_paste_is_text_and_a_click_places_the_cursor() {
    use crate::console::runtime::Incoming;
    let mut desk = desk_at_ceiling();
    desk.runner.click("order.release               rule 4");
    assert!(desk.runner.text().contains("line 15, column 9"), "{}", desk.runner.text());
    desk.runner.press("home ctrl-k");
    let pasted = crossterm::event::Event::Paste("- tool: order.release\n  maxValue: 7".to_owned());
    desk.runner.send(Incoming::Terminal(pasted));
    assert_eq!((desk.line(15), desk.line(16)), ("- tool: order.release", "  maxValue: 7"));
    desk.runner.press("alt-u alt-u");
    assert_eq!(desk.draft(), FILE, "each is one step");
}

#[test]
fn quitting_asks_only_for_a_draft() {
    let mut clean = desk_at_ceiling();
    assert_eq!(clean.runner.press("esc q").exit(), Some(Exit::Quit));
    let mut desk = desk_at_ceiling();
    let text = desk.runner.press("5 esc q").text();
    assert!(text.contains("A draft is not in force") && text.contains("1 edit not saved"), "{text}");
    assert!(desk.runner.exit().is_none());
    assert!(!desk.runner.press("esc").text().contains("A draft is not in force"));
    assert_eq!(desk.runner.press("q enter").exit(), Some(Exit::Quit), "enter keeps the draft and leaves");
    assert_eq!(desk.on_disk(), FILE);
    assert!(desk.folder.path().join(".fibric/dev/draft/policy_trust.yaml.json").exists());

    let mut next = told(120, 40, dark());
    next.in_folder(desk.folder.path());
    assert!(next.press("3").text().contains("A draft from before"), "{}", next.text());
    assert!(next.press("t").text().contains("maxValue: 1005"), "{}", next.text());
    assert_eq!(next.press("esc q s").exit(), Some(Exit::Quit), "saves and leaves");
    assert!(desk.on_disk().contains("maxValue: 1005"));
    assert!(!desk.folder.path().join(".fibric/dev/draft/policy_trust.yaml.json").exists());

    let mut thrown = desk_at_ceiling();
    assert_eq!(thrown.runner.press("5 esc q d").exit(), Some(Exit::Quit));
    assert_eq!(thrown.on_disk(), FILE);
}

#[test]
fn a_pause_keeps_the_draft_and_draws_nothing() {
    let mut desk = desk_at_ceiling();
    let frames = desk.runner.press("5").frames();
    assert_eq!(desk.runner.rest().frames(), frames);
    let kept = fs::read_to_string(desk.folder.path().join(".fibric/dev/draft/policy_trust.yaml.json")).unwrap();
    assert!(kept.contains("maxValue: 1005") && kept.contains("maxValue: 100\\n"));
    desk.runner.press("alt-u").rest();
    assert!(!desk.folder.path().join(".fibric/dev/draft/policy_trust.yaml.json").exists(), "nothing left to keep");
}

#[test]
fn every_size_draws_the_policy() {
    for theme in [dark(), ascii(), mono()] {
        let mut desk = desk(120, 40, theme);
        desk.runner.press("3 i");
        for keys in ["5", "O", "ctrl-f", "esc alt-s", "esc F6", "esc", "3 F6 F6", "tab", "q", "esc 3 i ctrl-r"] {
            desk.runner.press(keys);
            for (columns, rows) in
                [(1, 1), (19, 5), (20, 5), (24, 8), (40, 12), (60, 14), (80, 24), (95, 20), (96, 30), (130, 45)]
            {
                desk.runner.resize(columns, rows);
                assert_eq!(desk.runner.frame().area.as_size(), (columns, rows).into());
            }
        }
    }
}
