//! Fibric Console: a governed dev kernel for AI operators, and the screens that show it at work.
//!
//! The modules stand in the order of their dependencies: each may use only those above it.
//! `ARCHITECTURE.md` draws the same list, and `tests/architecture.rs` holds it.

pub mod kernel;

pub mod query;

pub mod impact;

pub mod author;
pub mod cassette;
pub mod reason;

pub mod pack;
pub mod template;

pub mod workspace;

pub mod session;

pub mod coverage;

pub mod replayer;
pub mod review;

pub mod publish;
pub mod upgrade;

pub mod report;

pub mod serve;

pub mod console;

pub mod demo;

pub mod cli;
