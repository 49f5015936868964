//! Why: the verdict with every rule that was tried, and what would have changed it.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::clause::{self, Finding};
use super::flip::{self, Flip};
use super::{Asked, CompiledPolicy, Predicates, Standing, Subject, wording};
use crate::kernel::receipt::{Cause, Decision, Verdict};

/// Everything there is to say about a verdict. Serialises as `{decision, rule, reason, ladder}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// How the action stands; tells the BLOCK of a rule from that of none.
    pub standing: Standing,
    /// The first of the deciding rules, `FILE:N`.
    pub rule: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// What decided.
    pub cause: Cause,
    /// The deciding rules, as indices into the policy's rules.
    pub deciding: Vec<usize>,
    /// Every rule, in file order.
    pub ladder: Vec<Rung>,
    /// The nearest changes that would come to another decision.
    pub flips: Vec<Flip>,
}

/// One rule that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// `FILE:N`.
    pub rule: String,
    /// What came of it.
    pub finding: Finding,
    /// The clause that failed first, or those that hold, with their values.
    pub clause: String,
    /// The same without the words that the heading of a table says.
    pub brief: String,
    /// True when it is one of the deciding rules.
    pub deciding: bool,
}

impl Rung {
    /// What the rule says of the action; `None` when it does not speak of it, or only its predicate knows.
    pub fn decision(&self) -> Option<Decision> {
        match self.finding.standing() {
            Standing::NoMatch | Standing::Undecided => None,
            standing => Some(standing.decision()),
        }
    }
}

impl Explanation {
    /// The verdict a receipt carries.
    pub fn verdict(&self) -> Verdict {
        Verdict { cause: self.cause, ..Verdict::of_rules(self.decision, self.rule.clone(), self.reason.clone()) }
    }
}

impl CompiledPolicy {
    /// The decision with all its reasons.
    pub fn explain(&self, subject: &Subject<'_>, predicates: &mut dyn Predicates) -> Explanation {
        let mut asked = Asked::new(predicates);
        let rules: Vec<&super::TrustPolicy> = self.rules().iter().collect();
        let findings = clause::findings(&rules, subject, &mut asked);
        let standing = findings.iter().map(Finding::standing).max().unwrap_or(Standing::NoMatch);
        let decides = |finding: &Finding| standing != Standing::NoMatch && finding.standing() == standing;
        let deciding: Vec<usize> = (0..findings.len()).filter(|rule| decides(&findings[*rule])).collect();
        let verdict = self.verdict(deciding.first().map(|rule| (*rule, &findings[*rule])), subject);
        let flips = flip::nearest(self, subject, &findings, standing, &mut asked);
        let rung = |(rule, finding): (&super::TrustPolicy, Finding)| Rung {
            rule: rule.origin.name(),
            clause: wording::clause(rule, &finding, subject),
            brief: wording::brief(rule, &finding, subject),
            deciding: decides(&finding),
            finding,
        };
        let ladder = self.rules().iter().zip(findings.iter().cloned()).map(rung).collect();
        Explanation {
            decision: standing.decision(),
            standing,
            rule: verdict.rule,
            reason: verdict.reason,
            cause: verdict.cause,
            deciding,
            ladder,
            flips,
        }
    }
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Explanation", 4)?;
        out.serialize_field("decision", &self.decision)?;
        out.serialize_field("rule", &self.rule)?;
        out.serialize_field("reason", &self.reason)?;
        out.serialize_field("ladder", &self.ladder)?;
        out.end()
    }
}

impl Serialize for Rung {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Rung", 4)?;
        out.serialize_field("rule", &self.rule)?;
        out.serialize_field("decision", &self.decision())?;
        out.serialize_field("deciding", &self.deciding)?;
        out.serialize_field("clause", &self.clause)?;
        out.end()
    }
}
