//! People's answers to what is held, and what becomes of it when the policy changes or the session ends.

use super::{Session, publish};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::Fact;
use crate::session::error::Error;

impl Session {
    /// A person has answered; the action may be of the live run, or of a play that waits for it.
    pub(super) fn answer(&mut self, action_id: &str, who: &str, approve: bool) -> Result<(), Error> {
        for run in std::iter::once(&mut self.run).chain(&mut self.plays) {
            if run.answer(&mut self.kernel, action_id, who, approve)? {
                return self.end_plays();
            }
        }
        let notice = Diagnostic::warning(format!("`{action_id}` waits for no answer"))
            .help("it was answered already, or the policy decided it in the meantime");
        self.run.note(Fact::Noticed(notice))
    }

    /// The policy is another one.
    pub(super) fn judge_held(&mut self) -> Result<(), Error> {
        for run in std::iter::once(&mut self.run).chain(&mut self.plays) {
            run.judge_held(&mut self.kernel)?;
        }
        self.end_plays()
    }

    /// Gives out what the plays wrote, and ends those in which nothing waits any more.
    fn end_plays(&mut self) -> Result<(), Error> {
        for mut run in std::mem::take(&mut self.plays) {
            if run.holds() {
                publish(&*self.bus, run.commit()?);
                self.plays.push(run);
            } else {
                let (_, batch) = run.end()?;
                publish(&*self.bus, batch);
            }
        }
        Ok(())
    }

    /// Ends the session: nobody will answer any more.
    pub(super) fn close(mut self) -> Result<(), Error> {
        for run in std::iter::once(&mut self.run).chain(&mut self.plays) {
            run.abandon_held(&mut self.kernel)?;
        }
        self.end_plays()?;
        let (_, batch) = self.run.end()?;
        publish(&*self.bus, batch);
        Ok(())
    }
}
