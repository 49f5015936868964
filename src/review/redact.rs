//! Replacing facts by stand-ins before a review is given away, and proving that it changes nothing that was decided.
//!
//! A stand-in has the shape of what it stands for and a number, by first appearance; the same value has the same stand-in
//! everywhere, so that keys still meet where they met. There is no hash in it that could be tried against guesses. What
//! the kernel decides by (event types, operators, tools, rules, times, ids of the run) is never replaced by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::{EarlierKey, Entries, Evidence, Redaction};
use super::notes::Notes;
use super::rejudge::rejudge;
use crate::kernel::journal::{Entry, Fact};
use crate::kernel::json::read;
use crate::session::journal::seals::{SEAL_BYTES, Seals, is_sealed};

mod forms;
mod stand_ins;
mod walk;

use stand_ins::StandIns;
use walk::Walk;

/// What is to be replaced.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Members that were named for it, beside those that look like a person or a secret.
    pub fields: Vec<String>,
}

/// Why nothing was redacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRedacted {
    /// What would be replaced decides something.
    #[error("redacting {what} changes what was decided: {change}")]
    Matters {
        /// The member or form.
        what: String,
        /// What would not be the same.
        change: String,
    },
    /// The journal cannot be read as it is.
    #[error("{0}")]
    Unreadable(String),
}

/// A journal with stand-ins, and what they stand for by kind alone; none where there was nothing to replace.
pub fn redact(evidence: &Evidence, entries: &Entries, plan: &Plan) -> Result<Option<(Evidence, Entries)>, NotRedacted> {
    let before = decided(entries, evidence.earlier.as_deref());
    let Some((evidence_after, after)) = replaced(evidence, plan, None)? else { return Ok(None) };
    let Some(change) = before.first_change(&decided(&after, evidence_after.earlier.as_deref())) else {
        return Ok(Some((evidence_after, after)));
    };
    // Which one it is: each alone, until one changes something by itself.
    let redaction: Redaction =
        evidence_after.redaction.as_deref().and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default();
    for alone in redaction.members.iter().chain(&redaction.forms) {
        let Ok(Some((evidence, entries))) = replaced(evidence, plan, Some(alone)) else { continue };
        if let Some(change) = before.first_change(&decided(&entries, evidence.earlier.as_deref())) {
            return Err(NotRedacted::Matters { what: format!("`{alone}`"), change });
        }
    }
    Err(NotRedacted::Matters { what: "these values together".to_owned(), change })
}

/// Writes every line anew, and seals its groups where they were sealed.
fn replaced(evidence: &Evidence, plan: &Plan, alone: Option<&str>) -> Result<Option<(Evidence, Entries)>, NotRedacted> {
    let unreadable = |why: String| NotRedacted::Unreadable(why);
    let mut values = Vec::new();
    for line in evidence.journal.split_inclusive(|byte| *byte == b'\n') {
        let (body, sealed) = unsealed(line);
        let text = std::str::from_utf8(&body).map_err(|error| unreadable(error.to_string()))?;
        let document = read(text.trim_end()).map_err(|error| unreadable(error.to_string()))?;
        values.push((document.value, sealed));
    }
    let mut stand_ins = StandIns::default();
    let walk = Walk { fields: &plan.fields, alone };
    for (value, _) in &values {
        walk.gather(value, &mut stand_ins);
    }
    let notes = evidence.notes.as_deref().map(|part| Notes::read(part).0);
    let mut words = notes.as_ref().map(Notes::words).unwrap_or_default();
    walk.gather(&words, &mut stand_ins);
    if stand_ins.is_empty() {
        return Ok(None);
    }
    let Some(run) = run_of(evidence) else {
        return Err(unreadable("the journal does not say of which run it is".to_owned()));
    };
    let (mut journal, mut group, mut seals) = (Vec::new(), Vec::new(), Seals::of(run));
    for (mut value, sealed) in values {
        walk.replace(&mut value, &stand_ins);
        group.extend_from_slice(value.to_string().as_bytes());
        group.push(b'\n');
        if sealed {
            seals.seal(&mut group);
            journal.append(&mut group);
        }
    }
    journal.append(&mut group);
    walk.replace(&mut words, &stand_ins);
    let notes = notes.and_then(|notes| notes.in_words(&words).part());
    let earlier = evidence.earlier.as_ref().map(|text| stand_ins.in_lines(text));
    let redaction = Redaction {
        members: stand_ins.members.iter().cloned().collect(),
        forms: stand_ins.forms.iter().map(|form| (*form).to_owned()).collect(),
        values: stand_ins.len(),
    };
    let text = serde_json::to_string(&redaction).unwrap_or_default() + "\n";
    let entries = Entries::read(&journal).map_err(|fault| NotRedacted::Matters {
        what: "these values".to_owned(),
        change: format!("{}: {}", fault.place(), fault.message),
    })?;
    // Entries are written as the program writes them, so that a review of them is what a journal would say.
    let (sources, redaction) = (evidence.sources.clone(), Some(text.into_bytes()));
    let evidence = Evidence { journal, sources, earlier, redaction, notes };
    Ok(Some((evidence, entries)))
}

