//! Guardrail documents against their definition, and the sentences they come to.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::{amount, decimal, literal, rule};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::policy::{
    Change, CompiledPolicy, Guard, Limit, NoPredicates, Origin, Period, PolicySet, PredicateOutcome, Standing, Subject,
    TrustPolicy,
};
use crate::kernel::receipt::Decision::{self, Alert, Allow, Block};

fn guarded(file: &str, number: u32, tool: &str, ceiling: Option<&str>, decision: Decision) -> TrustPolicy {
    let guard = Guard { policy: file.to_owned(), applies_to: None, limit: None, single_flight: None };
    TrustPolicy {
        max_value: ceiling.map(decimal),
        origin: Origin::new(file, number),
        guard: Some(Box::new(guard)),
        ..rule(number, tool, decision)
    }
}

/// Contract 4, word for word and sharing no code with what is tested: the verdict of one document.
fn document(rules: &[&TrustPolicy], subject: &Subject<'_>, beyond: Standing) -> Standing {
    let speaking: Vec<_> = rules.iter().filter(|rule| rule.tool.as_deref() == Some(subject.tool)).collect();
    if speaking.is_empty() {
        return Standing::NoMatch;
    }
    let usable = subject.value.filter(|value| value.exact && decimal("0") <= value.number);
    if usable.is_none() && speaking.iter().any(|rule| rule.max_value.is_some()) {
        return Standing::Violated;
    }
    for rule in speaking {
        let holds = match (&rule.max_value, usable) {
            (None, _) => true,
            (Some(ceiling), Some(value)) => value.number <= *ceiling,
            (Some(_), None) => false,
        };
        if holds {
            return Standing::of(rule.decision);
        }
    }
    beyond
}

/// Rules and documents together: the maximum.
fn defined(rules: &[TrustPolicy], subject: &Subject<'_>, beyond: Standing) -> Decision {
    let plain: Vec<_> = rules.iter().filter(|rule| rule.guard.is_none()).cloned().collect();
    let by_rules = if plain.iter().any(|rule| rule.matches(subject)) {
        Standing::of(literal(&plain, subject, |_| PredicateOutcome::True))
    } else {
        Standing::NoMatch
    };
    let mut files: Vec<_> = rules.iter().filter(|rule| rule.guard.is_some()).map(|rule| &rule.origin.file).collect();
    files.dedup();
    let of_file = |file: &String| {
        let own: Vec<_> = rules.iter().filter(|rule| rule.guard.is_some() && rule.origin.file == *file).collect();
        document(&own, subject, beyond)
    };
    files.into_iter().map(of_file).chain([by_rules]).max().unwrap_or(Standing::NoMatch).decision()
}

fn ceilings() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::weighted(0.7, prop::sample::select(&["0", "1", "2", "2.5", "100"][..]))
}

fn decisions() -> impl Strategy<Value = Decision> {
    prop_oneof![4 => Just(Allow), 3 => Just(Alert), 2 => Just(Block)]
}

/// Up to three documents, and plain rules before and between them.
fn policies() -> impl Strategy<Value = Vec<TrustPolicy>> {
    let tool = || prop::sample::select(&["a", "b"][..]);
    let rules = prop::collection::vec((tool(), ceilings(), decisions()), 1..5);
    let document = (0..9_u32, rules);
    let plain = prop::option::weighted(0.5, (tool(), ceilings(), decisions()));
    prop::collection::vec((plain, document), 1..4).prop_map(|groups| {
        let mut all = Vec::new();
        for (at, (plain, (_, rules))) in groups.into_iter().enumerate() {
            if let Some((tool, ceiling, decision)) = plain {
                all.push(TrustPolicy { max_value: ceiling.map(decimal), ..rule(9, tool, decision) });
            }
            let file = format!("policy/g{at}.yaml");
            let numbered = (1..).zip(rules);
            all.extend(
                numbered.map(|(number, (tool, ceiling, decision))| guarded(&file, number, tool, ceiling, decision)),
            );
        }
        all
    })
}

fn values() -> impl Strategy<Value = Option<Amount>> {
    let texts = prop::sample::select(&["-1", "0", "0.5", "1", "1.00001", "2", "2.4", "2.5", "3", "100", "101"][..]);
    prop::option::weighted(0.9, (texts, prop::bool::weighted(0.1)))
        .prop_map(|value| value.map(|(text, inexact)| Amount { number: decimal(text), exact: !inexact }))
}

