//! What would be said of a plan that is not disposed of because its envelope ran again.

use std::sync::Arc;

use super::{Run, check_input};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Disposal, Ticket};
use crate::kernel::journal::Would;
use crate::kernel::plan::{ExecutionPlan, ProposedAction};
use crate::session::dev_kernel::DevKernel;

impl Run {
    /// What validation and the policy would say of a plan's actions. Nothing is numbered, locked or claimed for it.
    pub fn would(
        kernel: &mut DevKernel,
        arrival: u64,
        envelope: &Arc<EventEnvelope>,
        operator: &str,
        plan_id: &str,
        plan: &ExecutionPlan,
    ) -> Vec<Would> {
        let judge = |proposed: &ProposedAction| {
            let ticket = Ticket {
                envelope: Arc::clone(envelope),
                arrival,
                operator: operator.to_owned(),
                operator_version: kernel.roster.pack_of(operator).map(|pack| pack.identity.clone()),
                plan_id: plan_id.to_owned(),
                action_id: String::new(),
                receipt_id: String::new(),
                clock: None,
            };
            let mut disposal = Disposal::new(ticket, proposed.clone());
            let checked = disposal
                .input_to_check(kernel)
                .map(|(connector, tool_name, args)| check_input(kernel, &connector, &tool_name, &args));
            disposal.would(kernel, checked)
        };
        plan.actions.iter().map(judge).collect()
    }
}
