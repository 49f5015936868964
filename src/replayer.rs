//! The replayer: any moment of a run's journal at once, forwards and backwards, without running author code again.
//!
//! An [`Index`] keeps sixteen bytes of each entry and every change of keys and locks, so the kernel's state at a moment
//! is looked up; [`stages`] says what each of the six stages of an action (contract 5) saw, said and changed; a
//! [`Transport`] moves among moments. Knows journals and the executor; knows nothing of screens, and takes the time as
//! an input. It reads journals through the session's readers and writes nothing.

pub mod difference;
pub mod draft;
pub mod fork;
mod history;
pub mod index;
mod indexed_entry;
pub mod moment;
pub mod runs;
pub mod scan;
pub mod schedules;
pub mod search;
pub mod stages;
pub mod state;
#[cfg(test)]
mod tests;
pub mod transport;

pub use index::{Index, Mark};
pub use indexed_entry::IndexedEntry;
pub use moment::{Moment, Position, Stage};
pub use state::StateView;
pub use transport::Transport;
