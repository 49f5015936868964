//! The comparison against trying every action of a small world, and the proof that a wrong one would be noticed.

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::*;
use crate::kernel::policy::{Guard, Limit, Origin, Period, PredicateId, PredicateOutcome, TrustPolicy};
use crate::kernel::receipt::Decision::{Alert, Allow, Block};

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn rule(tool: Option<&str>, ceiling: Option<&str>, decision: Decision) -> TrustPolicy {
    TrustPolicy {
        connector: None,
        tool: tool.map(str::to_owned),
        max_value: ceiling.map(decimal),
        predicate: None,
        decision,
        origin: Origin::new("trust.yaml", 1),
        guard: None,
    }
}

fn guarded(operator: Option<&str>, tool: &str, ceiling: Option<&str>, decision: Decision) -> TrustPolicy {
    let applies_to = operator.map(str::to_owned);
    let guard = Guard { policy: "p".to_owned(), applies_to, limit: None, single_flight: None };
    let origin = Origin::new(format!("{}.yaml", operator.unwrap_or("all")), 1);
    TrustPolicy { origin, guard: Some(Box::new(guard)), ..rule(Some(tool), ceiling, decision) }
}

fn decisions() -> impl Strategy<Value = Decision> {
    prop_oneof![3 => Just(Allow), 2 => Just(Alert), 1 => Just(Block)]
}

fn ceilings() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(prop::sample::select(&["0", "1", "2", "2.5"][..]))
}

fn plain() -> impl Strategy<Value = TrustPolicy> {
    let connector = prop::option::weighted(0.3, Just("c"));
    let tool = prop::option::weighted(0.8, prop::sample::select(&["t", "u"][..]));
    let predicate = prop::option::weighted(0.2, 0..2_u32);
    (connector, tool, ceilings(), predicate, decisions()).prop_map(|(connector, tool, ceiling, predicate, decision)| {
        let connector = connector.map(str::to_owned);
        TrustPolicy { connector, predicate: predicate.map(PredicateId), ..rule(tool, ceiling, decision) }
    })
}

/// Rules, a document for all and one for `o`.
fn policies() -> impl Strategy<Value = PolicySet> {
    let document = |operator: Option<&'static str>| {
        let one = (prop::sample::select(&["t", "u"][..]), ceilings(), decisions());
        prop::collection::vec(one, 0..3).prop_map(move |rules| {
            rules.into_iter().map(|(tool, ceiling, decision)| guarded(operator, tool, ceiling, decision)).collect()
        })
    };
    let rules = prop::collection::vec(plain(), 0..4);
    (rules, document(None), document(Some("o")))
        .prop_map(|(rules, all, own): (Vec<_>, Vec<_>, Vec<_>)| PolicySet::compile([rules, all, own].concat()))
}

/// How freely an action acts while predicates answer so.
fn freedom(set: &PolicySet, action: &Witness, truths: [bool; 2]) -> u8 {
    let policy = set.of(action.operator.as_deref().unwrap_or("somebody"));
    let amount = action.value.clone().map(Amount::exact);
    let connector = Some(action.connector.as_deref().unwrap_or("somewhere"));
    let tool = action.tool.as_deref().unwrap_or("something");
    let subject = Subject { connector, tool, value: amount.as_ref() };
    let mut answer = |id: PredicateId| {
        if truths[id.0 as usize] { PredicateOutcome::True } else { PredicateOutcome::False }
    };
    match policy.evaluate(&subject, &mut answer) {
        Block => 0,
        Alert if policy.gates(&subject).confirm => 1,
        Alert => 2,
        Allow => 3,
    }
}

const TRUTHS: [[bool; 2]; 4] = [[true, true], [true, false], [false, true], [false, false]];

/// Every action of the small world: its values stand on and beside every ceiling.
fn world() -> Vec<Witness> {
    let names = |all: &[&str]| -> Vec<Option<String>> {
        std::iter::once(None).chain(all.iter().map(|name| Some((*name).to_owned()))).collect()
    };
    let values = ["0", "0.5", "1", "1.5", "2", "2.3", "2.5", "2.6", "3", "9"];
    let values: Vec<_> = std::iter::once(None).chain(values.iter().map(|text| Some(decimal(text)))).collect();
    let mut world = Vec::new();
    for operator in names(&["o"]) {
        for connector in names(&["c"]) {
            for tool in names(&["t", "u"]) {
                for value in &values {
                    let (operator, connector, tool) = (operator.clone(), connector.clone(), tool.clone());
                    world.push(Witness { only_others: false, operator, connector, tool, value: value.clone() });
                }
            }
        }
    }
    world
}

