//! One run: envelopes in, journal entries out. Each envelope is received, routed, offered to each matching operator in
//! name order, and each plan disposed of action by action.

use std::sync::Arc;

use super::bus::Batch;
use super::clock;
use super::dev_kernel::DevKernel;
use super::error::Error;
use super::keys::{OwnKeys, SharedKeys};
use super::ledger::{FileLedger, Ledger, Options, UnrecordedLedger};
use super::plan_files::PlanFiles;
use super::propose::{self, Asked};
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Disposal, State};
use crate::kernel::journal::{
    EnvelopeRef, Fact, Origin, Proposed, Received, Refused, Routed, RunEnded, RunKind, RunStarted, Source,
};
use crate::kernel::json::Raw;
use crate::kernel::plan::{Digits, ExecutionPlan};

mod approvals;
mod dispositions;
mod preview;

pub use dispositions::PlanInHand;

/// What kind of run it is.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Why it exists.
    pub kind: RunKind,
    /// Stop at the plan.
    pub propose_only: bool,
    /// The time author code sees for fixtures.
    pub now: String,
    /// How the ledger writes.
    pub ledger: Options,
}

/// An open run.
pub struct Run {
    ledger: Box<dyn Ledger>,
    state: State,
    keys: Box<dyn SharedKeys>,
    setup: Setup,
    plan_files: PlanFiles,
    counts: RunEnded,
    proposals: u64,
    actions: u64,
    /// Actions that wait for a person. They hold no lock and no key, so nothing waits for them.
    held: Vec<Disposal>,
    /// More plans than one are being disposed of, action by action in turn.
    takes_turns: bool,
}

/// An envelope on its way in.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The ten fields.
    pub envelope: Arc<EventEnvelope>,
    /// Whence.
    pub origin: Origin,
    /// On a rerun, of what and at which time.
    pub again: Option<(EnvelopeRef, String)>,
    /// What was odd about it.
    pub warnings: Vec<Diagnostic>,
    /// The time author code sees; that of its arrival, or the run's own, where none is given.
    pub clock: Option<String>,
}

impl Offer {
    /// One that comes for the first time.
    pub fn of(envelope: Arc<EventEnvelope>, origin: Origin, warnings: Vec<Diagnostic>) -> Self {
        Self { envelope, origin, again: None, warnings, clock: None }
    }
}

impl Run {
    /// Starts a run with the keys it shares with earlier ones.
    pub fn begin(store: &Store, kernel: &DevKernel, setup: Setup, state: State) -> Result<Self, Error> {
        let ledger = FileLedger::begin(store, setup.ledger)?;
        Self::with_ledger(ledger, kernel, setup, state)
    }

    /// Starts a run that is written nowhere: it disposes with stubs, and nobody hears of it.
    pub fn unrecorded(kernel: &DevKernel, now: String, state: State) -> Result<Self, Error> {
        let ledger = Options { sync: false, plan_files: false, persistent_keys: false };
        let setup = Setup { kind: RunKind::Replay, propose_only: false, now, ledger };
        Self::with_ledger(Box::new(UnrecordedLedger::default()), kernel, setup, state)
    }

    fn with_ledger(mut ledger: Box<dyn Ledger>, kernel: &DevKernel, setup: Setup, state: State) -> Result<Self, Error> {
        let started = RunStarted {
            run: ledger.run(),
            kind: setup.kind,
            tenant: kernel.workspace.config.tenant.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            propose_only: setup.propose_only,
            live_connections: Vec::new(),
            unconfined: kernel.workspace.hosts.options().unconfined,
            policy: kernel.policy.stamp.clone(),
        };
        ledger.append(clock::now(), Fact::RunStarted(started))?;
        let (plan_files, counts) = (PlanFiles::default(), RunEnded::default());
        let keys = Box::new(OwnKeys);
        let (proposals, actions, held, takes_turns) = (0, 0, Vec::new(), false);
        Ok(Self { ledger, state, keys, setup, plan_files, counts, proposals, actions, held, takes_turns })
    }

    /// Takes up the keys it shares with earlier runs, and with other runners, before it disposes of anything.
    pub fn share_keys(&mut self, state: State, keys: Box<dyn SharedKeys>) {
        (self.state, self.keys) = (state, keys);
    }

    /// The run's number.
    pub fn number(&self) -> u32 {
        self.ledger.run()
    }

