//! Every fault and every warning a guardrail document can have, in the words its writer reads.

use super::{NAME, fault, faults, load};
use crate::kernel::policy::{Guard, Limit, Period};
use crate::kernel::receipt::Decision;

const WHOLE: &str = "\
policy: refund-guardrails
applies_to: return-desk
rules:
  - allow: orders.refund
    max_value: 250
    limit: { per: hour, max: 10 }
    single_flight: order_id
  - require_confirmation: order.refund
    maxValue: 1000.50
  - deny: order.delete
default: deny
";

#[test]
fn a_document_loads_with_its_places() {
    let file = load(WHOLE).unwrap();
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    let read: Vec<_> = file
        .rules
        .iter()
        .map(|rule| {
            let ceiling = rule.max_value.as_ref().map(ToString::to_string);
            (rule.origin.name(), rule.origin.line, rule.tool.as_deref().unwrap(), ceiling, rule.decision)
        })
        .collect();
    assert_eq!(
        read,
        [
            (format!("{NAME}:1"), Some(4), "order.refund", Some("250".to_owned()), Decision::Allow),
            (format!("{NAME}:2"), Some(8), "order.refund", Some("1000.50".to_owned()), Decision::Alert),
            (format!("{NAME}:3"), Some(10), "order.delete", None, Decision::Block),
        ]
    );
    let guard = Guard {
        policy: "refund-guardrails".to_owned(),
        applies_to: Some("return-desk".to_owned()),
        limit: Some(Limit { per: Period::Hour, max: 10 }),
        single_flight: Some("order_id".to_owned()),
    };
    assert_eq!(file.rules[0].guard.as_deref(), Some(&guard));
    let bare = Guard { limit: None, single_flight: None, ..guard };
    assert_eq!(file.rules[2].guard.as_deref(), Some(&bare));
    assert_eq!(file.mentioned().count(), 3);
    let all = load("policy: p\napplies_to: null\nrules: [{ allow: order.hold, limit: { max: 1, per: day } }]").unwrap();
    assert_eq!(all.rules[0].guard.as_ref().unwrap().applies_to, None);
}

#[test]
fn a_document_without_rules_lets_nothing_through_and_says_so() {
    let file = load("policy: p\nrules: []\n").unwrap();
    assert_eq!(file.warnings[0].message, format!("`{NAME}` has no rules: every action is BLOCKed"));
}

const SHAPE: &str = "a guardrail document has `policy: NAME` and `rules:`, a list such as `- allow: order.hold`";

#[test]
fn the_keys_of_a_document_are_checked() {
    for (text, said) in [
        ("rules: []", "1:1 rules | a guardrail document has no `policy` | name it, as in `policy: refund-guardrails`"),
        (
            "policy: ~\nrules: []",
            "1:1 policy | a guardrail document has no `policy` | name it, as in `policy: refund-guardrails`",
        ),
        ("policy:\nrules: []", "1:1 policy | `policy` is a name, found nothing | write a name behind `policy`"),
        ("policy: 7\nrules: []", "1:9 7 | `policy` is a name, found the number `7` | write a name behind `policy`"),
        ("policy: p", &format!("1:1 policy | a guardrail document has no `rules` | {SHAPE}")),
        ("policy: p\nrules: 3", &format!("2:8 3 | `rules` is a list, found the number `3` | {SHAPE}")),
        (
            "policy: p\nrulse: []\nrules: []",
            "2:1 rulse | unknown key `rulse` in a guardrail document | did you mean `rules`?",
        ),
        (
            "policy: p\ncolour: red\nrules: []",
            "2:1 colour | unknown key `colour` in a guardrail document | a guardrail document has `policy`, \
             `applies_to`, `rules` and `default`",
        ),
        ("policy: p\npolicy: q\nrules: []", "2:1 policy | `policy` is given twice in the document | keep one of them"),
        ("policy: p\n<<: q\nrules: []", "2:1 << | merge keys are not supported in a policy | write the keys out"),
        ("policy: p\n[a]: q\nrules: []", &format!("2:1 [a] | a key is a list, expected text | {SHAPE}")),
        (
            "policy: p\nrules: []\ndefault: allow",
            "3:10 allow | `default` is `deny`, found `allow` | what no rule names is never let through: write \
             `default: deny`, or leave it out",
        ),
        (
            "policy: p\nrules: []\ndefault: [deny]",
            "3:10 [deny] | `default` is `deny`, found a list | write `default: deny`, or leave it out",
        ),
        (
            "policy: p\napplies_to: order-*\nrules: []",
            "2:13 order-* | `*` is not a pattern here | a document names one operator; leave `applies_to` out to speak \
             of all",
        ),
        (
            "policy: p\napplies_to:\nrules: []",
            "2:1 applies_to | `applies_to` is a name, found nothing | write its name; leave `applies_to` out to speak \
             of all",
        ),
        (
            "policy: p\napplies_to: [a, b]\nrules: []",
            "2:13 [a, b] | `applies_to` is a name, found a list | write one document for each",
        ),
    ] {
        assert_eq!(fault(text), said, "{text}");
    }
}

