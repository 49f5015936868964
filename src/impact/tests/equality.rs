//! After any sequence of edits, loads and answers the engine says what judging every action by itself says.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::impact::{Counts, Judged};
use crate::kernel::decimal::Compact;
use crate::kernel::policy::{Guard, PredicateId, PredicateOutcome, Standing, Subject};

type Rows = Vec<(Row, Judged, Judged)>;
type Answers = BTreeMap<(u32, Row), bool>;

/// Contract 3 on one action: the standing, or none where an answer is missing that matters; and the deciding rule.
fn literal(policy: &PolicySet, action: &Recorded, row: Row, answers: &Answers) -> Judged {
    let subject = Subject { connector: action.connector.as_deref(), tool: &action.tool, value: action.value.as_ref() };
    let view = action.operator.as_deref().map_or(policy.general(), |name| policy.of(name));
    let said = |truth: bool| if truth { PredicateOutcome::True } else { PredicateOutcome::False };
    let known = |other: bool| move |id: PredicateId| said(answers.get(&(id.0, row)).copied().unwrap_or(other));
    let index = |name: Option<String>| {
        let at = policy.rules().iter().position(|rule| Some(rule.origin.name()) == name);
        at.map(|at| u32::try_from(at).unwrap())
    };
    let standing =
        |answer: &mut dyn FnMut(PredicateId) -> PredicateOutcome| view.explain(&subject, &mut |id| answer(id)).standing;
    let all_true = view.judge(&subject, &mut |_: PredicateId| PredicateOutcome::True);
    let unasked = standing(&mut |_| PredicateOutcome::True);
    if unasked.decision() == Decision::Block {
        return Judged { standing: Some(unasked), rule: index(all_true.rule) };
    }
    let (best, worst) = (standing(&mut known(true)), standing(&mut known(false)));
    if best == worst {
        return Judged { standing: Some(best), rule: index(view.judge(&subject, &mut known(true)).rule) };
    }
    let waits = |rule: &TrustPolicy| {
        rule.matches(&subject) && rule.predicate.is_some_and(|id| !answers.contains_key(&(id.0, row)))
    };
    let first = policy.rules().iter().position(waits);
    Judged { standing: None, rule: first.map(|at| u32::try_from(at).unwrap()) }
}

/// Everything the engine keeps, made anew from the actions.
struct Expected {
    before: Counts,
    after: Counts,
    flips: BTreeMap<(String, String), Rows>,
}

fn expected(in_force: &PolicySet, draft: &PolicySet, actions: &[Recorded], answers: &Answers) -> Expected {
    let mut all = Expected { before: Counts::default(), after: Counts::default(), flips: BTreeMap::new() };
    for (row, action) in (0..).zip(actions) {
        let before = literal(in_force, action, row, answers);
        let after = literal(draft, action, row, answers);
        for (counts, judged) in [(&mut all.before, before), (&mut all.after, after)] {
            match judged.standing {
                None | Some(Standing::Undecided) => counts.undecided += 1,
                Some(Standing::NoMatch) => counts.unmatched += 1,
                Some(Standing::Allow) => counts.allow += 1,
                Some(Standing::Alert) => counts.alert += 1,
                Some(Standing::Violated) => counts.blocked += 1,
            }
        }
        if let Some(direction) = Direction::between(before.decision(), after.decision()) {
            all.flips.entry((action.tool.clone(), direction.told())).or_default().push((row, before, after));
        }
    }
    all
}

/// Where the engine's word differs from the definition's.
fn difference(impact: &Impact, expected: &Expected, actions: &[Recorded]) -> Option<String> {
    let summary = impact.summary();
    let counts = (summary.before, summary.after);
    if counts != (expected.before, expected.after) || summary.actions != actions.len() {
        return Some(format!("{counts:?} ≠ {:?}", (expected.before, expected.after)));
    }
    let groups: Vec<_> = summary.flips.iter().chain(&summary.unclear).collect();
    if groups.len() != expected.flips.len() {
        return Some(format!("{groups:?} ≠ {:?}", expected.flips));
    }
    for group in groups {
        let wanted = expected.flips.get(&(group.tool.to_string(), group.direction.told()))?;
        let found = impact.flips(&group.tool, group.direction, 0..usize::MAX);
        let mut rows: Vec<_> = found.iter().map(|flip| (flip.row, flip.before, flip.after)).collect();
        rows.sort_unstable_by_key(|found| found.0);
        if rows != *wanted || group.count != wanted.len() {
            return Some(format!("{rows:?} ≠ {wanted:?}"));
        }
        let pages: Vec<_> =
            (0..found.len()).step_by(3).flat_map(|at| impact.flips(&group.tool, group.direction, at..at + 3)).collect();
        let places = found.iter().map(|flip| impact.position(&group.tool, group.direction, flip.row));
        if pages != found || !places.eq((0..found.len()).map(Some)) {
            return Some(format!("pages of {found:?} are {pages:?}"));
        }
        let keys: Vec<_> = found
            .iter()
            .map(|flip| match &flip.worth {
                Worth::Exact(number) => (0, Compact::of(number)),
                _ => (1, Compact::ENDS.0),
            })
            .collect();
        let valued = found.iter().rfind(|flip| matches!(flip.worth, Worth::Exact(_)));
        let edge = valued.or(found.last());
        if !keys.is_sorted() || Some(&group.smallest) != found.first() || Some(&group.edge) != edge {
            return Some(format!("{found:?} with {group:?}"));
        }
        if found.iter().any(|flip| flip.worth != Worth::of(actions[flip.row as usize].value.as_ref())) {
            return Some(format!("values of {found:?}"));
        }
    }
    None
}

