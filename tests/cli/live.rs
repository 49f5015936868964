//! Live input: keys that outlive a process, whatever ends it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::harness::{PATIENCE, Running, Workspace, operator, order};

#[test]
fn keys_outlive_a_restart_and_a_kill() {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    dev.stop();
    for round in 0..4 {
        let mut dev = workspace.dev(&["--events", "-"]);
        dev.send(&order(1));
        dev.wait_for("dispose order.hold DEDUP key=holder:SO-1:hold");
        // Killed wherever it happens to be: before, while or after it writes.
        dev.send(&(0..200).map(|n| order(100 + round * 200 + n)).collect::<String>());
        if round > 0 {
            dev.wait_for(&format!("SO-{}:hold", 100 + round * 200 + round * 20));
        }
        dev.signal("KILL");
        assert_eq!(dev.end(), None);
        let shown = dev.seen.lines().filter(|line| line.contains("dispose order.hold ALLOW")).count();
        let mut again = workspace.dev(&["--events", "-"]);
        again.send(&order(1));
        again.wait_for("dispose order.hold DEDUP key=holder:SO-1:hold");
        for line in dev.seen.lines().filter(|line| line.contains("dispose order.hold ALLOW")) {
            let key = line.split("key=").nth(1).unwrap();
            let receipts = workspace.state("receipts.jsonl");
            assert!(receipts.iter().any(|receipt| receipt["idempotency_key"] == key), "{key} was shown and is lost");
        }
        again.send(&(0..200).map(|n| order(100 + round * 200 + n)).collect::<String>());
        again.wait_for(&format!("SO-{}:hold", 100 + round * 200 + 199));
        again.stop();
        assert!(shown <= 200);
        workspace.ok(&["receipts", "verify"]);
    }
    // At most once, over everything that happened.
    let mut applied: Vec<_> = workspace
        .state("receipts.jsonl")
        .into_iter()
        .filter(|receipt| receipt["outcome"] == "applied")
        .map(|receipt| receipt["idempotency_key"].to_string())
        .collect();
    applied.sort();
    assert_eq!(applied.len(), 1 + 4 * 200);
    applied.dedup();
    assert_eq!(applied.len(), 1 + 4 * 200, "a key was applied twice");
}

#[test]
fn a_second_one_takes_no_live_input_and_corrupts_nothing() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", (0..50).map(order).collect::<String>());
    let mut first = workspace.dev(&["--events", "-"]);
    first.wait_for("key=holder:SO-49:hold");
    let refused = workspace.run(&["dev", "--plain", "--events", "fixtures/a.jsonl"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("another `fibric dev` has this workspace"), "{}", refused.err);
    let mut second = workspace.spawn(&["dev", "--plain", "--port", "0"]);
    second.wait_for("another `fibric dev` has this workspace");
    first.send(&(200..400).map(order).collect::<String>());
    second.wait_for("key=holder:SO-49:hold");
    first.wait_for("key=holder:SO-399:hold");
    second.stop();
    workspace.ok(&["receipts", "verify"]);
    first.stop();
    assert_eq!(workspace.state("receipts.jsonl").len(), 50 + 50 + 200);
    assert_eq!(workspace.state("keys.jsonl").len(), 200);
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn a_named_pipe_is_not_waited_for() {
    let workspace = Workspace::small();
    assert!(Command::new("mkfifo").arg(workspace.path("pipe")).status().unwrap().success());
    let mut dev = workspace.dev(&["--events", "pipe"]);
    workspace.write("pipe", order(1));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    dev.stop();
}

#[test]
fn whoever_asks_twice_does_not_wait() {
    let workspace = Workspace::small();
    assert!(Command::new("mkfifo").arg(workspace.path("pipe")).status().unwrap().success());
    let mut replay = workspace.spawn(&["dev", "replay", "pipe"]);
    // Its run is open once its journal is there; then it waits for the pipe, which nobody writes to.
    let deadline = Instant::now() + PATIENCE;
    while replay.is_running() && Instant::now() < deadline {
        if workspace.path(".fibric/dev/runs/open/0001").exists() {
            replay.signal("INT");
        }
    }
    assert_eq!(replay.end(), Some(130));
    assert!(workspace.run(&["dev", "replay", "policy"]).out.contains("0 envelopes"));
}

#[test]
fn many_replays_at_once_and_an_audit_meanwhile() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", (0..300).map(order).collect::<String>());
    let mut replays: Vec<_> = (0..4).map(|_| workspace.spawn(&["dev", "replay", "fixtures"])).collect();
    while replays.iter_mut().any(Running::is_running) {
        workspace.ok(&["receipts", "verify"]);
    }
    for replay in &mut replays {
        assert_eq!(replay.end(), Some(0));
    }
    assert_eq!(workspace.state("receipts.jsonl").len(), 4 * 300);
    assert_eq!(workspace.state("envelopes.jsonl").len(), 4 * 300);
    assert!(workspace.ok(&["receipts", "verify"]).starts_with("1200 receipts, each as it was written\nhead "));
}

