//! The cases of `evaluate.json`: those chosen by hand, and the whole shape of policies and actions, in one fixed order.

use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::json::{self, Value};
use serde_json::json;

use super::judging::{FILE, decimal, judged};
use super::tables::TABLES;

/// An action on the connector and tool that the generated rules speak of.
const CONNECTOR: &str = "a";
const TOOL: &str = "order.refund";
const DECISIONS: [&str; 3] = ["ALLOW", "ALERT", "BLOCK"];

/// True when a double does not hold the number digit for digit.
fn needs_digits(text: &str) -> bool {
    let exact = Decimal::parse(text).unwrap();
    let double: f64 = text.parse().unwrap();
    exact.exceeds_a_double() || Decimal::parse(&double.to_string()).is_ok_and(|read| read != exact)
}

/// True when a double is another number: where it stands for a ceiling, that is all that counts.
fn is_no_double(text: &str) -> bool {
    let exact = Decimal::parse(text).unwrap();
    let double: f64 = text.parse().unwrap();
    !Decimal::parse(&double.to_string()).is_ok_and(|read| read == exact)
}

struct Cases(Vec<Value>);

impl Cases {
    fn add(&mut self, name: &str, policies: &str, action: &str) {
        let (policies, action) = (json::read(policies).unwrap().value, json::read(action).unwrap().value);
        let expected = judged(&policies, &action);
        let mut case = json!({ "name": name, "policies": policies, "action": action, "expected": expected });
        let value = action["value"].as_str().filter(|_| action["float"] != true);
        let ceilings = policies.as_array().unwrap().iter().filter_map(|policy| policy["maxValue"].as_str());
        if value.is_some_and(needs_digits) || ceilings.into_iter().any(is_no_double) {
            case["digits"] = json!("exact");
        }
        self.0.push(case);
    }
}

fn action(connector: &str, tool: &str, value: &str, float: bool) -> String {
    let mut action = json!({ "tool": tool });
    if !connector.is_empty() {
        action["connector"] = json!(connector);
    }
    if !value.is_empty() {
        action["value"] = json!(value);
    }
    if float {
        action["float"] = json!(true);
    }
    action.to_string()
}

/// One rule; an empty part is left out. A predicate is given as JSON.
fn rule(connector: &str, tool: &str, ceiling: &str, predicate: &str, decision: &str) -> String {
    let mut rule = json!({ "decision": decision });
    for (key, part) in [("connector", connector), ("tool", tool), ("maxValue", ceiling)] {
        if !part.is_empty() {
            rule[key] = json!(part);
        }
    }
    if !predicate.is_empty() {
        rule["predicate"] = serde_json::from_str(predicate).unwrap();
    }
    rule.to_string()
}

/// Who a rule speaks of, in words.
fn reach(connector: &str, tool: &str) -> String {
    let part = |what: &str, name: &str, own: &str| match name {
        "" => format!("any {what}"),
        name if name == own => format!("the {what}"),
        _ => format!("another {what}"),
    };
    format!("{} {}", part("connector", connector, CONNECTOR), part("tool", tool, TOOL))
}

fn by_hand(cases: &mut Cases) {
    for (about, policies, actions) in TABLES {
        for (connector, tool, value, float) in *actions {
            let mut name = format!("{about}: {tool}");
            if !connector.is_empty() {
                name += &format!(" on {connector}");
            }
            if !value.is_empty() {
                name += &format!(", value {value}");
            }
            if *float {
                name += " as a float";
            }
            cases.add(&name, policies, &action(connector, tool, value, *float));
        }
    }
}

