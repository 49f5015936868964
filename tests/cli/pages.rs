//! What the documentation's page on testing shows, printed as it shows it; and the bundled workspace, whole.

use std::fs;

use serde_json::Value;

use super::harness::{Workspace, connector, envelope, timeless};

const FIXTURE: &str = r#"{"event_id":"6a1e0c2f-6c1a-4f0e-9f31-b7d02f6e8c11",
"reseller_id":null,
"tenant_id":"t_local",
"workspace_id":null,
"source":"magento",
"event_type":"order.created",
"correlation_id":"9f31c4d8-2b7e-4a55-8d20-1f0a9e3b6c77",
"payload":{"order_id":"SO-10884","promise_date":"2026-07-04","total":412.50},
"agent_id":null,
"session_id":null}
"#;

const RISK: &str = "import { defineOperator } from '@fibric/sdk';
export default defineOperator({
  name: 'order-risk', goal: 'Hold orders at risk.', requires: ['orders.read', 'orders.hold', 'notify.send'],
  trigger: { on: 'order.*' },
  run: async (ctx) => ctx.reason(ctx.envelope.payload),
  stub: ({ order_id }) => ({ actions: [
    { tool: 'order.hold', args: { order_id }, entity_key: `order:${order_id}`, idempotency_key: `order-risk:${order_id}:hold` },
    { tool: 'notify.send', args: { order_id }, entity_key: `order:${order_id}`, idempotency_key: `order-risk:${order_id}:notify` },
  ].slice(0, LIMIT) }),
});
";

/// The page's workspace. Its connector has two tools, so the read is another's.
fn page(actions: &str) -> Workspace {
    let workspace = Workspace::bare();
    let events = "events: [{ eventType: 'a.b', kind: 'webhook', topic: 'a' }, { eventType: 'a.c', kind: 'webhook', topic: \
                  'b' }, { eventType: 'a.d', kind: 'webhook', topic: 'c' }],\n  tools:";
    let desk = connector("cn-brightdesk", &["order.hold", "notify.send"]).replacen("tools:", events, 1);
    workspace.write("connectors/cn-brightdesk.ts", desk);
    workspace.write("connectors/cn-orders.ts", connector("cn-orders", &["orders.read"]));
    workspace.write("operators/order-risk.ts", RISK.replace("LIMIT", actions));
    workspace.write(
        "policy/trust.yaml",
        "- { tool: order.hold, decision: ALLOW }\n- { tool: notify.send, decision: ALLOW }\n",
    );
    workspace.write("fixtures/order-created.jsonl", FIXTURE);
    workspace
}

#[test]
fn fibric_dev_prints_the_page() {
    let said = timeless(&page("2").ok(&["dev", "--plain", "--once"]));
    let said: Vec<_> = said.lines().filter(|line| !line.contains("cn-orders")).collect();
    assert_eq!(
        said.join("\n"),
        "fibric dev 0.9 · local kernel · tenant t_local
loaded connector cn-brightdesk@1.0.0 (2 tools, 3 events)
loaded operator order-risk (requires orders.read, orders.hold, notify.send)
executor: in-memory, policy from ./policy/trust.yaml
watching ./connectors ./operators ./fixtures
[hh:mm:ss] envelope order.created src=fixture corr=9f31
[hh:mm:ss] plan order-risk 2 actions (proposed, not disposed)
[hh:mm:ss] dispose order.hold ALLOW key=order-risk:SO-10884:hold
[hh:mm:ss] dispose notify.send ALLOW key=order-risk:SO-10884:notify
[hh:mm:ss] receipt 2 written -> .fibric/dev/receipts.jsonl"
    );
}

