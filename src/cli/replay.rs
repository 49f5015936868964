//! `fibric dev replay`: fixtures through the kernel, in a process and a run of their own.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueHint;
use indicatif::ProgressBar;
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use tempfile::TempDir;

use super::exit::{Exit, Failure};
use super::policy::reports::Reports;
use super::reasoner::Reasoner;
use super::strict::{Gate, Replayed};
use super::{Context, output, where_filter};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::State;
use crate::kernel::journal::RunKind;
use crate::kernel::policy::file::is_tests;
use crate::kernel::sentences::no_policy;
use crate::report::diagnostics::Style;
use crate::report::golden;
use crate::report::replay::Report;
use crate::report::replay::cases::Cases;
use crate::session::bus::Batch;
use crate::session::clock;
use crate::session::dev_kernel::DevKernel;
use crate::session::error::Error;
use crate::session::golden::Golden;
use crate::session::ledger::Options;
use crate::session::reasoner::{self, Answering};
use crate::session::recovery;
use crate::session::replay::{self, Play, Played, ReplayObserver};
use crate::session::run::{Run, Setup};
use crate::session::store::Store;
use crate::workspace::Workspace;

mod outside;
mod recording;
mod trials;

/// Arguments of `fibric dev replay`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Args {
    /// Fixture files, folders of them, or patterns: `'fixtures/**/*.jsonl'`.
    #[arg(required_unless_present = "until", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Stop at the plan: nothing is judged, locked or acted on.
    #[arg(long)]
    propose_only: bool,
    /// Play everything twice over the same keys.
    #[arg(long, conflicts_with = "propose_only")]
    twice: bool,
    /// Fail on any refused envelope, load error, invalid plan or policy veto, and on what is not recorded.
    #[arg(long)]
    strict: bool,
    /// Exit with 3 when the policy blocks an action.
    #[arg(long, conflicts_with = "propose_only")]
    fail_on_block: bool,
    /// Refuse every ALERT, which would wait for a person: nobody is there in a replay.
    #[arg(long, conflicts_with = "propose_only")]
    hold_alerts: bool,
    /// A policy file instead of the workspace's own; may be given again for more.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// A second policy that judges too and decides nothing: where it differs is printed.
    #[arg(long, value_name = "FILE", conflicts_with = "propose_only")]
    shadow: Vec<PathBuf>,
    /// Only envelopes that match: `type:order.* payload.total:>100`.
    #[arg(long = "where", value_name = "QUERY", value_hint = ValueHint::Other, allow_hyphen_values = true)]
    select: Option<String>,
    /// Write the plans, and what operators sensed and reasoned, beside the fixture files, in `recordings/`.
    #[arg(long, conflicts_with = "twice", requires = "paths")]
    record: bool,
    /// What answers `ctx.reason`, in place of `[reasoner] kind`; recordings answer `ctx.sense` too.
    #[arg(long, value_name = "KIND")]
    reasoner: Option<Reasoner>,
    /// Ask for each plan so many times, and say how far it is the same each time; nothing is disposed of or recorded.
    #[arg(long, value_name = "N", value_hint = ValueHint::Other, value_parser = clap::value_parser!(u32).range(2..=1000),
        conflicts_with_all = ["twice", "record", "junit", "shadow", "until", "fail_on_block", "hold_alerts", "propose_only"])]
    trials: Option<u32>,
    /// Write the outcome as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The time author code sees [default: 2026-01-01T00:00:00Z].
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, value_parser = clock::parse)]
    now: Option<String>,
    /// After the files, play what operators that run at intervals have due from `--now` up to this time.
    #[arg(long, value_name = "TIME", value_hint = ValueHint::Other, value_parser = clock::parse)]
    until: Option<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let reports = Reports::junit(args.junit.clone());
    let opened = Workspace::open(&context.workspace);
    let root = opened.as_ref().map_or_else(|_| context.workspace.clone(), |workspace| workspace.root.clone());
    let ended = opened.map_err(Failure::from).and_then(|workspace| replay(context, workspace, args, &reports));
    reports.ended(&root, "dev replay", ended)
}

/// The state a replay is written to.
struct Opened {
    store: Store,
    /// What was to be put right in it.
    found: Vec<Diagnostic>,
    /// The folder it is in, where that goes with the process.
    beside: Option<TempDir>,
}

