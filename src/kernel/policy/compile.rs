//! The policy made ready to judge: from (connector, tool) to one cell in which every rule that can match is combined.
//!
//! Memory is linear in the rules. A pair no rule names together has no cell; its connector's and its tool's are
//! combined on the way, and each of those already holds the rules that name neither.

use hashbrown::HashMap;

use super::clause::{Finding, findings, satisfies, standing_of};
use super::guard::{Gates, Steps};
use super::{Asked, NoPredicates, PredicateId, Predicates, Standing, Subject, TrustPolicy, lower, wording};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::{Cause, Decision, Verdict};

/// Rules in force, or their absence.
#[derive(Debug, Clone)]
pub struct CompiledPolicy {
    rules: Vec<TrustPolicy>,
    /// Why there is no policy, when there is none.
    absence: Option<String>,
    several_files: bool,
    connectors: HashMap<Box<str>, u32>,
    tools: HashMap<Box<str>, u32>,
    pairs: HashMap<(u32, u32), u32>,
    /// The first is that of the rules that name neither.
    cells: Vec<Cell>,
    /// What the guardrail documents come to, a capability each.
    steps: Vec<Steps>,
}

#[derive(Debug, Clone)]
struct Cell {
    fold: Fold,
    /// The rules that name exactly this, in order; the fold holds the wider ones too.
    own: Vec<u32>,
}

/// What a set of matching rules comes to, but for the value and the predicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fold {
    standing: Standing,
    /// The rule with the lowest ceiling.
    ceiling: Option<u32>,
    predicates: bool,
    /// What the guardrail documents say of the capability.
    steps: Option<u32>,
}

const EMPTY: Fold = Fold { standing: Standing::NoMatch, ceiling: None, predicates: false, steps: None };

/// What the rules that match a (connector, tool) pair come to: the greatest standing they can reach, and the clauses
/// under which they reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constraint<'a> {
    /// The standing of the rules that stand in no document, while every clause holds.
    pub standing: Standing,
    /// Their lowest ceiling, if any has one.
    pub ceiling: Option<&'a Decimal>,
    /// True when a rule has a predicate.
    pub predicates: bool,
    /// What the guardrail documents come to, when one speaks of the tool.
    pub documents: Option<&'a Steps>,
}

impl Constraint<'_> {
    /// The standing for a value, while every predicate is true.
    pub fn standing(&self, value: Option<&Amount>) -> Standing {
        let by_rules = match self.ceiling {
            Some(ceiling) if !satisfies(value, ceiling) => Standing::Violated,
            _ => self.standing,
        };
        self.documents.map_or(by_rules, |steps| by_rules.max(steps.standing(value)))
    }

    /// The decision for a value; `None` when a predicate has to be asked.
    pub fn decide(&self, value: Option<&Amount>) -> Option<Decision> {
        match self.standing(value) {
            standing @ (Standing::NoMatch | Standing::Undecided | Standing::Violated) => Some(standing.decision()),
            _ if self.predicates => None,
            standing => Some(standing.decision()),
        }
    }
}

