//! `fibric dev interleave`: every order of a run's plans.

use serde_json::Value;

use super::harness::{Workspace, operator, order};

/// An operator with an action under a key that both propose, on an entity of its own or the order's.
fn plan(name: &str, entity: &str) -> String {
    let body = "const id = ctx.envelope.payload.order_id;\n    return { actions: [\n\
      { tool: 'order.hold', args: {}, entity_key: ENTITY, idempotency_key: `same:${id}` },\n\
      { tool: 'order.hold', args: {}, entity_key: `order:${id}`, idempotency_key: `NAME:${id}` } ] };";
    operator(name, "order.*", &body.replace("ENTITY", entity).replace("NAME", name))
}

/// A run in which two plans meet on an order; on keys alone where their entities are their own.
fn played(entities: [&str; 2]) -> Workspace {
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", plan("first", entities[0]));
    workspace.write("operators/second.ts", plan("second", entities[1]));
    // What it refuses has nothing that could be put in order.
    workspace.write("operators/third.ts", operator("third", "order.*", "return { actions: [] };"));
    workspace.write("fixtures/a.jsonl", [order(1), order(2)].concat());
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace
}

#[test]
fn every_schedule_is_looked_at_and_none_is_bad() {
    let workspace = played(["`order:${id}`"; 2]);
    let said = workspace.ok(&["dev", "interleave", "1", "0001-c"]);
    assert!(said.contains("22 schedules looked at, no two equivalent"), "{said}");
    assert!(
        said.contains("A1 ALLOW applied · A2 ALLOW applied · B1 DEDUP by A1 · B2 ALLOW applied (as recorded)"),
        "{said}"
    );
    assert!(
        said.ends_with("no schedule is bad; looked for key-twice, two-in-flight, over-limit, lost, not-serial\n"),
        "{said}"
    );
    assert_eq!(workspace.ok(&["dev", "interleave", "1", "pl_1_1", "pl_1_2"]), said);
    assert_eq!(workspace.ok(&["dev", "interleave", "1", "--entity", "order:SO-1"]), said);
    assert_eq!(workspace.ok(&["dev", "interleave", "1", "0001"]), said, "by what its correlation id begins with");
    // A command that only reads changes nothing.
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn the_shortest_schedule_with_another_verdict_is_shown_step_by_step() {
    let workspace = played(["`order:${id}`"; 2]);
    let said = workspace.run(&["dev", "interleave", "1", "0001-c", "--bad", "not-as-recorded"]);
    assert_eq!(said.code, 1, "{said:?}");
    let lost = "  B1  holds order:SO-1, claims same:SO-1  ← from here on every way is bad\n";
    assert!(
        said.out.contains("11 of 22 are bad: an action comes to another verdict") && said.out.contains(lost),
        "{}",
        said.out
    );
    let json = workspace.run(&["dev", "interleave", "1", "0001-c", "--bad", "not-as-recorded", "--json"]);
    let lines: Vec<Value> = json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (json.code, &lines[0]["interleavings"]["schedules"], &lines[0]["interleavings"]["bad"]),
        (1, &22.into(), &2.into())
    );
    assert_eq!(lines[2]["outcome"]["bad"], serde_json::json!(["not-as-recorded"]));
    assert!(lines.iter().any(|line| line["step"]["lost"] == true && line["step"]["action"] == "B1"), "{}", json.out);
}

#[test]
fn a_handler_that_fails_loses_what_was_deduplicated_against_it() {
    let workspace = played(["'mine'", "'yours'"]);
    workspace.ok(&["dev", "interleave", "1", "0001-c"]);
    let said = workspace.run(&["dev", "interleave", "1", "0001-c", "--fails", "ac_1_1"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("an action is lost: deduplicated against a claim that came to nothing"), "{}", said.out);
    assert!(said.out.contains("  B1  DEDUP by A1  ← from here on every way is bad\n"), "{}", said.out);
}

#[test]
fn what_cannot_be_put_in_order_says_why() {
    let workspace = played(["`order:${id}`"; 2]);
    workspace.write("fixtures/b.jsonl", [order(1), order(1)].concat());
    workspace.ok(&["dev", "replay", "fixtures"]);
    for (args, code, part) in [
        (&["1", "nope"][..], 2, "run 1 has no plan `nope`"),
        (&["9", "pl_1_1"], 2, "there is no run 9"),
        (&["1"], 2, "required"),
        (&["1", "pl_1_1"], 2, "one plan has one order"),
        (&["1", "pl_1_1", "pl_1_5"], 2, "nothing of these plans meets"),
        (&["1", "0001-c", "--fails", "ac_9_9"], 2, "`ac_9_9` is no action of these plans: they are ac_1_1"),
        (&["1", "--entity", "order:SO-9"], 2, "no plan is chosen"),
        (&["2", "--entity", "order:SO-1"], 2, "these are 6 plans: at most 4"),
        // The first of them has the key: without it the others come to something else.
        (&["2", "pl_2_7", "pl_2_10"], 0, "DEDUP by an earlier receipt"),
        (&["1", "0001-c", "--bad", "worse"], 2, "key-twice"),
    ] {
        let said = workspace.run(&[&["dev", "interleave"], args].concat());
        let all = format!("{}{}", said.out, said.err).replace("\n |\n = help:", ":");
        assert!(said.code == code && all.contains(part), "{args:?}: {all}");
    }
}
