//! `fibric dev diff`: two runs, and what is not the same of them.

use std::fs;

use serde_json::Value;

use super::harness::{HOLDS, Workspace, operator, order};

/// A run over three orders, as number 1.
fn played() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", [order(1), order(2), order(1)].concat());
    again(&workspace);
    workspace
}

fn again(workspace: &Workspace) {
    workspace.run(&["dev", "replay", "fixtures"]);
}

fn holder(workspace: &Workspace, body: &str) {
    workspace.write("operators/holder.ts", operator("holder", "order.*", body));
}

const FIRST: &str = "fixtures/a.jsonl:1 order.created corr=0001 · holder: ";

#[test]
fn runs_that_say_the_same_are_the_same_whatever_their_ids_and_rules() {
    let workspace = played();
    let policy = workspace.read("policy/trust.yaml");
    workspace.write("policy/trust.yaml", format!("- {{ tool: notify.send, decision: BLOCK }}\n{policy}"));
    again(&workspace);
    let said = workspace.run(&["dev", "diff", "1", "2"]);
    assert_eq!((said.code, said.out.as_str()), (0, "run 1 and run 2: 3 envelopes in both · 3 the same\n"));
    assert!(said.err.contains("run 1 and run 2 had different policies"), "{}", said.err);
}

#[test]
fn what_is_worse_is_told_from_what_is_only_different() {
    let workspace = played();
    let policy = workspace.read("policy/trust.yaml");
    let told = |said: &str, part: &str| assert!(said.contains(&format!("{FIRST}{part}")), "{part}: {said}");
    // 2: blocked. 3: another key. 4: an invalid action. 5: no plan. 6: author code fails. 7: a refusal.
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    again(&workspace);
    workspace.write("policy/trust.yaml", policy);
    let oversteps = HOLDS.replace("order.hold", "order.delete");
    for body in [
        &HOLDS.replace(":hold`", ":held`"),
        &oversteps,
        "return { actons: [] };",
        "throw new Error('no');",
        "return { actions: [] };",
    ] {
        holder(&workspace, body);
        again(&workspace);
    }
    for (run, only, code, part) in [
        ("2", true, 1, "actions[0].verdict.decision: run 1 \"ALLOW\", run 2 \"BLOCK\" (newly blocked: rule 1: BLOCK"),
        ("3", false, 1, "actions[0].idempotency_key: run 1 \"holder:SO-1:hold\", run 3 \"holder:SO-1:held\"\n"),
        ("3", true, 0, ""),
        ("4", true, 1, "actions[0].connector: run 1 \"cn-acts\", run 4 null (newly invalid: validate: "),
        ("5", true, 1, "plan: run 1 \"a plan\", run 5 \"no plan: what holder returned is no plan"),
        ("6", true, 1, "plan: run 1 \"a plan\", run 6 \"no plan: `run` failed: no\" (newly failed)"),
        ("7", false, 1, "actions[0]: run 1 {"),
        ("7", true, 0, ""),
    ] {
        let flags: &[&str] = if only { &["--only", "regressions"] } else { &[] };
        let said = workspace.run(&[&["dev", "diff", "1", run], flags].concat());
        assert_eq!(said.code, code, "{run}: {said:?}");
        if part.is_empty() {
            assert!(!said.out.contains(FIRST), "{}", said.out);
        } else {
            told(&said.out, part);
        }
    }
    // The other way round it is for the better.
    assert_eq!(workspace.run(&["dev", "diff", "2", "1", "--only", "regressions"]).code, 0);
    let said = workspace.run(&["dev", "diff", "1", "2", "--json", "--only", "regressions"]);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((said.code, lines.len()), (1, 4));
    assert_eq!((&lines[0]["diff"]["shared"], &lines[0]["diff"]["run_b"]), (&3.into(), &2.into()));
    let change = &lines[1]["change"];
    assert_eq!((&change["regression"], &change["kind"]), (&"blocked".into(), &"disposition".into()));
    assert_eq!((&change["field"], &change["line"]), (&"actions[0].verdict.decision".into(), &1.into()));
}

#[test]
fn runs_of_other_fixtures_and_runs_that_are_not_there() {
    let workspace = Workspace::small();
    let none = workspace.run(&["dev", "diff", "1", "2"]);
    assert!(none.code == 2 && none.err.contains("there are no runs yet"), "{none:?}");
    for orders in [vec![1, 2], vec![2, 3], vec![9]] {
        workspace.write("fixtures/a.jsonl", orders.into_iter().map(order).collect::<String>());
        again(&workspace);
    }
    let said = workspace.run(&["dev", "diff", "1", "2"]);
    let expected = "run 1 and run 2: 1 envelope in both · 1 the same · 1 only in run 1 · 1 only in run 2\n\
                    fixtures/a.jsonl:1 order.created corr=0001: only in run 1\n\
                    fixtures/a.jsonl:2 order.created corr=0003: only in run 2\n";
    assert_eq!((said.code, said.out.as_str()), (1, expected));
    assert_eq!(workspace.run(&["dev", "diff", "1", "2", "--only", "regressions"]).code, 0);
    let nothing = workspace.run(&["dev", "diff", "1", "3", "--only", "regressions"]);
    assert!(nothing.code == 1 && nothing.err.contains("have no envelope in common"), "{nothing:?}");
    let missing = workspace.run(&["dev", "diff", "1", "40"]);
    assert!(missing.code == 2 && missing.err.contains("there is no run 40"), "{missing:?}");
    assert!(missing.err.contains("the nearest is run 3"), "{missing:?}");
}

#[test]
fn what_only_proposed_is_compared_by_its_plans() {
    let workspace = played();
    workspace.ok(&["dev", "replay", "fixtures", "--propose-only"]);
    let said = workspace.run(&["dev", "diff", "1", "2"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("run 2 stopped at the plans: only they are compared"), "{}", said.err);
}

#[test]
fn a_journal_that_is_cut_or_damaged_is_told_by_its_line_and_the_rest_compared() {
    let workspace = played();
    again(&workspace);
    let journal = ".fibric/dev/runs/0002/journal.jsonl";
    let whole = workspace.read(journal);
    let before: Vec<_> =
        fs::read_dir(workspace.path(".fibric/dev")).unwrap().flatten().map(|item| item.path()).collect();
    workspace.write(journal, &whole[..whole.len() - 30]);
    let said = workspace.run(&["dev", "diff", "1", "2"]);
    let last = whole.lines().count();
    assert!(said.code == 1 && said.err.contains(&format!("{journal}:{last}")), "{said:?}");
    assert!(said.err.contains("is cut off") && said.err.contains("did not end by itself"), "{said:?}");
    assert!(said.out.starts_with("run 1 and run 2: 3 envelopes in both · 3 the same\n"), "{said:?}");
    let second = whole.lines().nth(3).unwrap();
    workspace.write(journal, whole.replace(second, "\u{1b}[2J nonsense"));
    let said = workspace.run(&["dev", "diff", "1", "2"]);
    assert!(
        said.code == 1 && said.err.contains(&format!("{journal}:4")) && said.err.contains("is no entry"),
        "{said:?}"
    );
    let after: Vec<_> =
        fs::read_dir(workspace.path(".fibric/dev")).unwrap().flatten().map(|item| item.path()).collect();
    assert_eq!(before, after, "what only reads changes nothing");
}
