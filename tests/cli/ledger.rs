//! Receipts and events as they are read back: tails, exports, audits, and JSON that is nothing but JSON.

use std::fs;

use serde_json::Value;

use super::harness::{Workspace, order};

fn played() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", (1..=5).map(order).collect::<String>());
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace
}

#[test]
fn each_kind_of_tampering_is_found_at_its_line() {
    type Change = fn(&mut Vec<String>);
    let table: [(&str, Change, u32); 6] = [
        ("edit", |lines| lines[2] = lines[2].replace("SO-3", "SO-9"), 3),
        ("deletion", |lines| drop(lines.remove(1)), 2),
        ("reorder", |lines| lines.swap(3, 4), 4),
        ("truncation", |lines| lines.truncate(3), 4),
        ("addition", |lines| lines.push(lines[0].clone()), 6),
        ("escape", |lines| lines[0] = lines[0].replacen("rc_", "\\u001b[31mrc_", 1), 1),
    ];
    for (what, change, line) in table {
        let workspace = played();
        let mut lines: Vec<_> = workspace.read(".fibric/dev/receipts.jsonl").lines().map(str::to_owned).collect();
        change(&mut lines);
        workspace.write(".fibric/dev/receipts.jsonl", lines.join("\n") + "\n");
        let said = workspace.run(&["receipts", "verify"]);
        assert_eq!(said.code, 1, "{what}");
        assert!(said.err.contains(&format!(".fibric/dev/receipts.jsonl:{line}\n")), "{what}: {}", said.err);
        let json = workspace.run(&["receipts", "verify", "--json"]);
        let first: Value = serde_json::from_str(json.out.lines().next().unwrap()).unwrap();
        assert_eq!((json.code, &first["line"]), (1, &line.into()), "{what}");
        workspace.ok(&["receipts", "tail"]);
        assert_eq!(workspace.run(&["doctor"]).code, 1, "{what}");
    }
    let workspace = played();
    let chain = workspace.read(".fibric/dev/receipts.chain");
    workspace.write(".fibric/dev/receipts.chain", [chain.as_bytes(), b"\xff\xfe\n"].concat());
    assert!(workspace.run(&["receipts", "verify"]).err.contains("line 6 of the chain is damaged"));
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace
        .write(".fibric/dev/receipts.chain", chain.lines().take(4).flat_map(|line| [line, "\n"]).collect::<String>());
    assert!(workspace.run(&["receipts", "verify"]).err.contains("receipts.jsonl:5"));
    // Both cut alike: the journal still knows.
    let workspace = played();
    for name in ["receipts.jsonl", "receipts.chain"] {
        let text = workspace.read(&format!(".fibric/dev/{name}"));
        let cut: String = text.lines().take(3).flat_map(|line| [line, "\n"]).collect();
        workspace.write(&format!(".fibric/dev/{name}"), cut);
    }
    let said = workspace.run(&["receipts", "verify"]);
    assert!(said.code == 1 && said.err.contains("2 receipts of a run's journal are not in receipts.jsonl"), "{said:?}");
}

#[test]
fn an_export_can_be_replayed_elsewhere() {
    let there = Workspace::small();
    there.write("fibric.toml", "tenant = 'acme'\n");
    there.write("fixtures/a.jsonl", (1..=3).map(|n| order(n).replace("t_local", "acme")).collect::<String>());
    there.ok(&["dev", "replay", "fixtures", "--twice"]);
    there.write("out.part", "another's");
    there.ok(&["receipts", "export", "--envelopes", "--since", "7d", "--out", "out.jsonl"]);
    assert_eq!(there.read("out.part"), "another's", "nothing else is written over");
    assert_eq!(there.read("out.jsonl"), (1..=3).map(order).collect::<String>(), "each once, tenants rewritten");
    assert_eq!(there.ok(&["receipts", "export", "--envelopes", "--since", "2099-01-01T00:00:00Z"]), "");
    let some = there.ok(&["receipts", "export", "--envelopes", "--where", "payload.order_id:SO-2"]);
    assert_eq!(some, order(2));
    let here = Workspace::small();
    here.write("fixtures/out.jsonl", there.read("out.jsonl"));
    assert_eq!(here.ok(&["dev", "replay", "fixtures", "--strict"]), "3 envelopes · 3 plans proposed · 3 disposed\n");
    let all = there.ok(&["receipts", "export"]);
    assert_eq!(all, there.read(".fibric/dev/receipts.jsonl"));
    assert_eq!(there.ok(&["receipts", "export", "--where", "decision:dedup"]).lines().count(), 3);
}

