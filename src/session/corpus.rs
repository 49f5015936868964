//! Reading recorded actions from files: `receipts.jsonl`, a run's journal, planned actions, plans, or any JSONL of
//! them. Batches come out as they are read, with progress, and reading can be called off after any of them.
//!
//! A line that cannot be read is counted and named; none is silently dropped. Nothing is judged here.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::impact::{Action, Batch};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::{Cause, Receipt};
use crate::session::state_files;
use line::{Line, Told};

mod line;
mod places;
mod proposed;
pub mod since;
#[cfg(test)]
mod tests;

pub use places::{Found, Places, Sources};
pub use proposed::{Proposed, Provided, propose};
pub use since::start_of;

/// The least actions in a batch; later ones are larger, so that taking them in stays cheap.
const BATCH: usize = 16_384;
/// Of so many lines that cannot be read the reasons are kept; the rest is counted.
const FAULTS: usize = 20;
/// The longest `.json` that is read.
const LONGEST: u64 = 64 << 20;

/// What names mean in a workspace, for actions that no kernel has validated.
pub trait Names {
    /// The canonical name of a capability, or why it has none.
    fn capability(&self, tool: &str) -> Result<String, String>;
    /// The connector a capability is bound to.
    fn bound_to(&self, tool: &str) -> Option<String>;
}

/// Some actions, and how far reading has come.
#[derive(Debug)]
pub struct Chunk {
    /// The actions, for [`crate::impact::Impact::absorb`].
    pub batch: Batch,
    /// Where they stand, for [`Sources::add`] with the row that `absorb` gives.
    pub places: Places,
    /// Bytes read of the file.
    pub read: u64,
    /// Bytes in the file.
    pub size: u64,
}

/// What came of reading a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Actions read.
    pub actions: u64,
    /// Receipts of actions that failed validation: no policy was asked of them, and none would be.
    pub unjudged: u64,
    /// Entries of a journal that dispose of nothing.
    pub others: u64,
    /// Lines that could not be read.
    pub bad: u64,
    /// The first of those: the line, from 1, and why.
    pub faults: Vec<(u64, String)>,
    /// True when reading was called off.
    pub cancelled: bool,
}

impl Tally {
    /// One diagnostic for each bad line whose reason is kept, and one for the rest.
    pub fn diagnostics(&self, shown: &str) -> Vec<Diagnostic> {
        let one = |(line, why): &(u64, String)| {
            let warning = Diagnostic::warning(format!("line {line} is left out: {why}")).in_file(shown);
            Diagnostic { line: u32::try_from(*line).ok(), ..warning }
        };
        let mut all: Vec<_> = self.faults.iter().map(one).collect();
        let more = self.bad - self.faults.len() as u64;
        if more > 0 {
            all.push(Diagnostic::warning(format!("and {more} more lines are left out")).in_file(shown));
        }
        all
    }
}

/// Calls back with a receipt as an action of a corpus; not with one that failed validation.
pub fn with_action<T>(receipt: &Receipt, take: impl FnOnce(&Action<'_>) -> T) -> Option<T> {
    if receipt.verdict.cause == Cause::Validate {
        return None;
    }
    let value = receipt.value.clone().map(|amount| Amount::float(amount.number));
    let (operator, connector) = (Some(&*receipt.operator), receipt.connector.as_deref());
    let (entity_key, idempotency_key) = (Some(&*receipt.entity_key), Some(&*receipt.idempotency_key));
    let tool = &receipt.tool;
    Some(take(&Action { operator, connector, tool, value: value.as_ref(), entity_key, idempotency_key }))
}

/// Reads a file; `each` is given every batch and says whether to go on.
pub fn read(
    path: &Path,
    shown: &str,
    names: &dyn Names,
    each: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
) -> Result<Tally, Diagnostic> {
    read_upto(path, shown, u64::MAX, names, each)
}

/// The same, of a file of lines only those that start before a byte.
pub fn read_upto(
    path: &Path,
    shown: &str,
    upto: u64,
    names: &dyn Names,
    each: &mut dyn FnMut(Chunk) -> ControlFlow<()>,
) -> Result<Tally, Diagnostic> {
    let refuse = |error: std::io::Error| {
        let fault = Diagnostic::error(format!("cannot read `{shown}`: {error}")).in_file(shown);
        fault.help("name a file of receipts, planned actions or plans (`.jsonl` or `.json`)")
    };
    let file = state_files::open_named(path).map_err(refuse)?;
    let about = file.metadata().map_err(refuse)?;
    if about.is_dir() {
        return Err(refuse(std::io::Error::other("it is a folder")));
    }
    let path: Arc<Path> = path.into();
    let mut reading = Reading {
        places: Places::in_lines(Arc::clone(&path)),
        path: Arc::clone(&path),
        known: Known::new(names),
        size: about.len().min(upto),
        upto,
        each,
        batch: Batch::default(),
        tally: Tally::default(),
        read: 0,
    };
    let whole = path.extension().is_some_and(|found| found.eq_ignore_ascii_case("json"));
    if whole {
        if about.len() > LONGEST {
            return Err(refuse(std::io::Error::other("it is too long for one JSON text; write it as `.jsonl`")));
        }
        reading.text(&std::fs::read(&path).map_err(refuse)?);
    } else {
        reading.lines(BufReader::with_capacity(1 << 18, file)).map_err(refuse)?;
    }
    Ok(reading.finish())
}

/// A line without its break, and without the mark some editors put before the first.
fn bare(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii()
}

struct Reading<'a> {
    path: Arc<Path>,
    known: Known<'a>,
    size: u64,
    upto: u64,
    each: &'a mut dyn FnMut(Chunk) -> ControlFlow<()>,
    batch: Batch,
    places: Places,
    tally: Tally,
    read: u64,
}

