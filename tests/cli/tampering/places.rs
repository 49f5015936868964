//! Links, pipes, sockets and folders where files and folders of the state belong.

use std::os::unix::fs::symlink;

use super::*;

/// Puts something else where a file or folder of the state is.
fn puts(kind: &str, path: &Path, outside: &Path) {
    if path.is_dir() {
        fs::rename(path, path.with_extension("moved")).unwrap();
    } else {
        let _ = fs::remove_file(path);
    }
    match kind {
        "link" => symlink(outside, path).unwrap(),
        "fifo" => assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()),
        "folder" => fs::create_dir(path).unwrap(),
        "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        _ => unreachable!(),
    }
}

#[test]
fn nothing_is_read_or_written_through_what_is_no_plain_file_and_nothing_waits() {
    let files = PROJECTIONS.iter().copied().chain(["journals.chain", "lock", "live.lock"]);
    let cases: Vec<(&str, &str)> =
        files.flat_map(|name| ["link", "fifo", "folder", "socket"].map(|kind| (name, kind))).collect();
    for (name, kind) in cases {
        let workspace = held();
        let outside = workspace.path("bashrc");
        fs::write(&outside, "# mine\n").unwrap();
        puts(kind, &state(&workspace, name), &outside);
        let said = workspace.run(&["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"]);
        assert_ne!(said.code, 0, "{name} {kind}: {said:?}");
        let expected = format!("`.fibric/dev/{name}` is a");
        assert!(said.err.contains(&expected) && said.err.contains("help:"), "{name} {kind}: {said:?}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "# mine\n", "{name} {kind}");
        no_key_twice(&workspace, name);
        for args in [&["receipts", "verify"][..], &["receipts", "tail"], &["events", "tail"], &["doctor"]] {
            workspace.run(args);
            assert_eq!(fs::read_to_string(&outside).unwrap(), "# mine\n", "{name} {kind} {args:?}");
        }
    }
}

#[test]
fn no_folder_of_the_state_may_be_a_link() {
    for name in [".fibric", ".fibric/dev", ".fibric/dev/runs", ".fibric/dev/runs/open", ".fibric/dev/plans"] {
        let workspace = held();
        let outside = workspace.path("elsewhere");
        fs::rename(workspace.path(name), &outside).unwrap();
        let before = listing(&outside);
        symlink(&outside, workspace.path(name)).unwrap();
        for args in
            [&["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"][..], &["dev", "replay", "live.jsonl"]]
        {
            let said = workspace.run(args);
            assert_ne!(said.code, 0, "{name}");
            assert!(said.err.contains(&format!("`{name}` is a symbolic link")), "{name}: {said:?}");
        }
        assert_eq!(listing(&outside), before, "{name}");
    }
}

fn listing(folder: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap().flatten() {
        if item.path().is_dir() {
            found.extend(listing(&item.path()));
        } else {
            found.push((item.path(), item.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_plan_is_not_written_through_a_link() {
    let workspace = Workspace::small();
    workspace.write("live.jsonl", order(1));
    let outside = workspace.path("bashrc");
    fs::write(&outside, "# mine\n").unwrap();
    fs::create_dir_all(state(&workspace, "plans")).unwrap();
    symlink(&outside, state(&workspace, "plans/0001.json")).unwrap();
    let said = workspace.run(&["dev", "replay", "live.jsonl"]);
    assert!(said.code != 0 && said.err.contains("`.fibric/dev/plans/0001.json` is a symbolic link"), "{said:?}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "# mine\n");
}
