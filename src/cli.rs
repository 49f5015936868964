//! The commands, one file each: they read arguments, call the library, print, and choose an exit code.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};

mod capabilities;
mod clean;
mod completions;
mod coverage;
mod demo;
mod dev;
mod diff;
mod doctor;
mod events;
mod exit;
mod first_run;
mod follow;
mod init;
mod interleave;
mod output;
mod plan;
mod policy;
mod publish;
mod reasoner;
mod receipts;
mod recording;
mod replay;
mod review;
mod run_diff;
mod strict;
mod unsupported;
mod where_filter;

use crate::author::process::launch;
use exit::{Exit, Failure};

/// A governed dev kernel for AI operators: what happened, why, and what would change it.
#[derive(Debug, Parser)]
#[command(name = "fibric", version, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// Folder of the workspace, or any folder inside it.
    #[arg(long, short = 'C', global = true, value_name = "DIR", value_hint = ValueHint::DirPath, default_value = ".")]
    workspace: PathBuf,
    /// Print JSON lines, and nothing else, on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the console on this workspace; without a terminal, print what happens.
    Dev(Box<dev::Args>),
    /// Watch a scripted session over the bundled workspace, in a temporary folder.
    Demo(demo::Args),
    /// Read, export and verify receipts.
    Receipts(receipts::Args),
    /// Check policies and explain verdicts.
    Policy(policy::Args),
    /// Export a run as a file that verifies itself; verify and show such files.
    Review(review::Args),
    /// Begin a new operator pack.
    Init(init::Args),
    /// Check whether an operator pack may be published.
    Publish(publish::Args),
    /// Compare two versions of a pack: what changes, what comes of it, and how much the version has to rise.
    Diff(diff::Args),
    /// Follow what happened, entry by entry.
    Events(events::Args),
    /// Remove old runs; keys that are used are kept, and the receipts that hold them.
    Clean(clean::Args),
    /// List the capability vocabulary.
    Capabilities(capabilities::Args),
    /// Check that this workspace and this machine are in order.
    Doctor,
    /// Print a completion script for a shell.
    Completions(completions::Args),
}

/// What every command is given.
struct Context {
    workspace: PathBuf,
    json: bool,
}

/// Reads the arguments of this process, runs the command, and gives the exit code (contract 8).
pub fn main() -> std::process::ExitCode {
    // Before anything is parsed: a host is started often, and by nobody but the kernel.
    if std::env::args_os().nth(1).is_some_and(|word| word == launch::SUBCOMMAND) {
        crate::author::serve();
    }
    // Without it, a write beyond a limit ends the process silently; that is no worse than before, and no reason to stop.
    #[cfg(unix)]
    let _ = crate::console::hold_to_file_limits();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let args: Vec<_> = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
            if let Some(told) = unsupported::explain(&error, &args) {
                output::print_diagnostics(&[told], args.iter().any(|arg| arg == "--json"));
                return Exit::Usage.into();
            }
            let asked = !error.use_stderr();
            // Help that was asked for and cannot be written is a failure like any other.
            let printed = error.print().and_then(|()| std::io::Write::flush(&mut std::io::stdout()));
            return match printed {
                Err(failed) if asked => end(Err(failed.into()), false),
                _ => if asked { Exit::Ok } else { Exit::Usage }.into(),
            };
        }
    };
    let context = Context { workspace: cli.workspace, json: cli.json };
    let outcome = match cli.command.unwrap_or_else(|| Command::Dev(Box::default())) {
        Command::Dev(args) => dev::run(&context, *args),
        Command::Demo(args) => demo::run(&context, &args),
        Command::Receipts(args) => receipts::run(&context, args),
        Command::Policy(args) => policy::run(&context, args),
        Command::Review(args) => review::run(&context, &args),
        Command::Init(args) => init::run(&context, &args),
        Command::Publish(args) => publish::run(&context, &args),
        Command::Diff(args) => diff::run(&context, &args),
        Command::Events(args) => events::run(&context, &args),
        Command::Clean(args) => clean::run(&context, &args),
        Command::Capabilities(args) => capabilities::run(&context, &args),
        Command::Doctor => doctor::run(&context),
        Command::Completions(args) => completions::run(&context, &args),
    };
    end(outcome, context.json)
}

/// Tells why a command failed, and gives the exit code.
fn end(outcome: Result<Exit, Failure>, json: bool) -> std::process::ExitCode {
    match outcome {
        Ok(exit) => exit.into(),
        Err(Failure::Closed) => Exit::Ok.into(),
        Err(Failure::Told { diagnostics, exit }) => {
            output::print_diagnostics(&diagnostics, json);
            exit.into()
        }
    }
}
