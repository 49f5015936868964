//! What somebody did to the state folder, at rest and while a session runs: whatever it was, no key is applied twice,
//! nothing is read or written through what is no plain file, nothing waits, and what is lost is told.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::harness::{Workspace, order};

mod cases;
#[cfg(unix)]
mod places;
mod running;

const DEV: &str = ".fibric/dev";
const PROJECTIONS: [&str; 4] = ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl"];

/// A workspace in which three orders were held by live input.
fn held() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("live.jsonl", (1..=3).map(order).collect::<String>());
    live(&workspace);
    workspace
}

fn live(workspace: &Workspace) -> String {
    workspace.ok(&["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"])
}

fn state(workspace: &Workspace, name: &str) -> std::path::PathBuf {
    workspace.path(DEV).join(name)
}

/// Every receipt that any journal or projection has of live runs: a key has one that applied.
fn no_key_twice(workspace: &Workspace, what: &str) {
    let mut applied: HashMap<String, String> = HashMap::new();
    let runs = fs::read_dir(state(workspace, "runs")).into_iter().flatten().flatten();
    let journals = runs.map(|run| fs::read_to_string(run.path().join("journal.jsonl")).unwrap_or_default());
    let receipts = state(workspace, "receipts.jsonl");
    // What was put there may be a pipe, which would be waited for.
    let is_file = fs::symlink_metadata(&receipts).is_ok_and(|about| about.is_file());
    let receipts = if is_file { fs::read_to_string(receipts).unwrap() } else { String::new() };
    for text in journals.chain([receipts]) {
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let inside = &line["fact"]["disposed"]["receipt"];
            let receipt = if inside.is_null() { &line } else { inside };
            if receipt["outcome"] == "applied" {
                let (key, id) = (receipt["idempotency_key"].to_string(), receipt["id"].to_string());
                let first = applied.entry(key).or_insert_with(|| id.clone());
                assert_eq!(*first, id, "{what}: a key was applied twice");
            }
        }
    }
}

#[test]
fn whatever_was_done_to_a_file_no_key_applies_twice_and_a_loss_is_told() {
    for (what, change, told, sound) in cases::of_projections().into_iter().chain(cases::of_journals()) {
        let workspace = held();
        change(&workspace);
        let said = live(&workspace);
        assert!(said.contains(told), "{what}: {said}");
        no_key_twice(&workspace, what);
        assert!(!fs::read_to_string(state(&workspace, "receipts.jsonl")).unwrap().contains("XX-"), "{what}");
        let verified = workspace.run(&["receipts", "verify"]);
        assert_eq!(verified.code == 0, sound, "{what}: {verified:?}");
        // Once told and put right, it is right; what is lost stays lost, and is told again.
        let again = live(&workspace);
        assert_eq!(again.contains("DEDUP"), !what.contains("SO-"), "{what}: {again}");
        if sound && what != "a claim by hand" && what != "envelopes cut" {
            assert!(told.is_empty() || !again.contains(told), "{what}: {again}");
        }
        no_key_twice(&workspace, what);
    }
}

#[test]
fn each_file_as_it_was_before_gives_no_key_back() {
    for name in ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl", "journals.chain"] {
        let workspace = Workspace::small();
        workspace.write("live.jsonl", order(1));
        live(&workspace);
        let older = fs::read(state(&workspace, name)).unwrap();
        workspace.write("live.jsonl", (1..=3).map(order).collect::<String>());
        live(&workspace);
        fs::write(state(&workspace, name), older).unwrap();
        live(&workspace);
        no_key_twice(&workspace, name);
    }
}

#[test]
fn a_head_that_was_kept_finds_the_swap_of_everything() {
    let workspace = held();
    let json: Value = serde_json::from_str(&workspace.ok(&["receipts", "verify", "--json"])).unwrap();
    let head = json["head"].as_str().unwrap().to_owned();
    assert_eq!((json["receipts"].as_u64(), json["unchained"].as_u64()), (Some(3), Some(0)));
    assert!(workspace.ok(&["receipts", "verify"]).contains(&format!("head {head}")));
    live(&workspace);
    workspace.ok(&["receipts", "verify", "--head", &head]);
    // Another state, sound in itself.
    fs::rename(workspace.path(".fibric"), workspace.path("kept")).unwrap();
    live(&workspace);
    workspace.ok(&["receipts", "verify"]);
    let said = workspace.run(&["receipts", "verify", "--head", &head]);
    assert!(said.code == 1 && said.err.contains("is not in the chain of journals"), "{said:?}");
    assert_eq!(workspace.run(&["receipts", "verify", "--head", "abc"]).code, 2);
}

#[test]
fn receipts_that_are_edited_with_their_chain_are_not_what_the_journal_says() {
    let workspace = held();
    let text = fs::read_to_string(state(&workspace, "receipts.jsonl")).unwrap().replace("\"ALLOW\"", "\"BLOCK\"");
    let mut previous = None;
    let (mut end, mut chain) = (0, String::new());
    for line in text.split_inclusive('\n') {
        end += line.len() as u64;
        let link = fibric_console::session::receipt_chain::Link::after(previous.as_ref(), end, line.as_bytes());
        chain += &link.line();
        previous = Some(link);
    }
    fs::write(state(&workspace, "receipts.jsonl"), text).unwrap();
    fs::write(state(&workspace, "receipts.chain"), chain).unwrap();
    let said = workspace.run(&["receipts", "verify"]);
    assert!(said.code == 1 && said.err.contains("line 1: rc_1_1 is not what its journal says"), "{said:?}");
    assert!(said.err.contains(".fibric/dev/receipts.jsonl:1\n"), "{said:?}");
}

#[test]
fn an_older_versions_state_is_taken_over_and_said_to_be_unchained() {
    let workspace = held();
    let journal = state(&workspace, "runs/0001/journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let bare: String = text
        .lines()
        .map(|line| line.find(",\"sealed\":").map_or_else(|| line.to_owned(), |at| line[..at].to_owned() + "}") + "\n")
        .collect();
    fs::write(&journal, bare).unwrap();
    fs::remove_file(state(&workspace, "journals.chain")).unwrap();
    let said = workspace.ok(&["receipts", "verify"]);
    assert!(said.contains("1 run unchained"), "{said}");
    let said = live(&workspace);
    assert!(said.contains("DEDUP") && !said.contains("warning"), "{said}");
    let said = workspace.ok(&["receipts", "verify"]);
    assert!(said.contains("1 run unchained") && said.contains("6 receipts"), "{said}");
    no_key_twice(&workspace, "unchained");
}

#[test]
fn keys_that_only_the_receipts_know_any_more_stay_used() {
    for chain_too in [false, true] {
        let workspace = held();
        fs::remove_dir_all(state(&workspace, "runs")).unwrap();
        fs::remove_file(state(&workspace, "keys.jsonl")).unwrap();
        if chain_too {
            fs::remove_file(state(&workspace, "journals.chain")).unwrap();
        }
        let said = live(&workspace);
        assert_eq!(said.matches("DEDUP").count(), 3, "{said}");
        assert!(said.contains("known only from receipts.jsonl"), "{said}");
        no_key_twice(&workspace, "only receipts");
        let said = workspace.run(&["receipts", "verify"]);
        assert!(said.code == 1 && said.err.contains("rc_1_1 is in no journal"), "{said:?}");
    }
}
