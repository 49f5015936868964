//! A pack's code that is read once: the definition and the recommended rules. Both run in a confined child, because a
//! reviewer runs other people's packs.

use super::{GUARDRAILS, INDEX, Pack, Part, Request};
use crate::author::bounded_read;
use crate::author::definition::{AI_OPERATOR, AuthSpec, ConnectorDef, Definition};
use crate::author::load::{self, CodeKind, LoadFailure, RuntimeKind};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::policy::TrustPolicy;
use crate::kernel::policy::file;

/// The rules a pack recommends. They are nobody's policy until a tenant takes them.
#[derive(Debug, Clone)]
pub struct Guardrails {
    /// The rules, in order.
    pub rules: Vec<TrustPolicy>,
    /// Which of them, from 0, ask a predicate: a tenant has to write that one.
    pub predicates: Vec<u32>,
    /// What the file says.
    pub text: String,
    /// Short digest over it and what it imports.
    pub revision: String,
}

/// How a pack's file is loaded: from its own folder, whatever the workspace says of runtimes.
pub(super) fn load_request<'a>(request: &Request<'a>, entry: &'a std::path::Path, kind: CodeKind) -> load::Request<'a> {
    load::Request {
        root: request.root,
        named_from: request.named_from,
        entry,
        kind,
        runtime: RuntimeKind::Embedded,
        limits: request.limits,
        hosts: request.hosts,
    }
}

impl Pack {
    /// Reads `index.ts`: who the pack is and what it may propose.
    pub(super) fn read_definition(&mut self, request: &Request<'_>) {
        let name = self.file(&INDEX);
        if self.root.join(name).symlink_metadata().is_err() {
            let help = "it ends in `export default defineConnector({ id, version, category: 'ai-operator', … })`";
            self.fault(Part::Def, Diagnostic::error(format!("`{name}` is missing")).help(help).in_file(name));
            return;
        }
        let path = self.root.join(name);
        match load::load(&load_request(request, &path, CodeKind::Connector)) {
            Ok(loaded) => {
                self.sources.extend(loaded.files);
                if let Definition::Connector(definition) = loaded.host.definition() {
                    self.check_definition(name, definition);
                    self.definition = Some(definition.clone());
                }
            }
            Err(failure) => {
                self.not_loaded(Part::Def, failure);
                let text = bounded_read::read_text(&path, bounded_read::SETTINGS).unwrap_or_default();
                if !text.contains(AI_OPERATOR) {
                    // What a connector needs to load is then asked of it, which is not what its author has to mend.
                    let fault = Diagnostic::error(format!("`{name}` is not of the category `{AI_OPERATOR}`"));
                    self.fault(Part::Def, fault.help(format!("write `category: '{AI_OPERATOR}'`")).in_file(name));
                }
            }
        }
    }

    fn check_definition(&mut self, name: &str, definition: &ConnectorDef) {
        let text = bounded_read::read_text(&self.root.join(name), bounded_read::SETTINGS).unwrap_or_default();
        if definition.category != AI_OPERATOR {
            let message = format!("`category` is `{}`, and a pack's is `{AI_OPERATOR}`", definition.category);
            let help = format!("write `category: '{AI_OPERATOR}'`");
            let fault = Diagnostic::error(message).help(help).in_file(name);
            self.fault(Part::Def, fault.at_literal(&text, "category", &definition.category));
        }
        if definition.version.is_none() {
            let help = "receipts record the version that proposed: write `version: '1.0.0'`";
            let fault = Diagnostic::error("a pack has a `version`").help(help).in_file(name);
            self.fault(Part::Def, fault.at_literal(&text, "id", &definition.id));
        }
        if definition.auth != AuthSpec::None {
            let help = "write `auth: none()`: an operator acts through the connectors of whoever installs it";
            self.fault(Part::Auth, Diagnostic::error("a pack holds no credentials").help(help).in_file(name));
        }
        for tool in definition.tools.iter().filter(|tool| !tool.side_effecting) {
            let message =
                format!("tool `{}` is not `sideEffecting: true`, and a pack's only output is a plan", tool.name);
            let help = "take it out: what a pack reads stands in `requires.json`";
            let fault = Diagnostic::error(message).help(help).in_file(name);
            self.fault(Part::Tools, fault.at_literal(&text, "tools", &tool.capability));
        }
    }

    /// Reads `guardrails.ts`.
    pub(super) fn read_guardrails(&mut self, request: &Request<'_>) {
        let name = self.file(&GUARDRAILS);
        let Some(text) = self.text(Part::Guardrails, name) else { return };
        let path = self.root.join(name);
        let loaded = match load::load_rules(&load_request(request, &path, CodeKind::Any)) {
            Ok(loaded) => loaded,
            Err(failure) => return self.not_loaded(Part::Guardrails, failure),
        };
        self.sources.extend(loaded.files);
        match file::read_coded(name, &loaded.rules, request.vocabulary) {
            Ok(coded) => {
                let rules = coded.file.rules;
                self.extend(Part::Guardrails, file::placed(coded.file.warnings, &loaded.rules, &text));
                self.check_guardrails(name, &text, &rules, request);
                let predicates = coded.predicates;
                for number in &predicates {
                    let message =
                        format!("rule {} asks a predicate, which no install writes into a policy", number + 1);
                    let help = "who installs the pack would have to write it: give a `maxValue`, or no rule";
                    self.fault(Part::Guardrails, Diagnostic::warning(message).help(help).in_file(name));
                }
                self.guardrails = Some(Guardrails { rules, predicates, text, revision: loaded.revision });
            }
            Err(faults) => self.extend(Part::Guardrails, file::placed(faults, &loaded.rules, &text)),
        }
    }

    /// Rules speak of what the pack proposes, and of nothing else.
    fn check_guardrails(&mut self, name: &str, text: &str, rules: &[TrustPolicy], request: &Request<'_>) {
        let Some(definition) = &self.definition else { return };
        let canonical = |capability: &str| request.vocabulary.find(capability).unwrap_or(capability).to_owned();
        let proposed: Vec<_> = definition.tools.iter().map(|tool| canonical(&tool.capability)).collect();
        let mut faults = Vec::new();
        for rule in rules {
            let Some(tool) = rule.tool.as_ref().filter(|tool| !proposed.contains(tool)) else { continue };
            let message = format!("rule {} is about `{tool}`, which the pack does not propose", rule.origin.number);
            let help = format!("add `{tool}` to the tools of `index.ts`, or take the rule out");
            let aliases = request.vocabulary.aliases(tool);
            let written = aliases.chain([tool.as_str()]).find(|alias| text.contains(*alias)).unwrap_or(tool);
            faults.push(Diagnostic::error(message).help(help).in_file(name).at_literal(text, "tool", written));
        }
        self.extend(Part::Guardrails, faults);
    }

    /// Code that did not load: all that is wrong with it, and where to look for its repair.
    pub(super) fn not_loaded(&mut self, part: Part, failure: LoadFailure) {
        self.author_failed = true;
        self.sources.extend(failure.files);
        self.named_faults(part, std::iter::once(*failure.diagnostic).chain(failure.further));
    }
}
