//! Plans of one envelope are disposed of side by side: who comes second to an entity waits, and it is said for whom.

use serde_json::Value;

use super::harness::{Workspace, operator, order};

const PLAN: &str = "const id = ctx.envelope.payload.order_id;\n    return { actions: [\n\
      { tool: 'order.hold', args: {}, entity_key: `order:${id}`, idempotency_key: KEY },\n\
      { tool: 'order.hold', args: {}, entity_key: `other:${id}`, idempotency_key: `NAME:${id}:other` } ] };";

fn plan(name: &str, key: &str) -> String {
    PLAN.replace("KEY", key).replace("NAME", name)
}

/// What the journal says of each action: its receipt, and for whom it waited.
fn disposed(workspace: &Workspace) -> Vec<(Value, Option<String>)> {
    let journal = workspace.read(".fibric/dev/runs/0001/journal.jsonl");
    let facts = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["fact"].take());
    let disposed = facts.filter_map(|fact| fact.get("disposed").cloned());
    disposed
        .map(|disposed| {
            let stages = disposed["stages"].as_array().unwrap();
            let waited = stages.iter().find_map(|stage| stage["waited_for"].as_str().map(str::to_owned));
            (disposed["receipt"].clone(), waited)
        })
        .collect()
}

#[test]
fn the_second_on_an_entity_waits_for_the_first() {
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", operator("first", "order.*", &plan("first", "`first:${id}`")));
    workspace.write("operators/second.ts", operator("second", "order.*", &plan("second", "`second:${id}`")));
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.ok(&["dev", "replay", "fixtures"]);
    let disposed = disposed(&workspace);
    assert_eq!(disposed.len(), 4);
    let waited: Vec<_> = disposed.iter().filter(|(_, waited)| waited.is_some()).collect();
    assert_eq!(waited.len(), 1, "{disposed:#?}");
    let (receipt, holder) = waited[0];
    let held = disposed.iter().find(|(other, _)| other["action_id"].as_str() == holder.as_deref()).unwrap();
    assert_eq!(held.0["entity_key"], receipt["entity_key"]);
    assert_ne!(held.0["operator"], receipt["operator"]);
    assert!(disposed.iter().all(|(receipt, _)| receipt["outcome"] == "applied"));
    // Whatever the order in which they ended, everything on disk agrees.
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn the_second_with_the_key_of_the_first_is_deduplicated() {
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", operator("first", "order.*", &plan("first", "`same:${id}`")));
    workspace.write("operators/second.ts", operator("second", "order.*", &plan("second", "`same:${id}`")));
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.ok(&["dev", "replay", "fixtures"]);
    let disposed = disposed(&workspace);
    let outcomes: Vec<_> = disposed.iter().filter_map(|(receipt, _)| receipt["outcome"].as_str()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "deduplicated").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "applied").count(), 3, "{outcomes:?}");
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn what_was_stopped_by_no_rule_says_what_would_pass() {
    let workspace = Workspace::small();
    let plan = "return { actions: [\n\
      { tool: 'notify.send', args: {}, entity_key: 'o', idempotency_key: 'a' },\n\
      { tool: 'order.hodl', args: {}, entity_key: 'o', idempotency_key: 'b' },\n\
      { tool: 'order.hold', args: [], entity_key: 'o', idempotency_key: 'c' },\n\
      { tool: 'order.hold', args: {}, entity_key: 'o', idempotency_key: 'd' },\n\
      { tool: 'order.hold', args: {}, entity_key: 'o', idempotency_key: 'd' } ] };";
    workspace.write("operators/holder.ts", operator("holder", "order.*", plan));
    workspace.write("fixtures/a.jsonl", order(1));
    let expected = [
        "; would pass with `notify.send` in the `requires` of holder",
        "; would pass with tool `order.hold`",
        "; would pass with another idempotency key",
    ];
    for args in [&["dev", "replay", "fixtures"][..], &["dev", "--plain", "--once"]] {
        let said = workspace.ok(args);
        assert_eq!(said.matches("would pass with").count(), expected.len(), "{said}");
        assert!(expected.iter().all(|change| said.contains(change)), "{said}");
    }
}
