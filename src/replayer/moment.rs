//! Where one can stand in a run: at an envelope, or behind a stage of an action.

use crate::kernel::journal::{Disposed, StageRecord};
use crate::kernel::receipt::Cause;

/// The stages every action goes through, in their order (contract 5). Limit and the question to a person belong to
/// policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Shape, allow-list, binding, input schema.
    Validate,
    /// The trust policy, its limits, and a person where one is asked.
    Policy,
    /// One action in flight on an entity.
    Lock,
    /// One use of a key.
    Dedup,
    /// The tool, or its stub.
    Handler,
    /// What is written down.
    Receipt,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Validate, Self::Policy, Self::Lock, Self::Dedup, Self::Handler, Self::Receipt];

    /// The stage a record belongs to.
    pub fn of(record: &StageRecord) -> Self {
        match record {
            StageRecord::Validate { .. } => Self::Validate,
            StageRecord::Policy { .. }
            | StageRecord::Shadow { .. }
            | StageRecord::Limit { .. }
            | StageRecord::Hold { .. } => Self::Policy,
            StageRecord::Lock { .. } => Self::Lock,
            StageRecord::Dedup { .. } => Self::Dedup,
            StageRecord::Handler { .. } => Self::Handler,
        }
    }

    /// The stage that decided about an action: the last it came to before its receipt.
    pub fn reached(disposed: &Disposed) -> Self {
        // A lock that stays held leaves no record of its stage.
        if disposed.receipt.verdict.cause == Cause::Lock {
            return Self::Lock;
        }
        disposed.stages.last().map_or(Self::Validate, Self::of)
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Policy => "policy",
            Self::Lock => "lock",
            Self::Dedup => "dedup",
            Self::Handler => "handler",
            Self::Receipt => "receipt",
        }
    }

    /// Its number, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The stage of a number from 1, or of a name.
    pub fn parse(text: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().find(|stage| stage.name() == text);
        named.or_else(|| Self::ALL.get(text.parse::<usize>().ok()?.checked_sub(1)?).copied())
    }
}

/// A place in a run: an entry, and of an action the stage that has just been done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The entry, counted from 0: that of an envelope, of something refused, or of a disposition.
    pub entry: u32,
    /// The last stage that is done; none at an envelope.
    pub stage: Option<Stage>,
}

/// The same in a person's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// Which envelope, from 1; 0 where the run has none.
    pub envelope: usize,
    /// Of how many.
    pub envelopes: usize,
    /// Which action of that envelope, from 1; 0 at the envelope itself.
    pub action: usize,
    /// Of how many.
    pub actions: usize,
    /// The stage that is done.
    pub stage: Option<Stage>,
}
