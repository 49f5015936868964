//! The review of a run, for a screen: its notes, kept beside the runs, and the file that verifies itself.

use std::path::Path;

use crate::console::screen::reviews::{ReviewReply, ReviewRequest};
use crate::report::review::{conclusion, html, markdown};
use crate::review::redact::Plan;
use crate::review::{export, notes};
use crate::session::store::Store;
use crate::workspace::{Workspace, named_file};

/// Does what is asked; the answer, where there is one.
pub fn perform(root: &Path, request: ReviewRequest) -> Option<ReviewReply> {
    let state = root.join(".fibric").join("dev");
    match request {
        ReviewRequest::Read { run } => {
            let read = notes::kept(&state, run).map_err(|error| error.to_string());
            let notes = read.and_then(|(notes, faults)| match faults.first() {
                Some(fault) => Err(format!("{}: {}", fault.place(), fault.message)),
                None => Ok(notes),
            });
            Some(ReviewReply::Notes { run, notes })
        }
        ReviewRequest::Keep { run, notes } => {
            let kept = notes::keep(&state, run, &notes);
            kept.err().map(|error| ReviewReply::Failed(format!("cannot keep what you said of this run: {error}")))
        }
        ReviewRequest::Export { run, file } => {
            let written = write(root, run, &file);
            Some(written.map_or_else(ReviewReply::Failed, ReviewReply::Exported))
        }
    }
}

/// True for what may take longer than a key may wait.
pub fn takes_long(request: &ReviewRequest) -> bool {
    matches!(request, ReviewRequest::Export { .. })
}

fn write(root: &Path, run: u32, file: &str) -> Result<String, String> {
    let workspace = Workspace::open(root).map_err(|fault| fault.message)?;
    let store = Store::reading(workspace.state_dir());
    let (evidence, entries) = export::evidence(&workspace, &store, run).map_err(|error| error.to_string())?;
    let plan = Plan { fields: workspace.config.redact.fields.clone() };
    let (evidence, entries) = export::redacted(evidence, entries, &plan).map_err(|error| error.to_string())?;
    let (bytes, verified) = export::file(&evidence, &entries).map_err(|fault| fault.message)?;
    let path = root.join(file);
    let ends = |with: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(with));
    let bytes = match () {
        () if ends("md") => markdown::document(&verified).into_bytes(),
        () if ends("html") => html::page(&verified).into_bytes(),
        () => bytes,
    };
    named_file::write(&path, &bytes).map_err(|error| format!("cannot write {file}: {error}"))?;
    Ok(format!("wrote {file}: {}", conclusion(&verified.verification)))
}
