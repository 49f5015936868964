//! The reasoner seam behind `ctx.reason` (contract 7): the stub, which is the operator's own `stub(input)`, else a rule
//! file; and a model. What was recorded is not asked here: it stands before every reasoner.
//!
//! Knows no engine that runs operators, no workspace and no recordings.

pub mod model;
pub mod rules;
pub mod stub;

use crate::author::host::Reasoned;
use crate::kernel::journal::Reasoning;
use crate::kernel::json::Raw;

/// Answers what an operator asks of `ctx.reason`.
pub trait Reasoner: Send {
    /// An answer, or what could have answered.
    fn reason(&self, asked: &Question) -> Answer;

    /// True where an operator that has a stub of its own is always answered by it, so that it need not ask.
    fn leaves_to_stub(&self) -> bool;

    /// True where an answer costs something, and is lost by being asked for again.
    fn is_paid(&self) -> bool {
        false
    }
}

/// What is asked, by whom.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The operator.
    pub operator: &'a str,
    /// What it is for.
    pub goal: &'a str,
    /// The fixed frame of its pack, where it comes from one.
    pub prompt: Option<&'a str>,
    /// The model its author has in mind, where the workspace names none.
    pub model: Option<&'a str>,
    /// The capabilities it may propose.
    pub proposes: &'a [String],
    /// Whether it has a `stub(input)` of its own.
    pub has_stub: bool,
    /// The input.
    pub input: &'a Raw,
}

/// What a reasoner makes of a question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The answer; the error is what author code sees.
    pub outcome: Result<Reasoned, String>,
    /// Why the whole call may not go on, where the answer is over a limit.
    pub over_limit: Option<String>,
    /// What answered, and what that took.
    pub reasoning: Reasoning,
}

impl Answer {
    fn of(outcome: Result<Reasoned, String>, reasoning: Reasoning) -> Self {
        let error = outcome.as_ref().err().cloned();
        Self { outcome, over_limit: None, reasoning: Reasoning { error, ..reasoning } }
    }
}
