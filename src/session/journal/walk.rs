//! All journals in the order in which they were written, by the chain that joins them, each read once and as a stream.
//! What does not hold is told on the way; what no line of the chain speaks of comes last.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::chain::{self, Event, Known, Line};
use super::seals::{self, Sealed, Seals};
use crate::kernel::diagnostic::Diagnostic;
use crate::session::base::{self, Base};
use crate::session::error::Error;
use crate::session::state_files;
use crate::session::store::Store;

/// Hears what is found.
pub trait Walker {
    /// A receipt of a run that was cleaned away, from the base of keys, with its line there from 1. These come first.
    fn kept(&mut self, _number: u64, _receipt: &str) {}
    /// A line of a run's journal, with its number from 1.
    fn line(&mut self, run: u32, number: u64, text: &[u8]);
    /// A line that no line of the chain speaks of, and of which nothing is to be believed.
    fn stray(&mut self, _run: u32, _number: u64, _text: &[u8]) {}
    /// A line of the chain that holds.
    fn linked(&mut self, _line: &Line) {}
    /// Something that does not hold.
    fn fault(&mut self, fault: Diagnostic);
    /// Something that is so and is no fault.
    fn note(&mut self, _note: Diagnostic) {}
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// The last hash of the chain; none without one.
    pub head: Option<String>,
    /// Runs that are older than the chain and have no seals.
    pub unchained: u32,
    /// The base in force, and how many keys it has.
    pub base: Option<(Base, u64)>,
}

/// How far one journal was read.
struct Place {
    offset: u64,
    number: u64,
    seals: Seals,
    /// It is not looked at any more: what is wrong with it was told.
    lost: bool,
}

struct Walk<'a> {
    store: &'a Store,
    walker: &'a mut dyn Walker,
    places: BTreeMap<u32, Place>,
    open: Option<(u32, BufReader<File>)>,
    /// The last run that was cleaned away.
    cleaned: u32,
    /// The last run that is older than the chain.
    older: u32,
    unchained: u32,
    /// The chain did not hold to its end: what it does not speak of may be what is missing there.
    broken: bool,
    line: Vec<u8>,
}

/// Walks through everything. The store's lock must be held.
pub fn through(store: &Store, walker: &mut dyn Walker) -> Result<Walked, Error> {
    let known = Known::read(&store.journals())?;
    through_from(store, base::in_force(store, &known).as_ref(), walker)
}

/// The same as if that base were in force.
pub fn through_from(store: &Store, base: Option<&Base>, walker: &mut dyn Walker) -> Result<Walked, Error> {
    let keys = base.map(|base| kept(base, walker)).transpose()?;
    let (cleaned, line) = (base.map_or(0, Base::covers), Vec::new());
    let (places, open) = (BTreeMap::new(), None);
    let mut walk = Walk { store, walker, places, open, cleaned, older: 0, unchained: 0, broken: false, line };
    let head = walk.chain()?;
    if head.is_some() {
        walk.rest()?;
    } else {
        walk.without_chain()?;
    }
    Ok(Walked { head, unchained: walk.unchained, base: base.cloned().zip(keys) })
}

/// Gives what the base has, and holds it against its seal; how many keys it has.
fn kept(base: &Base, walker: &mut dyn Walker) -> Result<u64, Error> {
    let (mut keys, mut damaged) = (0, None);
    let digest = base::each(&base.path, |number, line| match line {
        base::Line::Receipt(receipt) => {
            keys += 1;
            walker.kept(number, receipt);
        }
        base::Line::Claimed(_) => keys += 1,
        base::Line::Damaged => damaged = damaged.or(Some(number)),
        base::Line::Cleaned(_) | base::Line::Alert(_) => {}
    })?;
    let why = match (&digest, &base.seal) {
        (None, _) => "the base of keys is gone",
        (Some(digest), Some(seal)) if digest != seal => "the base of keys is not what was written: edited or cut short",
        (Some(_), None) => "the base of keys is in no line of the chain of journals",
        (Some(_), Some(_)) => return Ok(keys),
    };
    let said = format!("{why}; it stands for the runs up to {}, whose journals were cleaned away", base.upto);
    let help =
        "keys that `keys.jsonl` or `receipts.jsonl` has stay used; put the file back from a copy if there is one";
    let fault = Diagnostic::error(said).in_file(shown(0)).help(help);
    walker.fault(Diagnostic { line: damaged.and_then(|line| u32::try_from(line).ok()), ..fault });
    Ok(keys)
}

