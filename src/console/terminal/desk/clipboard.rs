//! Text put on the system's clipboard, by whichever tool there is; what none takes is kept in a file.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use crate::console::runtime::Incoming;
use crate::console::shell::News;
use crate::session::state_files;

/// The most that goes through the terminal, in bytes: more is cut off silently by some of them.
pub const MOST: usize = 74_000;
/// How long a clipboard tool may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Hands a text to the system's clipboard where there is a tool for it; where neither that nor the terminal takes
/// it, it is kept in a file. `sent` says that the terminal was given it.
pub fn copy(root: &Path, to_loop: &SyncSender<Incoming>, what: String, text: String, sent: bool) {
    let (root, telling) = (root.to_path_buf(), to_loop.clone());
    let copying = move || {
        let tool = tools().into_iter().find(|tool| hand(tool, &text));
        let name = tool.and_then(<[_]>::first);
        let said = match (name, sent) {
            (Some(name), _) => format!("copied {what} with {name}"),
            (None, true) => return,
            (None, false) => keep(&root, &what, &text),
        };
        // A loop that has ended needs no answer.
        let _ = telling.send(Incoming::News(News::Said(said)));
    };
    if let Err(error) = std::thread::Builder::new().name("console-copy".to_owned()).spawn(copying) {
        let _ = to_loop.try_send(Incoming::News(News::Said(format!("cannot copy: {error}"))));
    }
}

fn keep(root: &Path, what: &str, text: &str) -> String {
    let path = root.join(".fibric").join("copied.txt");
    match state_files::keep(&path, text.as_bytes()) {
        Ok(()) => format!("not sent; {what} saved to .fibric/copied.txt"),
        Err(error) => format!("not sent, and cannot write {}: {error}", path.display()),
    }
}

/// False for terminals that are known to take no copies.
pub fn takes_copies() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    !(term.is_empty() || term == "dumb" || term == "linux" || term.starts_with("vt"))
}

fn tools() -> Vec<&'static [&'static str]> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let mut tools: Vec<&'static [&'static str]> = Vec::new();
    if set("TMUX") {
        tools.push(&["tmux", "load-buffer", "-w", "-"]);
    }
    if set("WAYLAND_DISPLAY") {
        tools.push(&["wl-copy"]);
    }
    if set("DISPLAY") {
        tools.push(&["xclip", "-selection", "clipboard"]);
        tools.push(&["xsel", "--clipboard", "--input"]);
    }
    if cfg!(target_os = "macos") {
        tools.push(&["pbcopy"]);
    }
    tools
}

/// Gives a text to a tool; false when it is not there, fails, or takes too long.
fn hand(tool: &[&str], text: &str) -> bool {
    let Some((program, arguments)) = tool.split_first() else { return false };
    let started =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else { return false };
    let Some(mut input) = child.stdin.take() else { return false };
    let text = text.to_owned();
    // A tool that does not read must not hold the one that waits for it.
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()).is_ok());
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success() && writing.join().unwrap_or(false),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_nobody_takes_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(keep(folder.path(), "reason", "x"), "not sent; reason saved to .fibric/copied.txt");
        assert_eq!(fs::read_to_string(folder.path().join(".fibric/copied.txt")).unwrap(), "x");
    }

    #[cfg(unix)]
    #[test]
    fn a_tool_that_fails_or_is_not_there_took_nothing() {
        assert!(hand(&["cat"], "x"));
        assert!(!hand(&["false"], "x"));
        assert!(!hand(&["no-such-clipboard-tool"], "x"));
    }
}
