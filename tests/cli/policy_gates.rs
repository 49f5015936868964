//! `fibric policy test`, `diff` and the files of `--junit` and `--sarif`.

use serde_json::Value;

use super::harness::Workspace;

fn sarif(workspace: &Workspace, name: &str) -> Vec<(String, String, u64)> {
    let log: Value = serde_json::from_str(&workspace.read(name)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = |result: &Value| {
        let line = &result["locations"][0]["physicalLocation"]["region"]["startLine"];
        (text(&result["ruleId"]), text(&result["level"]), line.as_u64().unwrap_or(0))
    };
    results.iter().map(found).collect()
}

#[test]
fn tests_pass_and_fail_in_every_form() {
    let workspace = Workspace::small();
    let passing =
        "- { name: held, action: { tool: order.hold }, expect: ALLOW, rule: trust.yaml:1, reason: order.hold }\n";
    workspace.write("policy/trust.tests.yaml", passing);
    let said = workspace.ok(&["policy", "test"]);
    assert_eq!(said, "ok    held\n1 test · 1 passed · 0 failed\n");
    let failing = "- { action: { tool: notify.send, value: 3 }, expect: ALERT }\n\
                   - { action: { tool: order.hold }, expect: ALLOW, rule: trust.yaml:2, reason: nope }\n";
    workspace.write("policy/more.tests.yaml", failing);
    let said = workspace.run(&["policy", "test", "--junit", "j.xml", "--sarif", "s.json"]);
    assert_eq!(said.code, 1);
    for line in [
        "FAIL  notify.send, value 3 is ALERT",
        "      policy/more.tests.yaml:1: expected ALERT, found BLOCK",
        "      BLOCK no rule matched",
        "      policy/more.tests.yaml:2: expected rule trust.yaml:2, found policy/trust.yaml:1; expected a reason with `nope`",
        "3 tests · 1 passed · 2 failed",
    ] {
        assert!(said.out.lines().any(|found| found == line), "{line}: {}", said.out);
    }
    let junit = workspace.read("j.xml");
    assert!(
        junit.contains("<testsuite name=\"policy test\" tests=\"3\" skipped=\"0\" errors=\"0\" failures=\"2\">"),
        "{junit}"
    );
    assert!(junit.contains("type=\"failed\">policy/more.tests.yaml:2\n"), "{junit}");
    let expected = ("policy/test".to_owned(), "error".to_owned());
    assert_eq!(sarif(&workspace, "s.json"), [(expected.0.clone(), expected.1.clone(), 1), (expected.0, expected.1, 2)]);
    let said = workspace.run(&["policy", "test", "--json", "policy/more.tests.yaml"]);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (said.code, lines.len(), &lines[0]["passed"], &lines[0]["decision"]),
        (1, 2, &false.into(), &"BLOCK".into())
    );
}

#[test]
fn what_does_not_load_is_no_failed_test() {
    let workspace = Workspace::small();
    assert_eq!(workspace.run(&["policy", "test"]).code, 2, "there are no tests");
    workspace.write("policy/trust.tests.yaml", "- { action: { tool: order.hodl }, expect: ALLOW }\n");
    let said = workspace.run(&["policy", "test", "--junit", "j.xml"]);
    assert_eq!(said.code, 4);
    assert!(said.err.contains("policy/trust.tests.yaml:1:21") && said.err.contains("order.hold"), "{}", said.err);
    assert!(workspace.read("j.xml").contains("<failure message=\"unknown capability `order.hodl`\""));
    assert_eq!(workspace.run(&["policy", "check"]).code, 4, "the tables are checked with the policy");
    workspace.write("policy/trust.tests.yaml", "- { action: { tool: order.hold }, expect: BLOCK }\n");
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decison: BLOCK }\n");
    let said = workspace.run(&["policy", "test"]);
    assert_eq!((said.code, said.out.as_str()), (4, "0 tests · 0 passed · 0 failed\n"));
    let said = workspace.run(&["policy", "check", "policy/trust.yaml", "--sarif", "s.json", "--junit", "j.xml"]);
    assert_eq!(said.code, 4);
    assert_eq!(sarif(&workspace, "s.json")[0], ("policy/check".to_owned(), "error".to_owned(), 1));
    assert!(workspace.read("j.xml").contains("classname=\"policy/trust.yaml\""));
    let named = workspace.run(&["dev", "replay", "x", "--policy", "policy/trust.tests.yaml"]);
    assert!(named.code == 2 || named.err.contains("holds policy tests"), "{named:?}");
    assert_eq!(workspace.run(&["policy", "check", "--junit", "no/such/folder/j.xml"]).code, 1);
}

