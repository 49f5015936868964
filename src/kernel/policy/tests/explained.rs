//! The sentences, exactly as receipts and screens carry them.

use super::{amount, decimal, rule, subject};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::policy::{
    CompiledPolicy, NoPredicates, Origin, PredicateId, PredicateOutcome, Standing, Subject, TrustPolicy,
};
use crate::kernel::receipt::Decision::{Alert, Allow, Block};
use crate::kernel::receipt::{Cause, Ruling};

fn refunds(ceiling: Option<Decimal>) -> TrustPolicy {
    TrustPolicy { max_value: ceiling, connector: Some("acme-wms".into()), ..rule(3, "order.refund", Allow) }
}

fn shop() -> CompiledPolicy {
    CompiledPolicy::compile(vec![
        rule(1, "order.hold", Allow),
        rule(2, "notify.send", Alert),
        refunds(Some(decimal("100"))),
        TrustPolicy { connector: Some("cn-hvac".into()), ..rule(4, "zone.setback", Allow) },
        rule(5, "order.delete", Block),
    ])
}

fn reason(policy: &CompiledPolicy, subject: &Subject<'_>) -> (String, Option<String>) {
    let verdict = policy.judge(subject, &mut NoPredicates);
    (format!("{} {}", verdict.decision, verdict.reason), verdict.rule)
}

#[test]
fn reasons_read_as_the_screens_print_them() {
    let negative = amount("-5");
    let float = Amount::float(decimal("9007199254740992"));
    let (forty, much) = (amount("40"), amount("250"));
    for (tool, value, said, number) in [
        ("order.hold", None, "ALLOW rule 1: tool order.hold", Some(1)),
        ("notify.send", None, "ALERT rule 2: tool notify.send", Some(2)),
        ("order.refund", Some(&much), "BLOCK rule 3: value 250 > maxValue 100", Some(3)),
        ("order.refund", Some(&forty), "ALLOW rule 3: value 40 ≤ maxValue 100", Some(3)),
        ("order.refund", None, "BLOCK rule 3: value missing under maxValue 100", Some(3)),
        ("order.refund", Some(&negative), "BLOCK rule 3: value -5 < 0 under maxValue 100", Some(3)),
        ("order.refund", Some(&float), "BLOCK rule 3: value 9007199254740992 is not exact under maxValue 100", Some(3)),
        ("zone.setback", None, "BLOCK no rule matched", None),
        ("order.delete", None, "BLOCK rule 5: BLOCK for tool order.delete", Some(5)),
    ] {
        let expected = (said.to_owned(), number.map(|n: u32| format!("policy/trust.yaml:{n}")));
        assert_eq!(reason(&shop(), &subject(tool, value)), expected);
    }
}

#[test]
fn wide_rules_name_their_reach() {
    let wide = |connector: Option<&str>, tool: Option<&str>| {
        let mut wide = rule(1, "", Allow);
        wide.connector = connector.map(str::to_owned);
        wide.tool = tool.map(str::to_owned);
        reason(&CompiledPolicy::compile(vec![wide]), &subject("order.hold", None)).0
    };
    assert_eq!(wide(None, None), "ALLOW rule 1: any connector, any tool");
    assert_eq!(wide(Some("acme-wms"), None), "ALLOW rule 1: connector acme-wms, any tool");
    assert_eq!(wide(Some("acme-wms"), Some("order.hold")), "ALLOW rule 1: connector acme-wms, tool order.hold");
}

#[test]
fn an_absent_policy_says_why() {
    let none = CompiledPolicy::none("there is no file in policy/");
    assert_eq!(reason(&none, &subject("order.hold", None)).0, "BLOCK no policy: there is no file in policy/");
    let empty = CompiledPolicy::compile(Vec::new());
    assert_eq!(reason(&empty, &subject("order.hold", None)).0, "BLOCK no rule matched");
}

#[test]
fn rules_of_several_files_are_told_apart() {
    let mut other = rule(1, "order.cancel", Alert);
    other.origin = Origin::new("policy/trust.ts", 1);
    let policy = CompiledPolicy::compile(vec![rule(1, "order.hold", Allow), other]);
    let (said, name) = reason(&policy, &subject("order.cancel", None));
    assert_eq!(said, "ALERT rule policy/trust.ts:1: tool order.cancel");
    assert_eq!(name.as_deref(), Some("policy/trust.ts:1"));
}

