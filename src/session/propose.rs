//! Asking an operator for a plan, and serving what it asks on the way: inline reads and the reasoner, each by the tape
//! where it plays.

use crate::author::definition::OperatorDef;
use crate::author::host::{Host, Reasoned, Scene, Services};
use crate::cassette::{Kind, Miss, Outcome, Request};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::Binding;
use crate::kernel::journal::{LogLine, Read, ReasonedBy, Reasoning};
use crate::kernel::json::Raw;
use crate::reason::{Answer, Question};

use super::dev_kernel::DevKernel;
use super::tape::{Found, Mode};

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

/// Lines of log kept of one call.
const LOGS: usize = 200;

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
    let over_limit = errand.over_limit.take().or_else(|| host.over_limit().map(str::to_owned));
    let (found, miss) = errand.finish(plan.is_ok());
    // What is not recorded leaves no plan, whatever author code made of the error.
    let plan = miss.filter(|_| over_limit.is_none()).map_or(plan, Err);
    let (reads, reasoned, logs) = found;
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

/// One operator's call in progress.
struct Errand<'a> {
    kernel: &'a mut DevKernel,
    definition: &'a OperatorDef,
    scene: Scene<'a>,
    reads: Vec<Read>,
    reasoned: Vec<Reasoning>,
    logs: Vec<LogLine>,
    dropped: usize,
    /// Bytes of what it asked for and was answered.
    recorded: usize,
    /// How many of them there may be.
    most: usize,
    /// Why the call may not go on, where an answer was over a limit.
    over_limit: Option<String>,
    /// The first thing it asked for that is not recorded.
    miss: Option<Diagnostic>,
    /// Reads to be recorded if a model is asked too.
    sensed: Vec<(Request, Outcome)>,
    /// Whether a model answered.
    asked_model: bool,
    /// Questions left to its own stub that are not answered yet, where that is recorded.
    left_to_stub: usize,
}

/// What came of a read.
struct ReadAnswer {
    connector: Option<String>,
    outcome: Outcome,
    recorded: bool,
    missed: bool,
}

impl ReadAnswer {
    fn of(outcome: Result<(String, Raw), String>) -> Self {
        let (connector, outcome) = match outcome {
            Ok((connector, result)) => (Some(connector), Ok(result)),
            Err(error) => (None, Err(error)),
        };
        Self { connector, outcome, recorded: false, missed: false }
    }
}

impl<'a> Errand<'a> {
    fn new(kernel: &'a mut DevKernel, definition: &'a OperatorDef, scene: Scene<'a>, most: usize) -> Self {
        Self {
            kernel,
            definition,
            scene,
            reads: Vec::new(),
            reasoned: Vec::new(),
            logs: Vec::new(),
            dropped: 0,
            recorded: 0,
            most,
            over_limit: None,
            miss: None,
            sensed: Vec::new(),
            asked_model: false,
            left_to_stub: 0,
        }
    }

    /// What was read, reasoned and logged, and what was not to be had from the recordings.
    fn finish(mut self, succeeded: bool) -> ((Vec<Read>, Vec<Reasoning>, Vec<LogLine>), Option<Diagnostic>) {
        if self.dropped > 0 {
            let text = format!("{} more lines were dropped", self.dropped);
            self.logs.push(LogLine { level: "warn".to_owned(), text });
        }
        let tape = &mut self.kernel.tape;
        if self.asked_model || tape.mode() == Mode::Recording {
            for (request, outcome) in self.sensed {
                tape.keep(Kind::Sense, &request, &self.definition.name, outcome);
            }
        }
        if succeeded && self.left_to_stub > 0 {
            tape.lacks_form(&self.definition.name);
        }
        ((self.reads, self.reasoned, self.logs), self.miss)
    }

    fn missed(&mut self, miss: &Miss) -> String {
        let about = format!("{} asks what is not on tape", &self.definition.name);
        self.miss.get_or_insert_with(|| miss.diagnostic(&about));
        miss.told()
    }

