//! `fibric review`: a run as a file that verifies itself; taking one out, verifying it, and looking at it.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueHint};

use super::exit::{Exit, Failure};
use super::{Context, output};
use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::report::review::{contents, html, markdown, verification};
use crate::review::archive::{MOST, Refused};
use crate::review::contents::Redaction;
use crate::review::difference::Difference;
use crate::review::export;
use crate::review::redact::{NotRedacted, Plan};
use crate::review::verify::{self, NotProven, Proven, Verification, Verified};
use crate::session::base;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric review`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a run as one file: journal, envelopes, plans, policy, receipts, with a digest of each.
    Export(Export),
    /// Work out again all that a review says, offline; exit with 1 where it differs.
    Verify(Verify),
    /// Show a review; nothing in it is run.
    Open(Open),
}

#[derive(Debug, clap::Args)]
struct Export {
    /// The run's number; the newest without one.
    #[arg(value_name = "RUN")]
    run: Option<u32>,
    /// The file to write.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: PathBuf,
    /// Replace the values of members with this name too, beside those that look like a person or a secret; may be
    /// given again for more.
    #[arg(long, value_name = "FIELD", value_hint = ValueHint::Other, conflicts_with = "unredacted")]
    redact: Vec<String>,
    /// Replace nothing: the file has every person and secret that the run met.
    #[arg(long)]
    unredacted: bool,
    /// Write it as Markdown too.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
    /// Write it as one HTML page too.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    html: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The review.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Exit with 6 when something could not be proven: predicates, author code, what a model answered.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, clap::Args)]
struct Open {
    /// The review.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

/// What matters to a verdict is not replaced: then nothing is written.
fn not_redacted(error: &NotRedacted) -> Failure {
    let help = "leave it out of `--redact` and `[redact] fields`, or give `--unredacted` to keep what there is";
    let diagnostics = vec![Diagnostic::error(error.to_string()).help(help)];
    Failure::Told { diagnostics, exit: Exit::Undecidable }
}

/// What `verify --json` prints.
#[derive(serde::Serialize)]
struct Printed<'a> {
    digest: &'a str,
    run: Option<u32>,
    intact: bool,
    signed: bool,
    proven: &'a Proven,
    not_proven: &'a [NotProven],
    redaction: Option<&'a Redaction>,
    differences: &'a [Difference],
}

impl<'a> Printed<'a> {
    fn of(found: &'a Verification) -> Self {
        Self {
            digest: &found.digest,
            run: found.run,
            intact: found.differences.is_empty(),
            signed: false,
            proven: &found.proven,
            not_proven: &found.not_proven,
            redaction: found.redaction.as_ref(),
            differences: &found.differences,
        }
    }
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Export(args) => export_run(context, args),
        Command::Verify(args) => {
            let verified = read(&args.file)?;
            print(context, &verified.verification)?;
            let found = &verified.verification;
            let open = args.strict && !found.not_proven.is_empty();
            Ok(Exit::worst([
                if found.differences.is_empty() { Exit::Ok } else { Exit::Failed },
                if open { Exit::Undecidable } else { Exit::Ok },
            ]))
        }
        Command::Open(args) => open(context, &args.file),
    }
}

fn print(context: &Context, found: &Verification) -> Result<(), Failure> {
    if context.json {
        output::json(&Printed::of(found))?;
    } else {
        output::print(&verification(found))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Verified, Failure> {
    let name = path.display();
    let bytes = bounded_read::read(path, MOST)
        .map_err(|error| Failure::usage(Diagnostic::error(format!("cannot read `{name}`: {error}"))))?;
    verify::verify(&bytes).map_err(|refused| {
        let (Refused::Foreign(why) | Refused::Damaged(why)) = refused;
        let fault = Diagnostic::error(format!("`{name}` is no review: {why}"));
        Failure::usage(fault.help("`fibric review export` writes one"))
    })
}

fn open(context: &Context, path: &Path) -> Result<Exit, Failure> {
    let verified = read(path)?;
    let found = &verified.verification;
    // What does not agree with itself is not shown as if it did.
    if !found.differences.is_empty() {
        print(context, found)?;
        return Ok(Exit::Failed);
    }
    if context.json {
        output::print_json(&output::json_lines(&verified.entries.0))?;
    } else {
        output::print(&(verification(found) + "\n" + &contents(&verified.entries, &verified.notes)))?;
    }
    Ok(Exit::Ok)
}

fn export_run(context: &Context, args: &Export) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let store = Store::reading(workspace.state_dir());
    let runs = store.runs();
    let Some(run) = args.run.or(runs.last().copied()) else {
        let help = "`fibric dev replay fixtures/` makes one";
        return Err(Failure::usage(Diagnostic::error("there is no run to export yet").help(help)));
    };
    if !runs.contains(&run) {
        if let Some(told) = base::told_of(&store, run) {
            return Err(Failure::usage(told));
        }
        let newest =
            runs.last().map_or_else(|| "there is none yet".to_owned(), |last| format!("the newest is run {last}"));
        return Err(Failure::usage(Diagnostic::error(format!("there is no run {run}")).help(newest)));
    }
    let (evidence, entries) = export::evidence(&workspace, &store, run)?;
    let (evidence, entries) = if args.unredacted {
        (evidence, entries)
    } else {
        let fields = args.redact.iter().chain(&workspace.config.redact.fields).cloned().collect();
        export::redacted(evidence, entries, &Plan { fields }).map_err(|error| not_redacted(&error))?
    };
    // What does not hold is told here.
    let (bytes, verified) = export::file(&evidence, &entries)?;
    output::write_bytes(&args.output, &bytes)?;
    if let Some(path) = &args.markdown {
        output::write_file(path, &markdown::document(&verified))?;
    }
    if let Some(path) = &args.html {
        output::write_file(path, &html::page(&verified))?;
    }
    print(context, &verified.verification)?;
    Ok(if verified.verification.differences.is_empty() { Exit::Ok } else { Exit::Failed })
}
