//! What is wrong and stands until it is fixed: a policy that does not judge as written, author code that does not run
//! as written; and notices, which stand until dismissed.

use std::collections::BTreeSet;

use super::{Applied, Row, RowId};
use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::journal::{CodeKind, Fact, Loaded, PolicyStamp, PolicyState, Proposed, RunKind};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingFault {
    /// Of which kind.
    pub kind: FaultKind,
    /// What is wrong and what is in force instead.
    pub sentence: String,
    /// The row that shows it.
    pub row: Option<RowId>,
}

/// Kinds of faults, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// A thread of the session died.
    Crashed,
    /// Everything is BLOCKed.
    NoPolicy,
    /// The last good policy judges.
    StalePolicy,
    /// Author code did not load.
    Reload(CodeName),
    /// An operator failed on an envelope: by its name.
    Failing(String),
    /// The policy in force says something that comes to nothing.
    OddPolicy,
    /// A finding that concerns no single envelope: an error.
    Error,
    /// The same, a warning.
    Warning,
}

impl StandingFault {
    fn is_notice(&self) -> bool {
        matches!(self.kind, FaultKind::OddPolicy | FaultKind::Error | FaultKind::Warning)
    }
}

/// What author code is called by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeName {
    operator: bool,
    name: String,
}

/// All faults that stand.
#[derive(Debug, Default)]
pub struct Faults {
    standing: Vec<StandingFault>,
    /// What was last said to be odd about the policy, so that it is said once.
    odd: Option<String>,
    failing: Vec<Failing>,
    /// Rows of faults that stand no more.
    past: BTreeSet<RowId>,
}

/// An operator that failed: its fault stands until other code of it runs, or that code has a plan for the envelope.
#[derive(Debug)]
struct Failing {
    operator: String,
    revision: String,
    envelope: Option<(u32, u64)>,
}

/// Notices kept; older ones have their rows.
const NOTICES: usize = 8;

impl Faults {
    /// The faults, worst first.
    pub fn all(&self) -> &[StandingFault] {
        &self.standing
    }

    /// True for the row of a fault that stands no more.
    pub fn is_past(&self, row: RowId) -> bool {
        self.past.contains(&row)
    }

    /// Takes one entry in.
    pub fn take(&mut self, entry: &Applied<'_>) {
        let row = entry.row.map(Row::id);
        match entry.fact {
            Fact::RunStarted(started) if started.kind == RunKind::Replay => {}
            Fact::RunStarted(started) => self.policy(&started.policy, row),
            Fact::PolicyLoaded(stamp) => self.policy(stamp, row),
            Fact::Loaded(loaded) => self.loaded(loaded, row),
            Fact::Proposed(proposed) if !entry.replayed => self.proposed(proposed, entry),
            Fact::Noticed(diagnostic) => {
                let kind = match diagnostic.severity {
                    Severity::Error => FaultKind::Error,
                    Severity::Warning => FaultKind::Warning,
                };
                self.stand(StandingFault { kind, sentence: said(diagnostic), row });
            }
            Fact::Settled(diagnostic) => {
                let settled = said(diagnostic);
                self.settle(|fault| fault.is_notice() && fault.sentence == settled);
            }
            _ => {}
        }
    }

    /// Something of the console's own files is wrong.
    pub fn noticed(&mut self, diagnostic: &Diagnostic) {
        let kind = if diagnostic.is_error() { FaultKind::Error } else { FaultKind::Warning };
        self.stand(StandingFault { kind, sentence: in_one_line(diagnostic), row: None });
    }

    /// What was wrong with the console's own files was put right.
    pub fn mended(&mut self, diagnostic: &Diagnostic) {
        let sentence = in_one_line(diagnostic);
        self.standing.retain(|fault| !fault.is_notice() || fault.sentence != sentence);
    }

    /// A thread died; what it said.
    pub fn crashed(&mut self, sentence: String) {
        self.stand(StandingFault { kind: FaultKind::Crashed, sentence, row: None });
    }

    /// Takes the notices away.
    pub fn dismiss(&mut self) {
        self.standing.retain(|fault| !fault.is_notice());
    }

    /// True when there is a notice to take away.
    pub fn dismissible(&self) -> bool {
        self.standing.iter().any(StandingFault::is_notice)
    }

