//! Going to the next action that a query lets through: `decision:block`, `dedup`, `tool:order.refund value:>100`. The
//! journal is read from the place on, as far as it takes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Disposed, Entry, Fact};
use crate::query::{Field, Query, QueryError, Record, fields};
use crate::session::journal::line as journal_line;
use crate::session::state_files::{self, Access};
use crate::session::store;

/// Words that stand for a query of their own.
const WORDS: [&str; 6] = ["allow", "alert", "block", "dedup", "applied", "failed"];

/// An action and the envelope it answers, as a query sees them.
#[derive(Debug, Clone, Copy)]
pub struct ActionRecord<'a> {
    /// What became of it.
    pub disposed: &'a Disposed,
    /// Its envelope, where that is known.
    pub envelope: Option<&'a EventEnvelope>,
}

impl Record for ActionRecord<'_> {
    const FIELDS: &'static [Field] = &[
        fields::RULING,
        fields::OUTCOME,
        Field::one_of("stage", "the stage that decided", &["validate", "policy", "lock", "dedup", "handler"]),
        fields::TOOL,
        fields::CONNECTOR,
        fields::OPERATOR,
        fields::RULE,
        fields::REASON,
        fields::VALUE,
        fields::CORR,
        fields::EVENT,
        fields::TYPE,
        fields::SOURCE,
        fields::PLAN,
        fields::ID,
        fields::KEY,
        fields::ENTITY,
        fields::PAYLOAD,
        Field::text("text", "anywhere in the record, as a word without a field is"),
    ];

    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        if name == "stage" {
            return Some(Cow::Borrowed(super::Stage::reached(self.disposed).name()));
        }
        self.disposed.receipt.field(name).or_else(|| self.envelope?.field(name))
    }

    fn contains(&self, text: &str) -> bool {
        self.disposed.receipt.contains(text) || self.envelope.is_some_and(|envelope| envelope.contains(text))
    }
}

/// Reads a query; a single word that is a decision or an outcome means that.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    let word = text.trim().to_lowercase();
    let spelt = match word.as_str() {
        "applied" | "failed" => format!("outcome:{word}"),
        _ if WORDS.contains(&word.as_str()) => format!("decision:{word}"),
        _ => text.to_owned(),
    };
    Query::parse::<ActionRecord<'_>>(&spelt)
}

/// Where a search begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From {
    /// The run.
    pub run: u32,
    /// Where the envelope in hand begins.
    pub envelope: u64,
    /// Only what begins behind that is looked for.
    pub behind: u64,
}

/// The offset of the next disposition behind a place that a query lets through; none up to the end. `go_on` is asked
/// now and then.
pub fn next(state: &Path, begin: From, query: &Query, go_on: &dyn Fn() -> bool) -> io::Result<Option<u64>> {
    let From { run, envelope: from, behind } = begin;
    let mut file = state_files::open(&store::journal_in(state, run), Access::Read)?;
    file.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut line = Vec::new();
    let mut offset = from;
    // Of the envelopes that came since; actions follow theirs closely.
    let mut envelopes: HashMap<u64, Arc<EventEnvelope>> = HashMap::new();
    for count in 0_u64.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)?;
        if read == 0 || !line.ends_with(b"\n") || (count % 4_096 == 0 && !go_on()) {
            break;
        }
        let fact = match journal_line::fact(&line) {
            Some((b"routed" | b"proposed" | b"loaded" | b"noticed", _)) => None,
            _ => serde_json::from_slice::<Entry>(&line).ok().map(|entry| entry.fact),
        };
        match fact {
            Some(Fact::Received(received)) => {
                if envelopes.len() > 256 {
                    envelopes.clear();
                }
                envelopes.insert(received.arrival, received.envelope);
            }
            Some(Fact::Disposed(disposed)) => {
                let envelope = envelopes.get(&disposed.arrival).map(|envelope| &**envelope);
                if offset > behind && query.matches(&ActionRecord { disposed: &disposed, envelope }) {
                    return Ok(Some(offset));
                }
            }
            _ => {}
        }
        offset += read as u64;
    }
    Ok(None)
}
