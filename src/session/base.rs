//! The base of keys, `base.jsonl`: what is kept of the runs that were cleaned away. From then on base and journals are the
//! truth, and everything else follows from them.
//!
//! ```text
//! {"base":{"upto":12,"at":"…"}}       runs up to that one were removed then
//! {"receipt":{…}}                     a receipt that holds its key, as it was written
//! {"claimed":{"key":…,"by":…}}        a key whose receipt is in no journal here
//! {"alert":{"run":…,"receipt":…}}     an ALERT that nobody had acknowledged
//! ```
//!
//! The chain of journals has its digest ([`super::journal::chain`]). A new base is prepared beside, with all that follows
//! from it, in a folder named by that digest; the chain's line is what puts it in force, and moving it into place comes
//! after ([`super::clean`]). So whoever reads in between looks there first.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::error::Error;
use super::journal::chain::Known;
use super::projections::KeyChange;
use super::state_files;
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::Alert;
use crate::workspace::policy::hex;

/// The file's name in the state folder.
pub const FILE: &str = "base.jsonl";

/// Which runs a base stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleaned {
    /// The last of the runs that were removed.
    pub upto: u32,
    /// When that was done.
    pub at: String,
}

/// One line.
#[derive(Debug)]
pub enum Line<'a> {
    /// The first: what it stands for.
    Cleaned(Cleaned),
    /// A receipt that holds its key.
    Receipt(&'a str),
    /// A key whose receipt is not at hand.
    Claimed(KeyChange),
    /// An ALERT that waits.
    Alert(Alert),
    /// None of these.
    Damaged,
}

#[derive(Deserialize)]
struct Told<'a> {
    base: Option<Cleaned>,
    #[serde(borrow)]
    receipt: Option<&'a RawValue>,
    #[serde(borrow)]
    claimed: Option<&'a RawValue>,
    alert: Option<Alert>,
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8]) -> Self {
        match serde_json::from_slice::<Told<'a>>(line) {
            Ok(Told { receipt: Some(receipt), .. }) => Self::Receipt(receipt.get()),
            Ok(Told { base: Some(base), .. }) => Self::Cleaned(base),
            Ok(Told { alert: Some(alert), .. }) => Self::Alert(alert),
            // The same words as in `keys.jsonl`, so that there is one reader of them.
            Ok(Told { claimed: Some(_), .. }) => {
                serde_json::from_slice(line).map_or(Self::Damaged, |change: KeyChange| Self::Claimed(change))
            }
            _ => Self::Damaged,
        }
    }
}

/// Hears the lines of a base, each with its number from 1; gives its digest. None where there is no such file.
pub fn each(path: &Path, mut hear: impl FnMut(u64, Line<'_>)) -> Result<Option<String>, Error> {
    let Some(file) = state_files::open_existing(path).map_err(Error::disk("read", path))? else { return Ok(None) };
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let (mut digest, mut line) = (Sha256::new(), Vec::new());
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(Error::disk("read", path))? == 0 {
            break;
        }
        digest.update(&line);
        hear(number, Line::read(&line));
    }
    Ok(Some(hex(&digest.finalize())))
}

/// A base that stands for runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The last of them.
    pub upto: u32,
    /// Where it is.
    pub path: PathBuf,
    /// Its digest, where the chain of journals has it.
    pub seal: Option<String>,
}

impl Base {
    /// The last of the runs whose journals say nothing beside it. One that no line of the chain vouches for hides none.
    pub fn covers(&self) -> u32 {
        if self.seal.is_some() { self.upto } else { 0 }
    }
}

/// The base in force; none where nothing was cleaned away. Where the chain has no line of it, the file itself is believed:
/// what it says only ever stops an action.
pub fn in_force(store: &Store, known: &Known) -> Option<Base> {
    if let Some((upto, seal)) = &known.cleaned {
        return Some(Base { upto: *upto, path: current(store, known, FILE), seal: Some(seal.clone()) });
    }
    let path = store.file(FILE);
    let upto = first_line(&path)?.upto;
    Some(Base { upto, path, seal: None })
}

