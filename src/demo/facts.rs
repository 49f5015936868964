//! What captions say of actions, taken from the journal's entries: `{name.decision}`, `{name.reason}`, `{name.value}`,
//! `{name.change}` for what would have come to another verdict, and `{name.would}` for what a rerun says.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::console::PolicyCache;
use crate::kernel::journal::{Disposed, Entry, Fact, RunKind};
use crate::kernel::receipt::Receipt;

/// Facts as they stand.
#[derive(Debug, Default)]
pub struct Facts {
    /// The last disposition of each key.
    disposed: BTreeMap<String, Disposed>,
    /// What the last rerun would have come to, by tool and entity.
    would: BTreeMap<(String, String), String>,
    policies: PolicyCache,
    /// Runs of fixtures that have ended.
    pub plays_ended: usize,
    /// Runs of an envelope that was replayed, which have ended.
    pub replays_ended: usize,
    /// Policies that were read, or failed to be, after the start.
    pub policies_read: usize,
    /// Reruns since then.
    pub reruns: usize,
    /// True while a run of fixtures goes on.
    kinds: BTreeMap<u32, RunKind>,
}

impl Facts {
    /// Takes an entry of a run in.
    pub fn take(&mut self, run: u32, entry: &Arc<Entry>) {
        self.policies.take(&entry.fact);
        match &entry.fact {
            Fact::RunStarted(started) => {
                self.kinds.insert(run, started.kind);
            }
            Fact::RunEnded(_) => match self.kinds.get(&run) {
                Some(RunKind::Play) => self.plays_ended += 1,
                Some(RunKind::Replay) => self.replays_ended += 1,
                _ => {}
            },
            Fact::PolicyLoaded(_) => self.policies_read += 1,
            Fact::Disposed(disposed) => {
                self.disposed.insert(disposed.receipt.idempotency_key.clone(), disposed.clone());
            }
            Fact::Proposed(proposed) if !proposed.would.is_empty() => {
                self.reruns += 1;
                for would in &proposed.would {
                    let verdict = format!("{} ({})", would.verdict.decision, would.verdict.reason);
                    self.would.insert((would.tool.clone(), would.entity_key.clone()), verdict);
                }
            }
            _ => {}
        }
    }

    /// A caption with its facts in it. What there is no fact for is said to be unknown.
    pub fn fill(&self, text: &str, actions: &BTreeMap<String, String>) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            out.push_str(before);
            out.push_str(&self.named(name, actions).unwrap_or_else(|| "(not known)".to_owned()));
            rest = after;
        }
        out + rest
    }

    fn named(&self, name: &str, actions: &BTreeMap<String, String>) -> Option<String> {
        let (action, member) = name.split_once('.')?;
        let disposed = self.disposed.get(actions.get(action)?)?;
        let Receipt { verdict, value, tool, entity_key, .. } = &*disposed.receipt;
        Some(match member {
            "decision" => verdict.decision.to_string(),
            "reason" => verdict.reason.clone(),
            "value" => value.as_ref()?.number.to_string(),
            "would" => self.would.get(&(tool.clone(), entity_key.clone()))?.clone(),
            "change" => {
                let flips = self.policies.explain(disposed)?.explanation.flips;
                let each = flips.iter().take(2).map(|flip| format!("{} → {}", flip.text, flip.decision));
                each.collect::<Vec<_>>().join(", or ")
            }
            _ => return None,
        })
    }
}
