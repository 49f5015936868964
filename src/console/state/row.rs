//! One line of the list: eight bytes that lead to the entry it stands for.

/// Which entry, and what it is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Index of the stored entry.
    pub(super) at: u32,
    /// What it is.
    pub kind: RowKind,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// An action that reached its end.
    Disposed,
    /// Something offered as an envelope and not accepted.
    Refused,
    /// An envelope accepted with warnings.
    Warned,
    /// An envelope no trigger matched.
    Unrouted,
    /// An empty plan: a correct outcome.
    Refusal,
    /// A plan that will not be disposed of.
    Proposal,
    /// Author code that gave no plan.
    NoPlan,
    /// Author code that did not load.
    NotLoaded,
    /// A policy that is stale, absent or warned about.
    Policy,
    /// Something that concerns no single envelope.
    Notice,
}

/// What a row is called by: stays the same however the list changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowId {
    /// The run.
    pub run: u32,
    /// The entry's position in it.
    pub seq: u64,
}
