//! What a row says, in the words every part of the screen uses: glyph, word and colour, subject, one sentence of why,
//! and where it came from. Nobody reconstructs a reason; it is taken from the entry.

mod plans;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::journal::{
    Fact, Held, Loaded, Origin, PolicyStamp, PolicyState, Received, Refused, Routed, RunKind, RunStarted,
};
use crate::kernel::receipt::{Outcome, Receipt, Ruling};

use crate::console::model::{Model, Row, RowKind};
use crate::console::text::width;
use crate::console::theme::{Glyph, Role};

pub use plans::{badges, would_be};

/// A glyph, the word that goes with it, and their colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// Shape.
    pub glyph: Glyph,
    /// Word.
    pub word: &'static str,
    /// Colour.
    pub role: Role,
    /// True when it is drawn bold.
    pub strong: bool,
}

impl Badge {
    /// One that is not bold.
    pub const fn quiet(glyph: Glyph, word: &'static str, role: Role) -> Self {
        badge(glyph, word, role, false)
    }
}

const fn badge(glyph: Glyph, word: &'static str, role: Role, strong: bool) -> Badge {
    Badge { glyph, word, role, strong }
}

/// What one row says.
#[derive(Debug, Clone)]
pub struct RowSummary<'a> {
    /// Glyph and word.
    pub badge: Badge,
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
    pub receipt: Option<(&'a str, Badge)>,
    /// The replay by another process that it is part of.
    pub replay: Option<u32>,
}

impl<'a> RowSummary<'a> {
    fn new(badge: Badge, subject: impl Into<Cow<'a, str>>, sentence: impl Into<Cow<'a, str>>) -> Self {
        let (subject, sentence) = (subject.into(), sentence.into());
        let short = Cow::Borrowed(badge.word);
        Self {
            badge,
            subject,
            sentence,
            lead: 0,
            short,
            entity: "",
            operator: "",
            event: "",
            correlation: "",
            receipt: None,
            replay: None,
        }
    }

    /// What an action in hand says, at a stage of it: the stage's badge and sentence.
    pub fn at_stage(receipt: &'a Receipt, badge: Badge, sentence: &'a str) -> Self {
        RowSummary {
            entity: &receipt.entity_key,
            operator: &receipt.operator,
            correlation: &receipt.correlation_id,
            ..Self::new(badge, receipt.tool.as_str(), sentence)
        }
    }

    /// What an action in hand says at its end.
    pub fn of_receipt(of: &'a Receipt) -> Self {
        receipt(of)
    }

    /// What an envelope in hand says, before anything came of it.
    pub fn of_envelope(received: &'a Received, badge: Badge, sentence: impl Into<Cow<'a, str>>) -> Self {
        let envelope = &received.envelope;
        RowSummary {
            event: &envelope.event_type,
            correlation: &envelope.correlation_id,
            ..Self::new(badge, envelope.event_type.as_str(), sentence)
        }
    }

    /// What the row of a fault says once that stands no more.
    #[must_use]
    pub fn past(self) -> Self {
        let sentence = format!("no longer so; it said: {}", self.sentence);
        let badge = Badge { role: Role::Muted, strong: false, ..self.badge };
        Self { badge, sentence: Cow::Owned(sentence), lead: 0, ..self }
    }

