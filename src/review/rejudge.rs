//! Judging a journal again: routes, plans, keys, locks, limits and receipts, entry by entry, with the kernel alone.
//!
//! Whatever an envelope's plans come to is worked out once, in the turns in which the dev kernel takes them, and each
//! entry is held against it. A difference is told, and the recorded state is not taken over: what follows from a forged
//! entry differs too.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::contents::{EarlierKey, Entries, JOURNAL};
use super::difference::{Difference, of_lines};
use super::recorded::{Believed, Policy, Record, is_of_recovery};
use crate::kernel::capability::Vocabulary;
use crate::kernel::executor::{Disposal, State};
use crate::kernel::glob::Glob;
use crate::kernel::journal::{
    Answered, Disposed, Entry, Fact, Proposed, Received, Routed, RunEnded, RunKind, RunStarted, Source,
};
use crate::kernel::plan::ExecutionPlan;

mod plans;

use plans::Lane;

/// What came of judging a journal again.
#[derive(Debug, Default)]
pub struct Rejudged {
    /// Where the journal says otherwise.
    pub differences: Vec<Difference>,
    /// Dispositions that were judged again, and are the same.
    pub verdicts: u64,
    /// Routes whose trigger was matched again.
    pub routes: u64,
    /// Bindings and inputs that author code answered for.
    pub inputs: u64,
    /// Verdicts that depend on what a predicate answered.
    pub predicates: u64,
    /// Verdicts of a policy that only watched.
    pub shadows: u64,
    /// Keys that another runner claimed first.
    pub lost: u64,
    /// Verdicts shown for envelopes that ran again.
    pub reruns: u64,
    /// Actions of which a crash left no end.
    pub unfinished: u64,
}

/// Judges a journal again, with the keys that earlier runs had claimed.
pub fn rejudge(entries: &Entries, earlier: &[EarlierKey]) -> Rejudged {
    let Some(started) = entries.started() else { return Rejudged::default() };
    let mut judge = Judge::new(entries, started, earlier);
    for (entry, line) in entries.0.iter().zip(1_u64..) {
        judge.line = line;
        judge.entry(entry);
    }
    judge.line = entries.0.len() as u64;
    judge.settle();
    let Judge { mut out, believed, .. } = judge;
    out.inputs = believed.inputs.get();
    out.predicates = believed.predicates.get();
    out.shadows = believed.shadows.get();
    out.lost = believed.lost.get();
    out
}

struct Judge<'a> {
    started: &'a RunStarted,
    records: HashMap<&'a str, Record<'a>>,
    /// Plans that were disposed of, by id.
    disposed_plans: BTreeSet<&'a str>,
    /// True where the run did not end by itself: then actions may have no end.
    crashed: bool,
    /// The time by which limits count; none where it is that of each step.
    clock: Option<String>,
    vocabulary: Vocabulary,
    policy: Policy,
    believed: Believed,
    state: State,
    counts: RunEnded,
    proposals: u64,
    actions: u64,
    /// The envelope at hand, and what it was routed to.
    at_hand: Option<(&'a Received, &'a [crate::kernel::journal::Route])>,
    /// Its plans, as long as nothing was asked of them.
    lanes: Vec<Lane>,
    /// What they come to, as far as no entry was held against it.
    expected: VecDeque<Fact>,
    /// Actions that wait for a person.
    held: Vec<Disposal>,
    answered: HashMap<&'a str, &'a Answered>,
    line: u64,
    out: Rejudged,
}

impl<'a> Judge<'a> {
    fn new(entries: &'a Entries, started: &'a RunStarted, earlier: &[EarlierKey]) -> Self {
        let mut records: HashMap<&str, Record<'a>> = HashMap::new();
        let mut disposed_plans = BTreeSet::new();
        let (mut ended, mut recovered) = (false, false);
        for entry in &entries.0 {
            match &entry.fact {
                Fact::Disposed(disposed) => {
                    records.entry(&disposed.receipt.action_id).or_default().disposed.get_or_insert(disposed);
                    disposed_plans.insert(disposed.receipt.plan_id.as_str());
                    recovered |= is_of_recovery(disposed);
                }
                Fact::Held(held) => records.entry(&held.action_id).or_default().held.push(held),
                Fact::Claimed(claimed) => {
                    records.entry(&claimed.action_id).or_default().claimed.get_or_insert(claimed);
                }
                Fact::RunEnded(_) => ended = true,
                _ => {}
            }
        }
        let mut state = State::default();
        for key in earlier {
            state.claim(&key.key, &key.receipt);
            state.count(&key.used, &key.used.at);
        }
        let clock = (started.kind != RunKind::Live).then(|| fixture_clock(entries, &records));
        Self {
            started,
            records,
            disposed_plans,
            crashed: !ended || recovered,
            clock,
            vocabulary: Vocabulary::shipped(),
            policy: Policy::of(&started.policy),
            believed: Believed::default(),
            state,
            counts: RunEnded::default(),
            proposals: 0,
            actions: 0,
            at_hand: None,
            lanes: Vec::new(),
            expected: VecDeque::new(),
            held: Vec::new(),
            answered: HashMap::new(),
            line: 0,
            out: Rejudged::default(),
        }
    }

