//! Every fault a table of policy tests can have, in the words its writer reads.

use super::NAME;
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::policy::file::{PolicyTest, is_tests, read_tests};
use crate::kernel::receipt::Decision;

fn load(text: &str) -> Result<Vec<PolicyTest>, Vec<Diagnostic>> {
    read_tests(NAME, text, &Vocabulary::shipped())
}

fn fault(text: &str) -> String {
    let faults = load(text).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let place = faults[0].place().unwrap().replace(&format!("{NAME}:"), "");
    format!("{place} {} | {}", faults[0].message, faults[0].help.as_deref().unwrap())
}

#[test]
fn tests_load_with_their_places() {
    let text = "- name: a refund\n  action: { connector: acme-wms, tool: orders.refund, value: 100.50, args: {} }\n  operator: \
                desk\n  expect: ALERT\n  rule: trust.yaml:3\n  reason: 'value 100.50'\n- { action: { tool: order.hold, value: \
                null }, expect: BLOCK }\n";
    let tests = load(text).unwrap();
    let first = &tests[0];
    assert_eq!((first.name.as_deref(), first.operator.as_deref()), (Some("a refund"), Some("desk")));
    assert_eq!((first.connector.as_deref(), first.tool.as_str()), (Some("acme-wms"), "order.refund"));
    assert_eq!(first.value.as_ref().unwrap().number.as_str(), "100.50");
    assert_eq!((first.expect, first.rule.as_deref()), (Decision::Alert, Some("trust.yaml:3")));
    assert_eq!((tests[1].origin.name(), tests[1].origin.line), (format!("{NAME}:2"), Some(7)));
    assert!(tests[1].value.is_none() && tests[1].reason.is_none());
    assert_eq!(load("").unwrap(), []);
    assert!(is_tests("policy/trust.tests.yaml") && !is_tests("policy/tests.yaml"));
}

#[test]
fn every_fault_has_its_words() {
    let example = "a test is an action and what is expected, as in `- { action: { tool: order.hold }, expect: ALLOW }`";
    for (text, said) in [
        ("tests: []", format!("1:1 expected a list of tests, found a mapping | {example}")),
        ("- 3", format!("1:3 test 1 is the number `3`, expected a mapping | {example}")),
        ("- { expect: ALLOW }", format!("1:3 test 1 has no `action` | {example}")),
        ("- { action: order.hold, expect: ALLOW }", {
            format!("1:13 `action` is text \"order.hold\", expected a mapping | {example}")
        }),
        ("- { action: { value: 1 }, expect: ALLOW }", format!("1:13 `action` has no `tool` | {example}")),
        (
            "- { action: { tool: order.hold } }",
            "1:3 test 1 has no `expect` | add `expect: ALLOW`, `ALERT` or `BLOCK`".to_owned(),
        ),
        (
            "- { action: { tool: order.hodl }, expect: ALLOW }",
            "1:21 unknown capability `order.hodl` | did you mean `order.hold`?".to_owned(),
        ),
        (
            "- { action: { tool: order.hold }, expect: allow }",
            "1:43 `expect` is a decision, found text \"allow\" | did you mean `ALLOW`?".to_owned(),
        ),
        (
            "- { action: { tool: order.hold }, expects: ALLOW, expect: ALLOW }",
            "1:35 unknown key `expects` in test 1 | did you mean `expect`?".to_owned(),
        ),
        (
            "- { action: { tol: x, tool: order.hold }, expect: ALLOW }",
            "1:15 unknown key `tol` in `action` | did you mean `tool`?".to_owned(),
        ),
        (
            "- { action: { tool: order.hold }, expect: ALLOW, expect: BLOCK }",
            "1:50 `expect` is given twice in test 1 | keep one of them".to_owned(),
        ),
        (
            "- { action: { tool: order.hold, value: 1OO }, expect: ALLOW }",
            "1:40 `value` is a number, found text \"1OO\" | did you mean `100`?".to_owned(),
        ),
        (
            "- { action: { tool: order.hold, value: '1' }, expect: ALLOW }",
            "1:40 `value` is a number, found text \"1\" | did you mean `1`?".to_owned(),
        ),
        (
            "- { action: { tool: order.hold, connector: A B }, expect: ALLOW }",
            "1:44 `A B` is not the id of a connector | a connector's id has lower-case letters, digits and `-`, as in \
             `acme-wms`"
                .to_owned(),
        ),
        (
            "- { action: { tool: order.hold }, expect: ALLOW, reason: [] }",
            "1:58 `reason` is text, found a list | write it behind `reason`, or leave `reason` out".to_owned(),
        ),
    ] {
        assert_eq!(fault(text), said, "{text}");
    }
    assert_eq!(load("- {}\n- { action: 3, expect: x }\n").unwrap_err().len(), 4);
}
