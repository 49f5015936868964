//! `fibric receipts`: the latest, an export, and whether any was tampered with.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Subcommand, ValueHint};
use jiff::{Span, Timestamp};
use sha2::{Digest as _, Sha256};

use super::exit::{Exit, Failure};
use super::follow;
use super::{Context, output, where_filter};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Fact, Source};
use crate::kernel::receipt::Receipt;
use crate::kernel::sanitize::{inert, inert_json};
use crate::kernel::sentences::counted;
use crate::query::Query;
use crate::session::audit;
use crate::session::base::Cleaned;
use crate::session::error::Error;
use crate::session::journal::chain;
use crate::session::journal::scan::{History, Line};
use crate::session::journal::tail::Tail;
use crate::session::receipt_chain::Finding;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric receipts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Print the latest receipts; times are UTC.
    Tail {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 20, value_name = "COUNT", value_hint = ValueHint::Other)]
        lines: usize,
        /// Go on with those that are added.
        #[arg(long, short)]
        follow: bool,
        /// Only receipts that match: `decision:block tool:order.*`.
        #[arg(long = "where", value_name = "QUERY", value_hint = ValueHint::Other, allow_hyphen_values = true)]
        select: Option<String>,
    },
    /// Write receipts, or the envelopes behind them, as JSON lines.
    Export {
        /// Envelopes, replayable, with tenants rewritten to `t_local`.
        #[arg(long)]
        envelopes: bool,
        /// Only since a time or for a span: `7d`, `90m`, `2026-06-01T00:00:00Z`.
        #[arg(long, value_name = "WHEN", value_hint = ValueHint::Other, value_parser = since)]
        since: Option<Timestamp>,
        /// Only those that match.
        #[arg(long = "where", value_name = "QUERY", value_hint = ValueHint::Other, allow_hyphen_values = true)]
        select: Option<String>,
        /// A file instead of standard output.
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Find any edit, deletion, reorder or truncation of receipts and journals, and name the first bad line.
    Verify {
        /// A head that an earlier `verify` printed and that was kept elsewhere: it must be in the chain.
        #[arg(long, value_name = "HASH", value_hint = ValueHint::Other, value_parser = head)]
        head: Option<String>,
    },
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let store = Store::reading(workspace.state_dir());
    match args.command {
        Sub::Tail { lines, follow, select } => tail(context, &store, lines, follow, select.as_deref()),
        Sub::Export { envelopes, since, select, out } => {
            let select = select.as_deref().unwrap_or_default();
            let (damaged, out) = if envelopes {
                let query = where_filter::parse::<EventEnvelope>(select)?;
                let mut out = Export::begin(out.as_deref())?;
                (export_envelopes(&store, since, &query, &mut out)?, out)
            } else {
                let query = where_filter::parse::<Receipt>(select)?;
                let mut out = Export::begin(out.as_deref())?;
                (export_receipts(&store, since, &query, &mut out)?, out)
            };
            out.finish()?;
            if damaged > 0 {
                let told = Diagnostic::warning(format!("left out: {}", counted(damaged, "damaged line")));
                output::print_diagnostics_beside(
                    &[told.help("`fibric receipts verify` names the first")],
                    context.json,
                );
            }
            Ok(Exit::Ok)
        }
        Sub::Verify { head } => verify(context, &store, head.as_deref()),
    }
}

fn head(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    if chain::is_hash(&text) { Ok(text) } else { Err("a head is 64 hexadecimal digits".to_owned()) }
}

/// The time that was so long ago, or that time.
pub(super) fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let span: Span = text.parse().map_err(|_| format!("`{text}` is neither a span such as `7d` nor a time"))?;
    // A day is 24 hours here: receipts know no calendar.
    let seconds = span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours()));
    let seconds = seconds.map_err(|error| error.to_string())?.abs();
    Timestamp::now()
        .checked_sub(Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?)
        .map_err(|error| error.to_string())
}

