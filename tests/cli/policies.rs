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
    let line = dev.wait_for("dispose order.hold ALLOW");
    assert!(line.ends_with("(policy stale)"), "{line}");
    dev.wait_for("receipt 1");
    let stale = receipt(&workspace);
    assert_eq!(stale["policy_digest"], digest);
    assert_eq!(stale["verdict"]["reason"], "rule 1: tool order.hold (policy stale)");

    workspace.remove("policy/trust.yaml");
    dev.wait_for("no policy: every action is BLOCKed");
    dev.send(&order(3));
    dev.wait_for("dispose order.hold BLOCK");
    dev.wait_for("receipt 1");
    assert!(receipt(&workspace)["policy_digest"].is_null());

    workspace.replace("policy/trust.yaml", &good);
    dev.wait_for("policy from ./policy/trust.yaml");
    dev.send(&order(4));
    let line = dev.wait_for("dispose order.hold ALLOW");
    assert!(!line.contains("stale"), "{line}");
    dev.wait_for("receipt 1");
    assert_eq!(receipt(&workspace)["policy_digest"], digest);

    workspace.remove("policy/trust.yaml");
    dev.wait_for("no policy: every action");
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
    let said = workspace.run(&["policy", "explain", "--policy", "p.yaml", "--actions", "a.jsonl", "--json"]);
    assert_eq!(said.code, 4, "some of them are no actions");
    let verdicts: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
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

#[test]
fn explain_takes_a_plan_and_standard_input() {
    let workspace = Workspace::small();
    let plan = "{\n  \"reasoning\": \"r\",\n  \"actions\": [\n    {\"tool\":\"order.hold\",\"args\":{},\n     \
                \"entity_key\":\"e\",\"idempotency_key\":\"k\"}";
    workspace.write("plan.json", format!("{plan}\n]}}\n"));
    let said = workspace.ok(&["policy", "explain", "--actions", "plan.json"]);
    assert!(said.starts_with("ALLOW  rule 1: tool order.hold\n"), "{said}");
    assert!(said.lines().all(|line| !line.ends_with(' ')), "{said:?}");
    workspace.write("plan.json", format!("{plan},\n    {{\"tool\":\"order.hodl\"}}\n]}}\n"));
    let said = workspace.run(&["policy", "explain", "--actions", "plan.json"]);
    assert_eq!((said.code, said.out.matches("BLOCK  validate: ").count()), (4, 1), "{said:?}");
    assert!(said.err.contains("plan.json:6:5"), "{}", said.err);
    let mut piped = workspace.spawn(&["policy", "explain", "--actions", "-", "--json"]);
    piped.send(&plan[plan.find("{\"tool\"").unwrap()..]);
    piped.close();
    assert_eq!(piped.end(), Some(0));
    assert!(piped.seen.contains("\"decision\":\"ALLOW\""), "{}", piped.seen);
}
