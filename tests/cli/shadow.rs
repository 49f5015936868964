//! A second policy that only watches: what it would decide otherwise is told, and nothing else changes.

use super::harness::{Workspace, order};

#[test]
fn a_shadow_policy_tells_where_it_differs_and_decides_nothing() {
    let workspace = Workspace::small();
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW }\n");
    workspace.write("next.yaml", "- { tool: order.hold, decision: ALERT }\n");
    workspace.write("same.ts", "export default [{ tool: 'order.hold', decision: 'ALLOW', predicate: () => true }];\n");
    workspace.write("fixtures/a.jsonl", order(1) + &order(2));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--shadow", "next.yaml"]);
    assert!(said.contains("ALLOW, in shadow ALERT: rule 1: tool order.hold"), "{said}");
    assert!(said.contains("decided otherwise in shadow"), "{said}");
    let receipts = workspace.state("receipts.jsonl");
    assert!(receipts.iter().all(|receipt| receipt["verdict"]["decision"] == "ALLOW"), "{receipts:?}");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--shadow", "same.ts"]);
    assert!(!said.contains("shadow"), "{said}");
    let stages = workspace.ok_raw(&["dev", "replay", "fixtures", "--shadow", "next.yaml", "--json"]);
    assert!(stages.contains(r#""stage":"shadow","decision":"ALERT""#), "{stages}");
}

#[test]
fn a_shadow_that_does_not_load_is_said_and_judges_nothing() {
    let workspace = Workspace::small();
    workspace.write("next.yaml", "- { tool: order.hodl, decision: ALERT }\n");
    workspace.write("fixtures/a.jsonl", order(1));
    let said = workspace.run(&["dev", "replay", "fixtures", "--shadow", "next.yaml"]);
    assert!(said.code == 4 && said.err.contains("order.hold"), "{said:?}");
    assert_eq!(workspace.run(&["dev", "replay", "fixtures", "--shadow", "nowhere.yaml"]).code, 2);
}

#[test]
fn a_shadow_that_breaks_is_said_once_and_settled_when_it_is_mended() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("policy/next.yaml", "- { tool: order.hold, decision: ALERT }\n");
    let mut dev = workspace.dev(&["--shadow", "policy/next.yaml"]);
    dev.wait_for("SO-1:hold");
    workspace.replace("policy/next.yaml", "- { tool: order.hodl, decision: ALERT }\n");
    dev.wait_for("order.hodl");
    workspace.replace("fixtures/a.jsonl", &order(2));
    dev.wait_for("SO-2:hold");
    workspace.replace("policy/next.yaml", "- { tool: order.hold, decision: ALLOW }\n");
    dev.wait_for("fixed");
    // Once as it broke, and once as what is fixed.
    assert_eq!(dev.seen.matches("error: unknown capability").count(), 1, "{}", dev.seen);
    dev.stop();
}