#[test]
fn the_rules_of_a_document_are_checked() {
    let with = |rule: &str| fault(&format!("policy: p\nrules:\n- {rule}"));
    let gates =
        "a rule has `allow`, `require_confirmation` or `deny`, and may have `max_value`, `limit` and `single_flight`";
    for (rule, said) in [
        ("order.hold", &*format!("3:3 order.hold | rule 1 is text \"order.hold\", expected a mapping | {SHAPE}")),
        (
            "{ max_value: 5 }",
            "3:5 max_value | rule 1 says neither `allow`, `require_confirmation` nor `deny` | start it with one of \
             them, as in `allow: order.hold`",
        ),
        (
            "{ allow: order.hold, deny: order.hold }",
            "3:24 deny | `allow` and `deny` are both given in rule 1 | write one rule for each",
        ),
        ("{ alow: order.hold, allow: order.hold }", "3:5 alow | unknown key `alow` in rule 1 | did you mean `allow`?"),
        (
            "{ allow: order.hold, decision: ALLOW }",
            "3:24 decision | unknown key `decision` in rule 1 | write `allow: CAPABILITY`, `require_confirmation: \
             CAPABILITY` or `deny: CAPABILITY`",
        ),
        (
            "{ allow: order.hold, connector: a }",
            "3:24 connector | unknown key `connector` in rule 1 | a guardrail document speaks of capabilities; a list \
             of rules can name a connector",
        ),
        (
            "{ allow: order.hold, predicate: a }",
            "3:24 predicate | unknown key `predicate` in rule 1 | only policies in code have predicates: leave it out",
        ),
        (
            "{ allow: order.hold, business_hours: yes }",
            &*format!("3:24 business_hours | unknown key `business_hours` in rule 1 | {gates}"),
        ),
        ("{ allow: order.hodl }", "3:12 order.hodl | unknown capability `order.hodl` | did you mean `order.hold`?"),
        ("{ allow: 'order.*' }", "3:12 'order.*' | `*` is not a pattern here | `allow` takes one name"),
        (
            "{ deny: null }",
            "3:11 null | `deny` is a name, found null | write the capability, as in `allow: order.hold`",
        ),
        (
            "{ allow: order.hold, max_value: 1, maxValue: 1 }",
            "3:38 maxValue | `max_value` and `maxValue` are both given in rule 1 | keep one of them",
        ),
        (
            "{ allow: order.hold, max_value: 1OO }",
            "3:35 1OO | `max_value` is a number, found text \"1OO\" | did you mean `100`?",
        ),
        (
            "{ allow: order.hold, max_value: -1 }",
            "3:35 -1 | `max_value` is a number ≥ 0, found `-1` | no value would pass; write `deny` to forbid it",
        ),
        (
            "{ allow: order.hold, single_flight: ~ }",
            "3:39 ~ | `single_flight` is a name, found null | write the name of an argument, or leave `single_flight` \
             out",
        ),
        (
            "{ allow: order.hold, single_flight: 3 }",
            "3:39 3 | `single_flight` is a name, found the number `3` | write a name behind `single_flight`",
        ),
    ] {
        assert_eq!(with(rule), said, "{rule}");
    }
}

