//! What is counted above the lists, and the rows that were counted: a click or a key shows those alone.

use super::{ListId, Live, prompt};
use crate::console::screen::Context;

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// What was offered and refused.
    Refused,
    /// Envelopes that no trigger matched.
    Unrouted,
    /// Actions that were allowed.
    Allowed,
    /// Actions that were allowed and raised.
    Alerted,
    /// Actions that were stopped.
    Blocked,
    /// Actions whose key was used.
    Deduped,
    /// Actions that acted.
    Applied,
    /// Envelopes on which a handler or an operator failed.
    Failed,
}

impl Counted {
    /// The list that has them, and the query that finds them in it.
    fn query(self) -> (ListId, &'static str) {
        match self {
            Self::Refused => (ListId::Envelopes, "outcome:refused -decision:*"),
            Self::Unrouted => (ListId::Envelopes, "outcome:\"no match\""),
            Self::Allowed => (ListId::Decisions, "decision:allow"),
            Self::Alerted => (ListId::Decisions, "decision:alert"),
            Self::Blocked => (ListId::Decisions, "decision:block"),
            Self::Deduped => (ListId::Decisions, "decision:dedup"),
            Self::Applied => (ListId::Decisions, "outcome:applied"),
            Self::Failed => (ListId::Envelopes, "outcome:failed"),
        }
    }
}

impl Live {
    /// Shows the rows that were counted and no others; asked for again, all of them.
    pub(super) fn show_counted(&mut self, cx: &Context<'_>, counted: Counted) {
        self.leave_a_trail();
        let (list, query) = counted.query();
        self.focus_on(cx.model, list);
        if self.query().is_some_and(|filter| filter.text() == query) {
            self.replace_filter(cx.model, None);
        } else {
            prompt::put(self, cx, query);
        }
    }

    /// Takes the query away that is over the list that has the keys, else those over the others.
    pub(super) fn show_all(&mut self, cx: &Context<'_>) {
        if self.pending.alone {
            self.narrow(cx.model, false);
        } else if self.query().is_some() {
            self.replace_filter(cx.model, None);
        } else {
            self.drop_filters(cx.model);
        }
    }

    /// True when some list does not show all its rows.
    pub(super) fn is_narrowed(&self) -> bool {
        self.pending.alone || self.filters.iter().any(Option::is_some)
    }
}
