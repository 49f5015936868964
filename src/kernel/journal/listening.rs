//! Where a session takes live input.

use serde::{Deserialize, Serialize};

/// The HTTP surface is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// `http://127.0.0.1:4310`.
    pub address: String,
    /// False where another process has the workspace's live input: events are refused there, the stream is not.
    pub live: bool,
}
