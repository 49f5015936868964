//! Each command with each code that it can end with.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory as _;
use fibric_console::cli::Cli;

use super::{block, crash, sound};
use crate::harness::{Workspace, order};
use crate::packs::write_pack;

/// Every code there is (contract 8).
const CODES: [i32; 8] = [0, 1, 2, 3, 4, 5, 6, 130];

/// Arguments and the code they end with, in [`prepared`].
const TABLE: &[(&[&str], i32)] = &[
    (&["capabilities", "ls"], 0),
    (&["capabilities", "ls", "--used"], 0),
    (&["capabilities", "ls", "-C", "nowhere"], 2),
    (&["clean", "--keep", "7d", "--dry-run"], 0),
    (&["clean", "--keep", "soon"], 2),
    (&["completions", "bash"], 0),
    (&["completions", "tcsh"], 2),
    (&["demo", "--plain", "--speed", "max"], 0),
    (&["demo", "--speed", "never"], 2),
    (&["demo", "--policy", "none.yaml"], 2),
    (&["demo", "--speed", "max", "--cast", "fixtures"], 1),
    (&["demo", "--tour"], 2),
    (&["dev", "--once"], 0),
    (&["dev", "--once", "--events", "none.jsonl"], 2),
    (&["dev", "--connect", "x"], 2),
    (&["dev", "--plain", "--cast", "x.cast"], 2),
    (&["dev", "coverage"], 0),
    (&["dev", "coverage", "--strict"], 1),
    (&["dev", "coverage", "--fill", "no/such"], 2),
    (&["dev", "diff", "1", "1"], 0),
    (&["dev", "diff", "1", "2"], 1),
    (&["dev", "diff", "1", "2", "--only", "regressions"], 1),
    (&["dev", "diff", "2", "1", "--only", "regressions"], 0),
    (&["dev", "diff", "1", "9"], 2),
    (&["dev", "diff", "1", "x"], 2),
    (&["dev", "interleave", "1", "0007", "0008"], 0),
    (&["dev", "interleave", "1", "0001", "0007"], 2),
    (&["dev", "plan", "0001"], 0),
    (&["dev", "plan", "none"], 1),
    (&["dev", "plan", "0001", "--run", "3", "--operator", "crash"], 5),
    (&["dev", "plan"], 2),
    (&["dev", "replay"], 2),
    (&["dev", "replay", "fixtures"], 0),
    (&["dev", "replay", "none.jsonl"], 2),
    (&["dev", "replay", "fixtures", "--strict", "--policy", "block.yaml"], 3),
    (&["dev", "replay", "fixtures", "--strict", "--policy", "bad.yaml"], 4),
    (&["diff", "bundle/holder", "bundle/holder"], 0),
    (&["diff", "bundle/holder", "bundle/none"], 2),
    (&["diff", "bundle/holder", "bundle/changed"], 4),
    (&["doctor"], 0),
    (&["doctor", "-C", "nowhere"], 1),
    (&["events", "tail"], 0),
    (&["events", "tail", "--run", "99"], 2),
    (&["events", "tail", "-C", "nowhere"], 2),
    (&["init", "bundle/late-orders", "--template", "operator"], 0),
    (&["init", "fixtures", "--template", "operator"], 2),
    (&["init", "--template", "operator"], 2),
    (&["publish", "--check", "bundle/late-orders"], 0),
    (&["policy", "check"], 0),
    (&["policy", "check", "odd.yaml", "--strict"], 1),
    (&["policy", "check", "none.yaml"], 2),
    (&["policy", "check", "bad.yaml"], 4),
    (&["policy", "diff", "policy/trust.yaml", "policy/trust.yaml"], 0),
    (&["policy", "diff", "block.yaml", "policy/trust.yaml"], 0),
    (&["policy", "diff", "block.yaml", "policy/trust.yaml", "--no-new-access"], 1),
    (&["policy", "diff", "none.yaml", "policy/trust.yaml"], 2),
    (&["policy", "diff", "policy/trust.yaml", "bad.yaml"], 4),
    (&["policy", "diff", "policy/trust.yaml", "code.ts"], 6),
    (&["policy", "explain", "--actions", "actions.jsonl"], 0),
    (&["policy", "explain", "--actions", "actions.jsonl", "--policy", "block.yaml"], 0),
    (&["policy", "explain", "--actions", "none.jsonl"], 2),
    (&["policy", "explain", "--actions", "fixtures/a.jsonl"], 4),
    (&["policy", "impact", "--policy", "block.yaml"], 0),
    (&["policy", "impact", "--from", "block.yaml", "--max-newly-allowed", "0"], 1),
    (&["policy", "impact", "--policy", "none.yaml"], 2),
    (&["policy", "impact", "--policy", "bad.yaml"], 4),
    (&["policy", "impact", "--policy", "code.ts", "--from", "block.yaml", "--max-newly-allowed", "0"], 6),
    (&["policy", "test", "good.tests.yaml"], 0),
    (&["policy", "test", "wrong.tests.yaml"], 1),
    (&["policy", "test", "none.tests.yaml"], 2),
    (&["policy", "test", "bad.yaml"], 4),
    (&["publish", "--check", "bundle/holder"], 0),
    (&["publish", "--check", "bundle/none"], 2),
    (&["publish", "--check", "bundle/changed"], 4),
    (&["publish", "--check", "bundle/throws"], 5),
    (&["receipts", "export"], 0),
    (&["receipts", "export", "-o", "fixtures"], 1),
    (&["receipts", "export", "--since", "soon"], 2),
    (&["receipts", "export", "--where", "decision:blok"], 2),
    (&["receipts", "tail"], 0),
    (&["receipts", "tail", "--where", "nope:1"], 2),
    (&["receipts", "verify"], 0),
    (&["receipts", "verify", "--head", "0000000000000000000000000000000000000000000000000000000000000000"], 1),
    (&["review", "export", "1", "-o", "again.review"], 0),
    (&["review", "export", "1", "-o", "fixtures"], 1),
    (&["review", "export", "99", "-o", "none.review"], 2),
    (&["review", "export", "1", "-o", "tool.review", "--redact", "value"], 0),
    (&["review", "export", "4", "-o", "typed.review", "--redact", "kind"], 6),
    (&["review", "open", "one.review"], 0),
    (&["review", "open", "altered.review"], 1),
    (&["review", "open", "none.review"], 2),
    (&["review", "verify", "one.review"], 0),
    (&["review", "verify", "altered.review"], 1),
    (&["review", "verify", "none.review"], 2),
    (&["review", "verify", "one.review", "--strict"], 6),
    (&["nonsense"], 2),
    (&["--help"], 0),
    (&["--version"], 0),
];

