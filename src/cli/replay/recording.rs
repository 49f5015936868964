//! `--record`: the golden plans of each fixture file, written beside it.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;
use crate::session::dev_kernel::DevKernel;
use crate::session::golden::{Golden, Recording};
use crate::workspace::named_file::folder_of;

/// Why nothing can be recorded, before anything is replayed: a recording would lose what it cannot make anew.
pub(super) fn refuse(kernel: &DevKernel, golden: &Golden, files: &[PathBuf], selecting: bool) -> Result<(), Failure> {
    if let Some(pipe) = files.iter().find(|file| file.exists() && !file.is_file()) {
        let fault = format!("`{}` is no plain file: nothing can be recorded beside it", pipe.display());
        return Err(Failure::usage(Diagnostic::error(fault).help("write it to a file first")));
    }
    let told = |fault: Diagnostic, exit| Err(Failure::Told { diagnostics: vec![fault], exit });
    if let Some(loaded) = kernel.roster.loaded().find(|loaded| loaded.failure.is_some()) {
        let fault = format!("`{}` does not load: its plans would be missing from the recording", loaded.file);
        return told(Diagnostic::error(fault).in_file(&*loaded.file).help("nothing was recorded"), Exit::Author);
    }
    match golden.broken().next().filter(|_| selecting) {
        None => Ok(()),
        Some(broken) => {
            let fault = Diagnostic::error(format!("lines of `{broken}` cannot be read, so none can be added to it"));
            let help = "mend them, or record the whole file anew: `--record` without `--where`";
            told(fault.in_file(broken).help(help), Exit::Failed)
        }
    }
}

/// Writes the recordings of a finished replay, and says what is new in them.
pub(super) fn write(golden: &Golden, selecting: bool, as_json: bool) -> Result<(), Failure> {
    for recording in golden.recordings(selecting) {
        let is_same = fs::read(recording.path).is_ok_and(|bytes| bytes == recording.text.as_bytes());
        if !is_same {
            let folder = folder_of(recording.path);
            if !folder.is_dir() {
                fs::create_dir(folder).map_err(|error| cannot_create(&recording, &error))?;
            }
            output::write_file(recording.path, &recording.text)?;
        }
        if as_json {
            let Recording { shown, plans, added, changed, removed, .. } = recording;
            output::json(&json!({ "recorded": { "recording": shown, "plans": plans, "added": added,
                "changed": changed, "removed": removed, "written": !is_same } }))?;
        } else {
            output::print(&line(&recording, is_same))?;
        }
    }
    Ok(())
}

fn cannot_create(recording: &Recording<'_>, error: &std::io::Error) -> Failure {
    let fault = format!("cannot create the folder of `{}`: {error}", recording.shown);
    Failure::Told { diagnostics: vec![Diagnostic::error(fault)], exit: Exit::Failed }
}

/// `recorded 14 plans in fixtures/recordings/orders.jsonl.plans.jsonl: 2 added · 1 changed`.
fn line(recording: &Recording<'_>, is_same: bool) -> String {
    let (plans, shown) = (counted(recording.plans, "plan"), inert(recording.shown));
    if is_same {
        return format!("nothing to record: {shown} is as it was, with {plans}\n");
    }
    let counts = [(recording.added, "added"), (recording.changed, "changed"), (recording.removed, "removed")];
    let said: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let what = if said.is_empty() { "the same, written anew".to_owned() } else { said.join(" · ") };
    format!("recorded {plans} in {shown}: {what}\n")
}
