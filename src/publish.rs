//! Whether a pack may be published (contract 9): every part is sound, and its fixtures replay to valid plans.
//!
//! Nothing is executed: plans are proposed and looked at. It knows packs and the session's way of asking an operator;
//! it must not know how a check is printed.

mod connector_contract;
mod fixture_gate;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use fixture_gate::FixtureGate;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::pack::prompt::SectionName;
use crate::pack::{Listing, Pack, Part, Prompt, Requirement};
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;
use crate::workspace::roster::packs;

/// What was found of one part.
#[derive(Debug, Clone)]
pub struct Line {
    /// The part.
    pub part: Part,
    /// What there is: `2 declared, all sideEffecting`.
    pub claim: String,
    /// What is to be said beside `ok`.
    pub note: Option<&'static str>,
    /// Everything that is wrong with it, or odd about it.
    pub faults: Vec<Diagnostic>,
}

impl Line {
    /// Why the part failed, in a few words; none where it did not.
    pub fn failure(&self) -> Option<&Diagnostic> {
        self.faults.iter().find(|fault| fault.is_error())
    }
}

/// What a check came to.
#[derive(Debug)]
pub struct Check {
    /// A line for each part, in order. A private pack has none for its listing and its fixtures.
    pub lines: Vec<Line>,
    /// What the fixtures came to.
    pub gate: FixtureGate,
    /// True where author code did not load, or crashed.
    pub author_failed: bool,
}

impl Check {
    /// How many parts failed.
    pub fn failed(&self) -> usize {
        self.lines.iter().filter(|line| line.failure().is_some()).count()
    }
}

/// Checks the pack in a folder. A private one needs neither listing nor fixtures; what it has of them is checked.
pub fn check(workspace: Workspace, root: &Path, private: bool) -> Check {
    let mut pack = packs::read(&workspace, root);
    connector_contract::check_bundled(&mut pack, &workspace);
    let mut kernel = DevKernel::of_pack(workspace, &mut pack);
    let gate = FixtureGate::run(&mut kernel, &mut pack, private);
    if pack.listing.is_none() && !private && pack.faults(Part::Listing).is_empty() {
        let fault = Diagnostic::error("`listing.json` is missing").in_file(crate::pack::LISTING);
        pack.fault(Part::Listing, fault.help("a pack for one tenant alone does without: `--private`"));
    }
    let is_left_out = |part: Part| match part {
        Part::Listing => private && pack.listing.is_none() && pack.faults(part).is_empty(),
        Part::Fixtures => private && pack.fixtures.is_empty() && pack.connectors.is_empty(),
        _ => false,
    };
    let lines = Part::ALL.into_iter().filter(|part| !is_left_out(*part)).map(|part| line(&pack, part, &gate)).collect();
    Check { lines, author_failed: pack.author_failed() || gate.crashed > 0, gate }
}

fn line(pack: &Pack, part: Part, gate: &FixtureGate) -> Line {
    let note = match part {
        Part::Auth => Some("required for ai-operator"),
        Part::Requires => Some("all in shared vocabulary"),
        _ => None,
    };
    let mut faults = pack.faults(part).to_vec();
    if pack.definition.is_none() && faults.is_empty() && matches!(part, Part::Auth | Part::Tools) {
        faults.push(Diagnostic::error("nothing is known of it while the definition does not load"));
    }
    Line { part, claim: claim(pack, part, gate), note, faults }
}

fn claim(pack: &Pack, part: Part, gate: &FixtureGate) -> String {
    let absent = || "absent".to_owned();
    match part {
        Part::Def => pack.definition.as_ref().map_or_else(absent, |definition| {
            let version = definition.version.as_ref().map_or_else(String::new, |version| format!("@{version}"));
            format!("{}{version}  {}", definition.id, definition.category)
        }),
        Part::Auth => pack.definition.as_ref().map_or_else(absent, |_| "none()".to_owned()),
        Part::Tools => pack.definition.as_ref().map_or_else(absent, |definition| {
            let acting = definition.tools.iter().filter(|tool| tool.side_effecting).count();
            let all = definition.tools.len();
            let how = if acting == all { "all".to_owned() } else { format!("{acting} of {all}") };
            format!("{all} declared, {how} sideEffecting")
        }),
        Part::Prompt => pack
            .prompt
            .as_ref()
            .map_or_else(absent, |prompt| format!("{} present", counted(present(prompt), "section"))),
        Part::Guardrails => pack.guardrails.as_ref().map_or_else(absent, |guardrails| {
            let rules = guardrails.rules.len();
            format!("{} {} as TrustPolicy[]", counted(rules, "rule"), if rules == 1 { "parses" } else { "parse" })
        }),
        Part::Requires => pack.requires.as_deref().map_or_else(absent, requirements),
        Part::Listing => pack.listing.as_ref().map_or_else(absent, price),
        Part::Fixtures => gate.to_string(),
    }
}

fn requirements(all: &[Requirement]) -> String {
    let optional = all.iter().filter(|one| one.optional).count();
    let noun = if all.len() == 1 { "capability" } else { "capabilities" };
    let rest = if optional == 0 { String::new() } else { format!(", {optional} optional") };
    format!("{} {noun}{rest}", all.len())
}

fn price(listing: &Listing) -> String {
    format!("pricing {} ${}", listing.pricing.model, listing.pricing.from_usd_month)
}

/// How many of the four sections are there.
fn present(prompt: &Prompt) -> usize {
    SectionName::ALL.into_iter().filter(|name| prompt.section(*name).is_some()).count()
}