impl CompiledPolicy {
    /// Compiles rules, given in file order. No rules are a policy too: one that blocks everything.
    pub fn compile(rules: Vec<TrustPolicy>) -> Self {
        let several_files = Self::are_of_several_files(&rules);
        let mut policy = Self { rules, several_files, absence: None, ..Self::none("") };
        for index in 0..policy.rules.len() {
            let cell = policy.cell_for(index);
            policy.cells[cell].own.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        policy.combine_cells();
        policy
    }

    /// No policy at all: everything is BLOCKed, and `why` is said each time.
    pub fn none(why: impl Into<String>) -> Self {
        Self {
            rules: Vec::new(),
            absence: Some(why.into()),
            several_files: false,
            connectors: HashMap::new(),
            tools: HashMap::new(),
            pairs: HashMap::new(),
            cells: vec![Cell { fold: EMPTY, own: Vec::new() }],
            steps: Vec::new(),
        }
    }

    pub(super) fn are_of_several_files(rules: &[TrustPolicy]) -> bool {
        rules.windows(2).any(|pair| pair[0].origin.file != pair[1].origin.file)
    }

    /// Whether a rule is called by its file too: where rules of other operators are left out, it stays so.
    #[must_use]
    pub(super) fn naming_files(mut self, several_files: bool) -> Self {
        self.several_files = several_files;
        self
    }

    /// The rules, in file order.
    pub fn rules(&self) -> &[TrustPolicy] {
        &self.rules
    }

    /// True when there is no policy, not even one without rules.
    pub fn is_absent(&self) -> bool {
        self.absence.is_some()
    }

    /// True when rules come from more than one file, so that a number alone does not name one.
    pub fn has_several_files(&self) -> bool {
        self.several_files
    }

    /// `rule 3`, as sentences call it.
    pub fn label(&self, rule: &TrustPolicy) -> String {
        wording::label(rule, self.several_files)
    }

    fn cell_for(&mut self, rule: usize) -> usize {
        let Self { rules, connectors, tools, pairs, cells, .. } = self;
        let mut fresh = || {
            cells.push(Cell { fold: EMPTY, own: Vec::new() });
            u32::try_from(cells.len() - 1).unwrap_or(u32::MAX)
        };
        let mut named = |map: &mut HashMap<Box<str>, u32>, name: &str| match map.get(name) {
            Some(cell) => *cell,
            None => *map.entry(name.into()).or_insert_with(&mut fresh),
        };
        let connector = rules[rule].connector.as_deref().map(|name| named(connectors, name));
        let tool = rules[rule].tool.as_deref().map(|name| named(tools, name));
        let cell = match (connector, tool) {
            (None, None) => 0,
            (Some(cell), None) | (None, Some(cell)) => cell,
            (Some(connector), Some(tool)) => *pairs.entry((connector, tool)).or_insert_with(fresh),
        };
        cell as usize
    }

    fn combine_cells(&mut self) {
        for cell in 0..self.cells.len() {
            let rule = |index: &u32| &self.rules[*index as usize];
            let (guards, plain): (Vec<u32>, _) =
                self.cells[cell].own.iter().partition(|index| rule(index).guard.is_some());
            let mut fold = plain.iter().map(|rule| self.fold_of(*rule)).fold(EMPTY, |a, b| self.join(a, b));
            if !guards.is_empty() {
                let documents: Vec<&TrustPolicy> = guards.iter().map(rule).collect();
                let steps = Steps::of(&documents);
                fold.steps = u32::try_from(self.steps.len()).ok();
                self.steps.push(steps);
            }
            self.cells[cell].fold = fold;
        }
        let widest = self.cells[0].fold;
        for cell in self.connectors.values().chain(self.tools.values()).map(|cell| *cell as usize) {
            self.cells[cell].fold = self.join(self.cells[cell].fold, widest);
        }
        for ((connector, tool), cell) in &self.pairs {
            let wider = self.join(self.cells[*connector as usize].fold, self.cells[*tool as usize].fold);
            self.cells[*cell as usize].fold = self.join(self.cells[*cell as usize].fold, wider);
        }
    }

    fn fold_of(&self, index: u32) -> Fold {
        let rule = &self.rules[index as usize];
        Fold {
            standing: Standing::of(rule.decision),
            ceiling: rule.max_value.as_ref().map(|_| index),
            predicates: rule.predicate.is_some(),
            steps: None,
        }
    }

    fn join(&self, a: Fold, b: Fold) -> Fold {
        let ceiling = match (a.ceiling, b.ceiling) {
            (Some(x), Some(y)) => {
                let keeps = self.ceiling(Some(x)).zip(self.ceiling(Some(y))).is_none_or(|(m, n)| lower(m, n) == m);
                Some(if keeps { x } else { y })
            }
            (x, y) => x.or(y),
        };
        // INVARIANT: only the cell of a tool has steps of its own, so two that meet are the same.
        let steps = a.steps.or(b.steps);
        Fold { standing: a.standing.max(b.standing), ceiling, predicates: a.predicates || b.predicates, steps }
    }

    fn ceiling(&self, rule: Option<u32>) -> Option<&Decimal> {
        self.rules.get(rule? as usize)?.max_value.as_ref()
    }

    /// The cells whose rules match: that of neither name, of the connector, of the tool, of both.
    fn cells_of(&self, connector: Option<&str>, tool: &str) -> [Option<u32>; 4] {
        let connector = connector.and_then(|name| self.connectors.get(name).copied());
        let tool = self.tools.get(tool).copied();
        let pair = connector.zip(tool).and_then(|pair| self.pairs.get(&pair).copied());
        [Some(0), connector, tool, pair]
    }

    /// What the rules for a pair come to, whatever the value.
    pub fn constraint(&self, connector: Option<&str>, tool: &str) -> Constraint<'_> {
        let fold_at = |cell: u32| self.cells[cell as usize].fold;
        let fold = match self.cells_of(connector, tool) {
            [_, _, _, Some(pair)] => fold_at(pair),
            [_, Some(connector), Some(tool), None] => self.join(fold_at(connector), fold_at(tool)),
            [_, Some(one), None, None] | [_, None, Some(one), None] => fold_at(one),
            [_, None, None, None] => fold_at(0),
        };
        Constraint {
            standing: fold.standing,
            ceiling: self.ceiling(fold.ceiling),
            predicates: fold.predicates,
            documents: fold.steps.and_then(|steps| self.steps.get(steps as usize)),
        }
    }

    /// The decision (contract 3). Predicates are asked only where nothing else has decided.
    pub fn evaluate(&self, subject: &Subject<'_>, predicates: &mut dyn Predicates) -> Decision {
        let constraint = self.constraint(subject.connector, subject.tool);
        constraint.decide(subject.value).unwrap_or_else(|| {
            let mut asked = Asked::new(predicates);
            let rules = self.matching(subject).into_iter().map(|rule| &self.rules[rule]);
            standing_of(rules, subject, &mut asked).decision()
        })
    }

