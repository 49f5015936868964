//! The demo and the tour: a script, performed by the real kernel and the real console over a copy of the bundled workspace
//! in a temporary folder. Nothing that is shown is made up: the script presses keys, and what captions say of an action is
//! taken from the journal.
//!
//! Knows how to show itself on a terminal and how to be written down; knows no arguments and no exit codes.

mod bundle;
mod facts;
pub mod first_run;
mod performance;
mod player;
mod script;
mod show;
mod view;
mod written;

pub use bundle::{BundleError, put_into as put_bundle_into};
pub use performance::{Failure, Stage};
pub use player::{Guide, Pace, Speed};
pub use script::Script;
pub use show::{Ended, on_terminal};
pub use written::{Line, Written, written};

#[cfg(test)]
mod tests;
