//! Coverage: small changes of a rule that no fixture's action would notice, and for each the action that would.

use super::corpus::Corpus;
use super::difference::{Named, Search, Telling};
use super::rules::{RuleFacts, facts};
use crate::kernel::decimal::Decimal;
use crate::kernel::policy::{ActionKind, Edit, PolicySet, Scope, TrustPolicy};
use crate::kernel::receipt::Decision;

/// A small change of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The rule, by index.
    pub rule: usize,
    /// What is done to it.
    pub change: Mutation,
}

/// What a mutant does to its rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mutation {
    /// It is gone.
    Removed,
    /// It says something else.
    Says(Decision),
    /// It speaks of any tool.
    AnyTool,
    /// It speaks of any connector.
    AnyConnector,
    /// Its ceiling is one unit of its last place higher or lower.
    Ceiling(Decimal),
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// An action of the fixtures is judged otherwise: it would be noticed.
    Killed,
    /// It changes no verdict over any action, so nothing could notice it.
    Equivalent,
    /// No fixture notices it; this action would.
    Survives(Telling),
}

/// A mutant that no fixture notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The change.
    pub mutant: Mutant,
    /// The action that would kill it.
    pub killer: Telling,
}

/// How well fixtures cover a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// For each rule, which of the fixtures' actions it speaks of and decides.
    pub rules: Vec<RuleFacts>,
    /// How many mutants were noticed.
    pub killed: usize,
    /// How many change nothing, and count for neither side.
    pub equivalent: usize,
    /// Those not noticed, in the order of the rules.
    pub survivors: Vec<Survivor>,
}

/// Whether a rule does anything, whatever the actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Set when removing it changes no verdict over any action: the rules that decide in its place, by index. None of
    /// them: it blocks what no rule would let through anyway.
    pub shadowed: Option<Vec<usize>>,
    /// False when it names what no loaded tool provides.
    pub provided: bool,
}

impl Coverage {
    /// Mutants that can be noticed.
    pub fn mutants(&self) -> usize {
        self.killed + self.survivors.len()
    }

    /// Takes out the survivors that other tests notice: actions of which it is written down what the policy says.
    pub fn notice(&mut self, policy: &PolicySet, tested: &Corpus, provided: &[ActionKind<'_>]) {
        let before = self.survivors.len();
        self.survivors.retain(|survivor| survivor.mutant.fate(policy, tested, provided) != Fate::Killed);
        self.killed += before - self.survivors.len();
    }
}

impl Mutant {
    /// Every mutant of a policy, in the order of its rules.
    pub fn all(policy: &PolicySet) -> Vec<Self> {
        let numbered = policy.rules().iter().enumerate();
        numbered.flat_map(|(rule, of)| mutations(of).into_iter().map(move |change| Self { rule, change })).collect()
    }

    /// The rule as it would read; `None` when it is gone or there is none.
    pub fn edited(&self, policy: &PolicySet) -> Option<TrustPolicy> {
        let rule = policy.rules().get(self.rule)?.clone();
        match &self.change {
            Mutation::Removed => None,
            Mutation::Says(decision) => Some(TrustPolicy { decision: *decision, ..rule }),
            Mutation::AnyTool => Some(TrustPolicy { tool: None, ..rule }),
            Mutation::AnyConnector => Some(TrustPolicy { connector: None, ..rule }),
            Mutation::Ceiling(ceiling) => Some(TrustPolicy { max_value: Some(ceiling.clone()), ..rule }),
        }
    }

