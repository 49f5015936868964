//! A folder that may be read and not written: commands that only read work in it, and leave nothing behind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use super::harness::{Workspace, order};

/// Who owns no file.
const NOBODY: u32 = 65_534;

/// Everything below a folder, with its length.
fn listing(folder: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(listing(&entry.path()));
        }
        found.push((entry.path(), entry.metadata().map_or(0, |about| about.len())));
    }
    found.sort();
    found
}

fn permit(folder: &Path, mode: u32) {
    for (path, _) in listing(folder) {
        if path.is_dir() {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
}

/// What a command says that may write nowhere in the workspace.
fn said(workspace: &Workspace, args: &[&str]) -> (Option<i32>, String, String) {
    let root = workspace.path("");
    permit(&root, 0o555);
    let mut command = workspace.command(args);
    // No mode keeps root from writing.
    if fs::write(root.join("probe"), "").is_ok() {
        fs::remove_file(root.join("probe")).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let before = listing(&root);
    let output = command.output().unwrap();
    let after = listing(&root);
    permit(&root, 0o755);
    assert_eq!(before, after, "{args:?} wrote");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn commands_that_read_work_where_nothing_may_be_written() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let reading: [&[&str]; 5] = [
        &["receipts", "tail"],
        &["receipts", "export"],
        &["receipts", "verify"],
        &["events", "tail"],
        &["clean", "--keep", "0s", "--dry-run"],
    ];
    let plans = |state: &str| {
        let (code, out, err) = said(&workspace, &["dev", "replay", "fixtures", "--propose-only"]);
        assert_eq!(code, Some(0), "{state}: {out} {err}");
        assert!(out.contains("plan proposed: 1 action") && !out.contains("written"), "{state}: {out} {err}");
        assert!(err.contains("nothing of this replay is kept"), "{state}: {err}");
        let (code, _, err) = said(&workspace, &["dev", "replay", "fixtures"]);
        assert!(code == Some(1) && err.contains("ermission denied"), "{state}: what disposes has to be kept: {err}");
    };
    for args in reading {
        let (code, out, err) = said(&workspace, args);
        assert_eq!(code, Some(0), "{args:?} in a fresh folder: {out} {err}");
    }
    plans("fresh");
    workspace.ok(&["dev", "replay", "fixtures"]);
    for args in reading {
        let (code, out, err) = said(&workspace, args);
        assert_eq!((code, out.is_empty()), (Some(0), false), "{args:?}: {out} {err}");
    }
    plans("used");
}

#[test]
fn following_makes_no_folder_and_waits_for_one() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    for command in ["receipts", "events"] {
        let mut follower = workspace.spawn(&[command, "tail", "--follow"]);
        assert!(follower.is_running());
        assert!(!workspace.path(".fibric").exists());
        workspace.ok(&["dev", "replay", "fixtures"]);
        follower.wait_for("order.hold");
        follower.stop();
        fs::remove_dir_all(workspace.path(".fibric")).unwrap();
    }
}