#[test]
fn replay_prints_the_page() {
    let workspace = page("2");
    assert_eq!(
        workspace.ok(&["dev", "replay", "fixtures/order-created.jsonl"]),
        "1 envelope · matched: order-risk (trigger order.*)
plan proposed: 2 actions · written to .fibric/dev/plans/9f31.json\n"
    );
    let plan: Value = serde_json::from_str(&workspace.read(".fibric/dev/plans/9f31.json")).unwrap();
    assert_eq!(plan["actions"][0]["idempotency_key"], "order-risk:SO-10884:hold");
    let mut envelopes = String::new();
    (0..8).for_each(|n| envelopes += &envelope(n, "order.created", "{\"order_id\":\"SO-1\"}"));
    (8..13).for_each(|n| envelopes += &envelope(n, "ticket.created", "{}"));
    workspace.write("fixtures/more.jsonl", envelopes);
    let said = workspace.ok(&["dev", "replay", "fixtures/", "--propose-only"]);
    assert_eq!(said, "14 envelopes · 9 plans proposed · 0 disposed\n");
}

#[test]
fn replay_twice_prints_the_page() {
    assert_eq!(
        page("1").ok(&["dev", "replay", "fixtures/order-created.jsonl", "--twice"]),
        "run 1 order.hold ALLOW handler stubbed, key recorded
run 2 order.hold DEDUP handler not called
assertion surface: .fibric/dev/receipts.jsonl (2 records)\n"
    );
}

#[test]
fn the_bundled_workspace_whole() {
    let workspace = Workspace::bundled();
    insta::assert_snapshot!("bundled_dev", timeless(&workspace.ok(&["dev", "--plain", "--once"])));
    let mut replays = String::new();
    for file in ["fixtures", "fixtures/order-created.jsonl", "fixtures/buildings.jsonl"] {
        replays += &format!("$ fibric dev replay {file}\n{}", workspace.ok(&["dev", "replay", file]));
    }
    replays += &workspace.ok(&["dev", "replay", "fixtures/order-created.jsonl", "--twice"]);
    insta::assert_snapshot!("bundled_replay", replays);
    assert_eq!(workspace.run(&["doctor"]).code, 0);
    assert_eq!(workspace.run(&["receipts", "verify"]).code, 0);
    assert_eq!(workspace.run(&["policy", "check"]).code, 0);
}

/// Receipts without what may differ: ids and times.
fn receipts(workspace: &Workspace) -> Vec<String> {
    let mut all = Vec::new();
    for mut receipt in workspace.state("receipts.jsonl") {
        let fields = receipt.as_object_mut().unwrap();
        for field in ["id", "at", "plan_id", "action_id"] {
            assert!(fields.shift_remove(field).is_some(), "{field}");
        }
        if fields["claimed_by"].is_string() {
            fields["claimed_by"] = Value::Null;
            fields["verdict"]["reason"] = Value::Null;
        }
        all.push(receipt.to_string());
    }
    all
}

fn plans(workspace: &Workspace) -> Vec<(String, String)> {
    let mut all: Vec<_> = fs::read_dir(workspace.path(".fibric/dev/plans"))
        .unwrap()
        .flatten()
        .map(|file| (file.file_name().to_string_lossy().into_owned(), fs::read_to_string(file.path()).unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn plans_and_receipts_are_the_same_each_time_and_in_any_order_of_files() {
    let (first, second, turned) = (Workspace::bundled(), Workspace::bundled(), Workspace::bundled());
    first.ok(&["dev", "replay", "fixtures"]);
    second.ok(&["dev", "replay", "fixtures"]);
    assert_eq!(receipts(&first), receipts(&second));
    assert_eq!(plans(&first), plans(&second));
    let files = ["support.jsonl", "returns.json", "orders.jsonl", "order-created.jsonl", "buildings.jsonl"];
    let paths = files.map(|file| format!("fixtures/{file}"));
    let paths: Vec<_> = ["dev", "replay"].into_iter().chain(paths.iter().map(String::as_str)).collect();
    turned.ok(&paths);
    let sorted = |workspace| {
        let mut all = receipts(workspace);
        all.sort();
        all
    };
    assert_eq!(sorted(&first), sorted(&turned));
    assert_eq!(plans(&first), plans(&turned));
}