/// Opens the workspace's state. Where that may not be written, plans alone are made all the same, and nothing is kept.
fn open(workspace: &Workspace, propose_only: bool) -> Result<Opened, Failure> {
    let state = workspace.state_dir();
    let opened = Store::open(state.clone()).and_then(|store| Ok((recovery::recover(&store, &clock::now())?, store)));
    let error = match opened {
        Ok((found, store)) => return Ok(Opened { store, found, beside: None }),
        Err(error) => error,
    };
    if !propose_only || !error.is_refused_writing() {
        return Err(error.into());
    }
    let beside = tempfile::tempdir().map_err(Error::disk("create", &std::env::temp_dir()))?;
    let store = Store::open(beside.path().join("dev"))?;
    let told = Diagnostic::warning(format!("nothing of this replay is kept: {error}"));
    Ok(Opened { store, found: vec![told], beside: Some(beside) })
}

fn replay(context: &Context, workspace: Workspace, args: &Args, reports: &Reports) -> Result<Exit, Failure> {
    refuse_until(args)?;
    let query = args.select.as_deref().map(where_filter::parse::<EventEnvelope>).transpose()?;
    let files = replay::files(&absolute(&args.paths))?;
    let named = named_policies(&args.policy)?;
    let interrupted = stopped_by_signals()?;
    let answering = Answering {
        kind: args.reasoner.map(Into::into),
        record: args.record,
        unrecorded: args.trials.is_some(),
        stopped: Arc::clone(&interrupted),
    };
    reasoner::check(&workspace, answering.kind)?;
    let Opened { store, mut found, beside } = open(&workspace, args.propose_only)?;
    let mut kernel = DevKernel::load(workspace, named, &mut |_| {});
    kernel.hold.alerts = args.hold_alerts;
    if !args.shadow.is_empty() {
        let files = named_policies(&args.shadow)?;
        let odd = kernel.watch_with(files).map_err(|diagnostics| Failure::Told { diagnostics, exit: Exit::Invalid })?;
        found.extend(odd);
    }
    found.extend(kernel.answer_with(&answering)?);
    found.extend(load_faults(&kernel));
    found.extend(kernel.tape.open(&files));
    let matches = query.map(|query| move |envelope: &EventEnvelope| query.matches(envelope));
    let select = matches.as_ref().map(|matches| matches as replay::Select<'_>);
    if let Some(times) = args.trials {
        output::print_diagnostics_beside(&found, context.json);
        return trials::run(context, args, times, &mut kernel, (&files, select), &interrupted);
    }
    let (golden, odd) = Golden::open(&kernel.workspace, &files, args.record);
    found.extend(odd);
    output::print_diagnostics_beside(&found, context.json);
    if args.record {
        recording::refuse(&kernel, &golden, &files, select.is_some())?;
    }
    let setup = Setup {
        kind: RunKind::Replay,
        propose_only: args.propose_only,
        now: args.now.clone().unwrap_or_else(|| clock::FIXTURE_NOW.to_owned()),
        ledger: Options { sync: true, plan_files: beside.is_none(), persistent_keys: false },
    };
    let mut reader = Reader::new(context.json, golden, outside::cases(args, reports), interrupted);
    let mut run = Run::begin(&store, &kernel, setup, State::default())?;
    let play = Play {
        files: &files,
        select,
        passes: if args.twice { 2 } else { 1 },
        stopped: Arc::clone(&reader.interrupted),
        until: args.until.as_deref().and_then(|until| until.parse().ok()),
    };
    reader.report.twice = args.twice;
    let played = play.through(&mut run, &mut kernel, &mut reader);
    // What a model answered was paid for, however the replay ended.
    let taped = kernel.reasoner.is_paid().then(|| kernel.tape.finish());
    let played = played?;
    let (_, batch) = run.end()?;
    if let Some(batch) = batch {
        reader.batch(play.passes, batch);
    }
    let (exit, told) = conclude(context, args, &kernel, &mut reader, (&files, &played))?;
    if let Some(taped) = taped.or_else(|| (args.record && !played.interrupted).then(|| kernel.tape.finish())) {
        recording::tell_tape(&mut kernel, taped, context.json)?;
    }
    outside::report(context, &kernel, reports, &mut reader, (&found, &told))?;
    Ok(exit)
}

/// Says what came of a replay, records what is to be recorded, and judges it.
fn conclude(
    context: &Context,
    args: &Args,
    kernel: &DevKernel,
    reader: &mut Reader,
    (files, played): (&[PathBuf], &Played),
) -> Result<(Exit, Vec<Diagnostic>), Failure> {
    reader.bar.finish_and_clear();
    if let Some(error) = reader.broken.take() {
        return Err(error.into());
    }
    if !context.json {
        output::print(&reader.report.text())?;
    }
    if played.interrupted {
        // What was replayed so far says nothing of the rest.
        let what = match (args.record, kernel.reasoner.is_paid()) {
            (true, false) => "interrupted: nothing was recorded",
            (true, true) => "interrupted: of plans nothing was recorded",
            (false, _) => "interrupted",
        };
        let told = vec![Diagnostic::error(format!("{what} (exit 130)"))];
        if args.record {
            output::print_diagnostics_beside(&told, context.json);
        }
        return Ok((Exit::Interrupted, told));
    }
    let selecting = args.select.is_some();
    reader.golden.finish(selecting);
    if context.json {
        let lines: Vec<_> = reader.golden.findings.iter().map(|finding| json!({ "golden": finding })).collect();
        output::print_json(&output::json_lines(&lines))?;
    } else {
        output::print(&golden::text(&reader.golden, reader.report.envelopes))?;
    }
    if args.record {
        recording::write(&reader.golden, selecting, context.json)?;
    }
    let gate = Gate { strict: args.strict, fail_on_block: args.fail_on_block, disposes: !args.propose_only };
    let replayed = Replayed {
        paths: &args.paths,
        files: files.len(),
        unselected: played.unselected,
        kernel,
        report: &reader.report,
        golden: (!args.record).then_some(&reader.golden),
    };
    let (exit, told) = gate.judge(&replayed);
    output::print_diagnostics_beside(&told, context.json);
    Ok((exit, told))
}

/// A time before the clock of the replay has nothing due before it.
fn refuse_until(args: &Args) -> Result<(), Failure> {
    let now = args.now.as_deref().unwrap_or(clock::FIXTURE_NOW);
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match args.until.as_deref() {
        Some(until) if time(until) < time(now) => Err(Failure::usage(
            Diagnostic::error(format!("`--until {until}` is before the replay begins, at {now}"))
                .help("give a later time, or an earlier `--now`"),
        )),
        _ => Ok(()),
    }
}

/// Paths as the workspace's own are: canonical, so that they are shown relative to it. One that is not there stays as
/// it was typed, for the message.
pub(super) fn absolute(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect()
}

pub(super) fn named_policies(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if let Some(tests) = paths.iter().find(|path| is_tests(&path.to_string_lossy())) {
        let fault = Diagnostic::error(format!("`{}` holds policy tests, and no policy", tests.display()));
        return Err(Failure::usage(fault.help("name the policy itself; `fibric policy test` runs the tests")));
    }
    match paths.iter().find(|path| !path.is_file()) {
        Some(missing) => {
            Err(Failure::usage(Diagnostic::error(format!("there is no policy file `{}`", missing.display()))))
        }
        None => Ok(absolute(paths)),
    }
}

/// What is wrong with code and policy before anything is replayed.
pub(super) fn load_faults(kernel: &DevKernel) -> Vec<Diagnostic> {
    let mut found: Vec<_> = kernel.roster.loaded().filter_map(|loaded| loaded.failure.clone()).collect();
    found.extend_from_slice(kernel.roster.problems());
    found.extend(kernel.policy.stamp.diagnostics.iter().cloned());
    found.extend(no_policy(&kernel.policy.stamp).map(Diagnostic::warning));
    found
}

/// Prints entries as they are committed, or gathers the report; shows how far it is on long work.
struct Reader {
    report: Report,
    golden: Golden,
    cases: Option<Cases>,
    json: bool,
    style: Style,
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
    broken: Option<io::Error>,
}

impl Reader {
    fn new(json: bool, golden: Golden, cases: Option<Cases>, interrupted: Arc<AtomicBool>) -> Self {
        let bar = output::progress("{spinner} {pos} envelopes  {per_sec}  {elapsed}");
        let style = output::stdout_style();
        Self { report: Report::default(), golden, cases, json, style, bar, interrupted, broken: None }
    }
}

/// Set by the first signal, which ends the run in order; whoever asks again does not want to wait for author code, a
/// model or a pipe.
fn stopped_by_signals() -> Result<Arc<AtomicBool>, Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let again = Arc::clone(&interrupted);
        signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, again)?;
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    Ok(interrupted)
}

impl ReplayObserver for Reader {
    fn batch(&mut self, pass: u32, batch: Batch) {
        if self.json {
            let text = output::json_lines(batch.entries.iter().map(AsRef::as_ref));
            if let Err(error) = output::print_json(&text) {
                self.interrupted.store(true, Ordering::Relaxed);
                self.broken.get_or_insert(error);
            }
        }
        for entry in &batch.entries {
            self.report.entry(pass, entry, self.style);
            self.golden.entry(pass, entry);
            if let Some(cases) = &mut self.cases {
                cases.entry(pass, entry);
            }
        }
    }

    fn progress(&mut self, envelopes: u64) {
        if envelopes.is_multiple_of(64) && output::is_waited_for(&self.bar) {
            self.bar.set_position(envelopes);
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