/// What the base in a file stands for.
pub fn first_line(path: &Path) -> Option<Cleaned> {
    let file = state_files::open_existing(path).ok()??;
    let mut line = Vec::new();
    BufReader::new(file).take(4_096).read_until(b'\n', &mut line).ok()?;
    match Line::read(&line) {
        Line::Cleaned(cleaned) => Some(cleaned),
        _ => None,
    }
}

/// Where a file is that a clean writes anew.
pub fn current(store: &Store, known: &Known, name: &str) -> PathBuf {
    if let Some((_, seal)) = &known.cleaned {
        let prepared = prepared(store, seal).join(name);
        if state_files::identity(&prepared).is_ok_and(|found| found.is_some()) {
            return prepared;
        }
    }
    store.file(name)
}

/// The folder in which a base with that digest is prepared, with what follows from it.
pub fn prepared(store: &Store, seal: &str) -> PathBuf {
    store.file(&format!("{PREPARED}{seal}"))
}

/// What names of such folders begin with.
pub const PREPARED: &str = "clean.";

/// What was cleaned away, by the base's first line; none where nothing was.
pub fn cleaned(store: &Store) -> Option<Cleaned> {
    let known = Known::read(&store.journals()).ok()?;
    first_line(&in_force(store, &known)?.path)
}

/// Says of a run that is not there that it was cleaned away, where it was.
pub fn told_of(store: &Store, run: u32) -> Option<Diagnostic> {
    let Cleaned { upto, at } = cleaned(store).filter(|cleaned| (1..=cleaned.upto).contains(&run))?;
    let runs = if upto == 1 { "that run was".to_owned() } else { format!("runs up to {upto} were") };
    let said = format!("run {run} was cleaned away: {runs} removed on {at}");
    Some(Diagnostic::error(said).help("their keys are kept, and the receipts that hold them; their journals are gone"))
}

/// Writes a base.
pub struct Writer {
    path: PathBuf,
    out: io::BufWriter<File>,
    digest: Sha256,
}

impl Writer {
    /// Begins one.
    pub fn begin(path: &Path, cleaned: &Cleaned) -> Result<Self, Error> {
        let file = state_files::open(path, state_files::Access::Anew).map_err(Error::disk("write", path))?;
        let out = io::BufWriter::with_capacity(1 << 18, file);
        let mut writer = Self { path: path.to_owned(), out, digest: Sha256::new() };
        writer.line("base", &serde_json::to_string(cleaned).unwrap_or_default())?;
        Ok(writer)
    }

    /// A receipt that holds its key, as it was written.
    pub fn receipt(&mut self, text: &str) -> Result<(), Error> {
        self.line("receipt", text)
    }

    /// A key without a receipt.
    pub fn claimed(&mut self, change: &KeyChange) -> Result<(), Error> {
        let text = serde_json::to_string(change).unwrap_or_default();
        self.whole(format!("{text}\n").as_bytes())
    }

    /// An ALERT that waits.
    pub fn alert(&mut self, alert: &Alert) -> Result<(), Error> {
        self.line("alert", &serde_json::to_string(alert).unwrap_or_default())
    }

    fn line(&mut self, name: &str, body: &str) -> Result<(), Error> {
        self.whole(format!("{{\"{name}\":{body}}}\n").as_bytes())
    }

    fn whole(&mut self, line: &[u8]) -> Result<(), Error> {
        self.digest.update(line);
        self.out.write_all(line).map_err(Error::disk("write", &self.path))
    }

    /// Makes it durable; gives its digest.
    pub fn finish(mut self) -> Result<String, Error> {
        let synced = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        synced.map_err(Error::disk("write", &self.path))?;
        Ok(hex(&self.digest.finalize()))
    }
}
