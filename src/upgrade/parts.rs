//! What of a pack is other in its new version, part by part, and which rise of the version each change demands
//! (contract 9). It looks at artifacts alone: what comes of them is `replays`'.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Bump;
use super::contract::{ContractDiff, Kind};
use super::schema::{self, SchemaChange};
use crate::author::definition::{ConnectorDef, ToolDef, Trigger};
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::TrustPolicy;
use crate::pack::prompt::{SectionKind, SectionName};
use crate::pack::{Pack, Requirement};

/// The rule of a section that says something else.
pub const CONTRACT_TEXT: &str = "contract text changed";
/// The rule of a change that demands less where no plan is other.
pub const OPERATOR_CODE: &str = "operator code changed";

/// A part of a pack that is accepted or held by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// `# Goal` of the prompt contract.
    Goal,
    /// `# Constraints`.
    Constraints,
    /// `# Output`, with the convention of keys.
    Output,
    /// `# Refusal`.
    Refusal,
    /// What else stands in `prompt.md`.
    Further,
    /// What it may propose.
    Tools,
    /// Recommended rules.
    Guardrails,
    /// What it needs.
    Requires,
    /// Its code: trigger and `run`.
    Operator,
    /// The card, with the price.
    Listing,
    /// Connectors that travel with it.
    Connectors,
    /// Recorded envelopes.
    Fixtures,
}

impl Part {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::Goal,
        Self::Constraints,
        Self::Output,
        Self::Refusal,
        Self::Further,
        Self::Tools,
        Self::Guardrails,
        Self::Requires,
        Self::Operator,
        Self::Listing,
        Self::Connectors,
        Self::Fixtures,
    ];

    /// What screens and lines call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Goal => "Goal",
            Self::Constraints => "Constraints",
            Self::Output => "Output",
            Self::Refusal => "Refusal",
            Self::Further => "further",
            Self::Tools => "tools",
            Self::Guardrails => "guardrails",
            Self::Requires => "requires",
            Self::Operator => "operator",
            Self::Listing => "pricing",
            Self::Connectors => "connectors",
            Self::Fixtures => "fixtures",
        }
    }

    /// True for a section of the prompt contract.
    pub fn is_contract(self) -> bool {
        self <= Self::Further
    }

    /// The part that a section of the prompt belongs to.
    pub fn of_section(kind: SectionKind) -> Self {
        match kind {
            SectionKind::Contract(SectionName::Goal) => Self::Goal,
            SectionKind::Contract(SectionName::Constraints) => Self::Constraints,
            SectionKind::Contract(SectionName::Output) => Self::Output,
            SectionKind::Contract(SectionName::Refusal) => Self::Refusal,
            SectionKind::Preamble | SectionKind::Further => Self::Further,
        }
    }
}

/// One change and what it demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The part it is in.
    pub part: Part,
    /// The least rise it demands.
    pub bump: Bump,
    /// What is other: `order.refund added, side-effecting`.
    pub what: String,
    /// The rule that demands it: `guardrail defaults changed`.
    pub rule: &'static str,
}

/// All changes of the artifacts, in the order of the parts.
pub fn changes(old: &Pack, new: &Pack, contract: Option<&ContractDiff>, vocabulary: &Vocabulary) -> Vec<Change> {
    let mut found = Changes { found: Vec::new(), vocabulary };
    found.contract(old, new, contract);
    if let (Some(old), Some(new)) = (&old.definition, &new.definition) {
        found.tools(old, new);
    }
    found.guardrails(old, new);
    found.requires(old.requires.as_deref().unwrap_or_default(), new.requires.as_deref().unwrap_or_default());
    found.operator(old, new);
    found.listing(old, new);
    let mut changes = found.found;
    changes.sort_by_key(|change| change.part);
    changes
}

struct Changes<'a> {
    found: Vec<Change>,
    vocabulary: &'a Vocabulary,
}

