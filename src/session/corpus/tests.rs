//! Files of every kind, read, called off, and read again row by row.

use std::fmt::Write as _;

use super::*;
use crate::impact::{Corpus, Impact};

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
