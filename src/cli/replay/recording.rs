//! `--record`: the golden plans of each fixture file, written beside it.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::cassette::Merged;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;
use crate::session::dev_kernel::DevKernel;
use crate::session::golden::{Golden, Recording};
use crate::session::tape::Saved;
use crate::workspace::named_file::folder_of;

/// Why nothing can be recorded, before anything is replayed: a recording would lose what it cannot make anew.
pub(super) fn refuse(kernel: &DevKernel, golden: &Golden, files: &[PathBuf], selecting: bool) -> Result<(), Failure> {
    if let Some(pipe) = files.iter().find(|file| file.exists() && !file.is_file()) {
        let fault = format!("`{}` is no plain file: nothing can be recorded beside it", pipe.display());
        return Err(Failure::usage(Diagnostic::error(fault).help("write it to a file first")));
    }
    let fail = |fault: Diagnostic, exit| Err(Failure::Told { diagnostics: vec![fault], exit });
    if let Some(loaded) = kernel.roster.loaded().find(|loaded| loaded.failure.is_some()) {
        let fault = format!("`{}` does not load: its plans would be missing from the recording", loaded.file);
        return fail(Diagnostic::error(fault).in_file(&*loaded.file).help("nothing was recorded"), Exit::Author);
    }
    let broken_tape = kernel.tape.broken().next();
    match golden.broken().next().filter(|_| selecting).or(broken_tape) {
        None => Ok(()),
        Some(broken) => {
            let fault = Diagnostic::error(format!("lines of `{broken}` cannot be read, so none can be added to it"));
            let help = if broken_tape == Some(broken) {
                "mend them, or move the file away and record anew"
            } else {
                "mend them, or record the whole file anew: `--record` without `--where`"
            };
            fail(fault.in_file(broken).help(help), Exit::Failed)
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

/// Says what is new of what operators were answered, and what could not be recorded.
pub(super) fn tell_tape(
    kernel: &mut DevKernel,
    (saved, faults): (Vec<Saved>, Vec<Diagnostic>),
    as_json: bool,
) -> Result<(), Failure> {
    for Saved { shown, merged, written } in saved {
        if as_json {
            let Merged { recordings, added, changed, .. } = merged;
            output::json(&json!({ "recorded": { "recording": shown, "recordings": recordings, "added": added,
                "changed": changed, "written": written } }))?;
        } else {
            let counts = [(merged.added, "added"), (merged.changed, "changed")];
            output::print(&told(&counted(merged.recordings, "answer"), &shown, &counts, written))?;
        }
    }
    output::print_diagnostics_beside(&kernel.tape.take_conflicts(), as_json);
    if faults.is_empty() { Ok(()) } else { Err(Failure::Told { diagnostics: faults, exit: Exit::Failed }) }
}

fn cannot_create(recording: &Recording<'_>, error: &std::io::Error) -> Failure {
    let fault = format!("cannot create the folder of `{}`: {error}", recording.shown);
    Failure::Told { diagnostics: vec![Diagnostic::error(fault)], exit: Exit::Failed }
}

/// `recorded 14 plans in fixtures/recordings/orders.jsonl.plans.jsonl: 2 added · 1 changed`.
fn line(recording: &Recording<'_>, is_same: bool) -> String {
    let counts = [(recording.added, "added"), (recording.changed, "changed"), (recording.removed, "removed")];
    told(&counted(recording.plans, "plan"), recording.shown, &counts, !is_same)
}

fn told(what: &str, shown: &str, counts: &[(usize, &str)], written: bool) -> String {
    let shown = inert(shown);
    if !written {
        return format!("nothing to record: {shown} is as it was, with {what}\n");
    }
    let said: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let changes = if said.is_empty() { "the same, written anew".to_owned() } else { said.join(" · ") };
    format!("recorded {what} in {shown}: {changes}\n")
}
