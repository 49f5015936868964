use proptest::prelude::*;

use super::*;

const FILE: &str = r#"[
  { "operator": "risk", "when": { "status": "open", "total": { "at_least": 100 } },
    "plan": { "reasoning": "${order.id} is worth ${total}",
              "actions": [{ "tool": "order.hold", "args": { "id": "${order.id}", "lines": "${lines}" }, "value": "${total}",
                            "entity_key": "order:${order.id}", "idempotency_key": "risk:${order.id}:$${hold}" }] } },
  { "when": { "lines.0.sku": { "contains": "X" }, "status": { "not": "closed" }, "gone": { "given": false } },
    "plan": { "actions": [] } },
  { "operator": "desk", "when": { "total": { "at_most": 1.50 } }, "plan": { "actions": [] } }
]"#;

fn rules(text: &str) -> Result<Rules, Vec<Diagnostic>> {
    Rules::parse(text, "reasoning.json")
}

fn answer(operator: &str, input: &str) -> Result<(u32, String), String> {
    let input = json::read(input).unwrap().value;
    rules(FILE).unwrap().answer(operator, &input).map(|(line, plan)| (line, plan.to_string()))
}

#[test]
fn the_first_rule_that_holds_gives_its_plan_with_values_of_the_input() {
    let (line, plan) =
        answer("risk", r#"{"status":"open","total":412.50,"order":{"id":"SO-1"},"lines":[{"sku":"X"}]}"#).unwrap();
    assert_eq!(line, 2);
    assert_eq!(
        plan,
        r#"{"reasoning":"SO-1 is worth 412.50","actions":[{"tool":"order.hold","args":{"id":"SO-1","lines":[{"sku":"X"}]},"value":412.50,"entity_key":"order:SO-1","idempotency_key":"risk:SO-1:${hold}"}]}"#
    );
    assert_eq!(answer("other", r#"{"status":"open","total":1,"lines":[{"sku":"aXb"}]}"#).unwrap().0, 6);
    for total in ["1.5", "1.500", "15e-1", "-3"] {
        assert_eq!(answer("desk", &format!("{{\"total\":{total}}}")).unwrap().0, 8, "{total}");
    }
}

#[test]
fn where_no_rule_holds_the_nearest_and_its_first_condition_are_named() {
    assert_eq!(
        answer("risk", r#"{"status":"open","total":99.99}"#).unwrap_err(),
        "none of its 2 rules for risk speaks of this input; nearest is line 2: `total` is 99.99, wanted is at least 100"
    );
    let said = answer("risk", r#"{"status":"closed","lines":[{"sku":"X"}]}"#).unwrap_err();
    assert!(said.ends_with("line 6: `status` is \"closed\", wanted is anything but \"closed\""), "{said}");
    let said = answer("risk", r#"{"status":"open","total":100,"order":{}}"#).unwrap_err();
    assert_eq!(said, "line 2: the input has no `order.id`, which the plan needs");
    assert_eq!(rules("[]").unwrap().answer("x", &Value::Null).unwrap_err(), "no rule is for operator x");
}

#[test]
fn what_is_wrong_with_a_file_has_its_place() {
    let places = |text: &str| -> Vec<String> {
        let faults = rules(text).unwrap_err();
        faults.iter().map(|fault| format!("{}: {}", fault.place().unwrap(), fault.message)).collect()
    };
    assert_eq!(places("{}"), ["reasoning.json:1:1: expected a list of rules, found an object"]);
    assert!(places("[{}\n{}]")[0].starts_with("reasoning.json:2:1: the rule file is not JSON"));
    let text = r#"[{ "opertor": "x", "plan": { "actions": [{ "tol": "a" }], "reason": "" } },
 { "when": { "a": { "least": 3 }, "b": { "at_least": 1, "at_most": 2 }, "c": {}, "d": { "given": 1 } } },
 { "when": [], "plan": { "actions": ["${x"] } },
 7]"#;
    assert_eq!(
        places(text),
        [
            "reasoning.json:1:4: unknown field `opertor` in a rule",
            "reasoning.json:1:59: unknown field `reason` in a plan",
            "reasoning.json:1:44: unknown field `tol` in an action",
            "reasoning.json:2:21: unknown field `least` in a condition",
            "reasoning.json:2:40: a condition has one of `not`, `at_least`, `at_most`, `contains`, `given`",
            "reasoning.json:2:78: a condition has one of `not`, `at_least`, `at_most`, `contains`, `given`",
            "reasoning.json:2:98: `given` is true or false",
            "reasoning.json:2:2: field `plan` is missing",
            "reasoning.json:3:12: `when` is an array, expected an object",
            "reasoning.json:3:38: a `${` is not closed",
            "reasoning.json:3:38: expected an action (an object), found a string",
            "reasoning.json:4:2: expected a rule (an object), found a number",
        ]
    );
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "\\PC{0,80}", path in "[a-z.0-9$]{0,12}") {
        let _ = rules(&text);
        let plan = Value::from(text.clone());
        let _ = template::filled(&plan, &Value::Null);
        let _ = template::at(&plan, &path);
        prop_assert!(template::faults(&Value::from(text.replace('$', "")), "").is_empty());
    }

    #[test]
    fn a_text_without_marks_is_itself(text in "[^$]{0,40}") {
        prop_assert_eq!(template::filled(&Value::from(text.clone()), &Value::Null), Ok(Value::from(text)));
    }
}
