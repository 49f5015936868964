//! Ways to move in a list or a text, whichever keys, wheel or buttons ask for them.

/// A way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One up.
    Up,
    /// One down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the start.
    First,
    /// To the end.
    Last,
}

impl Motion {
    /// Where it leads from index `at` in a list of `total`, of which `page` show at once.
    pub fn applied(self, at: usize, page: usize, total: usize) -> usize {
        let last = total.saturating_sub(1);
        match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at + 1,
            Self::PageUp => at.saturating_sub(page),
            Self::PageDown => at + page,
            Self::First => 0,
            Self::Last => last,
        }
        .min(last)
    }
}

/// Which of the panes beside the one that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// To the right.
    Next,
    /// To the left.
    Previous,
}
