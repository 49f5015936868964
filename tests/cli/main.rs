//! The commands, from the outside: each test drives the real binary in a workspace of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where its ground gives way")]

mod clean;
mod coverage;
mod definitions;
mod demo;
mod endpoint;
mod exits;
mod golden;
mod harness;
mod holding;
mod hostile;
mod http;
mod impact;
mod inputs;
mod interleave;
mod ledger;
mod live;
mod model;
mod operator_forks;
mod outputs;
mod packs;
mod pages;
mod plan;
mod policies;
mod policy_code;
mod policy_files;
mod policy_gates;
mod policy_names;
#[cfg(unix)]
mod read_only;
mod reload;
mod reviews;
mod run_diff;
mod schedules;
mod settings;
mod shadow;
mod side_by_side;
mod tampering;
mod tape;
