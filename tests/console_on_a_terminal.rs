//! The binary on a real pseudo-terminal, over a copy of the bundled workspace: what a person does first, every ordinary
//! way out, the demo, and the page of a first run.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::fs;
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(30);

struct Console {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    written: Vec<u8>,
    _pair: PtyPair,
}

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copied = Command::new("cp")
        .arg("-r")
        .args(["connectors", "operators", "policy", "fixtures", "fibric.toml"].map(|name| root.join(name)))
        .arg(folder.path())
        .status();
    assert!(copied.unwrap().success());
    folder
}

impl Console {
    fn start(root: &Path) -> Self {
        Self::run(root, &["dev", "--port", "0"], &[])
    }

    fn run(root: &Path, args: &[&str], variables: &[(&str, &Path)]) -> Self {
        let pair =
            native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fibric"));
        command.args(args);
        command.cwd(root);
        for (name, value) in variables {
            command.env(name, value);
        }
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        // Nobody's own keys and themes.
        command.env("XDG_CONFIG_HOME", root.join("no-config"));
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 65_536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
        Self { child, keys, bytes, screen, written: Vec::new(), _pair: pair }
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.text()) {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.written.extend(bytes);
                }
                Err(end) => panic!("{what} never came ({end}):\n{}", self.text()),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for the end; gives the exit code and everything that was written to the terminal.
    fn end(mut self) -> (u32, String) {
        let code = self.child.wait().unwrap().exit_code();
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(500)) {
            self.written.extend(bytes);
        }
        (code, String::from_utf8_lossy(&self.written).into_owned())
    }
}

fn played(text: &str) -> bool {
    text.contains("claim.filed")
}