    /// The time author code sees for fixtures.
    pub fn fixture_clock(&self) -> &str {
        &self.setup.now
    }

    /// What it has counted so far.
    pub fn counts(&self) -> &RunEnded {
        &self.counts
    }

    /// Writes a fact that concerns no envelope.
    pub fn note(&mut self, fact: Fact) -> Result<(), Error> {
        self.ledger.append(clock::now(), fact)
    }

    /// Records something that was offered and is no envelope, or how many more such things there were.
    pub fn refuse(&mut self, origin: Origin, diagnostics: Vec<Diagnostic>, count: u64) -> Result<(), Error> {
        self.counts.refused += count;
        self.note(Fact::Refused(Refused { origin, envelope: None, diagnostics, count }))
    }

    /// Lets operators begin with an envelope that is going to be offered with that clock, after those they were told of
    /// before. Nothing of it is recorded until it is: what is in the journal is the same without this.
    pub fn expect(&self, kernel: &mut DevKernel, envelope: &EventEnvelope, clock: &str) {
        if envelope.tenant_id != kernel.workspace.config.tenant {
            return;
        }
        for route in kernel.roster.recipients(envelope) {
            propose::expect(kernel, &route.operator, envelope, clock);
        }
    }

    /// Takes an envelope all the way; gives its ordinal, or none when it was refused.
    pub fn offer(&mut self, kernel: &mut DevKernel, offer: Offer) -> Result<Option<u64>, Error> {
        let tenant = &kernel.workspace.config.tenant;
        let Offer { envelope, origin, again, warnings, clock } = offer;
        if envelope.tenant_id != *tenant {
            let fault = Diagnostic::error(format!("tenant `{}` is not `{tenant}`", envelope.tenant_id))
                .at_pointer("/tenant_id");
            let fault = Diagnostic { file: origin.file.clone(), line: origin.line, ..fault }
                .help(format!("an envelope's `tenant_id` is the local tenant, `{tenant}`"));
            self.counts.refused += 1;
            self.note(Fact::Refused(Refused { origin, envelope: Some(envelope), diagnostics: vec![fault], count: 1 }))?;
            return Ok(None);
        }
        self.counts.envelopes += 1;
        let arrival = self.counts.envelopes;
        let at = clock::now();
        let source = if again.is_some() { Source::Rerun } else { origin.source };
        let (rerun_of, time) = match again {
            Some((of, time)) => (Some(of), time),
            None => (None, clock.unwrap_or_else(|| self.clock_of(origin.source, &at))),
        };
        let received =
            Received { arrival, envelope: Arc::clone(&envelope), origin, clock: time.clone(), rerun_of, warnings };
        self.ledger.append(at, Fact::Received(received))?;
        let routed = self.route(kernel, arrival, &envelope)?;
        let mut plans = Vec::new();
        for operator in routed {
            for fault in kernel.tape.save_in_time() {
                self.note(Fact::Noticed(fault))?;
            }
            plans.extend(self.propose(kernel, arrival, &envelope, &operator, &time, source)?);
        }
        if !self.setup.propose_only && (source != Source::Rerun || self.disposes_again()) {
            self.dispose(kernel, arrival, &envelope, plans)?;
        }
        Ok(Some(arrival))
    }

    /// The time author code sees for what comes by that way at `at`.
    fn clock_of(&self, source: Source, at: &str) -> String {
        match source {
            Source::Live => at.to_owned(),
            Source::Schedule if self.setup.kind == RunKind::Live => at.to_owned(),
            _ => self.setup.now.clone(),
        }
    }

    /// True where what runs again is disposed of again: in a run of its own.
    fn disposes_again(&self) -> bool {
        self.setup.kind == RunKind::Replay
    }

    fn route(&mut self, kernel: &DevKernel, arrival: u64, envelope: &EventEnvelope) -> Result<Vec<String>, Error> {
        let to = kernel.roster.recipients(envelope);
        let nearest = if to.is_empty() { kernel.roster.nearest(&envelope.event_type) } else { None };
        self.counts.unrouted += u64::from(to.is_empty());
        let names = to.iter().map(|route| route.operator.clone()).collect();
        self.note(Fact::Routed(Routed { arrival, to, nearest }))?;
        Ok(names)
    }

