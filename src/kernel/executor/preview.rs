//! What would be said of an action that nobody disposes of: validation and the policy alone.

use super::{Disposal, ExecutorEnv, receipt_builder};
use crate::kernel::journal::Would;
use crate::kernel::json::Raw;

impl Disposal {
    /// What of an action has to be checked by its connector before more can be said of it: connector, tool, args.
    /// Nothing where it is not valid anyhow.
    pub fn input_to_check(&mut self, env: &dyn ExecutorEnv) -> Option<(String, String, Raw)> {
        if self.malformed.is_some() {
            return None;
        }
        match self.admit(env) {
            Ok(binding) => {
                let asked = (binding.connector.clone(), binding.tool_name.clone(), self.action.args.clone());
                self.binding = Some(binding);
                Some(asked)
            }
            Err(not_admitted) => {
                self.malformed = Some(not_admitted.reason);
                None
            }
        }
    }

    /// What validation and the policy would say, given what the connector said of the input. It ends the disposal:
    /// gates, locks, keys and handler are not looked at, and nobody is asked.
    pub fn would(mut self, env: &dyn ExecutorEnv, checked: Option<Result<Raw, Vec<String>>>) -> Would {
        let verdict = match (self.malformed.take(), checked) {
            (None, Some(Ok(args))) => {
                self.action.args = args;
                self.said_by(env)
            }
            (None, Some(Err(faults))) => receipt_builder::invalid(&faults.join("; ")),
            (reason, _) => receipt_builder::invalid(reason.as_deref().unwrap_or("not checked")),
        };
        Would { tool: self.action.tool, entity_key: self.action.entity_key, verdict }
    }
}
