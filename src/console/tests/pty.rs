//! The console on a real pseudo-terminal: whatever ends it, the terminal is as it was before.
//!
//! The test program starts itself again in the terminal, as a small console over the story (the ignored test `probe`),
//! because what is tested is the library's own way in and out.

#![cfg(unix)]

mod drafts;
mod keyboard;
mod repaint;
mod signals;
mod stalled;

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::story;
use crate::console::runtime::Runtime;
use crate::console::terminal::{Crashes, Guard, Painter};
use crate::console::{Error, Incoming, Options, run};
use crate::session::bus::{Batch, Link};
use crate::session::journal::reader::JournalReader;

/// What the terminal shows of the story once it is told.
const TOLD: &str = "rc_5b40";

/// Not a test: the program under test. `PROBE` says how it is to end.
#[test]
#[ignore = "run by the other tests, inside a terminal"]
fn probe() {
    let Ok(end) = std::env::var("PROBE") else { return };
    let options = Options::detect(|name| std::env::var(name).ok());
    let ended = match end.as_str() {
        "panic" => beside(options, || panic!("drawing broke")),
        "overflow" => beside(options, || assert_eq!(deeper(1), 0)),
        "error" => half_a_console(&options, || ()),
        _ => over_the_story(end, options).map(|exit| format!("{exit:?}")),
    };
    println!("ENDED {ended:?}");
    // The test harness would have its say after this.
    std::process::exit(0);
}

/// On a thread of its own, as a panic there does not end the process.
fn beside(options: Options, breaks: fn()) -> Result<String, Error> {
    std::thread::spawn(move || half_a_console(&options, breaks)).join().unwrap_or_else(|_| Err(lost()))
}

/// Never comes back.
fn deeper(level: u64) -> u64 {
    let room = std::hint::black_box([level; 64]);
    if std::hint::black_box(level) == 0 { 0 } else { deeper(level + 1) + room[1] }
}

fn lost() -> Error {
    Error::Lost("nothing came back".to_owned())
}

fn over_the_story(end: String, options: Options) -> Result<crate::console::Exit, Error> {
    let (entries, batches) = sync_channel(4);
    let (commands, asked) = sync_channel(4);
    let session = std::thread::Builder::new().name("session".to_owned()).spawn(move || {
        entries.send(Batch::unwritten(1, story())).unwrap();
        let asked = asked.recv();
        assert!(end != "session-panics", "the session broke");
        drop((asked, entries));
    });
    let root = std::env::var("ROOT").unwrap_or_default();
    let ended = run(Link { batches, commands, past: JournalReader::default() }, options, Path::new(&root), None);
    drop(session);
    ended
}

/// The parts of a console put together so that it fails with the screen up.
fn half_a_console(options: &Options, breaks: fn()) -> Result<String, Error> {
    let (to_loop, incoming) = sync_channel(1);
    let (commands, _asked) = sync_channel(1);
    let mut guard = Guard::new(true, Crashes::default(), to_loop.clone())?;
    guard.enter()?;
    let mut runtime = Runtime::new(Painter::new(guard), options.theme(), commands);
    runtime.show()?;
    breaks();
    to_loop.send(Incoming::Lost("the cable came out".to_owned())).unwrap();
    runtime.drive(&incoming).map(|exit| format!("{exit:?}"))
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

/// A shell in a terminal, and what both have said.
struct Shell {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    raw: Vec<u8>,
    screen: vt100::Parser,
    _root: tempfile::TempDir,
}

const SIZE: PtySize = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };

/// What starts a script in which `$RUN` is the program under test.
fn command(script: &str, how: &str, root: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", script]);
    let me = std::env::current_exe().unwrap();
    command.env("RUN", format!("{} --ignored --exact console::tests::pty::probe --nocapture --quiet", me.display()));
    command.env("PROBE", how);
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
    for name in ["TMUX", "DISPLAY", "WAYLAND_DISPLAY", "VISUAL", "EDITOR", "NO_COLOR", "COLORTERM", "COLORFGBG"] {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "0");
    command.env_remove("FIBRIC_ASCII");
    // Nobody's own keys and themes.
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command.env_remove("FIBRIC_THEME");
    command.env("ROOT", root);
    command
}

