//! Golden plans: what a replay proposes is held against what was recorded of the same envelopes, and recorded anew where
//! that is asked for. A reader of entries like any other: it changes nothing of a run.
//!
//! An envelope is known by its digest and by its place among those that are alike in its file, so that lines may be
//! added to a fixture file, and moved in it, without a difference.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cassette::lines::Lines;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Entry, Fact, Origin, Proposed, Source};
use crate::kernel::json::Raw;
use crate::workspace::Workspace;
use crate::workspace::fixtures;
use crate::workspace::recordings::{GoldenPlan, digest, golden_path, read_golden};
pub use accept::accept;
pub use finding::{Finding, State};
use finding::{reasoning, unlike};
pub use of_run::of_run;
pub use record::Recording;

mod accept;
mod finding;
mod of_run;
mod record;
#[cfg(test)]
mod tests;

/// An envelope of a fixture file: its digest, and which of those that are alike.
type Key = (String, u32);

/// The golden plans of a replay's files.
#[derive(Debug, Default)]
pub struct Golden {
    files: Vec<Recorded>,
    /// By the name that stands in entries.
    by_name: HashMap<String, usize>,
    in_hand: Option<SelectedEnvelope>,
    is_recording: bool,
    /// Which pass of the replay is being read.
    pass: u32,
    /// What was found, in the order of the replay.
    pub findings: Vec<Finding>,
    /// Plans that are as they were recorded.
    pub same: u64,
}

/// One fixture file, and what was recorded of it.
#[derive(Debug)]
struct Recorded {
    fixture: PathBuf,
    /// The fixture file's name.
    name: String,
    /// The recordings file's.
    path: PathBuf,
    shown: String,
    /// How often the file is played.
    times: u32,
    /// False where nothing was recorded of it yet.
    exists: bool,
    /// True where lines of it could not be read, or speak of one plan twice.
    broken: bool,
    /// What was recorded of each envelope.
    plans: HashMap<Key, Vec<RecordedPlan>>,
    /// How many envelopes of a digest were recorded.
    alike: HashMap<String, u32>,
    /// How many of a digest were seen in this pass.
    seen: HashMap<String, u32>,
    /// What is to be recorded.
    observed: Vec<Observed>,
}

/// A recorded line, and whether its envelope came.
#[derive(Debug)]
struct RecordedPlan {
    line: u32,
    plan: GoldenPlan,
    met: bool,
    /// True once something was found of it.
    told: bool,
}

/// The envelope that plans are being proposed for.
#[derive(Debug)]
struct SelectedEnvelope {
    file: usize,
    key: Key,
    line: Option<u32>,
    event_type: String,
    correlation_id: String,
    accepted: bool,
    /// True once no trigger matched.
    unrouted: bool,
    /// Who proposed what; none where it failed, with why.
    proposed: Vec<(String, Result<Raw, String>)>,
}

/// What came of an envelope, kept to be recorded.
#[derive(Debug)]
struct Observed {
    key: Key,
    event_type: String,
    correlation_id: String,
    unrouted: bool,
    proposed: Vec<(String, Option<Raw>)>,
}

impl Golden {
    /// Reads what was recorded of some fixture files, with what is wrong with it. What is no plain file has no recordings.
    pub fn open(workspace: &Workspace, files: &[PathBuf], is_recording: bool) -> (Self, Vec<Diagnostic>) {
        let mut golden = Self { is_recording, ..Self::default() };
        let mut faults = Vec::new();
        for fixture in files.iter().filter(|file| file.is_file()) {
            let name = workspace.shown(fixture);
            if let Some(at) = golden.by_name.get(&name) {
                golden.files[*at].times += 1;
                continue;
            }
            let path = golden_path(fixture);
            let shown = workspace.shown(&path);
            let read = read_golden(&path, &shown);
            if read.is_none() && !is_recording {
                continue;
            }
            let mut file = Recorded::of(fixture.clone(), name.clone(), path, shown, read.is_some());
            faults.extend(file.take(read.unwrap_or_default()));
            golden.by_name.insert(name, golden.files.len());
            golden.files.push(file);
        }
        (golden, faults)
    }

    /// Takes in an entry of pass 1 or 2.
    pub fn entry(&mut self, pass: u32, entry: &Entry) {
        if self.files.is_empty() {
            return;
        }
        if pass != self.pass {
            self.let_go();
            self.files.iter_mut().for_each(|file| file.seen.clear());
            self.pass = pass;
        }
        match &entry.fact {
            Fact::Received(received) => self.turn_to(&received.origin, &received.envelope, true),
            Fact::Refused(refused) => match &refused.envelope {
                Some(envelope) => self.turn_to(&refused.origin, envelope, false),
                None => self.let_go(),
            },
            Fact::Routed(routed) if routed.to.is_empty() => {
                if let Some(in_hand) = &mut self.in_hand {
                    in_hand.unrouted = true;
                }
            }
            Fact::Proposed(proposed) => self.proposed(proposed),
            _ => {}
        }
    }

