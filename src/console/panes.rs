//! The parts of the Live screen; each draws itself into its area from the state and changes nothing.

pub mod action;
pub mod decisions;
pub mod envelopes;
pub mod flow;
pub mod footer;
pub mod header;
pub mod ladder;
pub mod lists;
pub mod plans;
pub mod policy;
pub mod stages;
pub mod strips;
pub mod why;
