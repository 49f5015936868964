//! `fibric capabilities ls`: the vocabulary, and who in this workspace provides and requires what.

use clap::Subcommand;
use serde::Serialize;

use super::exit::{Exit, Failure};
use super::{Context, output};
use crate::kernel::capability::Effect;
use crate::kernel::sanitize::inert;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;

/// Arguments of `fibric capabilities`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// List every capability.
    Ls {
        /// Only those a loaded tool provides or an operator requires.
        #[arg(long)]
        used: bool,
    },
}

#[derive(Serialize)]
struct Row {
    capability: String,
    effect: Effect,
    spellings: Vec<String>,
    provided_by: Vec<String>,
    bound_to: Option<String>,
    required_by: Vec<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let Sub::Ls { used } = args.command;
    let workspace = Workspace::open(&context.workspace)?;
    let kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let rows = kernel.workspace.vocabulary.iter().map(|name| row(&kernel, name));
    let rows: Vec<_> = rows.filter(|row| !used || !row.provided_by.is_empty() || !row.required_by.is_empty()).collect();
    if context.json {
        output::print_json(&output::json_lines(&rows))?;
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = format!("{:28}  {:5}", inert(&row.capability), row.effect.word());
        if !row.spellings.is_empty() {
            line += &format!("  also {}", inert(&row.spellings.join(", ")));
        }
        match (&row.bound_to, row.provided_by.as_slice()) {
            (Some(bound), _) => line += &format!("  bound to {}", inert(bound)),
            (None, []) => {}
            (None, several) => line += &format!("  unbound: {}", inert(&several.join(", "))),
        }
        if !row.required_by.is_empty() {
            line += &format!("  required by {}", inert(&row.required_by.join(", ")));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    output::print(&text)?;
    Ok(Exit::Ok)
}

fn row(kernel: &DevKernel, name: &str) -> Row {
    let vocabulary = &kernel.workspace.vocabulary;
    let is_it = |spelling: &str| vocabulary.canonical(spelling) == Ok(name);
    Row {
        capability: name.to_owned(),
        effect: vocabulary.effect(name),
        spellings: vocabulary.aliases(name).map(ToOwned::to_owned).collect(),
        provided_by: kernel
            .roster
            .providers()
            .filter(|connector| connector.tools.iter().any(|tool| is_it(&tool.capability)))
            .map(|connector| connector.id.clone())
            .collect(),
        bound_to: kernel.roster.bind(name).ok().map(|binding| binding.connector),
        required_by: kernel
            .roster
            .operators()
            .filter(|operator| operator.requires.iter().any(|required| is_it(required)))
            .map(|operator| operator.name.clone())
            .collect(),
    }
}
