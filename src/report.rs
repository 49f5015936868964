//! The same facts as text and JSON: what commands print. Only turns entries and diagnostics into lines; it reads no
//! files and knows no screen.

pub mod annotations;
pub mod check;
pub mod coverage;
pub mod diagnostics;
pub mod golden;
pub mod impact;
pub mod interleavings;
pub mod junit;
pub mod plain;
pub mod replay;
pub mod review;
pub mod run_diff;
pub mod sarif;
pub mod trials;
pub mod upgrade;