/// Every rule by itself: whom it speaks of, its ceiling, its predicate, what it says; under every kind of value.
fn one_rule(cases: &mut Cases) {
    let predicates = [
        ("", ""),
        ("true", r#"{"returns":true}"#),
        ("false", r#"{"returns":false}"#),
        ("throwing", r#"{"throws":"no"}"#),
    ];
    for connector in ["", CONNECTOR, "b"] {
        for tool in ["", TOOL, "order.hold"] {
            for ceiling in ["", "0", "100"] {
                for (about, predicate) in predicates {
                    for decision in DECISIONS {
                        let policy = format!("[{}]", rule(connector, tool, ceiling, predicate, decision));
                        let mut name = format!("one rule: {decision} for {}", reach(connector, tool));
                        if !ceiling.is_empty() {
                            name += &format!(" up to {ceiling}");
                        }
                        if !about.is_empty() {
                            name += &format!(" while {about}");
                        }
                        for value in ["", "100", "100.01", "-1"] {
                            let value_name = if value.is_empty() { "no value" } else { value };
                            let action = action(CONNECTOR, TOOL, value, false);
                            cases.add(&format!("{name}; {value_name}"), &policy, &action);
                        }
                    }
                }
            }
        }
    }
}

/// Every pair of rules of every reach, whose ceilings hold or do not, in both orders.
fn two_rules(cases: &mut Cases) {
    let reaches = [("", ""), (CONNECTOR, ""), ("", TOOL), (CONNECTOR, TOOL), ("b", TOOL)];
    let mut all = Vec::new();
    for (connector, tool) in reaches {
        for decision in DECISIONS {
            for (ceiling, held) in [("", ""), ("10", " exceeded"), ("90", " kept")] {
                let name = format!("{decision}{held} for {}", reach(connector, tool));
                all.push((name, rule(connector, tool, ceiling, "", decision)));
            }
        }
    }
    let action = action(CONNECTOR, TOOL, "50", false);
    for (first, one) in &all {
        for (second, other) in &all {
            cases.add(&format!("two rules: {first}, {second}"), &format!("[{one},{other}]"), &action);
        }
    }
}

/// Every list of three contributions.
fn three_rules(cases: &mut Cases) {
    let contributions = [
        ("unmatched", rule("", "order.hold", "", "", "BLOCK")),
        ("ALLOW", rule("", TOOL, "", "", "ALLOW")),
        ("ALERT", rule("", TOOL, "", "", "ALERT")),
        ("BLOCK", rule("", TOOL, "", "", "BLOCK")),
        ("exceeded", rule("", TOOL, "10", "", "ALLOW")),
    ];
    let action = action(CONNECTOR, TOOL, "50", false);
    for (first, one) in &contributions {
        for (second, other) in &contributions {
            for (third, last) in &contributions {
                let name = format!("three rules: {first}, {second}, {third}");
                cases.add(&name, &format!("[{one},{other},{last}]"), &action);
            }
        }
    }
}

/// Every ceiling against every value: digits, exponents, signs, and the edge of what a double holds.
fn numbers(cases: &mut Cases) {
    let ceilings = [
        "0",
        "0.5",
        "1",
        "100",
        "1e2",
        "100.00",
        "0.1",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "1e400",
        "1e-400",
        "99999999999999999999.5",
    ];
    let values = [
        "0",
        "-0",
        "0.0",
        "0.5",
        "0.50",
        "5e-1",
        "0.1",
        "0.1000000000000000055511151231257827",
        "1",
        "1.0",
        "1e0",
        "99.99",
        "100",
        "100.0",
        "1E2",
        "100.00000000000000000000000001",
        "-1",
        "-0.5",
        "-1e-400",
        "1e-400",
        "2e-400",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "99999999999999999999.5",
        "99999999999999999999.6",
        "1e400",
        "1e401",
    ];
    for ceiling in ceilings {
        let policy = format!("[{}]", rule("", TOOL, ceiling, "", "ALLOW"));
        for value in values {
            for float in [false, true] {
                // A float is what a double holds.
                if float && (is_no_double(value) || value.starts_with("-0")) {
                    continue;
                }
                let how = if float { " as a float" } else { "" };
                let name = format!("numbers: {value}{how} under {ceiling}");
                cases.add(&name, &policy, &action(CONNECTOR, TOOL, value, float));
            }
        }
    }
}

pub fn evaluate_cases() -> Value {
    let mut cases = Cases(Vec::new());
    by_hand(&mut cases);
    one_rule(&mut cases);
    two_rules(&mut cases);
    three_rules(&mut cases);
    numbers(&mut cases);
    json!({ "file": FILE, "cases": cases.0 })
}

/// The text of a decimal field is one: a vector that is spelt wrong is no vector.
pub fn is_sound(case: &Value) -> bool {
    let policies = case["policies"].as_array().unwrap();
    policies.iter().all(|policy| policy.get("maxValue").is_none() || decimal(&policy["maxValue"]).is_some())
}
