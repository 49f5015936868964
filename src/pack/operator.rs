//! A pack's operator: `operator.ts` gives its trigger and `run`; without one the pack's prompt is its goal, everything
//! sets it going, and it asks the reasoner about the envelope (contract 9).

use super::code::load_request;
use super::prompt::SectionName;
use super::{OPERATOR, Pack, Part, Request};
use crate::author::definition::{Definition, OperatorDef};
use crate::author::host::Host;
use crate::author::load::{self, CodeKind};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Value;

/// What proposes for a pack.
pub struct PackOperator {
    /// Its code, ready to run.
    pub host: Box<dyn Host>,
    /// Short digest over that code.
    pub revision: String,
    /// What its author wrote; none where the pack has no code of its own.
    pub text: Option<String>,
}

impl PackOperator {
    /// What it declares.
    pub fn definition(&self) -> Option<&OperatorDef> {
        match self.host.definition() {
            Definition::Operator(operator) => Some(operator),
            Definition::Connector(_) => None,
        }
    }
}

/// The name a pack's operator runs under: the pack's id less `op-`.
pub fn operator_name(id: &str) -> &str {
    id.strip_prefix("op-").filter(|name| !name.is_empty()).unwrap_or(id)
}

impl Pack {
    /// Loads the operator, or makes the one that every pack has.
    pub(super) fn read_operator(&mut self, request: &Request<'_>) {
        let Some(id) = self.definition.as_ref().map(|definition| definition.id.clone()) else { return };
        let name = self.file(&OPERATOR);
        let path = self.root.join(name);
        let own = path.symlink_metadata().is_ok();
        let load_request = load_request(request, &path, CodeKind::Operator);
        let loaded = if own {
            load::load(&load_request)
        } else {
            load::load_generated(&load_request, &self.generated(operator_name(&id)))
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(failure) => return self.not_loaded(Part::Def, failure),
        };
        self.sources.extend(loaded.files);
        let text = if own { self.text(Part::Def, name) } else { None };
        let operator = PackOperator { host: loaded.host, revision: loaded.revision, text };
        self.check_operator(name, operator_name(&id), &operator, request);
        self.operator = Some(operator);
    }

    /// The operator of a pack without code of its own.
    fn generated(&self, name: &str) -> String {
        let goal =
            self.prompt.as_ref().and_then(|prompt| prompt.body(SectionName::Goal)).filter(|goal| !goal.is_empty());
        let requires = self.requires.iter().flatten().map(|one| Value::from(one.capability.as_str()));
        let requires = Value::Array(requires.collect());
        let (name, goal) = (Value::from(name), Value::from(goal.unwrap_or(name)));
        format!(
            "import {{ defineOperator }} from '@fibric/sdk';\nexport default defineOperator({{\n  name: {name},\n  \
             goal: {goal},\n  requires: {requires},\n  trigger: {{ on: '**' }},\n  run: (ctx) => \
             ctx.reason(ctx.envelope),\n}});\n"
        )
    }

    fn check_operator(&mut self, file: &str, name: &str, operator: &PackOperator, request: &Request<'_>) {
        let Some(definition) = operator.definition() else { return };
        let text = operator.text.as_deref().unwrap_or_default();
        let mut faults = Vec::new();
        if definition.name != name {
            let message = format!("the operator is named `{}`, and its pack's is `{name}`", definition.name);
            let fault = Diagnostic::error(message).help("an operator runs under its pack's id less `op-`");
            faults.push(fault.in_file(file).at_literal(text, "name", &definition.name));
        }
        let canonical = |capability: &str| request.vocabulary.find(capability).map(str::to_owned);
        let required: Option<Vec<_>> =
            self.requires.as_ref().map(|all| all.iter().map(|one| one.canonical.clone()).collect());
        for wanted in required.iter().flat_map(|required| {
            let missing = |name: &&String| canonical(name).is_none_or(|name| !required.contains(&name));
            definition.requires.iter().filter(missing)
        }) {
            let message = format!("the operator requires `{wanted}`, which `requires.json` does not name");
            let fault = Diagnostic::error(message).help("who installs the pack binds what `requires.json` names");
            faults.push(fault.in_file(file).at_literal(text, "requires", wanted));
        }
        self.extend(Part::Def, faults);
        let Some(required) = required else { return };
        let tools = self.definition.iter().flat_map(|definition| &definition.tools);
        let unbound: Vec<_> = tools
            .filter(|tool| canonical(&tool.capability).is_some_and(|name| !required.contains(&name)))
            .map(|tool| tool.capability.clone())
            .collect();
        for tool in unbound {
            let message = format!("`{tool}` is proposed, and `requires.json` does not name it");
            let help = "name it there with why it is needed: an action is done by who provides its capability";
            self.fault(Part::Requires, Diagnostic::error(message).help(help).in_file(super::REQUIRES));
        }
    }
}
