//! Every order in which a few plans could have been disposed of side by side, by the executor itself as the model.
//!
//! A [`Model`] is plans with what the executor is answered about their actions. Its [`graph`] has each state of it once,
//! and an edge for each step that an action could take there; [`inequivalent`] counts the schedules that are not the
//! same but for the order of steps that commute, and which steps commute is asked of the executor too: both orders are
//! taken, and come to the same state or not. [`explore`] says what the schedules come to, and which are bad. Knows the
//! executor's interface and none of its rules; knows nothing of screens.

use std::fmt;

mod explored;
mod graph;
mod inequivalent;
mod model;
mod property;
mod recorded;
mod shortest;
#[cfg(test)]
mod tests;
pub mod wording;
mod world;

pub use explored::{ActionLine, Explored, OutcomeClass, PlanLine, explore};
pub use model::{Executor, KernelExecutor, Model, ModelAction, ModelPlan};
pub use property::Property;
pub use recorded::{Candidate, Chosen, Request, candidates, interleave};
pub use shortest::{LaneState, Schedule};
pub use world::{Claimer, Did, Ending, Move};

/// Plans that are taken side by side at most.
pub const MOST_PLANS: usize = 4;
/// Actions they may have together.
pub const MOST_ACTIONS: usize = 64;
/// States that are kept; a search that has more says nothing of the rest.
pub const MOST_STATES: usize = 1_000_000;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexplored {
    /// What is in the way.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// True where other plans have to be chosen; else what was recorded, or its size, is in the way.
    pub is_choice: bool,
}

impl Unexplored {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, is_choice: false }
    }

    fn choice(message: impl Into<String>) -> Self {
        Self { is_choice: true, ..Self::new(message) }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Unexplored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
