//! A replay as cases that passed or failed, for build servers: one an envelope, in suites by file, and one for the gates.
//! A case fails exactly for what makes the replay fail.

use std::collections::HashMap;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Disposed, Entry, Fact, Origin, Proposed, Refused, Source};
use crate::kernel::receipt::{Cause, Ruling};
use crate::report::diagnostics::{Style, render};
use crate::report::golden::sentence;
use crate::report::junit::{Case, Outcome, Suite};
use crate::report::plain::short;
use crate::session::golden::Golden;

/// What of a replay is a failure.
#[derive(Debug, Clone, Copy)]
pub struct Matters {
    /// Whatever is not as it should be.
    pub strict: bool,
    /// What the policy blocked.
    pub blocked: bool,
}

/// Gathers the cases.
#[derive(Debug)]
pub struct Cases {
    matters: Matters,
    /// In the order of the replay.
    tried: Vec<Tried>,
    /// Where the envelopes of a line are, by file, line and correlation id.
    places: HashMap<(String, u32, String), usize>,
    /// The envelope in hand.
    current: Option<usize>,
}

/// An envelope, and what failed of it.
#[derive(Debug)]
struct Tried {
    name: String,
    file: Option<String>,
    line: Option<u32>,
    faults: Vec<Diagnostic>,
    /// True where author code ended in an error, so that nothing could be told.
    crashed: bool,
}

impl Tried {
    fn at(name: String, origin: &Origin) -> Self {
        Self { name, file: origin.file.clone(), line: origin.line, faults: Vec::new(), crashed: false }
    }
}

impl Cases {
    /// None yet.
    pub fn of(matters: Matters) -> Self {
        Self { matters, tried: Vec::new(), places: HashMap::new(), current: None }
    }

    /// Takes in an entry of pass 1 or 2; the second has no cases of its own.
    pub fn entry(&mut self, pass: u32, entry: &Entry) {
        if pass != 1 {
            return;
        }
        match &entry.fact {
            Fact::Received(received) => {
                let (envelope, origin) = (&received.envelope, &received.origin);
                let name = format!("{} corr={}", envelope.event_type, short(&envelope.correlation_id));
                if let (Some(file), Some(line)) = (&origin.file, origin.line) {
                    let place = (file.clone(), line, envelope.correlation_id.clone());
                    self.places.entry(place).or_insert(self.tried.len());
                }
                self.current = Some(self.tried.len());
                self.tried.push(Tried::at(name, origin));
            }
            Fact::Refused(refused) if self.matters.strict => self.refused(refused),
            Fact::Noticed(notice) if self.matters.strict && notice.is_error() => {
                let origin = Origin { source: Source::Fixture, file: notice.file.clone(), line: notice.line };
                let faults = vec![notice.clone()];
                self.tried.push(Tried { faults, ..Tried::at("the file can be read".to_owned(), &origin) });
            }
            Fact::Proposed(proposed) if self.matters.strict => self.proposed(proposed),
            Fact::Disposed(disposed) => self.disposed(disposed),
            _ => {}
        }
    }

    fn refused(&mut self, refused: &Refused) {
        let mut tried = Tried::at("what stands here is an envelope".to_owned(), &refused.origin);
        tried.faults.clone_from(&refused.diagnostics);
        self.tried.push(tried);
    }

    fn proposed(&mut self, proposed: &Proposed) {
        let Some(tried) = self.current.and_then(|at| self.tried.get_mut(at)) else { return };
        tried.crashed |= proposed.failure.is_some() && proposed.plan.is_none();
        tried.faults.extend(proposed.failure.clone());
    }

    fn disposed(&mut self, disposed: &Disposed) {
        let receipt = &disposed.receipt;
        let is_invalid = receipt.verdict.cause == Cause::Validate;
        let matters = self.matters.strict || self.matters.blocked && !is_invalid;
        if receipt.verdict.decision != Ruling::Block || !matters {
            return;
        }
        if let Some(tried) = self.current.and_then(|at| self.tried.get_mut(at)) {
            let said = format!("{} {} BLOCK {}", receipt.operator, receipt.tool, receipt.verdict.reason);
            tried.faults.push(tried.here(said));
        }
    }

    /// Takes over the plans that are not what was recorded.
    pub fn golden(&mut self, golden: &Golden) {
        for finding in golden.findings.iter().filter(|finding| finding.state.is_failure()) {
            let place = (finding.file.clone(), finding.line.unwrap_or(0), finding.correlation_id.clone());
            let said = sentence(finding);
            if let Some(tried) = self.places.get(&place).and_then(|at| self.tried.get_mut(*at)) {
                tried.faults.push(tried.here(said));
                continue;
            }
            // Of an envelope that is refused there is no case yet.
            let origin = Origin { source: Source::Fixture, file: Some(finding.file.clone()), line: finding.line };
            let mut tried = Tried::at("golden plans".to_owned(), &origin);
            tried.faults.push(tried.here(said));
            self.tried.push(tried);
        }
    }

    /// What failed, in the order of the replay.
    pub fn faults(&self) -> impl Iterator<Item = &Diagnostic> {
        self.tried.iter().flat_map(|tried| &tried.faults)
    }

    /// The suites: one a file, and one for the gates, which failed with these words.
    pub fn suites(&self, gate: Option<&str>) -> Vec<Suite> {
        let mut suites: Vec<Suite> = Vec::new();
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        for tried in &self.tried {
            let name = tried.file.as_deref().unwrap_or("schedules");
            let at = *by_name.entry(name).or_insert_with(|| {
                suites.push(Suite { name: name.to_owned(), cases: Vec::new() });
                suites.len() - 1
            });
            suites[at].cases.push(tried.case());
        }
        let outcome = gate.map_or(Outcome::Passed, |why| Outcome::Failed(why.to_owned(), why.to_owned()));
        let gates = Case { name: "the replay passes its gates".to_owned(), file: None, line: None, outcome };
        suites.push(Suite { name: "dev replay".to_owned(), cases: vec![gates] });
        suites
    }
}

impl Tried {
    fn here(&self, said: String) -> Diagnostic {
        Diagnostic { file: self.file.clone(), line: self.line, ..Diagnostic::error(said) }
    }

    fn case(&self) -> Case {
        let outcome = match self.faults.first() {
            None => Outcome::Passed,
            Some(first) => {
                let whole: Vec<_> = self.faults.iter().map(|fault| render(fault, Style::Plain)).collect();
                let (sentence, whole) = (first.message.clone(), whole.join("\n"));
                if self.crashed { Outcome::Errored(sentence, whole) } else { Outcome::Failed(sentence, whole) }
            }
        };
        Case { name: self.name.clone(), file: self.file.clone(), line: self.line, outcome }
    }
}
