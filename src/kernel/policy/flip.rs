//! The nearest change to the action or to a rule that would come to another decision, each tried before it is named.

use super::clause::{Finding, Violation, standing_of};
use super::{Asked, CompiledPolicy, Origin, PredicateOutcome, Standing, Subject, TrustPolicy, lower, wording};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::Decision;

/// A change that flips a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The change, for people: `value ≤ 100`, `rule 3 maxValue ≥ 250`.
    pub text: String,
    /// What it would come to.
    pub decision: Decision,
    /// The change itself, at its edge.
    pub change: Change,
}

/// A change to the action or to the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The action moves this amount instead.
    Value(Amount),
    /// The action goes to this connector instead.
    Connector(String),
    /// These rules, by index, read so instead.
    Rules(Vec<(usize, TrustPolicy)>),
    /// This rule is gone.
    Without(usize),
    /// This rule is there too.
    Added(TrustPolicy),
}

impl Change {
    /// True for a change to the action, false for one to the rules.
    pub fn is_of_action(&self) -> bool {
        matches!(self, Self::Value(_) | Self::Connector(_))
    }
}

struct Case<'a> {
    policy: &'a CompiledPolicy,
    subject: &'a Subject<'a>,
    findings: &'a [Finding],
}

pub(super) fn nearest(
    policy: &CompiledPolicy,
    subject: &Subject<'_>,
    findings: &[Finding],
    standing: Standing,
    predicates: &mut Asked<'_>,
) -> Vec<Flip> {
    let case = Case { policy, subject, findings };
    let candidates = match standing {
        Standing::NoMatch => case.when_unmatched(),
        // What is not decided cannot be said to be turned by anything.
        Standing::Undecided => return Vec::new(),
        Standing::Violated => case.when_violated(predicates),
        Standing::Allow | Standing::Alert => case.when_let_through(standing),
    };
    let mut flip = |(text, change): (String, Change)| {
        let decision = standing_after(policy.rules(), subject, &change, predicates).decision();
        (decision != standing.decision()).then_some(Flip { text, decision, change })
    };
    let mut flips: Vec<Flip> = case.steps().into_iter().filter_map(|way| way.into_iter().find_map(&mut flip)).collect();
    flips.extend(candidates.into_iter().filter_map(flip));
    flips
}

/// How the action stands once the change is made.
fn standing_after(
    rules: &[TrustPolicy],
    subject: &Subject<'_>,
    change: &Change,
    predicates: &mut Asked<'_>,
) -> Standing {
    match change {
        Change::Value(amount) => standing_of(rules.iter(), &Subject { value: Some(amount), ..*subject }, predicates),
        Change::Connector(name) => {
            standing_of(rules.iter(), &Subject { connector: Some(name), ..*subject }, predicates)
        }
        Change::Rules(edits) => {
            let edited = |(index, rule)| edits.iter().find(|(at, _)| *at == index).map_or(rule, |(_, edit)| edit);
            standing_of(rules.iter().enumerate().map(edited), subject, predicates)
        }
        Change::Without(gone) => {
            let kept = rules.iter().enumerate().filter(|(index, _)| index != gone).map(|(_, rule)| rule);
            standing_of(kept, subject, predicates)
        }
        Change::Added(rule) => standing_of(rules.iter().chain([rule]), subject, predicates),
    }
}

type Candidates = Vec<(String, Change)>;

