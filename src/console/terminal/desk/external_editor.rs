//! The person's editor on a file of the workspace, at a line.

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::SyncSender;

use crate::author::bounded_read;
use crate::console::present::source_location::At;
use crate::console::runtime::Incoming;
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::file;

/// The person's editor on a file.
pub fn command(root: &Path, name: &str, at: At) -> Result<Command, String> {
    let path = root.join(name);
    if !path.is_file() {
        return Err(format!("cannot edit {name}: there is no such file"));
    }
    let line = match at {
        At::Line(line) => line,
        At::Rule(number) => rule_line(&path, number),
    };
    let editor = editor();
    // As git does it: what the variable says is a shell's word, the file never is.
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).args(arguments(&editor, &path, line));
    command.current_dir(root);
    Ok(command)
}

/// What the person calls their editor.
fn editor() -> String {
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    named.unwrap_or_else(|| "vi".to_owned())
}

/// What a shell ends with when it finds no such program, or one that it may not run.
const NO_PROGRAM: [i32; 2] = [127, 126];

/// What is to be said of how an editor ended.
fn fault(editor: &str, status: ExitStatus) -> Option<String> {
    match status.code() {
        Some(0) => None,
        Some(code) if NO_PROGRAM.contains(&code) => {
            Some(format!("the editor `{editor}` cannot be run; set VISUAL or EDITOR to one that can"))
        }
        _ => Some(format!("the editor ended with {status}")),
    }
}

/// Waits for the editor and tells the loop.
pub fn wait(to_loop: &SyncSender<Incoming>, mut child: Child) -> io::Result<()> {
    let to_loop = to_loop.clone();
    let waiting = move || {
        let fault = match child.wait() {
            Ok(status) => fault(&editor(), status),
            Err(error) => Some(format!("the editor was lost: {error}")),
        };
        let _ = to_loop.send(Incoming::Back(fault));
    };
    std::thread::Builder::new().name("console-editor".to_owned()).spawn(waiting).map(drop)
}

/// How editors are told the line.
fn arguments(editor: &str, path: &Path, line: u32) -> Vec<std::ffi::OsString> {
    let program = editor.split_whitespace().next().unwrap_or_default();
    let program = Path::new(program).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut placed = path.as_os_str().to_owned();
    placed.push(format!(":{line}"));
    match program.as_str() {
        "code" | "codium" => vec!["-g".into(), placed],
        "hx" | "helix" | "subl" | "zed" => vec![placed],
        _ => vec![format!("+{line}").into(), path.into()],
    }
}

/// The line a policy's rule starts on; the first, where it cannot be told.
fn rule_line(path: &Path, number: u32) -> u32 {
    let text = bounded_read::read_text(path, bounded_read::SETTINGS).unwrap_or_default();
    let parsed = file::read("", &text, &Vocabulary::shipped()).ok();
    let line = parsed.and_then(|file| file.rules.iter().find(|rule| rule.origin.number == number)?.origin.line);
    let index = usize::try_from(number).unwrap_or(1).saturating_sub(1);
    // A file with names of the workspace's own: items of the list stand at the margin.
    let counted = || (1..).zip(text.lines()).filter(|(_, line)| line.starts_with("- ")).nth(index).map(|(at, _)| at);
    line.or_else(counted).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_editor_that_is_missing_is_named() {
        let ended = |script: &str| Command::new("sh").args(["-c", script]).status().unwrap();
        assert_eq!(fault("vi", ended("exit 0")), None);
        let missing = fault("no-such-editor", ended("exit 127")).unwrap();
        assert!(missing.contains("`no-such-editor` cannot be run") && missing.contains("EDITOR"), "{missing}");
        assert_eq!(fault("vi", ended("exit 3")).unwrap(), "the editor ended with exit status: 3");
    }

    #[test]
    fn a_rule_has_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.yaml");
        fs::write(&path, "# x\n- tool: order.hold\n  decision: ALLOW\n\n- tool: order.refund\n  decision: ALLOW\n")
            .unwrap();
        assert_eq!((rule_line(&path, 1), rule_line(&path, 2), rule_line(&path, 9)), (2, 5, 1));
        fs::write(&path, "- tool: own.thing\n  decision: ALLOW\n- tool: own.other\n  decision: ALLOW\n").unwrap();
        assert_eq!(rule_line(&path, 2), 3);
    }
}
