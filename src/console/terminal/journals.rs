//! Journals of runs, read for a screen: single entries at once, whole runs a portion at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::console::screen::journals::{JournalReply, JournalRequest};
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::{PolicySet, file};
use crate::replayer::{runs, scan, schedules, search};
use crate::session::journal::reader::{EntryLocation, JournalReader};
use crate::workspace::Workspace;

fn state(root: &Path) -> PathBuf {
    root.join(".fibric").join("dev")
}

/// True for what may take longer than a key may wait.
pub fn takes_long(request: &JournalRequest) -> bool {
    matches!(
        request,
        JournalRequest::Scan { .. }
            | JournalRequest::Find { .. }
            | JournalRequest::PlansOn { .. }
            | JournalRequest::Interleave { .. }
    )
}

/// Reads what is asked; `tell` says whether to go on.
pub fn perform(root: &Path, request: JournalRequest, tell: &mut dyn FnMut(JournalReply) -> bool) {
    let state = state(root);
    match request {
        JournalRequest::Runs => drop(tell(JournalReply::Runs(runs::list(&state)))),
        JournalRequest::Scan { run, from } => {
            let mut each = |portion| tell(JournalReply::Scanned { run, portion: Box::new(portion) });
            let fault = scan::read(&state, run, from, &mut each).err();
            tell(JournalReply::ScanEnded { run, fault: fault.map(|error| error.to_string()) });
        }
        JournalRequest::Entries { run, places } => {
            let mut past = JournalReader::of(&state);
            let mut read = |offset| past.read(EntryLocation { run, offset }).ok().map(Arc::new);
            let entries = places.into_iter().map(|(entry, offset)| (entry, read(offset))).collect();
            tell(JournalReply::Entries { run, entries });
        }
        JournalRequest::Policy { file } => {
            let policy = read_policy(root, &file);
            tell(JournalReply::Policy { file, policy });
        }
        JournalRequest::PlansOn { run, entity } => {
            let plans = schedules::candidates(&state, run, &entity).map_err(|error| error.to_string());
            tell(JournalReply::PlansOn { run, entity, plans });
        }
        JournalRequest::Interleave { run, request } => {
            let found = schedules::interleave(&state, run, &request).map(Arc::new);
            let found = found.map_err(|why| match why.help {
                Some(help) => format!("{}; {help}", why.message),
                None => why.message,
            });
            tell(JournalReply::Interleaved { run, request, found });
        }
        JournalRequest::Find { begin, query } => {
            let found = match search::parse(&query) {
                Ok(query) => search::next(&state, begin, &query, &|| true).map_err(|error| error.to_string()),
                Err(fault) => Err(fault.message),
            };
            tell(JournalReply::Found { run: begin.run, found });
        }
    }
}

/// The rules of a policy file in YAML; where it does not load, the first of what is wrong.
fn read_policy(root: &Path, name: &str) -> Result<Arc<PolicySet>, String> {
    let path = root.join(name);
    if !path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
        return Err(format!("`{name}` is not a policy in YAML"));
    }
    let text = match super::files::text_of(&path) {
        Ok(Some(text)) => text,
        Ok(None) => return Err(format!("there is no file `{name}`")),
        Err(why) => return Err(format!("`{name}` cannot be read: {why}")),
    };
    // What is wrong with the configuration is said elsewhere.
    let vocabulary = Workspace::open(root).map_or_else(|_| Vocabulary::shipped(), |workspace| workspace.vocabulary);
    match file::read(name, &text, &vocabulary) {
        Ok(read) => Ok(Arc::new(PolicySet::compile(read.rules))),
        Err(faults) => Err(faults.first().map_or_else(
            || format!("`{name}` does not load"),
            |fault| format!("{}: {}", fault.place().unwrap_or_default(), fault.message),
        )),
    }
}
