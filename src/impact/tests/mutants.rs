//! Mutants, shadows and what kills them, against trying every action that could matter.

use proptest::prelude::*;

use super::equality::{compiled, one_rule, recorded};
use super::*;
use crate::impact::{Fate, Mutant, Mutation, Telling, coverage, review};
use crate::kernel::policy::{ActionKind, PredicateId, PredicateOutcome, Subject};
use Decision::{Alert, Allow, Block};

/// The decision, with the predicates true whose numbers are in the mask.
fn decide(policy: &PolicySet, action: &Recorded, mask: u32) -> Decision {
    let subject = Subject { connector: action.connector.as_deref(), tool: &action.tool, value: action.value.as_ref() };
    let view = action.operator.as_deref().map_or(policy.general(), |name| policy.of(name));
    view.evaluate(&subject, &mut |id: PredicateId| {
        if mask >> id.0 & 1 == 1 { PredicateOutcome::True } else { PredicateOutcome::False }
    })
}

fn with_edit(policy: &PolicySet, rule: usize, instead: Option<TrustPolicy>) -> PolicySet {
    let mut rules = policy.rules().to_vec();
    match instead {
        Some(edited) => rules[rule] = edited,
        None => drop(rules.remove(rule)),
    }
    PolicySet::compile(rules)
}

/// Every action that could tell two policies over these names and ceilings apart.
fn every_action(policies: [&PolicySet; 2]) -> Vec<Recorded> {
    let ceilings = policies.iter().flat_map(|policy| policy.rules()).filter_map(|rule| rule.max_value.clone());
    let mut values: Vec<Option<Amount>> = vec![None, Some(Amount::exact(decimal("0")))];
    for ceiling in ceilings {
        let longer = Decimal::parse(&format!("{}9e300", "9".repeat(30))).unwrap();
        let above = Decimal::parse(&format!("{ceiling}.0000000000000000000000001")).unwrap_or(longer);
        values.extend([ceiling, above].map(|number| Some(Amount::exact(number))));
    }
    let mut all = Vec::new();
    for connector in [None, Some("a"), Some("b"), Some("other")] {
        for (operator, tool) in
            [None, Some("a"), Some("other")].iter().flat_map(|o| ["t", "u", "w", "other"].map(|t| (*o, t)))
        {
            all.extend(values.iter().map(|value| Recorded {
                operator: operator.map(str::to_owned),
                connector: connector.map(str::to_owned),
                tool: tool.to_owned(),
                value: value.clone(),
            }));
        }
    }
    all
}

fn kind<'a>(connector: &'a str, tool: &'a str) -> ActionKind<'a> {
    ActionKind { operator: None, connector: Some(connector), tool }
}

fn action_of(telling: &Telling) -> Recorded {
    Recorded {
        operator: telling.operator.clone(),
        connector: telling.connector.clone(),
        tool: telling.tool.clone().unwrap_or("other".to_owned()),
        value: telling.value.clone().map(Amount::exact),
    }
}

#[test]
fn a_boundary_that_no_fixture_touches_is_told_with_the_action_that_would() {
    let rules = [
        rule("", "order.hold", "", Allow),
        rule("cn-brightdesk", "order.refund", "250", Allow),
        rule("", "page.send", "", Alert),
    ];
    let policy = policy(&rules);
    let provided = [kind("acme-wms", "order.hold"), kind("cn-brightdesk", "order.refund"), kind("p", "page.send")];
    let actions = [Recorded::new("acme-wms", "order.hold", ""), Recorded::new("cn-brightdesk", "order.refund", "250")];
    let fixtures = Corpus::from(batch(&actions));
    let coverage = coverage(&policy, &fixtures, &provided);
    assert_eq!(coverage.rules.iter().map(|rule| rule.speaks_of).collect::<Vec<_>>(), [1, 1, 0]);
    let told: Vec<_> = coverage
        .survivors
        .iter()
        .map(|survivor| {
            let Telling { tool, value, says, would_say, .. } = &survivor.killer;
            let value = value.as_ref().map_or("none", Decimal::as_str);
            let tool = tool.as_deref().unwrap_or("another tool");
            format!(
                "{}: {} at {tool} {value}: {says} → {would_say}",
                survivor.mutant.rule + 1,
                survivor.mutant.told(&policy)
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "1: tool order.hold → any at another tool none: BLOCK → ALLOW",
            "2: tool order.refund → any at another tool 250: BLOCK → ALLOW",
            "2: connector cn-brightdesk → any at order.refund 250: BLOCK → ALLOW",
            "2: maxValue 250 → 251 at order.refund 251: BLOCK → ALLOW",
            "3: removed at page.send none: ALERT → BLOCK",
            "3: decision ALERT → ALLOW at page.send none: ALERT → ALLOW",
            "3: decision ALERT → BLOCK at page.send none: ALERT → BLOCK",
        ]
    );
    assert_eq!((coverage.killed, coverage.equivalent), (8, 0));
}

#[test]
fn a_shadowed_rule_names_what_shadows_it() {
    let rules = [
        rule("", "order.hold", "", Allow),
        rule("", "order.refund", "100", Allow),
        rule("acme-wms", "order.hold", "", Allow),
        rule("", "order.refund", "250", Allow),
        rule("", "order.cancel", "", Block),
        rule("", "order.refund", "1e2", Allow),
    ];
    let reviews = review(&policy(&rules), &[kind("acme-wms", "order.hold")]);
    let shadows: Vec<_> = reviews.iter().map(|review| review.shadowed.clone()).collect();
    assert_eq!(shadows, [None, Some(vec![5]), Some(vec![0]), Some(vec![1]), Some(vec![]), Some(vec![1])]);
    assert_eq!(
        reviews.iter().map(|review| review.provided).collect::<Vec<_>>(),
        [true, false, true, false, false, false]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_mutant_is_equivalent_exactly_when_no_action_tells(
        rules in prop::collection::vec(one_rule(), 1..6),
        actions in prop::collection::vec(recorded(), 0..6),
    ) {
        let policy = compiled(&rules);
        let fixtures = Corpus::from(batch(&actions));
        for mutant in Mutant::all(&policy) {
            let mutated = with_edit(&policy, mutant.rule, mutant.edited(&policy));
            let differs = |action: &Recorded, mask| decide(&policy, action, mask) != decide(&mutated, action, mask);
            let ever = |action: &Recorded| (0..4).any(|mask| differs(action, mask));
            match mutant.fate(&policy, &fixtures, &[kind("a", "t"), kind("other", "other")]) {
                Fate::Killed => prop_assert!(actions.iter().any(ever)),
                Fate::Equivalent => {
                    let telling = every_action([&policy, &mutated]).into_iter().find(ever);
                    prop_assert_eq!(telling, None, "{:?}", mutant);
                }
                Fate::Survives(telling) => {
                    let killer = action_of(&telling);
                    prop_assert!(ever(&killer), "{:?} by {:?}", mutant, telling);
                    prop_assert!(!actions.iter().any(|action| (0..4).all(|mask| differs(action, mask))));
                    if !telling.if_predicates_hold {
                        prop_assert_eq!(decide(&policy, &killer, 3), telling.says);
                        prop_assert_eq!(decide(&mutated, &killer, 3), telling.would_say);
                    }
                }
            }
            if mutant.change == Mutation::Removed {
                let needless = review(&policy, &[])[mutant.rule].shadowed.is_some();
                prop_assert_eq!(needless, !every_action([&policy, &mutated]).iter().any(ever));
            }
        }
    }
}
