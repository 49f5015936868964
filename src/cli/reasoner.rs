//! `--reasoner`: what answers `ctx.reason`, in place of what `fibric.toml` says.

use clap::ValueEnum;

use crate::workspace::config::ReasonerKind;

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Reasoner {
    /// The operator's own `stub(input)`, else the rule file.
    Stub,
    /// What was recorded, also of reads, and nothing else.
    Recorded,
    /// The model that `[reasoner]` names.
    Model,
}

impl From<Reasoner> for ReasonerKind {
    fn from(reasoner: Reasoner) -> Self {
        match reasoner {
            Reasoner::Stub => Self::Stub,
            Reasoner::Recorded => Self::Recorded,
            Reasoner::Model => Self::Model,
        }
    }
}
