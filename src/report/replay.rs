//! What `fibric dev replay` prints: for one envelope the documentation's two lines and each disposition that is not a
//! plain ALLOW; for more the summary and what was refused; with `--twice` a line for each disposition.

use std::fmt::Write as _;

pub mod cases;

use super::diagnostics::{self, Style, said};
use super::plain::short;
use crate::kernel::dollars::Dollars;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Disposed, Entry, Fact, Proposed, ReasonedBy, Reasoning, Tokens};
use crate::kernel::receipt::{Cause, Outcome, Ruling};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{counted, reasoned_elsewhere, spent, unrouted, would_pass_with};

/// Gathers what a replay's report says. Holds lines for one envelope only; for more it counts.
#[derive(Default)]
pub struct Report {
    /// Envelopes accepted.
    pub envelopes: u64,
    /// Envelopes that an operator's trigger matched.
    pub routed: u64,
    /// Plans proposed that have actions.
    pub plans: u64,
    /// Plans without any: an operator that chose to do nothing.
    pub refusals: u64,
    /// Actions disposed of.
    pub disposed: u64,
    /// Things refused.
    pub refused: u64,
    /// Files that could not be read, and things returned that are no plan.
    pub failures: u64,
    /// Calls of author code that ended in an error.
    pub crashes: u64,
    /// Plans that are missing because something is not recorded.
    pub missed: u64,
    /// Actions that failed validation.
    pub invalid: u64,
    /// Actions the policy blocked.
    pub blocked: u64,
    /// Dispositions by ruling: ALLOW, ALERT, BLOCK, DEDUP.
    pub rulings: [u64; 4],
    /// Envelopes of the first pass.
    offered: u64,
    /// What is being disposed of: the envelope's event type and correlation id.
    about: String,
    corr: String,
    /// The plans of the envelope at hand, and how many actions of each were disposed of.
    in_hand: Vec<(String, u32)>,
    matched: Vec<String>,
    plan_lines: Vec<String>,
    disposition_lines: Vec<String>,
    refused_lines: Vec<String>,
    /// A line for each action that was stopped, of the first so many.
    stopped_lines: Vec<String>,
    stopped: u64,
    /// True where everything is played twice: then each disposition has a line.
    pub twice: bool,
    /// Each with its envelope's correlation id.
    pass_lines: Vec<(String, String)>,
    unrouted: Option<String>,
    /// Actions that a watching policy would have decided otherwise.
    differing: u64,
    shadow_lines: Vec<String>,
    models: Models,
}

/// What models were asked, and what that took.
#[derive(Debug, Default)]
struct Models {
    answers: u64,
    failures: u64,
    tokens: Tokens,
    cost: Option<Dollars>,
}

impl Models {
    fn count(&mut self, reasoned: &[Reasoning]) {
        for reasoning in reasoned.iter().filter(|reasoning| reasoning.from == ReasonedBy::Model) {
            self.answers += 1;
            self.failures += u64::from(reasoning.error.is_some());
            let tokens = reasoning.tokens.unwrap_or_default();
            self.tokens.input = self.tokens.input.saturating_add(tokens.input);
            self.tokens.output = self.tokens.output.saturating_add(tokens.output);
            self.cost = self.cost.into_iter().chain(reasoning.cost_usd).reduce(|a, b| [a, b].into_iter().sum());
        }
    }

    /// `a model was asked 14 times: 11368 + 2002 tokens, $0.0029`.
    fn text(&self) -> Option<String> {
        let failures = if self.failures > 0 { format!(", {} without a plan", self.failures) } else { String::new() };
        let spent = spent(Some(self.tokens), self.cost);
        (self.answers > 0).then(|| format!("a model was asked {}{failures}: {spent}", counted(self.answers, "time")))
    }
}

/// Actions decided otherwise in shadow that are named; more are counted.
const SHADOWS: usize = 20;

/// Stopped actions of several envelopes that are named; more are counted.
const STOPPED: usize = 1_000;

