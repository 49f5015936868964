//! The vectors of `conformance/`, run against the kernel and held to the tables below.

#![allow(clippy::unwrap_used, reason = "a vector that cannot be read is a failed test")]
#![allow(clippy::format_push_string, reason = "a few short strings")]

mod guardrails;
mod judging;
mod refused;
mod shapes;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use fibric_console::kernel::capability::Vocabulary;
use fibric_console::kernel::glob::Glob;
use fibric_console::kernel::json::{self, Value};
use serde_json::json;

use guardrails::guardrail_cases;
use judging::{judged, worded};
use shapes::evaluate_cases;

const GLOBS: &[&str] = &[
    "**",
    "*",
    "order.*",
    "order.**",
    "*.created",
    "**.fault",
    "order.created",
    "or*.c*d",
    "*.*",
    "**.**",
    "hvac.**.fault",
    "*a*b*",
];
const EVENT_TYPES: &[&str] = &[
    "order",
    "order.created",
    "order.refund.issued",
    "hvac.zone.fault",
    "hvac.fault",
    "fault",
    "Order.created",
    "aXbX",
];
const REFUSED: &[&str] =
    &["", ".", "order.", ".order", "a..b", "a**", "**a", "a.***", "order.?", "[a]", "{a,b}", "!a", "a\\*", "a b"];

fn glob_cases() -> Value {
    let mut matches = Vec::new();
    for glob in GLOBS {
        let parsed = Glob::parse(glob).unwrap();
        for event_type in EVENT_TYPES {
            matches.push(json!({ "glob": glob, "event_type": event_type, "matches": parsed.matches(event_type) }));
        }
    }
    assert!(REFUSED.iter().all(|glob| Glob::parse(glob).is_err()));
    json!({ "matches": matches, "refused": REFUSED })
}

/// One case a line, so that a difference reads.
fn written(cases: &Value) -> String {
    let mut out = String::from("{\n");
    let map = cases.as_object().unwrap();
    for (at, (key, value)) in map.iter().enumerate() {
        let lines = match value.as_array() {
            Some(items) => {
                let items: Vec<_> = items.iter().map(|item| format!("    {item}")).collect();
                format!("[\n{}\n  ]", items.join(",\n"))
            }
            None => value.to_string(),
        };
        out += &format!("  \"{key}\": {lines}{}\n", if at + 1 < map.len() { "," } else { "" });
    }
    out + "}\n"
}

fn hold(name: &str, cases: &Value) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance").join(name);
    let wanted = written(cases);
    if std::env::var_os("UPDATE_CONFORMANCE").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap();
    for (line, (found, wanted)) in (1..).zip(found.lines().zip(wanted.lines())) {
        assert_eq!(found, wanted, "conformance/{name}:{line} differs from the kernel");
    }
    assert_eq!(found.len(), wanted.len(), "conformance/{name} lacks cases; UPDATE_CONFORMANCE=1 writes it anew");
    json::read(&found).unwrap().value
}

/// A file of vectors as anybody would read it.
fn recorded(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance").join(name);
    json::read(&fs::read_to_string(path).unwrap()).unwrap().value
}

#[test]
fn the_vectors_are_what_the_tables_and_the_kernel_give() {
    hold("evaluate.json", &evaluate_cases());
    hold("guardrails.json", &guardrail_cases());
}

#[test]
fn what_no_file_could_hold_is_refused_and_names_mean_the_same() {
    let file = hold("policies.json", &refused::refused_cases());
    for case in file["refused"].as_array().unwrap() {
        let read = refused::read(&case["policies"]);
        assert!(read.is_err(), "{} loads: {read:?}", case["name"]);
    }
    let vocabulary = Vocabulary::shipped();
    for case in file["cases"].as_array().unwrap() {
        let rules = refused::read(&case["policies"]).unwrap().file.rules;
        let canonical = vocabulary.canonical(case["action"]["tool"].as_str().unwrap()).unwrap();
        let same = rules[0].tool.as_deref() == Some(canonical);
        assert_eq!(if same { "ALLOW" } else { "BLOCK" }, case["decision"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn the_policy_gives_every_recorded_verdict() {
    let file = recorded("evaluate.json");
    let cases = file["cases"].as_array().unwrap();
    let mut names = BTreeSet::new();
    for case in cases {
        let (name, expected) = (case["name"].as_str().unwrap(), &case["expected"]);
        assert_eq!(judged(&case["policies"], &case["action"]), *expected, "{name}");
        assert_eq!(worded(&case["policies"], &case["action"]), expected["decision"].as_str().unwrap(), "{name}");
        assert!(names.insert(name) && shapes::is_sound(case), "{name} is told twice, or badly");
    }
    assert!(cases.len() > 4_000, "{}", cases.len());
}

#[test]
fn guardrail_documents_give_every_recorded_verdict() {
    let file = recorded("guardrails.json");
    let cases = file["cases"].as_array().unwrap();
    let mut names = BTreeSet::new();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        assert_eq!(guardrails::judged(case), case["expected"], "{name}");
        assert_eq!(guardrails::worded(case), case["expected"]["decision"].as_str().unwrap(), "{name}");
        assert!(names.insert(name), "{name} is told twice");
    }
    assert!(cases.len() > 1_000, "{}", cases.len());
}

#[test]
fn globs_match_as_recorded() {
    let file = hold("glob.json", &glob_cases());
    for case in file["matches"].as_array().unwrap() {
        let glob = Glob::parse(case["glob"].as_str().unwrap()).unwrap();
        assert_eq!(glob.matches(case["event_type"].as_str().unwrap()), case["matches"] == true, "{case}");
    }
}