    /// The badge of the end: the verdict's, unless it was acted on and failed.
    pub fn chip(&self) -> Badge {
        match self.receipt {
            Some((_, end)) if end.glyph == Glyph::Failed => end,
            _ => self.badge,
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

/// The badge of a verdict.
pub fn ruling(ruling: Ruling) -> Badge {
    match ruling {
        Ruling::Allow => badge(Glyph::Allow, "ALLOW", Role::Allow, true),
        Ruling::Alert => badge(Glyph::Alert, "ALERT", Role::Alert, true),
        Ruling::Block => badge(Glyph::Block, "BLOCK", Role::Block, true),
        Ruling::Dedup => badge(Glyph::Dedup, "DEDUP", Role::Dedup, true),
    }
}

/// The badge of an outcome.
pub fn outcome(outcome: Outcome) -> Badge {
    match outcome {
        Outcome::Applied => badge(Glyph::Allow, "applied", Role::Allow, false),
        Outcome::Refused => badge(Glyph::Refused, "refused", Role::Block, false),
        Outcome::Deduplicated => badge(Glyph::Dedup, "deduplicated", Role::Dedup, false),
        Outcome::Failed => badge(Glyph::Failed, "failed", Role::Failed, true),
    }
}

/// What a row says.
pub fn summarize(model: &Model, row: Row) -> Option<RowSummary<'_>> {
    let fact = &model.entry(row)?.fact;
    let mut summary = match fact {
        Fact::Disposed(disposed) => receipt(&disposed.receipt),
        Fact::Held(held) => waiting(held),
        Fact::Refused(refused) => refusal(refused),
        Fact::Received(received) => plans::envelope(model, row, received),
        Fact::Proposed(proposed) => plans::plan(model, row, proposed),
        Fact::Loaded(loaded) => load(loaded),
        Fact::PolicyLoaded(stamp) => policy(stamp),
        Fact::RunStarted(started) if row.kind == RowKind::Run => run(started),
        Fact::RunStarted(started) => policy(&started.policy),
        Fact::Noticed(diagnostic) => notice(diagnostic),
        Fact::Routed(_)
        | Fact::Answered(_)
        | Fact::Carried(_)
        | Fact::Acknowledged(_)
        | Fact::Claimed(_)
        | Fact::Listening(_)
        | Fact::Settled(_)
        | Fact::RunEnded(_) => return None,
    };
    summary.replay = model.run(row).filter(|run| model.runs.is_replay(*run));
    if let Some(envelope) = model.arrival(row).and_then(|arrival| model.envelope(arrival)) {
        summary.event = &envelope.event_type;
        summary.correlation = &envelope.correlation_id;
        if summary.subject.is_empty() {
            summary.subject = Cow::Borrowed(&envelope.event_type);
        }
    }
    Some(summary)
}

fn receipt(receipt: &Receipt) -> RowSummary<'_> {
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
    RowSummary {
        short,
        lead,
        entity: &receipt.entity_key,
        operator: &receipt.operator,
        correlation: &receipt.correlation_id,
        receipt: Some((&receipt.id, outcome(receipt.outcome))),
        ..RowSummary::new(ruling(verdict.decision), receipt.tool.as_str(), reason)
    }
}

/// An ALERT that has not acted: the receipt it carries is what an interruption would leave.
fn waiting(held: &Held) -> RowSummary<'_> {
    let receipt = &held.interrupted;
    RowSummary {
        short: Cow::Borrowed("asks"),
        lead: held.verdict.reason.len() - held.verdict.clause().len(),
        entity: &receipt.entity_key,
        operator: &receipt.operator,
        correlation: &receipt.correlation_id,
        ..RowSummary::new(
            badge(Glyph::Alert, "HELD", Role::Alert, true),
            receipt.tool.as_str(),
            held.verdict.reason.as_str(),
        )
    }
}

fn refusal(refused: &Refused) -> RowSummary<'_> {
    let sentence = refused.diagnostics.first().map_or("", |diagnostic| diagnostic.message.as_str());
    let place = place(&refused.origin);
    let place = place.rsplit('/').next().unwrap_or_default().to_owned();
    let mut summary = RowSummary::new(badge(Glyph::Refused, "refused", Role::Block, false), place, sentence);
    if let Some(envelope) = refused.envelope.as_deref() {
        summary.subject = Cow::Borrowed(&envelope.event_type);
        summary.event = &envelope.event_type;
        summary.correlation = &envelope.correlation_id;
    }
    summary
}

/// Where something was offered from.
pub fn place(origin: &Origin) -> String {
    match (&origin.file, origin.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        (None, _) => origin.source.word().to_owned(),
    }
}

