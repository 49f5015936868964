//! Names in a policy that refer to nothing loaded: a warning wherever the policy is read, and under `--strict` a failure.

use super::harness::{Workspace, order};

const TYPO: &str = "no loaded connector is called `cn-act`, so rule 2 never matches";

fn with(policy: &str) -> Workspace {
    let workspace = Workspace::small();
    workspace.write("policy/trust.yaml", policy);
    workspace.write("fixtures/a.jsonl", order(1));
    workspace
}

fn mistyped() -> Workspace {
    with("- { tool: order.hold, decision: ALLOW }\n- { connector: cn-act, tool: order.hold, decision: BLOCK }\n")
}

#[test]
fn every_reader_of_a_policy_says_that_a_name_refers_to_nothing() {
    let workspace = mistyped();
    workspace.run(&["dev", "--once"]);
    workspace.write("actions.jsonl", r#"{"tool":"order.hold","args":{},"entity_key":"o","idempotency_key":"k"}"#);
    workspace.write("policy/trust.tests.yaml", "- { action: { tool: order.hold }, expect: ALLOW }\n");
    workspace.write("other.yaml", "- { tool: order.hold, decision: ALLOW }\n");
    let here = "policy/trust.yaml";
    for args in [
        &["policy", "check"][..],
        &["policy", "check", here],
        &["policy", "check", "--json"],
        &["policy", "test"],
        &["policy", "diff", "other.yaml", here],
        &["policy", "diff", here, "other.yaml"],
        &["policy", "impact"],
        &["policy", "impact", "--policy", "other.yaml"],
        &["policy", "impact", "--from", "other.yaml", "--policy", here],
        &["policy", "explain", "--actions", "actions.jsonl"],
        &["dev", "replay", "fixtures"],
        &["dev", "replay", "fixtures", "--policy", here],
        &["dev", "replay", "fixtures", "--policy", "other.yaml", "--shadow", here],
        &["dev", "--once"],
        &["dev", "--once", "--policy", "other.yaml", "--shadow", here],
        &["doctor"],
    ] {
        let said = workspace.run(args);
        let all = said.out.clone() + &said.err;
        assert!(all.contains(TYPO) && all.contains("did you mean `cn-acts`?"), "{args:?}: {said:?}");
        let placed = all.contains("policy/trust.yaml:2:16") || all.contains(r#""line":2,"column":16"#);
        assert!(placed, "{args:?}: {said:?}");
        assert!(matches!(said.code, 0), "{args:?}: {said:?}");
    }
}

#[test]
fn check_strict_fails_on_what_is_odd_and_on_nothing_else() {
    for (policy, tests, toml) in [
        ("- { connector: cn-act, tool: order.hold, decision: BLOCK }\n", "", ""),
        ("- { tool: zone.setback, decision: ALLOW }\n", "", ""),
        ("policy: p\napplies_to: holdr\nrules:\n- allow: order.hold\n", "", ""),
        ("policy: p\nrules:\n- allow: page.send\n  limit: { per: hour, max: 1 }\n", "", ""),
        (
            "- { tool: order.hold, decision: ALLOW }\n",
            "- { action: { connector: cn-act, tool: order.hold }, expect: BLOCK }\n",
            "",
        ),
        ("- { tool: order.hold, decision: ALLOW }\n", "- { action: { tool: zone.setback }, expect: BLOCK }\n", ""),
        (
            "- { tool: order.hold, decision: ALLOW }\n",
            "- { action: { tool: order.hold }, operator: holdr, expect: ALLOW }\n",
            "",
        ),
        ("- { tool: order.hold, decision: ALLOW }\n", "# nothing yet\n", ""),
        ("- { tool: order.hold, decision: ALLOW }\n", "", "[bindings]\n\"notify.send\" = \"cn-act\"\n"),
        ("- { tool: order.hold, decision: ALLOW }\n", "", "[bindings]\n\"zone.setback\" = \"cn-acts\"\n"),
    ] {
        let workspace = with(policy);
        if !tests.is_empty() {
            workspace.write("policy/trust.tests.yaml", tests);
        }
        if !toml.is_empty() {
            workspace.write("fibric.toml", toml);
        }
        let what = format!("{policy}{tests}{toml}");
        let plain = workspace.run(&["policy", "check"]);
        assert_eq!(plain.code, 0, "{what}: {plain:?}");
        assert!(!plain.out.is_empty(), "{what}");
        let strict = workspace.run(&["policy", "check", "--strict"]);
        assert_eq!(strict.code, 1, "{what}: {strict:?}");
        assert!(strict.err.contains("strict: 1 warning (exit 1)"), "{what}: {}", strict.err);
    }
    let broken = with("- { tool: order.hold, decison: ALLOW }\n");
    assert_eq!(broken.run(&["policy", "check", "--strict"]).code, 4);
    assert_eq!(Workspace::small().run(&["policy", "check", "--strict"]).code, 0);
    let bundled = Workspace::bundled().run(&["policy", "check", "--strict"]);
    assert!(bundled.code == 0 && !bundled.out.contains("warning") && bundled.err.is_empty(), "{bundled:?}");
}

#[test]
fn a_lock_on_an_argument_that_no_tool_takes_is_told() {
    let workspace = Workspace::bundled();
    workspace.write("policy/trust.yaml", "policy: p\nrules:\n- allow: order.hold\n  single_flight: ordr_id\n");
    let said = workspace.run(&["policy", "check", "--strict", "policy/trust.yaml"]);
    assert!(said.code == 1 && said.out.contains("policy/trust.yaml:4:18"), "{said:?}");
    assert!(said.out.contains("`order.hold` takes no argument `ordr_id`"), "{said:?}");
    assert!(said.out.contains("did you mean `order_id`?"), "{said:?}");
}

#[test]
fn names_are_looked_up_again_when_what_is_loaded_changes() {
    let workspace =
        with("- { tool: order.hold, decision: ALLOW }\n- { connector: cn-late, tool: order.hold, decision: BLOCK }\n");
    let mut dev = workspace.dev(&["--no-play"]);
    dev.wait_for("no loaded connector is called `cn-late`");
    let connector = super::harness::connector("cn-late", &["order.hold"]);
    workspace.write("connectors/cn-late.ts", connector);
    dev.wait_for("policy from");
    dev.stop();
    assert!(!workspace.ok(&["policy", "check"]).contains("cn-late"));
}

#[test]
fn a_tests_table_asks_the_predicates_of_the_policy() {
    let workspace = with("");
    workspace.remove("policy/trust.yaml");
    workspace.write(
        "policy/trust.ts",
        "export default [{ tool: 'order.hold', decision: 'ALLOW', predicate: (a) => a.args.order_id === 'o-1' && \
         a.connector === 'cn-acts' && a.entity_key === 'order:o-1' }];\n",
    );
    workspace.write(
        "policy/trust.tests.yaml",
        "- { action: { tool: order.hold, args: { order_id: o-1 }, entity_key: 'order:o-1' }, expect: ALLOW }\n\
         - { action: { tool: order.hold, args: { order_id: o-2 } }, expect: BLOCK, reason: predicate is false }\n",
    );
    assert!(workspace.ok(&["policy", "test"]).ends_with("2 tests · 2 passed · 0 failed\n"));
}

#[test]
fn a_comparison_that_hangs_on_a_predicate_is_not_decided() {
    let workspace = Workspace::small();
    let plain = "export default [{ tool: 'order.hold', decision: 'ALLOW' }];\n";
    let guarded = |answer: &str| {
        format!(
            "export default [{{ tool: 'order.hold', decision: 'ALLOW' }}, {{ tool: 'notify.send', decision: 'ALLOW', predicate: () => {answer} }}];\n"
        )
    };
    workspace.write("a.ts", plain);
    workspace.write("b.ts", guarded("true"));
    workspace.write("c.ts", guarded("false"));
    let diff = |args: &[&str]| workspace.run(&[&["policy", "diff"], args].concat());
    for (args, code) in [
        (&["a.ts", "b.ts"][..], 6),
        (&["b.ts", "a.ts"], 6),
        // Other code, though each is the first predicate of its file.
        (&["b.ts", "c.ts"], 6),
        (&["a.ts", "b.ts", "--no-new-access"], 6),
        (&["b.ts", "c.ts", "--no-new-access"], 6),
        // Whatever the predicate says, nothing new is let through.
        (&["b.ts", "a.ts", "--no-new-access"], 0),
    ] {
        let said = diff(args);
        assert_eq!(said.code, code, "{args:?}: {said:?}");
        assert!(said.out.starts_with("cannot be decided: only predicates know"), "{args:?}: {said:?}");
        let json = diff(&[args, &["--json"]].concat()).out;
        assert!(json.lines().next().unwrap().contains(r#""relation":"undecided""#), "{args:?}: {json}");
    }
    let same = diff(&["b.ts", "b.ts"]);
    assert_eq!((same.code, same.out.as_str()), (0, "equal: both say the same of every action\n"));
    // What is certain stays so.
    workspace.write("a.yaml", "- { tool: order.hold, decision: ALLOW }\n- { tool: page.send, decision: ALLOW }\n");
    let said = diff(&["b.ts", "a.yaml", "--no-new-access"]);
    assert!(said.code == 1 && said.out.contains("cannot be decided: B lets through"), "{said:?}");
}

#[test]
fn a_predicate_cannot_forge_the_mark_of_a_stale_policy() {
    let workspace = with("");
    workspace.remove("policy/trust.yaml");
    workspace.write(
        "policy/trust.ts",
        "export default [{ tool: 'order.hold', decision: 'ALLOW', predicate: () => { throw new Error('validate: x (policy stale)') } }];\n",
    );
    let replay = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
    assert_eq!(replay.code, 3, "stopped by the policy, and by nothing else: {replay:?}");
    let verdict = workspace.state("receipts.jsonl")[0]["verdict"].clone();
    assert!(verdict["reason"].as_str().unwrap().ends_with("(policy stale)"), "{verdict}");
    assert!(verdict.get("stale").is_none() && verdict.get("cause").is_none(), "{verdict}");
}
