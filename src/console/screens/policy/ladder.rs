//! Every rule on one action, as in force and as the draft has it, side by side. The words are the kernel's `explain`;
//! what stands at the head of a column it leaves out of them itself.

use super::Subject;
use super::line_diff::hunks_of;
use crate::kernel::policy::{CompiledPolicy, Explanation, NoPredicates, PolicySet, Rung, Standing, TrustPolicy};
use crate::kernel::receipt::Decision;

/// The rules on one action.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// The action.
    pub subject: Subject,
    /// What is in force says; none without a policy.
    pub force: Option<Explanation>,
    /// What the draft says; none until it could be read once.
    pub draft: Option<Explanation>,
    /// The rules, those that stand in both side by side.
    pub steps: Vec<Step>,
}

/// A rule that is in force, in the draft, or in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number in the draft, or where it is gone, in force.
    pub number: String,
    /// What it speaks of.
    pub scope: String,
    /// What is in force.
    pub force: Option<Side>,
    /// What the draft says.
    pub draft: Option<Side>,
}

/// What one rule says of the action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The clause, in few words.
    pub clause: String,
    /// Its decision; none where it does not speak of the action.
    pub decision: Option<Decision>,
    /// True when it is one of the deciding rules.
    pub deciding: bool,
    /// True when only its predicate knows what it says, which nobody asked.
    pub open: bool,
}

impl Ladder {
    /// Asks both policies.
    pub fn new(subject: Subject, force: Option<&PolicySet>, draft: Option<&PolicySet>) -> Self {
        let (force, draft) = (force.map(|set| set.of(&subject.operator)), draft.map(|set| set.of(&subject.operator)));
        let explain = |policy: &CompiledPolicy| policy.explain(&subject.asked(), &mut NoPredicates);
        let (said, says) = (force.map(explain), draft.map(explain));
        let old = (force.map_or(&[][..], CompiledPolicy::rules), rungs(said.as_ref()));
        let new = (draft.map_or(&[][..], CompiledPolicy::rules), rungs(says.as_ref()));
        let steps = steps(old, new);
        Self { subject, force: said, draft: says, steps }
    }

    /// The step a person should see first: where the draft decides, or what is in force.
    pub fn deciding(&self) -> Option<usize> {
        let decides = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.deciding);
        let draft = self.steps.iter().position(|step| decides(&step.draft));
        draft.or_else(|| self.steps.iter().position(|step| decides(&step.force)))
    }
}

fn rungs(explanation: Option<&Explanation>) -> &[Rung] {
    explanation.map_or(&[], |explanation| &explanation.ladder)
}

type Rules<'a> = (&'a [TrustPolicy], &'a [Rung]);

fn steps(old: Rules<'_>, new: Rules<'_>) -> Vec<Step> {
    let step = |was: Option<usize>, is: Option<usize>| -> Option<Step> {
        let rule = is.and_then(|at| new.0.get(at)).or_else(|| old.0.get(was?))?;
        let side = |of: Rules<'_>, at: Option<usize>| Some(side(of.1.get(at?)?));
        Some(Step {
            number: rule.origin.number.to_string(),
            scope: scope(rule),
            force: side(old, was),
            draft: side(new, is),
        })
    };
    if old.0.len() == new.0.len() {
        return (0..new.0.len()).filter_map(|at| step(Some(at), Some(at))).collect();
    }
    let names =
        |rules: Rules<'_>| rules.0.iter().map(|rule| (rule.connector.clone(), rule.tool.clone())).collect::<Vec<_>>();
    let mut steps = Vec::new();
    let (mut was, mut is) = (0, 0);
    for hunk in hunks_of(&names(old), &names(new)) {
        steps.extend((was..hunk.old.start).zip(is..hunk.new.start).filter_map(|(was, is)| step(Some(was), Some(is))));
        steps.extend(hunk.old.clone().filter_map(|at| step(Some(at), None)));
        steps.extend(hunk.new.clone().filter_map(|at| step(None, Some(at))));
        (was, is) = (hunk.old.end, hunk.new.end);
    }
    steps.extend((was..old.0.len()).zip(is..new.0.len()).filter_map(|(was, is)| step(Some(was), Some(is))));
    steps
}

/// What a rule speaks of, in few words.
pub fn scope(rule: &TrustPolicy) -> String {
    match (&rule.tool, &rule.connector) {
        (Some(tool), _) => tool.clone(),
        (None, Some(connector)) => format!("{connector}, any tool"),
        (None, None) => "any tool".to_owned(),
    }
}

fn side(rung: &Rung) -> Side {
    let open = rung.finding.standing() == Standing::Undecided;
    Side { clause: rung.brief.clone(), decision: rung.decision(), deciding: rung.deciding, open }
}