#[test]
fn a_live_plan_ends_in_one_line_about_its_receipts() {
    let workspace = Workspace::small();
    let hold = "tool: 'order.hold', args: {}, entity_key";
    let body = format!(
        "return {{ actions: [{{ {hold}: 'a', idempotency_key: 'a' }}, {{ {hold}: 'b', idempotency_key: 'b' }}] }};"
    );
    workspace.write("operators/holder.ts", operator("holder", "order.*", &body));
    workspace.write("live.jsonl", order(1));
    let said = workspace.ok(&["dev", "--once", "--no-play", "--events", "live.jsonl"]);
    assert_eq!(said.matches(" written ->").count(), 1, "{said}");
    assert!(said.contains("receipt 2 written ->") && said.contains("watching "), "{said}");
    let told = workspace.ok(&["events", "tail"]);
    assert!(told.contains("receipt 2 written ->") && !told.contains("watching "), "{told}");
}

#[test]
fn a_signal_ends_the_run_in_order() {
    let workspace = Workspace::small();
    for name in ["INT", "TERM", "HUP"] {
        let mut dev = workspace.dev(&["--events", "-"]);
        dev.signal(name);
        assert_eq!(dev.end(), Some(130), "{name}");
    }
    for run in 1..=3 {
        let journal = workspace.read(&format!(".fibric/dev/runs/000{run}/journal.jsonl"));
        assert!(journal.lines().last().unwrap().contains("run_ended"), "{journal}");
    }
    assert_eq!(std::fs::read_dir(workspace.path(".fibric/dev/runs/open")).unwrap().count(), 0);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", (0..2_000).map(order).collect::<String>());
    for args in [
        &["dev", "--plain", "--once"][..],
        &["dev", "replay", "fixtures", "--json"],
        &["events", "tail", "-n", "9999"],
        &["receipts", "export"],
        &["capabilities", "ls"],
    ] {
        let mut child = workspace.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::with_capacity(64, child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        drop(out);
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""), "{args:?}");
    }
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn a_file_and_the_end_of_input_end_a_session_that_is_to_end() {
    let workspace = Workspace::small();
    workspace.write("live.jsonl", order(1) + "nonsense\n" + &order(2));
    let said = workspace.ok(&["dev", "--once", "--no-play", "--events", "live.jsonl"]);
    assert!(said.contains("src=live corr=0001") && said.contains("live.jsonl:2:1"), "{said}");
    assert!(said.contains("key=holder:SO-2:hold"), "{said}");
    assert!(workspace.ok(&["dev", "--once", "--no-play", "--events", "live.jsonl"]).contains("DEDUP"));
    let fresh = workspace.ok(&["dev", "--once", "--no-play", "--fresh", "--events", "live.jsonl"]);
    assert!(fresh.contains("the old state was set aside as `.fibric/dev.") && !fresh.contains("DEDUP"), "{fresh}");
}
