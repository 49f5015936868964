//! One line of a list: eight bytes that lead to the entry it stands for.

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
    /// An envelope that was accepted.
    Envelope,
    /// Something offered as an envelope and not accepted.
    Refused,
    /// What an operator made of an envelope: a plan, an empty one, or none.
    Plan,
    /// An action that reached its end.
    Disposed,
    /// Author code that did not load.
    NotLoaded,
    /// A policy that is stale, absent or warned about.
    Policy,
    /// Something that concerns no single envelope.
    Notice,
}

/// What a row is called by: stays the same however its list changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub(super) u32);

impl RowKind {
    /// Which of the three lists of rows it is in.
    pub(super) fn list(self) -> usize {
        match self {
            Self::Plan => 1,
            Self::Disposed => 2,
            Self::Envelope | Self::Refused | Self::NotLoaded | Self::Policy | Self::Notice => 0,
        }
    }
}
