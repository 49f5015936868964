//! Who answers operators: the reasoner that `[reasoner]` names, or the command line, and what the tape does meanwhile.
//! Only what is asked for here can reach a model: every other command answers from recordings in its place.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::dev_kernel::DevKernel;
use super::tape::{Mode, Tape};
use crate::kernel::diagnostic::Diagnostic;
use crate::reason::Reasoner;
use crate::reason::model::{Endpoint, Model};
use crate::reason::rules::RuleFile;
use crate::reason::stub::Stub;
use crate::workspace::config::{self, ReasonerKind};
use crate::workspace::fixtures::RECORDINGS;
use crate::workspace::{Workspace, secrets};

/// The table of `fibric.toml` and of the secrets.
const TABLE: &str = "reasoner";

/// How operators are to be answered.
#[derive(Debug, Clone, Default)]
pub struct Answering {
    /// By what; `[reasoner] kind` where absent.
    pub kind: Option<ReasonerKind>,
    /// Whether everything they are answered is recorded.
    pub record: bool,
    /// Whether nothing is recorded, also of a model.
    pub unrecorded: bool,
    /// Set once nobody waits for answers any more.
    pub stopped: Arc<AtomicBool>,
}

/// The rule file that a workspace names.
pub fn rules(workspace: &Workspace) -> Option<RuleFile> {
    let rules = workspace.config.reasoner.rules.as_ref()?;
    Some(RuleFile::new(workspace.root.join(&rules.0), rules.0.clone()))
}

/// What answers where nothing may leave this machine and nothing is recorded.
pub(super) fn offline(workspace: &Workspace) -> (Box<dyn Reasoner>, Tape) {
    let mode = match workspace.config.reasoner.kind {
        ReasonerKind::Stub => Mode::Off,
        ReasonerKind::Recorded | ReasonerKind::Model => Mode::Playing,
    };
    (Box::new(Stub::new(rules(workspace))), Tape::new(&workspace.root, mode))
}

/// What answers a pack under review: its own recordings, where it travels with some, and nothing else; otherwise its
/// own stub, offline.
pub(super) fn of_pack(workspace: &Workspace, pack: &Path) -> (Box<dyn Reasoner>, Tape) {
    let recordings = pack.join("fixtures").join(RECORDINGS);
    let recorded = ["sense.jsonl", "reason.jsonl"].iter().any(|name| recordings.join(name).is_file());
    let (rules, mode) = if recorded { (None, Mode::Playing) } else { (rules(workspace), Mode::Off) };
    (Box::new(Stub::new(rules)), Tape::new(pack, mode))
}

impl DevKernel {
    /// Answers so from now on; gives what is to be said of it. The error is a setting that stands in the way: then all
    /// stays as it was.
    pub fn answer_with(&mut self, answering: &Answering) -> Result<Vec<Diagnostic>, Diagnostic> {
        let kind = answering.kind.unwrap_or(self.workspace.config.reasoner.kind);
        let rules = rules(&self.workspace);
        let mut said = Vec::new();
        let reasoner: Box<dyn Reasoner> = match kind {
            ReasonerKind::Model => {
                let endpoint = endpoint(&self.workspace)?;
                said.push(leaves(&endpoint));
                Box::new(Model::new(endpoint, Arc::clone(&answering.stopped)))
            }
            ReasonerKind::Stub => {
                said.extend(rules.iter().flat_map(RuleFile::faults));
                Box::new(Stub::new(rules))
            }
            ReasonerKind::Recorded => Box::new(Stub::new(None)),
        };
        let mode = match kind {
            ReasonerKind::Recorded if answering.record => {
                let fault = Diagnostic::error("what is answered from recordings cannot be recorded from them");
                return Err(fault.help("record with `--reasoner stub` or `--reasoner model`"));
            }
            ReasonerKind::Recorded => Mode::Playing,
            _ if answering.unrecorded => Mode::Off,
            _ if answering.record => Mode::Recording,
            ReasonerKind::Model => Mode::Models,
            ReasonerKind::Stub => Mode::Off,
        };
        self.reasoner = reasoner;
        self.tape = Tape::new(&self.workspace.root, mode);
        Ok(said)
    }
}

/// Why this workspace cannot be answered so, before anything is loaded.
pub fn check(workspace: &Workspace, kind: Option<ReasonerKind>) -> Result<(), Diagnostic> {
    match kind.unwrap_or(workspace.config.reasoner.kind) {
        ReasonerKind::Model => endpoint(workspace).map(|_| ()),
        ReasonerKind::Stub | ReasonerKind::Recorded => Ok(()),
    }
}

fn endpoint(workspace: &Workspace) -> Result<Endpoint, Diagnostic> {
    let table = &workspace.config.reasoner;
    let wrong = |message: String| Diagnostic::error(message).in_file(config::FILE);
    let Some(base_url) = &table.base_url else {
        let fault = wrong("a model is to reason, and `[reasoner] base_url` does not say where it is".to_owned());
        return Err(fault.help("`base_url = \"https://api.example.com/v1\"`, and `model` for its name"));
    };
    let prices = match (table.input_price, table.output_price) {
        (Some(input), Some(output)) => Some((input.0, output.0)),
        (None, None) => None,
        _ => return Err(wrong("of `input_price` and `output_price` in `[reasoner]` there is only one".to_owned())),
    };
    let limits = &workspace.config.limits;
    if table.timeout.0 >= limits.wall.0 {
        let fault = "`[reasoner] timeout` is not shorter than `[limits] wall`, which ends a call with all its waiting";
        return Err(wrong(fault.to_owned()).help("shorten the one, or lengthen the other"));
    }
    let key = table.secret.as_ref().map(|slot| secrets::find(&workspace.root, TABLE, slot)).transpose()?;
    Ok(Endpoint {
        base_url: base_url.0.clone(),
        model: table.model.clone(),
        key,
        timeout: table.timeout.0,
        retries: table.retries.0,
        prices,
        actions: limits.actions_per_plan.0,
    })
}

/// Says what leaves this machine.
fn leaves(endpoint: &Endpoint) -> Diagnostic {
    let model = endpoint.model.as_ref().map_or_else(String::new, |model| format!(" {model}"));
    let said = format!(
        "a model reasons:{model} at `{}`; what operators hand to `ctx.reason` leaves this process",
        endpoint.base_url
    );
    Diagnostic::warning(said).help("`--reasoner recorded` answers from what was recorded of it")
}
