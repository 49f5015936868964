//! Writing anew, from the journals, what follows from them: the chain that joins them, the receipts with their chain,
//! the envelopes. Done where such a file is gone, or became another one while it was open; what stood in its place is
//! kept aside. What was merely edited is left for an audit to find.

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use super::base::{self, Base};
use super::error::Error;
use super::journal::chain::{self, Event, Known, Line};
use super::journal::line::JournalLine;
use super::journal::seals::Seals;
use super::journal::walk;
use super::state_files::{self, Access};
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::RunKind;

pub(super) mod copying;

/// Puts right, at a start, what is gone as a whole. The lock must be held.
pub fn what_is_gone(store: &Store, own: Option<(u32, u64)>, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let path = store.journals();
    let mut known = Known::read(&path)?;
    if !known.holds_throughout
        || known.last.is_none() && (any_sealed(store) || base::first_line(&store.file(base::FILE)).is_some())
    {
        chain(store, own, notices)?;
        known = Known::read(&path)?;
    }
    let gone = |name: &str| Ok::<_, Error>(store.length(name)? == 0);
    let last = known.last;
    let had = |bytes: fn(&Line) -> u64| last.as_ref().is_some_and(|line| bytes(line) > 0);
    if had(|line| line.receipts) && (gone("receipts.jsonl")? || gone("receipts.chain")?) {
        receipts(store, notices)?;
    }
    if had(|line| line.envelopes) && gone("envelopes.jsonl")? {
        envelopes(store, notices)?;
    }
    Ok(())
}

/// Tells, when crashes are recovered, what is shorter than it was, or does not end where its chain does.
pub fn tell_what_is_short(store: &Store, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let Some(last) = chain::last(&store.journals()).map_err(Error::disk("read", &store.journals()))? else {
        return Ok(());
    };
    for (name, had) in [("receipts.jsonl", last.receipts), ("envelopes.jsonl", last.envelopes)] {
        let has = store.length(name)?;
        if has < had {
            let said = format!("{name} was cut short: {has} bytes of {had} are there; the journals have what is gone");
            let help = "`fibric receipts verify` says what is missing; remove the file to have it written anew";
            notices.push(Diagnostic::warning(said).in_file(format!(".fibric/dev/{name}")).help(help));
        }
    }
    for run in Known::read(&store.journals())?.runs.into_iter().filter(|(_, reach)| reach.last.is_some()) {
        let (number, reach) = run;
        let path = store.journal(number);
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?.map_or(0, |found| found.length);
        let had = reach.last.map_or(0, |(end, _)| end);
        if found < had {
            let what = if found == 0 { "is gone" } else { "was cut short" };
            let said = format!("run {number}: its journal {what}: {found} bytes of {had} are there");
            let help = "what it showed is lost but for receipts.jsonl and keys.jsonl; keys known there stay used";
            notices.push(Diagnostic::warning(said).in_file(walk::shown(number)).help(help));
        }
    }
    Ok(())
}

fn any_sealed(store: &Store) -> bool {
    store.runs().into_iter().rev().any(|run| walk::ends_sealed(&store.journal(run)).unwrap_or(false))
}

/// Joins the journals anew. What holds of the chain stays, so that a head kept elsewhere is still found in it; what
/// follows is added run by run. A group that is written just now and ends `own` gets its line from who writes it.
pub fn chain(store: &Store, own: Option<(u32, u64)>, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let path = store.journals();
    let known = Known::read(&path)?;
    let mut text = kept(&path, known.bytes)?;
    let mut last = known.last.clone();
    let mut add = |event: Event, text: &mut String| {
        let (receipts, envelopes) = last.as_ref().map_or((0, 0), |line| (line.receipts, line.envelopes));
        let line = Line::after(last.as_ref().map(|line| line.hash.as_str()), event, receipts, envelopes);
        line.write_to(text);
        last = Some(line);
    };
    let base = base::in_force(store, &known);
    let upto = base.as_ref().map_or(0, Base::covers);
    let runs: Vec<u32> = store.runs().into_iter().filter(|run| *run > upto).collect();
    if known.last.is_none()
        && let Some(older) = older_than_seals(store, &runs)
    {
        add(Event::Unchained(older), &mut text);
    }
    if let Some(Base { upto, path, seal: None }) = base
        && let Some(base) = base::each(&path, |_, _| {})?
    {
        add(Event::Cleaned { upto, base }, &mut text);
    }
    let mut joined = 0;
    for run in runs {
        let reach = known.runs.get(&run).and_then(|reach| reach.last.clone()).map_or(0, |(end, _)| end);
        let mut begun = known.knows(run);
        let begin = Event::Begun { run, shared: is_live(store, run) };
        for (end, seal) in groups(store, run)?.into_iter().filter(|(end, _)| *end > reach && own != Some((run, *end))) {
            if !std::mem::replace(&mut begun, true) {
                add(begin.clone(), &mut text);
            }
            add(Event::Group { run, end, seal }, &mut text);
            joined += 1;
        }
        if !begun && store.is_alive(run) {
            add(begin.clone(), &mut text);
        }
    }
    let aside = replace(&path, text.as_bytes())?;
    let said = format!(
        "the chain of journals did not hold or was gone: {joined} groups were joined to it anew, in the order of their \
         runs{aside}"
    );
    let help = "a head that was kept elsewhere is found in it only up to where the old chain held";
    notices.push(Diagnostic::warning(said).in_file(format!(".fibric/dev/{}", chain::FILE)).help(help));
    Ok(())
}