    /// Asks an operator; gives what is to be disposed of.
    fn propose(
        &mut self,
        kernel: &mut DevKernel,
        arrival: u64,
        envelope: &Arc<EventEnvelope>,
        operator: &str,
        time: &str,
        source: Source,
    ) -> Result<Option<PlanInHand>, Error> {
        let Asked { plan, reads, reasoned, logs, revision, micros, over_limit } =
            propose::ask(kernel, operator, envelope, time);
        let most = kernel.workspace.config.limits.actions_per_plan.0;
        let over_limit = over_limit.or_else(|| plan.as_ref().ok().and_then(|plan| too_many_actions(plan, most)));
        let (plan, typed, failure) = match plan {
            // Its text is not kept either: what is over a limit may be of any size.
            Ok(_) if let Some(reason) = &over_limit => {
                let fault = Diagnostic::error(format!("what {operator} returned is over a limit: {reason}"));
                (None, None, Some(fault.help("`[limits]` in `fibric.toml` says what a plan may hold")))
            }
            Ok(raw) => match ExecutionPlan::parse(raw.as_str(), Digits::Float) {
                Ok(typed) => (Some(raw), Some(typed), None),
                Err(faults) => {
                    let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
                    let fault = Diagnostic::error(format!("what {operator} returned is no plan: {}", said.join("; ")))
                        .help("a plan is `{ reasoning?, actions: [] }`; to refuse, return empty `actions`");
                    (Some(raw), None, Some(fault))
                }
            },
            Err(failure) => (None, None, Some(failure)),
        };
        let operator_version = kernel.roster.pack_of(operator).map(|pack| pack.identity.clone());
        self.counts.plans += u64::from(typed.is_some());
        self.proposals += 1;
        let plan_id = format!("pl_{}_{}", self.number(), self.proposals);
        // Live input goes on for days, and its plans are in the journal.
        let in_a_file = typed.is_some()
            && self.setup.ledger.plan_files
            && (source == Source::Fixture || source == Source::Schedule && self.setup.kind != RunKind::Live);
        let file = in_a_file.then(|| self.plan_files.name(&envelope.correlation_id, operator));
        let would = match &typed {
            Some(plan) if source == Source::Rerun && !self.disposes_again() => {
                Self::would(kernel, arrival, envelope, operator, &plan_id, plan)
            }
            _ => Vec::new(),
        };
        let proposed = Proposed {
            arrival,
            plan_id: plan_id.clone(),
            operator: operator.to_owned(),
            operator_version: operator_version.clone(),
            revision,
            plan,
            failure,
            reads,
            reasoned,
            logs,
            micros,
            file,
            would,
        };
        self.note(Fact::Proposed(proposed))?;
        let in_hand = match (typed, over_limit) {
            (Some(plan), _) => Some(PlanInHand::of(operator, plan_id, plan)),
            (None, Some(reason)) => Some(PlanInHand::invalid(operator, plan_id, reason)),
            (None, None) => None,
        };
        Ok(in_hand.map(|plan| PlanInHand { operator_version, ..plan }))
    }

    /// True when enough is pending to be worth a commit.
    pub fn is_group_full(&self) -> bool {
        self.ledger.is_group_full()
    }

    /// Makes everything so far durable and gives it out.
    pub fn commit(&mut self) -> Result<Option<Batch>, Error> {
        self.ledger.commit()
    }

    /// Gives a full group to the disk and goes on; gives out what is durable by now.
    pub fn hand_over(&mut self) -> Result<Option<Batch>, Error> {
        self.ledger.hand_over()
    }

    /// Ends the run.
    pub fn end(mut self) -> Result<(RunEnded, Option<Batch>), Error> {
        self.note(Fact::RunEnded(self.counts.clone()))?;
        let counts = self.counts;
        Ok((counts, self.ledger.close()?))
    }
}

pub(super) fn check_input(
    kernel: &mut DevKernel,
    connector: &str,
    tool_name: &str,
    args: &Raw,
) -> Result<Raw, Vec<String>> {
    match kernel.roster.connector(connector).and_then(|slot| slot.host.as_mut()) {
        Some(host) => host.check_input(tool_name, args),
        None => Err(vec![format!("connector {connector} is not loaded")]),
    }
}

/// Says that a plan has more actions than it may, without making anything of them.
fn too_many_actions(plan: &Raw, most: usize) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Counted {
        actions: Vec<serde::de::IgnoredAny>,
    }
    let counted = serde_json::from_str::<Counted>(plan.as_str()).ok()?;
    let count = counted.actions.len();
    (count > most).then(|| format!("the plan has {count} actions, at most {most} are disposed of"))
}
