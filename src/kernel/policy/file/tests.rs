//! Every fault a policy file can have, in the words its writer reads.

mod cases;
mod documents;
mod members;

use proptest::prelude::*;

use super::{MAX_BYTES, PolicyFile, read};
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::receipt::Decision;

const NAME: &str = "policy/trust.yaml";

fn load(text: &str) -> Result<PolicyFile, Vec<Diagnostic>> {
    read(NAME, text, &Vocabulary::shipped())
}

/// `line:column marked | message | help` of each fault.
fn faults(text: &str) -> Vec<String> {
    let shown = |fault: &Diagnostic| {
        let marked = fault.excerpt.as_ref().map_or("", |e| &e.text[e.start..e.end]);
        let place = fault.place().unwrap().replace(&format!("{NAME}:"), "");
        format!("{place} {marked} | {} | {}", fault.message, fault.help.as_deref().unwrap())
    };
    load(text).unwrap_err().iter().map(shown).collect()
}

fn fault(text: &str) -> String {
    let all = faults(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.into_iter().next().unwrap()
}

#[test]
fn rules_load_with_their_places() {
    let text = "\u{feff}# ünïcode\r\n- { tool: orders.hold, decision: ALLOW }\r\n- tool: order.refund\r\n  connector: acme-wms\r\n  \
                max_value: 100.50\r\n  decision: 'ALERT'\r\n- decision: BLOCK\r\n  tool: null\r\n  connector: ~\r\n";
    let file = load(text).unwrap();
    assert!(file.warnings.is_empty());
    let read: Vec<_> = file
        .rules
        .iter()
        .map(|r| (r.connector.as_deref(), r.tool.as_deref(), r.max_value.as_ref().map(ToString::to_string), r.decision))
        .collect();
    assert_eq!(
        read,
        [
            (None, Some("order.hold"), None, Decision::Allow),
            (Some("acme-wms"), Some("order.refund"), Some("100.50".to_owned()), Decision::Alert),
            (None, None, None, Decision::Block),
        ]
    );
    let places: Vec<_> = file.rules.iter().map(|r| (r.origin.name(), r.origin.line.unwrap())).collect();
    assert_eq!(places, [(format!("{NAME}:1"), 2), (format!("{NAME}:2"), 3), (format!("{NAME}:3"), 7)]);
    let span = |at: usize| &text[file.rules[at].origin.span.clone().unwrap()];
    assert_eq!(span(0), "{ tool: orders.hold, decision: ALLOW }");
    assert!(span(1).starts_with("tool: order.refund") && span(1).ends_with("'ALERT'"), "{:?}", span(1));
    assert_eq!(file.mentioned().map(|(name, _)| name).collect::<Vec<_>>(), ["order.hold", "order.refund"]);
}

#[test]
fn digits_are_never_a_float() {
    let file = load("- { tool: order.refund, maxValue: 9007199254740993, decision: ALLOW }").unwrap();
    assert_eq!(file.rules[0].max_value.as_ref().unwrap().as_str(), "9007199254740993");
}

#[test]
fn a_file_without_rules_blocks_everything_and_says_so() {
    for text in ["", "# nothing yet\n", "[]", "---\n", "null", "~"] {
        let file = load(text).unwrap();
        assert!(file.rules.is_empty());
        assert_eq!(file.warnings[0].message, "`policy/trust.yaml` has no rules: every action is BLOCKed", "{text:?}");
    }
}

#[test]
fn keys_are_checked() {
    for (text, said) in [
        (
            "- tool: order.refund\n  maxvalue: 100\n  decision: ALLOW",
            "2:3 maxvalue | unknown key `maxvalue` in rule 1 | did you mean `maxValue`?",
        ),
        (
            "- { colour: red, decision: ALLOW }",
            "1:5 colour | unknown key `colour` in rule 1 | a rule has `tool`, `connector`, `maxValue` and `decision`",
        ),
        (
            "- { tool: order.hold, maxValue: 1, max_value: 1, decision: ALLOW }",
            "1:36 max_value | `maxValue` and `max_value` are both given in rule 1 | keep one of them",
        ),
        (
            "- { tool: order.hold, tool: order.read, decision: ALLOW }",
            "1:23 tool | `tool` is given twice in rule 1 | keep one of them",
        ),
        (
            "- { tool: order.hold, decision: ALLOW, predicate: x }",
            "1:40 predicate | `predicate` cannot be given in YAML | only policies in code have predicates, \
             and this version loads none: leave it out",
        ),
        (
            "- { allow: order.hold, decision: ALLOW }",
            "1:5 allow | unknown key `allow` in rule 1 | write `tool: …` and `decision: ALLOW`",
        ),
        ("- tool: order.hold", "1:3 tool | rule 1 has no `decision` | add `decision: ALLOW`, `ALERT` or `BLOCK`"),
        ("- { <<: x, decision: ALLOW }", "1:5 << | merge keys are not supported in a policy | write the keys out"),
        (
            "- { [a]: x, decision: ALLOW }",
            "1:5 [a] | a key is a list, expected text | a policy is a list of rules, as in `- { tool: order.hold, \
             decision: ALLOW }`",
        ),
    ] {
        assert_eq!(fault(text), said);
    }
}

#[test]
fn ceilings_are_checked() {
    let with = |value: &str| fault(&format!("- {{ tool: order.refund, decision: ALLOW, maxValue: {value} }}"));
    for (value, said) in [
        ("1OO", "1OO | `maxValue` is a number, found text \"1OO\" | did you mean `100`?"),
        ("\"100\"", "\"100\" | `maxValue` is a number, found text \"100\" | write it without quotes: `100`"),
        ("0100", "0100 | `maxValue` is a number, found text \"0100\" | did you mean `100`?"),
        ("$1_000", "$1_000 | `maxValue` is a number, found text \"$1_000\" | did you mean `1000`?"),
        (".5", ".5 | `maxValue` is a number, found text \".5\" | did you mean `0.5`?"),
        ("0x10", "0x10 | `maxValue` is a number, found text \"0x10\" | write digits, as in `maxValue: 100`"),
        ("lots", "lots | `maxValue` is a number, found text \"lots\" | write digits, as in `maxValue: 100`"),
        ("true", "true | `maxValue` is a number, found the boolean `true` | write digits, as in `maxValue: 100`"),
        (
            "-5",
            "-5 | `maxValue` is a number ≥ 0, found `-5` | no value would pass; write `decision: BLOCK` to forbid it",
        ),
        (".inf", ".inf | `maxValue` is a finite number, found `.inf` | leave `maxValue` out for no ceiling"),
        ("NaN", "NaN | `maxValue` is a finite number, found `NaN` | leave `maxValue` out for no ceiling"),
        ("[1]", "[1] | `maxValue` is a number, found a list | write one number, as in `maxValue: 100`"),
        ("", "maxValue | `maxValue` is a number, found nothing | write digits, as in `maxValue: 100`"),
    ] {
        let found = with(value);
        let (_, rest) = found.split_once(' ').unwrap();
        assert_eq!(rest, said);
    }
}

#[test]
fn names_are_checked() {
    let all = faults(
        "- { tool: order.*, decision: ALLOW }\n- { connector: '*', decision: ALLOW }\n- { tool: order.hodl, decision: ALLOW }\n\
         - { tool: , decision: ALLOW }\n- { tool: true, decision: ALLOW }\n- { connector: Acme WMS, decision: ALLOW }\n\
         - { tool: [order.hold], decision: ALLOW }\n- { connector: {}, decision: ALLOW }\n- { tool: '', decision: ALLOW }\n",
    );
    assert_eq!(
        all,
        [
            "1:11 order.* | `*` is not a pattern here | a rule names one tool; leave `tool` out to speak of any",
            "2:16 '*' | `*` is not a pattern here | a rule names one connector; leave `connector` out to speak of any",
            "3:11 order.hodl | unknown capability `order.hodl` | did you mean `order.hold`?",
            "4:5 tool | `tool` is a name, found nothing | write its name; leave `tool` out to speak of any",
            "5:11 true | `tool` is a name, found the boolean `true` | write its name; leave `tool` out to speak of any",
            "6:16 Acme WMS | `Acme WMS` is not the id of a connector | a connector's id has lower-case letters, digits \
             and `-`, as in `acme-wms`",
            "7:11 [order.hold] | `tool` is a name, found a list | write one rule for each",
            "8:16 {} | `connector` is a name, found a mapping | a policy is a list of rules, as in `- { tool: \
             order.hold, decision: ALLOW }`",
            "9:11 '' | `tool` is a name, found nothing | write its name; leave `tool` out to speak of any",
        ]
    );
}

#[test]
fn decisions_are_checked() {
    let with = |word: &str| fault(&format!("- {{ tool: order.hold, decision: {word} }}"));
    for (word, said) in [
        ("allow", "1:33 allow | unknown decision `allow` | did you mean `ALLOW`?"),
        ("Alret", "1:33 Alret | unknown decision `Alret` | did you mean `ALERT`?"),
        ("deny", "1:33 deny | unknown decision `deny` | did you mean `BLOCK`?"),
        ("perhaps", "1:33 perhaps | unknown decision `perhaps` | write `ALLOW`, `ALERT` or `BLOCK`"),
        ("[ALLOW]", "1:33 [ALLOW] | `decision` is a word, found a list | write `ALLOW`, `ALERT` or `BLOCK`"),
        ("\"\"", "1:33 \"\" | `decision` is a word, found text \"\" | write `ALLOW`, `ALERT` or `BLOCK`"),
    ] {
        assert_eq!(with(word), said);
    }
}

#[test]
fn other_documents_are_refused_by_name() {
    for (text, said) in [
        (
            "tool: order.hold\ndecision: ALLOW\n",
            "1:1 tool | expected a list of rules, found a mapping | start each rule with `- `; a guardrail document has \
             `policy` and `rules`",
        ),
        (
            "ALLOW",
            "1:1 ALLOW | expected a list of rules, found text \"ALLOW\" | a policy is a list of rules, as in `- { tool: \
             order.hold, decision: ALLOW }`",
        ),
        (
            "- order.hold",
            "1:3 order.hold | rule 1 is text \"order.hold\", expected a mapping | a policy is a list of rules, as in \
             `- { tool: order.hold, decision: ALLOW }`",
        ),
        (
            "- { tool: order.hold, decision: ALLOW }\n-\n",
            "2:2  | rule 2 is nothing, expected a mapping | a policy is a list of rules, as in `- { tool: order.hold, \
             decision: ALLOW }`",
        ),
        (
            "- { tool: order.hold, decision: ALLOW }\n---\n[]\n",
            "2:1 --- | a policy file is one document | keep one list of rules in a file; `---` starts another document",
        ),
    ] {
        assert_eq!(fault(text), said);
    }
}

#[test]
fn what_yaml_adds_is_refused_by_name() {
    let said = |text: &str| faults(text).join("\n");
    assert!(said("- &a { tool: order.hold, decision: ALLOW }\n- *a\n").contains("anchors are not supported"));
    assert!(
        said("- { tool: &a order.hold, decision: ALLOW }\n- { tool: *a, decision: ALLOW }").contains("aliases are")
    );
    assert!(said("- !!map { tool: order.hold, decision: ALLOW }").contains("tags are not supported"));
    assert!(said("- { tool: order.hold, decision: !x ALLOW }").contains("tags are not supported"));
    assert!(said(&"[".repeat(50)).contains("nested deeper than 16 levels"));
    assert!(said("- tool: order.hold\n\tdecision: ALLOW").contains("indent with spaces"));
    assert!(said("- { tool: order.hold").contains("not YAML"));
    assert!(said("- *nowhere").contains("not YAML"));
}

#[test]
fn every_fault_is_said_at_once_and_none_leaves_a_rule() {
    let text = "- { tool: order.hold, decision: ALLOW }\n- { tool: order.refund, maxvalue: 1OO, decision: allow }\n";
    assert_eq!(faults(text).len(), 2);
    let many = "- { x: 1 }\n".repeat(10_000);
    assert_eq!(load(&many).unwrap_err().len(), super::MAX_FAULTS);
    let long = load(&" ".repeat(MAX_BYTES + 1)).unwrap_err();
    assert!(long[0].message.contains("longer than"));
}

#[test]
fn a_long_word_costs_nothing() {
    let word = "a".repeat(MAX_BYTES / 4);
    let said = load(&format!("- {{ tool: {word}, decision: {word} }}")).unwrap_err();
    assert_eq!(said.len(), 2, "{}", said[0].message);
    assert!(said.iter().all(|fault| fault.message.len() < 200));
}

fn scraps() -> impl Strategy<Value = String> {
    let scrap = prop::sample::select(
        &[
            "- ",
            "tool",
            ": ",
            "order.hold",
            "\n",
            "  ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "decision",
            "ALLOW",
            "maxValue",
            "1",
            "1OO",
            "'",
            "\"",
            "#",
            "|",
            ">",
            "---",
            "...",
            "&a",
            "*a",
            "!t",
            "<<",
            "\t",
            "\r\n",
            "?",
            "é",
            "\u{feff}",
            "%",
            "\\",
            "~",
            "null",
            "-5",
            "policy: p\nrules:\n",
            "allow",
            "deny",
            "limit",
            "{ per: hour, max: 2 }",
            "\u{85}",
            "\u{2028}",
            "\0",
        ][..],
    );
    prop::collection::vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]
    #[test]
    fn no_text_panics_and_faults_have_places(text in prop_oneof![4 => scraps(), 1 => any::<String>()]) {
        match load(&text) {
            Ok(file) => prop_assert!(!file.rules.is_empty() || !file.warnings.is_empty()),
            Err(faults) => {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!(fault.line.is_some() && fault.help.is_some(), "{:?}", fault);
                }
            }
        }
    }
}
