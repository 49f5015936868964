//! The Live screen through the real loop: its joined lists, queries, what is held, what is on disk, what is done with a
//! row.

mod actions;
mod failures;
mod filtering;
mod history;
mod holding;
pub mod joined;
mod panes;
