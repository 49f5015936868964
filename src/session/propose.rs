//! Asking an operator for a plan, and serving what it asks on the way: inline reads and the reasoner.

use crate::author::host::Host;
use crate::author::host::{Reasoned, Scene, Services};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{LogLine, Read};
use crate::kernel::json::Raw;
use crate::reason::Question;

use super::dev_kernel::DevKernel;

/// What came of asking.
pub struct Asked {
    /// The plan's text, or why there is none.
    pub plan: Result<Raw, Diagnostic>,
    /// What it read.
    pub reads: Vec<Read>,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// Digest of the code that ran.
    pub revision: String,
    /// Microseconds author code took, without waiting for what it asked.
    pub micros: u64,
    /// Why the call was stopped, where it was over a limit.
    pub over_limit: Option<String>,
}

/// Lines of log kept of one call.
const LOGS: usize = 200;

/// Runs an operator over an envelope, at a time of its own.
pub fn ask(kernel: &mut DevKernel, operator: &str, envelope: &EventEnvelope, clock: &str) -> Asked {
    let own_stub = reasons_itself(kernel, operator);
    let taken = kernel
        .roster
        .operator(operator)
        .and_then(|slot| Some((slot.host.take()?, slot.running.clone().unwrap_or_default())));
    let Some((mut host, revision)) = taken else {
        let plan = Err(Diagnostic::error(format!("operator {operator} is not loaded")));
        return Asked {
            plan,
            reads: Vec::new(),
            logs: Vec::new(),
            revision: String::new(),
            micros: 0,
            over_limit: None,
        };
    };
    let scene = Scene { own_stub, ..scene(envelope, clock) };
    let most = kernel.workspace.config.limits.recorded_per_call.0;
    let (reads, logs) = (Vec::new(), Vec::new());
    let mut errand = Errand { kernel, operator, scene, reads, logs, dropped: 0, recorded: 0, most };
    let plan = host.propose(&scene, &mut errand);
    let (reads, logs) = errand.finish();
    let micros = u64::try_from(host.spent().as_micros()).unwrap_or(u64::MAX);
    let over_limit = host.over_limit().map(str::to_owned);
    if let Some(slot) = kernel.roster.operator(operator) {
        slot.host = Some(host);
    }
    Asked { plan, reads, logs, revision, micros, over_limit }
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
    has_stub(kernel, operator) && kernel.reasoner.leaves_to_stub()
}

fn scene<'a>(envelope: &'a EventEnvelope, clock: &'a str) -> Scene<'a> {
    Scene { envelope: Some(envelope), clock, seed: &envelope.event_id, own_stub: false }
}

/// One operator's call in progress.
struct Errand<'a> {
    kernel: &'a mut DevKernel,
    operator: &'a str,
    scene: Scene<'a>,
    reads: Vec<Read>,
    logs: Vec<LogLine>,
    dropped: usize,
    /// Bytes of what it asked for and was answered.
    recorded: usize,
    /// How many of them there may be.
    most: usize,
}

impl Errand<'_> {
    fn finish(mut self) -> (Vec<Read>, Vec<LogLine>) {
        if self.dropped > 0 {
            let text = format!("{} more lines were dropped", self.dropped);
            self.logs.push(LogLine { level: "warn".to_owned(), text });
        }
        (self.reads, self.logs)
    }

    fn read(&mut self, capability: &str, args: &Raw) -> Result<(String, Raw), String> {
        let kernel = &mut *self.kernel;
        let canonical = kernel.workspace.vocabulary.canonical(capability).map_err(|error| error.told())?.to_owned();
        if !kernel.roster.is_required(self.operator, &canonical) {
            return Err(format!("`{capability}` is not in the `requires` of {}", self.operator));
        }
        let binding = kernel.roster.bind(&canonical)?;
        if binding.side_effecting || kernel.workspace.vocabulary.acts(&canonical) {
            return Err(format!("`{canonical}` has side effects: it is planned, not sensed"));
        }
        let slot = kernel.roster.connector(&binding.connector);
        let host = slot.and_then(|slot| slot.host.as_mut());
        let host = host.ok_or_else(|| format!("connector {} is not loaded", binding.connector))?;
        let result = call(host.as_mut(), &binding.connector, &binding.tool_name, args, &self.scene);
        result.map(|result| (binding.connector, result))
    }
}

impl Services for Errand<'_> {
    fn sense(&mut self, capability: &str, args: &Raw) -> Result<Raw, String> {
        // INVARIANT: what is over the limit is neither carried out nor kept.
        self.recorded = self.recorded.saturating_add(capability.len() + args.as_str().len());
        if self.exceeded().is_some() {
            return Err("over the limit of what one call may ask for".to_owned());
        }
        let answer = self.read(capability, args);
        self.recorded = self.recorded.saturating_add(match &answer {
            Ok((_, result)) => result.as_str().len(),
            Err(error) => error.len(),
        });
        let (connector, outcome) = match answer {
            Ok((connector, result)) => (Some(connector), Ok(result)),
            Err(error) => (None, Err(error)),
        };
        self.reads.push(Read {
            capability: capability.to_owned(),
            connector,
            args: args.clone(),
            result: outcome.as_ref().ok().cloned(),
            error: outcome.as_ref().err().cloned(),
        });
        outcome
    }

    fn reason(&mut self, input: &Raw) -> Result<Reasoned, String> {
        self.recorded = self.recorded.saturating_add(input.as_str().len());
        let has_stub = has_stub(self.kernel, self.operator);
        let asked = Question { operator: self.operator, has_stub, input };
        self.kernel.reasoner.reason(&asked)
    }

    fn reasoned(&mut self, input: &Raw) {
        self.recorded = self.recorded.saturating_add(input.as_str().len());
    }

    fn stub_answered(&mut self, input: &Raw, answer: &Raw) {
        self.recorded = self.recorded.saturating_add(answer.as_str().len());
        let asked = Question { operator: self.operator, has_stub: true, input };
        self.kernel.reasoner.stub_answered(&asked, answer);
    }

    fn exceeded(&self) -> Option<String> {
        let over = self.recorded > self.most;
        over.then(|| format!("it asked for and was answered more than {} bytes", self.most))
    }

    fn http(&mut self, _request: &Raw) -> Result<Raw, String> {
        Err("operators have no `ctx.http`: they sense through connectors".to_owned())
    }

    fn log(&mut self, level: &str, text: &str) {
        if self.logs.len() == LOGS {
            self.dropped += 1;
        } else {
            self.logs.push(LogLine { level: level.to_owned(), text: text.to_owned() });
        }
    }
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
