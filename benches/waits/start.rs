//! The binary on a pseudo-terminal: exec to the first frame, to everything loaded; memory; what idling costs.

use std::fs;
use std::io::Read as _;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

use crate::{Row, ground, median, millis};

const RUNS: usize = 21;
const PATIENCE: Duration = Duration::from_secs(20);

/// The binary on a pseudo-terminal of its own.
pub struct Console {
    child: Box<dyn Child + Send + Sync>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    started: Instant,
    _pair: portable_pty::PtyPair,
}

pub fn run() -> Result<Vec<Row>> {
    let mut first = Vec::new();
    let mut loaded = Vec::new();
    let mut memory = Vec::new();
    let (mut largest_child, mut all) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let folder = ground::workspace()?;
        let mut console = Console::start(folder.path())?;
        first.push(console.until(|screen| screen.contains("fibric"))?);
        // The bundled workspace's last fixture is the claim that nobody handles.
        loaded.push(console.until(|screen| screen.contains("claim.filed"))?);
        memory.push(console.resident()?);
        let children = console.children_private()?;
        largest_child.push(children.iter().copied().fold(0.0, f64::max));
        all.push(console.resident()? + children.iter().sum::<f64>());
        console.end()?;
    }
    let (ticks, bytes) = idle()?;
    Ok(vec![
        Row::new("start to first frame, bundled workspace", "≤ 50 ms", median(first), "ms"),
        Row::new("start to everything loaded and played", "≤ 150 ms", median(loaded), "ms"),
        Row::new("memory, bundled workspace, the kernel's own process", "≤ 25 MB", median(memory), "MB"),
        Row::new("memory, private, the largest child", "≤ 12 MB", median(largest_child), "MB"),
        Row::new("memory, bundled workspace with all its children", "≤ 100 MB", median(all), "MB"),
        Row::new("idle for 3 s: CPU", "0 % CPU", ticks, "ticks of 10 ms"),
        Row::new("idle for 3 s: written to the terminal", "0 frames", bytes, "bytes"),
    ])
}

/// CPU ticks and bytes written while nothing happens.
fn idle() -> Result<(f64, f64)> {
    let folder = ground::workspace()?;
    let mut console = Console::start(folder.path())?;
    console.until(|screen| screen.contains("claim.filed"))?;
    console.drain(Duration::from_secs(1));
    let before = console.ticks()?;
    let bytes = console.drain(Duration::from_secs(3));
    let ticks = console.ticks()? - before;
    console.end()?;
    Ok((ticks, bytes as f64))
}

impl Console {
    pub fn start(root: &std::path::Path) -> Result<Self> {
        let pair = native_pty_system().openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 })?;
        let mut reader = pair.master.try_clone_reader()?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fibric"));
        command.cwd(root);
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 65_536];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || send.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        let (rows, columns) = NonZero::new(40).zip(NonZero::new(120)).context("an empty screen")?;
        Ok(Self { child, bytes, screen: vt100::Parser::new(rows, columns, 0), started, _pair: pair })
    }

    /// Milliseconds from exec until the screen is as wanted.
    pub fn until(&mut self, wanted: impl Fn(&str) -> bool) -> Result<f64> {
        while !wanted(&self.screen.screen().contents()) {
            match self.bytes.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(_) => bail!("the screen never came: {}", self.screen.screen().contents()),
            }
        }
        Ok(millis(self.started.elapsed()))
    }

    /// How many bytes come in the given time.
    fn drain(&mut self, time: Duration) -> usize {
        let end = Instant::now() + time;
        let mut count = 0;
        while let Ok(bytes) = self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
            count += bytes.len();
        }
        count
    }

    fn proc(&self, name: &str) -> Result<String> {
        let pid = self.child.process_id().context("no process")?;
        Ok(fs::read_to_string(format!("/proc/{pid}/{name}"))?)
    }

    /// Kills it.
    pub fn end(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Resident megabytes.
    fn resident(&self) -> Result<f64> {
        self.memory("VmRSS")
    }

    /// The most there were.
    pub fn most_resident(&self) -> Result<f64> {
        self.memory("VmHWM")
    }

    fn memory(&self, what: &str) -> Result<f64> {
        let status = self.proc("status")?;
        let line = status.lines().find(|line| line.starts_with(what)).context("no such figure")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Megabytes that each child shares with nobody.
    fn children_private(&self) -> Result<Vec<f64>> {
        let pid = self.child.process_id().context("no process")?;
        let mut listed = String::new();
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            // A thread that has ended meanwhile has none.
            listed += &fs::read_to_string(task?.path().join("children")).unwrap_or_default();
            listed.push(' ');
        }
        let mut each = Vec::new();
        for child in listed.split_whitespace() {
            // One that has ended meanwhile has none.
            let Ok(rollup) = fs::read_to_string(format!("/proc/{child}/smaps_rollup")) else { continue };
            let private = rollup.lines().filter(|line| line.starts_with("Private_"));
            let kilobytes: f64 = private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum();
            each.push(kilobytes / 1024.0);
        }
        Ok(each)
    }

    /// User and system time, in ticks of 10 ms.
    fn ticks(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let tick = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        Ok(tick(11) + tick(12))
    }
}
