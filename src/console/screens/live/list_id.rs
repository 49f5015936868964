//! The four joined lists, and how they fold where the terminal is too narrow for four.

use crate::console::model::RowList;

/// One of the four lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListId {
    /// What came in.
    Envelopes,
    /// What operators made of it.
    Plans,
    /// What the policy and the keys said of each action.
    #[default]
    Decisions,
    /// What happened then.
    Receipts,
}

/// How many lists stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColumnMode {
    /// All four.
    #[default]
    Four,
    /// Plans fold into the envelope's row, receipts into the decision's.
    Two,
    /// The one that has the keys.
    One,
}

impl ListId {
    /// All, in the order of the flow.
    pub const ALL: [Self; 4] = [Self::Envelopes, Self::Plans, Self::Decisions, Self::Receipts];

    /// What it is called within a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Envelopes => "envelopes",
            Self::Plans => "plans",
            Self::Decisions => "decisions",
            Self::Receipts => "receipts",
        }
    }

    /// Which of the three lists of rows it shows: receipts are the decisions seen from their other end.
    pub fn list(self) -> RowList {
        match self {
            Self::Envelopes => RowList::Envelopes,
            Self::Plans => RowList::Plans,
            Self::Decisions | Self::Receipts => RowList::Decisions,
        }
    }

    /// The lists that show those rows.
    pub fn showing(list: RowList) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |shown| shown.list() == list)
    }

    /// The list that shows this one's rows under a fold.
    pub fn folded(self, fold: ColumnMode) -> Self {
        match (fold, self) {
            (ColumnMode::Two, Self::Plans) => Self::Envelopes,
            (ColumnMode::Two, Self::Receipts) => Self::Decisions,
            _ => self,
        }
    }

    /// The next one a person can go to, or the one before.
    pub fn beside(self, fold: ColumnMode, back: bool) -> Self {
        let all: Vec<Self> = Self::ALL.into_iter().filter(|list| list.folded(fold) == *list).collect();
        let at = all.iter().position(|list| *list == self.folded(fold)).unwrap_or(0);
        let step = if back { all.len() - 1 } else { 1 };
        all[(at + step) % all.len()]
    }
}

impl ColumnMode {
    /// For that many columns.
    pub fn of(columns: u16) -> Self {
        match columns {
            110.. => Self::Four,
            76.. => Self::Two,
            _ => Self::One,
        }
    }
}