impl Report {
    /// Takes in an entry of pass 1 or 2.
    pub fn entry(&mut self, pass: u32, entry: &Entry, style: Style) {
        match &entry.fact {
            Fact::Received(received) => {
                self.envelopes += 1;
                self.offered += u64::from(pass == 1);
                self.turn_to(&received.envelope);
                for warning in &received.warnings {
                    self.refused_lines.push(diagnostics::render(warning, style));
                }
            }
            Fact::Refused(refused) => {
                self.refused += refused.count;
                self.refused_lines.extend(refused.diagnostics.iter().map(|fault| diagnostics::render(fault, style)));
            }
            Fact::Noticed(notice) => {
                self.failures += u64::from(notice.is_error());
                self.refused_lines.push(diagnostics::render(notice, style));
            }
            Fact::Routed(routed) => {
                self.routed += u64::from(!routed.to.is_empty());
                if self.envelopes > 1 {
                    return;
                }
                self.matched = routed
                    .to
                    .iter()
                    .map(|to| format!("{} (trigger {})", inert(&to.operator), inert(&to.trigger)))
                    .collect();
                self.unrouted = routed.to.is_empty().then(|| inert(&unrouted(routed)).into_owned());
            }
            Fact::Proposed(proposed) => self.proposed(proposed, style),
            Fact::Disposed(disposed) => {
                self.disposed(pass, disposed);
                self.shadowed(disposed);
            }
            _ => {}
        }
    }

    fn turn_to(&mut self, envelope: &EventEnvelope) {
        self.in_hand.clear();
        self.corr = format!("corr={}", short(&envelope.correlation_id));
        self.about = format!("{} {}", said(&envelope.event_type), self.corr);
    }

    fn proposed(&mut self, proposed: &Proposed, style: Style) {
        let operator = inert(&proposed.operator);
        self.models.count(&proposed.reasoned);
        if self.envelopes == 1 {
            let logged = proposed.logs.iter();
            let lines = logged.map(|log| format!("log {operator} {}: {}", inert(&log.level), said(&log.text)));
            self.plan_lines.extend(lines);
        }
        if let Some(failure) = &proposed.failure {
            let returned = proposed.plan.is_some();
            self.failures += u64::from(returned);
            let missed = proposed.missed();
            self.missed += u64::from(missed);
            self.crashes += u64::from(!returned && !missed);
            self.refused_lines.push(format!("{} · {operator} failed", self.about));
            self.refused_lines.push(diagnostics::render(failure, style));
            return;
        }
        let plan = proposed.typed();
        let is_refusal = plan.as_ref().is_none_or(|plan| plan.actions.is_empty());
        self.refusals += u64::from(is_refusal);
        self.plans += u64::from(!is_refusal);
        if self.envelopes == 1 {
            let reasoning = plan.as_ref().and_then(|plan| plan.reasoning.as_deref());
            let what = match (plan.as_ref().map_or(0, |plan| plan.actions.len()), reasoning) {
                (0, Some(why)) => format!("0 actions (a refusal): {}", said(why)),
                (0, None) => "0 actions (a refusal)".to_owned(),
                (actions, _) => counted(actions, "action"),
            };
            let place =
                proposed.file.as_ref().map_or_else(String::new, |file| format!(" · written to {}", inert(file)));
            let by = reasoned_elsewhere(&proposed.reasoned).map_or_else(String::new, |by| format!(" · {}", inert(&by)));
            self.plan_lines.push(format!("plan proposed: {what}{by}{place}"));
        }
    }