#[test]
fn limits_are_checked() {
    let with = |limit: &str| fault(&format!("policy: p\nrules:\n- {{ allow: order.hold, limit: {limit} }}"));
    for (limit, said) in [
        ("5", "5 | `limit` is a mapping, found the number `5` | write `limit: { per: hour, max: 10 }`"),
        ("{ max: 5 }", "{ max: 5 } | `limit` has no `per` | write `limit: { per: hour, max: 10 }`"),
        ("{ per: day }", "{ per: day } | `limit` has no `max` | write `limit: { per: hour, max: 10 }`"),
        ("{ per: hours, max: 5 }", "hours | `per` is a period, found text \"hours\" | did you mean `hour`?"),
        ("{ per: 2, max: 5 }", "2 | `per` is a period, found the number `2` | write `minute`, `hour` or `day`"),
        ("{ per: day, max: 0 }", "0 | `max` is a whole number from 1, found `0` | write `deny` to forbid it"),
        (
            "{ per: day, max: 1.5 }",
            "1.5 | `max` is a whole number from 1, found the number `1.5` | write digits, as in `max: 10`",
        ),
        (
            "{ per: day, max: '5' }",
            "'5' | `max` is a whole number from 1, found text \"5\" | write digits, as in `max: 10`",
        ),
        ("{ per: day, max: 5, mx: 1 }", "mx | unknown key `mx` in `limit` | did you mean `max`?"),
        ("{ per: day, per: hour, max: 5 }", "per | `per` is given twice in `limit` | keep one of them"),
    ] {
        let found = with(limit);
        let (_, rest) = found.split_once(' ').unwrap();
        assert_eq!(rest, said, "{limit}");
    }
}

#[test]
fn gates_in_a_list_of_rules_are_refused_by_name() {
    let help = "only the rules of a guardrail document have `limit`: `policy: …`, then `rules:`";
    let text = "- { tool: order.hold, decision: ALLOW, limit: { per: hour, max: 1 } }";
    assert_eq!(fault(text), format!("1:40 limit | unknown key `limit` in rule 1 | {help}"));
}

#[test]
fn what_can_never_count_is_a_warning() {
    let text = "policy: p\nrules:\n- allow: order.refund\n- require_confirmation: order.refund\n  max_value: 9\n\
                - deny: order.hold\n  limit: { per: day, max: 1 }\n";
    let said: Vec<_> = load(text)
        .unwrap()
        .warnings
        .iter()
        .map(|warning| format!("{} {}", warning.line.unwrap(), warning.message))
        .collect();
    assert_eq!(
        said,
        ["4 rule 2 is never reached: rule 1 takes every action it could", "7 `limit` does nothing on a `deny`"]
    );
}

#[test]
fn every_fault_of_a_document_is_said_at_once() {
    let text =
        "policy: 3\ndefault: allow\nrules:\n- { alow: order.hold }\n- { allow: order.hodl, limit: 3, max_value: x }\n";
    assert_eq!(faults(text).len(), 7, "{:#?}", faults(text));
}

#[test]
fn the_longest_document_is_read_and_compiled_in_one_pass() {
    use crate::kernel::policy::PolicySet;
    let rules: Vec<_> = (0..60_000).map(|n| format!("- allow: order.refund\n  max_value: {n}\n")).collect();
    let read = load(&format!("policy: p\nrules:\n{}", rules.concat())).unwrap();
    assert!(read.warnings.is_empty());
    let set = PolicySet::compile(read.rules);
    let steps = set.general().constraint(None, "order.refund").documents.unwrap();
    assert_eq!(steps.bands.len(), 60_000);
}
