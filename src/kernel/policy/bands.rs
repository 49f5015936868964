//! The verdict for a (connector, tool) pair as a step function of the value: between two neighbouring ceilings of the
//! rules that match the pair nothing changes. Whoever compares policies over many actions compares these.
//!
//! Predicates are not asked here. Where one has a say, the bands name it.

use super::guard::same_document;
use super::{CompiledPolicy, PredicateId, Standing, Subject, TrustPolicy};
use crate::kernel::decimal::Decimal;
use crate::kernel::receipt::Decision;

/// What every value comes to, for one pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bands<'a> {
    // INVARIANT: never empty, ascending, the last one open, and no two neighbours alike. As values are dense, every
    // band has some value in it.
    /// Values from zero up, while every predicate is true.
    pub bands: Vec<Band<'a>>,
    /// What a missing, negative or inexact value comes to.
    pub unfit: Reached,
    /// The predicates of the rules that match, in file order. Whatever is let through waits for all of them.
    pub asks: Vec<Ask>,
}

/// Values up to one, inclusive, that all come to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band<'a> {
    /// The highest value in it; `None` for the last.
    pub upto: Option<&'a Decimal>,
    /// What they come to.
    pub reached: Reached,
}

/// How an action stands while every predicate is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reached {
    /// The greatest standing among the rules that match.
    pub standing: Standing,
    /// The first of the deciding rules in file order, by index; `None` when no rule matches.
    pub rule: Option<usize>,
}

/// A predicate that must be true for the rule to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The rule, by index.
    pub rule: usize,
    /// Its predicate.
    pub predicate: PredicateId,
}

/// One rule changed or gone, to see what would be without changing anything.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    /// The rule, by index.
    pub rule: usize,
    /// What it would read instead; `None` when it would be gone.
    pub instead: Option<&'a TrustPolicy>,
}

impl Reached {
    const NOTHING: Self = Self { standing: Standing::NoMatch, rule: None };

    /// True when it acts, which is when predicates have a say.
    pub fn acts(self) -> bool {
        self.standing.decision() != Decision::Block
    }

    /// The greater of two; of equal ones the first given.
    fn or(self, later: Self) -> Self {
        if later.standing > self.standing { later } else { self }
    }
}

impl Bands<'_> {
    /// The same with each rule called by another, ascending number.
    pub(super) fn numbered(mut self, numbers: &[usize]) -> Self {
        let renumber = |rule: &mut usize| *rule = numbers.get(*rule).copied().unwrap_or(*rule);
        let reached = self.bands.iter_mut().map(|band| &mut band.reached).chain([&mut self.unfit]);
        reached.filter_map(|reached| reached.rule.as_mut()).for_each(renumber);
        self.asks.iter_mut().for_each(|ask| renumber(&mut ask.rule));
        self
    }

    /// What a value comes to while every predicate is true; `None` for a missing, negative or inexact one.
    pub fn reached(&self, value: Option<&Decimal>) -> Reached {
        let Some(value) = value else { return self.unfit };
        let holds = |band: &&Band<'_>| band.upto.is_none_or(|upto| value <= upto);
        self.bands.iter().find(holds).map_or(self.unfit, |band| band.reached)
    }
}

impl CompiledPolicy {
    /// What the rules for a pair come to, over all values.
    pub fn bands(&self, connector: Option<&str>, tool: &str) -> Bands<'_> {
        self.bands_if(connector, tool, None)
    }

    /// The same, supposing one rule were edited.
    pub fn bands_if<'a>(&'a self, connector: Option<&str>, tool: &str, edit: Option<Edit<'a>>) -> Bands<'a> {
        let subject = Subject { connector, tool, value: None };
        let matching = self.matching(&subject).into_iter().map(|index| (index, &self.rules()[index]));
        let Some(Edit { rule: edited, instead }) = edit else { return bands_of(&matching.collect::<Vec<_>>()) };
        let mut rules: Vec<_> = matching.filter(|(index, _)| *index != edited).collect();
        if let Some(rule) = instead.filter(|rule| rule.matches(&subject)) {
            let at = rules.partition_point(|(index, _)| *index < edited);
            rules.insert(at, (edited, rule));
        }
        bands_of(&rules)
    }
}

