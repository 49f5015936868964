//! A case as the kernel judges it, and once more as the contract words it.

use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::json::Value;
use fibric_console::kernel::plan::Amount;
use fibric_console::kernel::policy::{CompiledPolicy, Origin, PredicateId, PredicateOutcome, Subject, TrustPolicy};
use fibric_console::kernel::receipt::Decision;
use serde_json::json;

pub const FILE: &str = "policy/trust.yaml";

pub fn decimal(value: &Value) -> Option<Decimal> {
    value.as_str().map(|text| Decimal::parse(text).unwrap())
}

pub fn text(value: &Value) -> Option<String> {
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

pub fn judged(policies: &Value, action: &Value) -> Value {
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

/// Contract 3, word for word over the case's own JSON, sharing no code with what is tested.
pub fn worded(policies: &Value, action: &Value) -> &'static str {
    let matches = |policy: &&Value| {
        ["connector", "tool"].iter().all(|key| match policy.get(key) {
            None => true,
            Some(name) => action.get(key) == Some(name),
        })
    };
    let matching: Vec<&Value> = policies.as_array().unwrap().iter().filter(matches).collect();
    let zero = Decimal::parse("0").unwrap();
    let violates = |policy: &&Value| {
        let within = |ceiling: &Decimal| {
            let value = decimal(&action["value"]).filter(|value| action["float"] != true || !value.exceeds_a_double());
            value.is_some_and(|value| zero <= value && value <= *ceiling)
        };
        let exceeded = decimal(&policy["maxValue"]).is_some_and(|ceiling| !within(&ceiling));
        let untrue = policy.get("predicate").is_some_and(|predicate| predicate["returns"] != true);
        policy["decision"] == "BLOCK" || exceeded || untrue
    };
    if matching.is_empty() || matching.iter().any(violates) {
        "BLOCK"
    } else if matching.iter().any(|policy| policy["decision"] == "ALERT") {
        "ALERT"
    } else {
        "ALLOW"
    }
}
