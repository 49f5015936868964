//! A terminal that lost what it showed gets all of it again.

use portable_pty::PtySize;

use super::{AROUND, SIZE, Shell, TOLD, cells};

/// Header, story and footer are there, and nothing else.
fn is_whole(shell: &Shell) -> bool {
    let shown = shell.screen.screen().contents();
    shown.starts_with(" 1 Live") && shown.contains(TOLD) && shown.contains("? help") && !shown.contains("garbage")
}

fn resize(shell: &mut Shell, rows: u16, columns: u16) {
    shell.screen.screen_mut().set_size(cells(rows), cells(columns));
    shell.master.resize(PtySize { rows, cols: columns, ..SIZE }).unwrap();
}

#[test]
fn a_terminal_that_shrinks_and_returns_at_once_gets_the_whole_frame() {
    let mut shell = Shell::start(AROUND, "quit");
    shell.until("the story", is_whole);
    for _ in 0..20 {
        // What the smaller screen has no room for is lost, and the console may hear only of the size it had before.
        resize(&mut shell, 8, 30);
        resize(&mut shell, 24, 80);
        assert!(!is_whole(&shell));
        shell.until("the whole frame", is_whole);
    }
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn a_resize_to_the_same_size_and_a_key_draw_everything_again() {
    let script = AROUND.replace("$RUN", "sh -c 'echo PI''D=$$ ; exec $RUN'");
    let mut shell = Shell::start(&script, "quit");
    shell.until("the story", is_whole);
    let said = shell.said();
    let pid = said.split("PID=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
    let spoil = |shell: &mut Shell| {
        shell.screen.process(b"\x1b[2J\x1b[5;5Hgarbage");
        assert!(!is_whole(shell));
    };
    spoil(&mut shell);
    assert!(std::process::Command::new("kill").args(["-WINCH", &pid]).status().unwrap().success());
    shell.until("the frame after a signal", is_whole);
    spoil(&mut shell);
    shell.keys("\x0c");
    shell.until("the frame after the key", is_whole);
    // Also while something is open.
    shell.keys("?");
    shell.until_shown("Help");
    shell.screen.process(b"\x1b[2J\x1b[5;5Hgarbage");
    shell.keys("\x0c");
    shell.until("the help", |shell| {
        let shown = shell.screen.screen().contents();
        shown.contains("Help") && !shown.contains("garbage")
    });
    shell.keys("\x03");
    shell.until_said("DONE");
    shell.assert_restored();
}
