//! Maps, and fixtures made for their cells, on the bundled workspace and on small ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::impact::{Action, Batch, Corpus, Coverage, coverage};
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::file::read_tests;
use crate::kernel::receipt::Decision;
use crate::session::corpus::{Provided, propose};
use crate::session::dev_kernel::DevKernel;
use crate::session::store::Store;
use crate::workspace::Workspace;
use crate::workspace::fixtures;

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// A copy of the bundled workspace that may be written to.
pub(crate) fn bundled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["connectors", "operators", "packs", "policy", "fixtures", "fibric.toml"] {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &dir.path().join(name));
    }
    dir
}

/// Hears a play and says nothing of it.
struct Nobody;

impl crate::session::replay::ReplayObserver for Nobody {
    fn batch(&mut self, _: u32, _: crate::session::bus::Batch) {}
}

/// A workspace of its own that may be written to.
struct Ground {
    dir: tempfile::TempDir,
    kernel: DevKernel,
    store: Store,
}

impl Ground {
    fn opened(dir: tempfile::TempDir) -> Self {
        let workspace = Workspace::open(dir.path()).unwrap();
        let store = Store::open(workspace.state_dir()).unwrap();
        let kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
        Self { dir, kernel, store }
    }

    fn bundled() -> Self {
        Self::opened(bundled())
    }

    fn of(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self::opened(dir)
    }

    fn files(&self) -> Vec<PathBuf> {
        fixtures::expand(&self.kernel.workspace.root.join("fixtures")).unwrap()
    }

    fn play(&mut self) {
        for file in self.files() {
            fill::play(&mut self.kernel, &self.store, &file, None).unwrap();
        }
    }

    fn results(&self) -> LastResults {
        read(&self.kernel.workspace, &self.files())
    }

    fn map(&self) -> CoverageMap {
        CoverageMap::of(&WhatIsLoaded::of(&self.kernel), &self.results())
    }

    fn standing(&self, cell: &str) -> Standing {
        self.map().find(cell).unwrap_or_else(|| panic!("{cell}")).standing.clone()
    }

    fn fill(&mut self, cell: &str) -> Result<Filled, Unfilled> {
        let files = self.files();
        fill(&mut self.kernel, &self.store, &files, cell)
    }
}

/// An operator that refunds what was paid, in units of a hundredth where the payload says cents.
const REFUNDER: &str = "import { defineOperator } from '@fibric/sdk';\nexport default defineOperator({ name: 'refunder', \
                        goal: 'g', requires: ['order.refund'], trigger: { on: 'order.*' }, run(ctx) { const p = \
                        ctx.envelope.payload; if (!p.id) return { actions: [] }; const value = p.cents ? p.cents / 100 \
                        : p.item.paid; return { actions: [{ tool: 'order.refund', args: {}, value, entity_key: \
                        `o:${p.id}`, idempotency_key: `r:${p.id}` }] }; } });\n";
const DESK: &str = "import { auth, defineConnector, tool } from '@fibric/sdk';\nexport default defineConnector({ name: \
                    'cn-desk', summary: 'Acts.', version: '1.0.0', category: 'oms', publisher: 'acme', auth: \
                    auth.none(), tools: [tool({ name: 'refund', capability: 'order.refund', summary: 'Does it', \
                    sideEffecting: true, input: { type: 'object' }, async run() { return {}; } })] });\n";
const POLICY: &str = "- { tool: order.refund, maxValue: 250, decision: ALLOW }\n";

fn envelope(event_type: &str, payload: &str) -> String {
    format!(
        r#"{{"event_id":"e1","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"shop","event_type":"{event_type}","correlation_id":"c1","payload":{payload},"agent_id":null,"session_id":null}}"#
    ) + "\n"
}

fn refunder(fixture: &str) -> Ground {
    Ground::of(&[
        ("operators/refunder.ts", REFUNDER),
        ("connectors/cn-desk.ts", DESK),
        ("policy/trust.yaml", POLICY),
        ("fixtures/a.jsonl", fixture),
    ])
}