    /// Ends the reading: what was recorded of envelopes that did not come is found. Where only some envelopes were
    /// selected, the fixture files are asked which are still there.
    pub fn finish(&mut self, selecting: bool) {
        self.let_go();
        for at in 0..self.files.len() {
            let there = selecting.then(|| self.files[at].order());
            let file = &self.files[at];
            let mut gone: Vec<_> = file
                .plans
                .iter()
                .filter(|(key, _)| there.as_ref().is_none_or(|there| !there.contains_key(*key)))
                .flat_map(|(_, plans)| plans)
                .filter(|known| !known.met && known.plan.operator.is_some())
                .map(|known| (known.line, Finding::gone(&file.name, &file.shown, known.line, &known.plan)))
                .collect();
            gone.sort_by_key(|(line, _)| *line);
            self.findings.extend(gone.into_iter().map(|(_, finding)| finding));
        }
    }

    /// How many findings make the replay fail: plans that are not what was recorded.
    pub fn failures(&self) -> usize {
        self.findings.iter().filter(|finding| finding.state.is_failure()).count()
    }

    /// True where plans are recorded, rather than held against what was.
    pub fn is_recording(&self) -> bool {
        self.is_recording
    }

    /// The files of golden plans that cannot be read whole.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|file| file.broken).map(|file| file.shown.as_str())
    }

    /// True where something was recorded of any file that is replayed.
    pub fn compares(&self) -> bool {
        self.files.iter().any(|file| file.exists)
    }

    fn turn_to(&mut self, origin: &Origin, envelope: &EventEnvelope, accepted: bool) {
        self.let_go();
        let named = origin.file.as_ref().filter(|_| origin.source == Source::Fixture);
        let Some(at) = named.and_then(|name| self.by_name.get(name)).copied() else { return };
        let file = &mut self.files[at];
        let digest = digest(envelope);
        let seen = file.seen.entry(digest.clone()).or_default();
        *seen += 1;
        let mut occurrence = *seen;
        // A file that is played several times is the same file each time.
        if let Some(alike) = file.alike.get(&digest).filter(|_| file.times > 1 && !self.is_recording) {
            occurrence = (occurrence - 1) % alike + 1;
        }
        self.in_hand = Some(SelectedEnvelope {
            file: at,
            key: (digest, occurrence),
            line: origin.line,
            event_type: envelope.event_type.clone(),
            correlation_id: envelope.correlation_id.clone(),
            accepted,
            unrouted: false,
            proposed: Vec::new(),
        });
    }

    fn proposed(&mut self, proposed: &Proposed) {
        let Some(in_hand) = &mut self.in_hand else { return };
        let plan = match (&proposed.failure, &proposed.plan) {
            (None, Some(plan)) => Ok(plan.clone()),
            (failure, _) => Err(failure.as_ref().map_or_else(String::new, |failure| failure.message.clone())),
        };
        in_hand.proposed.push((proposed.operator.clone(), plan));
    }

    /// Compares what came of the envelope in hand, and keeps it where it is to be recorded.
    fn let_go(&mut self) {
        let Some(in_hand) = self.in_hand.take() else { return };
        let file = &mut self.files[in_hand.file];
        let (same, findings) = file.compare(&in_hand, self.pass == 1);
        self.same += same;
        self.findings.extend(findings);
        if self.is_recording && in_hand.accepted && self.pass == 1 {
            file.observed.push(in_hand.observed());
        }
    }
}

impl SelectedEnvelope {
    fn found(&self, file: (&str, &str), operator: &str, state: State) -> Finding {
        Finding {
            file: file.0.to_owned(),
            line: self.line,
            recording: file.1.to_owned(),
            event_type: self.event_type.clone(),
            correlation_id: self.correlation_id.clone(),
            operator: Some(operator.to_owned()),
            key: self.key.clone(),
            state,
            breaks_dedup: Vec::new(),
            recorded_at: None,
            now: self.plan_of(operator).cloned(),
            unrouted: self.unrouted,
            failed: self.proposed.iter().any(|(name, plan)| name == operator && plan.is_err()),
        }
    }

    fn plan_of(&self, operator: &str) -> Option<&Raw> {
        self.proposed.iter().find(|(name, _)| name == operator)?.1.as_ref().ok()
    }

