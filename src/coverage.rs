//! What the fixtures cover: the last result of each envelope, read from the journals, and a map of the cells there are
//! (trigger, tool, decision, refusal, DEDUP, each side of a ceiling) with those that no fixture fills; and the smallest
//! fixture that fills one, which is run at once and kept only if it does.
//!
//! The map is a function of results and of what is loaded. Filling a cell asks operators in runs that share no keys and
//! whose handlers are stubs. Must not know how anything is printed or shown.

mod boundary;
mod candidate;
mod cell;
mod fill;
mod last_results;
mod loaded;
mod map;
mod outcome;
mod search;
mod synthetic;
#[cfg(test)]
pub(crate) mod tests;

pub use boundary::{BoundaryTest, Gap, test_for};
pub use cell::{Case, Cell};
pub use fill::{Filled, Unfilled, fill, play_fixture};
pub use last_results::{FixtureFile, FixtureResult, LastResults, read};
pub use loaded::{LoadedOperator, LoadedTool, WhatIsLoaded};
pub use map::{CoverageMap, MapRow, Standing, Witness};
pub use outcome::{ActionOutcome, EnvelopeOutcome, PlanOutcome};
pub use synthetic::is_synthetic;