fn written(ground: &Ground, filled: &Filled) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(ground.dir.path().join(&filled.file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_cell_says_whether_it_is_filled_empty_or_impossible_and_why() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-1","item":{"paid":100}}"#));
    assert_eq!((ground.map().unplayed, ground.map().counted), (1, 0));
    assert_eq!(ground.standing("refunder/order.refund/allow"), Standing::Empty, "nothing was played");
    ground.play();
    let map = ground.map();
    let words: Vec<_> = map.rows.iter().map(|row| format!("{} {}", row.cell.name(), row.standing.word())).collect();
    let expected = [
        "refunder/routed covered",
        "refunder/refusal empty",
        "refunder/order.refund/allow covered",
        "refunder/order.refund/alert impossible",
        "refunder/order.refund/block empty",
        "refunder/order.refund/dedup empty",
        "refunder/order.refund/at-250 empty",
        "refunder/order.refund/above-250 empty",
    ];
    assert_eq!(words, expected);
    let Standing::Impossible { why } = ground.standing("refunder/order.refund/alert") else { panic!("no rule alerts") };
    assert_eq!(why, "no rule says ALERT at any value");
}

#[test]
fn the_smallest_fixture_for_each_cell_fills_it_and_is_labelled() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-1","item":{"paid":100}}"#));
    ground.play();
    let cases = [
        ("refunder/refusal", "payload.id \"A-1\" taken out"),
        ("refunder/order.refund/block", "payload.item.paid 100 → 251"),
        ("refunder/order.refund/dedup", ""),
        ("refunder/order.refund/at-250", "payload.item.paid 100 → 250"),
        ("refunder/order.refund/above-250", "payload.item.paid 100 → 250.01"),
    ];
    for (cell, changes) in cases {
        let filled = match ground.fill(cell) {
            Ok(filled) => filled,
            Err(Unfilled::Covered { .. }) if cell.ends_with("above-250") => continue,
            Err(why) => panic!("{cell}: {why}"),
        };
        assert_eq!(filled.changes.join(", "), changes, "{cell}");
        assert_eq!(filled.from, "fixtures/a.jsonl:1");
        let Standing::Covered { by, .. } = ground.standing(cell) else { panic!("{cell}") };
        assert!(by.synthetic && by.file == filled.file, "{by:?}");
        for line in written(&ground, &filled) {
            assert!(line["event_id"].as_str().unwrap().starts_with("synthetic-refunder-"), "{line}");
            assert_eq!(line.as_object().unwrap().len(), 10, "a fixture is the ten fields");
        }
    }
    assert_eq!(ground.map().empty().count(), 0);
    // Played together, in the order of their names, they fill the same cells.
    for file in ground.files() {
        let bytes = fs::read(&file).unwrap();
        assert!(bytes.ends_with(b"}\n"), "{}", file.display());
    }
}

#[test]
fn a_value_that_follows_from_a_number_is_solved_for() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-1","cents":10000}"#));
    ground.play();
    let filled = ground.fill("refunder/order.refund/at-250").unwrap();
    assert_eq!(filled.changes, ["payload.cents 10000 → 25000"]);
}

