//! The parts of the Live screen; each draws itself into its area from the state and changes nothing.

pub mod decisions;
pub mod flow;
pub mod footer;
pub mod header;
pub mod receipt;
pub mod stages;
pub mod strips;
pub mod why;
