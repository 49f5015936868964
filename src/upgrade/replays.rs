//! What two versions of a pack do with the same envelopes: plan against plan, action against action, and what the
//! policy says of each (contract 9 and 11). Nothing is disposed of.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Difference, Raw, first_difference};
use crate::kernel::plan::{Digits, ExecutionPlan, PlannedAction};
use crate::kernel::receipt::{Ruling, Verdict};
use crate::session::clock::FIXTURE_NOW;
use crate::session::dev_kernel::DevKernel;
use crate::session::proposals;
use crate::session::run::Run;
use crate::workspace::fixtures;
use crate::workspace::policy::InForce;

/// An envelope that both versions are given.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The envelope.
    pub envelope: Arc<EventEnvelope>,
    /// The file it stands in, as a person would name it.
    pub file: String,
    /// The line it starts on.
    pub line: u32,
}

/// One version's answer to an envelope.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// False where its trigger does not match.
    pub routed: bool,
    /// The plan as it came.
    pub plan: Option<Raw>,
    /// Why there is none.
    pub failure: Option<Diagnostic>,
    /// The plan's actions, with what the policy says of each.
    pub actions: Vec<Judged>,
}

impl Answer {
    /// True for an empty plan.
    pub fn is_refusal(&self) -> bool {
        self.plan.is_some() && self.actions.is_empty()
    }
}

/// An action and its verdicts.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The action; none where it has no shape.
    pub action: Option<PlannedAction>,
    /// The capability, by its canonical name where it has one.
    pub tool: String,
    /// Under the tenant's policy joined with the version's guardrails.
    pub joined: Verdict,
    /// Under the tenant's policy alone.
    pub alone: Verdict,
}

/// An old action and the new one for the same intent.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What the old version proposes; none where the new one adds it.
    pub old: Option<Judged>,
    /// What the new version proposes; none where it leaves it out.
    pub new: Option<Judged>,
    /// The first field of the actions that is other.
    pub field: Option<Difference>,
}

impl Pair {
    /// True where the same intent goes by another key: what was done is done again.
    pub fn breaks_dedup(&self) -> bool {
        let keys = |judged: &Option<Judged>| {
            let action = judged.as_ref()?.action.as_ref()?;
            Some((action.entity_key.clone(), action.idempotency_key.clone()))
        };
        matches!((keys(&self.old), keys(&self.new)), (Some(old), Some(new)) if old != new)
    }

    /// True where something would be let through that was not before.
    pub fn newly_allowed(&self) -> bool {
        let allowed = |judged: &Option<Judged>| judged.as_ref().is_some_and(|one| lets_through(&one.joined));
        allowed(&self.new) && !allowed(&self.old)
    }
}

fn lets_through(verdict: &Verdict) -> bool {
    matches!(verdict.decision, Ruling::Allow | Ruling::Alert)
}

/// An envelope with both answers.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The envelope.
    pub fixture: Fixture,
    /// The old version's answer.
    pub old: Answer,
    /// The new version's answer.
    pub new: Answer,
    /// The actions that are other, in order; empty where the answers are the same.
    pub pairs: Vec<Pair>,
}

impl Comparison {
    fn of(fixture: Fixture, old: Answer, new: Answer) -> Self {
        let pairs = pairs(&old.actions, &new.actions).into_iter().filter(Pair::is_other).collect();
        Self { fixture, old, new, pairs }
    }

    /// True where the two versions do not come to the same.
    pub fn differs(&self) -> bool {
        !self.pairs.is_empty() || self.is_answered_otherwise()
    }

    /// True where they propose other plans, whatever the policy says of them.
    pub fn proposes_otherwise(&self) -> bool {
        let other = |pair: &Pair| pair.field.is_some() || pair.old.is_none() || pair.new.is_none();
        self.pairs.iter().any(other) || self.is_answered_otherwise()
    }

    /// True where only one version answers, or only one fails.
    fn is_answered_otherwise(&self) -> bool {
        let of = |answer: &Answer| (answer.routed, answer.failure.is_some());
        of(&self.old) != of(&self.new)
    }
}

impl Pair {
    fn is_other(&self) -> bool {
        let decisions = |judged: &Option<Judged>| judged.as_ref().map(|one| (one.joined.decision, one.alone.decision));
        self.field.is_some() || decisions(&self.old) != decisions(&self.new)
    }
}

/// Whether two actions are for one intent, by one way of telling.
type SameIntent<'a> = &'a dyn Fn(&Judged, &Judged) -> bool;