/// The names met so far, so that a million actions ask a few times.
struct Known<'a> {
    names: &'a dyn Names,
    canonical: HashMap<String, Result<String, String>>,
    connectors: HashMap<String, Option<String>>,
}

impl<'a> Known<'a> {
    fn new(names: &'a dyn Names) -> Self {
        Self { names, canonical: HashMap::new(), connectors: HashMap::new() }
    }

    fn canonical(&mut self, tool: &str) -> Result<&str, &str> {
        if !self.canonical.contains_key(tool) {
            self.canonical.insert(tool.to_owned(), self.names.capability(tool));
        }
        match self.canonical.get(tool) {
            Some(Ok(name)) => Ok(name),
            Some(Err(why)) => Err(why),
            None => Err("it has no name"),
        }
    }

    /// Adds an action as the executor would judge it: its capability canonical, its connector bound.
    fn add(&mut self, told: &Told<'_>, batch: &mut Batch) {
        let canonical = self.canonical(&told.tool).unwrap_or(&told.tool).to_owned();
        let bind = told.planned && told.connector.is_none();
        if bind && !self.connectors.contains_key(&canonical) {
            self.connectors.insert(canonical.clone(), self.names.bound_to(&canonical));
        }
        let bound = || self.connectors.get(&canonical)?.as_deref();
        batch.add(&Action {
            operator: told.operator.as_deref(),
            connector: if bind { bound() } else { told.connector.as_deref() },
            tool: &canonical,
            value: told.value.as_ref(),
            entity_key: told.entity_key.as_deref(),
            idempotency_key: told.idempotency_key.as_deref(),
        });
    }

    /// Why a planned action would not come before a policy.
    fn refusal(&mut self, told: &Told<'_>) -> Option<String> {
        self.canonical(&told.tool).err().filter(|_| told.planned).map(ToOwned::to_owned)
    }
}

/// The actions of a line that count; the error is why it tells of nothing. Reading a row again counts by this too.
fn actions<'l>(line: Line<'l>, known: &mut Known<'_>) -> Result<Vec<Told<'l>>, String> {
    let all = match line {
        Line::One(told) => vec![told],
        Line::Plan(all) => all,
        Line::Unjudged | Line::Other => Vec::new(),
    };
    match all.iter().find_map(|told| known.refusal(told)) {
        Some(why) => Err(why),
        None => Ok(all),
    }
}

impl Reading<'_> {
    fn lines(&mut self, mut reader: BufReader<File>) -> std::io::Result<()> {
        let mut text = Vec::with_capacity(4_096);
        for number in 1.. {
            if self.read >= self.upto {
                break;
            }
            text.clear();
            let offset = self.read;
            let read = reader.read_until(b'\n', &mut text)?;
            self.read += read as u64;
            let line = bare(&text);
            if !line.is_empty() {
                self.take(line::read(line), offset, number, 0);
            }
            if read == 0 || self.is_full() && self.hand_over().is_break() {
                break;
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        self.read = text.len() as u64;
        self.places = Places::in_whole(Arc::clone(&self.path));
        match line::read_whole(bare(text)) {
            Ok(lines) => {
                for line in lines {
                    let action = u32::try_from(self.batch.len()).unwrap_or(u32::MAX);
                    self.take(Ok(line), 0, 1, action);
                }
            }
            Err(why) => self.fault(1, why),
        }
    }

    fn take(&mut self, line: Result<Line<'_>, String>, offset: u64, number: u64, first: u32) {
        match &line {
            Ok(Line::Unjudged) => self.tally.unjudged += 1,
            Ok(Line::Other) => self.tally.others += 1,
            _ => {}
        }
        match line.and_then(|line| actions(line, &mut self.known)) {
            Ok(actions) => {
                for (told, action) in actions.iter().zip(first..) {
                    self.known.add(told, &mut self.batch);
                    self.places.add(offset, number, action);
                    self.tally.actions += 1;
                }
            }
            Err(why) => self.fault(number, why),
        }
    }

    fn fault(&mut self, number: u64, why: String) {
        self.tally.bad += 1;
        if self.tally.faults.len() < FAULTS {
            self.tally.faults.push((number, why));
        }
    }

    fn is_full(&self) -> bool {
        let taken_in = usize::try_from(self.tally.actions).unwrap_or(usize::MAX) - self.batch.len();
        self.batch.len() >= BATCH.max(taken_in / 8)
    }

    fn hand_over(&mut self) -> ControlFlow<()> {
        let places = std::mem::replace(&mut self.places, Places::in_lines(Arc::clone(&self.path)));
        let chunk = Chunk { batch: std::mem::take(&mut self.batch), places, read: self.read, size: self.size };
        let goes_on = (self.each)(chunk);
        self.tally.cancelled = goes_on.is_break();
        goes_on
    }

    fn finish(mut self) -> Tally {
        if !self.batch.is_empty() && !self.tally.cancelled {
            let _ = self.hand_over();
        }
        self.tally
    }
}
