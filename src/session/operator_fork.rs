//! What another revision of an operator would have proposed for a recorded envelope, and what would have come of it: its
//! code runs in the confined child, the executor disposes over the keys that the run had by then, and every handler is a
//! stub. Nothing is written.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::dev_kernel::DevKernel;
use super::error::Error;
use super::propose;
use super::run::check_input;
use super::run_diff::number_of;
use super::state_files::{self, Access};
use super::store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::{Answer, Disposal, Hold, Next, State, Ticket, Turn, take_turns};
use crate::kernel::journal::{Disposed, Entry, Fact, PolicyStamp, Proposed, Received, RunKind};
use crate::kernel::json::{Difference, Raw, between};
use crate::kernel::plan::{Digits, ExecutionPlan, ProposedAction};
use crate::kernel::policy::PolicySet;
use crate::workspace::Workspace;
use crate::workspace::git_revision::GitRevision;

/// Files of one revision that are read.
const MOST_FILES: usize = 100;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The run.
    pub run: u32,
    /// The envelope, by its ordinal.
    pub arrival: u64,
    /// The operator.
    pub operator: String,
    /// A file with its code, or a git revision.
    pub revision: String,
}

/// A plan, and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Future {
    /// Digest of the code.
    pub revision: String,
    /// The plan, exactly as proposed; none where author code gave none.
    pub plan: Option<Raw>,
    /// Why it is so, by its own words.
    pub reasoning: Option<String>,
    /// Why there is no plan.
    pub failure: Option<String>,
    /// How its actions end.
    pub disposed: Vec<Disposed>,
}

/// Both futures of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Futures {
    /// As it was recorded.
    pub recorded: Future,
    /// With the other code.
    pub revised: Future,
    /// Where the plans differ first.
    pub difference: Option<Difference>,
}

/// Asks the other revision.
pub fn futures(root: &Path, question: &Question) -> Result<Futures, Diagnostic> {
    let workspace = Workspace::open(root)?;
    let scene = Scene::read(&workspace.state_dir(), question)?;
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    kernel.hold = Hold::default();
    judge_as_then(&mut kernel, &scene)?;
    // With what was proposed then, this kernel has to come to what was recorded: else it would say nothing of another.
    let own = scene.own(&question.operator)?;
    let again = scene.dispose(&mut kernel, &question.operator, None);
    let decisions = |disposed: &[Disposed]| disposed.iter().map(|end| end.receipt.verdict.decision).collect::<Vec<_>>();
    let recorded = scene.disposed.get(&own.plan_id).cloned().unwrap_or_default();
    if decisions(&again) != decisions(&recorded) {
        let fault =
            "with the recorded plan this workspace does not come to what was recorded; no other can be compared";
        return Err(
            Diagnostic::error(fault).help("replay the envelope first: what is bound or loaded is not what it was")
        );
    }
    let digest = put_in_place(&mut kernel, question)?;
    let asked = propose::ask(&mut kernel, &question.operator, &scene.received.envelope, &scene.received.clock);
    let mut revised = Future { revision: digest, ..Future::default() };
    match asked.plan {
        Ok(raw) => match ExecutionPlan::parse(raw.as_str(), Digits::Float) {
            Ok(plan) => {
                revised.disposed = scene.dispose(&mut kernel, &question.operator, Some(&plan.actions));
                (revised.reasoning, revised.plan) = (plan.reasoning, Some(raw));
            }
            Err(faults) => {
                let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
                (revised.failure, revised.plan) = (Some(format!("it is no plan: {}", said.join("; "))), Some(raw));
            }
        },
        Err(failure) => revised.failure = Some(failure.message),
    }
    let (old, new) = (own.plan.as_ref().map(Raw::value), revised.plan.as_ref().map(Raw::value));
    let difference = between("plan", old.as_ref(), new.as_ref());
    let recorded = Future {
        revision: own.revision.clone(),
        plan: own.plan.clone(),
        reasoning: own.typed().and_then(|plan| plan.reasoning),
        failure: own.failure.as_ref().map(|fault| fault.message.clone()),
        disposed: recorded,
    };
    Ok(Futures { recorded, revised, difference })
}

/// Judges by the rules that were in force then.
fn judge_as_then(kernel: &mut DevKernel, scene: &Scene) -> Result<(), Diagnostic> {
    let Some(then) = &scene.stamp else { return Ok(()) };
    if kernel.policy.stamp.digest == then.digest {
        return Ok(());
    }
    if then.ruleset.iter().any(|rule| rule.predicate.is_some()) {
        let fault = "the policy of then asks predicates, and is not the one that is there now";
        return Err(Diagnostic::error(fault).help("put the policy of then back, or replay the envelope under this one"));
    }
    kernel.policy.rules = Arc::new(PolicySet::compile(then.ruleset.clone()));
    kernel.policy.stamp = (**then).clone();
    Ok(())
}

