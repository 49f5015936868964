//! What the disk does under a draft.

use std::fs;
use std::sync::Arc;

use super::{FILE, dark, desk, desk_at_ceiling};
use crate::console::runtime::Incoming;
use crate::kernel::journal::{Entry, Fact, PolicyStamp};

/// The kernel says that it read the policy again.
pub fn reloaded(desk: &mut super::Desk) {
    let stamp = desk.runner.model().runs.policy().unwrap().clone();
    let digest = Some("b52a".repeat(16));
    let fact = Fact::PolicyLoaded(PolicyStamp { digest, ..stamp });
    desk.runner.feed(1, [Arc::new(Entry { seq: 900, at: "2026-01-01T00:30:00Z".to_owned(), fact })]);
}

#[test]
fn a_save_writes_the_file_and_says_so() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("5");
    let text = desk.runner.press("ctrl-s").text();
    assert!(text.contains("saved and in force") && text.contains("as on disk"), "{text}");
    assert!(desk.on_disk().contains("maxValue: 1005"));
    reloaded(&mut desk);
    assert!(desk.runner.text().contains("policy b52a") && !desk.runner.text().contains("b52a ●"));
    assert!(desk.runner.press("ctrl-s").text().contains("put in force: nothing is changed"));
    assert!(desk.runner.press("alt-u").text().contains("b52a ●"), "what was saved can be taken back, as a draft");
}

#[test]
fn what_does_not_load_is_saved_only_when_a_person_insists() {
    let mut desk = desk_at_ceiling();
    let text = desk.runner.press("x ctrl-s").text();
    assert!(text.contains("The draft does not load") && text.contains("goes stale"), "{text}");
    desk.runner.press("esc");
    assert_eq!(desk.on_disk(), FILE);
    assert!(desk.runner.press("ctrl-s s").text().contains("saved; it does not load"));
    assert!(desk.on_disk().contains("100x"));
}

#[test]
fn a_change_on_disk_is_taken_in_where_nothing_is_edited() {
    let mut desk = desk_at_ceiling();
    fs::write(desk.file(), FILE.replace("maxValue: 4", "maxValue: 6")).unwrap();
    reloaded(&mut desk);
    assert!(desk.runner.text().contains("changed on disk; read again"), "{}", desk.runner.text());
    assert!(desk.draft().contains("maxValue: 6"));
    assert!(!desk.runner.policy().is_changed());
}

#[test]
fn edits_in_other_lines_are_kept_beside_it() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("5");
    fs::write(desk.file(), FILE.replace("maxValue: 4", "maxValue: 6")).unwrap();
    reloaded(&mut desk);
    assert!(desk.runner.text().contains("your edits are kept beside it"), "{}", desk.runner.text());
    assert!(desk.draft().contains("maxValue: 6") && desk.draft().contains("maxValue: 1005"));
    assert!(desk.runner.text().contains("1 edit"));
}

#[test]
fn edits_in_the_same_line_are_asked_about() {
    for (answer, draft, saved) in [("m", "maxValue: 1005", "maxValue: 1005"), ("t", "maxValue: 70", "maxValue: 70")] {
        let mut desk = desk_at_ceiling();
        desk.runner.press("5");
        fs::write(desk.file(), FILE.replace("maxValue: 100", "maxValue: 70")).unwrap();
        reloaded(&mut desk);
        assert!(desk.runner.text().contains("The file changed on disk"), "{}", desk.runner.text());
        desk.runner.press(answer);
        assert_eq!(desk.line(12).trim(), draft);
        desk.runner.press("ctrl-s");
        assert_eq!(desk.on_disk().lines().nth(11).unwrap().trim(), saved, "{answer}");
    }
}

#[test]
fn a_save_over_a_change_nobody_told_of_is_refused() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("5");
    let theirs = FILE.replace("maxValue: 100", "maxValue: 70");
    fs::write(desk.file(), &theirs).unwrap();
    let text = desk.runner.press("ctrl-s").text();
    assert!(text.contains("The file changed on disk"), "{text}");
    assert_eq!(desk.on_disk(), theirs);
}

#[test]
fn a_file_that_is_gone_leaves_the_draft() {
    let mut desk = desk_at_ceiling();
    fs::remove_file(desk.file()).unwrap();
    reloaded(&mut desk);
    assert!(desk.runner.text().contains("is gone from the disk"), "{}", desk.runner.text());
    assert!(desk.runner.press("ctrl-s").text().contains("saved and in force"));
    assert_eq!(desk.on_disk(), FILE);
}