#[test]
fn a_key_that_fixtures_used_gets_another_name_and_a_type_that_is_missing_is_taken_from_the_trigger() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-1","item":{"paid":300}}"#));
    ground.play();
    // Its value is above the ceiling: one change makes it ALLOW, under the key that nothing claimed.
    let filled = ground.fill("refunder/order.refund/allow").unwrap();
    assert_eq!(filled.changes, ["payload.item.paid 300 → 250"]);
    let mut ground = refunder(&envelope("parcel.lost", r#"{"id":"A-1","item":{"paid":300}}"#));
    ground.play();
    let filled = ground.fill("refunder/routed").unwrap();
    assert_eq!(filled.changes, ["event_type \"parcel.lost\" → \"order.any\""]);
}

#[test]
fn what_nothing_leads_to_leaves_no_file_and_says_what_came_instead() {
    let mut ground = Ground::bundled();
    ground.play();
    let before = ground.files();
    let why = ground.fill("zone-guard/zone.setback/at-3").unwrap_err();
    let Unfilled::Missed { missed, .. } = &why else { panic!("{why}") };
    assert!(missed.tried > 10 && missed.came.iter().any(|came| came.contains("zone.setback 4.5 BLOCK")), "{why}");
    assert_eq!(ground.files(), before);
    assert_eq!(
        ground.fill("zone-guard/zone.setback/at-4").unwrap_err().to_string(),
        "there is no cell `zone-guard/zone.setback/at-4`; did you mean `zone-guard/zone.setback/at-3`?"
    );
    let why = ground.fill("zone-guard/zone.isolate/allow").unwrap_err();
    assert!(why.to_string().contains("nothing can fill it: no rule speaks of it"), "{why}");
}

#[test]
fn a_result_of_another_policy_fills_nothing_until_the_fixture_is_played_again() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-1","item":{"paid":100}}"#));
    ground.play();
    fs::write(ground.dir.path().join("policy/trust.yaml"), "- { tool: order.refund, decision: ALLOW }\n").unwrap();
    ground.kernel.policy = ground.kernel.read_policy(&[]);
    let map = ground.map();
    assert_eq!((map.counted, map.outdated), (0, 1));
    assert!(matches!(ground.standing("refunder/order.refund/allow"), Standing::Outdated { .. }));
    let why = ground.fill("refunder/order.refund/allow").unwrap_err();
    assert!(why.to_string().contains("play it again first"), "{why}");
    ground.play();
    assert!(matches!(ground.standing("refunder/order.refund/allow"), Standing::Covered { .. }));
}

#[test]
fn the_second_pass_of_a_replay_is_no_result_of_a_fixture() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-1","item":{"paid":100}}"#));
    let setup = crate::session::run::Setup {
        kind: crate::kernel::journal::RunKind::Replay,
        propose_only: false,
        now: crate::session::clock::FIXTURE_NOW.to_owned(),
        ledger: crate::session::ledger::Options { sync: false, plan_files: false, persistent_keys: false },
    };
    let files = ground.files();
    let state = crate::kernel::executor::State::default();
    let mut run = crate::session::run::Run::begin(&ground.store, &ground.kernel, setup, state).unwrap();
    let play =
        crate::session::replay::Play { files: &files, select: None, passes: 2, stopped: Arc::default(), until: None };
    play.through(&mut run, &mut ground.kernel, &mut Nobody).unwrap();
    run.end().unwrap();
    assert_eq!(ground.standing("refunder/order.refund/dedup"), Standing::Empty);
    assert!(matches!(ground.standing("refunder/order.refund/allow"), Standing::Covered { count: 1, .. }));
}

