//! `fibric init`: a new pack whose own check passes at once.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};
use serde_json::json;

use super::exit::{Exit, Failure};
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert;
use crate::template;

/// What there are templates of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Template {
    /// An operator pack, in TypeScript.
    Operator,
}

/// Arguments of `fibric init`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to create [default: `packs/NAME`].
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: Option<PathBuf>,
    /// What to begin.
    #[arg(long, value_enum)]
    template: Template,
    /// What it is called, a lowercase slug [default: the folder's name].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let named =
        args.folder.as_ref().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
    let name = args.name.clone().or(named).ok_or_else(|| {
        let fault = Diagnostic::error("neither a folder nor a name is given");
        Failure::usage(fault.help("`fibric init --template operator --name order-risk`"))
    })?;
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from("packs").join(&name));
    let Template::Operator = args.template;
    let files = template::operator_pack(&folder, &name)?;
    if context.json {
        for file in &files {
            output::json(&json!({ "file": file.to_string_lossy() }))?;
        }
        return Ok(Exit::Ok);
    }
    let mut text = String::new();
    for file in &files {
        text.push_str(&format!("{}\n", inert(&file.to_string_lossy())));
    }
    let folder = folder.to_string_lossy();
    text.push_str(&format!("\ncheck it with: fibric publish --check {}\n", inert(&folder)));
    output::print(&text)?;
    Ok(Exit::Ok)
}
