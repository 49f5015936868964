//! The table of exit codes, each produced for real, and several at once: of replays here, of the other commands in
//! `commands`.

mod commands;

use std::process::{Command, Stdio};

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
    let table: [(&[Change], &[&str], i32); 30] = [
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
        (&[], &["--where", "type:none.*"], 0),
        (&[], &["--where", "type:none.*", "--strict"], 1),
        (&[], &["--policy", "policy/trust.yaml", "--policy", "policy/trust.yaml"], 0),
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
fn a_gate_says_what_it_failed_on() {
    let workspace = sound();
    block(&workspace);
    workspace.write("fixtures/b.jsonl", order(2));
    crash(&workspace);
    let body = "return { actions: [{}, { args: {}, entity_key: 'e', idempotency_key: 'k' }] };";
    workspace.write("operators/nameless.ts", operator("nameless", "order.*", body));
    let said = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
    assert_eq!(said.code, 5);
    for line in [
        "order.created corr=0001 · holder order.hold BLOCK rule 1: BLOCK for tool order.hold",
        "order.created corr=0002 · nameless action 2 BLOCK validate: field `tool` is missing",
        "order.created corr=0002 · crash failed",
    ] {
        assert!(said.out.lines().any(|found| found == line), "{line}: {}", said.out);
    }
    let last = "error: strict: 2 actions were blocked by policy; author code failed on 2 envelopes; 4 actions were \
                refused in validation (exit 5)";
    assert_eq!(said.err.lines().last(), Some(last));
    let said = workspace.run(&["dev", "replay", "fixtures", "--fail-on-block"]);
    assert!(said.out.contains("holder order.hold BLOCK") && said.out.contains("action 2"), "{}", said.out);
    let loose = workspace.run(&["dev", "replay", "fixtures"]);
    assert_eq!(loose.out, said.out, "what was stopped is named, whether or not it matters");
    assert_eq!(said.err.lines().last(), Some("error: fail-on-block: 2 actions were blocked by policy (exit 3)"));
    let twice = workspace.run(&["dev", "replay", "fixtures", "--twice"]);
    assert!(twice.out.contains("run 2 order.hold BLOCK rule 1: BLOCK for tool order.hold corr=0002"), "{}", twice.out);
}

#[test]
fn a_gate_over_nothing_fails() {
    let workspace = Workspace::small();
    workspace.write("fixtures/deep/a.jsonl", order(1));
    workspace.write("fixtures/empty.txt", "");
    workspace.write("b.jsonl", order(1));
    for (args, told) in [
        (&["fixtures"][..], "no `*.jsonl` or `*.json` file directly in `fixtures`"),
        (&["b.jsonl", "--where", "type:a.*"], "selects none of the 1 envelope in `b.jsonl`"),
        (&["fixtures/empty.txt"], "there is no envelope in `fixtures/empty.txt`"),
    ] {
        let loose = workspace.run(&[&["dev", "replay"], args].concat());
        assert!(loose.code == 0 && loose.err.contains(told) && loose.err.starts_with("warning: "), "{loose:?}");
        let strict = workspace.run(&[&["dev", "replay", "--strict"], args].concat());
        assert!(strict.code == 1 && strict.err.contains(told), "{strict:?}");
        assert!(strict.err.ends_with("error: strict: no envelope was replayed (exit 1)\n"), "{strict:?}");
    }
    assert!(workspace.run(&["dev", "replay", "fixtures"]).err.contains("name `fixtures/deep` itself"));
    let found = workspace.ok(&["dev", "replay", "fixtures/**/*.jsonl"]);
    assert!(found.starts_with("1 envelope · matched: holder"), "{found}");
    assert_eq!(workspace.run(&["dev", "replay", "fixtures/*.jsonl"]).code, 2, "nothing matches it");
    let said = workspace.run(&["dev", "replay", "b.jsonl", "--fail-on-block"]);
    assert!(said.err.is_empty(), "{said:?}");
    workspace.write("b.jsonl", order(1).replace("order.created", "lab.result.ready"));
    let said = workspace.run(&["dev", "replay", "b.jsonl", "--strict"]);
    assert!(said.err.contains("warning: none of 1 envelope reached an operator: no trigger matched"), "{said:?}");
}

#[test]
fn a_refusal_says_why_and_a_log_is_shown() {
    let workspace = sound();
    let body = "ctx.log.info('looked'); return { reasoning: 'nothing is late', actions: [] };";
    workspace.write("operators/holder.ts", operator("holder", "order.*", body));
    let said = workspace.ok(&["dev", "replay", "fixtures"]);
    assert!(said.contains("log holder info: looked\nplan proposed: 0 actions (a refusal): nothing is late"), "{said}");
}

#[test]
fn what_is_to_come_is_said_to_be() {
    let workspace = sound();
    for (args, name) in [
        (&["connectors", "test", "./"][..], "fibric connectors"),
        (&["receipts", "meter"], "fibric receipts meter"),
        (&["dev", "replay", "fixtures", "--connect=x"], "fibric dev replay --connect"),
    ] {
        let said = workspace.run(args);
        assert_eq!(said.code, 2, "{args:?}");
        let told = format!("error: `{name}` is not in this version yet");
        assert!(said.err.starts_with(&told), "{args:?}: {}", said.err);
    }
    assert!(!workspace.run(&["polcy"]).err.contains("yet"));
    let foreign = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff");
    let output = workspace.command(&["install"]).arg::<&std::ffi::OsStr>(foreign).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "arguments need not be text");
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

/// The system's answer to a file that grows beyond the limit is a signal that ends a process silently.
#[cfg(unix)]
#[test]
fn a_limit_on_the_size_of_files_is_told() {
    let limited = |workspace: &Workspace, args: &str| {
        let script = format!("ulimit -f 1; exec \"$0\" {args}");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_fibric")]).current_dir(workspace.path("."));
        let output = command.stdin(Stdio::null()).output().unwrap();
        // With `--json` it is said on standard output.
        (output.status.code(), String::from_utf8([output.stderr, output.stdout].concat()).unwrap())
    };
    let workspace = sound();
    workspace.write("fixtures/a.jsonl", (0..50).map(order).collect::<String>());
    for args in ["dev --plain --once", "dev --once --json", "dev replay fixtures --json"] {
        let (code, said) = limited(&workspace, args);
        assert_eq!(code, Some(1), "{args}: {said}");
        assert!(said.contains("cannot write") && said.contains("File too large"), "{args}: {said}");
    }
    let workspace = sound();
    workspace.write("fixtures/a.jsonl", (0..50).map(order).collect::<String>());
    workspace.ok(&["dev", "--once"]);
    let (code, said) = limited(&workspace, "receipts export -o all.jsonl");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("all.jsonl") && said.contains("File too large"), "{said}");
}

