//! Going on behind a clean's line of the chain: what it prepared is moved into place, and then what it stands for is
//! removed. May be begun any number of times.

use std::collections::HashSet;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::kernel::diagnostic::Diagnostic;
use crate::session::base;
use crate::session::error::Error;
use crate::session::journal::chain::Known;
use crate::session::journal::line::fact_name;
use crate::session::state_files;
use crate::session::store::Store;

/// What a clean prepares, in the order in which it is moved.
const PREPARED: [&str; 4] = [base::FILE, "receipts.chain", "receipts.jsonl", "envelopes.jsonl"];

/// Ends a clean that was cut off: goes on with one whose line is in the chain, and takes back any other. Tells of the
/// first in `ended`, and in `notices` what could not be removed. The store's lock must be held.
pub fn finish(store: &Store, ended: &mut Vec<Diagnostic>, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let folders = store.prepared();
    if folders.is_empty() {
        return Ok(());
    }
    let known = Known::read(&store.journals())?;
    for folder in folders {
        match &known.cleaned {
            Some((upto, seal)) if folder == base::prepared(store, seal) => {
                go_on(store, *upto, &folder, notices)?;
                let said = format!("a clean that was cut off has been ended: the runs up to {upto} are removed");
                ended.push(Diagnostic::warning(said));
            }
            // Where the chain does not hold, a line of it may have been lost that says otherwise.
            _ if known.holds_throughout => remove_folder(&folder)?,
            _ => {}
        }
    }
    Ok(())
}

fn go_on(store: &Store, upto: u32, folder: &Path, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    for name in PREPARED {
        let path = store.file(name);
        match state_files::rename(&folder.join(name), &path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::disk("write", &path)(error)),
            _ => {}
        }
    }
    state_files::sync_folder_of(&store.file(base::FILE));
    for run in store.runs().into_iter().filter(|run| *run <= upto) {
        let path = store.run_folder(run);
        if let Err(error) = remove_folder(&path) {
            let help = "remove it by hand: nothing of it is used any more";
            notices.push(Diagnostic::warning(error.to_string()).help(help));
        }
    }
    plan_files(store)?;
    remove_folder(folder)
}

fn remove_folder(path: &Path) -> Result<(), Error> {
    state_files::remove_folder(path).map_err(Error::disk("remove", path))
}

/// Removes the plan files that no run names which is kept.
fn plan_files(store: &Store) -> Result<(), Error> {
    let folder = store.file("plans");
    let names = state_files::names(&folder).unwrap_or_default();
    let mut old: HashSet<&str> = names.iter().filter_map(|name| name.to_str()).collect();
    old.retain(|name| Path::new(name).extension().is_some_and(|extension| extension == "json"));
    for run in store.runs() {
        if old.is_empty() {
            break;
        }
        each_plan_file(&store.journal(run), |name| {
            old.remove(name);
        })?;
    }
    for name in old {
        let path = folder.join(name);
        state_files::remove(&path).map_err(Error::disk("remove", &path))?;
    }
    Ok(())
}

fn each_plan_file(journal: &Path, mut hear: impl FnMut(&str)) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Entry {
        fact: Fact,
    }
    #[derive(Deserialize)]
    struct Fact {
        proposed: Option<Proposed>,
    }
    #[derive(Deserialize)]
    struct Proposed {
        file: Option<String>,
    }
    let Some(file) = state_files::open_existing(journal).map_err(Error::disk("read", journal))? else { return Ok(()) };
    let (mut reader, mut line) = (BufReader::with_capacity(1 << 18, file), Vec::new());
    while reader.read_until(b'\n', &mut line).map_err(Error::disk("read", journal))? > 0 {
        if matches!(fact_name(&line), Some(b"proposed") | None)
            && let Ok(Entry { fact: Fact { proposed: Some(Proposed { file: Some(file) }) } }) =
                serde_json::from_slice(&line)
            && let Some(name) = Path::new(&file).file_name().and_then(|name| name.to_str())
        {
            hear(name);
        }
        line.clear();
    }
    Ok(())
}