fn subject<'a>(tool: &'a str, value: Option<&'a Amount>) -> Subject<'a> {
    Subject { connector: Some("c"), tool, value }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn all_ways_of_judging_agree_with_the_definition(
        rules in policies(), tool in prop::sample::select(&["a", "b", "x"][..]), value in values(),
    ) {
        let subject = subject(tool, value.as_ref());
        let policy = CompiledPolicy::compile(rules.clone());
        let expected = defined(&rules, &subject, Standing::Violated);
        let explanation = policy.explain(&subject, &mut NoPredicates);
        prop_assert_eq!(policy.evaluate(&subject, &mut NoPredicates), expected);
        prop_assert_eq!(explanation.decision, expected);
        prop_assert_eq!(policy.judge(&subject, &mut NoPredicates), explanation.verdict());
        prop_assert_eq!(explanation.deciding.is_empty(), explanation.standing == Standing::NoMatch);
        let first = explanation.deciding.first().map(|at| rules[*at].origin.name());
        prop_assert_eq!(&explanation.rule, &first);
        let fit = value.as_ref().filter(|value| value.exact && !value.number.is_negative());
        let reached = policy.bands(subject.connector, subject.tool).reached(fit.map(|value| &value.number));
        prop_assert_eq!(reached.standing, explanation.standing);
        prop_assert_eq!(reached.rule.map(|at| rules[at].origin.name()), first);
    }

    #[test]
    fn every_flip_flips(
        rules in policies(), tool in prop::sample::select(&["a", "b"][..]), value in values(),
    ) {
        let explanation = CompiledPolicy::compile(rules.clone()).explain(&subject(tool, value.as_ref()), &mut NoPredicates);
        for flip in &explanation.flips {
            let (mut changed, mut other) = (rules.clone(), value.clone());
            match flip.change.clone() {
                Change::Value(value) => other = Some(value),
                Change::Connector(_) => {}
                Change::Rules(edits) => edits.into_iter().for_each(|(at, edit)| changed[at] = edit),
                Change::Without(at) => { changed.remove(at); }
                Change::Added(rule) => changed.push(rule),
            }
            let after = defined(&changed, &subject(tool, other.as_ref()), Standing::Violated);
            prop_assert_eq!(after, flip.decision, "{}", flip.text);
            prop_assert_ne!(flip.decision, explanation.decision);
        }
        prop_assert!(!explanation.flips.is_empty(), "{:?}", explanation);
    }

    #[test]
    fn a_document_more_only_ever_raises_the_standing(rules in policies(), more in policies(), value in values()) {
        let standing = |rules: Vec<TrustPolicy>| {
            CompiledPolicy::compile(rules).explain(&subject("a", value.as_ref()), &mut NoPredicates).standing
        };
        let mut joined = rules.clone();
        joined.extend(more.into_iter().map(|mut rule| {
            rule.origin.file = format!("more/{}", rule.origin.file);
            rule
        }));
        prop_assert!(standing(joined) >= standing(rules));
    }
}

#[test]
fn a_wrong_reading_would_be_noticed() {
    let accepts = |beyond: Standing, value_at: fn(&Decimal) -> Decimal| {
        let config = ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default()));
        let outcome = runner.run(&(policies(), values()), |(rules, value)| {
            let policy = CompiledPolicy::compile(rules.clone());
            let moved = value.clone().map(|amount| Amount { number: value_at(&amount.number), ..amount });
            let expected = defined(&rules, &subject("a", moved.as_ref()), beyond);
            prop_assert_eq!(policy.evaluate(&subject("a", value.as_ref()), &mut NoPredicates), expected);
            Ok(())
        });
        outcome.is_ok()
    };
    assert!(accepts(Standing::Violated, Clone::clone));
    assert!(!accepts(Standing::NoMatch, Clone::clone), "a value above every ceiling is vetoed, not merely unmatched");
    assert!(!accepts(Standing::Violated, |_| decimal("0")), "the value matters");
}

/// Allow up to 250, confirm up to 1000, never delete.
fn refunds() -> Vec<TrustPolicy> {
    let file = "policy/refunds.yaml";
    vec![
        guarded(file, 1, "order.refund", Some("250"), Allow),
        guarded(file, 2, "order.refund", Some("1000"), Alert),
        guarded(file, 3, "order.delete", None, Block),
        guarded(file, 4, "order.hold", None, Alert),
    ]
}

