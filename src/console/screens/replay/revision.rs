//! Another revision of an operator: what it would have proposed for the envelope at hand, and what would have come of it,
//! beside what was recorded.

use std::sync::Arc;

use super::{ID, Replay};
use crate::console::screen::Effect;
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::JournalRequest;
use crate::console::widgets::Motion;
use crate::session::operator_fork::{Futures, Question};

/// Both futures of a plan.
#[derive(Debug)]
pub struct RevisionFork {
    /// What was asked.
    pub question: Question,
    /// What was told.
    pub futures: Arc<Futures>,
    /// The first action in view.
    pub top: usize,
}

impl RevisionFork {
    /// How many actions the longer of both plans has.
    pub fn actions(&self) -> usize {
        self.futures.recorded.disposed.len().max(self.futures.revised.disposed.len())
    }

    /// Moves among the actions.
    pub fn go(&mut self, motion: Motion) {
        self.top = motion.applied(self.top, 4, self.actions());
    }

    /// The first action that ends otherwise, counted from 0.
    pub fn first(&self) -> Option<usize> {
        let ends = |at: usize| {
            let of = |disposed: &[crate::kernel::journal::Disposed]| {
                disposed.get(at).map(|end| {
                    let receipt = &end.receipt;
                    let is = crate::kernel::plan::PlannedAction::from(&**receipt);
                    (is, receipt.verdict.decision, receipt.outcome)
                })
            };
            (of(&self.futures.recorded.disposed), of(&self.futures.revised.disposed))
        };
        (0..self.actions()).find(|at| {
            let (was, is) = ends(*at);
            was != is
        })
    }
}

/// Asks a file, or a git revision, about the envelope and the operator of the action at hand.
pub fn ask(replay: &Replay, text: &str) -> Result<Vec<Effect>, String> {
    if text.is_empty() {
        return Err("say a file, or a git revision".to_owned());
    }
    let (Some(action), Some(tape)) = (&replay.scene.action, &replay.tape) else {
        return Err("no action is at hand".to_owned());
    };
    let question = Question {
        run: tape.run,
        arrival: action.disposed.arrival,
        operator: action.disposed.receipt.operator.clone(),
        revision: text.to_owned(),
    };
    let request = JournalRequest::OperatorFork(question);
    Ok(vec![Effect::Files(ID, FileRequest::Journal(request)), Effect::say("asking the other code")])
}

/// It has answered.
pub fn told(replay: &mut Replay, question: &Question, futures: Result<Arc<Futures>, String>) -> Vec<Effect> {
    let here = replay.tape.as_ref().map(|tape| tape.run) == Some(question.run);
    let at_hand = replay.scene.action.as_ref().map(|action| action.disposed.arrival);
    match futures {
        Ok(futures) if here && at_hand == Some(question.arrival) => {
            replay.revision = Some(RevisionFork { question: question.clone(), futures, top: 0 });
            Vec::new()
        }
        // A person has gone on meanwhile.
        Ok(_) => Vec::new(),
        Err(why) => vec![Effect::say(why)],
    }
}
