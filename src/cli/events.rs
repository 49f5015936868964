//! `fibric events tail`: what happened, entry by entry, from the journals.

use clap::{Subcommand, ValueHint};
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

use super::exit::{Exit, Failure};
use super::{Context, follow, output, run_diff};
use crate::kernel::journal::Entry;
use crate::report::plain::Printer;
use crate::session::error::Error;
use crate::session::journal::tail::Tail;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric events`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Print the latest entries; times are UTC.
    Tail {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 40, value_name = "COUNT", value_hint = ValueHint::Other)]
        lines: usize,
        /// Go on with those that are added, of runs that begin meanwhile too.
        #[arg(long, short)]
        follow: bool,
        /// Only of one run.
        #[arg(long, value_name = "NUMBER", value_hint = ValueHint::Other)]
        run: Option<u32>,
    },
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let Sub::Tail { lines, follow: on, run } = args.command;
    let workspace = Workspace::open(&context.workspace)?;
    let store = Store::reading(workspace.state_dir());
    let printer = Printer::new(TimeZone::UTC, output::stdout_style()).looking_back();
    let mut reader = Reader { printer, tails: Vec::new() };
    let mut found = Vec::new();
    let runs: Vec<_> = store.runs().into_iter().filter(|number| run.is_none_or(|wanted| wanted == *number)).collect();
    // One that is waited for may be yet to begin.
    if let Some(wanted) = run.filter(|_| !on) {
        run_diff::there_is(&store, wanted, &store.runs())?;
    }
    for number in runs.iter().rev() {
        let path = store.journal(*number);
        let mut tail = Tail::last(&path, lines - found.len().min(lines)).map_err(Error::disk("read", &path))?;
        let mut earlier = tail.read().map_err(Error::disk("read", &path))?;
        reader.tails.push((*number, tail));
        earlier.append(&mut found);
        found = earlier;
        if found.len() >= lines && !on {
            break;
        }
    }
    reader.print(context, &found)?;
    if !on {
        return Ok(Exit::Ok);
    }
    follow::each_change(store.dir(), || {
        for number in store.runs() {
            let wanted = run.is_none_or(|wanted| wanted == number);
            if wanted && !reader.tails.iter().any(|(known, _)| *known == number) {
                reader.tails.push((number, Tail::from_start(&store.journal(number))));
            }
        }
        let mut added = Vec::new();
        for (number, tail) in &mut reader.tails {
            added.extend(tail.read().map_err(Error::disk("read", &store.journal(*number)))?);
        }
        reader.print(context, &added)
    })
}

struct Reader {
    printer: Printer,
    tails: Vec<(u32, Tail)>,
}

impl Reader {
    fn print(&mut self, context: &Context, lines: &[String]) -> Result<(), Failure> {
        let text = if context.json {
            // A damaged line is no JSON line.
            let whole = lines.iter().filter(|line| serde_json::from_str::<&RawValue>(line).is_ok());
            whole.flat_map(|line| [line.as_str(), "\n"]).collect()
        } else {
            let entries: Vec<Entry> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
            self.printer.lines(&entries)
        };
        let printed = if context.json { output::print_json(&text) } else { output::print(&text) };
        Ok(printed?)
    }
}
