//! `fibric demo`: a scripted session over the bundled workspace, on a terminal, as lines, or recorded.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::ValueHint;
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::dev::ThemeName;
use super::exit::{Exit, Failure};
use super::recording::Recording;
use super::{Context, output};
use crate::author::bounded_read;
use crate::console::{Asciicast, Charset, Depth, Display, Options, Palette, Setup, Theme, commands};
use crate::demo::{self, Ended, Guide, Line, Pace, Script, Speed, Stage, Written, on_terminal, written};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert;

/// Bytes beyond which a policy is not read.
const LARGEST_POLICY: u64 = 8 << 20;
/// What is performed without a terminal has this size.
const SIZE: (u16, u16) = (100, 36);

/// Arguments of `fibric demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print lines instead of showing the console.
    #[arg(long)]
    plain: bool,
    /// How fast: a number of times the script's own speed, or `max`.
    #[arg(long, value_name = "SPEED", value_hint = ValueHint::Other, default_value = "1")]
    speed: Speed,
    /// Show each step large, for a room; `P` does it while it runs.
    #[arg(long)]
    present: bool,
    /// Press the keys yourself, and be shown which.
    #[arg(long, conflicts_with_all = ["plain", "speed"])]
    tour: bool,
    /// A policy file instead of the bundled one: another policy shows another story.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy: Option<PathBuf>,
    /// Record what is shown as an asciicast file; without a terminal, at the script's own times.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    cast: Option<PathBuf>,
    /// Colours: dark, light, cvd, contrast, terminal, mono.
    #[arg(long, value_name = "NAME", value_parser = ThemeName, hide_possible_values = true)]
    theme: Option<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let interactive = io::stdout().is_terminal() && io::stdin().is_terminal();
    let plain = args.plain || context.json || !interactive;
    if plain && args.tour {
        let fault = Diagnostic::error("the tour needs a terminal: a person presses its keys");
        return Err(Failure::usage(fault.help("`fibric demo --plain` tells the demo as lines")));
    }
    let policy = args.policy.as_deref().map(read_policy).transpose()?;
    let stopped = stopped_by_signals()?;
    let recording = args.cast.as_deref().map(|path| Recording::begin(path, "fibric demo")).transpose()?;
    let (recording, cast) = recording.unzip();
    let stage = |theme| Stage { theme, size: SIZE, policy, stopped: Arc::clone(&stopped) };
    let ended = if plain {
        let theme = theme(still(), args.theme.clone())?;
        tell(stage(theme), args, context.json, cast)
    } else {
        let theme = theme(detected(), args.theme.clone())?;
        let mut display = Display::open().map_err(|error| told(&error.to_string()))?;
        if let Some(cast) = cast {
            display.record(cast);
        }
        let (script, guide) = if args.tour { (Script::tour(), Guide::Person) } else { (Script::demo(), Guide::Script) };
        let pace = Pace { speed: args.speed, guide, paused: false, presenting: args.present };
        show(&script, stage(theme), pace, &mut display)
    };
    // What was shown until then is worth keeping, however it ended.
    recording.map_or(Ok(()), Recording::finish)?;
    ended
}

/// Performs a script on a terminal.
pub(super) fn show(script: &Script, stage: Stage, pace: Pace, display: &mut Display) -> Result<Exit, Failure> {
    match on_terminal(script, stage, pace, display) {
        Ok(Ended::Left) => Ok(Exit::Ok),
        Ok(Ended::Signal(_)) => Ok(Exit::Interrupted),
        Err(failure) => Err(failed(&failure)),
    }
}

/// Performs the demo as lines.
fn tell(stage: Stage, args: &Args, as_json: bool, mut cast: Option<Asciicast>) -> Result<Exit, Failure> {
    let stopped = Arc::clone(&stage.stopped);
    let how = Written { size: SIZE, speed: args.speed, presenting: args.present, recording: cast.as_mut() };
    let ended = written(&Script::demo(), stage, how, |line| {
        print(&line, as_json)?;
        wait(line.hold, &stopped);
        Ok::<_, Told>(())
    });
    match ended {
        Err(Told::Failure(demo::Failure::Stopped)) => Ok(Exit::Interrupted),
        Err(Told::Failure(failure)) => Err(failed(&failure)),
        Err(Told::Io(error)) => Err(error.into()),
        Ok(()) => Ok(Exit::Ok),
    }
}

/// Why telling it ended early.
enum Told {
    Failure(demo::Failure),
    Io(io::Error),
}

impl From<demo::Failure> for Told {
    fn from(failure: demo::Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<io::Error> for Told {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn print(line: &Line, as_json: bool) -> io::Result<()> {
    let Line { step, of, title, caption, keys, shows, .. } = line;
    if as_json {
        return output::json(&json!({ "demo": { "step": step, "of": of, "title": title, "caption": caption,
            "keys": keys, "shows": shows } }));
    }
    let mut text = format!("{step}/{of}  {title}\n     {caption}\n");
    if !keys.is_empty() {
        text.push_str(&format!("     keys   {}\n", keys.join("  ")));
    }
    text.push_str(&format!("     shows  {shows}\n"));
    output::print(&text.lines().map(|line| inert(line) + "\n").collect::<String>())
}

/// Waits, unless a signal comes.
fn wait(hold: Duration, stopped: &AtomicBool) {
    let until = Instant::now() + hold;
    while !stopped.load(Ordering::Relaxed) {
        let Some(rest) = until.checked_duration_since(Instant::now()) else { return };
        std::thread::park_timeout(rest.min(Duration::from_millis(50)));
    }
}

/// Set by the first signal that asks for an end; the second ends the process.
pub(super) fn stopped_by_signals() -> io::Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    Ok(stopped)
}

/// What the terminal looks like. The person's own keys would press something else than the script says.
pub(super) fn detected() -> Options {
    Options { places: crate::console::Places::default(), ..Options::detect(|name| std::env::var(name).ok()) }
}

/// The same on any machine.
fn still() -> Options {
    Options { depth: Depth::True, palette: Palette::Dark, charset: Charset::Unicode, ..Options::default() }
}

/// The colours of options, or of a theme that is named.
pub(super) fn theme(options: Options, named: Option<String>) -> Result<Theme, Failure> {
    let setup = Setup::read(&Options { theme: named.or(options.theme.clone()), ..options }, commands());
    match setup.faults.into_iter().next() {
        Some(fault) => Err(Failure::usage(fault)),
        None => Ok(setup.themes.theme(None)),
    }
}

fn read_policy(path: &Path) -> Result<String, Failure> {
    bounded_read::read_text(path, LARGEST_POLICY).map_err(|error| {
        let fault = Diagnostic::error(format!("cannot read `{}`: {error}", path.display()));
        Failure::usage(fault.help("name a policy file in YAML"))
    })
}

fn failed(failure: &demo::Failure) -> Failure {
    let fault = Diagnostic::error(format!("the demo cannot go on: {failure}"));
    let fault = match failure {
        demo::Failure::Waited { .. } => fault.help(
            "its keys suit a policy in YAML with a ceiling on `order.refund`; the session may also be unable to watch files",
        ),
        demo::Failure::Folder(_) | demo::Failure::Bundle(_) => {
            fault.help("set `TMPDIR` to a folder that can be written to")
        }
        _ => fault,
    };
    Failure::Told { diagnostics: vec![fault], exit: Exit::Failed }
}

fn told(said: &str) -> Failure {
    Failure::Told { diagnostics: vec![Diagnostic::error(said)], exit: Exit::Failed }
}
