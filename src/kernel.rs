//! What everything means: shapes on the wire, routing, policy, and the disposition of plans.
//!
//! Pure. No I/O, no clock, no threads, no terminal: ids, times and file contents come in as values, and effects go
//! out as values. Everything above is a reader or a driver of what stands here.

pub mod capability;
pub mod crossed;
pub mod decimal;
pub mod diagnostic;
pub mod dollars;
pub mod envelope;
pub mod executor;
pub mod glob;
pub mod journal;
pub mod json;
pub mod plan;
pub mod policy;
pub mod receipt;
pub mod sanitize;
pub mod secret;
pub mod sentences;
pub mod sequence_diff;
pub mod shape;
