//! `fibric policy impact`: what a draft would flip, with its witness, its rule and its gate.

use super::harness::{Workspace, connector, envelope, operator};

/// An operator that refunds what its envelope says, and receipts of six refunds.
fn refunded() -> Workspace {
    let workspace = Workspace::bare();
    workspace.write("connectors/cn-acts.ts", connector("cn-acts", &["order.hold", "order.refund"]));
    let body = "const p = ctx.envelope.payload; return { actions: [{ tool: 'order.refund', args: {}, value: p.value, \
                entity_key: `o:${p.id}`, idempotency_key: `r:${p.id}` }] };";
    let refunder = operator("refunder", "order.*", body).replace("['order.hold']", "['order.refund']");
    workspace.write("operators/refunder.ts", refunder);
    workspace.write("policy/trust.yaml", "- { tool: order.refund, maxValue: 100, decision: ALLOW }\n");
    let values = ["40", "104", "250", "118", "100", "250.01"];
    let refund = |(value, n): (&&str, u32)| envelope(n, "order.returned", &format!("{{\"id\":{n},\"value\":{value}}}"));
    workspace.write("some.jsonl", values.iter().zip(1..).map(refund).collect::<String>());
    workspace.write("fixtures/a.jsonl", refund((&"100", 9)));
    workspace.ok(&["dev", "replay", "some.jsonl"]);
    workspace.write("draft.yaml", "- { tool: order.refund, maxValue: 250, decision: ALLOW }\n");
    workspace
}

#[test]
fn a_draft_is_compared_and_every_flip_has_a_witness_and_a_rule() {
    let workspace = refunded();
    let said = workspace.ok(&["policy", "impact", "--policy", "draft.yaml"]);
    for line in [
        "6 actions",
        "ALLOW                 2          5",
        "BLOCK                 4          1",
        "3 newly allowed",
        "  BLOCK → ALLOW  order.refund  3",
        "    smallest  value 104  .fibric/dev/receipts.jsonl:2",
        "      in force  BLOCK  rule 1: value 104 > maxValue 100",
        "      draft     ALLOW  rule 1: value 104 ≤ maxValue 250",
        "    edge      value 250  .fibric/dev/receipts.jsonl:3",
        "0 newly restricted",
        "3 the same",
        "3 of 6 mutants killed by fixtures, 3 survive",
        "  rule 1    maxValue 250 → 251  no fixture has order.refund on cn-acts, value 251: BLOCK → ALLOW",
    ] {
        assert!(said.lines().any(|found| found == line), "{line:?} is not in\n{said}");
    }
    let same = workspace.ok(&["policy", "impact"]);
    assert!(same.contains("\n6 the same\n"), "{same}");
    let back = workspace.ok(&["policy", "impact", "--from", "draft.yaml"]);
    assert!(back.contains("3 newly restricted\n  ALLOW → BLOCK  order.refund  3\n"), "{back}");
}

#[test]
fn every_kind_of_corpus_is_read_and_its_bad_lines_are_named() {
    let workspace = refunded();
    let action = r#"{"tool":"orders.refund","args":{},"value":200,"entity_key":"e","idempotency_key":"k"}"#;
    workspace.write("c/actions.jsonl", format!("{action}\n{{\"tool\":\n"));
    workspace.write("c/plan.json", format!("{{\"actions\":[{action},\n{action}]}}"));
    let journal = ".fibric/dev/runs/0001/journal.jsonl";
    let paths = ["policy", "impact", "--policy", "draft.yaml", "--against", "c", journal, "some.jsonl"];
    let said = workspace.run(&paths);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.out.starts_with("7 actions in 15 recordings\n") && said.out.contains("\n4 newly allowed\n"),
        "{}",
        said.out
    );
    assert!(said.err.contains("line 2 is left out: not JSON"), "{}", said.err);
    for (paths, told) in [(&["none.jsonl"][..], "there is no `none.jsonl`"), (&["draft.yaml"], "there is no action")] {
        let said = workspace.run(&[&["policy", "impact", "--against"], paths].concat());
        assert!(said.code == 2 && said.err.contains(told), "{said:?}");
    }
}

#[test]
fn a_fixture_counts_once_however_often_it_was_played() {
    let workspace = refunded();
    let gated = |most: &str| {
        let said = workspace.run(&["policy", "impact", "--policy", "draft.yaml", "--max-newly-allowed", most]);
        (said.code, said.out)
    };
    let (code, once) = gated("3");
    assert!(code == 0 && once.starts_with("6 actions\n") && once.contains("\n3 newly allowed\n"), "{once}");
    for _ in 0..3 {
        workspace.ok(&["dev", "replay", "some.jsonl"]);
    }
    let (code, often) = gated("3");
    assert_eq!(code, 0, "{often}");
    assert!(often.starts_with("6 actions in 24 recordings\n") && often.contains("\n3 newly allowed\n"), "{often}");
    assert!(often.contains("  recorded ×4  "), "{often}");
}

#[test]
fn the_gate_counts_what_becomes_less_strict() {
    let workspace = refunded();
    let gated = |most: &str| {
        let args = ["policy", "impact", "--policy", "draft.yaml", "--max-newly-allowed", most, "--json"];
        workspace.run(&args)
    };
    assert_eq!((gated("3").code, gated("2").code), (0, 1));
    let said = gated("2");
    assert!(said.err.contains("3 actions newly allowed, at most 2 may be (exit 1)"), "{}", said.err);
    let lines: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["impact"]["newly_allowed"], &lines[0]["impact"]["actions"]), (&3.into(), &6.into()));
    let flips = &lines[1]["flips"];
    assert_eq!((&flips["before"], &flips["after"], &flips["count"]), (&"BLOCK".into(), &"ALLOW".into(), &3.into()));
    assert_eq!(flips["smallest"]["draft"]["rule"], "draft.yaml:1");
    assert!(lines.iter().any(|line| line["survivor"]["killer"]["value"] == serde_json::json!(251)), "{lines:?}");
    workspace.write("broken.yaml", "- { tool: order.refund");
    assert_eq!(workspace.run(&["policy", "impact", "--policy", "broken.yaml"]).code, 4);
    workspace.write("policy/trust.yaml", "- { tool: order.refund");
    let said = workspace.run(&["policy", "impact", "--policy", "draft.yaml"]);
    assert!(said.code == 0 && said.out.contains("5 newly allowed"), "{said:?}");
}

#[test]
fn build_servers_and_code_review_get_the_same_findings() {
    let workspace = refunded();
    let gated = |most: &str| {
        let gate = ["policy", "impact", "--policy", "draft.yaml", "--max-newly-allowed", most];
        workspace.run(&[&gate[..], &["--junit", "out.xml", "--sarif", "out.sarif"]].concat());
        let sarif: serde_json::Value = serde_json::from_str(&workspace.read("out.sarif")).unwrap();
        (workspace.read("out.xml"), sarif["runs"][0]["results"].as_array().unwrap().clone())
    };
    let (junit, results) = gated("2");
    assert!(junit.contains("failures=\"1\"") && junit.contains("3 actions newly allowed"), "{junit}");
    let of = |id: &str| results.iter().filter(|result| result["ruleId"] == id).collect::<Vec<_>>();
    let opened = of("policy/newly-allowed");
    assert_eq!((opened.len(), &opened[0]["level"]), (1, &"error".into()));
    let place = &opened[0]["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"draft.yaml".into(), &1.into()));
    assert!(!of("policy/untested").is_empty(), "{results:?}");
    let (junit, _) = gated("3");
    assert!(junit.contains("failures=\"0\""), "{junit}");
}
