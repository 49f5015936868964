//! Saves while `fibric dev` runs: the last good definition keeps running, and what runs is said.

use super::harness::{HOLDS, Workspace, connector, operator, order};

#[test]
fn a_broken_save_keeps_the_last_good_operator_and_a_repair_runs_again() {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    let other = operator("holder", "order.*", &HOLDS.replace("holder:${id}", "second:${id}"));

    workspace.write("operators/holder.ts", "export default {{{\n");
    let line = dev.wait_for("reload failed operator holder: running ");
    assert!(line.contains(", on disk "), "{line}");
    dev.wait_for("operators/holder.ts:1");
    dev.send(&order(2));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-2:hold");

    // Renamed into place, as many editors save: the latest envelope runs again, and nothing is disposed of.
    workspace.replace("operators/holder.ts", &other);
    dev.wait_for("loaded operator holder (requires order.hold)");
    dev.wait_for("envelope order.created src=rerun corr=0002");
    dev.wait_for("plan holder 1 action (proposed, not disposed)");
    dev.send(&order(3));
    dev.wait_for("envelope order.created src=live corr=0003");
    dev.wait_for("dispose order.hold ALLOW key=second:SO-3:hold");
    dev.wait_for("receipt 1");
    assert_eq!(workspace.state("receipts.jsonl").len(), 3, "a rerun disposes of nothing");
    assert_eq!(workspace.state("envelopes.jsonl").len(), 3, "a rerun is no new envelope");

    // Truncated, then written in pieces.
    workspace.write("operators/holder.ts", "");
    let pieces = operator("holder", "order.*", &HOLDS.replace("holder:${id}", "third:${id}"));
    for end in [pieces.len() / 3, pieces.len() / 2, pieces.len()] {
        workspace.write("operators/holder.ts", &pieces[..end]);
    }
    dev.wait_for("src=rerun corr=0003");
    dev.send(&order(4));
    dev.wait_for("dispose order.hold ALLOW key=third:SO-4:hold");

    // A policy's save runs it again too.
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALERT }\n");
    dev.wait_for("policy from ./policy/trust.yaml");
    dev.wait_for("src=rerun corr=0004");
    dev.wait_for("plan holder 1 action (proposed, not disposed)");
    // What the policy would say of it stands in the journal, and is no verdict.
    let journal = workspace.read(".fibric/dev/runs/0001/journal.jsonl");
    let would = journal.rsplit_once(r#""would":[{"tool":"order.hold","entity_key":""#).map(|(_, rest)| rest);
    assert!(would.is_some_and(|rest| rest.contains(r#""decision":"ALERT""#)), "{journal}");

    workspace.remove("operators/holder.ts");
    dev.wait_for("unloaded operator holder");
    dev.send(&order(5));
    dev.wait_for("no trigger matched; no operator is loaded");
    workspace.write("operators/new.ts", operator("fresh", "order.**", HOLDS));
    dev.wait_for("loaded operator fresh");
    std::fs::rename(workspace.path("operators/new.ts"), workspace.path("operators/renamed.ts")).unwrap();
    dev.wait_for("loaded operator fresh");
    dev.send(&order(6));
    dev.wait_for("dispose order.hold ALERT key=holder:SO-6:hold");
    dev.stop();
}

#[test]
fn an_imported_file_and_a_connector_are_followed() {
    let workspace = Workspace::small();
    workspace.write("operators/lib/key.ts", "export const word: string = 'one';\n");
    let body = HOLDS.replace("holder:${id}", "${word}:${id}");
    let text = format!("import {{ word }} from './lib/key';\n{}", operator("holder", "order.*", &body));
    workspace.write("operators/holder.ts", text);
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("key=one:SO-1:hold");
    workspace.write("operators/lib/key.ts", "export const word: string = ;\n");
    dev.wait_for("reload failed operator holder");
    dev.wait_for("operators/lib/key.ts:1:29");
    workspace.replace("operators/lib/key.ts", "export const word: string = 'two';\n");
    dev.wait_for("loaded operator holder");
    dev.send(&order(2));
    dev.wait_for("key=two:SO-2:hold");

    workspace.write("connectors/cn-acts.ts", "export default 7;\n");
    dev.wait_for("reload failed connector cn-acts");
    dev.wait_for("connectors/cn-acts.ts:1:");
    dev.send(&order(3));
    dev.wait_for("dispose order.hold ALLOW key=two:SO-3:hold");
    workspace.write("connectors/cn-acts.ts", connector("cn-acts", &["notify.send"]));
    dev.wait_for("loaded connector cn-acts@1.0.0 (1 tool)");
    dev.wait_for("operator holder requires `order.hold`: no loaded tool provides `order.hold`");
    dev.send(&order(4));
    dev.wait_for("dispose order.hold BLOCK");
    workspace.remove("connectors/cn-acts.ts");
    dev.wait_for("unloaded connector cn-acts");
    workspace.write("connectors/cn-new/index.ts", connector("cn-new", &["order.hold"]));
    dev.wait_for("loaded connector cn-new@1.0.0 (1 tool)");
    dev.send(&order(5));
    dev.wait_for("dispose order.hold ALLOW key=two:SO-5:hold");
    dev.stop();
}

#[test]
fn a_saved_fixture_is_played_with_keys_of_its_own() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let mut dev = workspace.dev(&[]);
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    workspace.write("fixtures/b.jsonl", order(2));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-2:hold");
    workspace.replace("fixtures/a.jsonl", &(order(1) + "oops\n" + &order(3)));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    dev.wait_for("fixtures/a.jsonl:2:1");
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-3:hold");
    // An editor's own files are not fixtures.
    workspace.write("fixtures/.hidden.jsonl", order(8));
    workspace.write("fixtures/c.jsonl", order(9));
    dev.wait_for("key=holder:SO-9:hold");
    assert!(!dev.seen.contains("SO-8"), "{}", dev.seen);
    dev.stop();
}

#[test]
fn a_folder_of_operators_that_comes_later_is_watched() {
    let workspace = Workspace::small();
    let text = workspace.read("operators/holder.ts");
    std::fs::remove_dir_all(workspace.path("operators")).unwrap();
    workspace.write("fibric.toml", "");
    let mut dev = workspace.dev(&["--events", "-"]);
    workspace.write("operators/holder.ts", &text);
    dev.wait_for("loaded operator holder");
    workspace.write("operators/holder.ts", text.replace("goal: 'g'", "goal: 'h'"));
    dev.wait_for("loaded operator holder");
    dev.stop();
}

#[test]
fn a_fault_that_is_fixed_is_said_to_be() {
    let workspace = Workspace::bundled();
    let mut dev = workspace.dev(&["--no-play"]);
    workspace.replace(
        "connectors/cn-pager.ts",
        &workspace.read("connectors/cn-pager.ts").replace("'notify.send'", "'notify.snd'"),
    );
    dev.wait_for("unknown capability `notify.snd`");
    workspace.replace(
        "connectors/cn-pager.ts",
        &workspace.read("connectors/cn-pager.ts").replace("'notify.snd'", "'notify.send'"),
    );
    dev.wait_for("fixed connectors/cn-pager.ts");
    workspace.write("fibric.toml", "tenan = 'x'\n");
    dev.wait_for("unknown key `tenan`");
    workspace.write("fibric.toml", "tenant = 't_local'\n");
    dev.wait_for("fixed fibric.toml:1:1: unknown key `tenan`");
    dev.stop();
}

#[test]
fn whatever_a_definition_was_made_from_is_followed() {
    let workspace = Workspace::small();
    let word = |word: &str| format!("export const word: string = '{word}';\n");
    let body = HOLDS.replace("holder:${id}", "${word}:${id}");
    let text = format!("import {{ word }} from '../shared/lib/words';\n{}", operator("holder", "order.*", &body));
    // What is imported is not there yet: its folder neither.
    workspace.write("operators/holder.ts", &text);
    let mut dev = workspace.dev(&["--events", "-"]);
    workspace.write("shared/lib/words.ts", word("one"));
    dev.wait_for("loaded operator holder");
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW key=one:SO-1:hold");
    let mut n = 1;
    let mut acts_with = |dev: &mut super::harness::Running, word: &str| {
        n += 1;
        dev.wait_for("loaded operator holder");
        dev.send(&order(n));
        dev.wait_for(&format!("dispose order.hold ALLOW key={word}:SO-{n}:hold"));
    };
    workspace.write("shared/lib/words.ts", word("two"));
    acts_with(&mut dev, "two");
    // Renamed into place.
    workspace.replace("shared/lib/words.ts", &word("three"));
    acts_with(&mut dev, "three");
    // The folder above replaced by another.
    workspace.write("other/lib/words.ts", word("four"));
    std::fs::rename(workspace.path("shared"), workspace.path("old")).unwrap();
    std::fs::rename(workspace.path("other"), workspace.path("shared")).unwrap();
    acts_with(&mut dev, "four");
    workspace.write("shared/lib/words.ts", word("five"));
    acts_with(&mut dev, "five");
    // Another import, deeper, in a folder that nothing was imported from.
    workspace.write("shared/far/away/deep.ts", word("six"));
    workspace.write("shared/lib/words.ts", "export { word } from '../far/away/deep';\n");
    acts_with(&mut dev, "six");
    workspace.replace("shared/far/away/deep.ts", &word("seven"));
    acts_with(&mut dev, "seven");
    // What is looked for first has come.
    workspace.write("shared/far/away/deep", "no code");
    dev.wait_for("reload failed operator holder");
    workspace.remove("shared/far/away/deep");
    acts_with(&mut dev, "seven");
    // A broken import is mended where it is.
    workspace.write("shared/far/away/deep.ts", "export const word: string = ;\n");
    dev.wait_for("reload failed operator holder");
    dev.wait_for("shared/far/away/deep.ts:1");
    workspace.replace("shared/far/away/deep.ts", &word("eight"));
    acts_with(&mut dev, "eight");
    dev.stop();
}

#[cfg(unix)]
#[test]
fn a_link_that_is_led_elsewhere_is_a_save() {
    let workspace = Workspace::small();
    for word in ["one", "two"] {
        workspace.write(&format!("kept/{word}/words.ts"), format!("export const word: string = '{word}';\n"));
    }
    let link = |to: &str| {
        std::os::unix::fs::symlink(to, workspace.path("beside")).unwrap();
        std::fs::rename(workspace.path("beside"), workspace.path("lib")).unwrap();
    };
    link("kept/one");
    let body = HOLDS.replace("holder:${id}", "${word}:${id}");
    let text = format!("import {{ word }} from '../lib/words';\n{}", operator("holder", "order.*", &body));
    workspace.write("operators/holder.ts", text);
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("key=one:SO-1:hold");
    link("kept/two");
    dev.wait_for("loaded operator holder");
    dev.send(&order(2));
    dev.wait_for("key=two:SO-2:hold");
    workspace.replace("kept/two/words.ts", "export const word: string = 'three';\n");
    dev.wait_for("loaded operator holder");
    dev.send(&order(3));
    dev.wait_for("key=three:SO-3:hold");
    dev.stop();
}

#[test]
fn what_a_policy_in_code_imports_is_followed() {
    let workspace = Workspace::small();
    workspace.remove("policy/trust.yaml");
    let policy = "import { ceiling } from '../lib/ceiling';\n\
                  export default [{ tool: 'order.hold', decision: ceiling }];\n";
    let said = |decision: &str| format!("export const ceiling: string = '{decision}';\n");
    workspace.write("policy/trust.ts", policy);
    workspace.write("lib/ceiling.ts", said("ALLOW"));
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    workspace.write("lib/ceiling.ts", said("BLOCK"));
    dev.wait_for("policy from ./policy/trust.ts");
    dev.send(&order(2));
    dev.wait_for("dispose order.hold BLOCK key=holder:SO-2:hold");
    workspace.write("lib/ceiling.ts", "export const ceiling: string = ;\n");
    dev.wait_for("lib/ceiling.ts:1");
    workspace.replace("lib/ceiling.ts", &said("ALERT"));
    dev.wait_for("policy from ./policy/trust.ts");
    dev.send(&order(3));
    dev.wait_for("dispose order.hold ALERT key=holder:SO-3:hold");
    dev.stop();
}

#[test]
fn a_policy_named_from_elsewhere_is_followed() {
    let workspace = Workspace::small();
    let elsewhere = Workspace::bare();
    elsewhere.write("strict.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    let named = elsewhere.path("strict.yaml");
    let mut dev = workspace.dev(&["--events", "-", "--policy", named.to_str().unwrap()]);
    dev.send(&order(1));
    dev.wait_for("dispose order.hold BLOCK key=holder:SO-1:hold");
    elsewhere.replace("strict.yaml", "- { tool: order.hold, decision: ALERT }\n");
    dev.wait_for("policy from ");
    dev.send(&order(2));
    dev.wait_for("dispose order.hold ALERT key=holder:SO-2:hold");
    dev.stop();
}

/// The processes that run author code under this one.
#[cfg(target_os = "linux")]
fn hosts_of(parent: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).unwrap();
    let children =
        tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
    children.flat_map(|listed| listed.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_that_is_killed_while_it_has_nothing_to_do_costs_no_call() {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--events", "-"]);
    for n in 1..=5 {
        dev.send(&order(n));
        dev.wait_for(&format!("dispose order.hold ALLOW key=holder:SO-{n}:hold"));
        dev.wait_for("receipt 1");
        let hosts = hosts_of(dev.id());
        assert!(!hosts.is_empty(), "author code runs in processes of its own");
        let killed = std::process::Command::new("kill").arg("-9").args(&hosts).status().unwrap();
        assert!(killed.success());
    }
    assert_eq!(workspace.state("receipts.jsonl").len(), 5);
    dev.stop();
}
