//! What holds of every policy and action, and the proof that a wrong clause would be noticed.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::{decimal, literal};
use crate::kernel::plan::Amount;
use crate::kernel::policy::{
    Change, CompiledPolicy, NoPredicates, Origin, PredicateId, PredicateOutcome, Standing, Subject, TrustPolicy,
};
use crate::kernel::receipt::{Cause, Decision, Ruling};

fn numbers() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..8).prop_map(|n| n.to_string()),
        Just("1e2".to_owned()),
        Just("100".to_owned()),
        Just("100.00000000000000000000000001".to_owned()),
        Just("9007199254740992".to_owned()),
        Just("9007199254740993".to_owned()),
        Just("-0.0".to_owned()),
    ]
}

pub(super) fn values() -> impl Strategy<Value = Option<Amount>> {
    let negative = Just("-1".to_owned());
    prop::option::weighted(0.9, (prop_oneof![6 => numbers(), 1 => negative], any::<bool>())).prop_map(|value| {
        value.map(|(text, float)| if float { Amount::float(decimal(&text)) } else { Amount::exact(decimal(&text)) })
    })
}

const NAMES: [&str; 3] = ["a", "b", "c"];

pub(super) fn name() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(&NAMES[..]).prop_map(str::to_owned))
}

fn decisions() -> impl Strategy<Value = Decision> {
    prop_oneof![4 => Just(Decision::Allow), 3 => Just(Decision::Alert), 1 => Just(Decision::Block)]
}

pub(super) fn rules(most: usize) -> impl Strategy<Value = Vec<TrustPolicy>> {
    let one = (name(), name(), prop::option::of(numbers()), prop::option::weighted(0.15, 0_u32..5), decisions());
    prop::collection::vec(one, 0..most).prop_map(|list| {
        let rule =
            |(at, (connector, tool, ceiling, predicate, decision)): (usize, (_, _, Option<String>, Option<u32>, _))| {
                TrustPolicy {
                    connector,
                    tool,
                    max_value: ceiling.map(|text| decimal(&text)),
                    predicate: predicate.map(PredicateId),
                    decision,
                    origin: Origin::new("policy/trust.yaml", u32::try_from(at + 1).unwrap()),
                    guard: None,
                }
            };
        list.into_iter().enumerate().map(rule).collect()
    })
}

/// Predicates that answer by their number.
fn answer(id: PredicateId) -> PredicateOutcome {
    match id.0 {
        0 => PredicateOutcome::False,
        1 => PredicateOutcome::Threw("boom".into()),
        2 => PredicateOutcome::NotBoolean("1".into()),
        _ => PredicateOutcome::True,
    }
}

#[derive(Debug, Clone)]
struct Action {
    connector: Option<String>,
    tool: String,
    value: Option<Amount>,
}

impl Action {
    fn subject(&self) -> Subject<'_> {
        Subject { connector: self.connector.as_deref(), tool: &self.tool, value: self.value.as_ref() }
    }
}

fn actions() -> impl Strategy<Value = Action> {
    let tool = prop::sample::select(&["a", "b", "c", "d"][..]).prop_map(str::to_owned);
    (name(), tool, values()).prop_map(|(connector, tool, value)| Action { connector, tool, value })
}

