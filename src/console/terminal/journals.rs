//! Journals of runs, read for a screen: single entries at once, whole runs a portion at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::console::screen::journals::{AboutAction, JournalReply, JournalRequest};
use crate::kernel::journal::PolicyState;
use crate::kernel::plan::PlannedAction;
use crate::kernel::policy::{Predicates as _, Subject};
use crate::replayer::fork::OtherPolicy;
use crate::replayer::{runs, scan, schedules, search};
use crate::session::journal::reader::{EntryLocation, JournalReader};
use crate::session::operator_fork;
use crate::workspace::Workspace;
use crate::workspace::policy::InForce;

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
            | JournalRequest::Policy { .. }
            | JournalRequest::OperatorFork(_)
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
        JournalRequest::Policy { file, about } => {
            let policy = read_policy(root, &file, &about).map(Arc::new);
            tell(JournalReply::Policy { file, receipt: about.receipt.id.clone(), policy });
        }
        JournalRequest::OperatorFork(question) => {
            let futures = operator_fork::futures(root, &question).map(Arc::new).map_err(|fault| {
                let place = fault.place().map_or_else(String::new, |place| format!("{place}: "));
                let help = fault.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
                format!("{place}{}{help}", fault.message)
            });
            tell(JournalReply::OperatorFork { question, futures });
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

/// The rules of a policy file, and what its predicates answer about an action; where it does not load, the first of
/// what is wrong.
fn read_policy(root: &Path, name: &str, about: &AboutAction) -> Result<OtherPolicy, String> {
    let path = root.join(name);
    if path.symlink_metadata().is_err() {
        return Err(format!("there is no file `{name}`"));
    }
    let workspace = Workspace::open(root).map_err(|fault| fault.message)?;
    let read = InForce::read(&workspace, &[path]);
    if read.stamp.state != PolicyState::InForce {
        let fault = read.stamp.diagnostics.iter().find(|fault| fault.is_error());
        return Err(fault.map_or_else(
            || format!("`{name}` does not load"),
            |fault| format!("{}: {}", fault.place().unwrap_or_default(), fault.message),
        ));
    }
    let action = PlannedAction::from(&*about.receipt);
    let asked = read.rules.of(&about.receipt.operator).predicates(&Subject::from(&action));
    let mut asking = read.predicates.about(&action, Some(&about.envelope));
    let answers = asked.into_iter().map(|id| (id, asking.ask(id))).collect();
    Ok(OtherPolicy { rules: read.rules, answers })
}