#[test]
fn another_editor_gets_the_draft_and_gives_it_back() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("5 alt-e");
    let handed = desk.folder.path().join(".fibric/dev/draft/trust.yaml");
    let text = fs::read_to_string(&handed).unwrap();
    assert!(text.contains("maxValue: 1005"));
    fs::write(&handed, text.replace("maxValue: 4", "maxValue: 9")).unwrap();
    desk.runner.send(Incoming::Back(None));
    assert!(desk.draft().contains("maxValue: 9") && desk.draft().contains("1005"));
    assert_eq!(desk.on_disk(), FILE, "it is a draft still");
    desk.runner.press("alt-u");
    assert!(desk.draft().contains("maxValue: 4"));
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be_so() {
    let mut desk = desk(120, 40, dark());
    fs::remove_file(desk.file()).unwrap();
    fs::create_dir(desk.file()).unwrap();
    assert!(desk.runner.press("3").text().contains("policy/trust.yaml: it is not a file"), "{}", desk.runner.text());
    desk.runner.press("5 ctrl-s esc");
    assert!(desk.runner.text().contains("Envelopes"));
}

#[test]
fn receipts_of_earlier_sessions_count_and_those_of_this_one_once() {
    let mut desk = desk(120, 40, dark());
    let state = desk.folder.path().join(".fibric/dev");
    fs::create_dir_all(&state).unwrap();
    let story = crate::console::tests::story();
    let receipts = story.iter().filter_map(|entry| match &entry.fact {
        Fact::Disposed(disposed) => Some(&disposed.receipt),
        _ => None,
    });
    // The console was fed the story as run 1: what runs 0 and 1 left on disk is earlier and its own.
    let line = |run: u32, receipt: &crate::kernel::receipt::Receipt| {
        let mut receipt = crate::kernel::receipt::Receipt { id: format!("rc_{run}_1"), ..receipt.clone() };
        // With the key it has in this session it would be the same action.
        receipt.idempotency_key.insert_str(0, if run == 0 { "earlier:" } else { "" });
        serde_json::to_string(&receipt).unwrap() + "\n"
    };
    let all: Vec<_> = receipts.collect();
    let text: String = [0, 1].iter().flat_map(|run| all.iter().map(|receipt| line(*run, receipt))).collect();
    fs::write(state.join("receipts.jsonl"), text + "not json\n").unwrap();
    let text = desk.runner.press("3").text();
    assert!(text.contains("60 recorded actions"), "{text}");
    let text = desk.runner.press("backspace backspace backspace 2 5 0").text();
    assert!(text.contains("2 newly allowed") && text.matches(" SO-10884 ").count() == 2, "{text}");
    desk.runner.press("F6");
    let of_disk = |desk: &super::Desk| desk.runner.policy().ladder.as_ref().unwrap().subject.row.is_none();
    if !of_disk(&desk) {
        desk.runner.press("down");
    }
    assert!(of_disk(&desk), "one of the two is of an earlier session");
    let text = desk.runner.press("enter").text();
    assert!(text.contains("rc_0_1 of an earlier session: .fibric/dev/receipts.jsonl:"), "{text}");
    let text = desk.runner.click("SO-10884 ").text();
    assert!(text.contains("Impact ━"), "{text}");
}

#[test]
fn of_two_files_the_one_that_decides_is_opened_and_the_other_still_judges() {
    let mut desk = desk(120, 40, dark());
    fs::write(desk.folder.path().join("policy/more.yaml"), "- tool: order.read\n  decision: ALLOW\n").unwrap();
    let stamp = desk.runner.model().runs.policy().unwrap().clone();
    let mut ruleset = stamp.ruleset.clone();
    let other = serde_json::from_str(
        r#"{"tool":"order.read","decision":"ALLOW","origin":{"file":"policy/more.yaml","number":1,"line":1}}"#,
    );
    ruleset.insert(0, other.unwrap());
    let files = vec!["policy/more.yaml".to_owned(), "policy/trust.yaml".to_owned()];
    let digest = Some("c63b".repeat(16));
    let fact = Fact::PolicyLoaded(PolicyStamp { digest, files, rules: ruleset.len(), ruleset, ..stamp });
    desk.runner.feed(1, [Arc::new(Entry { seq: 901, at: "2026-01-01T00:30:00Z".to_owned(), fact })]);
    let text = desk.runner.press("3 ctrl-w 2 5 0").text();
    assert!(text.contains("policy/trust.yaml ●") && text.contains("1 newly allowed"), "{text}");
    let ladder = desk.runner.policy().ladder.as_ref().unwrap();
    assert_eq!(ladder.steps.len(), 8, "the rules of both files are tried");
    assert!(text.contains("was 100") && text.contains("rule 3"), "{text}");
}
