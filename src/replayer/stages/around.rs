//! What other entries of the journal say about an action: when a stage of it was, and who held what it waited for.

use super::{ActionView, Said};
use crate::kernel::journal::StageRecord;
use crate::kernel::receipt::Receipt;
use crate::replayer::Stage;

/// What was read around an action.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The receipt of the action that held the lock it waited for.
    pub holder: Option<&'a Receipt>,
    /// When its claim was written: of live runs, and where a handler could act.
    pub claimed_at: Option<&'a str>,
    /// When a person answered.
    pub answered_at: Option<&'a str>,
}

impl ActionView<'_> {
    /// When a stage was, by the entries of the journal. It has one time for an action, that of its beginning; other
    /// stages have one only where an entry of their own was written.
    pub(super) fn times(&self, stage: Stage) -> Vec<Said> {
        let said = |name, time: Option<&str>| Said::new(name, time.unwrap_or("not recorded").to_owned());
        let asked = self.disposed.stages.iter().find_map(|record| match record {
            StageRecord::Hold { since: Some(since), .. } => Some(since.as_str()),
            _ => None,
        });
        match stage {
            _ if !self.came_to(stage) => Vec::new(),
            Stage::Validate => vec![said("began", Some(&self.receipt().at))],
            Stage::Policy if asked.is_some() => vec![said("asked", asked), said("answered", self.around.answered_at)],
            Stage::Dedup => vec![said("claimed", self.around.claimed_at)],
            Stage::Policy | Stage::Lock | Stage::Handler | Stage::Receipt => vec![said("ended", None)],
        }
    }

    /// Who an action is that held the lock: its id, and of whom it is.
    pub(super) fn holding(&self, id: &str) -> String {
        match self.around.holder {
            Some(holder) if holder.action_id == id => format!("{id}, {} of {}", holder.tool, holder.operator),
            _ => id.to_owned(),
        }
    }
}