/// Loads the other code in the place of the operator's; gives its digest.
fn put_in_place(kernel: &mut DevKernel, question: &Question) -> Result<String, Diagnostic> {
    let (operator, name) = (&question.operator, &question.revision);
    let root = kernel.workspace.root.clone();
    let file = root.join(name);
    if file.is_file() {
        let file =
            file.canonicalize().map_err(|error| Diagnostic::error(format!("`{name}` cannot be read: {error}")))?;
        // A file from elsewhere imports what lies beside it.
        let root = if file.starts_with(&root) { root } else { file.parent().unwrap_or(&file).to_path_buf() };
        let workspace = kernel.workspace.clone();
        return kernel.roster.replace_operator(&workspace, operator, (&root, &file)).map_err(|(fault, _)| fault);
    }
    let Some(entry) = kernel.roster.operator_file(operator) else {
        let fault =
            Diagnostic::error(format!("operator {operator} is not loaded, so nothing says which file it was in"));
        return Err(fault.help("name the file with the other code"));
    };
    let revision = GitRevision::find(&root, name)?;
    let folder = tempfile::tempdir().map_err(|error| Diagnostic::error(format!("cannot make a folder: {error}")))?;
    let copy = folder.path().canonicalize().unwrap_or_else(|_| folder.path().to_path_buf());
    let relative = entry.strip_prefix(&root).unwrap_or(&entry).to_path_buf();
    if !check_out(&revision, (&root, &copy), &relative)? {
        return Err(Diagnostic::error(format!("`{}` was not there at `{name}`", relative.display())));
    }
    let workspace = kernel.workspace.clone();
    // What it imports is found as it is looked for.
    for _ in 0..MOST_FILES {
        let (fault, files) = match kernel.roster.replace_operator(&workspace, operator, (&copy, &copy.join(&relative)))
        {
            Ok(digest) => return Ok(digest),
            Err(told) => told,
        };
        let missing = files.iter().filter(|file| !file.exists()).filter_map(|file| file.strip_prefix(&copy).ok());
        let mut found = false;
        for path in missing {
            found |= check_out(&revision, (&root, &copy), path)?;
        }
        if !found {
            return Err(fault);
        }
    }
    Err(Diagnostic::error(format!("`{}` at `{name}` is made of more than {MOST_FILES} files", relative.display())))
}

/// Writes a file of a revision below another folder; false where the revision has none.
fn check_out(revision: &GitRevision, (root, copy): (&Path, &Path), path: &Path) -> Result<bool, Diagnostic> {
    let Some(text) = revision.file(root, path)? else { return Ok(false) };
    let to: PathBuf = copy.join(path);
    let written = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&to, text));
    written.map_err(|error| Diagnostic::error(format!("cannot write `{}`: {error}", path.display())))?;
    Ok(true)
}

/// An envelope, its plans, and the state they met.
struct Scene {
    received: Received,
    plans: Vec<Proposed>,
    /// How the actions of each plan ended, in the order in which they began.
    disposed: BTreeMap<String, Vec<Disposed>>,
    state: State,
    stamp: Option<Arc<PolicyStamp>>,
    kind: Option<RunKind>,
}