impl Shell {
    fn start(script: &str, how: &str) -> Self {
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let root = tempfile::tempdir().unwrap();
        let command = command(script, how, root.path());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(cells(24), cells(80), 0);
        Self { master: pair.master, child, writer, output, raw: Vec::new(), screen, _root: root }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Waits until `condition` holds of what was said so far.
    fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !condition(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend_from_slice(&bytes);
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited in vain for {what}:\n{}\n{:?}", self.screen.screen().contents(), self.said());
                }
                Err(RecvTimeoutError::Disconnected) => {
                    assert!(condition(self), "ended before {what}: {:?}", self.said());
                    return;
                }
            }
        }
    }

    fn until_shown(&mut self, text: &str) {
        self.until(text, |shell| shell.screen.screen().contents().contains(text));
    }

    fn until_said(&mut self, text: &str) {
        self.until(text, |shell| shell.said().contains(text));
    }

    fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Every mode that was switched on was switched off, after it, and the terminal's settings are the same.
    fn assert_restored(&self) {
        let said = self.said();
        for (on, off) in [
            ("?1049h", "?1049l"),
            ("?2004h", "?2004l"),
            ("?1000h", "?1000l"),
            ("?1006h", "?1006l"),
            ("?25l", "?25h"),
            ("?2026h", "?2026l"),
            ("?7l", "?7h"),
            (">1u", "<1u"),
            ("?1036;1039h", "?1036;1039r"),
        ] {
            let (on, off) = (said.rfind(&format!("\x1b[{on}")), said.rfind(&format!("\x1b[{off}")));
            assert!(on.is_some() && off > on, "{on:?} {off:?} in {said:?}");
        }
        let last_off = said.rfind("\x1b[?25h").unwrap();
        assert!(!said[last_off..].contains("\x1b[?2026h"), "a frame after the end: {said:?}");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        let mode =
            |word: &str| said.split(word).nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
        let before = mode("BEFORE=");
        assert!(before.is_some() && before == mode("AFTER="), "{said:?}");
        // What has to be answered before anything goes on.
        for query in ["\x1b[c", "\x1b[6n", "\x1b[?u"] {
            assert!(!said.contains(query), "the terminal was asked {query:?}");
        }
    }
}

/// The terminal's settings before and after; the words are split so that an echo of the script is not taken for them.
const AROUND: &str = "echo BEF''ORE=$(stty -g); $RUN; echo AF''TER=$(stty -g); echo DO''NE";

