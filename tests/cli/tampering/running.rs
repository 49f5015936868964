//! The state folder changed under a session that runs.

use super::*;
use crate::harness::Running;

/// A session that has taken one order, and is changed under its feet.
fn running() -> (Workspace, Running) {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--no-play", "--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("receipt");
    (workspace, dev)
}

#[test]
fn a_projection_that_is_taken_away_while_a_session_runs_is_written_anew_and_that_is_told() {
    type Taken = fn(&Path);
    let ways: [(&str, Taken); 4] = [
        ("was removed", |path| fs::remove_file(path).unwrap()),
        ("was removed", |path| fs::rename(path, path.with_extension("old")).unwrap()),
        ("was replaced", |path| {
            let beside = path.with_extension("beside");
            fs::write(&beside, "").unwrap();
            fs::rename(beside, path).unwrap();
        }),
        ("was cut short", |path| fs::write(path, "").unwrap()),
    ];
    for name in PROJECTIONS.iter().copied().chain(["journals.chain"]) {
        for (told, take) in ways {
            let (workspace, mut dev) = running();
            take(&state(&workspace, name));
            dev.send(&order(2));
            dev.wait_for("receipt");
            // What is told is written with what comes next.
            dev.send(&order(3));
            let said = dev.wait_for(&format!("{name} "));
            assert!(said.contains(told), "{name}: {said}");
            dev.stop();
            let receipts = fs::read_to_string(state(&workspace, "receipts.jsonl")).unwrap();
            assert_eq!(receipts.lines().count(), 3, "{name} {told}: {receipts}");
            assert_eq!(fs::read_to_string(state(&workspace, "envelopes.jsonl")).unwrap().lines().count(), 3, "{name}");
            let verified = workspace.run(&["receipts", "verify"]);
            assert_eq!(verified.code, 0, "{name} {told}: {verified:?}");
            workspace.write("live.jsonl", (1..=3).map(order).collect::<String>());
            assert_eq!(live(&workspace).matches("DEDUP").count(), 3, "{name} {told}");
            no_key_twice(&workspace, name);
        }
    }
}

#[test]
fn a_session_whose_journal_is_taken_away_puts_it_back_and_stops() {
    type Taken = fn(&Workspace);
    let ways: [(&str, Taken); 4] = [
        ("was removed", |w| fs::remove_file(state(w, "runs/0001/journal.jsonl")).unwrap()),
        ("was removed", |w| fs::rename(state(w, "runs/0001"), state(w, "gone")).unwrap()),
        ("was removed", |w| fs::remove_dir_all(w.path(".fibric")).unwrap()),
        ("was replaced", |w| {
            fs::write(w.path("beside"), "{}\n").unwrap();
            fs::rename(w.path("beside"), state(w, "runs/0001/journal.jsonl")).unwrap();
        }),
    ];
    for (told, take) in ways {
        let (workspace, mut dev) = running();
        take(&workspace);
        dev.send(&order(2));
        assert_eq!(dev.end(), Some(2), "{told}");
        let journal = fs::read_to_string(state(&workspace, "runs/0001/journal.jsonl")).unwrap();
        assert!(journal.contains("holder:SO-1:hold") && !journal.contains("holder:SO-2:hold"), "{told}: {journal}");
        workspace.write("live.jsonl", (1..=2).map(order).collect::<String>());
        let said = live(&workspace);
        assert_eq!(said.matches("DEDUP").count(), 1, "{told}: {said}");
        no_key_twice(&workspace, told);
    }
}

#[test]
fn who_loses_the_lock_on_live_input_claims_no_more() {
    let (workspace, mut dev) = running();
    fs::remove_file(state(&workspace, "live.lock")).unwrap();
    workspace.write("live.jsonl", (1..=2).map(order).collect::<String>());
    assert_eq!(live(&workspace).matches("DEDUP").count(), 1);
    dev.send(&order(2));
    assert_eq!(dev.end(), Some(2), "the lock was lost: {}", dev.seen);
    assert!(!dev.seen.contains("holder:SO-2:hold"), "{}", dev.seen);
    no_key_twice(&workspace, "live.lock");
}