    fn read(&mut self, capability: &str, args: &Raw) -> ReadAnswer {
        let kernel = &mut *self.kernel;
        let (canonical, binding) = match bound(kernel, &self.definition.name, capability) {
            Ok(bound) => bound,
            Err(why) => return ReadAnswer::of(Err(why)),
        };
        let connector = binding.connector.clone();
        if kernel.tape.mode() == Mode::Off {
            return ReadAnswer::of(call_bound(kernel, &binding, args, &self.scene).map(|result| (connector, result)));
        }
        let request = Request::sense(&connector, &canonical, args);
        let by_this_call = self.sensed.iter().find(|(asked, _)| *asked == request).map(|(_, outcome)| outcome.clone());
        let found = by_this_call
            .map_or_else(|| kernel.tape.find(Kind::Sense, &request, &self.definition.name), Found::Answered);
        match found {
            Found::Answered(outcome) => {
                let recorded = kernel.tape.mode() == Mode::Playing;
                ReadAnswer { connector: outcome.is_ok().then_some(connector), outcome, recorded, missed: false }
            }
            Found::Missed(miss) => {
                let outcome = Err(self.missed(&miss));
                ReadAnswer { connector: None, outcome, recorded: false, missed: true }
            }
            Found::Ask => {
                let outcome = call_bound(kernel, &binding, args, &self.scene);
                self.sensed.push((request, outcome.clone()));
                ReadAnswer::of(outcome.map(|result| (connector, result)))
            }
        }
    }

    fn question(&mut self, input: &Raw) -> Answer {
        let kernel = &mut *self.kernel;
        let OperatorDef { name, goal, requires, model, has_stub, .. } = self.definition;
        let request = (kernel.tape.mode() != Mode::Off).then(|| Request::reason(None, goal, input));
        let found = request.as_ref().map(|request| kernel.tape.find(Kind::Reason, request, &self.definition.name));
        let digest = request.as_ref().map(|request| request.digest().to_owned());
        let recorded = Reasoning { digest: digest.clone(), ..Reasoning::by(ReasonedBy::Recorded) };
        match found {
            Some(Found::Answered(outcome)) => {
                let reasoning = Reasoning { error: outcome.as_ref().err().cloned(), ..recorded };
                return Answer { outcome: outcome.map(Reasoned::Answer), over_limit: None, reasoning };
            }
            Some(Found::Missed(miss)) => {
                let told = self.missed(&miss);
                let reasoning = Reasoning { error: Some(told.clone()), missed: true, ..recorded };
                return Answer { outcome: Err(told), over_limit: None, reasoning };
            }
            Some(Found::Ask) | None => {}
        }
        let model = model.as_ref().map(Raw::value);
        let canonical = requires.iter().filter_map(|name| kernel.workspace.vocabulary.canonical(name).ok());
        let acting = canonical.filter(|name| kernel.workspace.vocabulary.acts(name));
        let proposes: Vec<_> = acting.map(ToOwned::to_owned).collect();
        let asked = Question {
            operator: name,
            goal,
            prompt: None,
            model: model.as_ref().and_then(serde_json::Value::as_str),
            proposes: &proposes,
            has_stub: *has_stub,
            input,
        };
        let mut answer = kernel.reasoner.reason(&asked);
        answer.reasoning.digest = digest;
        let by_model = answer.reasoning.from == ReasonedBy::Model;
        if let Some(request) = &request {
            match &answer.outcome {
                Ok(Reasoned::Stub) => self.left_to_stub += 1,
                Ok(Reasoned::Answer(plan)) => {
                    self.asked_model |= by_model;
                    kernel.tape.keep(Kind::Reason, request, &self.definition.name, Ok(plan.clone()));
                }
                // That nothing answers, or not in time, is no answer.
                Err(_) => {}
            }
        }
        answer
    }

