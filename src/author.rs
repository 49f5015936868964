//! Running what authors wrote: definitions, the host protocol, and the hosts that speak it.
//!
//! Callers get a [`host::Host`] from [`load::load`] and never learn which engine is behind it. Nothing here knows
//! policies, receipts or screens: a plan leaves as text and is judged elsewhere.

pub mod bounded_read;
pub mod confine;
pub mod definition;
mod embedded;
pub mod entry;
pub mod host;
pub mod load;
pub mod message;
pub mod process;
pub mod schema;
mod source;

pub use embedded::serve;

#[cfg(test)]
mod tests;