    fn differs(&mut self, field: &str, message: impl Into<String>) {
        let found = Difference::at(JOURNAL, self.line, message);
        self.out.differences.push(Difference { field: Some(field.to_owned()), ..found });
    }

    fn entry(&mut self, entry: &'a Entry) {
        match &entry.fact {
            Fact::PolicyLoaded(stamp) => {
                self.settle();
                self.policy = Policy::of(stamp);
            }
            Fact::Received(received) => self.received(received),
            Fact::Refused(refused) => self.counts.refused += refused.count,
            Fact::Routed(routed) => self.routed(routed),
            Fact::Proposed(proposed) => self.proposed(proposed),
            Fact::Held(held) => self.meet(&entry.fact, &held.action_id, &held.interrupted.at),
            Fact::Claimed(claimed) => self.meet(&entry.fact, &claimed.action_id, &claimed.interrupted.at),
            Fact::Disposed(disposed) if is_of_recovery(disposed) => self.recovered(disposed),
            Fact::Disposed(disposed) => self.meet(&entry.fact, &disposed.receipt.action_id, &disposed.receipt.at),
            Fact::Answered(answered) => {
                self.settle();
                self.answered.insert(&answered.action_id, answered);
            }
            Fact::RunEnded(counts) => self.ended(counts),
            Fact::RunStarted(_)
            | Fact::Carried(_)
            | Fact::Acknowledged(_)
            | Fact::Loaded(_)
            | Fact::Listening(_)
            | Fact::Noticed(_)
            | Fact::Settled(_) => {}
        }
    }

    fn received(&mut self, received: &'a Received) {
        self.settle();
        self.counts.envelopes += 1;
        self.at_hand = Some((received, &[]));
        if received.arrival != self.counts.envelopes {
            let message = format!("is {}, and it is envelope {} of the run", received.arrival, self.counts.envelopes);
            self.differs("/fact/received/arrival", message);
        }
        if received.envelope.tenant_id != self.started.tenant {
            let message = format!("an envelope of another tenant than `{}` is refused", self.started.tenant);
            self.differs("/fact/received/envelope/tenant_id", message);
        }
    }

    fn routed(&mut self, routed: &'a Routed) {
        self.counts.unrouted += u64::from(routed.to.is_empty());
        let Some((received, _)) = self.at_hand.filter(|(received, _)| received.arrival == routed.arrival) else {
            return self.differs("/fact/routed/arrival", "is not the envelope that came before");
        };
        self.at_hand = Some((received, &routed.to));
        if routed.to.windows(2).any(|two| two[0].operator >= two[1].operator) {
            self.differs("/fact/routed/to", "operators are not in the order of their names, each once");
        }
        // What an interval made is for its operator alone, and no glob has a say in it.
        let by_schedule =
            received.envelope.source == "schedule" && received.envelope.event_type.starts_with("schedule.");
        for (index, route) in routed.to.iter().enumerate().filter(|_| !by_schedule) {
            let matches = Glob::parse(&route.trigger).is_ok_and(|glob| glob.matches(&received.envelope.event_type));
            if matches {
                self.out.routes += 1;
            } else {
                let message = format!("`{}` does not match `{}`", route.trigger, received.envelope.event_type);
                self.differs(&format!("/fact/routed/to/{index}/trigger"), message);
            }
        }
    }

    fn proposed(&mut self, proposed: &'a Proposed) {
        self.proposals += 1;
        self.out.reruns += proposed.would.len() as u64;
        let id = format!("pl_{}_{}", self.started.run, self.proposals);
        if proposed.plan_id != id {
            self.differs("/fact/proposed/plan_id", format!("is `{}`, and it is plan `{id}`", proposed.plan_id));
        }
        let routed = self.at_hand.filter(|(received, to)| {
            received.arrival == proposed.arrival && to.iter().any(|route| route.operator == proposed.operator)
        });
        let Some((received, _)) = routed else {
            return self.differs("/fact/proposed/operator", "the envelope was not routed to it");
        };
        let plan = proposed.typed();
        self.counts.plans += u64::from(plan.is_some());
        if plan.is_some() == proposed.failure.is_some() {
            self.differs("/fact/proposed/failure", "does not agree with whether there is a plan");
        }
        if self.started.propose_only || received.origin.source == Source::Rerun {
            return;
        }
        if let Some(lane) = self.lane(proposed, plan, received) {
            self.lanes.push(lane);
        }
    }

