//! Holding everything that is kept against everything else, as streams: the journals against their seals and the chain
//! that joins them, the receipts against their own chain and, whole, against the journals; and whether any key was
//! applied twice.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::base::{self, Cleaned};
use super::error::Error;
use super::journal::chain::{self, Known, Line};
use super::journal::line::JournalLine;
use super::journal::walk::{self, Walker};
use super::receipt_chain::{Checker, Finding};
use super::state_files::{self, Access};
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use twice::Twice;
use whole::Whole;

mod twice;
mod whole;

/// Faults of one kind that are told one by one.
const TOLD: usize = 20;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The receipts' chain's word.
    pub chain: Finding,
    /// Ids of receipts that a journal holds and `receipts.jsonl` does not.
    pub missing: Vec<String>,
    /// Whatever else does not hold, with its file and line where it has one.
    pub faults: Vec<Diagnostic>,
    /// What is so and no fault.
    pub notes: Vec<Diagnostic>,
    /// The last hash of the chain of journals, to be kept elsewhere; none before the first run.
    pub head: Option<String>,
    /// Runs that an earlier version wrote, without seals: their journals can only be compared with the receipts.
    pub unchained: u32,
    /// What was cleaned away, and how many keys are kept of it.
    pub cleaned: Option<(Cleaned, u64)>,
}

impl Audit {
    /// True where everything holds.
    pub fn is_sound(&self) -> bool {
        matches!(self.chain, Finding::Sound { .. }) && self.missing.is_empty() && self.faults.is_empty()
    }
}

/// Audits a workspace's state. The lock keeps writers out meanwhile. `head` is one that was kept elsewhere: it must be
/// in the chain.
pub fn audit(store: &Store, head: Option<&str>) -> Result<Audit, Error> {
    let _lock = store.lock_to_read()?;
    held(store, head)
}

/// The same for who holds the lock already.
pub(super) fn held(store: &Store, head: Option<&str>) -> Result<Audit, Error> {
    let receipts = Receipts::open(store)?;
    let mut hearing = Hearing {
        whole: Whole::new(receipts),
        twice: Twice::default(),
        wanted: head,
        is_there: false,
        faults: Vec::new(),
        notes: Vec::new(),
        failed: None,
    };
    let walked = walk::through(store, &mut hearing)?;
    let Hearing { whole, twice, is_there, mut faults, notes, failed, .. } = hearing;
    if let Some(error) = failed {
        return Err(Error::disk("read", &store.file("receipts.jsonl"))(error));
    }
    if let (Some(wanted), false) = (head, is_there) {
        let said = format!("the head `{wanted}` is not in the chain of journals: the state was swapped or cut since");
        faults.push(Diagnostic::error(said).in_file(format!(".fibric/dev/{}", chain::FILE)));
    }
    faults.extend(twice.faults);
    let compared = whole.end().map_err(Error::disk("read", &store.file("receipts.jsonl")))?;
    faults.extend(compared.faults);
    let (chain, missing) = (compared.chain, compared.missing);
    let cleaned = walked.base.and_then(|(base, keys)| Some((base::first_line(&base.path)?, keys)));
    Ok(Audit { chain, missing, faults, notes, head: walked.head, unchained: walked.unchained, cleaned })
}

struct Hearing<'a> {
    whole: Whole,
    twice: Twice,
    wanted: Option<&'a str>,
    is_there: bool,
    faults: Vec<Diagnostic>,
    notes: Vec<Diagnostic>,
    failed: Option<io::Error>,
}

impl Walker for Hearing<'_> {
    fn kept(&mut self, number: u64, receipt: &str) {
        self.twice.kept(number, receipt);
        if let Err(error) = self.whole.expect(0, number, receipt) {
            self.failed.get_or_insert(error);
        }
    }

    fn line(&mut self, run: u32, number: u64, text: &[u8]) {
        let line = JournalLine::read(text);
        self.twice.line(run, number, &line);
        if let JournalLine::Disposed { receipt, .. } = line
            && let Err(error) = self.whole.expect(run, number, receipt)
        {
            self.failed.get_or_insert(error);
        }
    }

    fn linked(&mut self, line: &Line) {
        self.is_there |= self.wanted == Some(line.hash.as_str());
    }

    fn fault(&mut self, fault: Diagnostic) {
        if self.faults.len() < TOLD {
            self.faults.push(fault);
        }
    }

    fn note(&mut self, note: Diagnostic) {
        if self.notes.len() < TOLD {
            self.notes.push(note);
        }
    }
}

/// The receipts, line by line, with their chain beside.
struct Receipts {
    lines: BufReader<Box<dyn Read>>,
    links: BufReader<Box<dyn Read>>,
    checker: Checker,
    line: Vec<u8>,
    link: Vec<u8>,
}

impl Receipts {
    fn open(store: &Store) -> Result<Self, Error> {
        let known = Known::read(&store.journals())?;
        let current = |name| open(&base::current(store, &known, name));
        let (lines, links) = (current("receipts.jsonl")?, current("receipts.chain")?);
        Ok(Self { lines, links, checker: Checker::default(), line: Vec::new(), link: Vec::new() })
    }

    /// The next line, with its number from 1.
    fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        self.line.clear();
        self.link.clear();
        self.lines.read_until(b'\n', &mut self.line)?;
        self.links.read_until(b'\n', &mut self.link)?;
        self.checker.take(&self.line, &self.link);
        Ok((!self.line.is_empty()).then_some((self.checker.number, &self.line)))
    }

    fn finding(mut self) -> io::Result<Finding> {
        while self.next()?.is_some() || !self.link.is_empty() {}
        Ok(self.checker.finding())
    }
}

fn open(path: &Path) -> Result<BufReader<Box<dyn Read>>, Error> {
    let opened = state_files::open(path, Access::Read).map(|file: File| Box::new(file) as Box<dyn Read>);
    match opened {
        Ok(file) => Ok(BufReader::with_capacity(1 << 18, file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BufReader::new(Box::new(io::empty()))),
        Err(error) => Err(Error::disk("read", path)(error)),
    }
}