    /// The predicates that may be asked of such an action, in file order.
    pub fn predicates(&self, subject: &Subject<'_>) -> Vec<PredicateId> {
        if !self.constraint(subject.connector, subject.tool).predicates {
            return Vec::new();
        }
        self.matching(subject).into_iter().filter_map(|rule| self.rules[rule].predicate).collect()
    }

    /// Decision, first deciding rule and reason, as a receipt carries them. Tries only the rules that match.
    pub fn judge(&self, subject: &Subject<'_>, predicates: &mut dyn Predicates) -> Verdict {
        let deciding = self.deciding(subject, predicates);
        self.verdict(deciding.as_ref().map(|(rule, finding)| (*rule, finding)), subject)
    }

    /// The first deciding rule as sentences call it, and its clause in as few words as a table needs.
    pub fn brief(&self, subject: &Subject<'_>, predicates: &mut dyn Predicates) -> Option<(String, String)> {
        let (rule, finding) = self.deciding(subject, predicates)?;
        let rule = &self.rules[rule];
        Some((self.label(rule), wording::brief(rule, &finding, subject)))
    }

    fn deciding(&self, subject: &Subject<'_>, predicates: &mut dyn Predicates) -> Option<(usize, Finding)> {
        let matching = self.matching(subject);
        let found = self.found(&matching, subject, &mut Asked::new(predicates));
        let mut deciding: Option<(usize, Finding)> = None;
        for (rule, finding) in matching.into_iter().zip(found) {
            let best = deciding.as_ref().map_or(Standing::NoMatch, |(_, found)| found.standing());
            if finding.standing() > best {
                deciding = Some((rule, finding));
            }
        }
        deciding
    }

    /// The gates of the rules that gave the verdicts of their documents. Only what was let through has any.
    pub fn gates(&self, subject: &Subject<'_>) -> Gates {
        let mut gates = Gates::default();
        if self.constraint(subject.connector, subject.tool).documents.is_some() {
            let matching = self.matching(subject);
            let guards: Vec<usize> = matching.into_iter().filter(|rule| self.rules[*rule].guard.is_some()).collect();
            // Rules of a document have no predicates.
            let found = self.found(&guards, subject, &mut Asked::new(&mut NoPredicates));
            let gave = guards.iter().zip(&found).filter(|(_, finding)| matches!(finding, Finding::Holds(_)));
            gave.for_each(|(rule, _)| gates.add(&self.rules[*rule]));
        }
        gates
    }

    fn found(&self, rules: &[usize], subject: &Subject<'_>, asked: &mut Asked<'_>) -> Vec<Finding> {
        let rules: Vec<&TrustPolicy> = rules.iter().map(|rule| &self.rules[*rule]).collect();
        findings(&rules, subject, asked)
    }

    /// The verdict, once it is known which rule is the first of the deciding ones.
    pub(super) fn verdict(&self, deciding: Option<(usize, &Finding)>, subject: &Subject<'_>) -> Verdict {
        match (deciding, &self.absence) {
            (Some((index, finding)), _) => {
                let rule = &self.rules[index];
                let reason = wording::sentence(rule, finding, subject, self.several_files);
                let (standing, name) = (finding.standing(), Some(rule.origin.name()));
                match standing {
                    Standing::Undecided => Verdict::blocked(Cause::NotAsked, name, reason),
                    _ => Verdict::of_rules(standing.decision(), name, reason),
                }
            }
            (None, Some(why)) => Verdict::blocked(Cause::NoPolicy, None, format!("no policy: {why}")),
            (None, None) => Verdict::of_rules(Decision::Block, None, wording::NO_RULE),
        }
    }

    /// The rules that match, in file order.
    pub(super) fn matching(&self, subject: &Subject<'_>) -> Vec<usize> {
        let cells = self.cells_of(subject.connector, subject.tool);
        let own = cells.iter().flatten().flat_map(|cell| &self.cells[*cell as usize].own);
        let mut rules: Vec<usize> = own.map(|rule| *rule as usize).collect();
        rules.sort_unstable();
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::policy::Origin;

    #[test]
    fn memory_is_linear_in_the_rules() {
        let wide = |connector: Option<String>, tool: Option<String>| TrustPolicy {
            connector,
            tool,
            max_value: None,
            predicate: None,
            decision: Decision::Allow,
            origin: Origin::new("f", 1),
            guard: None,
        };
        let connectors = (0..1_000).map(|n| wide(Some(format!("c{n}")), None));
        let tools = (0..1_000).map(|n| wide(None, Some(format!("t{n}"))));
        let policy = CompiledPolicy::compile(connectors.chain(tools).collect());
        assert_eq!(policy.cells.len(), 2_001);
        assert_eq!(policy.constraint(Some("c7"), "t9").standing, Standing::Allow);
    }
}