/// A line without its seal, and whether it had one.
fn unsealed(line: &[u8]) -> (Vec<u8>, bool) {
    if !is_sealed(line) {
        return (line.to_vec(), false);
    }
    let mut body = line[..line.len() - SEAL_BYTES - 2].to_vec();
    body.extend_from_slice(b"}\n");
    (body, true)
}

fn run_of(evidence: &Evidence) -> Option<u32> {
    let first = evidence.journal.split(|byte| *byte == b'\n').next()?;
    match serde_json::from_slice::<Entry>(first).ok()?.fact {
        Fact::RunStarted(started) => Some(started.run),
        _ => None,
    }
}

/// What redaction may not change.
#[derive(Debug, PartialEq, Eq)]
struct Decided {
    /// The rules of each policy that was in force.
    rules: Vec<String>,
    /// By envelope, to whom it was routed.
    routes: Vec<(u64, Vec<String>)>,
    /// By action: its tool, decision, outcome, rule, who has the key.
    verdicts: Vec<(String, String)>,
    /// By action, the first action that has the same idempotency key, and the first with the same entity.
    keys: Vec<(String, usize, usize)>,
    /// Where judging it again came to something else.
    differences: Vec<String>,
}

fn decided(entries: &Entries, earlier: Option<&[u8]>) -> Decided {
    let (mut routes, mut verdicts, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let (mut seen, mut entities) = (BTreeMap::new(), BTreeMap::new());
    for entry in &entries.0 {
        match &entry.fact {
            Fact::Routed(routed) => {
                routes.push((routed.arrival, routed.to.iter().map(|route| route.operator.clone()).collect()));
            }
            Fact::Disposed(disposed) => {
                let receipt = &disposed.receipt;
                let (next, key) = (verdicts.len(), receipt.idempotency_key.clone());
                let first = *seen.entry(key).or_insert(next);
                let entity = *entities.entry(receipt.entity_key.clone()).or_insert(next);
                keys.push((receipt.action_id.clone(), first, entity));
                let said = format!(
                    "{} {} {} by {} {}",
                    receipt.tool,
                    receipt.verdict.decision,
                    receipt.outcome.word(),
                    receipt.verdict.rule.as_deref().unwrap_or("no rule"),
                    receipt.claimed_by.as_deref().unwrap_or_default()
                );
                verdicts.push((receipt.action_id.clone(), said));
            }
            _ => {}
        }
    }
    let lines = earlier.unwrap_or_default().split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let earlier: Vec<EarlierKey> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let judged = rejudge(entries, &earlier);
    let differences = judged.differences.iter().map(|found| format!("{}: {}", found.place(), found.message)).collect();
    let rules = entries.policies().map(|stamp| serde_json::to_string(&stamp.ruleset).unwrap_or_default()).collect();
    Decided { rules, routes, verdicts, keys, differences }
}

impl Decided {
    /// The first thing that is not the same after.
    fn first_change(&self, after: &Self) -> Option<String> {
        if self.rules != after.rules {
            return Some("the rules of the policy would read otherwise".to_owned());
        }
        let route = self.routes.iter().zip(&after.routes).find(|(before, after)| before != after);
        if let Some(((arrival, _), _)) = route {
            return Some(format!("envelope {arrival} would be routed to others"));
        }
        let verdict = self.verdicts.iter().zip(&after.verdicts).find(|(before, after)| before != after);
        if let Some(((action, before), (_, after))) = verdict {
            return Some(format!("{action} was {before}, and would be {after}"));
        }
        let key = self.keys.iter().zip(&after.keys).find(|(before, after)| before != after);
        if let Some(((action, ..), _)) = key {
            return Some(format!("the keys of {action} would meet others"));
        }
        let known: BTreeSet<_> = self.differences.iter().collect();
        after.differences.iter().find(|found| !known.contains(found)).cloned()
    }
}

#[cfg(test)]
mod tests;
