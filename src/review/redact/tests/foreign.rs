//! Records of other people's systems (made up, of many kinds), with persons and secrets planted in them and with look-alikes
//! that say nothing of anybody: what is missed, and what is broken. `foreign.jsonl` names both for each record.

use serde::Deserialize;
use serde_json::Value;

use super::with;
use crate::review::redact::Plan;

#[derive(Deserialize)]
struct Record {
    kind: String,
    payload: Value,
    /// What must be nowhere afterwards.
    planted: Vec<String>,
    /// What must be there still.
    kept: Vec<String>,
}

fn records() -> Vec<Record> {
    include_str!("foreign.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The payload of a record once it is redacted, as text.
fn redacted(record: &Record) -> String {
    let payload = record.payload.to_string();
    match with(&Plan::default(), &payload, "k").unwrap() {
        Some((evidence, _)) => String::from_utf8(evidence.journal).unwrap(),
        None => payload,
    }
}

/// What a text looks like inside of JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap().trim_matches('"').to_owned()
}

/// What no rule finds: names of people in running text, and inside of other formats that are carried as text.
const KNOWN: [&str; 3] = ["vcard: Forrest Gump", "xml: Kofi Annan", "hl7: DOE^JOHN"];

#[test]
fn persons_and_secrets_are_replaced_and_look_alikes_are_not() {
    let (mut missed, mut broken, mut planted, mut kept) = (Vec::new(), Vec::new(), 0, 0);
    for record in records() {
        let text = redacted(&record);
        for word in &record.planted {
            planted += 1;
            if text.contains(&quoted(word)) {
                missed.push(format!("{}: {word}", record.kind));
            }
        }
        for word in &record.kept {
            kept += 1;
            assert!(record.payload.to_string().contains(&quoted(word)), "{word} is in no record");
            if !text.contains(&quoted(word)) {
                broken.push(format!("{}: {word}", record.kind));
            }
        }
    }
    assert_eq!(missed, KNOWN, "of {planted}");
    assert!(broken.is_empty(), "of {kept} broken: {broken:#?}");
}
