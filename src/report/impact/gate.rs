//! The same findings for build servers and code review: one case for the gate, one result for each way in which
//! verdicts flip and each boundary that no fixture tests.

use super::{Findings, killer, told};
use crate::impact::{FlipGroup, Side, Survivor};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::report::junit::{Case, Outcome, Suite};
use crate::report::sarif::{Finding, Level};

impl Findings<'_> {
    /// One suite with the gate as its case; without a gate, whatever flips passes.
    pub fn suite(&self, most: Option<usize>) -> Suite {
        let summary = self.impact.summary();
        let newly = summary.newly_allowed();
        let said = format!("{} newly allowed", counted(newly, "action"));
        let outcome = if most.is_some_and(|most| newly > most) {
            Outcome::Failed(said.clone(), self.text())
        } else if summary.undecided() > 0 {
            Outcome::Errored(format!("{} not decided", counted(summary.undecided(), "action")), self.text())
        } else {
            Outcome::Passed
        };
        let name = most.map_or_else(|| "newly allowed".to_owned(), |most| format!("at most {most} newly allowed"));
        let cases = vec![Case { name, file: None, line: None, outcome }];
        Suite { name: "policy impact".to_owned(), cases }
    }

    /// What flips, at the rule of the draft that does it, and what no fixture tests.
    pub fn results(&self, gated: bool) -> Vec<Finding> {
        let flips = self.impact.summary().flips.iter().map(|group| self.flip(group, gated));
        let survivors = self.coverage.into_iter().flat_map(|coverage| &coverage.survivors);
        flips.chain(survivors.map(|survivor| self.untested(survivor))).collect()
    }

    fn flip(&self, group: &FlipGroup, gated: bool) -> Finding {
        let after = self.reason(Side::Draft, &group.smallest);
        let place = (self.place)(&group.smallest).map_or_else(String::new, |place| format!(" at {place}"));
        let message = format!(
            "{} of {} {}; the smallest has {}{place}: {}",
            counted(group.count, "action"),
            group.tool,
            group.direction.told(),
            told(&group.smallest.worth),
            after.reason
        );
        let found = self.at_rule(after.rule.as_deref(), Diagnostic::warning(message));
        let (id, about, level) = match (group.direction.loosens(), gated) {
            (true, true) => ("policy/newly-allowed", "the draft is less strict with recorded actions", Level::Error),
            (true, false) => ("policy/newly-allowed", "the draft is less strict with recorded actions", Level::Warning),
            (false, _) => ("policy/newly-restricted", "the draft is stricter with recorded actions", Level::Note),
        };
        Finding { level, ..Finding::new(id, about, found) }
    }

    fn untested(&self, survivor: &Survivor) -> Finding {
        let message = format!("{}: {}", survivor.mutant.told(self.draft()), killer(survivor));
        let rule = self.name(survivor.mutant.rule);
        let found = self.at_rule(rule.as_deref(), Diagnostic::warning(message));
        let about = "a change of the rule that no fixture would notice";
        Finding { level: Level::Note, ..Finding::new("policy/untested", about, found) }
    }

    fn at_rule(&self, rule: Option<&str>, found: Diagnostic) -> Diagnostic {
        let mut origins = self.draft().rules().iter().map(|rule| &rule.origin);
        match origins.find(|origin| rule == Some(origin.name().as_str())) {
            Some(origin) => Diagnostic { line: origin.line, ..found.in_file(&*origin.file) },
            None => found,
        }
    }
}
