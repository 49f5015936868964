//! Where the selected thing is written, for the editor: the rule that decided, the fixture, the author's file.

use crate::console::model::{Model, Row};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Fact, Origin};

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A line, from 1.
    Line(u32),
    /// The line on which a policy's rule of that number starts.
    Rule(u32),
}

/// The file that a row comes from, and where in it; with `envelope`, the fixture it came in by.
pub fn locate(model: &Model, row: Row, envelope: bool) -> Option<(String, At)> {
    if envelope { fixture(model, row) } else { source(model, row).or_else(|| fixture(model, row)) }
}

fn source(model: &Model, row: Row) -> Option<(String, At)> {
    match &model.entry(row)?.fact {
        Fact::Disposed(disposed) => rule(disposed.receipt.verdict.rule.as_deref()?),
        Fact::Held(held) => rule(held.verdict.rule.as_deref()?),
        Fact::Proposed(proposed) => proposed.failure.as_ref().and_then(diagnosed).or_else(|| {
            let file = model.operator_file(&proposed.operator)?;
            Some((file.to_owned(), At::Line(1)))
        }),
        Fact::Loaded(loaded) => {
            let failure = loaded.failure.as_ref().and_then(diagnosed);
            Some(failure.unwrap_or_else(|| (loaded.file.clone(), At::Line(1))))
        }
        Fact::PolicyLoaded(stamp) => policy(&stamp.diagnostics, &stamp.files),
        Fact::RunStarted(started) => policy(&started.policy.diagnostics, &started.policy.files),
        Fact::Noticed(diagnostic) => diagnosed(diagnostic),
        _ => None,
    }
}

fn rule(name: &str) -> Option<(String, At)> {
    let (file, number) = name.rsplit_once(':')?;
    Some((file.to_owned(), At::Rule(number.parse().ok()?)))
}

fn fixture(model: &Model, row: Row) -> Option<(String, At)> {
    let origin: &Origin = match &model.entry(row)?.fact {
        Fact::Refused(refused) => &refused.origin,
        _ => &model.received(model.arrival(row)?)?.origin,
    };
    Some((origin.file.clone()?, At::Line(origin.line.unwrap_or(1))))
}

fn policy(diagnostics: &[Diagnostic], files: &[String]) -> Option<(String, At)> {
    diagnostics.iter().find_map(diagnosed).or_else(|| Some((files.first()?.clone(), At::Line(1))))
}

fn diagnosed(diagnostic: &Diagnostic) -> Option<(String, At)> {
    Some((diagnostic.file.clone()?, At::Line(diagnostic.line.unwrap_or(1))))
}
