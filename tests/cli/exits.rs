//! The table of exit codes, each produced for real, and several at once.

use super::harness::{Workspace, operator, order};

/// A small workspace with one fixture that it allows.
fn sound() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace
}

fn block(workspace: &Workspace) {
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: BLOCK }\n");
}

fn break_policy(workspace: &Workspace) {
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decison: ALLOW }\n");
}

fn refuse_one(workspace: &Workspace) {
    workspace.write("fixtures/b.jsonl", "not json\n");
}

fn break_code(workspace: &Workspace) {
    workspace.write("operators/broken.ts", "export default {{{\n");
}

fn crash(workspace: &Workspace) {
    workspace.write("operators/crash.ts", operator("crash", "order.*", "throw new Error('no');"));
}

fn invalid_plan(workspace: &Workspace) {
    let body = "return { actions: [{ tool: 'order.delete', args: {}, entity_key: 'e', idempotency_key: 'k' }] };";
    workspace.write("operators/oversteps.ts", operator("oversteps", "order.*", body));
}

fn no_plan(workspace: &Workspace) {
    workspace.write("operators/odd.ts", operator("odd", "order.*", "return { actons: [] };"));
}

#[test]
fn the_table() {
    type Change = fn(&Workspace);
    let table: [(&[Change], &[&str], i32); 27] = [
        (&[], &["--strict"], 0),
        (&[block], &[], 0),
        (&[block], &["--strict"], 3),
        (&[block], &["--fail-on-block"], 3),
        (&[block], &["--propose-only", "--strict"], 0),
        (&[break_policy], &[], 0),
        (&[break_policy], &["--strict"], 4),
        (&[break_policy], &["--fail-on-block"], 3),
        (&[break_policy], &["--propose-only", "--strict"], 0),
        (&[refuse_one], &[], 0),
        (&[refuse_one], &["--strict"], 1),
        (&[refuse_one], &["--propose-only", "--strict"], 1),
        (&[break_code], &[], 0),
        (&[break_code], &["--strict"], 5),
        (&[break_code], &["--propose-only", "--strict"], 5),
        (&[crash], &[], 0),
        (&[crash], &["--strict"], 5),
        (&[invalid_plan], &[], 0),
        (&[invalid_plan], &["--strict"], 1),
        (&[no_plan], &["--strict"], 1),
        (&[no_plan], &["--propose-only", "--strict"], 1),
        // Several at once: 5, 4, 1, 3.
        (&[refuse_one, block], &["--strict"], 1),
        (&[refuse_one, break_policy], &["--strict"], 4),
        (&[refuse_one, break_policy, crash], &["--strict"], 5),
        (&[refuse_one, block], &["--fail-on-block"], 3),
        (&[], &["--now", "yesterday"], 2),
        (&[], &["--where", "nope:1"], 2),
    ];
    for (index, (changes, flags, code)) in table.into_iter().enumerate() {
        let workspace = sound();
        for change in changes {
            change(&workspace);
        }
        let said = workspace.run(&[&["dev", "replay", "fixtures"], flags].concat());
        assert_eq!(said.code, code, "row {index}, {flags:?}: {said:?}");
    }
}

#[test]
fn propose_only_judges_locks_and_acts_on_nothing() {
    let workspace = sound();
    block(&workspace);
    let said = workspace.ok(&["dev", "replay", "fixtures", "--propose-only", "--json"]);
    assert!(!said.contains("disposed") && said.contains("\"proposed\""), "{said}");
    assert!(workspace.state("receipts.jsonl").is_empty() && workspace.path(".fibric/dev/plans/0001.json").exists());
    assert!(!workspace.path(".fibric/dev/keys.jsonl").exists());
    for other in ["--twice", "--fail-on-block"] {
        assert_eq!(workspace.run(&["dev", "replay", "fixtures", "--propose-only", other]).code, 2, "{other}");
    }
}

#[test]
fn the_other_commands() {
    let workspace = sound();
    workspace.write("bad.yaml", "- { tool: order.*, decision: ALLOW }\n");
    workspace.ok(&["dev", "replay", "fixtures"]);
    for (args, code) in [
        (&["policy", "check"][..], 0),
        (&["policy", "check", "bad.yaml"], 4),
        (&["policy", "check", "none.yaml"], 2),
        (&["dev", "replay"], 2),
        (&["dev", "replay", "none.jsonl"], 2),
        (&["dev", "--once", "--events", "none.jsonl"], 2),
        (&["dev", "--connect", "x"], 2),
        (&["nonsense"], 2),
        (&["-C", "nowhere", "doctor"], 1),
        (&["-C", "nowhere", "events", "tail"], 2),
        (&["receipts", "verify"], 0),
        (&["receipts", "export", "--since", "soon"], 2),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["completions", "tcsh"], 2),
    ] {
        let said = workspace.run(args);
        assert_eq!(said.code, code, "{args:?}: {said:?}");
        assert!(code == 0 || !said.err.is_empty() || !said.out.is_empty(), "{args:?} fails without a word");
    }
    workspace.write("fibric.toml", "tenat = 'x'\n");
    let said = workspace.run(&["dev", "--once"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("unknown key `tenat`") && said.err.contains("did you mean `tenant`?"), "{}", said.err);
    assert!(said.err.contains("fibric.toml:1:1"), "{}", said.err);
}

#[test]
fn an_interrupted_replay_ends_its_run_and_says_130() {
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", operator("holder", "order.*", "while (true) {}"));
    workspace.write("fibric.toml", "[limits]\ncall_ms = 100\n");
    workspace.write("fixtures/a.jsonl", (0..500).map(order).collect::<String>());
    for name in ["INT", "TERM"] {
        let mut replay = workspace.spawn(&["dev", "replay", "fixtures", "--json"]);
        replay.wait_for("\"proposed\"");
        replay.signal(name);
        assert_eq!(replay.end(), Some(130));
        assert!(replay.seen.trim_end().lines().last().unwrap().contains("run_ended"), "{}", replay.seen);
    }
    let mut dev = workspace.dev(&["--once"]);
    dev.wait_for("failed holder");
    dev.stop();
    assert!(dev.seen.lines().count() < 1_000, "the play went on");
}