impl Walk<'_> {
    fn chain(&mut self) -> Result<Option<String>, Error> {
        let path = self.store.journals();
        let Some(file) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
            return Ok(None);
        };
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut text = String::new();
        let mut head: Option<String> = None;
        for number in 1_u32.. {
            text.clear();
            let read = (&mut reader).take(4_096).read_line(&mut text);
            match read {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::InvalidData => {
                    return Err(Error::disk("read", &path)(error));
                }
                _ => {}
            }
            let line = Line::parse(&text).filter(|line| text.ends_with('\n') && line.holds_after(head.as_deref()));
            let Some(line) = line else {
                let why = "the chain of journals does not go on here: edited, removed or moved";
                self.fault(chain::FILE, number, why.to_owned());
                self.broken = true;
                break;
            };
            self.event(&line)?;
            self.walker.linked(&line);
            head = Some(line.hash);
        }
        Ok(head)
    }

    /// The runs that are there and were not cleaned away.
    fn runs(&self) -> Vec<u32> {
        self.store.runs().into_iter().filter(|run| *run > self.cleaned).collect()
    }

    fn event(&mut self, line: &Line) -> Result<(), Error> {
        match &line.event {
            // What came before is in the base.
            Event::Cleaned { .. } => Ok(()),
            Event::Begun { run, .. } | Event::Group { run, .. } if *run <= self.cleaned => Ok(()),
            Event::Unchained(run) => {
                self.older = *run;
                // Those that were recovered since have a seal, and a line further down.
                for older in self.runs().into_iter().filter(|older| older <= run) {
                    if !ends_sealed(&self.store.journal(older)).unwrap_or(false) {
                        self.unchained += 1;
                        self.lines(older, u64::MAX)?;
                    }
                }
                Ok(())
            }
            Event::Begun { run, .. } => {
                self.place(*run);
                Ok(())
            }
            Event::Group { run, end, seal } => self.group(*run, *end, seal),
        }
    }

    fn place(&mut self, run: u32) -> &mut Place {
        self.places.entry(run).or_insert_with(|| Place { offset: 0, number: 0, seals: Seals::of(run), lost: false })
    }

    /// Reads a group, and holds it against the chain.
    fn group(&mut self, run: u32, end: u64, seal: &str) -> Result<(), Error> {
        let place = self.place(run);
        if place.lost {
            return Ok(());
        }
        // A group that was joined anew while its own line was still on its way has two.
        if place.offset == end && place.seals.last() == seal {
            return Ok(());
        }
        let (from, first) = (place.offset, place.number + 1);
        let seals = self.lines(run, end)?;
        let place = self.place(run);
        let (at, last) = (place.offset, place.number);
        let why = match seals.as_slice() {
            _ if at == 0 && from == 0 && !self.exists(run)? => "its journal is gone".to_owned(),
            _ if at < end => format!("its journal was cut short: {at} bytes of {end} are there"),
            [only] if at == end && only.holds && only.seal == seal => return Ok(()),
            [.., last] if at == end && last.seal == seal => {
                "what stands here is not what was written: edited, removed or moved".to_owned()
            }
            _ => "what stands here is not what the chain of journals says: written anew".to_owned(),
        };
        if at != end {
            self.place(run).lost = true;
        }
        let shown = shown(run);
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        let lines = if last > u64::from(first) { format!("lines {first} to {last}: ") } else { String::new() };
        self.fault(&shown, first, format!("run {run}: {lines}{why}"));
        Ok(())
    }

    /// Gives the lines of a journal up to a byte to the walker; what was sealed on the way.
    fn lines(&mut self, run: u32, upto: u64) -> Result<Vec<Sealed>, Error> {
        self.read(run, upto, true)
    }

    fn read(&mut self, run: u32, upto: u64, believed: bool) -> Result<Vec<Sealed>, Error> {
        let path = self.store.journal(run);
        let mut ends = Vec::new();
        let place = self.places.entry(run);
        let place = place.or_insert_with(|| Place { offset: 0, number: 0, seals: Seals::of(run), lost: false });
        if self.open.as_ref().is_none_or(|(opened, _)| *opened != run) {
            let Some(mut file) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
                return Ok(ends);
            };
            file.seek(SeekFrom::Start(place.offset)).map_err(Error::disk("read", &path))?;
            self.open = Some((run, BufReader::with_capacity(1 << 18, file)));
        }
        let Some((_, reader)) = &mut self.open else { return Ok(ends) };
        while place.offset < upto {
            self.line.clear();
            let read = reader.read_until(b'\n', &mut self.line).map_err(Error::disk("read", &path))?;
            if read == 0 {
                break;
            }
            place.offset += read as u64;
            place.number += 1;
            if believed {
                self.walker.line(run, place.number, &self.line);
            } else {
                self.walker.stray(run, place.number, &self.line);
            }
            ends.extend(place.seals.take(&self.line));
        }
        Ok(ends)
    }

    fn exists(&self, run: u32) -> Result<bool, Error> {
        let path = self.store.journal(run);
        Ok(state_files::identity(&path).map_err(Error::disk("read", &path))?.is_some())
    }

    /// Journals that no chain joins: of a version that had none, unless they are sealed.
    fn without_chain(&mut self) -> Result<(), Error> {
        let mut sealed = 0;
        for run in self.runs() {
            let is_sealed = ends_sealed(&self.store.journal(run)).unwrap_or(false);
            sealed += u32::from(is_sealed);
            self.unchained += u32::from(!is_sealed);
            self.lines(run, u64::MAX)?;
        }
        if sealed > 0 {
            let why = format!("the chain of journals is gone, or nothing of it holds; {sealed} journals were in it");
            self.walker.fault(Diagnostic::error(why).in_file(format!(".fibric/dev/{}", chain::FILE)));
        }
        Ok(())
    }

    /// A journal that stands where one was cleaned away, unless it is only not removed yet.
    fn returned(&mut self) {
        if self.store.is_cleaning() {
            return;
        }
        let cleaned = self.cleaned;
        for run in self.store.runs().into_iter().filter(|run| *run <= cleaned) {
            let why = format!("run {run} was cleaned away, and stands here again: nothing of it is taken");
            self.fault(&shown(run), 1, why);
        }
    }

    /// What no line of the chain speaks of.
    fn rest(&mut self) -> Result<(), Error> {
        self.returned();
        let there = self.runs();
        let gone: Vec<u32> = self.places.keys().copied().filter(|run| !there.contains(run)).collect();
        for run in gone {
            if !self.place(run).lost && self.place(run).offset == 0 {
                let fault = Diagnostic::error(format!("run {run}: its folder is gone")).in_file(shown(run));
                self.walker.fault(fault);
            }
        }
        for run in there {
            let is_known = self.places.contains_key(&run);
            // What a living run has just written is on its way into the chain.
            if self.store.is_alive(run) {
                continue;
            }
            let (before, first) = (self.place(run).offset, self.place(run).number + 1);
            let length = self.store.length_of(run)?;
            if before >= length {
                continue;
            }
            let believed = self.broken || run <= self.older;
            self.read(run, u64::MAX, believed)?;
            if believed {
                continue;
            }
            let first = u32::try_from(first).unwrap_or(u32::MAX);
            let bytes = length - before;
            let told = match (is_known, self.store.is_open(run)) {
                (true, true) => {
                    let note = format!("run {run} crashed and is not recovered yet: {bytes} bytes behind the chain");
                    self.walker.note(Diagnostic::warning(note).in_file(shown(run)));
                    continue;
                }
                (true, false) => {
                    format!("run {run}: {bytes} bytes that are not in the chain of journals: added from outside")
                }
                (false, _) => format!("run {run} was not begun here: no line of the chain of journals has it"),
            };
            self.fault(&shown(run), first, told);
        }
        Ok(())
    }

    fn fault(&mut self, file: &str, line: u32, why: String) {
        let file = if file == chain::FILE { format!(".fibric/dev/{file}") } else { file.to_owned() };
        self.walker.fault(Diagnostic { line: Some(line), ..Diagnostic::error(why).in_file(file) });
    }
}

/// A run's journal, as a person would name it; the base of keys for run 0.
pub fn shown(run: u32) -> String {
    if run == 0 {
        return format!(".fibric/dev/{}", base::FILE);
    }
    format!(".fibric/dev/runs/{run:04}/journal.jsonl")
}

/// True where the last line of a journal is sealed.
pub fn ends_sealed(path: &Path) -> io::Result<bool> {
    let Some(mut file) = state_files::open_existing(path)? else {
        return Ok(false);
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(seals::SEAL_BYTES as u64 + 16)))?;
    let mut tail = Vec::new();
    file.take(256).read_to_end(&mut tail)?;
    Ok(seals::is_sealed(&tail))
}
