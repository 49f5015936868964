//! What an operator asks on the way to its plan: inline reads and the reasoner, each answered by the tape where that
//! plays, and kept for it where it records.

use std::sync::Arc;

use crate::author::definition::OperatorDef;
use crate::author::host::{Reasoned, Scene, Services};
use crate::cassette::{Kind, Miss, Outcome, Request};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Binding;
use crate::kernel::journal::{LogLine, Read, ReasonedBy, Reasoning};
use crate::kernel::json::Raw;
use crate::reason::{Answer, Question};
use crate::session::dev_kernel::DevKernel;
use crate::session::tape::{Found, Mode};

use super::call;

/// Lines of log kept of one call.
const LOGS: usize = 200;

/// One operator's call in progress.
pub(super) struct Errand<'a> {
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

/// What a finished call asked for and was answered.
pub(super) struct Told {
    pub(super) reads: Vec<Read>,
    pub(super) reasoned: Vec<Reasoning>,
    pub(super) logs: Vec<LogLine>,
    /// The first thing that was not to be had from the recordings.
    pub(super) miss: Option<Diagnostic>,
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
    pub(super) fn new(kernel: &'a mut DevKernel, definition: &'a OperatorDef, scene: Scene<'a>, most: usize) -> Self {
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

    /// Ends it; what is to be recorded is kept.
    pub(super) fn finish(mut self, succeeded: bool) -> Told {
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
        Told { reads: self.reads, reasoned: self.reasoned, logs: self.logs, miss: self.miss }
    }

    fn missed(&mut self, miss: &Miss) -> String {
        self.miss.get_or_insert_with(|| miss.diagnostic(&self.definition.name));
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
        let prompt = kernel.roster.pack_of(name).map(|pack| Arc::clone(&pack.prompt));
        let prompt = prompt.as_deref();
        let request = (kernel.tape.mode() != Mode::Off).then(|| Request::reason(prompt, goal, input));
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
            prompt,
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
            let prompt = self.kernel.roster.pack_of(name).map(|pack| &*pack.prompt);
            let request = Request::reason(prompt, goal, input);
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