fn tail(context: &Context, store: &Store, count: usize, on: bool, select: Option<&str>) -> Result<Exit, Failure> {
    let query = where_filter::parse::<Receipt>(select.unwrap_or_default())?;
    let path = store.file("receipts.jsonl");
    let mut tail = if select.is_some() {
        Tail::from_start(&path)
    } else {
        Tail::last(&path, count).map_err(Error::disk("read", &path))?
    };
    let mut matching = VecDeque::new();
    for line in tail.lines().map_err(Error::disk("read", &path))? {
        let line = line.map_err(Error::disk("read", &path))?;
        if holds(&query, &line) {
            matching.push_back(line);
        }
        if matching.len() > count {
            matching.pop_front();
        }
    }
    show(context, matching.make_contiguous())?;
    if !on {
        return Ok(Exit::Ok);
    }
    follow::each_change(store.dir(), || {
        let added: Vec<_> =
            tail.read().map_err(Error::disk("read", &path))?.into_iter().filter(|line| holds(&query, line)).collect();
        show(context, &added)
    })
}

fn holds(query: &Query, line: &str) -> bool {
    serde_json::from_str::<Receipt>(line).is_ok_and(|receipt| query.matches(&receipt))
}

fn show(context: &Context, lines: &[String]) -> Result<(), Failure> {
    let mut text = String::new();
    for line in lines {
        match serde_json::from_str::<Receipt>(line) {
            Ok(_) if context.json => text.push_str(line),
            Ok(receipt) => text.push_str(&one_line(&receipt)),
            // A damaged line is no JSON line.
            Err(_) if context.json => {
                let told = Diagnostic::warning("a damaged line is left out").help("`fibric receipts verify` names it");
                output::print_diagnostics_beside(&[told], true);
                continue;
            }
            Err(_) => text.push_str(&inert(line)),
        }
        text.push('\n');
    }
    let printed = if context.json { output::print_json(&text) } else { output::print(&text) };
    Ok(printed?)
}

fn one_line(receipt: &Receipt) -> String {
    format!(
        "{}  {:5} {:20} {:12}  {}  {}",
        inert(&receipt.at),
        receipt.verdict.decision.word(),
        inert(&receipt.tool),
        inert(&receipt.id),
        inert(&receipt.idempotency_key),
        inert(&receipt.verdict.reason)
    )
}

/// Lines on their way to a file or to standard output.
struct Export {
    file: Option<output::Written>,
    pending: String,
}

impl Export {
    /// Bytes that are written at once.
    const PORTION: usize = 64 << 10;

    fn begin(path: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self { file: path.map(output::Written::begin).transpose()?, pending: String::new() })
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.pending.push_str(&inert_json(line.trim_end_matches('\n')));
        self.pending.push('\n');
        if self.pending.len() < Self::PORTION { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => file.add(&self.pending)?,
            None => output::print(&self.pending)?,
        }
        self.pending.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), Failure> {
        self.write()?;
        self.file.map_or(Ok(()), output::Written::finish)
    }
}

/// Those that match, and how many lines are none.
fn export_receipts(store: &Store, since: Option<Timestamp>, query: &Query, out: &mut Export) -> Result<usize, Failure> {
    let mut damaged = 0;
    let path = store.file("receipts.jsonl");
    for line in Tail::from_start(&path).lines().map_err(Error::disk("read", &path))? {
        let line = line.map_err(Error::disk("read", &path))?;
        match serde_json::from_str::<Receipt>(&line) {
            Ok(receipt) if is_recent(&receipt.at, since) && query.matches(&receipt) => out.line(&line)?,
            Ok(_) => {}
            Err(_) => damaged += 1,
        }
    }
    Ok(damaged)
}

