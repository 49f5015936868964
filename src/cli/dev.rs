//! `fibric dev`: the console on a terminal, append-only lines without one.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Subcommand, ValueHint};
use jiff::tz::TimeZone;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::exit::{Exit, Failure};
use super::reasoner::Reasoner;
use super::recording::Recording;
use super::{Context, coverage, first_run, interleave, output, plan, replay, run_diff};
use crate::console::{self, Asciicast};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Hold;
use crate::report::plain::Printer;
use crate::serve;
use crate::session::bus::{Command, Link, UNRECORDED};
use crate::session::clock;
use crate::session::dev::{self, Dev, Input};
use crate::session::reasoner;
use crate::workspace::Workspace;
use crate::workspace::fixtures::{self, Form};

/// Arguments of `fibric dev`.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Print lines instead of opening the console; their times are UTC.
    #[arg(long)]
    plain: bool,
    /// End when the fixtures are played and the given events are read.
    #[arg(long)]
    once: bool,
    /// Do not play `fixtures/` at the start.
    #[arg(long)]
    no_play: bool,
    /// Set the old state aside first; nothing is deleted.
    #[arg(long)]
    fresh: bool,
    /// Take live envelopes from a file of JSON lines, or from standard input (`-`).
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// A policy file instead of the workspace's own; may be given again for more.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// A second policy that judges too and decides nothing: where it differs is shown.
    #[arg(long, value_name = "FILE")]
    shadow: Vec<PathBuf>,
    /// The time author code sees for fixtures [default: 2026-01-01T00:00:00Z].
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, value_parser = clock::parse)]
    now: Option<String>,
    /// Let every ALERT wait for a person; where nobody is there to answer, it is refused.
    #[arg(long)]
    hold_alerts: bool,
    /// Let a sandbox connection's handlers run for real. Not offered until connections are opened.
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other, hide = true)]
    connect: Vec<String>,
    /// Take events over HTTP on this port of the loopback addresses; 0 takes a free one [default: 4310].
    #[arg(long, value_name = "PORT", value_hint = ValueHint::Other, conflicts_with = "once")]
    port: Option<u16>,
    /// What answers `ctx.reason`, in place of `[reasoner] kind`; recordings answer `ctx.sense` too.
    #[arg(long, value_name = "KIND")]
    reasoner: Option<Reasoner>,
    /// Colours of the console: dark, light, cvd, contrast, terminal, mono, or a theme file's name.
    #[arg(long, value_name = "NAME", value_parser = ThemeName, hide_possible_values = true)]
    theme: Option<String>,
    /// Record what the console shows as an asciicast file, which asciinema and its players show.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["plain", "once"])]
    cast: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Sub>,
}

/// A theme's name: completed from those that are shipped, any other is a theme file's.
#[derive(Debug, Clone)]
pub(super) struct ThemeName;

impl TypedValueParser for ThemeName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let shipped = ["dark", "light", "cvd", "contrast", "terminal", "mono"];
        Some(Box::new(shipped.into_iter().map(PossibleValue::new)))
    }
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Replay fixtures in a run of their own.
    Replay(replay::Args),
    /// Print a plan as it was proposed, from the journals.
    Plan(plan::Args),
    /// Compare two runs: what was proposed and disposed of otherwise, envelope by envelope.
    Diff(run_diff::Args),
    /// Look at every order in which a run's plans could have been disposed of side by side.
    Interleave(interleave::Args),
    /// Map what the fixtures cover: trigger, tool, decision, refusal, DEDUP, each side of a ceiling.
    Coverage(coverage::Args),
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.command {
        Some(Sub::Replay(replay)) => return replay::run(context, &replay),
        Some(Sub::Plan(plan)) => return plan::run(context, &plan),
        Some(Sub::Diff(diff)) => return run_diff::run(context, &diff),
        Some(Sub::Interleave(plans)) => return interleave::run(context, plans),
        Some(Sub::Coverage(coverage)) => return coverage::run(context, &coverage),
        None => {}
    }
    refuse_connections(&args.connect)?;
    let interactive = io::stdout().is_terminal() && io::stdin().is_terminal();
    let plain = args.plain || args.once || context.json || !interactive;
    let workspace = match Workspace::open(&context.workspace) {
        Ok(workspace) => workspace,
        Err(fault) => match first_run::offer(&context.workspace, fault, plain, args.theme.clone())? {
            Some(exit) => return Ok(exit),
            None => Workspace::open(&context.workspace)?,
        },
    };
    if let Some(cast) = args.cast.as_ref().filter(|_| plain) {
        let fault = format!("nothing is shown that could be recorded as `{}`: there is no terminal", cast.display());
        return Err(Failure::usage(
            Diagnostic::error(fault).help("leave `--cast` out; `events tail --json` has every entry"),
        ));
    }
    let most = workspace.config.limits.envelope.0;
    let input = args.events.as_deref().map(|path| open_events(path, plain, most)).transpose()?;
    let options = Dev {
        named_policy: replay::named_policies(&args.policy)?,
        shadow: replay::named_policies(&args.shadow)?,
        now: args.now.unwrap_or_else(|| clock::FIXTURE_NOW.to_owned()),
        play: !args.no_play,
        once: args.once,
        fresh: args.fresh,
        input,
        external_runs: !plain,
        hold: Hold { alerts: args.hold_alerts, attended: !plain },
        clock: clock::Clock::default(),
        reasoner: args.reasoner.map(Into::into),
    };
    reasoner::check(&workspace, options.reasoner)?;
    let root = workspace.root.clone();
    // What ends by itself waits for nobody's events.
    let http = (!args.once).then(|| serve::Options::of(&workspace, args.port));
    let recording = args.cast.as_deref().map(|path| Recording::begin(path, "fibric")).transpose()?;
    let (recording, cast) = recording.unzip();
    let (link, session) = dev::start(workspace, options)?;
    let (link, surface) = match http {
        Some(http) => {
            let (link, surface) = serve::start(link, http);
            (link, Some(surface))
        }
        None => (link, None),
    };
    let exit = if plain { print(link, context.json)? } else { open_console(link, &root, args.theme, cast)? };
    let ended = session.join();
    if let Some(surface) = surface {
        surface.end();
    }
    recording.map_or(Ok(()), Recording::finish)?;
    match ended {
        Ok(outcome) => outcome.map(|()| exit).map_err(Failure::from),
        Err(_) => Err(Failure::Told {
            diagnostics: vec![Diagnostic::error("the session ended unexpectedly; what was shown is on disk")],
            exit: Exit::Failed,
        }),
    }
}

