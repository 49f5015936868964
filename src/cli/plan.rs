//! `fibric dev plan`: a plan as it was proposed, from the journals. Live input writes no plan files.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::exit::{Exit, Failure};
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Entry, Fact, Proposed, Reasoning};
use crate::kernel::json::Raw;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::reasoned_by;
use crate::session::base::{self, Cleaned};
use crate::session::error::Error;
use crate::session::journal::tail::Tail;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// How many ids an ambiguous beginning names.
const NAMED: usize = 5;

/// Arguments of `fibric dev plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The envelope's correlation id, or what it begins with.
    #[arg(value_name = "CORRELATION")]
    correlation: String,
    /// Only what this operator proposed.
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
    /// Only of one run; otherwise of the newest that has any.
    #[arg(long, value_name = "NUMBER")]
    run: Option<u32>,
}

/// One plan, as `--json` prints it.
#[derive(Serialize)]
struct Printed<'a> {
    run: u32,
    plan_id: &'a str,
    operator: &'a str,
    event_id: &'a str,
    correlation_id: &'a str,
    #[serde(skip_serializing_if = "<[Reasoning]>::is_empty")]
    reasoned: &'a [Reasoning],
    plan: &'a Raw,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let store = Store::reading(workspace.state_dir());
    let runs = store.runs();
    for run in runs.iter().rev().filter(|run| args.run.is_none_or(|wanted| wanted == **run)) {
        let found = Found::read(&store.journal(*run), args)?;
        if !found.proposed.is_empty() {
            return found.print(context, *run, args);
        }
    }
    if let Some(told) = args.run.and_then(|run| base::told_of(&store, run)) {
        return Err(Failure::Told { diagnostics: vec![told], exit: Exit::Failed });
    }
    let searched = args.run.map_or_else(|| "in any run".to_owned(), |run| format!("in run {run}"));
    let said = format!("no plan for an envelope with the correlation id `{}` {searched}", args.correlation);
    let help = match base::cleaned(&store) {
        Some(Cleaned { upto, at }) => {
            format!("the runs up to {upto} were cleaned away on {at}, and their plans with them")
        }
        None => "`fibric events tail` shows the ids of the latest envelopes".to_owned(),
    };
    Err(Failure::Told { diagnostics: vec![Diagnostic::error(said).help(help)], exit: Exit::Failed })
}

/// What a journal has of the envelopes whose correlation id begins as was asked.
#[derive(Default)]
struct Found {
    envelopes: BTreeMap<u64, EventEnvelope>,
    proposed: Vec<Proposed>,
}

impl Found {
    fn read(path: &Path, args: &Args) -> Result<Self, Failure> {
        let mut found = Self::default();
        // Most lines are of other envelopes: they are told apart before they are parsed.
        let wanted = serde_json::to_string(&args.correlation).unwrap_or_default();
        let wanted = format!("\"correlation_id\":{}", wanted.trim_end_matches('"'));
        for line in Tail::from_start(path).lines().map_err(Error::disk("read", path))? {
            let line = line.map_err(Error::disk("read", path))?;
            let is_envelope = line.contains("\"fact\":{\"received\":") && line.contains(&wanted);
            let arrival = arrival_of_plan(&line);
            if !is_envelope && !arrival.is_some_and(|arrival| found.envelopes.contains_key(&arrival)) {
                continue;
            }
            match serde_json::from_str::<Entry>(&line).map(|entry| entry.fact) {
                Ok(Fact::Received(received)) if received.envelope.correlation_id.starts_with(&args.correlation) => {
                    found.envelopes.insert(received.arrival, (*received.envelope).clone());
                }
                Ok(Fact::Proposed(proposed))
                    if args.operator.as_ref().is_none_or(|operator| *operator == proposed.operator) =>
                {
                    found.proposed.push(proposed);
                }
                _ => {}
            }
        }
        found.keep_exact(&args.correlation);
        Ok(found)
    }

    /// A whole id is meant before the beginning of another.
    fn keep_exact(&mut self, correlation: &str) {
        if self.envelopes.values().any(|envelope| envelope.correlation_id == correlation) {
            self.envelopes.retain(|_, envelope| envelope.correlation_id == correlation);
            self.proposed.retain(|proposed| self.envelopes.contains_key(&proposed.arrival));
        }
    }

    fn print(&self, context: &Context, run: u32, args: &Args) -> Result<Exit, Failure> {
        let mut ids: Vec<&str> = self.envelopes.values().map(|envelope| envelope.correlation_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > 1 {
            let named: Vec<_> = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
            let more = if ids.len() > NAMED { ", …" } else { "" };
            let said = format!("{} correlation ids of run {run} begin with `{}`", ids.len(), args.correlation);
            return Err(Failure::usage(Diagnostic::error(said).help(format!("they are {}{more}", named.join(", ")))));
        }
        let mut text = String::new();
        let mut failures = Vec::new();
        for proposed in &self.proposed {
            let Some(envelope) = self.envelopes.get(&proposed.arrival) else { continue };
            match &proposed.plan {
                Some(plan) if context.json => {
                    let printed = Printed {
                        run,
                        plan_id: &proposed.plan_id,
                        operator: &proposed.operator,
                        event_id: &envelope.event_id,
                        correlation_id: &envelope.correlation_id,
                        reasoned: &proposed.reasoned,
                        plan,
                    };
                    text += &serde_json::to_string(&printed).unwrap_or_default();
                    text.push('\n');
                }
                Some(plan) => {
                    let Proposed { plan_id, operator, .. } = proposed;
                    let by = reasoned_by(&proposed.reasoned).map_or_else(String::new, |by| format!(" · {by}"));
                    text += &inert(&format!("{plan_id} · {operator} · {} · run {run}{by}", envelope.correlation_id));
                    text.push('\n');
                    text += &serde_json::to_string_pretty(&plan.value()).unwrap_or_default();
                    text.push('\n');
                }
                None => failures.extend(proposed.failure.clone()),
            }
        }
        if text.is_empty() && !failures.is_empty() {
            return Err(Failure::Told { diagnostics: failures, exit: Exit::Author });
        }
        if context.json {
            output::print_json(&text)?;
        } else {
            output::print(&text)?;
        }
        Ok(Exit::Ok)
    }
}

/// Which envelope a line's plan answers, where it has one.
fn arrival_of_plan(line: &str) -> Option<u64> {
    let (_, rest) = line.split_once("\"fact\":{\"proposed\":{\"arrival\":")?;
    rest.split(',').next()?.parse().ok()
}
