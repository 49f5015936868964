//! Whatever stands in the place of a state file or folder: it is refused, at once, and nothing is written through it.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

const NAMES: [&str; 4] = [".fibric", "dev", "runs", "file"];

fn said(outcome: io::Result<impl Sized>) -> String {
    let error = outcome.err().map(|error| refusal(&error).map_or_else(|| error.to_string(), ToString::to_string));
    error.unwrap_or_else(|| "done".to_owned())
}

#[test]
fn no_component_may_be_a_link() {
    for (depth, name) in NAMES.iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        let inside = dir.path().join("inside");
        // What the link leads to has all that is looked for.
        let rest: PathBuf = NAMES[depth + 1..].iter().collect();
        let target = if depth == 3 { outside.clone() } else { outside.join(&rest) };
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(&target, "kept\n").unwrap();
        let link: PathBuf = std::iter::once(inside.as_os_str().to_owned())
            .chain(NAMES[..=depth].iter().map(|name| OsString::from(*name)))
            .collect();
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&outside, &link).unwrap();
        let path: PathBuf = [inside.to_str().unwrap()].iter().chain(&NAMES).collect();
        let shown: PathBuf = NAMES[..=depth].iter().collect();
        let expected = format!("`{}` is a symbolic link, and state is never kept through one", shown.display());
        for access in [Access::Read, Access::Append, Access::Write, Access::Anew] {
            assert_eq!(said(open(&path, access)), expected, "{name} {access:?}");
        }
        assert_eq!(said(write_whole(&path, b"x")), expected, "{name}");
        assert_eq!(said(read(&path)), expected);
        if depth < 3 {
            for outcome in
                [said(create_folders(&path)), said(names(&path)), said(set_aside(&path)), said(remove(&path))]
            {
                assert_eq!(outcome, expected, "{name}");
            }
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept\n", "{name}");
    }
}

#[test]
fn only_plain_files_are_opened_and_nothing_waits() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(".fibric");
    create_folders(&folder.join("folder")).unwrap();
    let pipe = folder.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(folder.join("socket")).unwrap();
    fs::write(dir.path().join("elsewhere"), "kept").unwrap();
    fs::hard_link(dir.path().join("elsewhere"), folder.join("shared")).unwrap();
    for (name, found) in [("pipe", "a named pipe"), ("socket", "a socket"), ("folder", "a folder")] {
        for access in [Access::Read, Access::Append, Access::Write, Access::Anew] {
            let said = said(open(&folder.join(name), access));
            assert!(said.starts_with(&format!("`.fibric/{name}` is {found}")), "{said}");
        }
        assert!(said(write_whole(&folder.join(name), b"x")).contains(found));
    }
    for access in [Access::Append, Access::Write, Access::Anew] {
        assert!(said(open(&folder.join("shared"), access)).contains("hard link"));
    }
    assert_eq!(read(&folder.join("shared")).unwrap(), b"kept");
    assert!(said(open(&folder.join("shared/x"), Access::Append)).contains("is no folder"));
    assert!(said(open(&folder.join("../elsewhere"), Access::Append)).contains("names no file"));
    assert_eq!(fs::read_to_string(dir.path().join("elsewhere")).unwrap(), "kept");
}

#[test]
fn what_is_plain_is_written_read_and_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".fibric/dev/file");
    assert_eq!(identity(&path).unwrap(), None);
    create_folders(path.parent().unwrap()).unwrap();
    write_whole(&path, b"one").unwrap();
    write_whole(&path, b"two").unwrap();
    let held = open(&path, Access::Append).unwrap();
    assert_eq!(identity(&path).unwrap(), Some(identity_of(&held).unwrap()));
    assert_eq!(set_aside(&path).unwrap(), Some(path.with_extension("aside")));
    write_whole(&path, b"three").unwrap();
    assert_ne!(identity(&path).unwrap().map(|found| found.file), Some(identity_of(&held).unwrap().file));
    assert_eq!(set_aside(&path).unwrap(), Some(path.with_extension("aside-2")));
    let mut names = names(path.parent().unwrap()).unwrap();
    names.sort();
    assert_eq!(names, ["file.aside", "file.aside-2"]);
}