#[derive(Debug, Clone)]
enum Step {
    Ceiling(usize, Option<String>),
    Says(usize, Decision),
    Speaks(usize, Option<String>, Option<String>),
    Asks(usize, Option<u32>),
    Insert(usize, TrustPolicy),
    Remove(usize),
    Swap(usize, usize),
    Save,
    Revert,
    Add(Recorded),
    Absorb(Vec<Recorded>),
    Answer(u32, Vec<(u32, bool)>),
    Forget(u32),
}

fn name() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(&["a", "b"][..]).prop_map(str::to_owned))
}

fn number() -> impl Strategy<Value = String> {
    const ODD: [&str; 6] =
        ["100.00000000000000000001", "100.00000000000000000002", "1e300", "2e300", "9007199254740993", "1e-300"];
    prop_oneof![5 => (0_u32..6).prop_map(|n| n.to_string()), 1 => prop::sample::select(&ODD[..]).prop_map(str::to_owned)]
}

pub(super) fn recorded() -> impl Strategy<Value = Recorded> {
    let value = prop::option::weighted(
        0.9,
        (prop_oneof![8 => number(), 1 => Just("-1".to_owned())], any::<bool>()).prop_map(|(text, float)| {
            if float { Amount::float(decimal(&text)) } else { Amount::exact(decimal(&text)) }
        }),
    );
    (name(), name(), prop::sample::select(&["t", "u", "v"][..]), value)
        .prop_map(|(operator, connector, tool, value)| Recorded { operator, connector, tool: tool.to_owned(), value })
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![5 => Just(Decision::Allow), 3 => Just(Decision::Alert), 1 => Just(Decision::Block)]
}

fn tool() -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, prop::sample::select(&["t", "u", "w"][..]).prop_map(str::to_owned))
}

