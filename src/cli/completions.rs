//! `fibric completions`: a script for a shell, made from the same arguments the binary parses.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::exit::{Exit, Failure};
use super::{Cli, Context, output};

/// Arguments of `fibric completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// bash, elvish, fish, powershell or zsh.
    shell: Shell,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "fibric", &mut script);
    let script = String::from_utf8_lossy(&script);
    if context.json {
        output::json(&serde_json::json!({"shell": args.shell.to_string(), "script": script}))?;
    } else {
        output::print(&script)?;
    }
    Ok(Exit::Ok)
}
