//! `fibric dev coverage`: the map by the last results, the smallest fixture for a cell, and the list of fixtures.

use std::fs;

use serde_json::Value;

use super::harness::{Workspace, order};

fn rows(workspace: &Workspace) -> Vec<(String, String)> {
    let lines = workspace.ok(&["dev", "coverage", "--json"]);
    let cells = lines.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    cells.map(|line| (text(&line["cell"]["cell"]), text(&line["cell"]["standing"]))).collect()
}

fn standing(workspace: &Workspace, cell: &str) -> String {
    rows(workspace).into_iter().find(|(name, _)| name == cell).unwrap_or_else(|| panic!("{cell}")).1
}

#[test]
fn what_was_never_played_covers_nothing_and_looking_writes_nothing() {
    let workspace = Workspace::bundled();
    let said = workspace.run(&["dev", "coverage"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("by 0 envelopes · 23 not played yet"), "{}", said.out);
    assert!(said.err.contains("no result counts: nothing was played by what is loaded now"), "{}", said.err);
    assert!(!workspace.path(".fibric").exists(), "a command that reads creates nothing");
    let strict = workspace.run(&["dev", "coverage", "--strict"]);
    assert!(strict.code == 1 && strict.err.contains("35 cells can be filled and are not"), "{strict:?}");
}

#[test]
fn the_map_of_the_bundled_workspace_names_the_empty_cells() {
    let workspace = Workspace::bundled();
    workspace.ok(&["dev", "replay", "fixtures"]);
    let text = workspace.ok(&["dev", "coverage"]);
    for line in [
        "return-desk · on order.returned · routed 4 · refusal 1\n",
        "  order.refund       2      -      1  empty   at 100 1   above 100 empty\n",
        "26 of 35 cells covered · 9 empty · 21 impossible, by 23 envelopes\n",
        "empty     return-desk/order.refund/above-100\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    // A replay that stops at the plans says nothing of decisions, and one that plays twice nothing new.
    workspace.ok(&["dev", "replay", "fixtures", "--propose-only"]);
    workspace.ok(&["dev", "replay", "fixtures", "--twice"]);
    assert_eq!(workspace.ok(&["dev", "coverage"]), text);
    workspace.write("policy/trust.yaml", workspace.read("policy/trust.yaml").replace("maxValue: 100", "maxValue: 40"));
    let other = workspace.ok(&["dev", "coverage"]);
    assert!(other.contains("with a result of other code or policy") && other.contains("above 40 empty"), "{other}");
}

#[test]
fn the_smallest_fixture_for_a_cell_is_written_run_and_kept() {
    let workspace = Workspace::bundled();
    workspace.ok(&["dev", "replay", "fixtures"]);
    let cell = "return-desk/order.refund/above-100";
    let said = workspace.ok(&["dev", "coverage", "--fill", cell]);
    let file = "fixtures/synthetic-return-desk-order.refund-above-100.jsonl";
    let changed = format!("wrote {file}, synthetic, from fixtures/returns.json:3: payload.amount 250.00 → 100.01\n");
    assert!(said.starts_with(&changed) && said.ends_with("order.refund 100.01 BLOCK, notify.send ALLOW\n"), "{said}");
    assert_eq!(standing(&workspace, cell), "covered");
    let envelope: Value = serde_json::from_str(&workspace.read(file)).unwrap();
    assert_eq!(envelope["event_id"], "synthetic-return-desk-order.refund-above-100");
    // The whole corpus, played together, still fills it; nothing that was there is changed by it.
    workspace.ok(&["dev", "replay", "fixtures"]);
    assert_eq!(standing(&workspace, cell), "covered");
    let again = workspace.run(&["dev", "coverage", "--fill", cell]);
    assert!(again.code == 0 && again.err.contains(&format!("{file}:1 fills it; nothing was written")), "{again:?}");
    let json = workspace.ok(&["dev", "coverage", "--fill", "zone-guard/page.send/dedup", "--json"]);
    let filled: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(filled["filled"]["from"], "fixtures/buildings.jsonl:2");
    let listed = workspace.ok(&["dev", "coverage", "--fixtures"]);
    assert!(listed.contains("order.returned synt synthetic  order.refund 100.01 BLOCK"), "{listed}");
}

#[test]
fn a_cell_that_nothing_fills_leaves_no_file_and_says_what_came_instead() {
    let workspace = Workspace::bundled();
    workspace.ok(&["dev", "replay", "fixtures"]);
    let count = || fs::read_dir(workspace.path("fixtures")).unwrap().count();
    let before = count();
    let said = workspace.run(&["dev", "coverage", "--fill", "zone-guard/zone.setback/at-3"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("no fixture was written") && said.err.contains("zone.setback 4.5 BLOCK"), "{}", said.err);
    let said = workspace.run(&["dev", "coverage", "--fill", "zone-guard/zone.isolate/allow"]);
    assert!(said.code == 1 && said.err.contains("nothing can fill it: no rule speaks of it"), "{said:?}");
    let said = workspace.run(&["dev", "coverage", "--fill", "zone-guard/zone.setback/at-30"]);
    assert!(said.code == 2 && said.err.contains("did you mean `zone-guard/zone.setback/at-3`?"), "{said:?}");
    assert_eq!(count(), before);
}

#[test]
fn a_broken_fixture_among_a_hundred_is_listed_with_its_place() {
    let workspace = Workspace::small();
    let mut text: String = (1..60).map(order).collect();
    text += "{\"event_id\": 7}\n";
    text += &(60..100).map(order).collect::<String>();
    workspace.write("fixtures/a.jsonl", text);
    workspace.run(&["dev", "replay", "fixtures"]);
    let listed = workspace.ok(&["dev", "coverage", "--fixtures"]);
    let at = listed.lines().position(|line| line.contains("  60  error: `event_id` is a number")).unwrap();
    assert!(listed.lines().nth(at - 1).unwrap().trim_start().starts_with("59  order."), "{listed}");
    let json: Value = serde_json::from_str(&workspace.ok(&["dev", "coverage", "--fixtures", "--json"])).unwrap();
    assert_eq!(json["fixtures"]["faults"][0]["line"], 60);
    assert_eq!(json["fixtures"]["envelopes"].as_array().unwrap().len(), 99);
}

#[test]
fn a_hostile_type_cannot_drive_the_terminal() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1).replace("0001-c", "\\u001b[31m"));
    workspace.ok(&["dev", "replay", "fixtures"]);
    for flags in [&["dev", "coverage", "--fixtures"][..], &["dev", "coverage"]] {
        assert!(!workspace.ok(flags).contains('\u{1b}'));
    }
}
