//! Author code that means harm, run by the binary as a user runs it: each costs one failed call, and nothing else.
//!
//! What a host could reach if it broke out of the engine is tried in `author::tests::host`, confined and, as a canary,
//! unconfined.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

#[path = "../cli/harness.rs"]
#[allow(dead_code, reason = "the harness of the commands' stories serves here too, not all of it")]
mod harness;

mod author_code;
mod limits;
