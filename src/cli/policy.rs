//! `fibric policy`: does it load, why does it decide as it does, and what would another one change. One file a subcommand.

use clap::Subcommand;

use super::Context;
use super::exit::{Exit, Failure};
use crate::workspace::Workspace;

mod check;
mod diff;
mod explain;
mod impact;
pub(super) mod reports;
mod test;

/// Arguments of `fibric policy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Say whether policy files load, and what is odd about them.
    Check(check::Args),
    /// Judge actions, with every rule that was tried and what would change the verdict.
    Explain(explain::Args),
    /// Compare a draft with the policy in force over recorded actions: what flips, and by which rule.
    Impact(impact::Args),
    /// Run the policy's own tests: actions, and what must be said of each.
    Test(test::Args),
    /// Say for certain whether policy B lets through anything that A did not, with the smallest action that shows it;
    /// exit with 6 where only predicates know.
    Diff(diff::Args),
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let opened = Workspace::open(&context.workspace);
    let root = opened.as_ref().map_or_else(|_| context.workspace.clone(), |workspace| workspace.root.clone());
    let opened = opened.map_err(Failure::from);
    match args.command {
        Sub::Check(args) => {
            let ended = opened.and_then(|workspace| check::run(context, workspace, &args));
            args.reports.ended(&root, "policy check", ended)
        }
        Sub::Explain(args) => explain::run(context, opened?, &args),
        Sub::Impact(args) => {
            let ended = opened.and_then(|workspace| impact::run(context, workspace, &args));
            args.reports.ended(&root, "policy impact", ended)
        }
        Sub::Test(args) => {
            let ended = opened.and_then(|workspace| test::run(context, workspace, &args));
            args.reports.ended(&root, "policy test", ended)
        }
        Sub::Diff(args) => {
            let ended = opened.and_then(|workspace| diff::run(context, workspace, &args));
            args.reports.ended(&root, "policy diff", ended)
        }
    }
}
