//! The runs there are to choose from, by the first line of each journal.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use crate::kernel::journal::{Entry, Fact, RunKind};
use crate::session::state_files::{self, Access};
use crate::session::store;

/// Runs that are listed, the newest of all.
const MOST: usize = 500;
/// The longest first line that is read: it carries a policy's rules.
const LONGEST: u64 = 4 << 20;

/// A run, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBrief {
    /// Its number.
    pub run: u32,
    /// Why it exists; none where its first line cannot be read.
    pub kind: Option<RunKind>,
    /// When it began, RFC 3339.
    pub at: String,
    /// True when it stopped at plans.
    pub propose_only: bool,
    /// Bytes of its journal.
    pub bytes: u64,
}

/// The newest runs of a state folder, the newest first.
pub fn list(state: &Path) -> Vec<RunBrief> {
    let runs = store::runs_in(state);
    runs.into_iter().rev().take(MOST).filter_map(|run| brief(state, run).ok()).collect()
}

fn brief(state: &Path, run: u32) -> io::Result<RunBrief> {
    let file = state_files::open(&store::journal_in(state, run), Access::Read)?;
    let bytes = file.metadata()?.len();
    let mut line = Vec::new();
    BufReader::new(file.take(LONGEST)).read_until(b'\n', &mut line)?;
    let nothing = RunBrief { run, kind: None, at: String::new(), propose_only: false, bytes };
    Ok(match serde_json::from_slice::<Entry>(&line) {
        Ok(Entry { at, fact: Fact::RunStarted(started), .. }) => {
            RunBrief { kind: Some(started.kind), at, propose_only: started.propose_only, ..nothing }
        }
        _ => nothing,
    })
}