/// Looser and stricter for certain, and possibly, by trying everything.
fn tried(before: &PolicySet, after: &PolicySet, alert_is_block: bool) -> ([bool; 2], [bool; 2]) {
    let mut said = ([false; 2], [false; 2]);
    for action in world() {
        let of = |set: &PolicySet, truths| match freedom(set, &action, truths) {
            2 if alert_is_block => 0,
            other => other,
        };
        let pairs = TRUTHS.map(|truths| (of(before, truths), of(after, truths)));
        said.0[0] |= pairs.iter().all(|(a, b)| b > a);
        said.0[1] |= pairs.iter().all(|(a, b)| b < a);
        said.1[0] |= pairs.iter().any(|(a, b)| b > a);
        said.1[1] |= pairs.iter().any(|(a, b)| b < a);
    }
    said
}

fn agrees(before: &PolicySet, after: &PolicySet, alert_is_block: bool) -> Result<(), TestCaseError> {
    let comparison = compare(before, after);
    let (certain, possible) = tried(before, after, alert_is_block);
    let ([looser, stricter], [perhaps, _]) = (certain, possible);
    let relation = match (looser, stricter) {
        _ if certain != possible => Relation::Undecided,
        (false, false) => Relation::Equal,
        (false, true) => Relation::Stricter,
        (true, false) => Relation::Looser,
        (true, true) => Relation::Incomparable,
    };
    prop_assert_eq!(comparison.relation(), relation);
    let opens = if looser { Some(true) } else { Some(false).filter(|_| !perhaps) };
    prop_assert_eq!(comparison.opens(), opens);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn it_is_what_trying_every_action_says(before in policies(), after in policies()) {
        agrees(&before, &after, false)?;
    }

    #[test]
    fn every_witness_shows_its_change_and_none_is_smaller(before in policies(), after in policies()) {
        let comparison = compare(&before, &after);
        for difference in &comparison.differences {
            for truths in TRUTHS {
                let (a, b) = (freedom(&before, &difference.witness, truths), freedom(&after, &difference.witness, truths));
                prop_assert!(if difference.change.is_looser() { b > a } else { b < a }, "{:?}", difference);
            }
        }
        for looser in [true, false] {
            let least = comparison.differences.iter().find(|it| it.change.is_looser() == looser);
            let shows = |action: &Witness| TRUTHS.iter().all(|truths| {
                let (a, b) = (freedom(&before, action, *truths), freedom(&after, action, *truths));
                if looser { b > a } else { b < a }
            });
            for action in world().into_iter().filter(shows) {
                let operator = action.operator.as_deref().unwrap_or("somebody");
                let rules = [&before, &after].into_iter().flat_map(|set| set.of(operator).rules());
                let connector = Some(action.connector.as_deref().unwrap_or("somewhere"));
                let tool = action.tool.as_deref().unwrap_or("something");
                let subject = Subject { connector, tool, value: None };
                let edges: Vec<_> = rules.filter(|rule| rule.matches(&subject)).filter_map(|rule| rule.max_value.as_ref()).collect();
                // Between two ceilings there is no least value; a witness above one must not be beyond the next.
                let as_small = least.is_some_and(|it| match (&it.witness.value, &action.value) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(value), Some(tried)) => !edges.iter().any(|edge| tried <= *edge && *edge < value),
                });
                prop_assert!(as_small, "{:?} is smaller than {:?}", action, least);
            }
        }
    }

    #[test]
    fn both_ways_mirror_each_other(before in policies(), after in policies()) {
        let (there, back) = (compare(&before, &after), compare(&after, &before));
        let mirrored = match there.relation() {
            Relation::Stricter => Relation::Looser,
            Relation::Looser => Relation::Stricter,
            same => same,
        };
        prop_assert_eq!(back.relation(), mirrored);
        prop_assert_eq!(there.differences.len(), back.differences.len());
        let own = compare(&before, &before);
        prop_assert_eq!((own.relation(), own.opens()), (Relation::Equal, Some(false)));
    }
}

#[test]
fn a_wrong_comparison_would_be_noticed() {
    let accepts = |alert_is_block: bool| {
        let config = ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default()));
        runner.run(&(policies(), policies()), |(before, after)| agrees(&before, &after, alert_is_block)).is_ok()
    };
    assert!(accepts(false));
    assert!(!accepts(true), "an ALERT is no BLOCK");
}

fn told(before: Vec<TrustPolicy>, after: Vec<TrustPolicy>) -> Vec<String> {
    let comparison = compare(&PolicySet::compile(before), &PolicySet::compile(after));
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
    let shown = |it: &Difference| {
        let Witness { operator, connector, tool, value, .. } = &it.witness;
        let value = value.as_ref().map_or("-", Decimal::as_str);
        format!("{} {} {} {} {value}", it.change.word(), name(operator), name(connector), name(tool))
    };
    comparison.differences.iter().map(shown).collect()
}

