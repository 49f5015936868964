//! The same facts as text, JSON and reports.

pub mod diagnostics;
