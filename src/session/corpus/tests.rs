//! Files of every kind, read, called off, and read again row by row.

use std::fmt::Write as _;

use super::*;
use crate::impact::{Corpus, Impact};
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;

struct Vocabulary;

impl Names for Vocabulary {
    fn capability(&self, tool: &str) -> Result<String, String> {
        match tool {
            "orders.hold" | "order.hold" => Ok("order.hold".into()),
            "order.refund" => Ok(tool.into()),
            _ => Err(format!("unknown capability `{tool}`")),
        }
    }

    fn bound_to(&self, tool: &str) -> Option<String> {
        (tool == "order.hold").then(|| "acme-wms".into())
    }
}

fn receipt(tool: &str, value: &str, reason: &str) -> String {
    format!(
        r#"{{"id":"rc_1","operator":"op","connector":"c","tool":"{tool}","args":{{}},"value":{value},"verdict":{{"decision":"BLOCK","tier":3,"rule":null,"reason":"{reason}"}}}}"#
    )
}

fn action(tool: &str) -> String {
    format!(r#"{{"tool":"{tool}","args":{{}},"entity_key":"e","idempotency_key":"k"}}"#)
}

fn file(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

fn load(path: &Path) -> (Impact, Sources, Tally) {
    let (mut impact, mut sources) = (Impact::new(Corpus::default()), Sources::default());
    let tally = read(path, "corpus", &Vocabulary, &mut |chunk| {
        assert!(chunk.read <= chunk.size);
        sources.add(impact.absorb(chunk.batch), chunk.places);
        ControlFlow::Continue(())
    });
    (impact, sources, tally.unwrap())
}

#[test]
fn bad_lines_are_named_and_rows_are_found_again() {
    let plan = format!(r#"{{"actions":[{},{}]}}"#, action("order.refund"), action("orders.hold"));
    let lines = [
        "\u{feff}".to_owned() + &receipt("order.refund", "12.5", "no rule matched"),
        receipt("order.refund", "1", "validate: no such tool"),
        "{\"tool\":".to_owned(),
        String::new(),
        plan,
        action("order.destroy"),
        r#"{"seq":1,"at":"t","fact":{"routed":{}}}"#.to_owned(),
        receipt("own.tool", "null", "ok"),
    ];
    let (_dir, path) = file("c.jsonl", &lines.join("\r\n"));
    let (impact, sources, tally) = load(&path);
    assert_eq!((tally.actions, tally.unjudged, tally.others, tally.bad), (4, 1, 1, 2));
    assert_eq!(tally.faults[0].0, 3);
    assert_eq!(tally.faults[1], (6, "unknown capability `order.destroy`".into()));
    assert_eq!(tally.diagnostics("corpus")[1].line, Some(6));
    let kinds: Vec<_> = impact.corpus().kinds().map(|kind| (kind.operator, kind.connector, kind.tool)).collect();
    assert_eq!(
        kinds,
        [
            (Some("op"), Some("c"), "order.refund"),
            (None, None, "order.refund"),
            (None, Some("acme-wms"), "order.hold"),
            (Some("op"), Some("c"), "own.tool")
        ]
    );
    let found = |row| sources.find(row, &Vocabulary).unwrap().map(|found| (found.line, found.action));
    assert_eq!([0, 1, 2, 3, 4].map(found), [Some((1, 0)), Some((5, 0)), Some((5, 1)), Some((8, 0)), None]);
    assert!(sources.find(3, &Vocabulary).unwrap().unwrap().text.contains("own.tool"));
}

#[test]
fn a_json_file_is_one_text() {
    let (_dir, path) = file("plan.json", &format!("{{\n \"actions\": [\n{}]}}", action("order.hold")));
    let (impact, sources, tally) = load(&path);
    assert_eq!((impact.corpus().len(), tally.bad), (1, 0));
    assert!(sources.find(0, &Vocabulary).unwrap().unwrap().text.starts_with("{\n"));
}

#[test]
fn many_rows_come_in_batches_and_reading_can_be_called_off() {
    let mut text = String::new();
    for n in 0..50_000 {
        let _ = writeln!(text, "{}", receipt("order.refund", &n.to_string(), "ok"));
    }
    let (_dir, path) = file("many.jsonl", &text);
    let (impact, sources, tally) = load(&path);
    assert_eq!((impact.corpus().len(), tally.actions), (50_000, 50_000));
    for row in [0, 63, 64, 16_383, 16_384, 49_999] {
        let found = sources.find(row, &Vocabulary).unwrap().unwrap();
        assert_eq!(found.line, u64::from(row) + 1);
        assert!(found.text.contains(&format!("\"value\":{row},")));
    }
    let mut seen = 0;
    let tally = read(&path, "many", &Vocabulary, &mut |chunk| {
        seen += chunk.batch.len();
        ControlFlow::Break(())
    });
    assert!(tally.unwrap().cancelled);
    assert_eq!(seen, BATCH);
    assert!(read(Path::new("none"), "none", &Vocabulary, &mut |_| ControlFlow::Continue(())).is_err());
}

const REFUNDER: &str = "import { defineOperator } from '@fibric/sdk';\nexport default defineOperator({ name: 'refunder', \
                        goal: 'g', requires: ['order.refund'], trigger: { on: 'order.*' }, run(ctx) { const p = \
                        ctx.envelope.payload; return { actions: [{ tool: 'order.refund', args: {}, value: p.item.paid, \
                        entity_key: `o:${p.id}`, idempotency_key: `r:${p.id}` }] }; } });\n";
const DESK: &str = "import { auth, defineConnector, tool } from '@fibric/sdk';\nexport default defineConnector({ name: \
                    'cn-desk', summary: 'Acts.', version: '1.0.0', category: 'oms', publisher: 'acme', auth: \
                    auth.none(), tools: [tool({ name: 'refund', capability: 'order.refund', summary: 'Does it', \
                    sideEffecting: true, input: { type: 'object' }, async run() { return {}; } })] });\n";
const ENVELOPE: &str = r#"{"event_id":"e1","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"shop","event_type":"order.returned","correlation_id":"c1","payload":{"id":7,"item":{"paid":100}},"agent_id":null,"session_id":null}"#;

/// A workspace with one operator that refunds what was paid, and one fixture.
fn refunder() -> (tempfile::TempDir, DevKernel) {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        ("operators/refunder.ts", REFUNDER),
        ("connectors/cn-desk.ts", DESK),
        ("fixtures/a.jsonl", ENVELOPE),
        ("policy/trust.yaml", "- { tool: order.refund, maxValue: 250, decision: ALLOW }\n"),
    ];
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let kernel = DevKernel::load(Workspace::open(dir.path()).unwrap(), Vec::new(), &mut |_| {});
    (dir, kernel)
}

#[test]
fn a_fixture_that_kills_a_mutant_is_made_of_one_there_is() {
    let (dir, mut kernel) = refunder();
    let files = [dir.path().join("fixtures/a.jsonl")];
    let proposed = propose(&mut kernel, &files);
    assert_eq!((proposed.envelopes, proposed.batch.len(), proposed.faults.len()), (1, 1, 0));
    let (mut impact, mut sources) = (Impact::new(Corpus::default()), Sources::default());
    sources.add(impact.absorb(proposed.batch), proposed.places);
    let found = sources.find(0, &kernel).unwrap().unwrap();
    assert_eq!((found.line, found.text.as_str()), (1, ENVELOPE));
    let provided = Provided::by(&kernel);
    let policy = Arc::clone(&kernel.policy.rules);
    let coverage = crate::impact::coverage(&policy, impact.corpus(), &provided.kinds());
    let ceiling = coverage.survivors.iter().find(|found| found.mutant.told(&policy) == "maxValue 250 → 251").unwrap();
    let gap = Gap { policy: Arc::clone(&policy), survivor: ceiling.clone() };
    let Some(BoundaryTest::Fixture(fixture, _)) = test_for(&mut kernel, &files, &[], &gap) else {
        panic!("the fixture leads there")
    };
    assert_eq!(fixture.payload.as_str(), r#"{"id":7,"item":{"paid":251}}"#);
    assert_eq!(fixture.event_id, "e1-251");
    std::fs::write(dir.path().join("fixtures/b.jsonl"), serde_json::to_string(&fixture).unwrap()).unwrap();
    let proposed = propose(&mut kernel, &[dir.path().join("fixtures/b.jsonl")]);
    let corpus = Corpus::from(proposed.batch);
    let fate = ceiling.mutant.fate(&policy, &corpus, &provided.kinds());
    assert_eq!(fate, crate::impact::Fate::Killed);
}

#[test]
fn a_gap_is_closed_by_an_envelope_or_else_by_a_policy_test() {
    let (dir, mut kernel) = refunder();
    let files = [dir.path().join("fixtures/a.jsonl")];
    let policy = Arc::clone(&kernel.policy.rules);
    let provided = Provided::by(&kernel);
    let corpus = Corpus::from(propose(&mut kernel, &files).batch);
    let coverage = crate::impact::coverage(&policy, &corpus, &provided.kinds());
    let ceiling =
        coverage.survivors.into_iter().find(|found| found.mutant.told(&policy) == "maxValue 250 → 251").unwrap();
    let gap = Gap { policy, survivor: ceiling };
    let Some(BoundaryTest::Fixture(envelope, batch)) = test_for(&mut kernel, &files, &[], &gap) else {
        panic!("the fixture leads there")
    };
    assert_eq!((envelope.payload.as_str(), batch.len()), (r#"{"id":7,"item":{"paid":251}}"#, 1));
    let Some(BoundaryTest::Row(row)) = test_for(&mut kernel, &[], &[], &gap) else { panic!("no envelope leads there") };
    let action = "action: { connector: \"cn-desk\", tool: order.refund, value: 251 }";
    assert_eq!(row, format!("- {{ name: \"maxValue 250 → 251\", operator: \"refunder\", {action}, expect: BLOCK }}"));
    crate::kernel::policy::file::read_tests("t", &row, &crate::kernel::capability::Vocabulary::shipped()).unwrap();
}