fn decide(rules: &[TrustPolicy], action: &Action) -> Decision {
    CompiledPolicy::compile(rules.to_vec()).evaluate(&action.subject(), &mut answer)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn all_ways_of_judging_agree_with_the_definition(rules in rules(12), action in actions()) {
        let policy = CompiledPolicy::compile(rules.clone());
        let subject = action.subject();
        let expected = literal(&rules, &subject, answer);
        let explanation = policy.explain(&subject, &mut answer);
        prop_assert_eq!(policy.evaluate(&subject, &mut answer), expected);
        prop_assert_eq!(explanation.decision, expected);
        prop_assert_eq!(policy.judge(&subject, &mut answer), explanation.verdict());
        prop_assert_eq!(explanation.ladder.len(), rules.len());
        prop_assert_eq!(explanation.deciding.is_empty(), explanation.standing == Standing::NoMatch);
        prop_assert_eq!(Ruling::from(expected), explanation.verdict().decision);
    }

    #[test]
    fn order_and_duplicates_never_matter(rules in rules(10), action in actions(), turn in 0_usize..10, twice in 0_usize..10) {
        let expected = decide(&rules, &action);
        let mut other = rules.clone();
        other.reverse();
        prop_assert_eq!(decide(&other, &action), expected);
        let turned = turn % rules.len().max(1);
        other.rotate_left(turned);
        if let Some(again) = rules.get(twice) {
            other.push(again.clone());
        }
        prop_assert_eq!(decide(&other, &action), expected);
    }

    #[test]
    fn a_rule_more_only_ever_raises_the_standing(rules in rules(10), more in rules(3), action in actions()) {
        let standing = |rules: &[TrustPolicy]| {
            CompiledPolicy::compile(rules.to_vec()).explain(&action.subject(), &mut answer).standing
        };
        let before = standing(&rules);
        let after = standing(&[rules, more].concat());
        prop_assert!(after >= before);
        prop_assert!(before != Standing::Violated || after.decision() == Decision::Block);
        prop_assert!(before != Standing::Alert || after.decision() != Decision::Allow);
    }

    #[test]
    fn without_rules_everything_is_blocked(action in actions()) {
        prop_assert_eq!(decide(&[], &action), Decision::Block);
        let none = CompiledPolicy::none("policy/trust.yaml is gone");
        prop_assert_eq!(none.evaluate(&action.subject(), &mut answer), Decision::Block);
    }

    #[test]
    fn every_flip_flips(rules in rules(8), action in actions()) {
        let explanation = CompiledPolicy::compile(rules.clone()).explain(&action.subject(), &mut answer);
        for flip in &explanation.flips {
            let (mut changed, mut other) = (rules.clone(), action.clone());
            match flip.change.clone() {
                Change::Value(value) => other.value = Some(value),
                Change::Connector(connector) => other.connector = Some(connector),
                Change::Rules(edits) => edits.into_iter().for_each(|(at, edit)| changed[at] = edit),
                Change::Without(at) => { changed.remove(at); }
                Change::Added(rule) => changed.push(rule),
            }
            prop_assert_eq!(literal(&changed, &other.subject(), answer), flip.decision, "{}", flip.text);
            prop_assert_ne!(flip.decision, explanation.decision);
        }
        prop_assert!(!explanation.flips.is_empty(), "{:?}", explanation);
    }

    /// What is called undecided may go either way; whatever is decided without asking stays so for every answer.
    #[test]
    fn what_was_not_asked_leaves_open_exactly_what_it_could_change(rules in rules(10), action in actions()) {
        let policy = CompiledPolicy::compile(rules);
        let subject = action.subject();
        let unasked = policy.judge(&subject, &mut NoPredicates);
        let held = policy.evaluate(&subject, &mut |_| PredicateOutcome::True);
        let failed = policy.evaluate(&subject, &mut |_| PredicateOutcome::False);
        if unasked.cause == Cause::NotAsked {
            prop_assert_eq!((unasked.decision, failed), (Ruling::Block, Decision::Block));
            prop_assert_ne!(held, Decision::Block);
        } else {
            prop_assert_eq!((unasked.decision, held), (failed.into(), failed));
        }
    }

    #[test]
    fn without_predicates_none_is_asked(mut rules in rules(10), action in actions()) {
        for rule in &mut rules {
            rule.predicate = None;
        }
        let mut asked = 0;
        CompiledPolicy::compile(rules).explain(&action.subject(), &mut |_| { asked += 1; PredicateOutcome::True });
        prop_assert_eq!(asked, 0);
    }
}

/// Runs the suite's central comparison with a clause of one's own in place of the real one.
fn suite_accepts(clause: impl Fn(Option<&Amount>, &crate::kernel::decimal::Decimal) -> bool) -> bool {
    let mutated = |rules: &[TrustPolicy], subject: &Subject<'_>| {
        let standing = rules.iter().filter(|rule| rule.matches(subject)).map(|rule| {
            let ceiling_holds = rule.max_value.as_ref().is_none_or(|ceiling| clause(subject.value, ceiling));
            let answers = rule.predicate.is_none_or(|id| answer(id) == PredicateOutcome::True);
            if ceiling_holds && answers { Standing::of(rule.decision) } else { Standing::Violated }
        });
        standing.max().unwrap_or(Standing::NoMatch).decision()
    };
    let config = ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default()));
    let outcome = runner.run(&(rules(6), actions()), |(rules, action)| {
        let subject = action.subject();
        prop_assert_eq!(mutated(&rules, &subject), literal(&rules, &subject, answer));
        Ok(())
    });
    outcome.is_ok()
}

#[test]
fn a_wrong_ceiling_would_be_noticed() {
    use crate::kernel::policy::clause::satisfies;
    let zero = decimal("0");
    let number = |value: Option<&Amount>| value.map(|amount| amount.number.clone());
    assert!(suite_accepts(satisfies), "the real clause is the definition");
    assert!(!suite_accepts(|value, ceiling| number(value).is_some_and(|v| v >= zero && v < *ceiling)), "v < max");
    assert!(!suite_accepts(|value, ceiling| number(value).is_some_and(|v| v <= *ceiling)), "no lower bound");
    assert!(
        !suite_accepts(|value, ceiling| number(value).is_none_or(|v| v >= zero && v <= *ceiling)),
        "missing passes"
    );
    assert!(!suite_accepts(|value, ceiling| number(value).is_some_and(|v| v.is_within(ceiling))), "inexact passes");
    let as_double = |text: &str| text.parse::<f64>().unwrap();
    assert!(
        !suite_accepts(|value, ceiling| value.is_some_and(|v| v.exact
            && !v.number.is_negative()
            && as_double(v.number.as_str()) <= as_double(ceiling.as_str()))),
        "doubles"
    );
}
