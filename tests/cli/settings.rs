//! What stands in a workspace beside code, policies and fixtures: used, or said not to be.

use super::harness::{Workspace, order};

#[test]
fn what_is_there_and_not_used_is_said_wherever_it_is_met() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("policy/installed/op-desk.yaml", "- { tool: notify.send, decision: ALLOW }\n");
    workspace.write(".fibric/secrets.toml", "[cn-acts]\ntoken = \"x\"\n");
    workspace.write("fibric.toml", "[connections.cn-acts]\nbase_url = \"https://sandbox.example\"\nsandbox = true\n");
    let told = ["`policy/installed/` is not used", "`.fibric/secrets.toml` is not used", "`[connections]` is not used"];
    for (args, code) in [
        (&["dev", "replay", "fixtures"][..], 0),
        (&["dev", "replay", "fixtures", "--strict"], 0),
        (&["dev", "--plain", "--once"], 0),
        (&["doctor"], 0),
        (&["policy", "check", "--strict"], 0),
    ] {
        let said = workspace.run(args);
        assert_eq!(said.code, code, "{args:?}: {said:?}");
        let all = said.out + &said.err;
        let expected = args[0] != "policy";
        assert!(told.iter().all(|part| all.contains(part) == expected), "{args:?}: {all}");
    }
    assert!(!workspace.run(&["dev", "--help"]).out.contains("--connect"), "it is not offered where it is refused");
}

#[test]
fn a_save_that_is_ignored_changes_nothing() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "[watch]\nignore = [\"*.skip.jsonl\", \"fixtures/generated\"]\n");
    std::fs::create_dir(workspace.path("fixtures")).unwrap();
    let mut dev = workspace.dev(&["--no-play"]);
    workspace.write("fixtures/a.skip.jsonl", order(1));
    workspace.write("fixtures/b.jsonl", order(2));
    dev.wait_for("key=holder:SO-2:hold");
    assert!(!dev.seen.contains("SO-1"), "{}", dev.seen);
    dev.stop();
    workspace.write("fibric.toml", "[watch]\nignore = [\"[\"]\n");
    let said = workspace.run(&["doctor"]);
    assert!(
        said.code == 1 && said.out.contains("`[` is no pattern") && said.out.contains("fibric.toml:2:"),
        "{said:?}"
    );
}

#[test]
fn a_folder_of_code_that_cannot_be_listed_is_told() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    std::fs::rename(workspace.path("connectors"), workspace.path("elsewhere")).unwrap();
    workspace.write("connectors", "no folder\n");
    let said = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
    assert!(said.code == 1 && said.err.contains("cannot read `connectors/`"), "{said:?}");
    assert!(workspace.run(&["doctor"]).out.contains("cannot read `connectors/`"));
}

#[test]
fn a_save_does_not_lift_the_confinement_of_a_session() {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--no-play"]);
    workspace.write("fibric.toml", "[hosts]\nunconfined = true\n");
    dev.wait_for("author code stays confined here");
    // Kept in mind as a standing fault, so that it is gone with the line.
    workspace.write("fibric.toml", "[hosts]\nunconfined = false\n");
    workspace.write("fixtures/a.jsonl", order(1));
    dev.wait_for("key=holder:SO-1:hold");
    dev.stop();
    let journal = workspace.read(".fibric/dev/runs/0001/journal.jsonl");
    assert_eq!(journal.matches(r#""fact":{"settled":"#).count(), 1, "{journal}");
}