    /// What has become of a recorded plan; nothing where it is the same in all.
    fn state_of(&self, operator: &str, recorded: &Raw) -> Option<State> {
        match self.proposed.iter().find(|(name, _)| name == operator).map(|(_, plan)| plan) {
            Some(Ok(now)) => match (unlike(recorded, now), reasoning(recorded, now)) {
                (Some(difference), reasoning) => Some(State::Differs { difference, reasoning }),
                (None, reasoning) => reasoning.map(|difference| State::Reasoning { difference }),
            },
            Some(Err(why)) => Some(State::Missing { why: format!("{operator} failed: {why}") }),
            None if !self.accepted => Some(State::Missing { why: "the envelope is refused".to_owned() }),
            None => Some(State::Missing { why: format!("{operator} is not asked any more") }),
        }
    }

    fn observed(self) -> Observed {
        Observed {
            key: self.key,
            event_type: self.event_type,
            correlation_id: self.correlation_id,
            unrouted: self.unrouted,
            proposed: self.proposed.into_iter().map(|(operator, plan)| (operator, plan.ok())).collect(),
        }
    }
}

impl Recorded {
    fn of(fixture: PathBuf, name: String, path: PathBuf, shown: String, exists: bool) -> Self {
        Self {
            fixture,
            name,
            path,
            shown,
            times: 1,
            exists,
            broken: false,
            plans: HashMap::new(),
            alike: HashMap::new(),
            seen: HashMap::new(),
            observed: Vec::new(),
        }
    }

    /// Takes over what was read; gives what is wrong with it.
    fn take(&mut self, read: Lines<GoldenPlan>) -> Vec<Diagnostic> {
        let mut faults = read.faults;
        for (line, plan) in read.sound {
            let most = self.alike.entry(plan.envelope.clone()).or_default();
            *most = plan.occurrence.max(*most);
            let recorded = self.plans.entry((plan.envelope.clone(), plan.occurrence)).or_default();
            if let Some(first) = recorded.iter().find(|known| known.plan.operator == plan.operator) {
                let said = format!("this plan is recorded in line {} already", first.line);
                let fault = Diagnostic::error(said).in_file(&*self.shown).help("leave one of them, or record it anew");
                faults.push(Diagnostic { line: Some(line), ..fault });
                continue;
            }
            recorded.push(RecordedPlan { line, plan, met: false, told: false });
        }
        self.broken = !faults.is_empty();
        faults
    }

    /// Holds what came of an envelope against what was recorded of it: how many plans are the same, and what is found of
    /// the others. In a second pass only what the first did not find is.
    fn compare(&mut self, in_hand: &SelectedEnvelope, is_first: bool) -> (u64, Vec<Finding>) {
        let (names, mut same, mut findings) = ((&*self.name, &*self.shown), 0, Vec::new());
        let plans = in_hand.proposed.iter().filter_map(|(operator, plan)| Some((operator, plan.as_ref().ok()?)));
        // A line that cannot be read may be of any plan.
        let says_of_others = self.exists && !self.broken && in_hand.accepted && is_first;
        let Some(recorded) = self.plans.get_mut(&in_hand.key) else {
            let new = plans.filter(|_| says_of_others).map(|(name, _)| in_hand.found(names, name, State::New));
            return (0, new.collect());
        };
        for known in recorded.iter_mut() {
            known.met = true;
            let Some(operator) = &known.plan.operator else { continue };
            let state = in_hand.state_of(operator, &known.plan.plan);
            same += u64::from(is_first && !state.as_ref().is_some_and(State::is_failure));
            if let Some(state) = state.filter(|_| !known.told) {
                known.told = true;
                let found = in_hand.found(names, operator, state);
                let breaks_dedup =
                    found.now.as_ref().map_or_else(Vec::new, |now| finding::keys_unlike(&known.plan.plan, now));
                findings.push(Finding { recorded_at: Some(known.line), breaks_dedup, ..found });
            }
        }
        let is_recorded = |name: &String| recorded.iter().any(|known| known.plan.operator.as_ref() == Some(name));
        let others = plans.filter(|(name, _)| says_of_others && !is_recorded(name));
        findings.extend(others.map(|(name, plan)| in_hand.found(names, name, State::unexpected(plan))));
        (same, findings)
    }

    /// Where each envelope of the fixture file stands in it.
    fn order(&self) -> HashMap<Key, usize> {
        order(&self.fixture, &self.name)
    }
}

/// Where each envelope of a fixture file stands in it.
fn order(fixture: &Path, name: &str) -> HashMap<Key, usize> {
    let (mut order, mut seen) = (HashMap::new(), HashMap::<String, u32>::new());
    for offered in fixtures::open(fixture, name).into_iter().flatten() {
        if let fixtures::Offered::Envelope { envelope, .. } = offered {
            let digest = digest(&envelope);
            let occurrence = seen.entry(digest.clone()).or_default();
            *occurrence += 1;
            order.insert((digest, *occurrence), order.len());
        }
    }
    order
}
