//! What stands in a workspace and is not used by this version, so that nobody waits for it to be.

use std::path::Path;

use super::{Workspace, secrets};
use crate::kernel::diagnostic::Diagnostic;

/// Folders that are to come: what is in them, and what follows from that until then.
const FOLDERS: [(&str, &str); 2] = [
    ("policy/installed", "installed policies are not read by this version, and not in force"),
    (".fibric/installed", "what is installed is not loaded by this version"),
];

/// Says of each thing that is there that it is not used.
pub fn found(workspace: &Workspace) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (folder, why) in FOLDERS {
        if has_entries(&workspace.root.join(folder)) {
            found.push(Diagnostic::warning(format!("`{folder}/` is not used: {why}")));
        }
    }
    let is_asked_for = workspace.config.reasoner.secret.is_some();
    if !is_asked_for && workspace.root.join(secrets::FILE).symlink_metadata().is_ok() {
        let told = "`.fibric/secrets.toml` is not used: no connection is opened by this version, and `[reasoner] secret` \
                    names no slot";
        found.push(Diagnostic::warning(told));
    }
    let connections: Vec<_> = workspace.config.connections.keys().map(|name| format!("`{name}`")).collect();
    if !connections.is_empty() {
        let told = format!("`[connections]` is not used: this version opens none of {}", connections.join(", "));
        found.push(Diagnostic::warning(told).help("tools that act run as stubs that echo their args"));
    }
    found
}

fn has_entries(folder: &Path) -> bool {
    let hidden = |name: std::ffi::OsString| name.as_encoded_bytes().starts_with(b".");
    folder.read_dir().is_ok_and(|entries| entries.flatten().any(|entry| !hidden(entry.file_name())))
}
