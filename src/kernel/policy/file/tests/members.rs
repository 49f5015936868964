//! A member that is there is kept as it is written, or the file does not load: none ever reads as if it were left out.

use proptest::prelude::*;
use serde_json::json;

use super::NAME;
use crate::kernel::capability::Vocabulary;
use crate::kernel::json::Value;
use crate::kernel::policy::file::{read, read_coded};
use crate::kernel::policy::{PredicateId, TrustPolicy};
use crate::kernel::receipt::Decision;

/// What a ceiling written so comes to: its digits, `none`, or `refused`.
fn ceiling(text: &str) -> String {
    match read(NAME, text, &Vocabulary::shipped()) {
        Ok(file) => file.rules[0].max_value.as_ref().map_or("none".to_owned(), ToString::to_string),
        Err(faults) => {
            assert!(faults.iter().all(|fault| fault.line.is_some() && fault.help.is_some()), "{text}: {faults:?}");
            "refused".to_owned()
        }
    }
}

#[test]
fn a_ceiling_is_a_number_or_the_file_does_not_load() {
    for (written, comes_to) in [
        ("100", "100"),
        ("100.50", "100.50"),
        ("0", "0"),
        ("1e400", "1e400"),
        ("9007199254740993", "9007199254740993"),
        // As good as absent by contract 1, where it is written out.
        ("null", "none"),
        ("~", "none"),
        ("", "refused"),
        (".nan", "refused"),
        (".NaN", "refused"),
        ("NaN", "refused"),
        (".inf", "refused"),
        ("-.inf", "refused"),
        ("+.Inf", "refused"),
        ("Infinity", "refused"),
        ("-1", "refused"),
        ("-0.01", "refused"),
        ("\"100\"", "refused"),
        ("'100'", "refused"),
        ("\"\"", "refused"),
        ("\"null\"", "refused"),
        ("true", "refused"),
        ("no", "refused"),
        ("[]", "refused"),
        ("[100]", "refused"),
        ("{}", "refused"),
        ("{ value: 100 }", "refused"),
        ("undefined", "refused"),
        ("1,000", "refused"),
        ("1_000", "refused"),
        ("0x64", "refused"),
        ("0o144", "refused"),
        ("$100", "refused"),
        ("100 EUR", "refused"),
        ("10%", "refused"),
        ("2026-01-01", "refused"),
        ("!!int 100", "refused"),
        ("&a 100", "refused"),
        ("١٠٠", "refused"),
    ] {
        assert_eq!(
            ceiling(&format!("- tool: order.refund\n  maxValue: {written}\n  decision: ALLOW\n")),
            comes_to,
            "{written}"
        );
        let of_document = format!("policy: p\nrules:\n- allow: order.refund\n  max_value: {written}\n");
        assert_eq!(ceiling(&of_document), comes_to, "{written} in a document");
    }
}

#[test]
fn no_member_of_another_type_loads() {
    let odd = ["3", "true", "[]", "[order.hold]", "{}", "\"\"", "", ".nan", "'*'", "order.*"];
    for key in ["tool", "connector", "decision"] {
        for value in odd {
            let other = if key == "decision" { "tool: order.hold" } else { "decision: ALLOW" };
            let text = format!("- {key}: {value}\n  {other}\n");
            assert!(read(NAME, &text, &Vocabulary::shipped()).is_err(), "{text}");
        }
    }
    for text in [
        "- { tool: order.hold, decision: null }",
        "- { tool: order.hold, decision: ALLOW, predicate: null }",
        "- { tool: order.hold, decision: ALLOW, predicate: x }",
        "- { tool: order.hold, decision: ALLOW, maxvalue: 1 }",
        "- { tool: order.hold, decision: ALLOW, max-value: 1 }",
        "- { tool: order.hold, decision: ALLOW, maxValue: 1, max_value: 2 }",
        "- { tool: order.hold, decision: ALLOW, maxValue: 1, maxValue: ~ }",
        "- { tool: order.hold, tool: ~, decision: ALLOW }",
        "- { tool: order.hold, decision: ALLOW, <<: { maxValue: 1 } }",
        "- { tool: order.hold, decision: ALLOW, ? [a] : 1 }",
        "policy: p\nrules:\n- allow: ~\n",
        "policy: p\nrules:\n- allow: order.hold\n  single_flight: ~\n",
        "policy: p\nrules:\n- allow: order.hold\n  limit: ~\n",
        "policy: p\nrules:\n- allow: order.hold\n  limit: { per: hour, max: .inf }\n",
        "policy: p\nrules:\n- allow: order.hold\n  limit: { per: hour, max: 1e3 }\n",
        "policy: p\nrules:\n- allow: order.hold\n  limit: { per: hour, max: -1 }\n",
        "policy: p\nrules:\n- allow: order.hold\n  limit: { per: hour, max: 4294967296 }\n",
        "policy: p\napplies_to: []\nrules:\n- allow: order.hold\n",
        "policy: p\napplies_to:\nrules:\n- allow: order.hold\n",
    ] {
        assert!(read(NAME, text, &Vocabulary::shipped()).is_err(), "{text}");
    }
}