#[test]
fn tails_select_and_follow_other_processes() {
    let workspace = played();
    assert_eq!(workspace.ok(&["receipts", "tail", "-n", "2"]).lines().count(), 2);
    assert_eq!(workspace.ok(&["receipts", "tail", "--where", "key:holder:SO-4:hold"]).lines().count(), 1);
    let mut receipts = workspace.spawn(&["receipts", "tail", "-f", "-n", "1", "--where", "key:*SO-9*"]);
    let mut events = workspace.spawn(&["events", "tail", "-f", "-n", "1"]);
    let mut json = workspace.spawn(&["events", "tail", "-f", "-n", "1", "--json"]);
    json.wait_for("run_ended");
    workspace.write("more.jsonl", order(8) + &order(9));
    workspace.ok(&["dev", "replay", "more.jsonl"]);
    assert!(receipts.wait_for("SO-9").contains("ALLOW order.hold"));
    events.wait_for("envelope order.created src=fixture corr=0008");
    events.wait_for("dispose order.hold ALLOW key=holder:SO-9:hold");
    json.wait_for("\"disposed\"");
    for follower in [&mut receipts, &mut events, &mut json] {
        follower.stop();
        assert!(!follower.seen.contains("holder:SO-8:hold\",\"verdict\":null"), "{}", follower.seen);
    }
    assert!(!receipts.seen.contains("SO-8"), "{}", receipts.seen);
    assert!(json.seen.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{}", json.seen);
}

#[test]
fn json_is_nothing_but_json_lines() {
    let workspace = played();
    workspace.write("bad.yaml", "- { tool: order.*, decision: ALLOW }\n");
    workspace.write("a.jsonl", "{\"tool\":1}\nx\n");
    workspace.write("fixtures/bad.jsonl", "x\n");
    workspace.write("operators/broken.ts", "export default {{{\n");
    for args in [
        &["dev", "--once"][..],
        &["dev", "--plain", "--once", "--no-play"],
        &["dev", "replay", "fixtures"],
        &["dev", "replay", "fixtures", "--propose-only", "--strict"],
        &["dev", "replay", "fixtures", "--twice"],
        &["dev", "replay", "none"],
        &["dev", "replay", "fixtures", "--where", "x:"],
        &["receipts", "tail"],
        &["receipts", "export"],
        &["receipts", "export", "--envelopes"],
        &["receipts", "verify"],
        &["policy", "check"],
        &["policy", "check", "bad.yaml"],
        &["policy", "explain", "--actions", "a.jsonl"],
        &["events", "tail"],
        &["capabilities", "ls"],
        &["doctor"],
        &["completions", "zsh"],
        &["-C", "nowhere", "doctor"],
    ] {
        let said = workspace.run(&[args, &["--json"]].concat());
        for line in said.out.lines() {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "{args:?}: {line}");
        }
    }
}

#[test]
fn completions_for_every_shell() {
    let workspace = Workspace::bare();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = workspace.ok_raw(&["completions", shell]);
        assert!(script.len() > 1_000 && script.contains("replay"), "{shell}");
    }
}

#[test]
fn damaged_state_is_told_and_survived() {
    let workspace = played();
    workspace.write(".fibric/dev/keys.jsonl", "{\"claimed\":{\"key\":\"a\",\"by\":\"b\"}}\n{\"clai\n");
    let said = workspace.run(&["dev", "--once", "--events", "fixtures/a.jsonl"]);
    assert!(said.code == 2 && said.err.contains("keys.jsonl:2") && said.err.contains("--fresh"), "{said:?}");
    assert!(!said.out.contains("keys"), "told once: {}", said.out);
    workspace.remove(".fibric/dev/keys.jsonl");

    let journal = ".fibric/dev/runs/0001/journal.jsonl";
    workspace.write(".fibric/dev/runs/open/0001", "");
    workspace.write(journal, workspace.read(journal) + "{\"seq\":1,\u{1b}}\n{\"seq\": 99, \"half");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("its journal is damaged") && said.err.contains("torn by a crash"), "{}", said.err);
    workspace.ok(&["events", "tail", "-n", "99"]);
    workspace.ok(&["receipts", "verify"]);

    fs::create_dir(workspace.path(".fibric/dev/runs/4294967295")).unwrap();
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 1 && said.err.contains("run numbers are used up"), "{said:?}");
    fs::remove_dir_all(workspace.path(".fibric")).unwrap();
    workspace.write(".fibric", "");
    for args in [&["dev", "replay", "fixtures"][..], &["dev", "--once"], &["receipts", "verify"]] {
        let said = workspace.run(args);
        assert!(said.code == 1 && said.err.contains("`.fibric` is no folder"), "{args:?}: {said:?}");
    }
}