    /// What becomes of it under the fixtures' actions. Those `provided` are preferred for the action that would kill it.
    pub fn fate(&self, policy: &PolicySet, fixtures: &Corpus, provided: &[ActionKind<'_>]) -> Fate {
        self.fate_among(policy, &Named::by(policy), fixtures, provided)
    }

    fn fate_among(
        &self,
        policy: &PolicySet,
        named: &Named<'_>,
        fixtures: &Corpus,
        provided: &[ActionKind<'_>],
    ) -> Fate {
        let edited = self.edited(policy);
        let search = Search::new(policy, named, Edit { rule: self.rule, instead: edited.as_ref() });
        if search.is_seen_in(fixtures) {
            return Fate::Killed;
        }
        search.telling(provided).map_or(Fate::Equivalent, Fate::Survives)
    }

    /// The change in a few words: `maxValue 250 → 251`, `removed`.
    pub fn told(&self, policy: &PolicySet) -> String {
        let rule = policy.rules().get(self.rule);
        let name = |name: Option<&String>| name.map_or("any".to_owned(), Clone::clone);
        match &self.change {
            Mutation::Removed => "removed".to_owned(),
            Mutation::Says(decision) => {
                format!("decision {} → {decision}", rule.map_or("none", |rule| rule.decision.word()))
            }
            Mutation::AnyTool => format!("tool {} → any", name(rule.and_then(|rule| rule.tool.as_ref()))),
            Mutation::AnyConnector => {
                format!("connector {} → any", name(rule.and_then(|rule| rule.connector.as_ref())))
            }
            Mutation::Ceiling(ceiling) => {
                let was = rule.and_then(|rule| rule.max_value.as_ref()).map_or("none", Decimal::as_str);
                format!("maxValue {was} → {ceiling}")
            }
        }
    }
}

fn mutations(rule: &TrustPolicy) -> Vec<Mutation> {
    let mut all = vec![Mutation::Removed];
    let others = [Decision::Allow, Decision::Alert, Decision::Block].into_iter();
    all.extend(others.filter(|other| *other != rule.decision).map(Mutation::Says));
    // A guardrail document has no rule for any tool.
    all.extend((rule.tool.is_some() && rule.guard.is_none()).then_some(Mutation::AnyTool));
    all.extend(rule.connector.is_some().then_some(Mutation::AnyConnector));
    let ceiling = rule.max_value.as_ref();
    all.extend([true, false].into_iter().filter_map(|up| ceiling?.stepped(up)).map(Mutation::Ceiling));
    all
}

/// How well the fixtures' actions cover a policy.
pub fn coverage(policy: &PolicySet, fixtures: &Corpus, provided: &[ActionKind<'_>]) -> Coverage {
    let mut coverage = Coverage { rules: facts(fixtures, policy), ..Coverage::default() };
    let named = Named::by(policy);
    for mutant in Mutant::all(policy) {
        match mutant.fate_among(policy, &named, fixtures, provided) {
            Fate::Killed => coverage.killed += 1,
            Fate::Equivalent => coverage.equivalent += 1,
            Fate::Survives(killer) => coverage.survivors.push(Survivor { mutant, killer }),
        }
    }
    coverage
}

/// Whether each rule does anything, in file order; `provided` is what loaded operators and tools
/// make possible.
pub fn review(policy: &PolicySet, provided: &[ActionKind<'_>]) -> Vec<Review> {
    let named = Named::by(policy);
    let one = |(index, rule): (usize, &TrustPolicy)| Review {
        shadowed: shadowed(policy, &named, index),
        provided: provided.iter().any(|kind| Scope::of(rule).holds(kind)),
    };
    policy.rules().iter().enumerate().map(one).collect()
}

/// The rules that make one needless, if it is: the first that does so alone, else all that decide in its place.
fn shadowed(policy: &PolicySet, named: &Named<'_>, rule: usize) -> Option<Vec<usize>> {
    let search = Search::new(policy, named, Edit { rule, instead: None });
    let mut by = Vec::new();
    for kind in search.kinds() {
        let change = search.at(&kind);
        if change.changes_anything() {
            return None;
        }
        by.extend(change.decide_after());
        by.sort_unstable();
        by.dedup();
    }
    let alone = |other: &usize| *other != rule && shadows(policy, *other, rule);
    Some((0..policy.rules().len()).find(alone).map_or(by, |other| vec![other]))
}

/// True when of the two rules by themselves the one makes the other needless.
fn shadows(policy: &PolicySet, rule: usize, needless: usize) -> bool {
    let both = [rule.min(needless), rule.max(needless)].map(|rule| policy.rules()[rule].clone());
    let both = PolicySet::compile(both.to_vec());
    let named = Named::by(&both);
    let search = Search::new(&both, &named, Edit { rule: usize::from(rule < needless), instead: None });
    search.kinds().all(|kind| {
        let change = search.at(&kind);
        !change.changes_anything() && change.decide_after().next().is_some()
    })
}
