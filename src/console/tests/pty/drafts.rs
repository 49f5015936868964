//! What was typed into a draft is on disk, however the console ends.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use super::{Shell, TOLD};

/// A console on the text of a policy, in a workspace of its own.
fn editing(root: &Path) -> Shell {
    std::fs::create_dir(root.join("policy")).unwrap();
    std::fs::write(root.join("policy/trust.yaml"), "- tool: order.hold\n  decision: ALLOW\n").unwrap();
    let script = format!("export ROOT={}; echo PI''D=$$; exec $RUN", root.display());
    let mut shell = Shell::start(&script, "drafts");
    shell.until_shown(TOLD);
    shell.keys("3");
    shell.until_shown("order.hold");
    shell.until_shown("as on disk");
    shell.keys("i");
    shell
}

/// What is kept of the draft.
fn kept(root: &Path) -> String {
    let folder = std::fs::read_dir(root.join(".fibric/dev/draft")).into_iter().flatten().flatten();
    folder.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
}

/// Types until something is typed that is not kept yet; what that is.
fn type_something(shell: &mut Shell, root: &Path) -> String {
    let mut typed = "#".to_owned();
    shell.keys("#");
    for letter in ('a'..='z').cycle() {
        typed.push(letter);
        shell.keys(&letter.to_string());
        shell.until_shown(&typed);
        if !kept(root).contains(&typed) {
            break;
        }
        assert!(typed.len() < 40, "{typed}");
    }
    typed
}

fn wait(mut shell: Shell) {
    let (sender, ended) = channel();
    std::thread::spawn(move || sender.send(shell.child.wait().is_ok()));
    assert_eq!(ended.recv_timeout(Duration::from_mins(1)), Ok(true));
}

#[test]
fn a_terminal_that_goes_away_takes_nothing_of_the_draft_with_it() {
    let root = tempfile::tempdir().unwrap();
    let mut shell = editing(root.path());
    let typed = type_something(&mut shell, root.path());
    let Shell { master, mut child, writer, output, .. } = shell;
    drop((master, writer, output));
    let (sender, ended) = channel();
    std::thread::spawn(move || sender.send(child.wait().is_ok()));
    assert_eq!(ended.recv_timeout(Duration::from_mins(1)), Ok(true));
    assert!(kept(root.path()).contains(&typed), "{typed}: {:?}", kept(root.path()));
}

#[test]
fn a_signal_takes_nothing_of_the_draft_with_it() {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let root = tempfile::tempdir().unwrap();
        let mut shell = editing(root.path());
        let typed = type_something(&mut shell, root.path());
        let said = shell.said();
        let pid = said.split("PID=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
        assert!(Command::new("kill").args([&format!("-{signal}"), pid]).status().unwrap().success());
        wait(shell);
        assert!(kept(root.path()).contains(&typed), "{signal} {typed}: {:?}", kept(root.path()));
    }
}

/// Without a pause nobody would ever write it, were there no bound.
#[test]
fn what_is_typed_on_and_on_is_kept_all_the_same() {
    let root = tempfile::tempdir().unwrap();
    let mut shell = editing(root.path());
    let mut typed = "#".to_owned();
    shell.keys("#");
    let began = Instant::now();
    for word in (0_u32..).map(|number| format!("{number},")) {
        if !kept(root.path()).is_empty() {
            break;
        }
        typed.push_str(&word);
        shell.keys(&word);
        // Numbers, so that what is waited for was never shown before; long lines are seen to their end.
        shell.until_shown(&word);
        assert!(began.elapsed() < Duration::from_secs(30), "typed on and on, and nothing is kept");
    }
    shell.keys("\x03");
    drop(shell);
}