    fn disposed(&mut self, pass: u32, disposed: &Disposed) {
        let receipt = &disposed.receipt;
        let change =
            would_pass_with(disposed).map_or_else(String::new, |change| format!("; would pass with {}", said(&change)));
        let ruling = receipt.verdict.decision;
        self.disposed += 1;
        self.rulings[ruling as usize] += 1;
        let invalid = receipt.verdict.cause == Cause::Validate;
        self.invalid += u64::from(invalid);
        self.blocked += u64::from(ruling == Ruling::Block && !invalid);
        let number = self.number_in_plan(&receipt.plan_id);
        let tool = match receipt.tool.as_str() {
            "" => format!("action {number}").into(),
            tool => said(tool),
        };
        let what = match (ruling, receipt.outcome) {
            (Ruling::Block, _) => receipt.verdict.reason.clone(),
            (Ruling::Dedup, _) => "handler not called".to_owned(),
            (_, Outcome::Failed) => format!("failed: {}", receipt.error.as_deref().unwrap_or_default()),
            _ => "handler stubbed, key recorded".to_owned(),
        };
        if self.twice {
            self.pass_lines.push((format!("run {pass} {tool} {ruling} {}", said(&what)), self.corr.clone()));
        }
        if ruling == Ruling::Block || receipt.outcome == Outcome::Failed {
            self.stopped += 1;
            if self.stopped_lines.len() < STOPPED {
                let operator = inert(&receipt.operator);
                self.stopped_lines.push(format!("{} · {operator} {tool} {ruling} {}{change}", self.about, said(&what)));
            }
        }
        if self.envelopes == 1 && ruling != Ruling::Allow {
            self.disposition_lines.push(format!("{tool} {ruling} {}{change}", said(&receipt.verdict.reason)));
        }
    }

    /// Which action of its plan the next one is, from 1.
    fn number_in_plan(&mut self, plan: &str) -> u32 {
        let at = self.in_hand.iter().position(|(other, _)| other == plan).unwrap_or_else(|| {
            self.in_hand.push((plan.to_owned(), 0));
            self.in_hand.len() - 1
        });
        self.in_hand[at].1 += 1;
        self.in_hand[at].1
    }

    /// Where a policy that only watches would have decided otherwise.
    fn shadowed(&mut self, disposed: &Disposed) {
        let Some((decision, reason)) = disposed.shadow() else { return };
        self.differing += 1;
        if self.shadow_lines.len() < SHADOWS {
            let receipt = &disposed.receipt;
            let ruling = receipt.verdict.decision;
            let line =
                format!("{} · {} {ruling}, in shadow {decision}: {}", self.about, said(&receipt.tool), said(reason));
            self.shadow_lines.push(line);
        }
    }

    /// The text of a finished replay.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.twice {
            for (line, corr) in &self.pass_lines {
                let _ = if self.offered > 1 { writeln!(text, "{line} {corr}") } else { writeln!(text, "{line}") };
            }
            let records = counted(self.disposed, "record");
            let _ = writeln!(text, "assertion surface: .fibric/dev/receipts.jsonl ({records})");
        } else if self.envelopes == 1 {
            let matched = match &self.unrouted {
                Some(reason) => reason.clone(),
                None => format!("matched: {}", self.matched.join(", ")),
            };
            let _ = writeln!(text, "1 envelope · {matched}");
            for line in self.plan_lines.iter().chain(&self.disposition_lines) {
                let _ = writeln!(text, "{line}");
            }
        } else {
            let _ = writeln!(text, "{}", self.summary());
            for line in &self.stopped_lines {
                let _ = writeln!(text, "{line}");
            }
            let more = self.stopped - self.stopped_lines.len() as u64;
            if more > 0 {
                let _ = writeln!(
                    text,
                    "{more} more were stopped; `fibric receipts tail --where decision:block` lists them"
                );
            }
        }
        for line in &self.refused_lines {
            let _ = writeln!(text, "{line}");
        }
        for line in &self.shadow_lines {
            let _ = writeln!(text, "{line}");
        }
        if self.differing > 0 {
            let _ = writeln!(text, "{} of {} decided otherwise in shadow", self.differing, self.disposed);
        }
        if self.refused > 0 {
            let _ = writeln!(text, "{} refused", self.refused);
        }
        if let Some(models) = self.models.text() {
            let _ = writeln!(text, "{models}");
        }
        text
    }

    /// `14 envelopes · 9 plans proposed · 3 refusals · 8 disposed`.
    fn summary(&self) -> String {
        let refusals =
            if self.refusals > 0 { format!(" · {}", counted(self.refusals, "refusal")) } else { String::new() };
        format!(
            "{} · {} proposed{refusals} · {} disposed",
            counted(self.envelopes, "envelope"),
            counted(self.plans, "plan"),
            self.disposed
        )
    }
}
