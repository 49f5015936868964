//! Two versions of a pack compared, as lines: whether the version rises by enough, what demands it, and what comes of it.

use std::fmt::Write as _;

use super::diagnostics::said;
use super::plain::short;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;
use crate::upgrade::{Change, Comparison, Judged, Pair, Upgrade};

/// Envelopes that are told one by one; more are counted.
const TOLD: usize = 200;

/// The lines.
pub fn text(upgrade: &Upgrade) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n", headline(upgrade));
    let widest = upgrade.changes.iter().map(|change| change.part.word().len()).max().unwrap_or(0);
    for change in &upgrade.changes {
        let Change { part, bump, what, rule } = change;
        let _ = writeln!(text, "{:5}  {:widest$}  {} ({rule})", bump.word(), part.word(), said(what));
    }
    if upgrade.changes.is_empty() {
        let _ = writeln!(text, "nothing of the pack is other");
    }
    if upgrade.is_prompt_not_exercised() {
        text.push_str("\nprompt text: not exercised (the operator's own stub reasons here, and never reads it)\n");
    }
    text.push('\n');
    text.push_str(&effects(upgrade));
    text
}

/// `HOLD needs 2.0.0 (major), declares 1.1.0 (minor) · op-order-risk 1.0.0 › 1.1.0`.
pub fn headline(upgrade: &Upgrade) -> String {
    let (old, new) = (&upgrade.old, &upgrade.new);
    let id = inert(&upgrade.id);
    let (required, declared) = (upgrade.required().word(), upgrade.declared().word());
    if new < old {
        return format!("HOLD {new} is before {old} · {id} {old} › {new}");
    }
    if upgrade.is_enough() {
        return format!("OK needs {required}, declares {declared} · {id} {old} › {new}");
    }
    format!("HOLD needs {} ({required}), declares {new} ({declared}) · {id} {old} › {new}", upgrade.needs())
}

fn effects(upgrade: &Upgrade) -> String {
    let all = upgrade.comparisons.len();
    let differing: Vec<_> = upgrade.differing().collect();
    let mut text = format!("{} in both versions · {} differ", counted(all, "envelope"), differing.len());
    let pairs = || differing.iter().flat_map(|one| &one.pairs);
    for (count, what) in [
        (pairs().filter(|pair| pair.breaks_dedup()).count(), "break dedup"),
        (pairs().filter(|pair| pair.newly_allowed()).count(), "newly allowed"),
    ] {
        if count > 0 {
            let _ = write!(text, " · {count} {what}");
        }
    }
    text.push('\n');
    for comparison in differing.iter().take(TOLD) {
        for line in lines(comparison) {
            let _ = writeln!(text, "{line}");
        }
    }
    if differing.len() > TOLD {
        let _ = writeln!(text, "{} more; `--json` has them all", differing.len() - TOLD);
    }
    text
}

/// What is other about one envelope, an action a line.
fn lines(comparison: &Comparison) -> Vec<String> {
    let envelope = &comparison.fixture.envelope;
    let place = format!("{}:{}", inert(&comparison.fixture.file), comparison.fixture.line);
    let head = format!("{place} {} corr={}", said(&envelope.event_type), short(&envelope.correlation_id));
    let (old, new) = (&comparison.old, &comparison.new);
    if old.routed != new.routed {
        let now = if new.routed { "routed to it now" } else { "no longer routed to it" };
        return vec![format!("~ {head}: {now}")];
    }
    if let Some(failure) = new.failure.as_ref().or(old.failure.as_ref())
        && comparison.pairs.is_empty()
    {
        let which = if new.failure.is_some() { "new" } else { "old" };
        return vec![format!("~ {head}: the {which} version gives no plan: {}", said(&failure.message))];
    }
    comparison.pairs.iter().map(|pair| line(&head, pair)).collect()
}

fn line(head: &str, pair: &Pair) -> String {
    let tool = pair.new.as_ref().or(pair.old.as_ref()).map_or("", |judged| judged.tool.as_str());
    let (mark, what) = match (&pair.old, &pair.new) {
        (None, Some(new)) => ("+", format!("none › {}", verdict(new))),
        (Some(old), None) => ("-", format!("{} › none", verdict(old))),
        (Some(old), Some(new)) if old.joined.decision == new.joined.decision => ("~", verdict(new)),
        (Some(old), Some(new)) => ("~", format!("{} › {}", decision(old), verdict(new))),
        (None, None) => return String::new(),
    };
    let field = pair.field.as_ref().map_or_else(String::new, |field| format!(" · {}", said(&field.told("was", "is"))));
    let mut notes = String::new();
    for (holds, note) in [(pair.breaks_dedup(), "breaks dedup"), (pair.newly_allowed(), "newly allowed")] {
        if holds {
            let _ = write!(notes, " · {note}");
        }
    }
    format!("{mark} {head} {}: {what}{field}{notes}", said(tool))
}

fn decision(judged: &Judged) -> String {
    judged.joined.decision.to_string()
}

fn verdict(judged: &Judged) -> String {
    format!("{} {}", judged.joined.decision, said(&judged.joined.reason))
}