/// Sandbox connections arrive with `ctx.http`; until then naming one must not look as if it worked.
pub(super) fn refuse_connections(named: &[String]) -> Result<(), Failure> {
    match named.first() {
        None => Ok(()),
        Some(name) => Err(Failure::usage(
            Diagnostic::error(format!("cannot connect `{name}`: this version opens no connections"))
                .help("leave `--connect` out; side-effecting tools run as stubs that echo their args"),
        )),
    }
}

fn open_events(path: &Path, plain: bool, most: usize) -> Result<Input, Failure> {
    if path.as_os_str() == "-" {
        if !plain {
            return Err(Failure::usage(
                Diagnostic::error("the console reads its keys from standard input, so events cannot come from it")
                    .help("add `--plain`, or give a file or a named pipe"),
            ));
        }
        let offers = fixtures::from_reader(io::stdin(), "standard input", Form::Jsonl).limited(most).endless();
        return Ok(Input { offers: Box::new(offers), name: "standard input".to_owned() });
    }
    let name = path.display().to_string();
    let refused = |error: io::Error| Diagnostic::error(format!("cannot open `{name}`: {error}"));
    let reader: Box<dyn Read + Send> = if path.metadata().map_err(refused)?.is_file() {
        Box::new(File::open(path).map_err(refused)?)
    } else {
        Box::new(Late { path: path.to_owned(), file: None })
    };
    Ok(Input { offers: Box::new(fixtures::from_reader(reader, &name, Form::of(path)).limited(most).endless()), name })
}

/// Opened when it is first read: a named pipe waits for its writer, and the session must not wait with it.
struct Late {
    path: PathBuf,
    file: Option<File>,
}

impl Read for Late {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        self.file.insert(file).read(buffer)
    }
}

fn open_console(link: Link, root: &Path, theme: Option<String>, cast: Option<Asciicast>) -> Result<Exit, Failure> {
    let mut options = console::Options::detect(|name| std::env::var(name).ok());
    options.theme = theme.or(options.theme);
    match console::run(link, options, root, cast) {
        Ok(console::Exit::Quit) => Ok(Exit::Ok),
        Ok(console::Exit::Signal(_)) => Ok(Exit::Interrupted),
        Err(error) => {
            Err(Failure::Told { diagnostics: vec![Diagnostic::error(error.to_string())], exit: Exit::Failed })
        }
    }
}

/// Prints what is committed until the session ends; a signal asks it to.
fn print(link: Link, as_json: bool) -> Result<Exit, Failure> {
    let signalled = stop_on_signal(link.commands.clone())?;
    let mut printer = Printer::new(TimeZone::UTC, output::stdout_style());
    // The link's command end must stay open: dropping it would ask the session to stop.
    let Link { batches, commands, .. } = link;
    for batch in batches.iter().filter(|batch| batch.run != UNRECORDED) {
        let entries = batch.entries.iter().map(AsRef::as_ref);
        let printed = if as_json {
            output::print_json(&output::json_lines(entries))
        } else {
            output::print(&printer.lines(entries))
        };
        if let Err(error) = printed {
            let _ = commands.try_send(Command::Stop);
            // Whatever is still to come must not keep the session waiting.
            batches.iter().for_each(drop);
            return Err(error.into());
        }
    }
    signalled.close();
    Ok(if signalled.is_closed_by_signal() { Exit::Interrupted } else { Exit::Ok })
}

/// A thread that turns the first signal into a `Stop`.
struct Signalled {
    handle: signal_hook::iterator::Handle,
    seen: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Signalled {
    fn close(&self) {
        self.handle.close();
    }

    fn is_closed_by_signal(&self) -> bool {
        self.seen.load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn stop_on_signal(commands: SyncSender<Command>) -> Result<Signalled, Failure> {
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    // Whoever asks a second time does not want to wait for author code to come back. Handlers run in the order in which
    // they are registered: this one must look before the other can have set the flag.
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let seen = std::sync::Arc::clone(&seen);
        signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, seen)?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let handle = signals.handle();
    let flag = std::sync::Arc::clone(&seen);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if signals.forever().next().is_some() {
            flag.store(true, std::sync::atomic::Ordering::Relaxed);
            let _ = commands.send(Command::Stop);
        }
    })?;
    Ok(Signalled { handle, seen })
}