    fn lane(&self, proposed: &Proposed, plan: Option<ExecutionPlan>, received: &Received) -> Option<Lane> {
        let actions = match plan {
            Some(plan) => Ok(plan.actions.into()),
            // Over a limit: its text was not kept, and one BLOCK stands for all of it.
            None if self.disposed_plans.contains(proposed.plan_id.as_str()) => Err(()),
            None => return None,
        };
        Some(Lane {
            envelope: Arc::clone(&received.envelope),
            arrival: received.arrival,
            operator: proposed.operator.clone(),
            operator_version: proposed.operator_version.clone(),
            plan_id: proposed.plan_id.clone(),
            actions,
            open: None,
        })
    }

    /// Holds an entry about an action against what it comes to.
    fn meet(&mut self, fact: &Fact, action_id: &str, at: &str) {
        self.work_out();
        let is_of = |expected: &Fact| about(expected) == Some(action_id) && same_kind(expected, fact);
        if !self.expected.iter().any(is_of)
            && let Some(index) = self.held.iter().position(|held| held.action_id() == action_id)
        {
            let disposal = self.held.remove(index);
            self.go_on(disposal, at);
        }
        let Some(index) = self.expected.iter().position(is_of) else {
            return self.differs("/fact", format!("`{action_id}` does not come to this by the plans before it"));
        };
        if index > 0 {
            let first = self.expected.front().and_then(about).unwrap_or_default().to_owned();
            self.differs("/fact", format!("`{action_id}` comes before `{first}`, which has its turn first"));
        }
        let Some(expected) = self.expected.remove(index) else { return };
        self.compare(fact, &expected);
    }

    fn compare(&mut self, fact: &Fact, expected: &Fact) {
        let text = |fact: &Fact| serde_json::to_string(fact).unwrap_or_default();
        match of_lines(JOURNAL, self.line, &text(fact), &text(expected), "judged again") {
            Some(found) => {
                let field = found.field.as_ref().map(|field| format!("/fact{field}"));
                self.out.differences.push(Difference { field, ..found });
            }
            None => self.out.verdicts += u64::from(matches!(fact, Fact::Disposed(_))),
        }
    }

    /// An action that a crash ended has the receipt that was written ahead.
    fn recovered(&mut self, disposed: &Disposed) {
        self.work_out();
        let receipt = &disposed.receipt;
        self.held.retain(|held| held.action_id() != receipt.action_id);
        let ahead = self.records.get(receipt.action_id.as_str()).and_then(|record| {
            let held = record.held.last().map(|held| &held.interrupted);
            record.claimed.map(|claimed| &claimed.interrupted).or(held)
        });
        let Some(ahead) = ahead else {
            return self.differs("/fact/disposed", "nothing was written ahead of this action, so no crash ended it");
        };
        let expected = Fact::Disposed(Disposed { receipt: Arc::clone(ahead), ..disposed.clone() });
        self.compare(&Fact::Disposed(disposed.clone()), &expected);
    }

    fn ended(&mut self, counts: &RunEnded) {
        self.settle();
        let expected = Fact::RunEnded(RunEnded { receipts: self.actions, ..self.counts.clone() });
        self.compare(&Fact::RunEnded(counts.clone()), &expected);
    }

    /// What came before should be over: what it comes to and no entry says is missing.
    fn settle(&mut self) {
        self.work_out();
        for missing in std::mem::take(&mut self.expected) {
            if !self.crashed {
                let action = about(&missing).unwrap_or_default().to_owned();
                self.differs("/fact", format!("before it, what `{action}` comes to is missing"));
            }
        }
    }
}

/// The action a fact is about.
fn about(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Held(held) => Some(&held.action_id),
        Fact::Claimed(claimed) => Some(&claimed.action_id),
        Fact::Disposed(disposed) => Some(&disposed.receipt.action_id),
        _ => None,
    }
}

fn same_kind(a: &Fact, b: &Fact) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// The time by which the limits of fixtures count. It stands in every fixture's entry; a run of intervals alone has it
/// only in what a limit said.
fn fixture_clock(entries: &Entries, records: &HashMap<&str, Record<'_>>) -> String {
    let mut first = None;
    for entry in &entries.0 {
        if let Fact::Received(received) = &entry.fact {
            if received.origin.source == Source::Fixture {
                return received.clock.clone();
            }
            first.get_or_insert(&received.clock);
        }
    }
    let said = records.values().find_map(Record::limit_reached).and_then(|(frees_at, seconds)| {
        let at: jiff::Timestamp = frees_at.parse().ok()?;
        at.checked_sub(jiff::SignedDuration::from_secs(seconds)).ok()
    });
    said.map(|at| at.to_string()).or(first.cloned()).unwrap_or_default()
}
