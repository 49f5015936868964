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