/// The bands of the rules that match a pair, given in file order.
fn bands_of<'a>(rules: &[(usize, &'a TrustPolicy)]) -> Bands<'a> {
    if rules.iter().any(|(_, rule)| rule.guard.is_some()) {
        return bands_with_documents(rules);
    }
    let stands = |index: usize, standing| Reached { standing, rule: Some(index) };
    let held = rules
        .iter()
        .fold(Reached::NOTHING, |reached, (index, rule)| reached.or(stands(*index, Standing::of(rule.decision))));
    let mut ceilings: Vec<(&Decimal, usize)> = Vec::new();
    let mut asks = Vec::new();
    let mut first_with_ceiling = None;
    for (index, rule) in rules.iter().filter(|(_, rule)| rule.decision != Decision::Block) {
        if let Some(ceiling) = &rule.max_value {
            ceilings.push((ceiling, *index));
            first_with_ceiling = first_with_ceiling.or(Some(*index));
        }
        asks.extend(rule.predicate.map(|predicate| Ask { rule: *index, predicate }));
    }
    ceilings.sort_by(|a, b| a.0.cmp(b.0).then(a.1.cmp(&b.1)));
    let violated = |first: usize| match held {
        Reached { standing: Standing::Violated, rule: Some(rule) } => stands(rule.min(first), Standing::Violated),
        _ => stands(first, Standing::Violated),
    };
    let unfit = first_with_ceiling.map_or(held, violated);
    let mut bands: Vec<Band<'a>> = Vec::new();
    let (mut reached, mut exceeded) = (held, usize::MAX);
    for (ceiling, index) in ceilings {
        // No value is at or below a negative ceiling, and equal ceilings end one band.
        let ends_a_band = !ceiling.is_negative() && bands.last().is_none_or(|band| band.upto != Some(ceiling));
        if ends_a_band {
            bands.push(Band { upto: Some(ceiling), reached });
        }
        exceeded = exceeded.min(index);
        reached = violated(exceeded);
    }
    bands.push(Band { upto: None, reached });
    join_alike(&mut bands);
    Bands { bands, unfit, asks }
}

fn join_alike(bands: &mut Vec<Band<'_>>) {
    bands.dedup_by(|later, kept| {
        let alike = later.reached == kept.reached;
        if alike {
            kept.upto = later.upto;
        }
        alike
    });
}

/// The same where guardrail documents speak too, whose rules are read in order: each band is tried by itself.
fn bands_with_documents<'a>(rules: &[(usize, &'a TrustPolicy)]) -> Bands<'a> {
    let ceilings = rules.iter().filter_map(|(_, rule)| rule.max_value.as_ref());
    let mut edges: Vec<&Decimal> = ceilings.filter(|ceiling| !ceiling.is_negative()).collect();
    edges.sort_unstable();
    edges.dedup();
    let edges = edges.into_iter().map(Some).chain([None]);
    let mut bands: Vec<Band<'a>> = edges
        .map(|upto| {
            let holds = |ceiling: &Decimal| upto.is_some_and(|edge| edge <= ceiling);
            Band { upto, reached: tried(rules, |document| of_document(document, holds), holds) }
        })
        .collect();
    join_alike(&mut bands);
    let unfit = tried(rules, unfit_of_document, |_| false);
    let asks = rules.iter().filter(|(_, rule)| rule.decision != Decision::Block);
    let asks = asks.filter_map(|(rule, it)| Some(Ask { rule: *rule, predicate: it.predicate? })).collect();
    Bands { bands, unfit, asks }
}

type Indexed<'a> = (usize, &'a TrustPolicy);

fn tried<'a>(
    rules: &[Indexed<'a>],
    of_document: impl Fn(&[Indexed<'a>]) -> Reached,
    holds: impl Fn(&Decimal) -> bool,
) -> Reached {
    let groups = rules.chunk_by(|a, b| same_document(a.1, b.1));
    let reached = groups.map(|group| match group {
        [(index, rule)] if rule.guard.is_none() => {
            let violated = rule.max_value.as_ref().is_some_and(|ceiling| !holds(ceiling));
            let standing = if violated { Standing::Violated } else { Standing::of(rule.decision) };
            Reached { standing, rule: Some(*index) }
        }
        document => of_document(document),
    });
    reached.fold(Reached::NOTHING, Reached::or)
}

/// The first rule whose ceiling holds; else the last one is exceeded.
fn of_document(document: &[Indexed<'_>], holds: impl Fn(&Decimal) -> bool) -> Reached {
    let first = document.iter().find(|(_, rule)| rule.max_value.as_ref().is_none_or(&holds));
    let exceeded = || document.last().map(|(index, _)| Reached { standing: Standing::Violated, rule: Some(*index) });
    first
        .map(|(index, rule)| Reached { standing: Standing::of(rule.decision), rule: Some(*index) })
        .or_else(exceeded)
        .unwrap_or(Reached::NOTHING)
}

/// A value that no ceiling lets through is vetoed by the first rule that would not do without one.
fn unfit_of_document(document: &[Indexed<'_>]) -> Reached {
    if document.iter().all(|(_, rule)| rule.max_value.is_none()) {
        return of_document(document, |_| false);
    }
    let vetoes = |rule: &TrustPolicy| rule.max_value.is_some() || rule.decision == Decision::Block;
    let first = document.iter().find(|(_, rule)| vetoes(rule));
    Reached { standing: Standing::Violated, rule: first.map(|(index, _)| *index) }
}