/// The nearest workspace is the one that is meant, also where no file of it can be opened by its whole path.
#[test]
fn a_workspace_that_is_too_deep_is_said_to_be() {
    let workspace = sound();
    let script = "cd -P \"$1\"; name=$(printf 'd%.0s' $(seq 1 200)); for n in $(seq 1 25); do mkdir $name && cd -P $name || exit \
                  99; done; \"$0\" policy check; code=$?; mkdir operators; \"$0\" policy check; exit $((code * 10 + $?))";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_fibric")]).arg(workspace.path(""));
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(2), "first the one above is found, then none can be used: {said}");
    assert!(said.contains("the workspace here has a path of 5") && said.contains("at most 4096"), "{said}");
}

#[test]
fn an_interrupted_replay_ends_its_run_and_says_130() {
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", operator("holder", "order.*", "while (true) {}"));
    workspace.write("fibric.toml", "[limits]\ncall = \"100ms\"\n");
    workspace.write("fixtures/a.jsonl", (0..500).map(order).collect::<String>());
    for name in ["INT", "TERM"] {
        let mut replay = workspace.spawn(&["dev", "replay", "fixtures", "--json"]);
        replay.wait_for("\"proposed\"");
        replay.signal(name);
        assert_eq!(replay.end(), Some(130));
        assert!(replay.seen.trim_end().lines().last().unwrap().contains("run_ended"), "{}", replay.seen);
    }
    // Neither a pipe without a writer, nor one whose writer says nothing, nor a device without an end is waited for.
    let made = Command::new("mkfifo").arg(workspace.path("pipe")).status().unwrap();
    assert!(made.success());
    for (path, name) in [("pipe", "INT"), ("pipe", "TERM"), ("/dev/zero", "INT"), ("/dev/zero", "TERM")] {
        let runs = || std::fs::read_dir(workspace.path(".fibric/dev/runs")).unwrap().count();
        let before = runs();
        let mut replay = workspace.spawn(&["dev", "replay", path, "--json"]);
        // Signals are heard from before the run begins.
        while runs() == before && replay.is_running() {
            std::thread::yield_now();
        }
        replay.signal(name);
        assert_eq!(replay.end(), Some(130), "{path} {name}");
    }
    let mut dev = workspace.dev(&["--once"]);
    dev.wait_for("failed holder");
    dev.stop();
    assert!(dev.seen.lines().count() < 1_000, "the play went on");
}