/// The name of the file an envelope stands in and the line, or the way it came.
pub fn came_from(model: &Model, row: Row) -> String {
    let origin = match model.entry(row).map(|entry| &entry.fact) {
        Some(Fact::Received(received)) => &received.origin,
        Some(Fact::Refused(refused)) => &refused.origin,
        _ => return String::new(),
    };
    let place = place(origin);
    place.rsplit('/').next().unwrap_or_default().to_owned()
}

fn unrouted(routed: &Routed) -> RowSummary<'_> {
    let sentence = match &routed.nearest {
        Some(near) => format!("no trigger matched; nearest is {} of {}", near.trigger, near.operator),
        None => "no trigger matched".to_owned(),
    };
    RowSummary::new(badge(Glyph::NoMatch, "no match", Role::Muted, false), "", sentence)
}

/// How long before `now` something was, in at most three cells.
pub fn age(then: &str, now: Timestamp) -> String {
    let Ok(then) = then.parse::<Timestamp>() else { return "?".to_owned() };
    let seconds = now.duration_since(then).as_secs().max(0);
    match (seconds, seconds / 60, seconds / 3600, seconds / 86400) {
        (0..60, ..) => format!("{seconds}s"),
        (_, minutes @ 0..100, ..) => format!("{minutes}m"),
        (_, _, hours @ 0..100, _) => format!("{hours}h"),
        (_, _, _, days) => format!("{}d", days.min(99)),
    }
}

fn load(loaded: &Loaded) -> RowSummary<'_> {
    if loaded.failure.is_none() {
        let sentence =
            format!("{} {} is unloaded: it is no longer in {}", loaded.kind.word(), loaded.name, loaded.file);
        return RowSummary::new(badge(Glyph::Alert, "unloaded", Role::Alert, false), loaded.name.as_str(), sentence);
    }
    let sentence = loaded.failure.as_ref().map_or_else(String::new, cause);
    RowSummary::new(badge(Glyph::Failed, "failed", Role::Failed, true), loaded.name.as_str(), sentence)
}

fn run(started: &RunStarted) -> RowSummary<'static> {
    let what = match started.kind {
        RunKind::Live => "a live session",
        RunKind::Play => "fixtures, played by a session",
        RunKind::Replay => "a replay",
    };
    let only = if started.propose_only { ", propose-only" } else { "" };
    let sentence = format!("{what}{only}; what follows happened then");
    RowSummary::new(badge(Glyph::Dot, "began", Role::Muted, false), format!("run {}", started.run), sentence)
}

fn policy(stamp: &PolicyStamp) -> RowSummary<'_> {
    let badge = match stamp.state {
        PolicyState::InForce => badge(Glyph::Alert, "warning", Role::Alert, false),
        PolicyState::Stale => badge(Glyph::Alert, "stale", Role::Alert, true),
        PolicyState::None => badge(Glyph::Block, "none", Role::Block, true),
    };
    let sentence = match (stamp.diagnostics.first(), stamp.state) {
        (Some(diagnostic), _) => cause(diagnostic),
        (None, PolicyState::None) => "no policy; every action is BLOCKed".to_owned(),
        (None, _) => "what is on disk does not judge".to_owned(),
    };
    RowSummary::new(badge, "policy", sentence)
}

fn notice(diagnostic: &Diagnostic) -> RowSummary<'_> {
    let badge = match diagnostic.severity {
        Severity::Error => badge(Glyph::Failed, "error", Role::Failed, true),
        Severity::Warning => badge(Glyph::Alert, "warning", Role::Alert, false),
    };
    RowSummary::new(badge, diagnostic.file.as_deref().unwrap_or("notice"), cause(diagnostic))
}

/// `place message`.
fn cause(diagnostic: &Diagnostic) -> String {
    match diagnostic.place() {
        Some(place) => format!("{place} {}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}