impl Case<'_> {
    fn rule(&self, index: usize) -> &TrustPolicy {
        &self.policy.rules()[index]
    }

    fn label(&self, index: usize) -> String {
        self.policy.label(self.rule(index))
    }

    /// A predicate's answer about another action is not known without running author code on it, so where one matters
    /// no change to the action is offered.
    fn action_is_open(&self) -> bool {
        self.policy.matching(self.subject).into_iter().all(|rule| self.rule(rule).predicate.is_none())
    }

    fn lowest_ceiling(&self) -> Option<&Decimal> {
        if self.is_documented() {
            return None;
        }
        let matching = self.policy.matching(self.subject);
        let ceilings = matching.into_iter().filter_map(|rule| self.rule(rule).max_value.as_ref());
        ceilings.reduce(lower)
    }

    fn when_unmatched(&self) -> Candidates {
        let mut candidates = Candidates::new();
        let elsewhere = |(_, finding): &(usize, &Finding)| **finding == Finding::ConnectorDiffers;
        if let Some((index, _)) = self.findings.iter().enumerate().find(elsewhere) {
            let mut rule = self.rule(index).clone();
            if let (Some(connector), None) = (rule.connector.clone(), rule.predicate) {
                candidates.push((format!("connector {connector}"), Change::Connector(connector)));
            }
            rule.connector = self.subject.connector.map(str::to_owned);
            let text = match &rule.connector {
                Some(connector) => format!("{} connector {connector}", self.label(index)),
                None => format!("{} without connector", self.label(index)),
            };
            candidates.push((text, Change::Rules(vec![(index, rule)])));
        }
        let tool = self.subject.tool;
        let added = TrustPolicy {
            connector: None,
            tool: Some(tool.to_owned()),
            max_value: None,
            predicate: None,
            decision: Decision::Allow,
            origin: Origin::new("", 0),
            guard: None,
        };
        candidates.push((format!("a rule ALLOW for tool {tool}"), Change::Added(added)));
        candidates
    }

    /// True when a guardrail document speaks of the action too.
    fn is_documented(&self) -> bool {
        self.policy.constraint(self.subject.connector, self.subject.tool).documents.is_some()
    }

    /// Where a document's rules are read in order, another one may decide beyond any of the ceilings: those below the
    /// value, and those above, each the nearest first.
    fn steps(&self) -> [Candidates; 2] {
        if !self.action_is_open() || !self.is_documented() {
            return [Candidates::new(), Candidates::new()];
        }
        let matching = self.policy.matching(self.subject);
        let mut ceilings: Vec<_> = matching.into_iter().filter_map(|rule| self.rule(rule).max_value.as_ref()).collect();
        ceilings.sort_unstable();
        ceilings.dedup();
        let value = self.subject.value.map(|amount| &amount.number);
        let below = ceilings.iter().rev().filter(|ceiling| value.is_none_or(|value| **ceiling < value));
        let above = ceilings.iter().filter(|ceiling| value.is_none_or(|value| **ceiling >= value));
        let down =
            |ceiling: &&Decimal| (format!("value ≤ {ceiling}"), Change::Value(Amount::exact((*ceiling).clone())));
        let up = |ceiling: &&Decimal| {
            Some((format!("value > {ceiling}"), Change::Value(Amount::exact(just_above(ceiling)?))))
        };
        [below.map(down).collect(), above.filter_map(up).collect()]
    }

    fn when_violated(&self, predicates: &mut Asked<'_>) -> Candidates {
        let mut candidates = Candidates::new();
        if let (Some(ceiling), true) = (self.lowest_ceiling(), self.action_is_open()) {
            candidates.push((format!("value ≤ {ceiling}"), Change::Value(Amount::exact(ceiling.clone()))));
        }
        let mut texts = Vec::new();
        let mut edits = Vec::new();
        for (index, finding) in self.findings.iter().enumerate() {
            if let Finding::Violated(violation) = finding {
                let (text, edit) = relaxed(self.rule(index), violation, predicates);
                texts.push(format!("{} {text}", self.label(index)));
                edits.push((index, edit));
            }
        }
        candidates.push((texts.join(", "), Change::Rules(edits)));
        candidates
    }

    fn when_let_through(&self, standing: Standing) -> Candidates {
        let mut candidates = Candidates::new();
        if let (Some(ceiling), true) = (self.lowest_ceiling(), self.action_is_open())
            && let Some(beyond) = just_above(ceiling)
        {
            candidates.push((format!("value > {ceiling}"), Change::Value(Amount::exact(beyond))));
        }
        let holds = |decision| move |(_, finding): &(usize, &Finding)| **finding == Finding::Holds(decision);
        let deciding: Vec<usize> =
            self.findings.iter().enumerate().filter(holds(standing.decision())).map(|(index, _)| index).collect();
        if standing == Standing::Alert {
            let says = |rule: &usize| format!("{} {}", self.label(*rule), saying(self.rule(*rule), Decision::Allow));
            let texts: Vec<_> = deciding.iter().map(says).collect();
            let allow = |rule: &usize| (*rule, TrustPolicy { decision: Decision::Allow, ..self.rule(*rule).clone() });
            candidates.push((texts.join(", "), Change::Rules(deciding.iter().map(allow).collect())));
        }
        let ceilinged = deciding.iter().find(|rule| self.rule(**rule).max_value.is_some());
        let below = ceilinged
            .zip(self.subject.value)
            .and_then(|(rule, amount)| Some((*rule, amount, just_below(&amount.number)?)));
        // Without it, the next rule of its document may say the same.
        if let Some(guard) = deciding.iter().find(|rule| self.rule(**rule).guard.is_some()) {
            let text = format!("{} {}", self.label(*guard), saying(self.rule(*guard), Decision::Block));
            let edit = TrustPolicy { decision: Decision::Block, ..self.rule(*guard).clone() };
            candidates.push((text, Change::Rules(vec![(*guard, edit)])));
            return candidates;
        }
        match (below, deciding.as_slice()) {
            (Some((rule, amount, ceiling)), _) => {
                let text = format!("{} maxValue < {}", self.label(rule), amount.number);
                let edit = TrustPolicy { max_value: Some(ceiling), ..self.rule(rule).clone() };
                candidates.push((text, Change::Rules(vec![(rule, edit)])));
            }
            (None, [only]) if standing == Standing::Allow => {
                candidates.push((format!("without {}", self.label(*only)), Change::Without(*only)));
            }
            (None, [first, ..]) => {
                let text = format!("{} decision BLOCK", self.label(*first));
                let edit = TrustPolicy { decision: Decision::Block, ..self.rule(*first).clone() };
                candidates.push((text, Change::Rules(vec![(*first, edit)])));
            }
            (None, []) => {}
        }
        candidates
    }
}

