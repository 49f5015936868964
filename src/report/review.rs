//! What is said of a review: whether it is intact, what was proven, what was not, and where it differs; and what it
//! holds, envelope by envelope.

use super::diagnostics::said;
use crate::kernel::journal::{Disposed, Fact, Proposed, Received, RunKind};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{counted, policy};
use crate::review::contents::Entries;
use crate::review::notes::{Mark, Note, Notes};
use crate::review::verify::Verification;

pub mod html;
pub mod markdown;

/// Differences that are told one by one.
const TOLD: usize = 20;

/// What verifying came to, as lines.
pub fn verification(found: &Verification) -> String {
    let mut text = String::new();
    if let Some(run) = found.run {
        text += &format!("review of run {run}{}\n", found.kind.map_or("", |kind| of_kind(kind)));
    }
    for difference in found.differences.iter().take(TOLD) {
        text += &format!("differs      {}: {}\n", inert(&difference.place()), said(&difference.message));
    }
    if found.differences.len() > TOLD {
        text += &format!("             and {} more\n", found.differences.len() - TOLD);
    }
    let proven = &found.proven;
    if proven.entries > 0 {
        text += &format!(
            "proven       {}, {}, {}, {}\n",
            counted(proven.verdicts, "verdict"),
            counted(proven.routes, "route"),
            counted(proven.entries, "journal line"),
            counted(proven.seals, "seal")
        );
    }
    for open in &found.not_proven {
        text += &format!("not proven   {} {}\n", open.count, open.what);
    }
    text + &conclusion(found) + "\n"
}

/// The last line: `intact, unsigned, digest …`.
pub fn conclusion(found: &Verification) -> String {
    let word = if found.differences.is_empty() { "intact" } else { "not intact" };
    format!("{word}, unsigned, digest {}", found.digest)
}

fn of_kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Live => ", live input",
        RunKind::Play => ", fixtures played",
        RunKind::Replay => ", a replay",
    }
}

/// An envelope and what came of it.
#[derive(Debug)]
pub struct Story<'a> {
    /// The envelope.
    pub received: &'a Received,
    /// To whom it was routed.
    pub routed: Vec<&'a str>,
    /// What was proposed, with how each of its actions ended.
    pub plans: Vec<(&'a Proposed, Vec<&'a Disposed>)>,
}

/// The envelopes of a review in order, each with what came of it.
pub fn stories(entries: &Entries) -> Vec<Story<'_>> {
    let mut stories: Vec<Story<'_>> = Vec::new();
    for entry in &entries.0 {
        let of = |stories: &mut Vec<Story<'_>>, arrival: u64| {
            usize::try_from(arrival)
                .ok()
                .and_then(|arrival| arrival.checked_sub(1))
                .filter(|index| *index < stories.len())
        };
        match &entry.fact {
            Fact::Received(received) => {
                stories.push(Story { received, routed: Vec::new(), plans: Vec::new() });
            }
            Fact::Routed(routed) => {
                if let Some(index) = of(&mut stories, routed.arrival) {
                    stories[index].routed = routed.to.iter().map(|route| route.operator.as_str()).collect();
                }
            }
            Fact::Proposed(proposed) => {
                if let Some(index) = of(&mut stories, proposed.arrival) {
                    stories[index].plans.push((proposed, Vec::new()));
                }
            }
            Fact::Disposed(disposed) => {
                if let Some(index) = of(&mut stories, disposed.arrival) {
                    let plan =
                        stories[index].plans.iter_mut().find(|(plan, _)| plan.plan_id == disposed.receipt.plan_id);
                    if let Some((_, ended)) = plan {
                        ended.push(disposed);
                    }
                }
            }
            _ => {}
        }
    }
    stories
}

/// `2 accepted, 1 flagged`.
pub fn counts(notes: &Notes) -> String {
    format!("{} accepted, {} flagged", notes.count(Mark::Accepted), notes.count(Mark::Flagged))
}

/// The notes of a review, flagged steps first.
pub fn in_order(notes: &Notes) -> Vec<&Note> {
    let mut all: Vec<_> = notes.0.iter().collect();
    all.sort_by_key(|note| note.mark == Mark::Accepted);
    all
}

/// The step a note is of: `3 order.returned › order.refund 250 BLOCK`.
pub fn step(note: &Note, entries: &Entries) -> String {
    let facts = || entries.0.iter().map(|entry| &entry.fact);
    let event = facts().find_map(|fact| match fact {
        Fact::Received(received) if received.arrival == note.arrival => Some(&received.envelope.event_type),
        _ => None,
    });
    let action = facts().find_map(|fact| match fact {
        Fact::Disposed(disposed) if note.receipt.as_deref() == Some(&disposed.receipt.id) => Some(&disposed.receipt),
        _ => None,
    });
    let action = action.map_or_else(String::new, |receipt| {
        let value = receipt.value.as_ref().map(|value| format!(" {}", value.number)).unwrap_or_default();
        format!(" › {}{value} {}", receipt.tool, receipt.verdict.decision.word())
    });
    format!("{} {}{action}", note.arrival, event.map_or("", String::as_str))
}

/// What a reviewer said, as lines; nothing where nothing was said.
fn reviewed(notes: &Notes, entries: &Entries) -> String {
    if notes.0.is_empty() {
        return String::new();
    }
    let mut text = format!("reviewed: {}\n", counts(notes));
    for note in in_order(notes) {
        let said = if note.note.is_empty() { String::new() } else { format!(": {}", said(&note.note)) };
        text += &format!("  {:8} {}{said}\n", note.mark.word(), inert(&step(note, entries)));
    }
    text
}

/// What a review holds, as lines: each envelope, and each disposition with its reason.
pub fn contents(entries: &Entries, notes: &Notes) -> String {
    let mut text = reviewed(notes, entries);
    if let Some(started) = entries.started() {
        text += &format!("{}\n", said(&policy(&started.policy)));
    }
    for story in stories(entries) {
        let envelope = &story.received.envelope;
        let to = if story.routed.is_empty() { "no trigger matched".to_owned() } else { story.routed.join(", ") };
        text += &format!(
            "\n{} {} corr={} · {}\n",
            story.received.arrival,
            inert(&envelope.event_type),
            inert(&envelope.correlation_id),
            inert(&to)
        );
        for (proposed, ended) in &story.plans {
            text += &format!("  {}\n", inert(&plan_line(proposed)));
            for disposed in ended {
                let receipt = &disposed.receipt;
                text += &format!(
                    "    {:5} {}{} · {} · {}\n",
                    receipt.verdict.decision.word(),
                    inert(&receipt.tool),
                    receipt.value.as_ref().map(|value| format!(" {}", value.number)).unwrap_or_default(),
                    inert(&receipt.idempotency_key),
                    said(&receipt.verdict.reason)
                );
            }
        }
    }
    text
}

/// What an operator made of an envelope, in one line.
fn plan_line(proposed: &Proposed) -> String {
    let said = match (proposed.typed(), &proposed.failure) {
        (Some(plan), _) if plan.actions.is_empty() => "a refusal".to_owned(),
        (Some(plan), _) => counted(plan.actions.len(), "action"),
        (None, Some(failure)) => format!("no plan: {}", failure.message),
        (None, None) => "no plan".to_owned(),
    };
    format!("{} · {}: {said}", proposed.plan_id, proposed.operator)
}
