//! `[redact]`: what a review does not give away, beside what looks like a person or a secret.

use serde::Deserialize;

/// The table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedactTable {
    /// Names of members, wherever they stand.
    pub fields: Vec<String>,
}
