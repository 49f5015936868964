//! The reasoner seam behind `ctx.reason` (contract 7). Today's only reasoner is the stub: the operator's own
//! `stub(input)`, else a rule file, else an error that names both. Recorded and model reasoners join behind the same
//! trait.

pub mod stub;

use crate::author::host::Reasoned;
use crate::kernel::json::Raw;

/// Answers what an operator asks of `ctx.reason`.
pub trait Reasoner: Send {
    /// An answer to `input`; the error says what could have answered.
    fn reason(&self, asked: &Question) -> Result<Reasoned, String>;

    /// True where an operator that has a stub of its own is always answered by it, so that it need not ask.
    fn leaves_to_stub(&self) -> bool;

    /// Takes note of what an operator's own stub answered after [`Self::reason`] left it to it, so that whoever records
    /// answers knows those too.
    fn stub_answered(&self, _asked: &Question, _answer: &Raw) {}
}

/// What is asked, by whom.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The operator.
    pub operator: &'a str,
    /// Whether it has a `stub(input)` of its own.
    pub has_stub: bool,
    /// The input.
    pub input: &'a Raw,
}
