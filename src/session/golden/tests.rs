//! Differences accepted one by one, on entries that were never played.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::kernel::journal::{Received, Route, Routed};
use crate::workspace::recordings::golden_path;

struct Ground {
    dir: tempfile::TempDir,
    workspace: Workspace,
}

fn envelope(n: u32) -> EventEnvelope {
    let text = format!(
        r#"{{"event_id":"e{n}","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"s","event_type":"order.created","correlation_id":"c{n}","payload":{{"n":{n}}},"agent_id":null,"session_id":null}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn plan(key: &str) -> String {
    format!(r#"{{"actions":[{{"tool":"order.hold","args":{{}},"entity_key":"e:{key}","idempotency_key":"k:{key}"}}]}}"#)
}

/// What a replay of envelopes 1 to 3 says, each answered with that plan; none is a failure.
fn entries(plans: &[Option<&str>]) -> Vec<Entry> {
    let mut facts = Vec::new();
    for (n, plan) in (1..).zip(plans) {
        facts.push(Fact::Received(Received {
            arrival: n,
            envelope: Arc::new(envelope(u32::try_from(n).unwrap())),
            origin: Origin {
                source: Source::Fixture,
                file: Some("fixtures/a.jsonl".to_owned()),
                line: Some(u32::try_from(n).unwrap()),
            },
            clock: "2026-01-01T00:00:00Z".to_owned(),
            rerun_of: None,
            warnings: Vec::new(),
        }));
        let to = vec![Route { operator: "risk".to_owned(), trigger: "order.*".to_owned() }];
        facts.push(Fact::Routed(Routed { arrival: n, to, nearest: None }));
        facts.push(Fact::Proposed(Proposed {
            arrival: n,
            plan_id: format!("pl_1_{n}"),
            operator: "risk".to_owned(),
            operator_version: None,
            revision: "r".to_owned(),
            plan: plan.map(|text| Raw::parse(text).unwrap()),
            failure: plan.is_none().then(|| Diagnostic::error("it threw")),
            reads: Vec::new(),
            reasoned: Vec::new(),
            logs: Vec::new(),
            micros: 0,
            file: None,
            would: Vec::new(),
        }));
    }
    (1..).zip(facts).map(|(seq, fact)| Entry { seq, at: "2026-01-01T00:00:00Z".to_owned(), fact }).collect()
}

impl Ground {
    fn recorded(plans: [&str; 3]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["operators", "fixtures/recordings"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let lines: String = (1..=3).map(|n| serde_json::to_string(&envelope(n)).unwrap() + "\n").collect();
        fs::write(dir.path().join("fixtures/a.jsonl"), lines).unwrap();
        let workspace = Workspace::open(dir.path()).unwrap();
        let ground = Self { dir, workspace };
        let all = plans.map(Some);
        let mut golden = Golden::open(&ground.workspace, &[ground.fixture()], true).0;
        for entry in entries(&all) {
            golden.entry(1, &entry);
        }
        golden.finish(false);
        fs::write(ground.path(), &golden.recordings(false)[0].text).unwrap();
        ground
    }

    fn fixture(&self) -> PathBuf {
        self.workspace.root.join("fixtures/a.jsonl")
    }

    fn path(&self) -> PathBuf {
        golden_path(&self.fixture())
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path()).unwrap();
        text.split_inclusive('\n').map(str::to_owned).collect()
    }

    fn findings(&self, plans: &[Option<&str>]) -> Vec<Finding> {
        let (mut golden, faults) = Golden::open(&self.workspace, &[self.fixture()], false);
        assert_eq!(faults, []);
        for entry in entries(plans) {
            golden.entry(1, &entry);
        }
        golden.finish(true);
        golden.findings
    }
}

#[test]
fn one_difference_is_accepted_and_every_other_byte_stays() {
    let (a, b, c, other) = (plan("a"), plan("b"), plan("c"), plan("x"));
    let ground = Ground::recorded([&a, &b, &c]);
    // Somebody has written a line by hand, and ends it as their editor does.
    let mut before = ground.lines();
    before[0] = before[0].replace("\"occurrence\":1", "\"occurrence\": 1").replace('\n', "\r\n");
    fs::write(ground.path(), before.concat()).unwrap();
    let now = [Some(other.as_str()), Some(other.as_str()), Some(c.as_str())];
    let found = ground.findings(&now);
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].state.difference().unwrap().field, "actions[0].entity_key");
    let keys: Vec<_> = found[1].breaks_dedup.iter().map(|key| key.field.as_str()).collect();
    assert_eq!(keys, ["actions[0].entity_key", "actions[0].idempotency_key"], "both keys break what was done before");
    accept(&ground.workspace, &found[1]).unwrap();
    let after = ground.lines();
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert!(after[1].contains("k:x"), "{}", after[1]);
    assert_eq!(ground.findings(&now).len(), 1, "the other is as open as before");
    // It was found in a file that is another by now.
    fs::write(ground.path(), before[1..].concat()).unwrap();
    let why = accept(&ground.workspace, &found[1]).unwrap_err();
    assert!(why.message.contains("is another file than it was"), "{}", why.message);
}

#[test]
fn what_was_not_recorded_goes_where_its_fixture_stands_and_what_failed_is_not_accepted() {
    let (a, b, c) = (plan("a"), plan("b"), plan("c"));
    let ground = Ground::recorded([&a, &b, &c]);
    let before = ground.lines();
    fs::write(ground.path(), [before[0].as_str(), before[2].trim_end()].concat()).unwrap();
    let all = [Some(a.as_str()), Some(b.as_str()), Some(c.as_str())];
    let found = ground.findings(&all);
    assert_eq!(found.iter().map(|found| &found.state).collect::<Vec<_>>(), [&State::New]);
    accept(&ground.workspace, &found[0]).unwrap();
    assert_eq!(ground.lines().concat(), before.concat().trim_end());
    let found = ground.findings(&[Some(&a), None, Some(&c)]);
    let why = accept(&ground.workspace, &found[0]).unwrap_err();
    assert!(why.message.contains("the operator gave none"), "{}", why.message);
    assert_eq!(ground.lines().concat(), before.concat().trim_end());
    assert_eq!(fs::read_dir(ground.path().parent().unwrap_or(Path::new("."))).unwrap().count(), 1);
    drop(ground.dir);
}
