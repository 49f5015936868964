//! `fibric clean`: what it removes, what it keeps, and what every other command then says.

use super::harness::{Workspace, order};
use super::http;

/// A workspace whose runs 1 and 2 held two orders, live, and played a fixture.
fn used() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("live.jsonl", order(1) + &order(2));
    workspace.write("more.jsonl", order(2) + &order(3));
    workspace.write("fixtures/a.jsonl", order(9));
    workspace.ok(&["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"]);
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace
}

fn live(workspace: &Workspace) -> String {
    workspace.ok(&["dev", "--plain", "--once", "--no-play", "--events", "more.jsonl"])
}

#[test]
fn old_runs_go_and_their_keys_stay() {
    let workspace = used();
    let head = workspace.ok(&["receipts", "verify"]).lines().last().unwrap().replace("head ", "");
    let kept = workspace.ok(&["clean", "--keep", "7d"]);
    assert!(kept.starts_with("nothing to remove") && kept.contains("keeps run 1"), "{kept}");
    let dry = workspace.ok(&["clean", "--keep", "0s", "--dry-run"]);
    assert!(dry.contains("would remove 2 runs (up to run 2): 3 envelopes and 1 receipt"), "{dry}");
    assert_eq!(workspace.state("receipts.jsonl").len(), 3);
    let said = workspace.ok(&["clean", "--keep", "0s"]);
    assert!(said.contains("removed 2 runs (up to run 2): 3 envelopes and 1 receipt"), "{said}");
    assert!(said.contains("keeps 2 keys"), "{said}");
    let runs = || std::fs::read_dir(workspace.path(".fibric/dev/runs")).unwrap().count();
    let plans = || std::fs::read_dir(workspace.path(".fibric/dev/plans")).unwrap().count();
    assert_eq!((runs(), plans()), (1, 0), "only `open` is left");
    assert_eq!(workspace.state("receipts.jsonl").len(), 2);
    let told = live(&workspace);
    assert!(told.contains("DEDUP key=holder:SO-2:hold  key first claimed by rc_1_2"), "{told}");
    assert!(told.contains("ALLOW key=holder:SO-3:hold"), "{told}");
    assert!(!told.contains("warning"), "{told}");
    let verified = workspace.ok(&["receipts", "verify", "--head", &head]);
    assert!(verified.contains("from run 3 on; of the runs before, cleaned away on"), "{verified}");
    assert!(verified.contains("a sealed base of 2 keys"), "{verified}");
    assert!(workspace.ok(&["doctor"]).contains("4 receipts, each as it was written"), "the state is in order");
    assert_eq!(workspace.ok(&["receipts", "export"]).lines().count(), 4);
    assert_eq!(workspace.ok(&["receipts", "export", "--envelopes"]).lines().count(), 2);
    let json: serde_json::Value = serde_json::from_str(&workspace.ok(&["clean", "--keep", "0s", "--json"])).unwrap();
    assert_eq!((json["upto"].as_u64(), json["keys"].as_u64(), json["receipts"].as_u64()), (Some(3), Some(3), Some(1)));
}

#[test]
fn who_asks_for_a_run_that_is_gone_is_told() {
    let workspace = used();
    workspace.ok(&["clean", "--keep", "0s"]);
    live(&workspace);
    for (args, code) in [
        (&["dev", "diff", "1", "3"][..], 2),
        (&["review", "export", "2", "-o", "x.review"], 2),
        (&["events", "tail", "--run", "1"], 2),
        (&["dev", "plan", "0001-c", "--run", "1"], 1),
    ] {
        let said = workspace.run(args);
        assert_eq!(said.code, code, "{args:?} {said:?}");
        assert!(said.err.contains("was cleaned away: runs up to 2 were removed on"), "{args:?} {said:?}");
    }
    let said = workspace.run(&["dev", "plan", "0001-c"]);
    assert!(said.err.contains("the runs up to 2 were cleaned away on"), "{said:?}");
    // A run that never was is not said to be one of them.
    let said = workspace.run(&["dev", "diff", "3", "7"]);
    assert!(said.err.contains("there is no run 7"), "{said:?}");
}

#[test]
fn it_waits_for_nobody_and_needs_to_be_told_what_to_keep() {
    let workspace = used();
    let mut dev = workspace.dev(&["--no-play"]);
    dev.wait_for("listening");
    let said = workspace.run(&["clean", "--keep", "0s"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("a `fibric dev` has this workspace"), "{said:?}");
    let dry = workspace.ok(&["clean", "--keep", "0s", "--dry-run"]);
    assert!(dry.contains("keeps run 3 and those that began after it: it is being written"), "{dry}");
    dev.stop();
    for args in [&["clean"][..], &["clean", "--keep", "soon"]] {
        assert_eq!(workspace.run(args).code, 2, "{args:?}");
    }
    // Where nothing was ever kept, nothing is made.
    let fresh = Workspace::small();
    assert!(fresh.ok(&["clean", "--keep", "7d"]).starts_with("nothing to remove"));
    assert!(!fresh.path(".fibric").exists());
}

#[test]
fn what_waits_for_a_person_waits_still() {
    let workspace = used();
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALERT }\n");
    live(&workspace);
    workspace.ok(&["clean", "--keep", "0s"]);
    let entries = workspace.ok(&["dev", "--once", "--no-play", "--json"]);
    let carried = entries.lines().find(|line| line.contains("\"carried\"")).unwrap();
    assert!(carried.contains(r#""alerts":[{"run":3,"receipt":"rc_3_2"}]"#), "{carried}");
}

#[test]
fn a_request_that_comes_again_is_still_known_though_its_envelopes_are_gone() {
    let workspace = Workspace::small();
    let (mut dev, http) = http::listening(&workspace);
    let head = format!("{}idempotency-key: k1\r\n", http::client::JSON);
    let first = http.send("/v1/events", &head, &http::client::event("SO-1")).unwrap();
    dev.wait_for("key=holder:SO-1:hold");
    dev.stop();
    workspace.ok(&["clean", "--keep", "0s"]);
    let (mut dev, http) = http::listening(&workspace);
    let again = http.send("/v1/events", &head, &http::client::event("SO-1")).unwrap();
    assert_eq!(again.body, first.body);
    // A stream that was at an entry of the run that is gone goes on with what there is.
    let mut stream = http.stream("", "last-event-id: 1:3\r\n");
    assert_eq!(stream.next().0, "2:1");
    dev.stop();
    assert_eq!(workspace.state("envelopes.jsonl").len(), 0);
}

#[test]
fn a_large_state_is_told_of() {
    let workspace = used();
    assert!(!workspace.ok(&["doctor"]).contains("fibric clean"));
    // Only its length is there.
    let file = std::fs::File::create(workspace.path(".fibric/dev/plans/x.json")).unwrap();
    file.set_len(1_100_000_000).unwrap();
    let said = workspace.ok(&["doctor"]);
    assert!(said.contains("`.fibric/dev` has 1.1 GB") && said.contains("fibric clean --keep 7d"), "{said}");
}