    fn policy(&mut self, stamp: &PolicyStamp, row: Option<RowId>) {
        self.settle(|fault| matches!(fault.kind, FaultKind::NoPolicy | FaultKind::StalePolicy));
        let cause = stamp.diagnostics.iter().find(|diagnostic| diagnostic.is_error()).map(said);
        let (kind, sentence) = match stamp.state {
            PolicyState::InForce => return self.odd_policy(stamp, row),
            PolicyState::Stale => {
                let cause = cause.unwrap_or_else(|| "what is on disk does not load".to_owned());
                (FaultKind::StalePolicy, format!("{cause}; {} stays in force for stubs", stamp.short()))
            }
            PolicyState::None => {
                let cause = cause.unwrap_or_else(|| "there is no policy file".to_owned());
                (FaultKind::NoPolicy, format!("{cause}; every action is BLOCKed"))
            }
        };
        self.stand(StandingFault { kind, sentence, row });
    }

    fn odd_policy(&mut self, stamp: &PolicyStamp, row: Option<RowId>) {
        let more = match stamp.diagnostics.len() {
            0 | 1 => String::new(),
            many => format!("; and {} more", many - 1),
        };
        let sentence = stamp.diagnostics.first().map(|first| in_one_line(first) + &more);
        if sentence == self.odd {
            return;
        }
        self.settle(|fault| fault.kind == FaultKind::OddPolicy);
        self.odd.clone_from(&sentence);
        if let Some(sentence) = sentence {
            self.stand(StandingFault { kind: FaultKind::OddPolicy, sentence, row });
        }
    }

    fn loaded(&mut self, loaded: &Loaded, row: Option<RowId>) {
        let name = CodeName { operator: loaded.kind == CodeKind::Operator, name: loaded.name.clone() };
        let kind = FaultKind::Reload(name);
        self.settle(|fault| fault.kind == kind);
        if loaded.kind == CodeKind::Operator {
            self.settle_failing(|failing| {
                failing.operator == loaded.name && loaded.running.as_ref() != Some(&failing.revision)
            });
        }
        let Some(failure) = &loaded.failure else { return };
        let short = |digest: &Option<String>| digest.as_deref().and_then(|d| d.get(..4)).unwrap_or("gone").to_owned();
        let disk = short(&loaded.on_disk);
        let runs = match &loaded.running {
            Some(_) => format!("runs {}, on disk {disk}", short(&loaded.running)),
            None => format!("does not run, on disk {disk}"),
        };
        self.stand(StandingFault { kind, sentence: format!("{} {runs}: {}", loaded.name, said(failure)), row });
    }

    fn proposed(&mut self, proposed: &Proposed, entry: &Applied<'_>) {
        let operator = &proposed.operator;
        if !proposed.failed() {
            self.settle_failing(|failing| {
                failing.operator == *operator
                    && (failing.revision != proposed.revision || failing.envelope == entry.origin)
            });
            return;
        }
        self.settle_failing(|failing| failing.operator == *operator);
        let why = proposed.failure.as_ref().map_or_else(|| "it gave no plan".to_owned(), in_one_line);
        let (kind, sentence) = (FaultKind::Failing(operator.clone()), format!("{operator} failed: {why}"));
        self.stand(StandingFault { kind, sentence, row: entry.row.map(Row::id) });
        let (operator, revision) = (operator.clone(), proposed.revision.clone());
        self.failing.push(Failing { operator, revision, envelope: entry.origin });
    }

    fn settle_failing(&mut self, settled: impl Fn(&Failing) -> bool) {
        for failing in self.failing.extract_if(.., |failing| settled(failing)).collect::<Vec<_>>() {
            let kind = FaultKind::Failing(failing.operator);
            self.settle(|fault| fault.kind == kind);
        }
    }

    /// Takes away what is no longer so.
    fn settle(&mut self, settled: impl Fn(&StandingFault) -> bool) {
        let gone = self.standing.iter().filter(|fault| settled(fault));
        self.past.extend(gone.filter_map(|fault| fault.row));
        self.standing.retain(|fault| !settled(fault));
    }

    fn stand(&mut self, fault: StandingFault) {
        // Of two alike, the newer first.
        let at = self.standing.partition_point(|other| other.kind < fault.kind);
        self.standing.insert(at, fault);
        let notices = self.standing.iter().filter(|fault| fault.is_notice()).count();
        if notices > NOTICES
            && let Some(oldest) = self.standing.iter().rposition(StandingFault::is_notice)
        {
            self.standing.remove(oldest);
        }
    }
}

/// A finding as one sentence, with its place and what to do.
pub fn in_one_line(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
    said(diagnostic) + &help
}

/// `place message`.
fn said(diagnostic: &Diagnostic) -> String {
    match diagnostic.place() {
        Some(place) => format!("{place} {}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}
