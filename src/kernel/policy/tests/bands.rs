//! Bands against the judge, and what an edit may leave out.

use proptest::prelude::*;

use super::properties::{name, rules, values};
use super::{amount, decimal, rule};
use crate::kernel::policy::{
    ActionKind, Band, Bands, CompiledPolicy, Edit, PolicySet, PredicateId, PredicateOutcome, Standing, Subject,
    TrustPolicy,
};
use crate::kernel::receipt::Decision;

/// The judge's word while every predicate is true.
fn judged(policy: &CompiledPolicy, subject: &Subject<'_>) -> (Decision, Option<String>) {
    let verdict = policy.judge(subject, &mut |_: PredicateId| PredicateOutcome::True);
    let decision = policy.evaluate(subject, &mut |_: PredicateId| PredicateOutcome::True);
    (decision, verdict.rule)
}

fn looked_up(policy: &CompiledPolicy, bands: &Bands<'_>, subject: &Subject<'_>) -> (Decision, Option<String>) {
    let fit = subject.value.filter(|value| value.exact && !value.number.is_negative());
    let reached = bands.reached(fit.map(|value| &value.number));
    (reached.standing.decision(), reached.rule.map(|index| policy.rules()[index].origin.name()))
}

fn edited(rules: &[TrustPolicy], at: usize, instead: Option<&TrustPolicy>) -> Vec<TrustPolicy> {
    let mut rules = rules.to_vec();
    match instead {
        Some(rule) => rules[at] = TrustPolicy { origin: rules[at].origin.clone(), ..rule.clone() },
        None => drop(rules.remove(at)),
    }
    rules
}

#[test]
fn each_ceiling_starts_a_band_with_its_own_deciding_rule() {
    let ceilinged =
        |number, text: &str| TrustPolicy { max_value: Some(decimal(text)), ..rule(number, "a", Decision::Alert) };
    let rules = vec![ceilinged(1, "100"), ceilinged(2, "50"), rule(3, "a", Decision::Allow), ceilinged(4, "1e2")];
    let policy = CompiledPolicy::compile(rules);
    let bands = policy.bands(None, "a");
    let seen: Vec<_> = bands.bands.iter().map(|band| (band.upto.map(ToString::to_string), band.reached.rule)).collect();
    assert_eq!(seen, [(Some("50".into()), Some(0)), (Some("100".into()), Some(1)), (None, Some(0))]);
    assert_eq!(bands.bands[0].reached.standing, Standing::Alert);
    assert_eq!(bands.unfit.rule, Some(0));
    assert!(matches!(policy.bands(None, "b").bands[..], [Band { upto: None, .. }]));
    assert_eq!(bands.reached(Some(&amount("50.0000000000000000000001").number)).standing, Standing::Violated);
}

proptest! {
    #[test]
    fn they_say_what_the_judge_says(
        rules in rules(12),
        connector in name(),
        tool in prop::sample::select(&["a", "b", "c", "d"][..]),
        values in prop::collection::vec(values(), 1..8),
    ) {
        let policy = CompiledPolicy::compile(rules);
        let bands = policy.bands(connector.as_deref(), tool);
        prop_assert!(bands.bands.last().unwrap().upto.is_none());
        prop_assert!(bands.bands.windows(2).all(|pair| pair[0].reached != pair[1].reached));
        for value in values {
            let subject = Subject { connector: connector.as_deref(), tool, value: value.as_ref() };
            prop_assert_eq!(looked_up(&policy, &bands, &subject), judged(&policy, &subject));
        }
    }

    #[test]
    fn an_edit_supposed_is_the_edit_made(
        rules in rules(8).prop_filter("some", |rules| !rules.is_empty()),
        other in rules(2),
        at in any::<prop::sample::Index>(),
        connector in name(),
        tool in prop::sample::select(&["a", "b", "c", "d"][..]),
    ) {
        let at = at.index(rules.len());
        let policy = CompiledPolicy::compile(rules.clone());
        let supposed = policy.bands_if(connector.as_deref(), tool, Some(Edit { rule: at, instead: other.first() }));
        let made = CompiledPolicy::compile(edited(&rules, at, other.first()));
        let made = made.bands(connector.as_deref(), tool);
        let steps = |bands: &Bands<'_>| -> Vec<_> {
            let step = |band: &Band<'_>| (band.upto.map(ToString::to_string), band.reached.standing);
            let mut steps: Vec<_> = bands.bands.iter().map(step).collect();
            steps.dedup_by(|later, kept| {
                let alike = later.1 == kept.1;
                if alike { kept.0.clone_from(&later.0); }
                alike
            });
            steps
        };
        prop_assert_eq!(steps(&supposed), steps(&made));
        prop_assert_eq!(supposed.unfit.standing, made.unfit.standing);
    }

    #[test]
    fn what_an_edit_does_not_name_it_does_not_change(
        mut rules in rules(8),
        others in rules(3),
        cut in any::<prop::sample::Index>(),
        gone in 0_usize..3,
        connector in name(),
        tool in prop::sample::select(&["a", "b", "c", "d"][..]),
    ) {
        let earlier = PolicySet::compile(rules.clone());
        let at = cut.index(rules.len() + 1);
        rules.splice(at..(at + gone).min(rules.len()), others);
        let later = PolicySet::compile(rules);
        let changes = later.changes_since(&earlier);
        let kind = ActionKind { operator: None, connector: connector.as_deref(), tool };
        if !changes.scopes.iter().any(|scope| scope.holds(&kind)) {
            let (old, new) = (earlier.bands(&kind), later.bands(&kind));
            prop_assert_eq!(old.bands.len(), new.bands.len());
            for (old, new) in old.bands.iter().zip(&new.bands) {
                prop_assert_eq!(old.upto, new.upto);
                prop_assert_eq!(old.reached.standing, new.reached.standing);
                prop_assert_eq!(old.reached.rule.and_then(|rule| changes.now(rule)), new.reached.rule);
            }
        }
    }
}
