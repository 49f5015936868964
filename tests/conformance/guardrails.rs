//! The cases of `guardrails.json`: documents of every short shape, alone and beside rules, as files that are read.

use fibric_console::kernel::capability::Vocabulary;
use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::json::Value;
use fibric_console::kernel::plan::Amount;
use fibric_console::kernel::policy::{NoPredicates, PolicySet, Subject, file};
use serde_json::json;

const TOOL: &str = "order.refund";
const VERBS: [&str; 3] = ["allow", "require_confirmation", "deny"];

/// What the kernel says of a case. Its files are JSON, which is YAML too.
pub fn judged(case: &Value) -> Value {
    let mut rules = Vec::new();
    for (number, document) in (1..).zip(case["files"].as_array().unwrap()) {
        let name = format!("policy/{number}.yaml");
        rules.extend(file::read(&name, &document.to_string(), &Vocabulary::shipped()).unwrap().rules);
    }
    let set = PolicySet::compile(rules);
    let policy = set.of(case["operator"].as_str().unwrap());
    let value = case["action"]["value"].as_str().map(|text| Amount::exact(Decimal::parse(text).unwrap()));
    let tool = case["action"]["tool"].as_str().unwrap();
    let subject = Subject { connector: Some("a"), tool, value: value.as_ref() };
    let verdict = policy.judge(&subject, &mut NoPredicates);
    assert_eq!(policy.evaluate(&subject, &mut NoPredicates).word(), verdict.decision.word());
    assert_eq!(policy.explain(&subject, &mut NoPredicates).verdict(), verdict);
    let confirm = verdict.decision.word() == "ALERT" && policy.gates(&subject).confirm;
    json!({ "decision": verdict.decision, "rule": verdict.rule, "reason": verdict.reason, "confirm": confirm })
}

/// Contract 4, word for word over the case's own JSON.
pub fn worded(case: &Value) -> &'static str {
    let value = case["action"]["value"].as_str().map(|text| Decimal::parse(text).unwrap());
    let value = value.filter(|value| !value.is_negative());
    let holds = |rule: &Value, key: &str| match (rule.get(key), &value) {
        (None, _) => true,
        (Some(ceiling), Some(value)) => *value <= Decimal::parse(&ceiling.to_string()).unwrap(),
        (Some(_), None) => false,
    };
    let rank =
        |word: &str| ["none", "allow", "require_confirmation", "deny"].iter().position(|known| *known == word).unwrap();
    let of_rules = |rules: &[Value]| {
        let speaking = rules.iter().filter(|rule| rule["tool"] == case["action"]["tool"]);
        let words = speaking.map(|rule| match rule["decision"].as_str().unwrap() {
            _ if !holds(rule, "maxValue") => "deny",
            "ALLOW" => "allow",
            "ALERT" => "require_confirmation",
            _ => "deny",
        });
        words.map(rank).max().unwrap_or(0)
    };
    let of_document = |document: &Value| {
        if document.get("applies_to").is_some_and(|operator| *operator != case["operator"]) {
            return 0;
        }
        let verb = |rule: &Value| VERBS.into_iter().find(|verb| rule.get(verb) == Some(&case["action"]["tool"]));
        let rules = document["rules"].as_array().unwrap();
        let speaking: Vec<_> = rules.iter().filter_map(|rule| Some((verb(rule)?, rule))).collect();
        let ceilinged = speaking.iter().any(|(_, rule)| rule.get("max_value").is_some());
        match speaking.iter().find(|(_, rule)| holds(rule, "max_value")) {
            _ if speaking.is_empty() => 0,
            _ if ceilinged && value.is_none() => rank("deny"),
            Some((verb, _)) => rank(verb),
            None => rank("deny"),
        }
    };
    let files = case["files"].as_array().unwrap();
    let all = files.iter().map(|file| file.as_array().map_or_else(|| of_document(file), |rules| of_rules(rules)));
    ["BLOCK", "ALLOW", "ALERT", "BLOCK"][all.max().unwrap_or(0)]
}

fn document(operator: &str, rules: &[Value]) -> Value {
    let mut document = json!({ "policy": "p", "rules": rules, "default": "deny" });
    if !operator.is_empty() {
        document["applies_to"] = json!(operator);
    }
    document
}

/// A rule of a document and its name; without a ceiling when that is zero.
fn guard(verb: &str, ceiling: u32) -> (String, Value) {
    let mut rule = json!({ verb: TOOL });
    if ceiling == 0 {
        return (verb.to_owned(), rule);
    }
    rule["max_value"] = json!(ceiling);
    (format!("{verb} up to {ceiling}"), rule)
}

struct Cases(Vec<Value>);

impl Cases {
    fn add(&mut self, name: &str, files: &[Value], value: &str) {
        let mut action = json!({ "tool": TOOL });
        if !value.is_empty() {
            action["value"] = json!(value);
        }
        let mut case = json!({ "name": name, "files": files, "operator": "desk", "action": action });
        case["expected"] = judged(&case);
        self.0.push(case);
    }
}

pub fn guardrail_cases() -> Value {
    let mut cases = Cases(Vec::new());
    let guards: Vec<_> = VERBS.iter().flat_map(|verb| [0, 1, 5].map(|ceiling| guard(verb, ceiling))).collect();
    let shown = |value: &str| if value.is_empty() { "no value".to_owned() } else { value.to_owned() };
    for value in ["", "1", "3", "9", "-1"] {
        for (first, one) in &guards {
            cases.add(&format!("{first}; {}", shown(value)), &[document("", std::slice::from_ref(one))], value);
            for (second, other) in &guards {
                let rules = [one.clone(), other.clone()];
                cases.add(&format!("{first}, {second}; {}", shown(value)), &[document("", &rules)], value);
            }
        }
    }
    for (first, one) in &guards {
        for (second, other) in &guards {
            for (third, last) in &guards {
                let rules = [one.clone(), other.clone(), last.clone()];
                cases.add(&format!("{first}, {second}, {third}; 3"), &[document("", &rules)], "3");
            }
            let two = [document("", std::slice::from_ref(one)), document("", std::slice::from_ref(other))];
            cases.add(&format!("{first} and, in another document, {second}; 3"), &two, "3");
        }
        for decision in ["ALLOW", "ALERT", "BLOCK"] {
            let rules = json!([{ "tool": TOOL, "decision": decision }]);
            cases.add(
                &format!("{first} beside a rule {decision}; 3"),
                &[document("", std::slice::from_ref(one)), rules],
                "3",
            );
        }
        for operator in ["desk", "another"] {
            cases.add(&format!("{first} for {operator}; 3"), &[document(operator, std::slice::from_ref(one))], "3");
        }
    }
    json!({ "cases": cases.0 })
}
