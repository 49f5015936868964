//! Trials as text: a line for each proposal that was tried, and for each plan that came of it.

use std::fmt::Write as _;

use super::diagnostics::said;
use super::plain::short;
use crate::kernel::dollars::Dollars;
use crate::kernel::journal::Tokens;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{counted, spent};
use crate::session::trials::{Trials, Tried, Variant};

/// Plans and failures of one proposal that have a line; more are counted.
const SHOWN: usize = 5;

/// Gathers what trials come to.
#[derive(Debug, Default)]
pub struct Totals {
    /// Proposals that were tried.
    pub proposals: u64,
    /// Those of which not each trial had the same actions.
    pub unstable: u64,
    /// Those with a trial that had no plan.
    pub failing: u64,
    tokens: Tokens,
    cost: Option<Dollars>,
}

impl Totals {
    /// Takes in one proposal.
    pub fn add(&mut self, tried: &Tried) {
        self.proposals += 1;
        self.unstable += u64::from(!tried.is_stable());
        self.failing += u64::from(!tried.failures.is_empty());
        if let Some(tokens) = tried.tokens {
            self.tokens.input = self.tokens.input.saturating_add(tokens.input);
            self.tokens.output = self.tokens.output.saturating_add(tokens.output);
        }
        self.cost = self.cost.into_iter().chain(tried.cost_usd).reduce(|a, b| [a, b].into_iter().sum());
    }

    /// `14 envelopes · 12 proposals tried 20 times · 11 stable · 1 not`.
    pub fn text(&self, trials: &Trials, times: u32) -> String {
        let mut parts = vec![counted(trials.envelopes, "envelope")];
        parts.push(format!("{} tried {}", counted(self.proposals, "proposal"), counted(times, "time")));
        if self.proposals > 0 {
            parts.push(format!("{} stable", self.proposals - self.unstable));
        }
        if self.unstable > 0 {
            parts.push(format!("{} not", self.unstable));
        }
        if trials.unrouted > 0 {
            parts.push(format!("{} no trigger matched", trials.unrouted));
        }
        if self.tokens != Tokens::default() {
            parts.push(spent(Some(self.tokens), self.cost));
        }
        parts.join(" · ") + "\n"
    }
}

/// The lines of one proposal.
pub fn lines(tried: &Tried) -> String {
    let mut text = format!(
        "{}:{} {} corr={} · {}: ",
        inert(&tried.file),
        tried.line,
        inert(&tried.event_type),
        short(&tried.correlation_id),
        inert(&tried.operator)
    );
    let _ = match (tried.plans.as_slice(), tried.failures.is_empty()) {
        ([_], true) => writeln!(text, "the same plan in {}", counted(tried.trials, "trial")),
        ([], _) => writeln!(text, "no plan in {}", counted(tried.trials, "trial")),
        (plans, _) => writeln!(text, "{} in {}", counted(plans.len(), "plan"), counted(tried.trials, "trial")),
    };
    for variant in tried.plans.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}× {}", variant.times, verdicts(variant));
    }
    more(&mut text, tried.plans.len(), "plan");
    for failure in tried.failures.iter().take(SHOWN) {
        let _ = writeln!(text, "  {}× no plan: {}", failure.times, said(&failure.message));
    }
    more(&mut text, tried.failures.len(), "reason");
    if let Some(difference) = &tried.differs {
        let _ = writeln!(text, "  differs first in {}", said(&difference.told("mostly", "also")));
    }
    if tried.tokens.is_some() {
        let _ = writeln!(text, "  {}", spent(tried.tokens, tried.cost_usd));
    }
    text
}

fn more(text: &mut String, count: usize, noun: &str) {
    if count > SHOWN {
        let _ = writeln!(text, "  and {} more", counted(count - SHOWN, noun));
    }
}

/// `order.hold would ALLOW, order.refund would BLOCK: rule 3: value 250 > maxValue 100`.
fn verdicts(variant: &Variant) -> String {
    if variant.would.is_empty() {
        return "0 actions (a refusal)".to_owned();
    }
    let each = variant.would.iter().map(|would| {
        let verdict = &would.verdict;
        let tool = if would.tool.is_empty() { "an action".into() } else { said(&would.tool) };
        let why = if verdict.decision == crate::kernel::receipt::Ruling::Allow {
            String::new()
        } else {
            format!(": {}", said(&verdict.reason))
        };
        format!("{tool} would {}{why}", verdict.decision)
    });
    each.collect::<Vec<_>>().join(", ")
}
