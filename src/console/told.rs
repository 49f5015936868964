//! What a row says, in the words every part of the screen uses: glyph, word and colour, subject, one sentence of why,
//! and where it came from. Nobody reconstructs a reason; it is taken from the entry.

mod made;

use std::borrow::Cow;

use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::journal::{
    Fact, Held, Loaded, Origin, PolicyStamp, PolicyState, Refused, Routed, RunKind, RunStarted,
};
use crate::kernel::receipt::{Outcome, Receipt, Ruling};

use super::state::{Row, RowKind, State};
use super::text::width;
use super::theme::{Glyph, Role};

pub use made::marks;

/// A glyph, the word that goes with it, and their colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// Shape.
    pub glyph: Glyph,
    /// Word.
    pub word: &'static str,
    /// Colour.
    pub role: Role,
    /// True when it is drawn bold.
    pub strong: bool,
}

const fn face(glyph: Glyph, word: &'static str, role: Role, strong: bool) -> Face {
    Face { glyph, word, role, strong }
}

/// What one row says.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// Glyph and word.
    pub face: Face,
    /// The tool, the event type, the file: what it is about.
    pub subject: Cow<'a, str>,
    /// Why, in one sentence.
    pub sentence: Cow<'a, str>,
    /// How many of its bytes only name the rule.
    lead: usize,
    /// Why, in a word or two.
    pub short: Cow<'a, str>,
    /// The entity it acts on.
    pub entity: &'a str,
    /// The operator.
    pub operator: &'a str,
    /// The type of the envelope.
    pub event: &'a str,
    /// The envelope's thread.
    pub correlation: &'a str,
    /// The receipt and what happened.
    pub receipt: Option<(&'a str, Face)>,
}

impl<'a> Told<'a> {
    fn new(face: Face, subject: impl Into<Cow<'a, str>>, sentence: impl Into<Cow<'a, str>>) -> Self {
        let (subject, sentence) = (subject.into(), sentence.into());
        let short = Cow::Borrowed(face.word);
        Self {
            face,
            subject,
            sentence,
            lead: 0,
            short,
            entity: "",
            operator: "",
            event: "",
            correlation: "",
            receipt: None,
        }
    }

    /// The face of the end: the verdict's, unless it was acted on and failed.
    pub fn chip(&self) -> Face {
        match self.receipt {
            Some((_, end)) if end.glyph == Glyph::Failed => end,
            _ => self.face,
        }
    }

    /// The sentence for so many cells: where all of it does not fit, the rule's number goes, which stands elsewhere,
    /// and the values stay.
    pub fn sentence_in(&self, room: u16) -> &str {
        match self.sentence.get(self.lead..) {
            Some(rest) if width(&self.sentence) > usize::from(room) && width(rest) <= usize::from(room) => rest,
            _ => &self.sentence,
        }
    }

    /// The first characters of the thread, as people say it.
    pub fn thread(&self) -> &'a str {
        let cut = self.correlation.char_indices().nth(4).map_or(self.correlation.len(), |(at, _)| at);
        &self.correlation[..cut]
    }
}

/// The face of a verdict.
pub fn ruling(ruling: Ruling) -> Face {
    match ruling {
        Ruling::Allow => face(Glyph::Allow, "ALLOW", Role::Allow, true),
        Ruling::Alert => face(Glyph::Alert, "ALERT", Role::Alert, true),
        Ruling::Block => face(Glyph::Block, "BLOCK", Role::Block, true),
        Ruling::Dedup => face(Glyph::Dedup, "DEDUP", Role::Dedup, true),
    }
}

/// The face of an outcome.
pub fn outcome(outcome: Outcome) -> Face {
    match outcome {
        Outcome::Applied => face(Glyph::Allow, "applied", Role::Allow, false),
        Outcome::Refused => face(Glyph::Refused, "refused", Role::Block, false),
        Outcome::Deduplicated => face(Glyph::Dedup, "deduplicated", Role::Dedup, false),
        Outcome::Failed => face(Glyph::Failed, "failed", Role::Failed, true),
    }
}

/// What a row says.
pub fn told(state: &State, row: Row) -> Option<Told<'_>> {
    let fact = &state.entry(row)?.fact;
    let mut told = match fact {
        Fact::Disposed(disposed) => receipt(&disposed.receipt),
        Fact::Held(held) => waiting(held),
        Fact::Refused(refused) => refusal(refused),
        Fact::Received(received) => made::envelope(state, row, received),
        Fact::Proposed(proposed) => made::plan(state, row, proposed),
        Fact::Loaded(loaded) => load(loaded),
        Fact::PolicyLoaded(stamp) => policy(stamp),
        Fact::RunStarted(started) if row.kind == RowKind::Run => run(started),
        Fact::RunStarted(started) => policy(&started.policy),
        Fact::Noticed(diagnostic) => notice(diagnostic),
        Fact::Routed(_) | Fact::Answered(_) | Fact::Claimed(_) | Fact::Settled(_) | Fact::RunEnded(_) => return None,
    };
    if let Some(envelope) = state.arrival(row).and_then(|arrival| state.envelope(arrival)) {
        told.event = &envelope.event_type;
        told.correlation = &envelope.correlation_id;
        if told.subject.is_empty() {
            told.subject = Cow::Borrowed(&envelope.event_type);
        }
    }
    Some(told)
}

