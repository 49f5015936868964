//! All that disposals share: locks, claims, and how often each capability was used.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::claims::Claims;
use super::gates;
use crate::kernel::journal::{Disposed, StageRecord};
use crate::kernel::policy::{Limit, Period};

/// Locks, claims and uses.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Entity key → the action in flight on it.
    pub(super) locks: HashMap<String, String>,
    /// An argument and its value → the action in flight on it.
    pub(super) arguments: HashMap<(String, String), String>,
    /// Idempotency key → the receipt that claimed it.
    pub(super) claims: Claims,
    /// Operator and capability → how many keys were claimed at which moment, in milliseconds.
    pub(super) uses: HashMap<(String, String), BTreeMap<i64, u32>>,
}

/// A key that was claimed before, as it counts for limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Who proposed the action.
    pub operator: String,
    /// Its capability.
    pub tool: String,
    /// When, RFC 3339.
    pub at: String,
}

/// How full a limit's window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Keys claimed in it.
    pub(super) used: u32,
    /// When there is room again, in milliseconds; none while there is.
    pub(super) frees_at: Option<i64>,
}

impl State {
    /// A state in which these keys are already used.
    pub fn with_claims(claims: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { claims: claims.into_iter().collect(), ..Self::default() }
    }

    /// The same, with what counts for limits. A time that cannot be read counts as now: rather too long than not.
    #[must_use]
    pub fn with_uses(mut self, uses: impl IntoIterator<Item = Use>, now: &str) -> Self {
        for used in uses {
            self.count(&used, now);
        }
        self
    }

    /// Counts a key that was claimed before. A time that cannot be read counts as now: rather too long than not.
    pub fn count(&mut self, used: &Use, now: &str) {
        let moment = gates::milliseconds(&used.at).or_else(|| gates::milliseconds(now)).unwrap_or(0);
        self.use_of(&used.operator, &used.tool, moment);
    }

    /// Takes back what [`State::count`] counted.
    pub fn uncount(&mut self, used: &Use, now: &str) {
        let moment = gates::milliseconds(&used.at).or_else(|| gates::milliseconds(now)).unwrap_or(0);
        self.unuse(&used.operator, &used.tool, moment);
    }

    /// A key that was claimed before, by that receipt.
    pub fn claim(&mut self, key: &str, receipt: &str) {
        self.claims.insert(key, receipt);
    }

    /// A key that was given back.
    pub fn give_back(&mut self, key: &str) {
        self.claims.remove(key);
    }

    /// Who has which key.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The same with an action in flight on an entity.
    #[must_use]
    pub fn locked_by(mut self, entity_key: &str, action: &str) -> Self {
        self.locks.insert(entity_key.to_owned(), action.to_owned());
        self
    }

    /// Gives the lock of an entity back, as no step of the executor does alone.
    #[cfg(test)]
    pub(crate) fn unlock(&mut self, entity_key: &str) {
        self.locks.remove(entity_key);
    }

    /// The receipt that claimed a key.
    pub fn claimed_by(&self, key: &str) -> Option<String> {
        self.claims.get(key)
    }

    /// The action in flight on an entity.
    pub fn holder(&self, entity_key: &str) -> Option<&str> {
        self.locks.get(entity_key).map(String::as_str)
    }

    /// What a journalled disposition did to the keys: folding a journal's entries gives the state at any of them.
    pub fn apply(&mut self, disposed: &Disposed) {
        let receipt = &disposed.receipt;
        let key = &receipt.idempotency_key;
        for stage in &disposed.stages {
            match stage {
                StageRecord::Handler { claimed: true, .. } => {
                    self.claims.insert(key, &receipt.id);
                    let moment = gates::milliseconds(&receipt.at).unwrap_or(0);
                    self.use_of(&receipt.operator, &receipt.tool, moment);
                }
                StageRecord::Handler { claimed: false, .. } if self.claimed_by(key).as_ref() == Some(&receipt.id) => {
                    self.claims.remove(key);
                }
                _ => {}
            }
        }
    }

    /// Counts a claim. What is too old for any window is forgotten.
    pub(super) fn use_of(&mut self, operator: &str, tool: &str, moment: i64) {
        let uses = self.uses.entry((operator.to_owned(), tool.to_owned())).or_default();
        *uses.entry(moment).or_default() += 1;
        let oldest = moment.saturating_sub(Period::Day.seconds() * 1_000);
        while uses.first_key_value().is_some_and(|(first, _)| *first < oldest) {
            uses.pop_first();
        }
    }

    /// Takes a claim back.
    pub(super) fn unuse(&mut self, operator: &str, tool: &str, moment: i64) {
        let Some(uses) = self.uses.get_mut(&(operator.to_owned(), tool.to_owned())) else { return };
        if let Some(count) = uses.get_mut(&moment) {
            *count -= 1;
            if *count == 0 {
                uses.remove(&moment);
            }
        }
    }

    /// How full a window is that ends at a moment. What was claimed later, by a clock that was set back, counts too.
    pub(super) fn window(&self, operator: &str, tool: &str, limit: Limit, moment: i64) -> Window {
        let length = limit.per.seconds() * 1_000;
        let Some(uses) = self.uses.get(&(operator.to_owned(), tool.to_owned())) else {
            return Window { used: 0, frees_at: None };
        };
        let inside = || uses.range(moment.saturating_sub(length).saturating_add(1)..);
        let used: u32 = inside().map(|(_, count)| *count).fold(0, u32::saturating_add);
        if used < limit.max {
            return Window { used, frees_at: None };
        }
        // So many have to leave it before there is room.
        let mut leaving = used - limit.max + 1;
        let last = inside().find(|(_, count)| {
            leaving = leaving.saturating_sub(**count);
            leaving == 0
        });
        Window { used, frees_at: last.map(|(at, _)| at.saturating_add(length)) }
    }
}