#[test]
fn diff_says_how_b_stands_to_a() {
    let workspace = Workspace::small();
    let refunds = |ceiling: u32| {
        format!("- {{ connector: cn-acts, tool: order.refund, maxValue: {ceiling}, decision: ALLOW }}\n")
    };
    workspace.write("a.yaml", refunds(100));
    workspace.write("b.yaml", refunds(250));
    let looser = workspace.run(&[
        "policy",
        "diff",
        "a.yaml",
        "b.yaml",
        "--no-new-access",
        "--junit",
        "j.xml",
        "--sarif",
        "s.json",
    ]);
    let expected = "looser: B lets through what A did not\nopened   order.refund on cn-acts, value 101\n    A BLOCK rule 1: value \
                    101 > maxValue 100\n    B ALLOW rule 1: value 101 ≤ maxValue 250\n";
    assert_eq!((looser.code, looser.out.as_str()), (1, expected));
    assert!(looser.err.contains("no-new-access: B lets through what A did not (exit 1)"));
    assert!(workspace.read("j.xml").contains("failures=\"1\""));
    assert_eq!(sarif(&workspace, "s.json"), [("policy/opened".to_owned(), "error".to_owned(), 1)]);
    assert_eq!(workspace.run(&["policy", "diff", "a.yaml", "b.yaml"]).code, 0, "without the gate it only says");
    let stricter = workspace.ok(&["policy", "diff", "b.yaml", "a.yaml", "--no-new-access", "--sarif", "s.json"]);
    assert!(stricter.starts_with("stricter: B lets through nothing that A did not\nclosed "), "{stricter}");
    assert_eq!(sarif(&workspace, "s.json")[0].1, "note");
    let equal = workspace.ok(&["policy", "diff", "a.yaml", "a.yaml", "--no-new-access"]);
    assert_eq!(equal, "equal: both say the same of every action\n");
    let said = workspace.ok(&["policy", "diff", "a.yaml", "b.yaml", "--json"]);
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["relation"], &lines[0]["new_access"]), (&"looser".into(), &true.into()));
    assert_eq!(lines[1]["action"]["value"], 101);
    workspace.write("c.yaml", "- nonsense\n");
    let broken = workspace.run(&["policy", "diff", "a.yaml", "c.yaml"]);
    assert!(broken.code == 4 && broken.err.contains("c.yaml:1:3"), "{broken:?}");
    assert_eq!(workspace.run(&["policy", "diff", "a.yaml", "none.yaml"]).code, 2);
}

#[test]
fn the_bundled_policy_passes_its_own_tests_and_its_example_loads() {
    let root = env!("CARGO_MANIFEST_DIR");
    let workspace = Workspace::bundled();
    assert!(workspace.ok(&["policy", "test"]).ends_with("9 tests · 9 passed · 0 failed\n"));
    let example = format!("{root}/examples/guardrails/refunds.yaml");
    let checked = workspace.run(&["policy", "check", &example]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let said = workspace.run(&["dev", "replay", "fixtures/returns.json", "--policy", &example, "--fail-on-block"]);
    assert!(said.out.contains("require_confirmation order.refund, value 250 ≤ max_value 250"), "{}", said.out);
}
