//! Faults of a policy: each BLOCKs and says why, at a start and while it runs.

use super::harness::{Workspace, order};

fn receipt(workspace: &Workspace) -> serde_json::Value {
    workspace.state("receipts.jsonl").pop().unwrap()
}

#[test]
fn every_fault_of_a_policy_blocks_and_says_why() {
    let table: [(&str, Option<&str>, &str); 8] = [
        ("none", None, "there is no policy"),
        ("broken", Some("- { tool: order.hold, decision: ALLOW"), "policy/trust.yaml:1"),
        ("half written", Some("- { tool: order.hold, decision: ALLOW }\n- { tool: order.ho"), "policy/trust.yaml:2"),
        ("a typo in a key", Some("- { tool: order.hold, decison: ALLOW }\n"), "did you mean `decision`?"),
        ("a typo in a decision", Some("- { tool: order.hold, decision: ALOW }\n"), "policy/trust.yaml:1"),
        ("a pattern", Some("- { tool: 'order.*', decision: ALLOW }\n"), "policy/trust.yaml:1"),
        ("not a list", Some("tool: order.hold\n"), "policy/trust.yaml:1"),
        ("an unknown tool", Some("- { tool: order.hodl, decision: ALLOW }\n"), "order.hold"),
    ];
    for (what, text, told) in table {
        let workspace = Workspace::small();
        workspace.write("fixtures/a.jsonl", order(1));
        workspace.remove("policy/trust.yaml");
        if let Some(text) = text {
            workspace.write("policy/trust.yaml", text);
        }
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        assert!(said.out.contains("order.hold BLOCK no policy"), "{what}: {said:?}");
        assert!(said.err.contains(told) && said.err.contains("every action is BLOCKed"), "{what}: {}", said.err);
        let receipt = receipt(&workspace);
        assert_eq!((&receipt["verdict"]["decision"], &receipt["outcome"]), (&"BLOCK".into(), &"refused".into()));
        assert!(receipt["policy_digest"].is_null() && receipt["handler"].is_null(), "{what}: {receipt}");
        assert_eq!(workspace.run(&["policy", "check"]).code, 4, "{what}");
    }
}

#[test]
fn an_unreadable_policy_blocks_and_is_not_waited_for() {
    for prepare in [
        |workspace: &Workspace| std::fs::create_dir(workspace.path("policy/trust.yaml")).unwrap(),
        |workspace: &Workspace| std::os::unix::fs::symlink("nowhere", workspace.path("policy/trust.yaml")).unwrap(),
        |workspace: &Workspace| std::os::unix::fs::symlink("/dev/zero", workspace.path("policy/trust.yaml")).unwrap(),
    ] {
        let workspace = Workspace::small();
        workspace.write("fixtures/a.jsonl", order(1));
        workspace.remove("policy/trust.yaml");
        prepare(&workspace);
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        assert!(said.out.contains("order.hold BLOCK no policy"), "{said:?}");
        assert!(said.err.contains("cannot read the policy `policy/trust.yaml`"), "{}", said.err);
    }
}

#[test]
fn the_last_good_policy_stays_for_stubs_until_its_file_is_gone() {
    let workspace = Workspace::small();
    let good = workspace.read("policy/trust.yaml");
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW");
    dev.wait_for("receipt 1");
    let digest = receipt(&workspace)["policy_digest"].clone();
    assert!(digest.is_string());

    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: BLOKC }\n");
    let line = dev.wait_for("policy stale");
    assert!(
        line.contains("./policy/trust.yaml does not load") && line.contains(&digest.as_str().unwrap()[..4]),
        "{line}"
    );
    dev.wait_for("policy/trust.yaml:1:33");
    dev.send(&order(2));
    dev.wait_for("dispose order.hold ALLOW");
    dev.wait_for("receipt 1");
    assert_eq!(receipt(&workspace)["policy_digest"], digest);

    workspace.remove("policy/trust.yaml");
    dev.wait_for("no policy: everything is BLOCKed");
    dev.send(&order(3));
    dev.wait_for("dispose order.hold BLOCK");
    dev.wait_for("receipt 1");
    assert!(receipt(&workspace)["policy_digest"].is_null());

    workspace.replace("policy/trust.yaml", &good);
    dev.wait_for("policy from ./policy/trust.yaml");
    dev.send(&order(4));
    dev.wait_for("dispose order.hold ALLOW");
    dev.wait_for("receipt 1");
    assert_eq!(receipt(&workspace)["policy_digest"], digest);

    workspace.remove("policy/trust.yaml");
    dev.wait_for("no policy: everything");
    std::fs::create_dir(workspace.path("policy/trust.yaml")).unwrap();
    dev.wait_for("cannot read the policy");
    dev.send(&order(5));
    dev.wait_for("dispose order.hold BLOCK");
    dev.stop();
}

#[test]
fn a_policy_folder_that_comes_later_is_watched() {
    let workspace = Workspace::small();
    let good = workspace.read("policy/trust.yaml");
    std::fs::remove_dir_all(workspace.path("policy")).unwrap();
    let mut dev = workspace.dev(&["--events", "-"]);
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    dev.wait_for("policy from ./policy/trust.yaml");
    workspace.write("policy/trust.yaml", good);
    dev.wait_for("policy from ./policy/trust.yaml");
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW");
    dev.stop();
}

#[test]
fn explain_keeps_the_order_and_one_shape_for_invalid_actions_too() {
    let workspace = Workspace::small();
    workspace.write(
        "p.yaml",
        "- { tool: order.refund, maxValue: 100, decision: ALLOW }\n- { tool: order.hold, decision: ALERT }\n",
    );
    let action = |tool: &str, rest: &str| {
        format!("{{\"tool\":\"{tool}\",\"args\":{{}},\"entity_key\":\"e\",\"idempotency_key\":\"k\"{rest}}}\n")
    };
    let actions = [
        action("order.refund", ",\"value\":100.00"),
        action("order.refund", ",\"value\":100.000000000000000000001"),
        action("order.refund", ""),
        "not json\n".to_owned(),
        "\n".to_owned(),
        action("orders.hold", ""),
        action("order.hodl", ""),
        action("order.hold", ",\"x\":1"),
        action("page.send", ""),
        action("order.refund", ",\"value\":-1"),
    ];
    workspace.write("a.jsonl", actions.concat());
    let said = workspace.ok(&["policy", "explain", "--policy", "p.yaml", "--actions", "a.jsonl", "--json"]);
    let verdicts: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let decisions: Vec<_> = verdicts.iter().map(|verdict| verdict["decision"].as_str().unwrap()).collect();
    assert_eq!(decisions, ["ALLOW", "BLOCK", "BLOCK", "BLOCK", "ALERT", "BLOCK", "BLOCK", "BLOCK", "BLOCK"]);
    for verdict in &verdicts {
        let fields = verdict.as_object().unwrap();
        for field in ["decision", "rule", "reason", "ladder"] {
            assert!(fields.contains_key(field), "{field} is missing in {verdict}");
        }
    }
    assert_eq!(verdicts[1]["rule"], "p.yaml:1");
    for (index, start) in [
        (3, "validate: "),
        (5, "validate: unknown capability `order.hodl`; did you mean `order.hold`?"),
        (6, "validate: unknown field `x`"),
        (7, "no rule matched"),
    ] {
        assert!(verdicts[index]["reason"].as_str().unwrap().starts_with(start), "{}", verdicts[index]);
    }
}
