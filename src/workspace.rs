//! Finding, configuring, watching and reloading a workspace.

pub mod fixtures;
