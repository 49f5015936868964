//! Files of a workspace as they were at a git revision. git is a child with fixed arguments, without a shell; what it
//! says is bounded, and nothing that a repository configures is run: a blob is printed as it is.

use std::io::{self, Read as _};
use std::path::{Component, Path};
use std::process::{Command, Stdio};

use crate::kernel::diagnostic::Diagnostic;

/// The longest file that is read.
const LONGEST: u64 = 4 << 20;
/// Characters a revision may have.
const LONGEST_NAME: usize = 200;

/// A revision that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitRevision {
    /// The commit, in full.
    commit: String,
}

impl GitRevision {
    /// Finds the commit that a name stands for: `HEAD~2`, `v1.4`, `3c4e62f`.
    pub fn find(root: &Path, name: &str) -> Result<Self, Diagnostic> {
        let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && c != ':';
        if name.is_empty() || name.starts_with('-') || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
            return Err(Diagnostic::error(format!("`{name}` is no git revision"))
                .help("name a file, or a revision such as `HEAD~1`, a tag or a commit"));
        }
        let asked = format!("{name}^{{commit}}");
        let said = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked])?;
        let commit = said.map(|text| String::from_utf8_lossy(&text).trim().to_owned()).unwrap_or_default();
        if commit.is_empty() || !commit.chars().all(|c| c.is_ascii_hexdigit()) {
            let fault =
                Diagnostic::error(format!("there is no file `{name}`, and git has no revision of that name here"));
            return Err(fault.help("`git log --oneline` lists revisions"));
        }
        Ok(Self { commit })
    }

    /// A file, by its path from the workspace; none where the revision has no such file.
    pub fn file(&self, root: &Path, path: &Path) -> Result<Option<Vec<u8>>, Diagnostic> {
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        let Some(path) = path.to_str().filter(|_| inside) else { return Ok(None) };
        // `./` is from the workspace, which may lie deeper than the repository's top.
        git(root, &["cat-file", "blob", &format!("{}:./{path}", self.commit)])
    }
}

/// What git prints; none where it fails.
fn git(root: &Path, args: &[&str]) -> Result<Option<Vec<u8>>, Diagnostic> {
    let mut command = Command::new("git");
    command
        .arg("--no-pager")
        .args(["-c", "core.fsmonitor=false"])
        .args(args)
        .current_dir(root)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Diagnostic::error("git is not installed here").help("name a file with the other code instead")
        }
        _ => Diagnostic::error(format!("git cannot be started: {error}")),
    })?;
    let mut text = Vec::new();
    let read = child.stdout.take().map_or(Ok(0), |out| out.take(LONGEST + 1).read_to_end(&mut text));
    if text.len() as u64 > LONGEST {
        // It would wait for somebody to read the rest.
        let _ = child.kill();
    }
    let ended = child.wait();
    match (read, ended) {
        _ if text.len() as u64 > LONGEST => {
            Err(Diagnostic::error(format!("what git prints is longer than {} MiB", LONGEST >> 20)))
        }
        (Ok(_), Ok(status)) => Ok(status.success().then_some(text)),
        (Err(error), _) | (_, Err(error)) => Err(Diagnostic::error(format!("git cannot be read: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(root: &Path, args: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").args(identity).args(args).current_dir(root).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    #[test]
    fn a_file_is_read_as_it_was_also_below_the_top_of_its_repository() {
        let top = tempfile::tempdir().unwrap();
        let root = top.path().join("deep/workspace");
        std::fs::create_dir_all(root.join("operators")).unwrap();
        run(top.path(), &["init", "-q"]);
        for text in ["one", "two"] {
            std::fs::write(root.join("operators/a.ts"), text).unwrap();
            run(top.path(), &["add", "-A"]);
            run(top.path(), &["commit", "-qm", text]);
        }
        let before = GitRevision::find(&root, "HEAD~1").unwrap();
        assert_eq!(before.file(&root, Path::new("operators/a.ts")).unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(before.file(&root, Path::new("operators/b.ts")).unwrap(), None);
        // A folder is no file, and nothing above the workspace is read.
        assert_eq!(before.file(&root, Path::new("operators")).unwrap(), None);
        assert_eq!(before.file(&root, Path::new("../workspace/operators/a.ts")).unwrap(), None);
        for odd in ["", "-p", "--output=x", "HEAD:operators/a.ts", "HEAD\n", "a b", "nope", "HEAD~9"] {
            assert!(GitRevision::find(&root, odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn where_nothing_is_versioned_there_is_no_revision() {
        let folder = tempfile::tempdir().unwrap();
        let said = GitRevision::find(folder.path(), "HEAD").unwrap_err();
        assert!(said.message.contains("git has no revision of that name here"), "{said:?}");
    }
}
