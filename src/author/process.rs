//! Child processes that run author code: started confined, fed with orders, bounded in number, ended when they break a
//! limit. One child runs one definition at a time.
//!
//! Nothing here waits for a child without a limit of time, and nothing a child sends is believed to be small, in turn or
//! even a message. Knows the messages, and nothing of what an engine does with them; the child's own side is in
//! `embedded`. Works on blocking sockets alone: no thread in the kernel's process belongs to a child.

mod call;
mod child;
mod client;
pub mod launch;
mod pool;
mod wire;

pub use client::Client;
pub use pool::{HostOptions, Hosts};

/// How long either end gives way to the other before it sleeps, while the other has one short thing to do: most answers
/// are there sooner than the system wakes a sleeping thread, and an ask costs two such waits on each side.
pub const PROMPTLY: std::time::Duration = std::time::Duration::from_micros(60);