fn kept(path: &Path, bytes: u64) -> Result<String, Error> {
    let mut text = String::new();
    match state_files::open(path, Access::Read) {
        Ok(file) => {
            file.take(bytes).read_to_string(&mut text).map_err(Error::disk("read", path))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::disk("read", path)(error)),
    }
    Ok(text)
}

/// The last of the runs that come before all that are sealed.
fn older_than_seals(store: &Store, runs: &[u32]) -> Option<u32> {
    let sealed = runs.iter().position(|run| {
        // A run that was recovered has one seal, over all of it.
        groups(store, *run).is_ok_and(|groups| !groups.is_empty())
    });
    let first = sealed.unwrap_or(runs.len());
    first.checked_sub(1).map(|at| runs[at])
}

/// True for a run whose first line says that it takes live input.
fn is_live(store: &Store, run: u32) -> bool {
    let mut line = Vec::new();
    let read = state_files::open(&store.journal(run), Access::Read)
        .and_then(|file| BufReader::new(file).take(1 << 24).read_until(b'\n', &mut line));
    read.is_ok() && matches!(JournalLine::read(&line), JournalLine::Started(RunKind::Live))
}

/// Where the sealed groups of a journal end that hold.
fn groups(store: &Store, run: u32) -> Result<Vec<(u64, String)>, Error> {
    let path = store.journal(run);
    let Some(file) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
        return Ok(Vec::new());
    };
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let (mut seals, mut line, mut offset, mut found) = (Seals::of(run), Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(Error::disk("read", &path))?;
        if read == 0 {
            return Ok(found);
        }
        offset += read as u64;
        found.extend(seals.take(&line).filter(|sealed| sealed.holds).map(|sealed| (offset, sealed.seal)));
    }
}

/// Writes the receipts and their chain anew.
pub fn receipts(store: &Store, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let (path, links) = (store.file("receipts.jsonl"), store.file("receipts.chain"));
    let (new_lines, new_links) = (beside(&path), beside(&links));
    let count = copying::receipts(store, in_force(store)?.as_ref(), &new_lines, &new_links)?;
    // What is the same already was written anew before, by whoever met the loss first.
    let (lines, links) = (place(&new_lines, &path)?, place(&new_links, &links)?);
    if lines.is_none() && links.is_none() {
        return Ok(());
    }
    let (s, aside) = (if count == 1 { "" } else { "s" }, lines.unwrap_or_default());
    let said = format!("receipts.jsonl and its chain were written anew from the journals, {count} receipt{s}{aside}");
    notices.push(Diagnostic::warning(said).in_file(".fibric/dev/receipts.jsonl"));
    Ok(())
}

/// Writes the envelopes anew.
pub fn envelopes(store: &Store, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let path = store.file("envelopes.jsonl");
    let new = beside(&path);
    let count = copying::envelopes(store, in_force(store)?.as_ref(), &new)?;
    let Some(aside) = place(&new, &path)? else { return Ok(()) };
    let s = if count == 1 { "" } else { "s" };
    let said = format!("envelopes.jsonl was written anew from the journals, {count} envelope{s}{aside}");
    notices.push(Diagnostic::warning(said).in_file(".fibric/dev/envelopes.jsonl"));
    Ok(())
}

fn in_force(store: &Store) -> Result<Option<Base>, Error> {
    Ok(base::in_force(store, &Known::read(&store.journals())?))
}

fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    PathBuf::from(beside)
}

/// Puts a file that was written anew into its place; says where the old one is. None where it was the same.
fn place(new: &Path, path: &Path) -> Result<Option<String>, Error> {
    let same = same_bytes(path, new).map_err(Error::disk("read", path))?;
    let aside = if same { None } else { aside(path)? };
    state_files::rename(new, path).map_err(Error::disk("write", path))?;
    Ok((!same).then(|| said_aside(aside.as_deref())))
}

fn replace(path: &Path, text: &[u8]) -> Result<String, Error> {
    let aside = aside(path)?;
    state_files::write_whole(path, text).map_err(Error::disk("write", path))?;
    Ok(said_aside(aside.as_deref()))
}

/// Sets a file aside, unless there is nothing in it.
fn aside(path: &Path) -> Result<Option<PathBuf>, Error> {
    let found = state_files::identity(path).map_err(Error::disk("read", path))?;
    if found.is_none_or(|found| found.length == 0) {
        return Ok(None);
    }
    state_files::set_aside(path).map_err(Error::disk("set aside", path))
}

fn said_aside(aside: Option<&Path>) -> String {
    let name = aside.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.map_or_else(String::new, |name| format!("; what stood there is kept in `{name}`"))
}

fn same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (Some(left), Some(right)) = (state_files::identity(one)?, state_files::identity(other)?) else {
        return Ok(false);
    };
    if left.length != right.length {
        return Ok(false);
    }
    let mut left = BufReader::new(state_files::open(one, Access::Read)?);
    let mut right = BufReader::new(state_files::open(other, Access::Read)?);
    loop {
        let (a, b) = (left.fill_buf()?, right.fill_buf()?);
        let common = a.len().min(b.len());
        if common == 0 {
            return Ok(a.len() == b.len());
        }
        if a[..common] != b[..common] {
            return Ok(false);
        }
        left.consume(common);
        right.consume(common);
    }
}
