//! The dev kernel at work: it drives the pure kernel over a workspace, keeps the ledger on disk, and tells its readers.
//!
//! Knows files and author hosts; knows nothing of terminals or of how anything is printed.

pub mod attention;
pub mod audit;
pub mod base;
pub mod bus;
pub mod clean;
pub mod clock;
pub mod corpus;
pub mod delivery;
pub mod dev;
pub mod dev_kernel;
pub mod disk;
pub mod error;
pub mod external_runs;
pub mod golden;
pub mod journal;
pub mod keys;
pub mod ledger;
pub mod mending;
pub mod operator_fork;
pub mod plan_files;
pub mod projections;
pub mod proposals;
pub mod propose;
pub mod reasoner;
pub mod receipt_chain;
pub mod recovery;
pub mod replay;
pub mod run;
pub mod run_diff;
pub mod schedule;
pub mod state_files;
pub mod store;
pub mod tape;
pub mod torn;
pub mod trials;
