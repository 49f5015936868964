//! A pack's prompt contract, `prompt.md`: its text as sections, the convention of its idempotency keys, and which
//! capabilities it names.
//!
//! A section is a heading of the first level and what follows it up to the next; headings inside fenced code, quotes
//! and lists are none, as Markdown has it. The text is kept as it is, and its sections cover it without a gap. Knows
//! nothing of files, other parts of a pack, or who reads the prompt.

use std::sync::Arc;

use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Span;

mod faults;
mod key_convention;
mod mention;
mod outline;
#[cfg(test)]
pub(crate) mod tests;

pub use key_convention::{KeyConvention, KeyMismatch, KeyPart};

/// After so many faults no more are told.
pub const MAX_FAULTS: usize = 20;

/// The sections that a prompt contract has, each once and in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionName {
    /// The outcome, in plain language.
    Goal,
    /// What is never proposed, and within which bounds.
    Constraints,
    /// The shape of a plan, and the convention of its idempotency keys.
    Output,
    /// When the right plan is an empty one.
    Refusal,
}

impl SectionName {
    /// In the order of a contract.
    pub const ALL: [Self; 4] = [Self::Goal, Self::Constraints, Self::Output, Self::Refusal];

    /// The heading's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Goal => "Goal",
            Self::Constraints => "Constraints",
            Self::Output => "Output",
            Self::Refusal => "Refusal",
        }
    }

    /// What it says, as advice words it.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Goal => "the outcome, in plain language",
            Self::Constraints => "what is never proposed, and within which bounds",
            Self::Output => "the shape of the plan, and how its idempotency keys are made",
            Self::Refusal => "when the right plan is an empty one",
        }
    }

    /// The section with this heading, exactly as a contract writes it.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.word() == word)
    }
}

/// What a section is to the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// What stands before the first heading: nothing, blank lines, or text that belongs to no section.
    Preamble,
    /// One of the four. A second one of the same name has this kind too, and is a fault.
    Contract(SectionName),
    /// A section that no contract has to have. It is kept, compared, and warned of.
    Further,
}

/// A part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is to the contract.
    pub kind: SectionKind,
    /// The heading's text, without markup; empty for the preamble.
    pub title: String,
    /// All of it, from the beginning of the heading's line to the beginning of the next section's.
    pub span: Span,
    /// The heading, with its underline where it has one.
    pub heading: Span,
    /// What follows the heading.
    pub body: Span,
}

/// A prompt contract that was read, with or without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    text: Arc<str>,
    sections: Vec<Section>,
    keys: Option<KeyConvention>,
}

impl Prompt {
    /// Reads a text, and says what keeps it from being a contract, in the order of the text. The diagnostics have no
    /// file yet.
    pub fn read(text: &str) -> (Self, Vec<Diagnostic>) {
        let mut outline = outline::of(text);
        let mut faults = faults::of(text, &mut outline);
        let found = outline.sections.iter().find(|section| section.kind == SectionKind::Contract(SectionName::Output));
        let keys = match found.map(|output| key_convention::find(text, output)) {
            Some(Ok(keys)) => Some(keys),
            Some(Err(fault)) => {
                faults.push(fault);
                None
            }
            None => None,
        };
        let faults = faults::told(text, faults);
        (Self { text: text.into(), sections: outline.sections, keys }, faults)
    }

    /// The whole text, byte for byte.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Every section, in the order of the text; the first is the preamble. Together they cover the text.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The first section of a name.
    pub fn section(&self, name: SectionName) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == SectionKind::Contract(name))
    }

    /// What stands under the first heading of a name, without the blank lines around it.
    pub fn body(&self, name: SectionName) -> Option<&str> {
        self.section(name).map(|section| self.text[section.body.clone()].trim())
    }

    /// The convention of idempotency keys that `# Output` spells out.
    pub fn keys(&self) -> Option<&KeyConvention> {
        self.keys.as_ref()
    }

    /// Where the text names a capability by any of its spellings, as a word of its own.
    pub fn mention(&self, vocabulary: &Vocabulary, capability: &str) -> Option<Span> {
        let canonical = vocabulary.find(capability).unwrap_or(capability);
        let spellings = std::iter::once(canonical).chain(vocabulary.aliases(canonical));
        spellings.filter_map(|name| mention::first(&self.text, name)).min_by_key(|span| span.start)
    }

    /// Whether the text names a capability.
    pub fn names(&self, vocabulary: &Vocabulary, capability: &str) -> bool {
        self.mention(vocabulary, capability).is_some()
    }
}