#[test]
fn quitting_gives_the_terminal_back() {
    for key in ["q", "\x03"] {
        let mut shell = Shell::start(AROUND, "quit");
        shell.until_shown(TOLD);
        assert!(shell.screen.screen().alternate_screen() && shell.screen.screen().bracketed_paste());
        shell.keys(key);
        shell.until_said("DONE");
        assert!(shell.said().contains("ENDED Ok(\"Quit\")"));
        shell.assert_restored();
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_readable() {
    let mut shell = Shell::start(AROUND, "panic");
    shell.until_said("DONE");
    shell.assert_restored();
    assert!(shell.screen.screen().contents().contains("drawing broke"), "{}", shell.screen.screen().contents());
}

#[test]
fn an_error_gives_the_terminal_back() {
    let mut shell = Shell::start(AROUND, "error");
    shell.until_said("DONE");
    shell.assert_restored();
    assert!(shell.said().contains("the cable came out"));
}

#[test]
fn another_threads_panic_is_shown_and_told_at_the_end() {
    let mut shell = Shell::start(AROUND, "session-panics");
    shell.until_shown(TOLD);
    shell.keys("p");
    shell.until_shown("CRASHED  thread session panicked");
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
    assert!(shell.said().contains("ENDED Err(Crashed([\"thread session panicked"), "{}", shell.said());
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    let mut shell = Shell::start("exec $RUN", "hangup");
    shell.until_shown(TOLD);
    let Shell { master, mut child, mut writer, output, .. } = shell;
    // The reading thread holds the terminal open too; with nobody to tell, it ends at the next frame.
    drop(output);
    writer.write_all(b"?").unwrap();
    drop((master, writer));
    let (sender, ended) = channel();
    std::thread::spawn(move || sender.send(child.wait().is_ok()));
    assert_eq!(ended.recv_timeout(Duration::from_mins(1)), Ok(true));
}

/// An editor that says what it was given, keeps what is typed at it, and ends when told to.
const EDITOR: &str =
    "sh -c 'echo EDI''TING \"$@\"; stty -g | sed s/^/INSIDE=/; read typed; echo \"GOT=$typed\"; exit 3' -";

#[test]
fn an_editor_gets_the_terminal_and_every_key_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("policy")).unwrap();
    let rules = "- tool: order.hold\n  decision: ALLOW\n".repeat(7);
    std::fs::write(folder.path().join("policy/trust.yaml"), rules).unwrap();
    let script = format!(
        "export ROOT={}; export EDITOR; EDITOR=$(cat <<'END'\n{EDITOR}\nEND\n); {AROUND}",
        folder.path().display()
    );
    let mut shell = Shell::start(&script, "quit");
    shell.until_shown(TOLD);
    shell.keys("e");
    shell.until_said("EDITING +");
    assert!(!shell.screen.screen().alternate_screen(), "the terminal is the editor's");
    shell.until_said("INSIDE=");
    // Keys of the console, typed at the editor: none of them may reach the console.
    shell.keys("q?q\n");
    shell.until_said("GOT=q?q");
    shell.until("the screen to come back", |shell| shell.screen.screen().alternate_screen());
    shell.until_shown("the editor ended with exit status: 3");
    shell.until_shown(TOLD);
    shell.keys("?");
    shell.until_shown("Help");
    shell.keys("\x1b");
    shell.until("the help to go", |shell| !shell.screen.screen().contents().contains("Help"));
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
    let said = shell.said();
    let mode = |word: &str| said.split(word).nth(1).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
    assert_eq!(mode("INSIDE="), mode("BEFORE="), "the editor's terminal is the shell's");
    assert!(said.contains("policy/trust.yaml"));
}