/// A workspace with a run that was let through (1), one that the policy stopped (2), one in which author code crashed
/// (3), a review of the first, and the same review with one byte of it changed.
fn prepared() -> Workspace {
    let workspace = sound();
    let allowing = workspace.read("policy/trust.yaml");
    let crash_file = "operators/crash.ts";
    workspace.write("bad.yaml", "- { tool: order.*, decision: ALLOW }\n");
    workspace.write("block.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    workspace.write("odd.yaml", "- { tool: order.hold, connector: cn-nobody, decision: ALLOW }\n");
    workspace.write(
        "code.ts",
        "export default [{ tool: 'order.hold', decision: 'ALLOW', predicate: () => true }, { tool: 'notify.send', \
         decision: 'ALLOW' }];\n",
    );
    let action = "{ \"tool\": \"order.hold\", \"args\": {}, \"entity_key\": \"e\", \"idempotency_key\": \"k\" }\n";
    workspace.write("actions.jsonl", action);
    workspace.write("good.tests.yaml", "- { action: { tool: order.hold }, expect: ALLOW }\n");
    workspace.write("wrong.tests.yaml", "- { action: { tool: order.hold }, expect: BLOCK }\n");
    // Two plans on one order, for who asks in which order they could have come.
    workspace.write("same/two.jsonl", order(7) + &order(8).replace("SO-8", "SO-7"));
    workspace.ok(&["dev", "replay", "fixtures", "same/two.jsonl"]);
    block(&workspace);
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace.write("policy/trust.yaml", &allowing);
    crash(&workspace);
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace.remove(crash_file);
    workspace.ok(&["review", "export", "1", "-o", "one.review"]);
    for name in ["holder", "changed", "throws"] {
        write_pack(&workspace, &format!("bundle/{name}"));
    }
    workspace.write(
        "bundle/changed/guardrails.ts",
        "export const defaults = [{ tool: 'order.refund', decision: 'ALLOW' }];\n",
    );
    workspace.write("bundle/throws/index.ts", "throw new Error('no');\n");
    let mut bytes = fs::read(workspace.path("one.review")).unwrap();
    let at = bytes.windows(5).position(|five| five == b"SO-1\"").unwrap();
    bytes[at + 3] = b'2';
    workspace.write("altered.review", bytes);
    workspace
}

#[test]
fn the_table_of_the_other_commands() {
    let workspace = prepared();
    for (args, code) in TABLE {
        let said = workspace.run(args);
        assert_eq!(said.code, *code, "{args:?}: {said:?}");
        assert!(*code == 0 || !said.err.is_empty() || !said.out.is_empty(), "{args:?} fails without a word");
        assert!(CODES.contains(&said.code), "{args:?}");
    }
}

/// A command that is added comes with its rows: how it succeeds, and how it does not.
#[test]
fn every_command_has_its_rows() {
    let mut missing = Vec::new();
    for path in leaves(&Cli::command(), &[]) {
        let of_it =
            TABLE.iter().filter(|(args, _)| args.starts_with(&path.iter().map(String::as_str).collect::<Vec<_>>()));
        let codes: BTreeSet<i32> = of_it.map(|(_, code)| *code).collect();
        if !codes.contains(&0) || codes.len() < 2 {
            missing.push(format!("{}: {codes:?}", path.join(" ")));
        }
    }
    assert!(missing.is_empty(), "commands without a row that succeeds and one that fails: {missing:#?}");
}

fn leaves(command: &clap::Command, path: &[String]) -> Vec<Vec<String>> {
    let subs = command.get_subcommands().map(|sub| leaves(sub, &[path, &[sub.get_name().to_owned()]].concat()));
    let below: Vec<_> = subs.flatten().collect();
    let runs_itself = !path.is_empty() && (below.is_empty() || path == ["dev"]);
    below.into_iter().chain(runs_itself.then(|| path.to_vec())).collect()
}

type Change = fn(&Workspace);

/// 3 is a veto's alone: what breaks, is refused or is not understood never looks like one, and a veto never like that.
#[test]
fn a_veto_is_never_taken_for_a_crash() {
    let vetoed: Vec<_> = TABLE.iter().filter(|(_, code)| *code == 3).collect();
    assert!(vetoed.iter().all(|(args, _)| args.contains(&"block.yaml")), "{vetoed:?}");
    let breaks: [(&str, Change, i32); 5] = [
        ("author code crashes", crash, 5),
        ("author code does not load", super::break_code, 5),
        ("the policy does not load", super::break_policy, 4),
        ("an envelope is refused", super::refuse_one, 1),
        ("the configuration is wrong", |workspace| workspace.write("fibric.toml", "tenat = 'x'\n"), 2),
    ];
    for (what, change, code) in breaks {
        let workspace = sound();
        change(&workspace);
        let said = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
        assert_eq!(said.code, code, "{what}: {said:?}");
        // The same with a veto beside it: what broke is told, unless breaking was not asked about.
        block(&workspace);
        let both = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
        let broken_policy = code == 4;
        assert_eq!(both.code, if broken_policy { 3 } else { code }, "{what}, vetoed: {both:?}");
    }
    let workspace = sound();
    block(&workspace);
    for (flags, code) in [(&[][..], 0), (&["--strict"], 3), (&["--fail-on-block"], 3)] {
        let said = workspace.run(&[&["dev", "replay", "fixtures"], flags].concat());
        assert_eq!(said.code, code, "{flags:?}");
        assert!(!said.err.contains("failed on"), "{said:?}");
    }
    // A process that is ended from outside has none of the codes.
    let workspace = Workspace::small();
    workspace.write("operators/holder.ts", crate::harness::operator("holder", "order.*", "while (true) {}"));
    workspace.write("fixtures/a.jsonl", (0..50).map(order).collect::<String>());
    let mut replay = workspace.spawn(&["dev", "replay", "fixtures", "--json"]);
    replay.wait_for("\"run_started\"");
    replay.signal("KILL");
    assert_eq!(replay.end(), None, "a signal, and no code");
}

#[test]
fn a_wrong_key_of_the_configuration_is_told_with_its_place() {
    let workspace = sound();
    workspace.write("fibric.toml", "tenat = 'x'\n");
    let said = workspace.run(&["dev", "--once"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("unknown key `tenat`") && said.err.contains("did you mean `tenant`?"), "{}", said.err);
    assert!(said.err.contains("fibric.toml:1:1"), "{}", said.err);
}
