//! Every list of up to four abstract rules, in every order, against the definition; and the proof that this would
//! notice a combiner that is wrong.

use super::{amount, decimal, literal, rule};
use crate::kernel::plan::Amount;
use crate::kernel::policy::{CompiledPolicy, PredicateId, PredicateOutcome, Standing, Subject, TrustPolicy};
use crate::kernel::receipt::Decision;

const DECISIONS: [Decision; 3] = [Decision::Allow, Decision::Alert, Decision::Block];
const LONGEST: usize = 4;

/// What a rule can contribute, for one action: the definition works on nothing else.
fn abstract_rules() -> Vec<TrustPolicy> {
    let mut rules = Vec::new();
    for connector in [None, Some("c"), Some("other")] {
        for tool in [None, Some("t"), Some("other")] {
            for decision in DECISIONS {
                for ceiling in [None, Some("1"), Some("5")] {
                    let mut one = rule(1, "t", decision);
                    one.connector = connector.map(str::to_owned);
                    one.tool = tool.map(str::to_owned);
                    one.max_value = ceiling.map(decimal);
                    rules.push(one);
                }
            }
        }
    }
    rules
}

fn lists(rules: &[TrustPolicy], length: usize, visit: &mut impl FnMut(&[TrustPolicy])) {
    let mut picks = vec![0_usize; length];
    loop {
        let list: Vec<TrustPolicy> = picks.iter().map(|pick| rules[*pick].clone()).collect();
        visit(&list);
        let Some(at) = picks.iter().rposition(|pick| pick + 1 < rules.len()) else { return };
        picks[at] += 1;
        picks[at + 1..].fill(0);
    }
}

#[test]
fn every_pair_of_rules_comes_to_what_the_definition_says() {
    let rules = abstract_rules();
    let three = amount("3");
    let subjects = [
        Subject { connector: Some("c"), tool: "t", value: Some(&three) },
        Subject { connector: Some("c"), tool: "t", value: None },
        Subject { connector: None, tool: "t", value: Some(&three) },
        Subject { connector: Some("unknown"), tool: "t", value: Some(&three) },
        Subject { connector: Some("c"), tool: "unknown", value: Some(&three) },
    ];
    let mut checked = 0_u32;
    for length in 0..=2 {
        lists(&rules, length, &mut |list| {
            let policy = CompiledPolicy::compile(list.to_vec());
            for subject in &subjects {
                let expected = literal(list, subject, |_| PredicateOutcome::True);
                assert_eq!(policy.evaluate(subject, &mut no_answer), expected, "{list:?} {subject:?}");
                checked += 1;
            }
        });
    }
    assert_eq!(checked, 5 * (1 + 81 + 81 * 81));
}

fn no_answer(_: PredicateId) -> PredicateOutcome {
    PredicateOutcome::TimedOut
}

/// The contributions of a rule, once matching and its clauses are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contribution {
    Unmatched,
    Says(Decision),
    ClauseFails(Decision),
}

fn contributions() -> Vec<Contribution> {
    let says = DECISIONS.into_iter().map(Contribution::Says);
    let fails = DECISIONS.into_iter().map(Contribution::ClauseFails);
    [Contribution::Unmatched].into_iter().chain(says).chain(fails).collect()
}

fn defined(list: &[Contribution]) -> Decision {
    let matching = || list.iter().filter(|c| **c != Contribution::Unmatched);
    if matching().count() == 0 {
        return Decision::Block;
    }
    if matching().any(|c| matches!(c, Contribution::ClauseFails(_) | Contribution::Says(Decision::Block))) {
        return Decision::Block;
    }
    if matching().any(|c| *c == Contribution::Says(Decision::Alert)) { Decision::Alert } else { Decision::Allow }
}

fn standing(contribution: Contribution) -> Standing {
    match contribution {
        Contribution::Unmatched => Standing::NoMatch,
        Contribution::Says(decision) => Standing::of(decision),
        Contribution::ClauseFails(_) => Standing::Violated,
    }
}

/// Lists of contributions on which a combiner differs from the definition, and how many there were in all.
fn disagreements(longest: u32, combine: impl Fn(Standing, Standing) -> Standing) -> (u32, u32) {
    let all = contributions();
    let base = u32::try_from(all.len()).unwrap();
    let (mut wrong, mut seen) = (0, 0);
    let mut list = Vec::new();
    for length in 0..=longest {
        for code in 0..base.pow(length) {
            list.clear();
            let mut rest = code;
            for _ in 0..length {
                list.push(all[(rest % base) as usize]);
                rest /= base;
            }
            let folded = list.iter().map(|c| standing(*c)).fold(Standing::NoMatch, &combine);
            wrong += u32::from(folded.decision() != defined(&list));
            seen += 1;
        }
    }
    (wrong, seen)
}

#[test]
fn the_maximum_is_the_definition_on_every_list_of_up_to_seven() {
    let (wrong, seen) = disagreements(7, Ord::max);
    assert_eq!((wrong, seen), (0, 960_800));
}

#[test]
fn a_wrong_combiner_would_be_noticed() {
    let last_wins = |_, b| b;
    let first_wins = |a, b| if a == Standing::NoMatch { b } else { a };
    let any_allow = |a: Standing, b: Standing| if a.min(b) == Standing::Allow { Standing::Allow } else { a.max(b) };
    let alert_over_block = |a: Standing, b: Standing| match (a, b) {
        (Standing::Alert, _) | (_, Standing::Alert) => Standing::Alert,
        _ => a.max(b),
    };
    assert!(disagreements(3, last_wins).0 > 0);
    assert!(disagreements(3, first_wins).0 > 0);
    assert!(disagreements(3, any_allow).0 > 0);
    assert!(disagreements(3, alert_over_block).0 > 0);
}

#[test]
fn every_list_of_four_overlapping_rules_is_compiled_rightly() {
    // One rule of each reach, so that all four cells meet, in every combination of word and ceiling.
    let reaches = [(None, None), (Some("c"), None), (None, Some("t")), (Some("c"), Some("t"))];
    let mut variants = Vec::new();
    for decision in DECISIONS {
        for ceiling in [None, Some("1"), Some("5")] {
            variants.push((decision, ceiling.map(decimal)));
        }
    }
    let values: [Option<Amount>; 4] = [None, Some(amount("1")), Some(amount("3")), Some(amount("9"))];
    for code in 0..variants.len().pow(u32::try_from(LONGEST).unwrap()) {
        let mut rest = code;
        let mut list = Vec::new();
        for (connector, tool) in reaches {
            let (decision, ceiling) = variants[rest % variants.len()].clone();
            rest /= variants.len();
            let mut one = rule(1, "t", decision);
            one.connector = connector.map(str::to_owned);
            one.tool = tool.map(str::to_owned);
            one.max_value = ceiling;
            list.push(one);
        }
        let policy = CompiledPolicy::compile(list.clone());
        for value in &values {
            for (connector, tool) in [("c", "t"), ("c", "x"), ("x", "t"), ("x", "x")] {
                let subject = Subject { connector: Some(connector), tool, value: value.as_ref() };
                let expected = literal(&list, &subject, |_| PredicateOutcome::True);
                assert_eq!(policy.evaluate(&subject, &mut no_answer), expected, "{list:?} {subject:?}");
            }
        }
    }
}