#[test]
fn what_is_no_envelope_stands_in_the_list_with_its_place() {
    let many = envelope("order.returned", r#"{"id":"A-1","item":{"paid":100}}"#).repeat(60);
    let ground = refunder(&format!("{many}{{\"event_id\": 7}}\n{many}"));
    let results = ground.results();
    assert_eq!(results.files[0].envelopes.len(), 120);
    let fault = &results.files[0].faults[0];
    assert_eq!((fault.file.as_deref(), fault.line), (Some("fixtures/a.jsonl"), Some(61)));
    assert_eq!(results.files[0].envelopes[119].key.1, 120, "alike envelopes are told apart by their order");
}

/// Changes of the policy's rules that neither fixtures nor policy tests notice.
fn gaps(ground: &mut Ground, tests: &str) -> Coverage {
    let files = ground.files();
    let policy = Arc::clone(&ground.kernel.policy.rules);
    let proposed = propose(&mut ground.kernel, &files);
    let provided = Provided::by(&ground.kernel);
    let mut found = coverage(&policy, &Corpus::from(proposed.batch), &provided.kinds());
    let mut batch = Batch::default();
    for test in read_tests("t.yaml", tests, &Vocabulary::shipped()).unwrap() {
        let bound = ground.kernel.roster.bind(&test.tool).ok().map(|binding| binding.connector);
        let connector = test.connector.as_deref().or(bound.as_deref());
        batch.add(&Action { connector, tool: &test.tool, value: test.value.as_ref(), ..Action::default() });
    }
    found.notice(&policy, &Corpus::from(batch), &provided.kinds());
    found
}

#[test]
fn the_gaps_of_the_bundled_workspace_are_closed_by_a_fixture_or_a_policy_test() {
    let mut ground = Ground::bundled();
    ground.play();
    // By its fixtures alone; its own table of policy tests closes some of them already.
    let before = gaps(&mut ground, "[]");
    assert_eq!((before.survivors.len(), before.mutants()), (4, 33));
    let own = fs::read_to_string(ground.dir.path().join("policy/trust.tests.yaml")).unwrap();
    assert_eq!(gaps(&mut ground, &own).survivors.len(), 1);
    let policy = Arc::clone(&ground.kernel.policy.rules);
    let (mut rows, mut closed) = (String::new(), Vec::new());
    for survivor in before.survivors {
        let told = survivor.mutant.told(&policy);
        let gap = Gap { policy: Arc::clone(&policy), survivor };
        let files = ground.files();
        match test_for(&mut ground.kernel, &ground.store, &files, &[], &gap).unwrap() {
            BoundaryTest::Fixture(filled, _) => closed.push(format!("{told}: {}", filled.changes.join(", "))),
            BoundaryTest::Row { line, instead } => {
                rows += &format!("{line}\n");
                closed.push(format!("{told}: {}", instead.split(';').next().unwrap_or_default()));
            }
        }
    }
    assert_eq!(gaps(&mut ground, &rows).survivors, [], "{closed:#?}");
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(closed.contains(&"maxValue 100 → 101: payload.amount 250.00 → 101".to_owned()), "{closed:#?}");
    let elsewhere = "an operator's action goes to the connector that is bound, and that is another";
    assert!(closed.contains(&format!("connector cn-brightdesk → any: {elsewhere}")), "{closed:#?}");
    assert_eq!(fs::read_dir(ground.dir.path().join("fixtures")).unwrap().count(), 6, "one fixture was kept");
}

#[test]
fn a_gap_is_closed_by_an_envelope_or_else_by_a_policy_test() {
    let mut ground = refunder(&envelope("order.returned", r#"{"id":"A-7","item":{"paid":100}}"#));
    let policy = Arc::clone(&ground.kernel.policy.rules);
    let found = gaps(&mut ground, "[]").survivors;
    let survivor = found.into_iter().find(|found| found.mutant.told(&policy) == "maxValue 250 → 251").unwrap();
    let gap = Gap { policy, survivor };
    let none = test_for(&mut ground.kernel, &ground.store, &[], &[], &gap).unwrap();
    let BoundaryTest::Row { line, instead } = none else { panic!("there is no envelope to begin with") };
    let action = "action: { connector: \"cn-desk\", tool: order.refund, value: 251 }";
    assert_eq!(line, format!("- {{ name: \"maxValue 250 → 251\", operator: \"refunder\", {action}, expect: BLOCK }}"));
    assert_eq!(instead, "there is no envelope to begin with");
    assert_eq!(read_tests("t", &line, &Vocabulary::shipped()).unwrap()[0].expect, Decision::Block);
    let files = ground.files();
    let test = test_for(&mut ground.kernel, &ground.store, &files, &[], &gap).unwrap();
    let BoundaryTest::Fixture(filled, batch) = test else { panic!("the fixture leads there") };
    assert_eq!((filled.changes.as_slice(), batch.len()), (&["payload.item.paid 100 → 251".to_owned()][..], 1));
    assert!(is_synthetic_file(&filled.file));
}

fn is_synthetic_file(name: &str) -> bool {
    name.starts_with("fixtures/synthetic-rule-1-") && Path::new(name).extension().is_some_and(|end| end == "jsonl")
}
