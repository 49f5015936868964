//! Finding, configuring, watching and reloading a workspace.