#[test]
fn reasons_read_as_the_screens_print_them() {
    let policy = CompiledPolicy::compile(refunds());
    for (tool, value, said) in [
        ("order.refund", Some("250"), "ALLOW rule 1: value 250 ≤ max_value 250"),
        ("order.refund", Some("251"), "ALERT rule 2: require_confirmation order.refund, value 251 ≤ max_value 1000"),
        ("order.refund", Some("1001"), "BLOCK rule 2: value 1001 > max_value 1000"),
        ("order.refund", None, "BLOCK rule 1: value missing under max_value 250"),
        ("order.refund", Some("-1"), "BLOCK rule 1: value -1 < 0 under max_value 250"),
        ("order.delete", None, "BLOCK rule 3: deny order.delete"),
        ("order.hold", None, "ALERT rule 4: require_confirmation order.hold"),
        ("page.send", None, "BLOCK no rule matched"),
    ] {
        let value = value.map(amount);
        let verdict = policy.judge(&subject(tool, value.as_ref()), &mut NoPredicates);
        assert_eq!(format!("{} {}", verdict.decision, verdict.reason), said);
    }
}

#[test]
fn ladder_and_flips_speak_of_documents() {
    let value = amount("300");
    let policy = CompiledPolicy::compile(refunds());
    let explanation = policy.explain(&subject("order.refund", Some(&value)), &mut NoPredicates);
    let rungs: Vec<_> = explanation.ladder.iter().map(|rung| (rung.clause.as_str(), rung.deciding)).collect();
    assert_eq!(
        rungs,
        [
            ("value 300 > max_value 250: the next rule is tried", false),
            ("require_confirmation order.refund, value 300 ≤ max_value 1000", true),
            ("tool order.delete ≠ order.refund", false),
            ("tool order.hold ≠ order.refund", false),
        ]
    );
    let flips = |value: &str| -> Vec<String> {
        let value = amount(value);
        let explanation = policy.explain(&subject("order.refund", Some(&value)), &mut NoPredicates);
        explanation.flips.iter().map(|flip| format!("{} → {}", flip.text, flip.decision)).collect()
    };
    assert_eq!(
        flips("300"),
        ["value ≤ 250 → ALLOW", "value > 1000 → BLOCK", "rule 2 allow → ALLOW", "rule 2 deny → BLOCK"]
    );
    assert_eq!(flips("40"), ["value > 250 → ALERT", "rule 1 deny → BLOCK"]);
    assert_eq!(flips("2000"), ["value ≤ 1000 → ALERT", "rule 2 max_value ≥ 2000 → ALERT"]);
}

#[test]
fn documents_for_other_operators_are_dropped() {
    let mut rules = refunds();
    let own = |rule: &mut TrustPolicy| rule.guard.as_mut().unwrap().applies_to = Some("desk".to_owned());
    rules.iter_mut().for_each(own);
    rules.push(rule(1, "order.hold", Allow));
    let set = PolicySet::compile(rules);
    let decide = |operator: &str| set.of(operator).evaluate(&subject("order.hold", None), &mut NoPredicates);
    assert_eq!((decide("desk"), decide("other")), (Alert, Allow));
    assert_eq!(set.operators().collect::<Vec<_>>(), ["desk"]);
    let verdict = set.of("other").judge(&subject("order.hold", None), &mut NoPredicates);
    assert_eq!(verdict.reason, "rule policy/trust.yaml:1: tool order.hold", "both files are in force");
    let other = set.of("other").explain(&subject("order.hold", None), &mut NoPredicates);
    assert_eq!(other.ladder.len(), 1);
}

#[test]
fn gates_are_those_of_the_rules_that_gave_the_verdict() {
    let mut rules = refunds();
    let limit = Limit { per: Period::Hour, max: 3 };
    let guard = rules[0].guard.as_mut().unwrap();
    (guard.limit, guard.single_flight) = (Some(limit), Some("order_id".to_owned()));
    let policy = CompiledPolicy::compile(rules);
    let gates = |value: &str| policy.gates(&subject("order.refund", Some(&amount(value))));
    let under = gates("250");
    assert!(!under.confirm);
    assert_eq!(under.limits, [("policy/refunds.yaml:1".to_owned(), limit)]);
    assert_eq!(under.single_flight, ["order_id"]);
    assert!(gates("251").confirm && gates("251").limits.is_empty());
    assert_eq!(gates("1001"), crate::kernel::policy::Gates::default());
    assert_eq!(limit.to_string(), "3 an hour");
}

#[test]
fn a_document_survives_the_journal() {
    let rules = refunds();
    let text = serde_json::to_string(&rules).unwrap();
    let read: Vec<TrustPolicy> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, rules);
}