/// What a rule would say, in the words of where it stands.
fn saying(rule: &TrustPolicy, decision: Decision) -> String {
    if rule.guard.is_some() { wording::verb(decision).to_owned() } else { format!("decision {decision}") }
}

/// The least change after which a rule no longer stops the action.
fn relaxed(rule: &TrustPolicy, violation: &Violation, predicates: &mut Asked<'_>) -> (String, TrustPolicy) {
    let refuses = rule.predicate.is_some_and(|id| predicates.ask(id) != PredicateOutcome::True);
    let key = wording::key(rule);
    let mut edit = rule.clone();
    let mut steps = Vec::new();
    let mut dropped = Vec::new();
    if rule.decision == Decision::Block {
        steps.push(saying(rule, Decision::Allow));
        edit.decision = Decision::Allow;
        // Its ceiling has not been tried, so only without one is the action sure to pass.
        dropped.extend(edit.max_value.take().map(|_| key));
    }
    match violation {
        Violation::Above(value) if edit.max_value.is_some() => {
            steps.push(format!("{key} ≥ {value}"));
            edit.max_value = Some(value.clone());
        }
        Violation::NoValue | Violation::Negative(_) | Violation::Inexact(_) => {
            dropped.extend(edit.max_value.take().map(|_| key));
        }
        Violation::Above(_) | Violation::Block | Violation::Predicate(_) => {}
    }
    if refuses {
        edit.predicate = None;
        dropped.push("predicate");
    }
    if !dropped.is_empty() {
        steps.push(format!("without {}", dropped.join(" and ")));
    }
    (steps.join(" "), edit)
}

/// A number a little above one that is not negative.
fn just_above(number: &Decimal) -> Option<Decimal> {
    let text = number.as_str();
    let (mantissa, exponent) = text.find(['e', 'E']).map_or((text, ""), |at| text.split_at(at));
    let point = if mantissa.contains('.') { "" } else { "." };
    Decimal::parse(&format!("{mantissa}{point}1{exponent}")).ok().filter(|above| above > number)
}

/// A number below one that is above zero, and itself not negative.
fn just_below(number: &Decimal) -> Option<Decimal> {
    let zero = Decimal::parse("0").ok()?;
    if *number <= zero { None } else { Some(zero) }
}