#[test]
fn a_predicate_that_is_not_true_blocks_and_says_how() {
    let mut guarded = refunds(Some(decimal("100")));
    guarded.predicate = Some(PredicateId(7));
    let policy = CompiledPolicy::compile(vec![guarded]);
    let forty = amount("40");
    for (outcome, said) in [
        (PredicateOutcome::True, "ALLOW rule 3: value 40 ≤ maxValue 100, predicate is true"),
        (PredicateOutcome::False, "BLOCK rule 3: predicate is false"),
        (PredicateOutcome::Threw("x is not\n defined".into()), "BLOCK rule 3: predicate threw: x is not"),
        (PredicateOutcome::TimedOut, "BLOCK rule 3: predicate timed out"),
        (PredicateOutcome::NotBoolean("\"yes\"".into()), "BLOCK rule 3: predicate gave `\"yes\"`, not a boolean"),
    ] {
        let subject = subject("order.refund", Some(&forty));
        let verdict = policy.judge(&subject, &mut |_| outcome.clone());
        assert_eq!(format!("{} {}", verdict.decision, verdict.reason), said);
    }
    let verdict = policy.judge(&subject("order.refund", Some(&forty)), &mut NoPredicates);
    assert_eq!((verdict.decision, verdict.cause), (Ruling::Block, Cause::NotAsked));
    assert_eq!(verdict.reason, "rule 3: predicate not asked");
    let explanation = policy.explain(&subject("order.refund", Some(&forty)), &mut NoPredicates);
    assert_eq!((explanation.standing, explanation.verdict()), (Standing::Undecided, verdict));
    assert_eq!((explanation.ladder[0].decision(), explanation.flips.len()), (None, 0));
}

#[test]
fn the_ladder_names_every_rule_and_its_clause() {
    let value = amount("250");
    let explanation = shop().explain(&subject("order.refund", Some(&value)), &mut NoPredicates);
    insta::assert_snapshot!(serde_json::to_string(&explanation).unwrap().replace("},{", "},\n{"), @r#"
    {"decision":"BLOCK","rule":"policy/trust.yaml:3","reason":"rule 3: value 250 > maxValue 100","ladder":[{"rule":"policy/trust.yaml:1","decision":null,"deciding":false,"clause":"tool order.hold ≠ order.refund"},
    {"rule":"policy/trust.yaml:2","decision":null,"deciding":false,"clause":"tool notify.send ≠ order.refund"},
    {"rule":"policy/trust.yaml:3","decision":"BLOCK","deciding":true,"clause":"value 250 > maxValue 100"},
    {"rule":"policy/trust.yaml:4","decision":null,"deciding":false,"clause":"tool zone.setback ≠ order.refund"},
    {"rule":"policy/trust.yaml:5","decision":null,"deciding":false,"clause":"tool order.delete ≠ order.refund"}]}
    "#);
}

#[test]
fn the_nearest_flips_read_as_the_screens_print_them() {
    let flips = |tool: &str, value: Option<&Amount>| -> Vec<String> {
        let explanation = shop().explain(&subject(tool, value), &mut NoPredicates);
        explanation.flips.iter().map(|flip| format!("{} → {}", flip.text, flip.decision)).collect()
    };
    let (forty, much) = (amount("40"), amount("250"));
    assert_eq!(flips("order.refund", Some(&much)), ["value ≤ 100 → ALLOW", "rule 3 maxValue ≥ 250 → ALLOW"]);
    assert_eq!(flips("order.refund", None), ["value ≤ 100 → ALLOW", "rule 3 without maxValue → ALLOW"]);
    assert_eq!(flips("order.refund", Some(&forty)), ["value > 100 → BLOCK", "rule 3 maxValue < 40 → BLOCK"]);
    assert_eq!(flips("order.hold", None), ["without rule 1 → BLOCK"]);
    assert_eq!(flips("notify.send", None), ["rule 2 decision ALLOW → ALLOW", "rule 2 decision BLOCK → BLOCK"]);
    assert_eq!(flips("order.delete", None), ["rule 5 decision ALLOW → ALLOW"]);
    assert_eq!(flips("zone.isolate", None), ["a rule ALLOW for tool zone.isolate → ALLOW"]);
    assert_eq!(
        flips("zone.setback", None),
        [
            "connector cn-hvac → ALLOW",
            "rule 4 connector acme-wms → ALLOW",
            "a rule ALLOW for tool zone.setback → ALLOW"
        ]
    );
}
