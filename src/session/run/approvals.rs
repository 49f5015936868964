//! Actions that wait for a person: their answers, and what becomes of them without one.

use super::Run;
use crate::kernel::executor::Answer;
use crate::kernel::journal::{Answered, Fact};
use crate::session::dev_kernel::DevKernel;
use crate::session::error::Error;

impl Run {
    /// True while an action waits for a person.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes a person's answer to an action; false when it does not wait for one.
    pub fn answer(&mut self, kernel: &mut DevKernel, action_id: &str, who: &str, approve: bool) -> Result<bool, Error> {
        let Some(at) = self.held.iter().position(|held| held.action_id() == action_id) else { return Ok(false) };
        let disposal = self.held.remove(at);
        let (arrival, who) = (disposal.arrival(), who.to_owned());
        let answered = Answered { arrival, action_id: action_id.to_owned(), who: who.clone(), approved: approve };
        self.note(Fact::Answered(answered))?;
        self.drive(kernel, disposal, Answer::Person { who, approve })?;
        Ok(true)
    }

    /// Judges again what is held, where the policy now says something else of it.
    pub fn judge_held(&mut self, kernel: &mut DevKernel) -> Result<(), Error> {
        for disposal in std::mem::take(&mut self.held) {
            if disposal.is_judged_otherwise(kernel) {
                self.drive(kernel, disposal, Answer::Go)?;
            } else {
                self.held.push(disposal);
            }
        }
        Ok(())
    }

    /// Refuses what is held: nobody will answer any more. Comes before `end`.
    pub fn abandon_held(&mut self, kernel: &mut DevKernel) -> Result<(), Error> {
        for disposal in std::mem::take(&mut self.held) {
            self.drive(kernel, disposal, Answer::Nobody)?;
        }
        Ok(())
    }
}
