//! `fibric dev coverage`: what the fixtures cover of what is loaded, and the smallest fixture for what they do not.

use std::path::PathBuf;

use clap::ValueHint;
use serde_json::json;

use super::exit::{Exit, Failure};
use super::replay::{absolute, load_faults};
use super::{Context, output};
use crate::coverage::{CoverageMap, Unfilled, WhatIsLoaded, fill, read};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::report::coverage;
use crate::session::dev_kernel::DevKernel;
use crate::session::replay::files;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric dev coverage`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Fixture files, folders of them, or patterns [default: the workspace's `fixtures`].
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// List the fixtures with the last result of each, instead of the map.
    #[arg(long, conflicts_with_all = ["fill", "strict"])]
    fixtures: bool,
    /// Write the smallest fixture that fills this cell, run it, and keep it only if it does: `OPERATOR/TOOL/at-100`.
    #[arg(long, value_name = "CELL", value_hint = ValueHint::Other)]
    fill: Option<String>,
    /// Exit with 1 while a cell that can be filled is not.
    #[arg(long, conflicts_with = "fill")]
    strict: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let paths = if args.paths.is_empty() { vec![workspace.root.join("fixtures")] } else { absolute(&args.paths) };
    let files = files(&paths)?;
    if args.fixtures {
        return fixtures(context, &workspace, &files);
    }
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let faults = load_faults(&kernel);
    output::print_diagnostics_beside(&faults, context.json);
    if let Some(cell) = &args.fill {
        return write(context, &mut kernel, &files, cell);
    }
    let results = read(&kernel.workspace, &files);
    let loaded = WhatIsLoaded::of(&kernel);
    let map = CoverageMap::of(&loaded, &results);
    if context.json {
        output::json(&json!({ "coverage": { "envelopes": map.counted, "outdated": map.outdated,
            "unplayed": map.unplayed, "cut": results.cut } }))?;
        let lines: Vec<_> = map.rows.iter().map(|row| json!({ "cell": row })).collect();
        output::print_json(&output::json_lines(&lines))?;
    } else {
        output::print(&coverage::text(&map, &loaded))?;
    }
    let told = told(&map, args.strict);
    output::print_diagnostics_beside(&told, context.json);
    let broken = args.strict && faults.iter().any(Diagnostic::is_error);
    let failed = told.iter().any(Diagnostic::is_error);
    Ok(Exit::worst([if broken { Exit::Author } else { Exit::Ok }, if failed { Exit::Failed } else { Exit::Ok }]))
}

/// The fixtures with the last result of each.
fn fixtures(context: &Context, workspace: &Workspace, files: &[PathBuf]) -> Result<Exit, Failure> {
    let results = read(workspace, files);
    if context.json {
        let lines: Vec<_> = results.files.iter().map(|file| json!({ "fixtures": file })).collect();
        output::print_json(&output::json_lines(&lines))?;
    } else {
        output::print(&coverage::fixtures(&results))?;
    }
    Ok(Exit::Ok)
}

/// What the map does not say by itself: that it looked at nothing, or, where that is asked, that cells are empty.
fn told(map: &CoverageMap, strict: bool) -> Vec<Diagnostic> {
    let of = |strict: bool, said: String| if strict { Diagnostic::error(said) } else { Diagnostic::warning(said) };
    let mut told = Vec::new();
    if map.counted == 0 {
        let said = "no result counts: nothing was played by what is loaded now".to_owned();
        told.push(of(strict, said).help("`fibric dev replay fixtures` plays the fixtures"));
    }
    let open = map.empty().count();
    if strict && open > 0 {
        let said = format!("{} can be filled and {} not", counted(open, "cell"), if open == 1 { "is" } else { "are" });
        told.push(
            Diagnostic::error(said).help("`fibric dev coverage --fill CELL` writes the smallest fixture for one"),
        );
    }
    told
}

/// Writes the fixture for a cell.
fn write(context: &Context, kernel: &mut DevKernel, files: &[PathBuf], cell: &str) -> Result<Exit, Failure> {
    let store = Store::open(kernel.workspace.state_dir())?;
    match fill(kernel, &store, files, cell) {
        Ok(filled) if context.json => output::json(&json!({ "filled": filled }))?,
        Ok(filled) => output::print(&coverage::filled(&filled))?,
        Err(why @ Unfilled::Covered { .. }) => {
            output::print_diagnostics_beside(&[Diagnostic::warning(why.to_string())], context.json);
        }
        Err(why @ Unfilled::NoSuchCell { .. }) => {
            let fault = Diagnostic::error(why.to_string()).help("`fibric dev coverage` lists the cells");
            return Err(Failure::usage(fault));
        }
        Err(why) => {
            let fault = Diagnostic::error(why.to_string()).help("`fibric dev coverage` says how each cell stands");
            return Err(Failure::Told { diagnostics: vec![fault], exit: Exit::Failed });
        }
    }
    Ok(Exit::Ok)
}
