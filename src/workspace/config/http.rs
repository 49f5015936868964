//! `[http]`: where live input is taken, and how much of it at once (contract 6).

use serde::Deserialize;

use super::limits::Size;

/// The port where none is said.
pub const PORT: u16 = 4310;

/// `[http]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpTable {
    /// The port on the loopback addresses; 0 takes a free one.
    pub port: u16,
    /// Bytes of one request's body.
    pub body: Size,
}

impl Default for HttpTable {
    fn default() -> Self {
        Self { port: PORT, body: Size(8 << 20) }
    }
}
