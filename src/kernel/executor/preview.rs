//! What would be said of an action that nobody disposes of: validation and the policy alone.

use super::{Disposal, Law, receipting};
use crate::kernel::journal::Would;
use crate::kernel::json::Raw;

impl Disposal {
    /// What of an action has to be checked by its connector before more can be said of it: connector, tool, args.
    /// Nothing where it is not valid anyhow.
    pub fn input_to_check(&mut self, law: &dyn Law) -> Option<(String, String, Raw)> {
        if self.malformed.is_some() {
            return None;
        }
        match self.admit(law) {
            Ok(binding) => {
                let asked = (binding.connector.clone(), binding.tool_name.clone(), self.action.args.clone());
                self.binding = Some(binding);
                Some(asked)
            }
            Err(reason) => {
                self.malformed = Some(reason);
                None
            }
        }
    }

    /// What validation and the policy would say, given what the connector said of the input. It ends the disposal:
    /// gates, locks, keys and handler are not looked at, and nobody is asked.
    pub fn would(mut self, law: &dyn Law, checked: Option<Result<Raw, Vec<String>>>) -> Would {
        let verdict = match (self.malformed.take(), checked) {
            (None, Some(Ok(args))) => {
                self.action.args = args;
                self.said_by(law)
            }
            (None, Some(Err(faults))) => receipting::invalid(&faults.join("; ")),
            (reason, _) => receipting::invalid(reason.as_deref().unwrap_or("not checked")),
        };
        Would { tool: self.action.tool, entity_key: self.action.entity_key, verdict }
    }
}