/// A rule, or one of a document: the first document is for every operator, the second for one.
pub(super) fn one_rule() -> impl Strategy<Value = TrustPolicy> {
    let predicate = prop::option::weighted(0.15, 0_u32..2);
    let document = prop::option::weighted(0.3, prop::sample::select(&["d1", "d2"][..]));
    (name(), tool(), prop::option::of(number()), predicate, decision(), document).prop_map(
        |(connector, tool, ceiling, predicate, decision, document)| TrustPolicy {
            connector,
            tool,
            max_value: ceiling.map(|text| decimal(&text)),
            predicate: predicate.map(PredicateId),
            decision,
            origin: Origin::new("", 0),
            guard: document.map(|name| {
                let applies_to = (name == "d2").then(|| "a".to_owned());
                Box::new(Guard { policy: name.to_owned(), applies_to, limit: None, single_flight: None })
            }),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let at = || 0_usize..8;
    prop_oneof![
        4 => (at(), prop::option::of(number())).prop_map(|(at, ceiling)| Step::Ceiling(at, ceiling)),
        2 => (at(), decision()).prop_map(|(at, decision)| Step::Says(at, decision)),
        2 => (at(), name(), tool()).prop_map(|(at, connector, tool)| Step::Speaks(at, connector, tool)),
        1 => (at(), prop::option::of(0_u32..2)).prop_map(|(at, predicate)| Step::Asks(at, predicate)),
        2 => (at(), one_rule()).prop_map(|(at, rule)| Step::Insert(at, rule)),
        2 => at().prop_map(Step::Remove),
        1 => (at(), at()).prop_map(|(a, b)| Step::Swap(a, b)),
        1 => Just(Step::Save),
        1 => Just(Step::Revert),
        2 => recorded().prop_map(Step::Add),
        1 => prop::collection::vec(recorded(), 0..20).prop_map(Step::Absorb),
        2 => (0_u32..2, prop::collection::vec((any::<u32>(), any::<bool>()), 1..12)).prop_map(|(id, rows)| Step::Answer(id, rows)),
        1 => (0_u32..2).prop_map(Step::Forget),
    ]
}

/// The world the engine is told of, kept the plain way.
#[derive(Default)]
struct World {
    in_force: Vec<TrustPolicy>,
    draft: Vec<TrustPolicy>,
    actions: Vec<Recorded>,
    answers: Answers,
}

/// The rules as files have them: documents apart, and in a document nothing but what one may say.
pub(super) fn compiled(rules: &[TrustPolicy]) -> Arc<PolicySet> {
    let mut rules = rules.to_vec();
    for rule in &mut rules {
        if rule.tool.is_none() {
            rule.guard = None;
        }
        if rule.guard.is_some() {
            (rule.connector, rule.predicate) = (None, None);
        }
    }
    let file = |rule: &TrustPolicy| rule.guard.as_ref().map_or("a".to_owned(), |guard| guard.policy.clone());
    rules.sort_by_key(file);
    for (rule, number) in rules.iter_mut().zip(1..) {
        rule.origin = Origin::new(file(rule), number);
    }
    Arc::new(PolicySet::compile(rules))
}

impl World {
    fn take(&mut self, step: Step, impact: &mut Impact) {
        let count = self.draft.len();
        let rule = |draft: &mut Vec<TrustPolicy>, at: usize, edit: &dyn Fn(&mut TrustPolicy)| {
            if let Some(rule) = draft.get_mut(at % count.max(1)) {
                edit(rule);
            }
        };
        match step {
            Step::Ceiling(at, ceiling) => {
                rule(&mut self.draft, at, &|rule| rule.max_value = ceiling.as_deref().map(decimal));
            }
            Step::Says(at, decision) => rule(&mut self.draft, at, &|rule| rule.decision = decision),
            Step::Speaks(at, connector, tool) => rule(&mut self.draft, at, &|rule| {
                rule.connector.clone_from(&connector);
                rule.tool.clone_from(&tool);
            }),
            Step::Asks(at, predicate) => rule(&mut self.draft, at, &|rule| rule.predicate = predicate.map(PredicateId)),
            Step::Insert(at, rule) => self.draft.insert(at.min(count), rule),
            Step::Remove(at) if count > 0 => drop(self.draft.remove(at % count)),
            Step::Swap(a, b) if count > 0 => self.draft.swap(a % count, b % count),
            Step::Save => {
                self.in_force.clone_from(&self.draft);
                impact.set_in_force(compiled(&self.in_force));
            }
            Step::Revert => self.draft.clone_from(&self.in_force),
            Step::Add(action) => {
                assert_eq!(impact.add(&action.action()), Some(u32::try_from(self.actions.len()).unwrap()));
                self.actions.push(action);
            }
            Step::Absorb(actions) => {
                assert_eq!(impact.absorb(batch(&actions)) as usize, self.actions.len());
                self.actions.extend(actions);
            }
            Step::Answer(id, rows) if !self.actions.is_empty() => {
                let most = u32::try_from(self.actions.len()).unwrap();
                let rows: Vec<_> = rows.into_iter().map(|(row, truth)| (row % most, truth)).collect();
                self.answers.extend(rows.iter().map(|(row, truth)| ((id, *row), *truth)));
                impact.answer(PredicateId(id), rows);
            }
            Step::Remove(_) | Step::Swap(..) | Step::Answer(..) => {}
            Step::Forget(id) => {
                self.answers.retain(|(known, _), _| *known != id);
                impact.forget(PredicateId(id));
            }
        }
        impact.set_draft(compiled(&self.draft));
    }

    fn difference(&self, impact: &Impact) -> Option<String> {
        let (in_force, draft) = (compiled(&self.in_force), compiled(&self.draft));
        difference(impact, &expected(&in_force, &draft, &self.actions, &self.answers), &self.actions)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_engine_says_what_the_definition_says(
        first in prop::collection::vec(recorded(), 0..40),
        rules in prop::collection::vec(one_rule(), 0..6),
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let mut world = World { in_force: rules.clone(), draft: rules, actions: first, answers: Answers::new() };
        let mut impact = Impact::new(Corpus::from(batch(&world.actions)));
        impact.set_in_force(compiled(&world.in_force));
        for step in steps {
            let shown = format!("{step:?}");
            world.take(step, &mut impact);
            prop_assert_eq!(world.difference(&impact), None, "after {}", shown);
        }
    }
}

/// The comparison has to notice an engine that was not told of an edit, by one unit of a ceiling's last place.
#[test]
fn the_comparison_notices_a_stale_engine() {
    let actions: Vec<_> = (0..20).map(|n| Recorded::new("a", "t", &n.to_string())).collect();
    let rules = vec![rule("a", "t", "10", Decision::Allow)];
    let mut world = World { in_force: rules.clone(), draft: rules, actions, answers: Answers::new() };
    let mut impact = Impact::new(Corpus::from(batch(&world.actions)));
    impact.set_in_force(compiled(&world.in_force));
    impact.set_draft(compiled(&world.draft));
    assert_eq!(world.difference(&impact), None);
    world.draft[0].max_value = Some(decimal("11"));
    assert!(world.difference(&impact).is_some());
    impact.set_draft(compiled(&world.draft));
    assert_eq!(world.difference(&impact), None);
    impact.corpus.absorb(batch(&[Recorded::new("a", "t", "3")]));
    world.actions.push(Recorded::new("a", "t", "3"));
    assert!(world.difference(&impact).is_some());
}
