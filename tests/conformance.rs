//! The vectors of `conformance/`, run against the kernel and held to the tables below.

#![allow(clippy::unwrap_used, reason = "a vector that cannot be read is a failed test")]
#![allow(clippy::format_push_string, reason = "a few short strings")]

use std::fs;
use std::path::PathBuf;

use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::glob::Glob;
use fibric_console::kernel::json::{self, Value};
use fibric_console::kernel::plan::Amount;
use fibric_console::kernel::policy::{CompiledPolicy, Origin, PredicateId, PredicateOutcome, Subject, TrustPolicy};
use fibric_console::kernel::receipt::Decision;
use serde_json::json;

const FILE: &str = "policy/trust.yaml";

/// Policies, and the actions each is tried on: connector, tool, value, whether it came through a float.
const TABLES: &[(&str, &str, &[Action])] = &[
    ("no policies", "[]", &[("acme-wms", "order.hold", "", false), ("acme-wms", "order.refund", "5", false)]),
    (
        "a shop",
        r#"[{"tool":"order.hold","decision":"ALLOW"},{"tool":"notify.send","decision":"ALERT"},
            {"connector":"cn-brightdesk","tool":"order.refund","maxValue":"100","decision":"ALLOW"}]"#,
        &[
            ("acme-wms", "order.hold", "", false),
            ("", "order.hold", "", false),
            ("acme-wms", "notify.send", "", false),
            ("acme-wms", "order.delete", "", false),
            ("cn-brightdesk", "order.refund", "250", false),
            ("cn-brightdesk", "order.refund", "100", false),
            ("cn-brightdesk", "order.refund", "100.00", false),
            ("cn-brightdesk", "order.refund", "1e2", false),
            ("cn-brightdesk", "order.refund", "100.01", false),
            ("cn-brightdesk", "order.refund", "100.00000000000000000001", false),
            ("cn-brightdesk", "order.refund", "0", false),
            ("cn-brightdesk", "order.refund", "-0", false),
            ("cn-brightdesk", "order.refund", "-5", false),
            ("cn-brightdesk", "order.refund", "-1e-400", false),
            ("cn-brightdesk", "order.refund", "1e400", false),
            ("cn-brightdesk", "order.refund", "", false),
            ("acme-wms", "order.refund", "5", false),
            ("", "order.refund", "5", false),
        ],
    ),
    (
        "a ceiling at two to the 53",
        r#"[{"tool":"payment.capture","maxValue":"9007199254740992","decision":"ALLOW"}]"#,
        &[
            ("pay", "payment.capture", "9007199254740991", false),
            ("pay", "payment.capture", "9007199254740992", false),
            ("pay", "payment.capture", "9007199254740993", false),
            ("pay", "payment.capture", "9007199254740991", true),
            ("pay", "payment.capture", "9007199254740992", true),
            ("pay", "payment.capture", "-9007199254740992", true),
        ],
    ),
    (
        "rules of every reach",
        r#"[{"decision":"ALLOW"},{"connector":"a","decision":"ALERT"},{"tool":"order.cancel","decision":"BLOCK"},
            {"connector":"b","tool":"order.refund","maxValue":"10","decision":"ALLOW"}]"#,
        &[
            ("a", "order.read", "", false),
            ("b", "order.read", "", false),
            ("", "order.read", "", false),
            ("a", "order.cancel", "", false),
            ("b", "order.refund", "10", false),
            ("b", "order.refund", "11", false),
            ("b", "order.refund", "", false),
            ("a", "order.refund", "11", false),
            ("A", "order.read", "", false),
        ],
    ),
    (
        "the last rule blocks",
        r#"[{"tool":"order.hold","decision":"ALLOW"},{"tool":"order.hold","decision":"ALERT"},
            {"tool":"order.hold","decision":"BLOCK"}]"#,
        &[("acme-wms", "order.hold", "", false)],
    ),
    (
        "the first rule alerts",
        r#"[{"tool":"order.hold","decision":"ALERT"},{"tool":"order.hold","decision":"ALLOW"},
            {"tool":"order.hold","decision":"ALERT"}]"#,
        &[("acme-wms", "order.hold", "", false)],
    ),
    (
        "two ceilings, the lower one second",
        r#"[{"tool":"order.refund","maxValue":"100","decision":"ALLOW"},
            {"connector":"a","maxValue":"50","decision":"ALERT"}]"#,
        &[
            ("a", "order.refund", "40", false),
            ("a", "order.refund", "75", false),
            ("a", "order.refund", "120", false),
            ("b", "order.refund", "75", false),
            ("a", "order.hold", "", false),
        ],
    ),
    (
        "a blocking rule with a ceiling",
        r#"[{"tool":"order.refund","maxValue":"100","decision":"BLOCK"}]"#,
        &[("a", "order.refund", "5", false), ("a", "order.refund", "500", false), ("a", "order.refund", "", false)],
    ),
    (
        "a ceiling of zero",
        r#"[{"tool":"order.refund","maxValue":"0","decision":"ALLOW"}]"#,
        &[
            ("a", "order.refund", "0", false),
            ("a", "order.refund", "0.01", false),
            ("a", "order.refund", "-0.01", false),
        ],
    ),
    (
        "a true predicate",
        r#"[{"tool":"t.x","predicate":{"returns":true},"decision":"ALERT"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a false predicate",
        r#"[{"tool":"t.x","predicate":{"returns":false},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a truthy predicate",
        r#"[{"tool":"t.x","predicate":{"returns":1},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a string predicate",
        r#"[{"tool":"t.x","predicate":{"returns":"true"},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a null predicate",
        r#"[{"tool":"t.x","predicate":{"returns":null},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a throwing predicate",
        r#"[{"tool":"t.x","predicate":{"throws":"boom"},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a slow predicate",
        r#"[{"tool":"t.x","predicate":{"times_out":true},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
    (
        "a predicate under a ceiling",
        r#"[{"tool":"t.x","maxValue":"5","predicate":{"returns":true},"decision":"ALLOW"}]"#,
        &[("a", "t.x", "5", false), ("a", "t.x", "6", false)],
    ),
    (
        "a false predicate on another tool",
        r#"[{"tool":"t.y","predicate":{"returns":false},"decision":"ALLOW"},{"tool":"t.x","decision":"ALLOW"}]"#,
        &[("a", "t.x", "", false)],
    ),
];

