//! Plans from the journals: live input writes no plan files, and `dev plan` prints what was proposed.

use serde_json::Value;

use super::harness::{Workspace, operator, order};

#[test]
fn a_live_plan_is_in_the_journal_alone_and_can_be_printed() {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--events", "-"]);
    for n in [1, 2] {
        dev.send(&order(n));
        dev.wait_for(&format!("dispose order.hold ALLOW key=holder:SO-{n}:hold"));
        dev.wait_for("receipt 1");
    }
    dev.stop();
    let plans = std::fs::read_dir(workspace.path(".fibric/dev/plans")).map_or(0, Iterator::count);
    assert_eq!(plans, 0, "live input goes on for days");

    let said = workspace.ok(&["dev", "plan", "0002-c"]);
    assert!(said.starts_with("pl_1_2 · holder · 0002-c · run 1\n{\n"), "{said}");
    assert!(said.contains("\"idempotency_key\": \"holder:SO-2:hold\""), "{said}");
    assert_eq!(workspace.ok(&["dev", "plan", "0002"]), said, "what the screen shows of an id is enough");
    let line: Value = serde_json::from_str(&workspace.ok(&["dev", "plan", "0001", "--json"])).unwrap();
    assert_eq!((&line["operator"], &line["run"]), (&Value::from("holder"), &Value::from(1)));
    assert_eq!(line["plan"]["actions"][0]["tool"], "order.hold");

    let both = workspace.run(&["dev", "plan", "000"]);
    assert!(both.code == 2 && both.err.contains("`0001-c`, `0002-c`"), "{both:?}");
    for (args, why) in [
        (vec!["dev", "plan", "0003"], "no plan for an envelope with the correlation id `0003` in any run"),
        (vec!["dev", "plan", "0001", "--run", "7"], "in run 7"),
        (vec!["dev", "plan", "0001", "--operator", "nobody"], "no plan"),
    ] {
        let said = workspace.run(&args);
        assert!(said.code == 1 && said.err.contains(why), "{args:?}: {said:?}");
    }
}

#[test]
fn a_proposal_that_failed_says_why() {
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", operator("holder", "order.*", "throw new Error('lost');"));
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.run(&["dev", "replay", "fixtures"]);
    let said = workspace.run(&["dev", "plan", "0001"]);
    assert!(said.code == 5 && said.err.contains("lost"), "{said:?}");
}

#[test]
fn commands_that_only_read_create_nothing() {
    let workspace = Workspace::small();
    for args in [
        &["receipts", "tail"][..],
        &["events", "tail"],
        &["receipts", "verify"],
        &["receipts", "export"],
        &["dev", "plan", "1"],
        &["doctor"],
        &["policy", "check"],
    ] {
        workspace.run(args);
        assert!(!workspace.path(".fibric").exists(), "{args:?}");
    }
    assert_eq!(workspace.run(&["receipts", "tail"]).code, 0);
}