impl Changes<'_> {
    fn add(&mut self, part: Part, bump: Bump, what: impl Into<String>, rule: &'static str) {
        self.found.push(Change { part, bump, what: what.into(), rule });
    }

    fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        self.vocabulary.find(name).unwrap_or(name)
    }

    fn contract(&mut self, old: &Pack, new: &Pack, contract: Option<&ContractDiff>) {
        let mut kinds: BTreeMap<Part, Kind> = BTreeMap::new();
        for section in contract.iter().flat_map(|contract| contract.sections()) {
            let kind = kinds.entry(Part::of_section(section.kind)).or_insert(Kind::Same);
            *kind = section.change.max(*kind);
        }
        for (part, kind) in kinds {
            let word = part.word();
            match kind {
                Kind::Same => {}
                Kind::Layout => {
                    self.add(part, Bump::Patch, format!("{word} is laid out otherwise"), "only layout moved");
                }
                Kind::Moved => self.add(part, Bump::Minor, format!("passages of {word} moved"), CONTRACT_TEXT),
                Kind::Changed => self.add(part, Bump::Minor, format!("{word} says something else"), CONTRACT_TEXT),
                Kind::Added => self.add(part, Bump::Minor, format!("{word} added"), CONTRACT_TEXT),
                Kind::Removed => self.add(part, Bump::Minor, format!("{word} removed"), CONTRACT_TEXT),
            }
        }
        let keys = |pack: &Pack| pack.prompt.as_ref().and_then(|prompt| prompt.keys().cloned());
        let (before, after) = (keys(old), keys(new));
        let same = match (&before, &after) {
            (Some(before), Some(after)) => before.has_same_keys(after),
            (before, after) => before.is_none() == after.is_none(),
        };
        if !same {
            let shown = |keys: Option<_>| {
                keys.map_or_else(|| "none".to_owned(), |keys: crate::pack::prompt::KeyConvention| format!("`{keys}`"))
            };
            let what = format!("keys are {}, were {}", shown(after), shown(before));
            self.add(Part::Output, Bump::Major, what, "key convention changed");
        }
    }

    fn tools(&mut self, old: &ConnectorDef, new: &ConnectorDef) {
        let named = |definition: &ConnectorDef, canonical: &dyn Fn(&str) -> String| -> BTreeMap<String, ToolDef> {
            definition.tools.iter().map(|tool| (canonical(&tool.capability), tool.clone())).collect()
        };
        let canonical = |name: &str| self.canonical(name).to_owned();
        let (before, after) = (named(old, &canonical), named(new, &canonical));
        for (name, tool) in &before {
            let Some(now) = after.get(name) else {
                self.add(Part::Tools, Bump::Major, format!("{name} removed"), "a tool removed");
                continue;
            };
            if now.side_effecting != tool.side_effecting {
                self.add(Part::Tools, Bump::Major, format!("{name} is another kind of tool"), "a side effect changed");
            }
            match schema::change(tool.input_schema.as_ref(), now.input_schema.as_ref()) {
                SchemaChange::Same => {}
                SchemaChange::Widened => {
                    self.add(Part::Tools, Bump::Minor, format!("{name} takes more"), "a schema widened");
                }
                SchemaChange::Narrowed => {
                    self.add(Part::Tools, Bump::Major, format!("{name} takes less"), "a schema narrowed");
                }
            }
            if now.idempotent != tool.idempotent {
                let what = format!("{name} is {}idempotent now", if now.idempotent { "" } else { "no longer " });
                self.add(Part::Tools, Bump::Minor, what, "a tool changed");
            }
        }
        for name in after.keys().filter(|name| !before.contains_key(*name)) {
            self.add(Part::Tools, Bump::Minor, format!("{name} added, side-effecting"), "a tool added");
        }
    }

    fn guardrails(&mut self, old: &Pack, new: &Pack) {
        let rules = |pack: &Pack| pack.guardrails.as_ref().map(|all| all.rules.iter().map(said).collect::<Vec<_>>());
        let (before, after) = (rules(old).unwrap_or_default(), rules(new).unwrap_or_default());
        let count = |all: &[String], rule: &String| all.iter().filter(|other| *other == rule).count();
        let gone = before.iter().filter(|rule| count(&after, rule) < count(&before, rule));
        let come = after.iter().filter(|rule| count(&before, rule) < count(&after, rule));
        let (gone, come): (Vec<_>, Vec<_>) = (gone.cloned().collect(), come.cloned().collect());
        for rule in come {
            self.add(Part::Guardrails, Bump::Major, format!("{rule} added"), "guardrail defaults changed");
        }
        for rule in gone {
            self.add(Part::Guardrails, Bump::Major, format!("{rule} removed"), "guardrail defaults changed");
        }
        let revision = |pack: &Pack| pack.guardrails.as_ref().map(|all| all.revision.clone());
        let predicates = |pack: &Pack| pack.guardrails.as_ref().is_some_and(|all| !all.predicates.is_empty());
        if revision(old) != revision(new) && !self.found.iter().any(|change| change.part == Part::Guardrails) {
            // What a predicate says cannot be compared.
            if predicates(old) || predicates(new) {
                let what = "code that a predicate may ask changed";
                self.add(Part::Guardrails, Bump::Major, what, "guardrail defaults changed");
            } else {
                self.add(Part::Guardrails, Bump::Patch, "the same rules, written otherwise", "only layout moved");
            }
        }
    }

    fn requires(&mut self, old: &[Requirement], new: &[Requirement]) {
        let find = |all: &[Requirement], name: &str| all.iter().find(|one| one.canonical == name).cloned();
        for one in old {
            let name = &one.canonical;
            match find(new, name) {
                None => {
                    self.add(Part::Requires, Bump::Major, format!("{name} no longer needed"), "a capability removed");
                }
                Some(now) if one.optional && !now.optional => {
                    let what = format!("{name} is needed now, was optional");
                    self.add(Part::Requires, Bump::Major, what, "a required capability added");
                }
                Some(now) if !one.optional && now.optional => {
                    self.add(Part::Requires, Bump::Minor, format!("{name} is optional now"), "an optional capability");
                }
                Some(now) if now.why != one.why => {
                    self.add(Part::Requires, Bump::Patch, format!("why {name} is needed"), "only words for people");
                }
                Some(_) => {}
            }
        }
        for one in new.iter().filter(|one| find(old, &one.canonical).is_none()) {
            let name = &one.canonical;
            if one.optional {
                self.add(Part::Requires, Bump::Minor, format!("{name} added, optional"), "an optional capability");
            } else {
                self.add(Part::Requires, Bump::Major, format!("{name} added"), "a required capability added");
            }
        }
    }

    fn operator(&mut self, old: &Pack, new: &Pack) {
        let trigger =
            |pack: &Pack| pack.operator.as_ref().and_then(|one| one.definition().map(|it| it.trigger.clone()));
        if let (Some(before), Some(after)) = (trigger(old), trigger(new))
            && before != after
        {
            let what = format!("set going by {}, was {}", set_going(&after), set_going(&before));
            self.add(Part::Operator, Bump::Major, what, "a trigger changed");
        }
        let text = |pack: &Pack| pack.operator.as_ref().map(|operator| operator.text.clone());
        let revision = |pack: &Pack| pack.operator.as_ref().map(|operator| operator.revision.clone());
        // Without code of its own it is made of the other parts, and changes with them.
        let own = text(old).flatten().is_some() || text(new).flatten().is_some();
        if own && revision(old) != revision(new) {
            self.add(Part::Operator, Bump::Minor, OPERATOR_CODE, OPERATOR_CODE);
        }
    }

    fn listing(&mut self, old: &Pack, new: &Pack) {
        let (before, after) = (&old.listing, &new.listing);
        if before == after {
            return;
        }
        let price = |pack: &Option<crate::pack::Listing>| pack.as_ref().map(|listing| listing.pricing.clone());
        let what = match (price(before), price(after)) {
            (Some(before), Some(after)) if before.from_usd_month != after.from_usd_month => {
                format!("from ${} a month, was ${}", after.from_usd_month, before.from_usd_month)
            }
            (Some(before), Some(after)) if before != after => "pricing changed".to_owned(),
            _ => "the card says something else".to_owned(),
        };
        self.add(Part::Listing, Bump::Patch, what, "only words for people");
    }
}

/// A rule as people read it: `order.refund gets a default: ALLOW up to 100`.
fn said(rule: &TrustPolicy) -> String {
    let tool = rule.tool.as_deref().unwrap_or("every tool");
    let connector = rule.connector.as_ref().map_or_else(String::new, |connector| format!(" of {connector}"));
    let ceiling = rule.max_value.as_ref().map_or_else(String::new, |most| format!(" up to {most}"));
    let predicate = if rule.predicate.is_some() { " where a predicate says so" } else { "" };
    format!("{tool}{connector} {}{ceiling}{predicate}", rule.decision)
}

fn set_going(trigger: &Trigger) -> String {
    match trigger {
        Trigger::On(glob) => format!("`{glob}`"),
        Trigger::Every(every) => format!("every {every}"),
    }
}
