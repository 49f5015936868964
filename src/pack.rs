//! An operator made installable: what a pack's files say, each read to a value with its faults.

pub mod prompt;
