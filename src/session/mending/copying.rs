//! Texts copied out of the base and the journals, in the order in which they were written: what `receipts.jsonl`, its chain
//! and `envelopes.jsonl` would be if they were written now. Each is written where the caller says, and synced.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::kernel::diagnostic::Diagnostic;
use crate::session::base::Base;
use crate::session::error::Error;
use crate::session::journal::line::JournalLine;
use crate::session::journal::walk::{self, Walker};
use crate::session::receipt_chain::Link;
use crate::session::state_files::{self, Access};
use crate::session::store::Store;

/// Writes the receipts and their chain as they follow from that base; gives how many there are.
pub(in crate::session) fn receipts(
    store: &Store,
    base: Option<&Base>,
    lines: &Path,
    links: &Path,
) -> Result<u64, Error> {
    let mut copying = Copying::to(lines, |line| match line {
        JournalLine::Disposed { receipt, .. } => Some(receipt),
        _ => None,
    })?;
    walk::through_from(store, base, &mut copying)?;
    let count = copying.finish()?;
    chain(lines, links)?;
    Ok(count)
}

/// Writes the envelopes as they follow from that base; gives how many there are.
pub(in crate::session) fn envelopes(store: &Store, base: Option<&Base>, path: &Path) -> Result<u64, Error> {
    let mut copying = Copying::to(path, |line| match line {
        JournalLine::Received(envelope) => Some(envelope),
        _ => None,
    })?;
    walk::through_from(store, base, &mut copying)?;
    copying.finish()
}

/// Writes the chain of the receipts in a file.
fn chain(lines: &Path, links: &Path) -> Result<(), Error> {
    let file = state_files::open(lines, Access::Read).map_err(Error::disk("read", lines))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut out = create(links)?;
    let (mut line, mut text, mut end, mut previous) = (Vec::new(), String::new(), 0, None::<Link>);
    while reader.read_until(b'\n', &mut line).map_err(Error::disk("read", lines))? > 0 {
        end += line.len() as u64;
        let link = Link::after(previous.as_ref(), end, &line);
        text.clear();
        link.write_to(&mut text);
        out.write_all(text.as_bytes()).map_err(Error::disk("write", links))?;
        previous = Some(link);
        line.clear();
    }
    synced(out).map_err(Error::disk("write", links))
}

fn create(path: &Path) -> Result<BufWriter<File>, Error> {
    let file = state_files::open(path, Access::Anew).map_err(Error::disk("write", path))?;
    Ok(BufWriter::with_capacity(1 << 18, file))
}

fn synced(mut out: BufWriter<File>) -> io::Result<()> {
    out.flush().and_then(|()| out.get_ref().sync_all())
}

/// Copies one kind of text out of everything that is kept.
struct Copying {
    path: PathBuf,
    out: BufWriter<File>,
    of: for<'a> fn(JournalLine<'a>) -> Option<&'a str>,
    count: u64,
    failed: Option<io::Error>,
}

impl Copying {
    fn to(path: &Path, of: for<'a> fn(JournalLine<'a>) -> Option<&'a str>) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), out: create(path)?, of, count: 0, failed: None })
    }

    fn finish(self) -> Result<u64, Error> {
        let failed = self.failed.map_or(Ok(()), Err);
        failed.and_then(|()| synced(self.out)).map_err(Error::disk("write", &self.path))?;
        Ok(self.count)
    }

    fn take(&mut self, line: JournalLine<'_>) {
        let Some(copied) = (self.of)(line) else { return };
        self.count += 1;
        let written = self.out.write_all(copied.as_bytes()).and_then(|()| self.out.write_all(b"\n"));
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }
}

impl Walker for Copying {
    fn kept(&mut self, _number: u64, receipt: &str) {
        self.take(JournalLine::Disposed { receipt, claimed: Some(true) });
    }

    fn line(&mut self, _run: u32, _number: u64, text: &[u8]) {
        self.take(JournalLine::read(text));
    }

    // What does not hold is for an audit to tell; here is taken what there is.
    fn fault(&mut self, _fault: Diagnostic) {}
}
