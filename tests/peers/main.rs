//! What programs of other people's making do with it: curl and the `eventsource` client under Node with live input, Chromium
//! with the page of a review. Run by `cargo xtask peers`, which fetches what is needed; what is not there fails here, with
//! what to install.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where its ground gives way")]

#[path = "../cli/harness.rs"]
#[allow(dead_code, reason = "each suite uses a part of it")]
mod harness;

mod browser;
mod curl;
mod event_source;

use std::process::Command;

use harness::{Running, Workspace};

/// A session on a free port, and its address.
fn listening(workspace: &Workspace) -> (Running, String) {
    let mut dev = workspace.dev(&["--no-play"]);
    let line = dev.wait_for("listening on ");
    (dev, line.rsplit("listening on ").next().unwrap().trim().to_owned())
}

/// Fails where a program is not there.
fn needs(program: &str, install: &str) {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found, "`{program}` is not there: install it ({install})");
}
