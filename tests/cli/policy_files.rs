//! Policy files as files: what is missing, too long, or no file at all is told at once, and what is saved judges the
//! next envelope.

use std::fs::File;
use std::time::Instant;

use super::harness::{Workspace, order};

#[test]
fn a_policy_that_is_named_and_not_there_is_a_usage_error_everywhere() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("a.jsonl", r#"{"tool":"order.hold","args":{},"entity_key":"o","idempotency_key":"k"}"#);
    std::fs::create_dir(workspace.path("folder")).unwrap();
    for missing in ["none.yaml", "folder", "policy/none.ts"] {
        for args in [
            &["dev", "--once", "--policy", missing][..],
            &["dev", "--once", "--policy", "policy/trust.yaml", "--policy", missing],
            &["dev", "--once", "--shadow", missing],
            &["dev", "replay", "fixtures", "--policy", missing],
            &["dev", "replay", "fixtures", "--shadow", missing],
            &["policy", "check", missing],
            &["policy", "test", "--policy", missing],
            &["policy", "explain", "--actions", "a.jsonl", "--policy", missing],
            &["policy", "impact", "--against", "a.jsonl", "--policy", missing],
            &["policy", "impact", "--against", "a.jsonl", "--from", missing],
            &["policy", "diff", "policy/trust.yaml", missing],
            &["policy", "diff", missing, "policy/trust.yaml"],
        ] {
            // Each before there are tests to run.
            workspace.write("policy/trust.tests.yaml", "- { action: { tool: order.hold }, expect: ALLOW }\n");
            let said = workspace.run(args);
            assert_eq!(said.code, 2, "{args:?}: {said:?}");
            assert!(said.err.contains(&format!("`{missing}`")), "{args:?}: {said:?}");
        }
    }
    for args in [&["policy", "test", "none.tests.yaml"][..], &["policy", "check", "none.tests.yaml"]] {
        let said = workspace.run(args);
        assert!(said.code == 2 && said.err.contains("none.tests.yaml"), "{args:?}: {said:?}");
    }
}

#[test]
fn what_is_too_long_to_be_a_policy_is_refused_before_it_is_read() {
    for name in ["policy/trust.yaml", "policy/trust.ts", "policy/trust.tests.yaml"] {
        let workspace = Workspace::small();
        workspace.write("fixtures/a.jsonl", order(1));
        File::create(workspace.path(name)).unwrap().set_len(6 << 30).unwrap();
        let start = Instant::now();
        let said = workspace.run(&["policy", "check"]);
        assert_eq!(said.code, 4, "{name}: {said:?}");
        assert!(said.out.contains("it has 6442450944 bytes, the limit is 8 MiB"), "{name}: {said:?}");
        assert!(start.elapsed().as_secs() < 20, "{name}");
        if !name.contains("tests") {
            let said = workspace.run(&["dev", "replay", "fixtures"]);
            assert!(said.out.contains("BLOCK no policy"), "{name}: {said:?}");
        }
    }
}

#[test]
fn what_is_no_file_is_never_waited_for() {
    for name in ["policy/trust.yaml", "policy/trust.ts", "policy/trust.tests.yaml"] {
        let workspace = Workspace::small();
        let path = workspace.path(name);
        if path.exists() {
            workspace.remove(name);
        }
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let said = workspace.run(&["policy", "check", name]);
        // Named on the command line, a policy has to be a file.
        assert!(matches!(said.code, 2 | 4), "{name}: {said:?}");
        if !name.contains("tests") {
            let said = workspace.run(&["policy", "check"]);
            assert!(said.code == 4 && said.out.contains("it is a pipe or a device, not a file"), "{name}: {said:?}");
        }
    }
}

#[test]
fn an_envelope_after_a_save_is_judged_by_what_was_saved() {
    let workspace = Workspace::small();
    let rule = |decision: &str| format!("- {{ tool: order.hold, decision: {decision} }}\n");
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("dispose order.hold ALLOW");
    // No waiting for anything: the envelope comes in the moment after the save.
    for (n, (decision, word)) in (2..).zip([("BLOCK", "BLOCK"), ("ALERT", "ALERT"), ("ALLOW", "ALLOW")].repeat(5)) {
        if n % 2 == 0 {
            workspace.write("policy/trust.yaml", rule(decision));
        } else {
            workspace.replace("policy/trust.yaml", &rule(decision));
        }
        dev.send(&order(n));
        dev.wait_for(&format!("dispose order.hold {word}"));
    }
    dev.stop();
    let receipts = workspace.state("receipts.jsonl");
    let digests: std::collections::BTreeSet<_> =
        receipts.iter().map(|receipt| receipt["policy_digest"].to_string()).collect();
    assert_eq!((receipts.len(), digests.len()), (16, 3), "each receipt says which policy judged");
    let decision = |at: usize| receipts[at]["verdict"]["decision"].as_str().unwrap();
    for (at, said) in (1..).zip(["BLOCK", "ALERT", "ALLOW"].repeat(5)) {
        assert_eq!(decision(at), said, "receipt {at}");
    }
}
