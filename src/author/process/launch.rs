//! Which program a child is: this one again, under a subcommand nobody types.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The subcommand under which `fibric` becomes a host.
pub const SUBCOMMAND: &str = "author-host";

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Names the `fibric` to start children from, for programs that use this library and are not `fibric` themselves
/// (benches, tests). The first call counts.
pub fn use_program(program: impl Into<PathBuf>) {
    let _ = PROGRAM.set(program.into());
}

/// The program and what goes before its own arguments.
pub(super) fn command() -> (PathBuf, Vec<OsString>) {
    if let Some(program) = PROGRAM.get() {
        return (program.clone(), vec![SUBCOMMAND.into()]);
    }
    // On Linux the link leads to the very file that runs, also after it was replaced or removed.
    let itself = PathBuf::from("/proc/self/exe");
    let program = if cfg!(target_os = "linux") { itself } else { std::env::current_exe().unwrap_or(itself) };
    (program, arguments())
}

#[cfg(not(test))]
fn arguments() -> Vec<OsString> {
    vec![SUBCOMMAND.into()]
}

/// The program that runs the tests becomes a host by running a single one of them, on its first thread.
#[cfg(test)]
fn arguments() -> Vec<OsString> {
    let words =
        ["--exact", "author::tests::host::the_host_of_other_tests", "--nocapture", "--test-threads=1", "--quiet"];
    words.iter().map(Into::into).collect()
}

/// The environment variable that tells a child how much memory it has: arguments belong to the tests' own program.
pub const MEMORY: &str = "FIBRIC_HOST_MEMORY";

/// The environment variable that lets a child run where it cannot be confined.
pub const UNCONFINED: &str = "FIBRIC_HOST_UNCONFINED";

/// The environment variable that makes a child try what it can reach, at this listener among others, and say so.
pub const PROBE: &str = "FIBRIC_HOST_PROBE";