impl Scene {
    fn read(state_dir: &Path, question: &Question) -> Result<Self, Diagnostic> {
        let path = store::journal_in(state_dir, question.run);
        let unread = |error| Error::disk("read", &path)(error).diagnostic();
        let file = state_files::open(&path, Access::Read).map_err(unread)?;
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let (mut state, mut stamp, mut kind) = (State::default(), None, None);
        let mut found: Option<Self> = None;
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(unread)? == 0 {
                break;
            }
            let Ok(Entry { fact, .. }) = serde_json::from_slice::<Entry>(&line) else { continue };
            match (fact, &mut found) {
                (Fact::RunStarted(started), _) => {
                    kind = Some(started.kind);
                    stamp = Some(Arc::new(started.policy));
                }
                (Fact::PolicyLoaded(loaded), None) => stamp = Some(Arc::new(loaded)),
                (Fact::Disposed(disposed), None) => state.apply(&disposed),
                (Fact::Received(received), None) if received.arrival == question.arrival => {
                    let (plans, disposed) = (Vec::new(), BTreeMap::new());
                    let (state, stamp) = (std::mem::take(&mut state), stamp.clone());
                    found = Some(Self { received, plans, disposed, state, stamp, kind });
                }
                (Fact::Proposed(proposed), Some(scene)) if proposed.arrival == question.arrival => {
                    scene.plans.push(proposed);
                }
                (Fact::Disposed(disposed), Some(scene)) if disposed.arrival == question.arrival => {
                    scene.disposed.entry(disposed.receipt.plan_id.clone()).or_default().push(disposed);
                }
                _ => {}
            }
        }
        let mut scene = found
            .ok_or_else(|| Diagnostic::error(format!("run {} has no envelope {}", question.run, question.arrival)))?;
        for ends in scene.disposed.values_mut() {
            ends.sort_by_key(|end| number_of(&end.receipt.action_id));
        }
        Ok(scene)
    }

    fn own(&self, operator: &str) -> Result<&Proposed, Diagnostic> {
        let own = self.plans.iter().find(|plan| plan.operator == operator);
        own.ok_or_else(|| Diagnostic::error(format!("{operator} was not asked about this envelope")))
    }

    /// What comes of all plans of the envelope side by side, an operator's actions being others where they are given; the
    /// ends of that operator's.
    fn dispose(&self, kernel: &mut DevKernel, operator: &str, other: Option<&[ProposedAction]>) -> Vec<Disposed> {
        let mut state = self.state.clone();
        let mut lanes: Vec<Lane> = Vec::new();
        for (number, plan) in self.plans.iter().enumerate() {
            let actions = match other {
                Some(actions) if operator == plan.operator => actions.to_vec(),
                _ => plan.typed().map_or_else(Vec::new, |typed| typed.actions),
            };
            let envelope = &self.received.envelope;
            kernel.ask_predicates_ahead(&plan.operator, &actions.iter().cloned().collect(), envelope);
            lanes.push(Lane { number, begun: 0, actions: actions.into(), open: None, ended: Vec::new() });
        }
        let turns: Result<(), Infallible> = take_turns(&mut lanes, |lane, in_vain| {
            let Some((mut disposal, mut answer)) = lane.open.take().or_else(|| self.next_action(lane)) else {
                return Ok(Turn::Over);
            };
            if in_vain {
                answer = Answer::WaitedTooLong;
            }
            let answer = match disposal.advance(&mut state, kernel, answer, &self.received.clock) {
                Next::CheckInput { connector, tool_name, args } => {
                    Answer::Input(check_input(kernel, &connector, &tool_name, &args))
                }
                Next::Hold => Answer::Nobody,
                Next::Claim { .. } => Answer::Claimed,
                // INVARIANT: whatever the binding says, what is only supposed calls no handler.
                Next::Call { args, .. } => Answer::Handled(Ok(args)),
                Next::Wait { .. } => {
                    lane.open = Some((disposal, Answer::Go));
                    return Ok(Turn::Waits);
                }
                Next::Done(finish) => {
                    lane.ended.push(finish.disposed);
                    return Ok(Turn::Moved);
                }
                Next::Ended => return Ok(Turn::Moved),
            };
            lane.open = Some((disposal, answer));
            Ok(Turn::Moved)
        });
        let Ok(()) = turns;
        let own = lanes.into_iter().find(|lane| self.plans[lane.number].operator == operator);
        own.map_or_else(Vec::new, |lane| lane.ended)
    }

    fn next_action(&self, lane: &mut Lane) -> Option<(Disposal, Answer)> {
        let proposed = lane.actions.pop_front()?;
        let plan = &self.plans[lane.number];
        lane.begun += 1;
        // By the ids that were recorded, as far as there are any: what is deduplicated says against which.
        let recorded = self.disposed.get(&plan.plan_id).and_then(|ends| ends.get(lane.begun - 1));
        let id = |kind: &str| format!("{kind}_{}.{}", plan.plan_id, lane.begun);
        let ticket = Ticket {
            envelope: Arc::clone(&self.received.envelope),
            arrival: self.received.arrival,
            operator: plan.operator.clone(),
            operator_version: plan.operator_version.clone(),
            plan_id: plan.plan_id.clone(),
            action_id: recorded.map_or_else(|| id("ac"), |end| end.receipt.action_id.clone()),
            receipt_id: recorded.map_or_else(|| id("rc"), |end| end.receipt.id.clone()),
            clock: (self.kind != Some(RunKind::Live)).then(|| self.received.clock.clone()),
        };
        Some((Disposal::new(ticket, proposed), Answer::Go))
    }
}

/// A plan whose actions are disposed of one after another.
struct Lane {
    /// Which of the envelope's plans.
    number: usize,
    begun: usize,
    actions: VecDeque<ProposedAction>,
    open: Option<(Disposal, Answer)>,
    ended: Vec<Disposed>,
}
