//! Asking an operator for a plan, and calling a tool.

mod errand;

use crate::author::host::{Host, Reasoned, Scene, Services};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{LogLine, Read, Reasoning};
use crate::kernel::json::Raw;

use super::dev_kernel::DevKernel;
use super::tape::Mode;
use errand::{Errand, Told};

/// What came of asking.
pub struct Asked {
    /// The plan's text, or why there is none.
    pub plan: Result<Raw, Diagnostic>,
    /// What it read.
    pub reads: Vec<Read>,
    /// What it reasoned with.
    pub reasoned: Vec<Reasoning>,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// Digest of the code that ran.
    pub revision: String,
    /// Microseconds author code took, without waiting for what it asked.
    pub micros: u64,
    /// Why the call was stopped, where it was over a limit.
    pub over_limit: Option<String>,
}

/// Runs an operator over an envelope, at a time of its own.
pub fn ask(kernel: &mut DevKernel, operator: &str, envelope: &EventEnvelope, clock: &str) -> Asked {
    let own_stub = reasons_itself(kernel, operator);
    // Nothing of it can be looked up while its host is at work.
    let definition = kernel.roster.operator_def(operator).cloned();
    let taken = kernel
        .roster
        .operator(operator)
        .and_then(|slot| Some((slot.host.take()?, slot.running.clone().unwrap_or_default())));
    let Some(((mut host, revision), definition)) = taken.zip(definition) else {
        let plan = Err(Diagnostic::error(format!("operator {operator} is not loaded")));
        return Asked {
            plan,
            reads: Vec::new(),
            reasoned: Vec::new(),
            logs: Vec::new(),
            revision: String::new(),
            micros: 0,
            over_limit: None,
        };
    };
    let scene = Scene { own_stub, ..scene(envelope, clock) };
    let most = kernel.workspace.config.limits.recorded_per_call.0;
    let mut errand = Errand::new(kernel, &definition, scene, most);
    let plan = host.propose(&scene, &mut errand);
    let over_limit = host.over_limit().map(str::to_owned);
    let Told { reads, reasoned, logs, miss } = errand.finish(plan.is_ok());
    // What is not recorded leaves no plan, whatever author code made of the error.
    let plan = miss.filter(|_| over_limit.is_none()).map_or(plan, Err);
    let micros = u64::try_from(host.spent().as_micros()).unwrap_or(u64::MAX);
    if let Some(slot) = kernel.roster.operator(operator) {
        slot.host = Some(host);
    }
    Asked { plan, reads, reasoned, logs, revision, micros, over_limit }
}

/// Lets an operator begin with an envelope that [`ask`] will bring after those it was told of before.
pub fn expect(kernel: &mut DevKernel, operator: &str, envelope: &EventEnvelope, clock: &str) {
    let own_stub = reasons_itself(kernel, operator);
    if let Some(host) = kernel.roster.operator(operator).and_then(|slot| slot.host.as_mut()) {
        host.expect(&Scene { own_stub, ..scene(envelope, clock) });
    }
}

fn has_stub(kernel: &DevKernel, operator: &str) -> bool {
    kernel.roster.operator_def(operator).is_some_and(|definition| definition.has_stub)
}

fn reasons_itself(kernel: &DevKernel, operator: &str) -> bool {
    has_stub(kernel, operator) && kernel.reasoner.leaves_to_stub() && kernel.tape.mode() == Mode::Off
}

fn scene<'a>(envelope: &'a EventEnvelope, clock: &'a str) -> Scene<'a> {
    Scene { envelope: Some(envelope), clock, seed: &envelope.event_id, own_stub: false }
}

/// Runs one tool of a connector, its input checked first.
pub fn call(host: &mut dyn Host, connector: &str, tool: &str, args: &Raw, scene: &Scene) -> Result<Raw, String> {
    let input = host.check_input(tool, args).map_err(|faults| format!("input of {tool}: {}", faults.join("; ")))?;
    let mut services = NoConnection { connector };
    host.call(tool, &input, scene, &mut services).map_err(|fault| {
        let place = fault.place().map_or_else(String::new, |place| format!(" ({place})"));
        let help = fault.help.filter(|help| !help.starts_with("called from")).map(|help| format!("; {help}"));
        format!("{}{place}{}", fault.message, help.unwrap_or_default())
    })
}

/// What a tool may ask for while its connector has no connection.
struct NoConnection<'a> {
    connector: &'a str,
}

impl Services for NoConnection<'_> {
    fn sense(&mut self, _capability: &str, _args: &Raw) -> Result<Raw, String> {
        Err("a tool does not sense: it is what is sensed through".to_owned())
    }

    fn reason(&mut self, _input: &Raw) -> Result<Reasoned, String> {
        Err("a tool does not reason".to_owned())
    }

    fn http(&mut self, _request: &Raw) -> Result<Raw, String> {
        Err(format!(
            "`ctx.http` needs a connection, and this version opens none: `[connections.{}]` with a `base_url` will name it",
            self.connector
        ))
    }

    fn log(&mut self, _level: &str, _text: &str) {}
}
