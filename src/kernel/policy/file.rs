//! Policy files in YAML (contract 4): *Rules*, a list of TrustPolicy mappings, or one *guardrail document*.
//!
//! A file with any fault yields no rules at all, and every fault is said at once with its place. The file's text comes
//! in as a value; which files there are is the workspace's business.

use super::{Origin, TrustPolicy};
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;

mod cases;
mod code;
mod guardrails;
mod limits;
mod placed;
mod rules;
#[cfg(test)]
mod tests;
mod values;
mod words;
mod yaml;

pub use cases::{PolicyTest, is_tests, read_tests};
pub use code::{CodedRules, read_coded};
pub use placed::placed;

/// The longest file that is read, in bytes.
pub const MAX_BYTES: usize = 8 << 20;
/// How deep lists and mappings may nest.
pub const MAX_DEPTH: usize = 16;
/// After so many faults no more are looked for.
pub const MAX_FAULTS: usize = 20;

/// A policy file that loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its rules, in file order; their tools by canonical names.
    pub rules: Vec<TrustPolicy>,
    /// What its writer may not expect.
    pub warnings: Vec<Diagnostic>,
}

impl PolicyFile {
    /// Every capability a rule names, with the rule: the workspace warns of those that no loaded tool provides.
    pub fn mentioned(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.rules.iter().filter_map(|rule| Some((rule.tool.as_deref()?, &rule.origin)))
    }
}

/// Reads a policy file, or says everything that is wrong with it.
pub fn read(file_name: &str, text: &str, vocabulary: &Vocabulary) -> Result<PolicyFile, Vec<Diagnostic>> {
    let mut faults = Faults { file: file_name, text, list: Vec::new(), warnings: Vec::new() };
    if text.len() > MAX_BYTES {
        let message = format!("the file is longer than {MAX_BYTES} bytes");
        return Err(vec![Diagnostic::error(message).help("split the policy in two files").in_file(file_name)]);
    }
    let root = yaml::parse(text, &mut faults);
    // A rule read out of a text whose structure is doubtful would only give misleading faults.
    let rules = match &root {
        Some(root) if faults.list.is_empty() && guardrails::is_document(root) => {
            guardrails::of(root, file_name, vocabulary, &mut faults)
        }
        Some(root) if faults.list.is_empty() => rules::of(root, file_name, vocabulary, &mut faults),
        _ => Vec::new(),
    };
    if !faults.list.is_empty() {
        return Err(faults.list);
    }
    let mut warnings = faults.warnings;
    if rules.is_empty() {
        let message = format!("`{file_name}` has no rules: every action is BLOCKed");
        warnings.push(Diagnostic::warning(message).help(words::EXAMPLE).in_file(file_name));
    }
    Ok(PolicyFile { rules, warnings })
}

/// What was wrong so far.
struct Faults<'a> {
    file: &'a str,
    text: &'a str,
    list: Vec<Diagnostic>,
    /// What does not keep the file from loading.
    warnings: Vec<Diagnostic>,
}

impl Faults<'_> {
    fn add(&mut self, span: &crate::kernel::json::Span, message: impl Into<String>, help: impl Into<String>) {
        if self.is_full() {
            return;
        }
        let fault = Diagnostic::error(message).help(help).in_file(self.file).at_span(self.text, span, 1);
        self.list.push(fault);
    }

    fn warn(&mut self, span: &crate::kernel::json::Span, message: impl Into<String>, help: impl Into<String>) {
        if self.warnings.len() < MAX_FAULTS {
            let warning = Diagnostic::warning(message).help(help).in_file(self.file).at_span(self.text, span, 1);
            self.warnings.push(warning);
        }
    }

    fn is_full(&self) -> bool {
        self.list.len() >= MAX_FAULTS
    }
}
