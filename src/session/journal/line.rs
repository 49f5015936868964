//! One line of a journal, read only as far as those need it who read all of them: which fact it tells, and the texts
//! that are copied or compared. Everything else is passed over.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::kernel::executor::Use;
use crate::kernel::journal::{RunKind, Source};
use crate::kernel::receipt::Outcome;

/// What of a line matters here.
#[derive(Debug)]
pub enum JournalLine<'a> {
    /// The run began.
    Started(RunKind),
    /// An envelope that came from outside, as it was written.
    Received(&'a str),
    /// A key was claimed, by the receipt that is to come.
    Claimed {
        /// The key.
        key: Cow<'a, str>,
        /// What the receipt says if nothing more is heard.
        interrupted: &'a str,
    },
    /// An action has ended.
    Disposed {
        /// The receipt, as it was written.
        receipt: &'a str,
        /// What became of its key: claimed, given back, or never touched.
        claimed: Option<bool>,
    },
    /// The run ended by itself.
    Ended,
    /// Anything else.
    Other,
    /// No entry at all.
    Damaged,
}

/// What of a receipt matters for its key.
#[derive(Debug, Deserialize)]
pub struct Holder {
    /// The receipt.
    pub id: String,
    /// Its key.
    pub idempotency_key: String,
    /// What came of it.
    pub outcome: Outcome,
    /// On DEDUP, who has the key.
    #[serde(default)]
    pub claimed_by: Option<String>,
    /// Who proposed the action.
    pub operator: String,
    /// Its capability.
    pub tool: String,
    /// When.
    pub at: String,
}

impl Holder {
    /// Of a receipt's text.
    pub fn of(receipt: &str) -> Option<Self> {
        serde_json::from_str(receipt).ok()
    }

    /// What its claim counts for.
    pub fn counts(&self) -> Use {
        Use { operator: self.operator.clone(), tool: self.tool.clone(), at: self.at.clone() }
    }
}

#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    fact: Fact<'a>,
}

#[derive(Deserialize)]
struct Fact<'a> {
    run_started: Option<Started>,
    #[serde(borrow)]
    received: Option<Received<'a>>,
    #[serde(borrow)]
    claimed: Option<Claimed<'a>>,
    #[serde(borrow)]
    disposed: Option<Disposed<'a>>,
    #[serde(borrow)]
    run_ended: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Started {
    kind: RunKind,
}

#[derive(Deserialize)]
struct Received<'a> {
    #[serde(borrow)]
    envelope: &'a RawValue,
    origin: Whence,
}

#[derive(Deserialize)]
struct Whence {
    source: Source,
}

#[derive(Deserialize)]
struct Claimed<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    interrupted: &'a RawValue,
}

#[derive(Deserialize)]
struct Disposed<'a> {
    #[serde(borrow)]
    stages: Vec<Stage<'a>>,
    #[serde(borrow)]
    receipt: &'a RawValue,
}

#[derive(Deserialize)]
struct Stage<'a> {
    #[serde(borrow)]
    stage: Cow<'a, str>,
    claimed: Option<bool>,
}

impl<'a> JournalLine<'a> {
    /// Reads a line.
    pub fn read(line: &'a [u8]) -> Self {
        // Most lines are told by their beginning; those that are not as this program writes them are read whole.
        if matches!(fact_name(line), Some(b"routed" | b"proposed" | b"refused" | b"noticed" | b"settled" | b"loaded")) {
            return Self::Other;
        }
        let Ok(Told { fact }) = serde_json::from_slice::<Told<'a>>(line) else { return Self::Damaged };
        match fact {
            Fact { disposed: Some(Disposed { stages, receipt }), .. } => {
                let claimed = stages.iter().find(|stage| stage.stage == "handler").and_then(|stage| stage.claimed);
                Self::Disposed { receipt: receipt.get(), claimed }
            }
            Fact { claimed: Some(Claimed { key, interrupted }), .. } => {
                Self::Claimed { key, interrupted: interrupted.get() }
            }
            Fact { received: Some(received), .. } if received.origin.source != Source::Rerun => {
                Self::Received(received.envelope.get())
            }
            Fact { run_started: Some(started), .. } => Self::Started(started.kind),
            Fact { run_ended: Some(_), .. } => Self::Ended,
            _ => Self::Other,
        }
    }
}

/// The fact's name, where a line begins as this program writes it.
pub fn fact_name(line: &[u8]) -> Option<&[u8]> {
    fact(line).map(|(name, _)| name)
}

/// The fact's name, and what stands behind it on the line: its body and two closing braces. None where the line does not
/// begin as this program writes it.
pub fn fact(line: &[u8]) -> Option<(&[u8], &[u8])> {
    const FACT: &[u8] = b"\",\"fact\":{\"";
    let rest = line.strip_prefix(b"{\"seq\":")?;
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    let rest = rest[digits..].strip_prefix(b",\"at\":\"")?;
    let quote = rest.iter().take(64).position(|byte| *byte == b'"')?;
    let rest = rest[quote..].strip_prefix(FACT)?;
    let end = rest.iter().take(32).position(|byte| *byte == b'"')?;
    Some((&rest[..end], rest[end..].strip_prefix(b"\":")?))
}