/// Which of two plans' actions are for the same intent: those with the same keys; of the rest, in order, those of one
/// tool on one entity, then those of one tool.
fn pairs(old: &[Judged], new: &[Judged]) -> Vec<Pair> {
    let key = |one: &Judged| one.action.as_ref().map(|action| action.idempotency_key.clone());
    let entity = |one: &Judged| one.action.as_ref().map(|action| action.entity_key.clone());
    let same: [SameIntent<'_>; 3] =
        [&|a, b| a.tool == b.tool && key(a) == key(b), &|a, b| a.tool == b.tool && entity(a) == entity(b), &|a, b| {
            a.tool == b.tool
        }];
    let mut mate: Vec<Option<usize>> = vec![None; old.len()];
    let mut free: BTreeSet<usize> = (0..new.len()).collect();
    for is_same in same {
        for (at, one) in old.iter().enumerate().filter(|(at, _)| mate[*at].is_none()).collect::<Vec<_>>() {
            if let Some(found) = free.iter().copied().find(|other| is_same(one, &new[*other])) {
                free.remove(&found);
                mate[at] = Some(found);
            }
        }
    }
    let paired = old.iter().zip(mate).map(|(one, mate)| pair(Some(one), mate.map(|at| &new[at])));
    paired.chain(free.iter().map(|at| pair(None, Some(&new[*at])))).collect()
}

fn pair(old: Option<&Judged>, new: Option<&Judged>) -> Pair {
    let value = |judged: &Judged| serde_json::to_value(judged.action.as_ref()).unwrap_or_default();
    let field = match (old, new) {
        (Some(old), Some(new)) => first_difference("", &value(old), &value(new)),
        _ => None,
    };
    Pair { old: old.cloned(), new: new.cloned(), field }
}

/// The envelopes of both versions' fixture files, each file with the name it goes by, each envelope once; what is none
/// becomes a finding.
pub fn union(kernel: &DevKernel, files: &[(PathBuf, String)]) -> (Vec<Fixture>, Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (path, shown) in files {
        let offers = match fixtures::open(path, shown) {
            Ok(offers) => offers.limited(kernel.workspace.config.limits.envelope.0),
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        for (envelope, line) in offers.envelopes(&mut faults) {
            if seen.insert(serde_json::to_string(&*envelope).unwrap_or_default()) {
                found.push(Fixture { envelope, file: shown.clone(), line });
            }
        }
    }
    (found, faults)
}

/// One version's answers to all fixtures, in order; `progress` is told how many there are, and gives false to stop.
pub fn answers(
    kernel: &mut DevKernel,
    operator: &str,
    fixtures: &[Fixture],
    mut joined: InForce,
    progress: &mut dyn FnMut(usize) -> bool,
) -> VecDeque<Answer> {
    let mut answers = VecDeque::with_capacity(fixtures.len());
    let envelopes = fixtures.iter().map(|fixture| (Arc::clone(&fixture.envelope), ()));
    proposals::of_each(kernel, operator, FIXTURE_NOW, envelopes, &mut |kernel, envelope, (), asked| {
        let answer = match asked {
            None => Answer::default(),
            Some(asked) => match asked.plan {
                Ok(plan) => judged(kernel, operator, &envelope, plan, &mut joined),
                Err(failure) => Answer { routed: true, failure: Some(failure), ..Answer::default() },
            },
        };
        answers.push_back(answer);
        progress(answers.len())
    });
    answers
}

fn judged(
    kernel: &mut DevKernel,
    operator: &str,
    envelope: &Arc<EventEnvelope>,
    plan: Raw,
    joined: &mut InForce,
) -> Answer {
    let typed = match ExecutionPlan::parse(plan.as_str(), Digits::Float) {
        Ok(typed) => typed,
        Err(faults) => {
            let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
            let failure = Some(Diagnostic::error(format!("what it returned is no plan: {}", said.join("; "))));
            return Answer { routed: true, plan: Some(plan), failure, actions: Vec::new() };
        }
    };
    let alone = Run::would(kernel, 0, envelope, operator, "", &typed);
    std::mem::swap(&mut kernel.policy, joined);
    let under_both = Run::would(kernel, 0, envelope, operator, "", &typed);
    std::mem::swap(&mut kernel.policy, joined);
    let actions = typed.actions.iter().zip(alone).zip(under_both).map(|((proposed, alone), joined)| Judged {
        action: proposed.shape.as_ref().ok().cloned(),
        tool: joined.tool,
        joined: joined.verdict,
        alone: alone.verdict,
    });
    Answer { routed: true, plan: Some(plan), failure: None, actions: actions.collect() }
}

/// Both versions' answers side by side.
pub fn compared(fixtures: Vec<Fixture>, old: VecDeque<Answer>, new: VecDeque<Answer>) -> Vec<Comparison> {
    let both = fixtures.into_iter().zip(old.into_iter().zip(new));
    both.map(|(fixture, (old, new))| Comparison::of(fixture, old, new)).collect()
}