    /// Notes what answered; of what is alike, only how often.
    fn note(&mut self, reasoning: Reasoning) {
        match self.reasoned.last_mut() {
            Some(last) if Reasoning { times: 1, ..last.clone() } == reasoning => last.times += 1,
            _ => self.reasoned.push(reasoning),
        }
    }
}

/// What a read goes to, where the operator may read it.
fn bound(kernel: &DevKernel, operator: &str, capability: &str) -> Result<(String, Binding), String> {
    let canonical = kernel.workspace.vocabulary.canonical(capability).map_err(|error| error.told())?.to_owned();
    if !kernel.roster.is_required(operator, &canonical) {
        return Err(format!("`{capability}` is not in the `requires` of {operator}"));
    }
    let binding = kernel.roster.bind(&canonical)?;
    if binding.side_effecting || kernel.workspace.vocabulary.acts(&canonical) {
        return Err(format!("`{canonical}` has side effects: it is planned, not sensed"));
    }
    Ok((canonical, binding))
}

fn call_bound(kernel: &mut DevKernel, binding: &Binding, args: &Raw, scene: &Scene) -> Result<Raw, String> {
    let slot = kernel.roster.connector(&binding.connector);
    let host = slot.and_then(|slot| slot.host.as_mut());
    let host = host.ok_or_else(|| format!("connector {} is not loaded", binding.connector))?;
    call(host.as_mut(), &binding.connector, &binding.tool_name, args, scene)
}

impl Services for Errand<'_> {
    fn sense(&mut self, capability: &str, args: &Raw) -> Result<Raw, String> {
        // INVARIANT: what is over the limit is neither carried out nor kept.
        self.recorded = self.recorded.saturating_add(capability.len() + args.as_str().len());
        if self.exceeded().is_some() {
            return Err("over the limit of what one call may ask for".to_owned());
        }
        let ReadAnswer { connector, outcome, recorded, missed } = self.read(capability, args);
        self.recorded = self.recorded.saturating_add(match &outcome {
            Ok(result) => result.as_str().len(),
            Err(error) => error.len(),
        });
        self.reads.push(Read {
            capability: capability.to_owned(),
            connector,
            args: args.clone(),
            result: outcome.as_ref().ok().cloned(),
            error: outcome.as_ref().err().cloned(),
            recorded,
            missed,
        });
        outcome
    }

    fn reason(&mut self, input: &Raw) -> Result<Reasoned, String> {
        self.recorded = self.recorded.saturating_add(input.as_str().len());
        if self.exceeded().is_some() {
            return Err("over the limit of what one call may ask for".to_owned());
        }
        let Answer { outcome, over_limit, reasoning } = self.question(input);
        self.over_limit = self.over_limit.take().or(over_limit);
        self.note(reasoning);
        if let Ok(Reasoned::Answer(answer)) = &outcome {
            self.recorded = self.recorded.saturating_add(answer.as_str().len());
        }
        outcome
    }

    fn reasoned(&mut self, input: &Raw) {
        self.recorded = self.recorded.saturating_add(input.as_str().len());
        self.note(Reasoning::by(ReasonedBy::Stub));
    }

    fn stub_answered(&mut self, input: &Raw, answer: &Raw) {
        self.recorded = self.recorded.saturating_add(answer.as_str().len());
        let OperatorDef { name, goal, .. } = self.definition;
        if self.kernel.tape.mode() != Mode::Off {
            let request = Request::reason(None, goal, input);
            self.left_to_stub = self.left_to_stub.saturating_sub(1);
            self.kernel.tape.keep(Kind::Reason, &request, name, Ok(answer.clone()));
        }
    }

    fn exceeded(&self) -> Option<String> {
        let over = self.recorded > self.most;
        self.over_limit
            .clone()
            .or_else(|| over.then(|| format!("it asked for and was answered more than {} bytes", self.most)))
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
