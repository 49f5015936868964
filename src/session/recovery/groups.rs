//! What of a crashed run's journal is taken: the groups that the chain of journals has, and one sealed group behind
//! them, because a crash can come between the two. What follows no seal was cut off, or added by somebody; it is set
//! aside, and nothing of it was ever shown.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, Fact, RunKind};
use crate::session::error::Error;
use crate::session::journal::chain::{Event, Reach};
use crate::session::journal::seals::Seals;
use crate::session::journal::walk;
use crate::session::state_files::{self, Access};
use crate::session::torn;

/// What is taken.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) entries: Vec<Entry>,
    /// True for a run that shares its keys with later ones.
    pub(super) live: bool,
    /// The number of the last entry.
    pub(super) last_seq: u64,
    /// The group that the chain lacks.
    pub(super) unlinked: Option<Event>,
}

struct Reading<'a> {
    run: u32,
    path: &'a Path,
    /// Where the chain says that its last group ends; none for a run that is older than the chain.
    reach: Option<u64>,
    taken: Taken,
    /// The group that is being read.
    group: Vec<Entry>,
    /// Where what is taken ends, and the seals there.
    end: u64,
    seals_there: Seals,
    any_sealed: bool,
}

/// Reads a journal, and cuts off what is not taken. Gives the seals as they stand at its end.
pub(super) fn read(
    run: u32,
    path: &Path,
    reach: Option<&Reach>,
    notices: &mut Vec<Diagnostic>,
) -> Result<(Taken, Seals), Error> {
    let reach = reach.map(|reach| reach.last.as_ref().map_or(0, |(end, _)| *end));
    let mut seals = Seals::of(run);
    let seals_there = seals.clone();
    let taken = Taken::default();
    let mut reading = Reading { run, path, reach, taken, group: Vec::new(), end: 0, seals_there, any_sealed: false };
    let file = state_files::open(path, Access::Read).map_err(Error::disk("read", path))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let (mut line, mut offset) = (Vec::new(), 0);
    for number in 1_u64.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(Error::disk("read", path))? as u64;
        if read == 0 || reading.taken.unlinked.is_some() {
            break;
        }
        if line.last() != Some(&b'\n') {
            break;
        }
        offset += read;
        let sealed = seals.take(&line);
        reading.line(number, &line, notices);
        if let Some(sealed) = sealed {
            reading.sealed(offset, sealed.seal, sealed.holds, &seals, notices);
        }
    }
    reading.finish(offset, &seals, notices)
}

impl Reading<'_> {
    fn line(&mut self, number: u64, line: &[u8], notices: &mut Vec<Diagnostic>) {
        match serde_json::from_slice::<Entry>(line) {
            Ok(entry) => self.group.push(entry),
            Err(error) => {
                let said = format!("run {}: line {number} of its journal is damaged: {error}", self.run);
                notices.push(Diagnostic::warning(said).in_file(self.path.to_string_lossy()));
            }
        }
    }

    fn sealed(&mut self, end: u64, seal: String, holds: bool, seals: &Seals, notices: &mut Vec<Diagnostic>) {
        self.any_sealed = true;
        let linked = self.reach.is_some_and(|reach| end <= reach);
        if !linked && !holds {
            // Nobody vouches for it.
            self.group.clear();
            return;
        }
        if !holds {
            let said = format!("run {}: a group of its journal that ends at byte {end} was tampered with", self.run);
            let help = "only the keys that it claims are taken from it; `fibric receipts verify` names the lines";
            notices.push(Diagnostic::warning(said).in_file(walk::shown(self.run)).help(help));
            self.group.retain(|entry| matches!(entry.fact, Fact::RunStarted(_) | Fact::Claimed(_)));
        }
        self.take(end, seals);
        if !linked {
            self.taken.unlinked = Some(Event::Group { run: self.run, end, seal });
        }
    }

    fn take(&mut self, end: u64, seals: &Seals) {
        for entry in self.group.drain(..) {
            self.taken.last_seq = entry.seq;
            if let Fact::RunStarted(started) = &entry.fact {
                self.taken.live = started.kind == RunKind::Live;
            }
            self.taken.entries.push(entry);
        }
        (self.end, self.seals_there) = (end, seals.clone());
    }

    fn finish(mut self, offset: u64, seals: &Seals, notices: &mut Vec<Diagnostic>) -> Result<(Taken, Seals), Error> {
        // A version that had no seals wrote line by line.
        if !self.any_sealed && self.reach.is_none() {
            self.take(offset, seals);
        }
        let found = state_files::identity(self.path).map_err(Error::disk("read", self.path))?;
        let behind = found.map_or(0, |found| found.length).saturating_sub(self.end);
        if behind > 0 {
            let aside = torn::cut_at(self.path, self.end)?;
            let said = format!(
                "run {}: the end of its journal was torn by a crash ({behind} bytes that no seal follows), and is kept \
                 in `{aside}`",
                self.run
            );
            notices.push(Diagnostic::warning(said).in_file(walk::shown(self.run)));
        }
        Ok((self.taken, self.seals_there))
    }
}