/// Each distinct envelope once, in the order in which it first came.
fn export_envelopes(
    store: &Store,
    since: Option<Timestamp>,
    query: &Query,
    out: &mut Export,
) -> Result<usize, Failure> {
    let (mut seen, mut damaged) = (HashSet::new(), 0);
    for run in store.runs() {
        let history = match History::open(&store.journal(run)) {
            Ok(history) => history,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::disk("read", &store.journal(run))(error).into()),
        };
        for line in history {
            let entry = match line {
                Line::Entry(entry) => entry,
                Line::Damaged { .. } => {
                    damaged += 1;
                    continue;
                }
                Line::Torn { .. } => continue,
            };
            let Fact::Received(received) = entry.fact else { continue };
            if received.origin.source == Source::Rerun
                || !is_recent(&entry.at, since)
                || !query.matches(&*received.envelope)
            {
                continue;
            }
            let envelope = EventEnvelope { tenant_id: "t_local".to_owned(), ..(*received.envelope).clone() };
            let line = output::json_lines([&envelope]);
            if seen.insert(hash_of(&line)) {
                out.line(&line)?;
            }
        }
    }
    Ok(damaged)
}

/// What stands for a line that was written: lines may be long, and there may be many.
fn hash_of(line: &str) -> [u8; 32] {
    Sha256::digest(line.as_bytes()).into()
}

fn is_recent(at: &str, since: Option<Timestamp>) -> bool {
    since.is_none_or(|since| at.parse::<Timestamp>().is_ok_and(|at| at >= since))
}

fn verify(context: &Context, store: &Store, head: Option<&str>) -> Result<Exit, Failure> {
    let audit = audit::audit(store, head)?;
    let mut found = Vec::new();
    if let Finding::Broken { line, reason } = &audit.chain {
        let fault = Diagnostic::error(format!("line {line}: {reason}")).in_file(".fibric/dev/receipts.jsonl");
        found.push(Diagnostic { line: u32::try_from(*line).ok(), ..fault });
    }
    if let Some(first) = audit.missing.first() {
        found.push(Diagnostic::error(format!(
            "{} of a run's journal {} not in receipts.jsonl, the first is {first}",
            counted(audit.missing.len(), "receipt"),
            if audit.missing.len() == 1 { "is" } else { "are" },
        )));
    }
    found.extend(audit.faults);
    output::print_diagnostics_beside(&audit.notes, context.json);
    if !found.is_empty() {
        return Err(Failure::Told { diagnostics: found, exit: Exit::Failed });
    }
    let Finding::Sound { receipts } = audit.chain else { return Ok(Exit::Failed) };
    let cleaned = audit.cleaned.map(|(Cleaned { upto, at }, keys)| Base { upto, at, keys });
    let verified = Verified { receipts, head: audit.head, unchained: audit.unchained, base: cleaned };
    if context.json {
        output::print_json(&output::json_lines([&verified]))?;
    } else {
        output::print(&verified.text())?;
    }
    Ok(Exit::Ok)
}

/// What `verify` says where everything holds.
#[derive(serde::Serialize)]
struct Verified {
    receipts: u64,
    /// The last hash of the chain of journals.
    head: Option<String>,
    /// Runs that an earlier version wrote.
    unchained: u32,
    /// What is kept of the runs that were cleaned away; left out where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<Base>,
}

/// The runs that were cleaned away, and what is kept of them.
#[derive(serde::Serialize)]
struct Base {
    /// The last of them.
    upto: u32,
    /// When they were.
    at: String,
    /// Keys that are used.
    keys: u64,
}

impl Verified {
    fn text(&self) -> String {
        let mut text = verified(self.receipts) + "\n";
        if let Some(Base { upto, at, keys }) = &self.base {
            let keys = counted(*keys, "key");
            text += &format!(
                "from run {} on; of the runs before, cleaned away on {at}, a sealed base of {keys}\n",
                upto + 1
            );
        }
        if self.unchained > 0 {
            let runs = counted(self.unchained, "run");
            text += &format!("{runs} unchained: written before journals had seals, compared with the receipts only\n");
        }
        if let Some(head) = &self.head {
            text += &format!("head {head}\n");
        }
        text
    }
}

/// What is said of receipts that are as they were written.
pub(super) fn verified(receipts: u64) -> String {
    match receipts {
        0 => "no receipts yet: there is nothing to verify".to_owned(),
        _ => format!("{}, each as it was written", counted(receipts, "receipt")),
    }
}
