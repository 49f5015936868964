//! The journals on disk: how a run's lines are sealed and joined, and every way to read them. One entry by its place
//! ([`reader`]), each in turn ([`scan`]), those that are added ([`tail`]), a line only as far as it is needed ([`line`]),
//! all of them in the order in which they were written and held against their chain ([`walk`]).
//!
//! Knows no run that is open; what is written comes from the ledger.

pub mod chain;
pub mod line;
pub mod reader;
pub mod scan;
pub mod seals;
pub mod tail;
pub mod walk;