/// The first line below the header: what happened to what is selected, and why.
fn why(text: &str) -> String {
    text.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_newcomer_finds_the_blocked_refund_and_a_save_is_noticed() {
    let folder = workspace();
    let mut console = Console::start(folder.path());
    console.until("the last fixture", played);
    for _ in 0..60 {
        if why(&console.text()).contains("BLOCK  rule 3: value 250 > maxValue 100") {
            break;
        }
        let before = why(&console.text());
        console.press("k");
        console.until("another row", |text| why(text) != before);
    }
    assert!(why(&console.text()).contains("BLOCK  rule 3: value 250 > maxValue 100"), "{}", console.text());
    assert!(why(&console.text()).contains("return-desk"), "{}", console.text());
    let policy = folder.path().join("policy/trust.yaml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("maxValue: 100", "maxvalue: 100")).unwrap();
    console.until("the stale policy", |text| text.contains("STALE POLICY") && text.contains("unknown key `maxvalue`"));
    assert!(console.text().contains("BLOCK  rule 3: value 250 > maxValue 100"), "the place is kept");
    fs::write(&policy, text).unwrap();
    console.until("the repaired policy", |text| !text.contains("STALE POLICY"));
    console.press("q");
    let (code, written) = console.end();
    assert_eq!(code, 0);
    assert!(written.trim_end().ends_with("\u{1b}[?25h") || written.contains("\u{1b}[?1049l"), "{written:?}");
    let verified = Command::new(env!("CARGO_BIN_EXE_fibric"))
        .args(["receipts", "verify"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_signal_ends_it_with_130_and_gives_the_terminal_back() {
    for signal in ["-TERM", "-USR1", "-XCPU"] {
        let folder = workspace();
        let mut console = Console::start(folder.path());
        console.until("the last fixture", played);
        let pid = console.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        let (code, written) = console.end();
        assert_eq!(code, 130, "{signal}");
        assert!(written.contains("\u{1b}[?1049l"), "the alternate screen is left");
    }
}

/// How many calls the journals say were stopped for their memory.
fn stopped_calls(root: &Path) -> usize {
    let runs = fs::read_dir(root.join(".fibric/dev/runs")).into_iter().flatten().flatten();
    let journals = runs.filter_map(|run| fs::read_to_string(run.path().join("journal.jsonl")).ok());
    // A disposition's line says it twice: its stage, and its receipt.
    let stopped = |journal: String| journal.lines().filter(|line| line.contains("limit: it used more than")).count();
    journals.map(stopped).sum()
}

#[test]
fn keys_are_answered_while_one_process_after_another_dies_under_an_operator() {
    const CALLS: usize = 60;
    let folder = workspace();
    let hog = "import { defineOperator } from '@fibric/sdk';\n\
         export default defineOperator({ name: 'hog', goal: 'Eats all memory.', requires: ['order.hold'],\n\
           trigger: { on: 'hog.*' },\n\
           async run() { const kept = []; while (true) kept.push(new Uint8Array(1 << 16).fill(1)); } });\n";
    fs::write(folder.path().join("operators/hog.ts"), hog).unwrap();
    let fed: String = (0..CALLS)
        .map(|n| {
            format!(
                r#"{{"event_id":"hog-{n}","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"s","event_type":"hog.fed","correlation_id":"{n:08x}","payload":{{}},"agent_id":null,"session_id":null}}"#
            ) + "\n"
        })
        .collect();
    fs::write(folder.path().join("fixtures/zz-hog.jsonl"), fed).unwrap();
    let mut console = Console::start(folder.path());
    console.until("the last ordinary fixture", played);
    let mut answered_meanwhile = 0;
    let end = Instant::now() + PATIENCE;
    while stopped_calls(folder.path()) < CALLS && Instant::now() < end {
        for (key, wanted) in [("?", true), ("\u{1b}", false)] {
            console.press(key);
            console.until("the answer to a key", |text| text.contains("─ Help ─") == wanted);
        }
        answered_meanwhile += usize::from(stopped_calls(folder.path()) < CALLS);
    }
    assert_eq!(stopped_calls(folder.path()), CALLS, "each call failed once and none was lost");
    assert!(answered_meanwhile > 0, "the keys came when all was over: nothing was tried");
    console.press("q");
    assert_eq!(console.end().0, 0);
}

#[test]
fn another_revision_of_an_operator_is_asked_beside_what_it_proposed() {
    let folder = workspace();
    let operators = folder.path().join("operators");
    fs::create_dir(folder.path().join("drafts")).unwrap();
    fs::rename(operators.join("return-desk.ts"), folder.path().join("return-desk.ts")).unwrap();
    let plan = "{ reasoning: 'it is asked anew', actions: [] }";
    let drafted = fs::read_to_string(operators.join("order-risk.ts")).unwrap();
    let at = drafted.find("async run(ctx) {").unwrap() + "async run(ctx) {".len();
    fs::write(
        folder.path().join("drafts/next.ts"),
        format!("{}\n    if (ctx) return {plan};{}", &drafted[..at], &drafted[at..]),
    )
    .unwrap();
    for name in ["zone-guard.ts", "desk-triage.ts"] {
        fs::remove_file(operators.join(name)).unwrap();
    }
    let mut console = Console::start(folder.path());
    console.until("the last fixture", |text| text.contains("claim.filed"));
    console.press("2");
    console.until("the run", |text| text.contains("Fixtures") && text.contains("envelope "));
    console.press("N");
    console.until("an action", |text| text.contains("Stages"));
    console.press("F");
    console.until("what can be otherwise", |text| text.contains("another revision of the operator"));
    console.press("\x1b[H\r");
    console.until("the line", |text| text.contains("other code"));
    console.press("\x15drafts/next.ts\r");
    console.until("both futures", |text| text.contains("Two futures") && text.contains("it is asked anew"));
    assert!(console.text().contains("an empty plan: nothing is done"), "{}", console.text());
    console.press("\x1b");
    console.until("one future", |text| !text.contains("Two futures"));
    console.press("q");
    assert_eq!(console.end().0, 0);
}

/// A demo whose temporary files are in a folder of its own.
fn demo(tmp: &Path, args: &[&str]) -> Console {
    Console::run(tmp, &[&["demo"], args].concat(), &[("TMPDIR", tmp)])
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().count() == 0
}

#[test]
fn the_demo_goes_by_itself_waits_goes_back_and_leaves_nothing() {
    let tmp = tempfile::tempdir().unwrap();
    let mut console = demo(tmp.path(), &["--speed", "8"]);
    console.until("the second step", |text| text.contains("2 of 10") && text.contains("tool:order.refund"));
    console.press(" ");
    console.until("the pause", |text| text.contains("∥ paused"));
    console.press("\x1b[C\x1b[C");
    console.until("the reason", |text| {
        why(text).contains("BLOCK  rule 3: value 250 > maxValue 100") && text.contains("value ≤ 100 → ALLOW")
    });
    assert!(!is_empty(tmp.path()), "its state is there while it runs");
    console.press("P");
    console.until("large steps", |text| text.contains("██"));
    console.press("P\x1b[C");
    console.until("another step", |text| text.contains("4 of 10") && text.contains("presenting, P ends it"));
    console.press("\x1b[D");
    console.until("the step before", |text| {
        text.contains("3 of 10") && why(text).contains("BLOCK  rule 3: value 250 > maxValue 100")
    });
    console.press("q");
    let (code, written) = console.end();
    assert_eq!(code, 0);
    assert!(written.contains("\u{1b}[?1049l"), "the terminal is given back");
    assert!(is_empty(tmp.path()));
}

#[test]
fn a_signal_ends_the_demo_and_what_was_recorded_is_kept() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cast = folder.path().join("demo.cast");
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let mut console = demo(tmp.path(), &["--cast", cast.to_str().unwrap()]);
        console.until("what came in", |text| text.contains("1 of 10") && played(text));
        let screen = console.text();
        let id = console.child.process_id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let (code, written) = console.end();
        assert_eq!(code, 130, "{signal}");
        assert!(written.contains("\u{1b}[?1049l") && is_empty(tmp.path()), "{signal}");
        let file = fs::read_to_string(&cast).unwrap();
        let mut terminal = vt100::Parser::new(NonZero::new(40).unwrap(), NonZero::new(120).unwrap(), 0);
        let mut lines = file.lines();
        assert!(lines.next().unwrap().starts_with(r#"{"version": 2, "width": 120, "height": 40"#), "{signal}");
        for line in lines {
            let (_, code, data): (f64, String, String) = serde_json::from_str(line).unwrap();
            if code == "o" {
                terminal.process(data.as_bytes());
            }
        }
        assert_eq!(why(&terminal.screen().contents()), why(&screen), "{signal}");
    }
}

#[test]
fn a_tour_waits_for_the_person() {
    let tmp = tempfile::tempdir().unwrap();
    let mut console = demo(tmp.path(), &["--tour"]);
    console.until("the fixtures", |text| played(text) && text.contains("your turn: press g"));
    console.press("gb\r");
    console.until("the second step", |text| text.contains("2 of 5") && text.contains("your turn: press /"));
    console.press("x/");
    console
        .until("what is typed", |text| text.contains("tool:order.refund") && text.contains("your turn: press enter"));
    console.press("\rj");
    console.until("the refund", |text| why(text).contains("BLOCK  rule 3: value 250 > maxValue 100"));
    console.press("q");
    assert_eq!(console.end().0, 0);
    assert!(is_empty(tmp.path()));
}

#[test]
fn an_empty_folder_becomes_the_bundled_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = Console::run(folder.path(), &["dev", "--port", "0"], &[]);
    console.until("the offer", |text| text.contains("Open the bundled workspace") && text.contains("empty folder"));
    console.press("q");
    assert_eq!(console.end().0, 0);
    assert!(is_empty(folder.path()), "looking writes nothing");
    let mut console = Console::run(folder.path(), &["dev", "--port", "0"], &[]);
    console.until("the offer", |text| text.contains("Open the bundled workspace"));
    fs::write(folder.path().join("policy"), "mine").unwrap();
    console.press("\r");
    console.until("why not", |text| text.contains("nothing was written") && text.contains("is there already"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::remove_file(folder.path().join("policy")).unwrap();
    console.press("o");
    console.until("the last fixture", played);
    console.press("q");
    assert_eq!(console.end().0, 0);
    let written = fs::read_to_string(folder.path().join("policy/trust.yaml")).unwrap();
    assert_eq!(written, include_str!("../policy/trust.yaml"));
}

#[test]
fn a_session_is_recorded() {
    let folder = workspace();
    let mut console = Console::run(folder.path(), &["dev", "--port", "0", "--cast", "session.cast"], &[]);
    console.until("the last fixture", played);
    console.press("q");
    assert_eq!(console.end().0, 0);
    let file = fs::read_to_string(folder.path().join("session.cast")).unwrap();
    assert!(file.contains("claim.filed") && file.lines().count() > 2, "{} bytes", file.len());
}