/// A rule with everything, as code would export it.
fn whole() -> Value {
    json!({ "connector": "acme-wms", "tool": "order.refund", "maxValue": 100, "predicate": { "~function": true },
        "decision": "ALERT" })
}

/// Values of every kind, those among them with which a host marks what JSON has no form for.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        prop::sample::select(&["order.hold", "order.*", "*", "ALLOW", "allow", "100", "acme-wms", "null", "~"][..])
            .prop_map(Value::from),
        Just(json!({ "~function": true })),
        prop::sample::select(&["NaN", "Infinity", "undefined", "a symbol", "an accessor"][..])
            .prop_map(|what| json!({ "~unfit": what })),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-z]{1,6}", inner), 0..3)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn coded(rule: &Value) -> Option<TrustPolicy> {
    let read = read_coded("policy/trust.ts", std::slice::from_ref(rule), &Vocabulary::shipped()).ok()?;
    let predicate = read.predicates.contains(&0).then_some(PredicateId(0));
    read.file.rules.into_iter().next().map(|rule| TrustPolicy { predicate, ..rule })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Whatever stands in a member: a rule that loads says just that, and all that the others say.
    #[test]
    fn a_member_of_a_coded_rule_is_kept_or_refused(
        key in prop::sample::select(&["connector", "tool", "maxValue", "max_value", "predicate", "decision", "Tool"][..]),
        value in values(),
    ) {
        let mut rule = whole();
        rule[key] = value.clone();
        let Some(read) = coded(&rule) else { return Ok(()) };
        let full = coded(&whole()).unwrap();
        let absent = value.is_null();
        prop_assert!(!absent || !matches!(key, "decision"));
        let text = value.as_str().map(str::to_owned);
        match key {
            "connector" => prop_assert_eq!(&read.connector, &text),
            "tool" => prop_assert_eq!(read.tool.is_none(), absent),
            "maxValue" => {
                prop_assert_eq!(read.max_value.is_none(), absent);
                prop_assert!(absent || value.is_number());
            }
            "predicate" => {
                prop_assert_eq!(read.predicate.is_none(), absent);
                prop_assert!(absent || value == whole()["predicate"]);
            }
            "decision" => prop_assert_eq!(Some(read.decision.word()), value.as_str()),
            _ => prop_assert!(false, "`{}` is no member, or given twice", key),
        }
        let others = |rule: &TrustPolicy| TrustPolicy {
            connector: rule.connector.clone().filter(|_| key != "connector"),
            tool: rule.tool.clone().filter(|_| key != "tool"),
            max_value: rule.max_value.clone().filter(|_| key != "maxValue"),
            predicate: rule.predicate.filter(|_| key != "predicate"),
            decision: if key == "decision" { Decision::Block } else { rule.decision },
            ..rule.clone()
        };
        prop_assert_eq!(others(&read), others(&full));
    }

    /// The same of a member in a file, whatever text stands behind its key.
    #[test]
    fn a_member_in_a_file_is_kept_or_refused(
        key in prop::sample::select(&["connector", "tool", "maxValue"][..]),
        text in "[ -~]{0,10}",
    ) {
        let rest = match key {
            "tool" => "connector: acme-wms\n  maxValue: 100",
            "connector" => "tool: order.refund\n  maxValue: 100",
            _ => "connector: acme-wms\n  tool: order.refund",
        };
        let file = read(NAME, &format!("- {key}: {text}\n  {rest}\n  decision: ALLOW\n"), &Vocabulary::shipped());
        let Ok(file) = file else { return Ok(()) };
        let bare = text.split(" #").next().unwrap_or_default().trim();
        let absent = matches!(bare, "null" | "Null" | "NULL" | "~");
        prop_assert_eq!(file.rules.len(), 1);
        let rule = &file.rules[0];
        prop_assert_eq!(rule.connector.is_none(), key == "connector" && absent, "{}", text);
        prop_assert_eq!(rule.tool.is_none(), key == "tool" && absent, "{}", text);
        prop_assert_eq!(rule.max_value.is_none(), key == "maxValue" && absent, "{}", text);
    }
}
