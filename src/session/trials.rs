//! Proposals tried several times: how far a plan is the same each time it is asked for. Nothing is disposed of, recorded or
//! written.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::dev_kernel::DevKernel;
use super::propose;
use super::replay::Select;
use super::run::Run;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::dollars::Dollars;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Tokens, Would};
use crate::kernel::json::{Difference, Raw, Value, between};
use crate::kernel::plan::{Digits, ExecutionPlan};
use crate::workspace::fixtures::{self, Offered};

/// The proposals of one operator for one envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// The fixture file.
    pub file: String,
    /// The line its envelope starts on.
    pub line: u32,
    /// The envelope's type.
    pub event_type: String,
    /// The envelope's correlation id.
    pub correlation_id: String,
    /// Who proposed.
    pub operator: String,
    /// How often it was asked.
    pub trials: u32,
    /// The plans that came, by their actions, the commonest first.
    pub plans: Vec<Variant>,
    /// How often there was none, by why.
    pub failures: Vec<NoPlan>,
    /// Where the second commonest plan differs from the commonest first; absent where there is one plan.
    pub differs: Option<Difference>,
    /// What models counted, over all trials.
    pub tokens: Option<Tokens>,
    /// What that cost.
    pub cost_usd: Option<Dollars>,
}

/// One of several plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// How often it came.
    pub times: u32,
    /// Its actions.
    pub actions: Raw,
    /// What would be said of each, in order.
    pub would: Vec<Would>,
}

/// One of several reasons why there was no plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoPlan {
    /// How often.
    pub times: u32,
    /// Why.
    pub message: String,
}

impl Tried {
    /// True where the same actions came each time.
    pub fn is_stable(&self) -> bool {
        self.plans.len() == 1 && self.failures.is_empty()
    }
}

/// What a round of trials comes to.
#[derive(Debug, Default)]
pub struct Trials {
    /// Envelopes that were offered.
    pub envelopes: u64,
    /// Envelopes that no trigger matched.
    pub unrouted: u64,
    /// What was no envelope.
    pub faults: Vec<Diagnostic>,
    /// True where it was ended early.
    pub interrupted: bool,
}

/// How trials go.
pub struct Plan<'a> {
    /// The fixture files.
    pub files: &'a [PathBuf],
    /// Which envelopes of them.
    pub select: Option<Select<'a>>,
    /// How often each operator is asked.
    pub times: u32,
    /// The time author code sees.
    pub now: &'a str,
    /// True once they should end.
    pub is_stopped: &'a dyn Fn() -> bool,
}

impl Plan<'_> {
    /// Tries each envelope with each operator it is offered to; `tell` gets what came of each.
    pub fn through<E>(
        &self,
        kernel: &mut DevKernel,
        tell: &mut dyn FnMut(Tried) -> Result<(), E>,
    ) -> Result<Trials, E> {
        let mut trials = Trials::default();
        let most = kernel.workspace.config.limits.envelope.0;
        let tenant = kernel.workspace.config.tenant.clone();
        for file in self.files {
            let shown = kernel.workspace.shown(file);
            kernel.tape.turn_to(file);
            let offers = match fixtures::open(file, &shown) {
                Ok(offers) => offers.limited(most),
                Err(fault) => {
                    trials.faults.push(fault);
                    continue;
                }
            };
            for offered in offers {
                match offered {
                    Offered::Refused { diagnostics, .. } => trials.faults.extend(diagnostics),
                    Offered::Noticed(notice) => trials.faults.push(notice),
                    Offered::Passed => {}
                    Offered::Envelope { envelope, line, .. } => {
                        if self.select.is_some_and(|select| !select(&envelope)) {
                            continue;
                        }
                        if envelope.tenant_id != tenant {
                            let fault = format!("tenant `{}` is not `{tenant}`", envelope.tenant_id);
                            let fault = Diagnostic::error(fault).in_file(&*shown);
                            trials.faults.push(Diagnostic { line: Some(line), ..fault });
                            continue;
                        }
                        trials.envelopes += 1;
                        let routes = kernel.roster.recipients(&envelope);
                        trials.unrouted += u64::from(routes.is_empty());
                        for route in routes {
                            let place = (shown.as_str(), line);
                            let Some(tried) = self.tried(kernel, &envelope, &route.operator, place) else {
                                trials.interrupted = true;
                                return Ok(trials);
                            };
                            tell(tried)?;
                        }
                    }
                }
            }
        }
        Ok(trials)
    }

    /// Asks one operator as often as is wanted; none where that was ended early.
    fn tried(
        &self,
        kernel: &mut DevKernel,
        envelope: &Arc<EventEnvelope>,
        operator: &str,
        (file, line): (&str, u32),
    ) -> Option<Tried> {
        let mut tried = Tried {
            file: file.to_owned(),
            line,
            event_type: envelope.event_type.clone(),
            correlation_id: envelope.correlation_id.clone(),
            operator: operator.to_owned(),
            trials: self.times,
            plans: Vec::new(),
            failures: Vec::new(),
            differs: None,
            tokens: None,
            cost_usd: None,
        };
        for _ in 0..self.times {
            let asked = propose::ask(kernel, operator, envelope, self.now);
            if (self.is_stopped)() {
                return None;
            }
            for reasoning in &asked.reasoned {
                tried.count(reasoning.tokens, reasoning.cost_usd);
            }
            let plan = asked.plan.map_err(|failure| failure.message);
            match asked.over_limit.map_or(plan, Err).and_then(|plan| typed(&plan)) {
                Ok(plan) => tried.came(kernel, envelope, &plan),
                Err(why) => tried.failed(why),
            }
        }
        tried.plans.sort_by_key(|variant| std::cmp::Reverse(variant.times));
        tried.failures.sort_by_key(|failure| std::cmp::Reverse(failure.times));
        if let [first, second, ..] = tried.plans.as_slice() {
            tried.differs = between("actions", Some(&first.actions.value()), Some(&second.actions.value()));
        }
        Some(tried)
    }
}

/// A plan, and its actions with their members sorted, so that those alike are the same text.
fn typed(plan: &Raw) -> Result<(ExecutionPlan, Raw), String> {
    let typed = ExecutionPlan::parse(plan.as_str(), Digits::Float)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let mut actions = plan.value().get("actions").cloned().unwrap_or(Value::Null);
    actions.sort_all_objects();
    Ok((typed, Raw::of(&actions)))
}

impl Tried {
    fn came(&mut self, kernel: &mut DevKernel, envelope: &Arc<EventEnvelope>, (plan, actions): &(ExecutionPlan, Raw)) {
        if let Some(variant) = self.plans.iter_mut().find(|variant| variant.actions == *actions) {
            variant.times += 1;
            return;
        }
        let would = Run::would(kernel, 1, envelope, &self.operator, "", plan);
        self.plans.push(Variant { times: 1, actions: actions.clone(), would });
    }

    fn failed(&mut self, message: String) {
        match self.failures.iter_mut().find(|failure| failure.message == message) {
            Some(failure) => failure.times += 1,
            None => self.failures.push(NoPlan { times: 1, message }),
        }
    }

    fn count(&mut self, tokens: Option<Tokens>, cost: Option<Dollars>) {
        if let Some(more) = tokens {
            let sum = self.tokens.get_or_insert_default();
            sum.input = sum.input.saturating_add(more.input);
            sum.output = sum.output.saturating_add(more.output);
        }
        self.cost_usd = self.cost_usd.into_iter().chain(cost).reduce(|a, b| [a, b].into_iter().sum());
    }
}
