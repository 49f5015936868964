//! The binary on a real pseudo-terminal, over a copy of the bundled workspace: what a person does first, and every
//! ordinary way out.

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
        let pair =
            native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fibric"));
        command.cwd(root);
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
