//! What commands write where a person said: through links, into pipes and devices, and a word where it fails.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::harness::{Workspace, order};

fn played() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", (0..4).map(order).collect::<String>());
    workspace.write("policy/trust.tests.yaml", "- { action: { tool: order.hold }, expect: ALLOW }\n");
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace
}

/// Each command that writes a file, up to the file's name.
const WRITING: [&[&str]; 6] = [
    &["receipts", "export", "-o"],
    &["receipts", "export", "--envelopes", "--out"],
    &["policy", "test", "--junit"],
    &["policy", "check", "--sarif"],
    &["policy", "impact", "--junit"],
    &["policy", "diff", "policy/trust.yaml", "policy/trust.yaml", "--sarif"],
];

#[test]
fn a_named_file_keeps_its_links_its_mode_and_its_kind() {
    let workspace = played();
    for args in WRITING {
        workspace.write("real/out", "old");
        fs::set_permissions(workspace.path("real/out"), Permissions::from_mode(0o600)).unwrap();
        let _ = fs::remove_file(workspace.path("link"));
        symlink("real/out", workspace.path("link")).unwrap();
        workspace.ok(&[args, &["link"]].concat());
        let text = workspace.read("real/out");
        assert!(text.len() > 60 && text.ends_with('\n'), "{args:?}: {text}");
        assert!(fs::symlink_metadata(workspace.path("link")).unwrap().is_symlink(), "{args:?}");
        let mode = fs::metadata(workspace.path("real/out")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{args:?}");
        assert_eq!(fs::read_dir(workspace.path("real")).unwrap().count(), 1, "{args:?}: nothing is left beside it");

        let pipe = workspace.path("pipe");
        let _ = fs::remove_file(&pipe);
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reading = pipe.clone();
        let reader = std::thread::spawn(move || fs::read_to_string(reading).unwrap());
        workspace.ok(&[args, &["pipe"]].concat());
        assert_eq!(reader.join().unwrap(), text, "{args:?}");
        assert!(!fs::metadata(&pipe).unwrap().is_file(), "{args:?}: the pipe is still one");
    }
}

#[test]
fn what_cannot_be_written_is_an_error_that_names_the_file() {
    let workspace = played();
    for args in WRITING {
        for (file, why) in [("/dev/full", "No space left"), ("no/such/out", "No such file"), ("policy", "is a folder")]
        {
            let said = workspace.run(&[args, &[file]].concat());
            assert_eq!(said.code, 1, "{args:?} {file}: {said:?}");
            assert!(
                said.err.contains(&format!("cannot write `{file}`")) && said.err.contains(why),
                "{args:?}: {said:?}"
            );
        }
        let before = workspace.read(".fibric/dev/receipts.jsonl");
        let said = workspace.run(&[args, &[".fibric/dev/receipts.jsonl"]].concat());
        assert!(said.code == 2 && workspace.read(".fibric/dev/receipts.jsonl") == before, "{args:?}: {said:?}");
    }
}

#[test]
fn output_that_nothing_takes_is_a_failure_and_told() {
    let workspace = played();
    for args in [
        &["--help"][..],
        &["--version"],
        &["dev", "replay", "--help"],
        &["completions", "bash"],
        &["dev", "replay", "fixtures"],
        &["dev", "replay", "fixtures", "--json"],
        &["dev", "--plain", "--once"],
        &["dev", "--once", "--json"],
        &["receipts", "export"],
        &["receipts", "tail", "--json"],
        &["receipts", "verify", "--json"],
        &["events", "tail"],
        &["policy", "test"],
        &["policy", "check"],
        &["capabilities", "ls"],
        &["doctor", "--json"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = workspace.command(args).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("cannot write: No space left on device"), "{args:?}: {said}");
    }
}

/// Every result of a SARIF file: rule, file and line.
fn places(workspace: &Workspace, name: &str) -> Vec<(String, String, u64)> {
    let log: Value = serde_json::from_str(&workspace.read(name)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let place = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = place["region"]["startLine"].as_u64().unwrap();
        (text(&result["ruleId"]), text(&place["artifactLocation"]["uri"]), line)
    };
    results.iter().map(place).collect()
}

#[test]
fn every_finding_has_a_place_below_the_repository() {
    let workspace = played();
    fs::create_dir(workspace.path(".git")).unwrap();
    for name in ["connectors", "operators", "policy", "fixtures"] {
        let from = workspace.path(name);
        fs::create_dir_all(workspace.path("shops/west")).unwrap();
        fs::rename(from, workspace.path("shops/west").join(name)).unwrap();
    }
    let at = "shops/west/policy/trust.yaml";
    workspace.write("shops/west/none.yaml", "- { tool: notify.send, decision: ALLOW }\n");
    let run = |args: &[&str]| workspace.run(&[&["-C", "shops/west"], args, &["--sarif", "s.json"]].concat());
    run(&["policy", "diff", "shops/west/policy/trust.yaml", "shops/west/none.yaml"]);
    let expected = [("policy/opened".to_owned(), "shops/west/none.yaml".to_owned(), 1)];
    let found = places(&workspace, "s.json");
    assert!(found.contains(&expected[0]) && found.len() == 2, "{found:?}");
    assert!(found.iter().any(|(rule, file, line)| rule == "policy/closed" && file == &expected[0].1 && *line == 1));
    run(&["dev", "replay", "shops/west/fixtures"]);
    workspace.ok(&["-C", "shops/west", "dev", "replay", "shops/west/fixtures"]);
    run(&["policy", "impact", "--policy", "shops/west/none.yaml"]);
    let found = places(&workspace, "s.json");
    assert!(
        found.iter().any(|(rule, file, _)| rule == "policy/newly-restricted" && file == &expected[0].1),
        "{found:?}"
    );
    fs::remove_file(workspace.path(at)).unwrap();
    run(&["policy", "check"]);
    assert_eq!(places(&workspace, "s.json"), [("policy/check".to_owned(), at.to_owned(), 1)]);
}

#[test]
fn a_report_fails_exactly_where_the_command_does() {
    let workspace = played();
    workspace
        .write("loose.yaml", "- { tool: order.hold, decision: ALLOW }\n- { tool: notify.send, decision: ALLOW }\n");
    workspace.write("odd.yaml", "- { tool: order.hold, connector: cn-act, decision: ALLOW }\n");
    workspace.write("broken.yaml", "- nonsense\n");
    workspace.write("empty.tests.yaml", "[]\n");
    workspace.write("wrong.tests.yaml", "- { action: { tool: order.hold }, expect: BLOCK }\n");
    for (args, code) in [
        (&["policy", "diff", "policy/trust.yaml", "loose.yaml"][..], 0),
        (&["policy", "diff", "policy/trust.yaml", "loose.yaml", "--no-new-access"], 1),
        (&["policy", "diff", "policy/trust.yaml", "broken.yaml"], 4),
        (&["policy", "diff", "policy/trust.yaml", "none.yaml"], 2),
        (&["policy", "check", "odd.yaml"], 0),
        (&["policy", "check", "odd.yaml", "--strict"], 1),
        (&["policy", "check", "broken.yaml"], 4),
        (&["policy", "test"], 0),
        (&["policy", "test", "wrong.tests.yaml"], 1),
        (&["policy", "test", "empty.tests.yaml"], 0),
        (&["policy", "test", "empty.tests.yaml", "--strict"], 1),
        (&["policy", "test", "none.tests.yaml"], 2),
        (&["policy", "impact", "--policy", "loose.yaml", "--max-newly-allowed", "0"], 0),
        (&["policy", "impact", "--from", "odd.yaml", "--max-newly-allowed", "0"], 1),
        (&["policy", "impact", "--policy", "broken.yaml"], 4),
        (&["policy", "impact", "--against", "none.jsonl"], 2),
    ] {
        let _ = fs::remove_file(workspace.path("j.xml"));
        let said = workspace.run(&[args, &["--junit", "j.xml"]].concat());
        assert_eq!(said.code, code, "{args:?}: {said:?}");
        let report = workspace.read("j.xml");
        let fails = report.contains("<failure") || report.contains("<error");
        assert_eq!(fails, code != 0, "{args:?}: {report}");
        assert!(!report.contains(" file=") && !report.contains(" line="), "{args:?}: {report}");
    }
}

#[test]
fn tables_without_a_test_are_told() {
    let workspace = played();
    for text in ["[]\n", "# nothing yet\n", ""] {
        workspace.write("t.tests.yaml", text);
        let said = workspace.run(&["policy", "test", "t.tests.yaml"]);
        assert!(said.code == 0 && said.err.contains("`t.tests.yaml` holds no test"), "{text:?}: {said:?}");
        let strict = workspace.run(&["policy", "test", "t.tests.yaml", "--strict"]);
        assert!(
            strict.code == 1 && strict.err.ends_with("error: strict: 1 warning (exit 1)\n"),
            "{text:?}: {strict:?}"
        );
    }
}
