//! One thing otherwise: what can be, and the future that comes of it beside the one that was.

use std::sync::Arc;

use super::Replay;
use super::prompt::{self, Ask};
use crate::console::screen::Effect;
use crate::kernel::receipt::Ruling;
use crate::replayer::fork::{self, Fork, OtherPolicy, Recorded};
use crate::replayer::stages::{ActionView, Around, StageView};
use crate::replayer::{Stage, StateView};

/// What can be otherwise.
#[derive(Debug)]
pub struct ForkMenu {
    /// The choices, each by name.
    pub choices: Vec<Choice>,
    /// Index of the selected one.
    pub at: usize,
}

/// One choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The entity was locked.
    LockHeld,
    /// The key was used.
    KeyUsed,
    /// The key was new.
    KeyUnused,
    /// The handler failed.
    HandlerFails,
    /// Another policy judged.
    Policy,
    /// Other code of the operator proposed.
    Revision,
}

impl Choice {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::LockHeld => "the lock is held",
            Self::KeyUsed => "the key was used",
            Self::KeyUnused => "the key was unused",
            Self::HandlerFails => "the handler fails",
            Self::Policy => "another policy, from a file",
            Self::Revision => "another revision of the operator",
        }
    }

    /// The stage at which it matters.
    pub fn stage(self) -> Stage {
        match self {
            Self::Revision => Stage::Validate,
            Self::Policy => Stage::Policy,
            Self::LockHeld => Stage::Lock,
            Self::KeyUsed | Self::KeyUnused => Stage::Dedup,
            Self::HandlerFails => Stage::Handler,
        }
    }
}

/// Two futures of an action.
#[derive(Debug)]
pub struct Futures {
    /// The entry it is of.
    entry: u32,
    /// What is otherwise.
    pub name: String,
    /// The stages as they were.
    pub as_it_ran: Vec<StageView>,
    /// The stages, one thing being otherwise.
    pub forked: Vec<StageView>,
    /// The first stage that is not the same.
    pub first: Option<Stage>,
}

/// Opens the list of what can be otherwise, at the stage in focus; or closes it.
pub fn toggle(replay: &mut Replay) {
    if replay.fork_menu.take().is_some() {
        return;
    }
    let Some(action) = &replay.scene.action else { return };
    let used = action.disposed.receipt.verdict.decision == Ruling::Dedup;
    let key = if used { Choice::KeyUnused } else { Choice::KeyUsed };
    let choices = vec![Choice::Revision, Choice::Policy, Choice::LockHeld, key, Choice::HandlerFails];
    let now = replay.scene.stage().unwrap_or(Stage::Policy);
    let at = choices.iter().position(|choice| choice.stage() >= now).unwrap_or(choices.len() - 1);
    replay.fork_menu = Some(ForkMenu { choices, at });
    replay.transport.pause();
}

/// Forks as chosen.
pub fn pick(replay: &mut Replay, at: usize) -> Vec<Effect> {
    let Some(menu) = replay.fork_menu.take() else { return Vec::new() };
    let fork = match menu.choices.get(at) {
        Some(Choice::LockHeld) => Fork::LockHeld,
        Some(Choice::KeyUsed) => Fork::KeyUsed,
        Some(Choice::KeyUnused) => Fork::KeyUnused,
        Some(Choice::HandlerFails) => Fork::HandlerFails,
        Some(Choice::Policy) => {
            replay.prompt = Some(prompt::open(replay, Ask::Policy));
            return Vec::new();
        }
        Some(Choice::Revision) => {
            replay.prompt = Some(prompt::open(replay, Ask::Revision));
            return Vec::new();
        }
        None => return Vec::new(),
    };
    forked(replay, &fork)
}

/// Another policy's rules were read, and its predicates asked about that action.
pub fn under(replay: &mut Replay, file: &str, receipt: &str, policy: Result<Arc<OtherPolicy>, String>) -> Vec<Effect> {
    match policy {
        // A person has gone on meanwhile.
        Ok(_) if replay.scene.receipt() != Some(receipt) => Vec::new(),
        Ok(policy) => forked(replay, &Fork::Policy(policy, file.into())),
        Err(fault) => vec![Effect::say(fault)],
    }
}

fn forked(replay: &mut Replay, fork: &Fork) -> Vec<Effect> {
    let (Some(action), Some(received), Some(tape)) = (&replay.scene.action, &replay.scene.received, &replay.tape)
    else {
        return vec![Effect::say("no action is at hand")];
    };
    let disposed = &action.disposed;
    let policy = disposed.receipt.policy_digest.as_deref().and_then(|digest| replay.policies.of(digest));
    let recorded = Recorded {
        envelope: &received.envelope,
        disposed,
        proposed: action.proposed.as_ref(),
        policy: policy.map(AsRef::as_ref),
    };
    // What the executor makes of it as it was has to be what was recorded: else a fork would say nothing.
    let (was, is) = match (fork::again(recorded), fork::futures(recorded, fork)) {
        (Ok(was), Ok(is)) => (was, is),
        (Err(why), _) | (_, Err(why)) => return vec![Effect::say(why.to_string())],
    };
    if was.receipt.verdict.decision != disposed.receipt.verdict.decision {
        return vec![Effect::say("the executor does not come to what was recorded; this cannot be forked")];
    }
    let entry = replay.scene.at.entry;
    let views = |disposed| {
        let state = StateView::before(&tape.index, entry);
        let view = ActionView {
            disposed,
            proposed: action.proposed.as_ref(),
            state,
            claimer: None,
            kind: replay.kind(),
            around: Around::default(),
        };
        Stage::ALL.into_iter().map(|stage| view.stage(stage)).collect::<Vec<_>>()
    };
    let (as_it_ran, forked) = (views(disposed), views(&is));
    let differs = |(was, is): &(&StageView, &StageView)| (was.standing, &was.says) != (is.standing, &is.says);
    let first = as_it_ran.iter().zip(&forked).find(differs).map(|(was, _)| was.stage);
    replay.futures = Some(Futures { entry, name: fork.name(), as_it_ran, forked, first });
    Vec::new()
}

/// A fork is of one action: elsewhere there is none.
pub fn fit(replay: &mut Replay) {
    let entry = replay.scene.at.entry;
    replay.futures = replay.futures.take().filter(|futures| futures.entry == entry);
    if replay.scene.action.is_none() {
        replay.fork_menu = None;
    }
}
