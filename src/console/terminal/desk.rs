//! The terminal's side of errands: clipboard, editor, files of the workspace's own folder. What may take long is done on
//! a thread of its own, and says afterwards how it went.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::receipts;
use crate::author::bounded_read;
use crate::console::keys::ScreenId;
use crate::console::present::source_location::At;
use crate::console::runtime::Incoming;
use crate::console::settings::LayoutPrefs;
use crate::console::shell::News;
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::file;
use crate::session::state_files;

/// The most that goes through the terminal, in bytes: more is cut off silently by some of them.
pub const MOST: usize = 74_000;
/// How long a clipboard tool may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where errands are done.
#[derive(Debug, Clone)]
pub struct Desk {
    root: PathBuf,
    to_loop: SyncSender<Incoming>,
}

impl Desk {
    /// In a workspace, telling the loop.
    pub fn new(root: &Path, to_loop: SyncSender<Incoming>) -> Self {
        Self { root: root.to_path_buf(), to_loop }
    }

    /// The workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads the receipts of earlier sessions on a thread of its own, for a screen.
    pub fn record(&self, to: ScreenId, before: u32) -> Option<News> {
        let desk = self.clone();
        let reading = move || {
            // A loop that has ended wants no more.
            let mut tell = |reply| desk.to_loop.send(Incoming::News(News::Reply(to, reply))).is_ok();
            receipts::read(&desk.root, before, &mut tell);
        };
        let started = std::thread::Builder::new().name("console-record".to_owned()).spawn(reading);
        started.err().map(|error| News::Said(format!("cannot read the receipts: {error}")))
    }

    fn looks(&self) -> PathBuf {
        self.root.join(".fibric").join("console.json")
    }

    /// How the screen looked last time; a file that cannot be read says where and why.
    pub fn remembered(&self) -> Result<LayoutPrefs, String> {
        let path = self.looks();
        let said = |why: String| format!("{} is ignored: {why}", path.display());
        match state_files::read_to_string(&path) {
            Ok(text) => LayoutPrefs::read(&text).map_err(said),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(LayoutPrefs::default()),
            Err(error) => Err(said(error.to_string())),
        }
    }

    /// Keeps how it looks.
    pub fn remember(&self, text: &str) -> Option<News> {
        let path = self.looks();
        let told = |error: io::Error| News::Said(format!("cannot keep this in {}: {error}", path.display()));
        replace(&path, text).err().map(told)
    }

    /// Hands a text to the system's clipboard where there is a tool for it; where neither that nor the terminal takes
    /// it, it is kept in a file. `sent` says that the terminal was given it.
    pub fn copy(&self, what: String, text: String, sent: bool) {
        let desk = self.clone();
        let copying = move || {
            let tool = tools().into_iter().find(|tool| hand(tool, &text));
            let name = tool.and_then(<[_]>::first);
            let said = match (name, sent) {
                (Some(name), _) => format!("copied {what} with {name}"),
                (None, true) => return,
                (None, false) => desk.keep(&what, &text),
            };
            // A loop that has ended needs no word.
            let _ = desk.to_loop.send(Incoming::News(News::Said(said)));
        };
        if let Err(error) = std::thread::Builder::new().name("console-copy".to_owned()).spawn(copying) {
            let _ = self.to_loop.try_send(Incoming::News(News::Said(format!("cannot copy: {error}"))));
        }
    }

    fn keep(&self, what: &str, text: &str) -> String {
        let path = self.root.join(".fibric").join("copied.txt");
        match replace(&path, text) {
            Ok(()) => format!("not sent; {what} saved to .fibric/copied.txt"),
            Err(error) => format!("not sent, and cannot write {}: {error}", path.display()),
        }
    }

    /// The person's editor on a file.
    pub fn editor(&self, name: &str, at: At) -> Result<Command, String> {
        let path = self.root.join(name);
        if !path.is_file() {
            return Err(format!("cannot edit {name}: there is no such file"));
        }
        let line = match at {
            At::Line(line) => line,
            At::Rule(number) => rule_line(&path, number),
        };
        let editor =
            ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
        let editor = editor.unwrap_or_else(|| "vi".to_owned());
        // As git does it: what the variable says is a shell's word, the file never is.
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).args(arguments(&editor, &path, line));
        command.current_dir(&self.root);
        Ok(command)
    }

    /// Waits for the editor and tells the loop.
    pub fn wait(&self, mut child: Child) -> io::Result<()> {
        let to_loop = self.to_loop.clone();
        let waiting = move || {
            let fault = match child.wait() {
                Ok(status) if status.success() => None,
                Ok(status) => Some(format!("the editor ended with {status}")),
                Err(error) => Some(format!("the editor was lost: {error}")),
            };
            let _ = to_loop.send(Incoming::Back(fault));
        };
        std::thread::Builder::new().name("console-editor".to_owned()).spawn(waiting).map(drop)
    }
}

/// False for terminals that are known to take no copies.
pub fn takes_copies() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    !(term.is_empty() || term == "dumb" || term == "linux" || term.starts_with("vt"))
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

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    state_files::keep(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use std::fs;

    use super::*;

    #[test]
    fn what_is_remembered_is_there_next_time_and_a_broken_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (to_loop, _incoming) = sync_channel(1);
        let desk = Desk::new(folder.path(), to_loop);
        assert_eq!(desk.remembered(), Ok(LayoutPrefs::default()));
        let looks = LayoutPrefs { list: 4, ..LayoutPrefs::default() };
        assert!(desk.remember(&looks.text()).is_none());
        assert_eq!(desk.remembered(), Ok(looks));
        fs::write(folder.path().join(".fibric/console.json"), "{\"list\": x").unwrap();
        let said = desk.remembered().unwrap_err();
        assert!(said.contains("console.json is ignored") && said.contains("line 1 column"), "{said}");
    }

    #[test]
    fn what_nobody_takes_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (to_loop, _incoming) = sync_channel(1);
        let desk = Desk::new(folder.path(), to_loop);
        assert_eq!(desk.keep("reason", "x"), "not sent; reason saved to .fibric/copied.txt");
        assert_eq!(fs::read_to_string(folder.path().join(".fibric/copied.txt")).unwrap(), "x");
    }

    #[cfg(unix)]
    #[test]
    fn a_tool_that_fails_or_is_not_there_took_nothing() {
        assert!(hand(&["cat"], "x"));
        assert!(!hand(&["false"], "x"));
        assert!(!hand(&["no-such-clipboard-tool"], "x"));
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
