//! `--reasoner`: what answers `ctx.reason`, in place of what `fibric.toml` says.

use clap::ValueEnum;

use crate::workspace::config::ReasonerKind;

/// The kinds by their names; what each is says [`ReasonerKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Reasoner {
    Stub,
    Recorded,
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
