//! One entry in sixteen bytes: where its line begins, what it is, what became of it.

use super::super::indexed_entry::IndexedAction;
use super::super::moment::Stage;
use crate::kernel::receipt::{Outcome, Ruling};

/// Bits of a slot's place that are its offset; above them stand kind, mark and stage.
const OFFSET_BITS: u32 = 48;
const OFFSET: u64 = (1 << OFFSET_BITS) - 1;

/// What became of an envelope or an action, in one glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Mark {
    /// Nothing yet.
    None,
    /// No trigger matched.
    Unmatched,
    /// An empty plan.
    EmptyPlan,
    /// Author code failed.
    NoPlan,
    /// A plan with actions.
    Planned,
    /// Not accepted.
    Refused,
    /// Allowed and applied.
    Allow,
    /// Raised and applied.
    Alert,
    /// Stopped.
    Block,
    /// Key already used.
    Dedup,
    /// Allowed; its handler failed.
    AllowFailed,
    /// Raised; its handler failed.
    AlertFailed,
}

impl Mark {
    const ALL: [Self; 12] = [
        Self::None,
        Self::Unmatched,
        Self::EmptyPlan,
        Self::NoPlan,
        Self::Planned,
        Self::Refused,
        Self::Allow,
        Self::Alert,
        Self::Block,
        Self::Dedup,
        Self::AllowFailed,
        Self::AlertFailed,
    ];

    /// That of a disposition.
    pub fn of(action: &IndexedAction) -> Self {
        match (action.ruling, action.outcome) {
            (Ruling::Alert, Outcome::Failed) => Self::AlertFailed,
            (_, Outcome::Failed) => Self::AllowFailed,
            (Ruling::Allow, _) => Self::Allow,
            (Ruling::Alert, _) => Self::Alert,
            (Ruling::Block, _) => Self::Block,
            (Ruling::Dedup, _) => Self::Dedup,
        }
    }

    /// The ruling, of an action.
    pub fn ruling(self) -> Option<Ruling> {
        Some(match self {
            Self::Allow | Self::AllowFailed => Ruling::Allow,
            Self::Alert | Self::AlertFailed => Ruling::Alert,
            Self::Block => Ruling::Block,
            Self::Dedup => Ruling::Dedup,
            _ => return None,
        })
    }

    /// True where a handler failed.
    pub fn failed(self) -> bool {
        matches!(self, Self::AllowFailed | Self::AlertFailed)
    }
}

/// What an entry is to a replayer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing that is stopped at.
    Other,
    /// An envelope.
    Envelope,
    /// Something that was not accepted.
    Refused,
    /// Where an envelope went.
    Routed,
    /// What an operator proposed.
    Proposed,
    /// The end of an action.
    Action,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Other, Self::Envelope, Self::Refused, Self::Routed, Self::Proposed, Self::Action];
}

/// One entry.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// Offset, kind, mark, stage.
    packed: u64,
    /// Of an action the place of its envelope among the envelopes; of an envelope the hash of its file.
    pub of: u32,
    /// What tells whether another run has the same: of an envelope its event, of an action all of it.
    pub sameness: u32,
}

impl Slot {
    /// Of a line that begins there.
    pub fn new(offset: u64, kind: Kind, mark: Mark, stage: Stage) -> Self {
        let mut slot = Self { packed: offset & OFFSET, of: 0, sameness: 0 };
        slot.packed |= (kind as u64) << OFFSET_BITS | (stage as u64) << (OFFSET_BITS + 8);
        slot.set(mark);
        slot
    }

    /// The same, of an envelope or a file, with what tells it from others.
    pub fn of(self, of: u32, sameness: u32) -> Self {
        Self { of, sameness, ..self }
    }

    /// Says what became of it.
    pub fn set(&mut self, mark: Mark) {
        self.packed = self.packed & !(0xf << (OFFSET_BITS + 4)) | (mark as u64) << (OFFSET_BITS + 4);
    }

    /// Where its line begins.
    pub fn offset(self) -> u64 {
        self.packed & OFFSET
    }

    fn bits(self, shift: u32) -> usize {
        usize::try_from(self.packed >> (OFFSET_BITS + shift) & 0xf).unwrap_or(0)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        Kind::ALL.get(self.bits(0)).copied().unwrap_or(Kind::Other)
    }

    /// What became of it.
    pub fn mark(self) -> Mark {
        Mark::ALL.get(self.bits(4)).copied().unwrap_or(Mark::None)
    }

    /// The stage that decided, of an action.
    pub fn stage(self) -> Stage {
        Stage::ALL.get(self.bits(8)).copied().unwrap_or(Stage::Validate)
    }
}