fn receipt(receipt: &Receipt) -> Told<'_> {
    let verdict = &receipt.verdict;
    let (reason, lead) = match (receipt.outcome, receipt.error.as_deref()) {
        (Outcome::Failed, Some(error)) => (Cow::Owned(format!("{error}; {}", verdict.reason)), 0),
        _ => (Cow::Borrowed(verdict.reason.as_str()), verdict.reason.len() - verdict.clause().len()),
    };
    let short = match (&receipt.claimed_by, &verdict.rule) {
        (Some(claimed_by), _) => Cow::Borrowed(claimed_by.as_str()),
        (None, Some(rule)) => {
            Cow::Owned(rule.rsplit_once(':').map_or_else(|| rule.clone(), |(_, number)| format!("rule {number}")))
        }
        (None, None) => Cow::Borrowed(verdict.cause.word()),
    };
    Told {
        short,
        lead,
        entity: &receipt.entity_key,
        operator: &receipt.operator,
        correlation: &receipt.correlation_id,
        receipt: Some((&receipt.id, outcome(receipt.outcome))),
        ..Told::new(ruling(verdict.decision), receipt.tool.as_str(), reason)
    }
}

/// An ALERT that has not acted: the receipt it carries is what an interruption would leave.
fn waiting(held: &Held) -> Told<'_> {
    let receipt = &held.interrupted;
    Told {
        short: Cow::Borrowed("asks"),
        lead: held.verdict.reason.len() - held.verdict.clause().len(),
        entity: &receipt.entity_key,
        operator: &receipt.operator,
        correlation: &receipt.correlation_id,
        ..Told::new(face(Glyph::Alert, "HELD", Role::Alert, true), receipt.tool.as_str(), held.verdict.reason.as_str())
    }
}

fn refusal(refused: &Refused) -> Told<'_> {
    let sentence = refused.diagnostics.first().map_or("", |diagnostic| diagnostic.message.as_str());
    let place = place(&refused.origin);
    let place = place.rsplit('/').next().unwrap_or_default().to_owned();
    let mut told = Told::new(face(Glyph::Refused, "refused", Role::Block, false), place, sentence);
    if let Some(envelope) = refused.envelope.as_deref() {
        told.subject = Cow::Borrowed(&envelope.event_type);
        told.event = &envelope.event_type;
        told.correlation = &envelope.correlation_id;
    }
    told
}

/// Where something was offered from.
pub fn place(origin: &Origin) -> String {
    match (&origin.file, origin.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        (None, _) => origin.source.word().to_owned(),
    }
}

fn unrouted(routed: &Routed) -> Told<'_> {
    let sentence = match &routed.nearest {
        Some(near) => format!("no trigger matched; nearest is {} of {}", near.trigger, near.operator),
        None => "no trigger matched".to_owned(),
    };
    Told::new(face(Glyph::NoMatch, "no match", Role::Muted, false), "", sentence)
}

/// How long before the newest entry something was, in at most three cells.
pub fn age(then: &str, newest: &str) -> String {
    let parsed = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let Some((then, newest)) = parsed(then).zip(parsed(newest)) else { return "?".to_owned() };
    let seconds = newest.duration_since(then).as_secs().max(0);
    match (seconds, seconds / 60, seconds / 3600, seconds / 86400) {
        (0..100, ..) => format!("{seconds}s"),
        (_, minutes @ 0..100, ..) => format!("{minutes}m"),
        (_, _, hours @ 0..100, _) => format!("{hours}h"),
        (_, _, _, days) => format!("{}d", days.min(99)),
    }
}

fn load(loaded: &Loaded) -> Told<'_> {
    if loaded.failure.is_none() {
        let sentence =
            format!("{} {} is unloaded: it is no longer in {}", loaded.kind.word(), loaded.name, loaded.file);
        return Told::new(face(Glyph::Alert, "unloaded", Role::Alert, false), loaded.name.as_str(), sentence);
    }
    let sentence = loaded.failure.as_ref().map_or_else(String::new, cause);
    Told::new(face(Glyph::Failed, "failed", Role::Failed, true), loaded.name.as_str(), sentence)
}

fn run(started: &RunStarted) -> Told<'static> {
    let what = match started.kind {
        RunKind::Live => "a live session",
        RunKind::Play => "fixtures, played by a session",
        RunKind::Replay => "a replay",
    };
    let only = if started.propose_only { ", propose-only" } else { "" };
    let sentence = format!("{what}{only}; what follows happened then");
    Told::new(face(Glyph::Dot, "began", Role::Muted, false), format!("run {}", started.run), sentence)
}

fn policy(stamp: &PolicyStamp) -> Told<'_> {
    let face = match stamp.state {
        PolicyState::InForce => face(Glyph::Alert, "warning", Role::Alert, false),
        PolicyState::Stale => face(Glyph::Alert, "stale", Role::Alert, true),
        PolicyState::None => face(Glyph::Block, "none", Role::Block, true),
    };
    let sentence = match (stamp.diagnostics.first(), stamp.state) {
        (Some(diagnostic), _) => cause(diagnostic),
        (None, PolicyState::None) => "no policy; every action is BLOCKed".to_owned(),
        (None, _) => "what is on disk does not judge".to_owned(),
    };
    Told::new(face, "policy", sentence)
}

fn notice(diagnostic: &Diagnostic) -> Told<'_> {
    let face = match diagnostic.severity {
        Severity::Error => face(Glyph::Failed, "error", Role::Failed, true),
        Severity::Warning => face(Glyph::Alert, "warning", Role::Alert, false),
    };
    Told::new(face, diagnostic.file.as_deref().unwrap_or("notice"), cause(diagnostic))
}

/// `place message`.
fn cause(diagnostic: &Diagnostic) -> String {
    match diagnostic.place() {
        Some(place) => format!("{place} {}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}