type Action = (&'static str, &'static str, &'static str, bool);

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

fn decimal(value: &Value) -> Option<Decimal> {
    value.as_str().map(|text| Decimal::parse(text).unwrap())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The rules of a case, and what each predicate gives.
fn rules(policies: &Value) -> (Vec<TrustPolicy>, Vec<PredicateOutcome>) {
    let (mut rules, mut outcomes) = (Vec::new(), Vec::new());
    for (number, policy) in (1..).zip(policies.as_array().unwrap()) {
        let predicate = policy.get("predicate").map(|predicate| {
            outcomes.push(match (predicate.get("returns"), predicate.get("throws")) {
                (Some(Value::Bool(true)), _) => PredicateOutcome::True,
                (Some(Value::Bool(false)), _) => PredicateOutcome::False,
                (Some(other), _) => PredicateOutcome::NotBoolean(other.to_string()),
                (None, Some(message)) => PredicateOutcome::Threw(text(message).unwrap()),
                (None, None) => PredicateOutcome::TimedOut,
            });
            PredicateId(u32::try_from(outcomes.len() - 1).unwrap())
        });
        rules.push(TrustPolicy {
            connector: text(&policy["connector"]),
            tool: text(&policy["tool"]),
            max_value: decimal(&policy["maxValue"]),
            predicate,
            decision: match policy["decision"].as_str().unwrap() {
                "ALLOW" => Decision::Allow,
                "ALERT" => Decision::Alert,
                _ => Decision::Block,
            },
            origin: Origin::new(FILE, number),
            guard: None,
        });
    }
    (rules, outcomes)
}

fn judged(policies: &Value, action: &Value) -> Value {
    let (rules, outcomes) = rules(policies);
    let policy = CompiledPolicy::compile(rules);
    let value = decimal(&action["value"])
        .map(|number| if action["float"] == true { Amount::float(number) } else { Amount::exact(number) });
    let subject = Subject {
        connector: action["connector"].as_str(),
        tool: action["tool"].as_str().unwrap(),
        value: value.as_ref(),
    };
    let mut predicates = |id: PredicateId| outcomes[id.0 as usize].clone();
    let decision = policy.evaluate(&subject, &mut predicates);
    let verdict = policy.judge(&subject, &mut predicates);
    assert_eq!(policy.explain(&subject, &mut predicates).verdict(), verdict);
    json!({ "decision": decision, "rule": verdict.rule, "reason": verdict.reason })
}

/// True when a double does not hold the number digit for digit.
fn needs_digits(text: &str) -> bool {
    let exact = Decimal::parse(text).unwrap();
    let double: f64 = text.parse().unwrap();
    exact.exceeds_a_double() || Decimal::parse(&double.to_string()).is_ok_and(|read| read != exact)
}

fn evaluate_cases() -> Value {
    let mut cases = Vec::new();
    for (about, policies, actions) in TABLES {
        let policies = json::read(policies).unwrap().value;
        for (connector, tool, value, float) in *actions {
            let mut action = json!({ "tool": tool });
            let mut name = format!("{about}: {tool}");
            if !connector.is_empty() {
                action["connector"] = json!(connector);
                name += &format!(" on {connector}");
            }
            if !value.is_empty() {
                action["value"] = json!(value);
                name += &format!(", value {value}");
            }
            if *float {
                action["float"] = json!(true);
                name += " as a float";
            }
            let expected = judged(&policies, &action);
            let mut case = json!({ "name": name, "policies": policies, "action": action, "expected": expected });
            if !*float && !value.is_empty() && needs_digits(value) {
                case["digits"] = json!("exact");
            }
            cases.push(case);
        }
    }
    json!({ "file": FILE, "cases": cases })
}

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

#[test]
fn the_policy_gives_every_recorded_verdict() {
    let file = hold("evaluate.json", &evaluate_cases());
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        assert_eq!(judged(&case["policies"], &case["action"]), case["expected"], "{}", case["name"]);
    }
    assert!(cases.len() > 50);
}

#[test]
fn globs_match_as_recorded() {
    let file = hold("glob.json", &glob_cases());
    for case in file["matches"].as_array().unwrap() {
        let glob = Glob::parse(case["glob"].as_str().unwrap()).unwrap();
        assert_eq!(glob.matches(case["event_type"].as_str().unwrap()), case["matches"] == true, "{case}");
    }
}