#[test]
fn witnesses_stand_just_above_the_ceiling_in_its_least_step() {
    let refunds = |ceiling| vec![rule(Some("order.refund"), Some(ceiling), Allow)];
    assert_eq!(told(refunds("100"), refunds("250")), ["opened - - order.refund 101"]);
    assert_eq!(told(refunds("99.50"), refunds("250")), ["opened - - order.refund 99.51"]);
    assert_eq!(told(refunds("100"), refunds("100.25")), ["opened - - order.refund 100.25"]);
    assert_eq!(told(refunds("9007199254740992"), refunds("1e30")), ["opened - - order.refund 9007199254740993"]);
    assert_eq!(told(refunds("250"), refunds("100")), ["closed - - order.refund 101"]);
    assert_eq!(told(refunds("100"), vec![rule(Some("order.refund"), None, Allow)]), ["opened - - order.refund -"]);
    assert_eq!(told(vec![rule(None, None, Alert)], vec![rule(None, None, Allow)]), ["quieter - - - -"]);
}

#[test]
fn people_and_gates_count() {
    let with = |limit: Option<(Period, u32)>, argument: Option<&str>, decision| {
        let mut rule = guarded(None, "order.hold", None, decision);
        let guard = rule.guard.as_mut().unwrap();
        guard.limit = limit.map(|(per, max)| Limit { per, max });
        guard.single_flight = argument.map(str::to_owned);
        vec![rule]
    };
    let hour = |max| with(Some((Period::Hour, max)), None, Allow);
    assert_eq!(told(hour(10), hour(20)), ["ungated - - order.hold -"]);
    assert_eq!(told(hour(20), hour(10)), ["gated - - order.hold -"]);
    assert_eq!(told(hour(10), with(None, None, Allow)), ["ungated - - order.hold -"]);
    assert_eq!(told(hour(10), with(Some((Period::Minute, 10)), None, Allow)), ["ungated - - order.hold -"]);
    let day = |max| with(Some((Period::Day, max)), None, Allow);
    assert_eq!(told(day(240), hour(10)), ["gated - - order.hold -"], "ten an hour is at most 240 a day");
    assert_eq!(told(day(239), hour(10)), ["ungated - - order.hold -", "gated - - order.hold -"]);
    assert_eq!(told(with(None, Some("id"), Allow), with(None, None, Allow)), ["ungated - - order.hold -"]);
    let alert = vec![rule(Some("order.hold"), None, Alert)];
    assert_eq!(told(with(None, None, Alert), alert), ["quieter - - order.hold -"], "nobody confirms it any more");
}

#[test]
fn an_operator_of_its_own_is_named() {
    let own = guarded(Some("desk"), "order.hold", None, Allow);
    assert_eq!(told(vec![], vec![own]), ["opened desk - order.hold -"]);
    let named = |connector: &str| {
        let connector = Some(connector.to_owned());
        TrustPolicy { connector, ..rule(Some("order.hold"), None, Allow) }
    };
    assert_eq!(told(vec![named("a")], vec![named("b")]), ["opened - b order.hold -", "closed - a order.hold -"]);
}

#[test]
fn a_predicate_is_named_as_not_decided() {
    let guarded = TrustPolicy { predicate: Some(PredicateId(0)), ..rule(Some("order.hold"), None, Allow) };
    let set = |rules: Vec<TrustPolicy>| PolicySet::compile(rules);
    let comparison = compare(&set(vec![]), &set(vec![guarded.clone()]));
    assert_eq!((comparison.relation(), comparison.opens()), (Relation::Undecided, None));
    let open = &comparison.undecided[0];
    assert_eq!(
        (open.rules.as_slice(), open.may_be_looser, open.may_be_stricter),
        (&["trust.yaml:1".to_owned()][..], true, false)
    );
    let comparison = compare(&set(vec![guarded.clone()]), &set(vec![]));
    assert_eq!(comparison.relation(), Relation::Undecided, "it may be the same, and it may be stricter");
    assert_eq!(comparison.opens(), Some(false), "whatever the predicate says, nothing is let through");
    // Where each lets through what the other does not for certain, no answer changes that.
    let other = |tool: &str| rule(Some(tool), None, Allow);
    let before = set(vec![other("a.x"), guarded.clone()]);
    assert_eq!(compare(&before, &set(vec![other("b.x")])).relation(), Relation::Incomparable);
    let looser = compare(&before, &set(vec![other("a.x"), other("b.x")]));
    assert_eq!((looser.relation(), looser.opens()), (Relation::Undecided, Some(true)));
}

#[test]
fn predicates_of_two_policies_are_the_same_only_where_that_is_known() {
    let guarded = TrustPolicy { predicate: Some(PredicateId(0)), ..rule(Some("order.hold"), None, Allow) };
    let set = PolicySet::compile(vec![guarded]);
    assert_eq!(compare(&set, &set).relation(), Relation::Equal);
    assert_eq!(compare(&set, &set.asking_apart_from(&set)).relation(), Relation::Undecided);
}