#[test]
fn the_mouse_is_taken_and_released_and_a_copy_is_sent() {
    let mut shell = Shell::start(AROUND, "quit");
    shell.until_shown(TOLD);
    assert_ne!(shell.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    shell.keys("M");
    shell.until_shown("the mouse is the terminal's again");
    assert_eq!(shell.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    shell.keys("y");
    shell.until_said("\x1b]52;c;");
    shell.until_shown("sent ");
    shell.keys("M");
    shell.until_shown("the mouse is taken");
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn keys_that_come_at_once_are_all_taken() {
    let mut shell = Shell::start(AROUND, "quit");
    shell.until_shown(TOLD);
    shell.keys("/tool:order.*\r");
    shell.until_shown("tool:order.* ×");
    // A paste is text, whatever it says.
    shell.keys("/\x1b[200~ q\x1b]0;x\x07q\x1b[201~");
    shell.until_shown("tool:order.* q␛]0;x␇q");
    shell.keys("\x1b");
    shell.until("the query before", |shell| !shell.screen.screen().contents().contains("q␛"));
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn a_terminal_that_answers_nothing_is_drawn_on_at_once() {
    // Nothing is ever written to it, so whatever waited for an answer would wait for its own deadline.
    let mut shell = Shell::start(AROUND, "quit");
    shell.until("raw mode to be taken", |shell| shell.said().contains("\x1b[?1049h"));
    let taken = Instant::now();
    shell.until("the first frame", |shell| shell.said().contains("\x1b[?2026l"));
    let first = taken.elapsed();
    assert!(first < Duration::from_millis(500), "the first frame took {first:?}");
    shell.until_shown(TOLD);
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn a_terminal_that_says_it_is_light_gets_the_light_theme_and_no_keys() {
    let mut shell = Shell::start(AROUND, "quit");
    shell.until("the question", |shell| shell.said().contains("\x1b]11;?"));
    // A palette and a quit, were it taken for keys.
    shell.keys("\x1b]11;rgb:fcfc/fcfc/fafa\x1b\\");
    shell.until("the light ground", |shell| shell.said().contains("48;5;231"));
    shell.until_shown(TOLD);
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn what_a_terminal_says_of_itself_is_no_key() {
    let mut shell = Shell::start(AROUND, "quit");
    let chosen = |shell: &Shell, receipt: &str| {
        let shown = shell.screen.screen().contents();
        shown.lines().any(|line| line.contains('▌') && line.contains(receipt))
    };
    // The last row is chosen on the Live page, and nothing lies over it.
    let untouched = |shell: &Shell| {
        let shown = shell.screen.screen().contents();
        chosen(shell, "rc_5b40") && shown.contains("What would change it") && !shown.contains("Help")
    };
    shell.until("the story", untouched);
    let copies = shell.said().matches("\x1b]52;c;").count();
    let replies: [&[&[u8]]; 8] = [
        &[b"\x1bP>|tmux 3.5a\x1b\\"],
        &[b"\x1b[>41;330;0c"],
        &[b"\x1b", b"]11;rgb:0000/0000/0000\x1b\\"],
        &[b"\x1b]11;rgba:0000/0000/0000/ffff\x1b\\"],
        &[b"\x9d10;rgb:ffff/ffff/ffff\x9c"],
        &[b"\x1b]52;c;Zm9v\x07"],
        &[b"\x1b]4;1;rgb:cdcd/0000", b"/0000\x1b", b"\\"],
        &[b"\x1b_Gi=1;OK\x1b\\\x1b[24;80R\x1b[?62;22c"],
    ];
    for pieces in replies {
        for piece in pieces {
            shell.writer.write_all(piece).unwrap();
            shell.writer.flush().unwrap();
        }
    }
    // A key after them all: had any of them been keys, they would have been taken before it.
    shell.keys("?");
    shell.until_shown("Help");
    shell.keys("\x1b");
    shell.until("the screen before", untouched);
    assert_eq!(shell.said().matches("\x1b]52;c;").count(), copies, "the clipboard is left alone");
    shell.keys("k");
    shell.until("the row above", |shell| chosen(shell, "rc_5b3f"));
    shell.keys("j");
    shell.until("the row before", untouched);
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn pasted_keys_are_text() {
    let mut shell = Shell::start(AROUND, "quit");
    shell.until_shown(TOLD);
    // Where no text is typed it is nothing at all, not even `q`.
    shell.keys("\x1b[200~q\r\x1b[201~:\x1b[200~quit\r\x1b[201~");
    shell.until_shown(": quit");
    shell.keys("\r");
    shell.until_said("DONE");
    assert!(shell.said().contains("ENDED Ok(\"Quit\")"), "{:?}", shell.said());
    shell.assert_restored();
}

#[test]
fn the_size_is_followed() {
    let mut shell = Shell::start(AROUND, "quit");
    shell.until_shown(TOLD);
    let size = PtySize { rows: 12, cols: 40, pixel_width: 0, pixel_height: 0 };
    shell.screen.screen_mut().set_size(cells(12), cells(40));
    shell.master.resize(size).unwrap();
    shell.until("the narrow header", |shell| shell.screen.screen().contents().starts_with(" 1 Live  2  3  5"));
    shell.keys("q");
    shell.until_said("DONE");
    shell.assert_restored();
}
