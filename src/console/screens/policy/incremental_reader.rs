//! Reading a draft again after each change of it. A list of rules is read rule by rule, and a rule that reads as before
//! is not read again; whatever else a file is, or as soon as a rule has a fault, the whole is read as the kernel would.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::policy::file::{self, PolicyFile};
use crate::kernel::policy::{Origin, TrustPolicy};

/// Reads one file, and knows what it read of it last.
#[derive(Debug, Clone)]
pub struct Reader {
    file: String,
    vocabulary: Arc<Vocabulary>,
    known: HashMap<Box<str>, Vec<TrustPolicy>>,
}

impl Reader {
    /// For a file of that name.
    pub fn new(file: String, vocabulary: Arc<Vocabulary>) -> Self {
        Self { file, vocabulary, known: HashMap::new() }
    }

    /// The names rules may use.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What a text says, or everything that is wrong with it.
    pub fn read(&mut self, text: &str) -> Result<PolicyFile, Vec<Diagnostic>> {
        match self.by_rule(text) {
            Some(rules) if !rules.is_empty() => Ok(PolicyFile { rules, warnings: Vec::new() }),
            _ => file::read(&self.file, text, &self.vocabulary),
        }
    }

    /// The rules of a list at the margin, all of which have to be sound.
    fn by_rule(&mut self, text: &str) -> Option<Vec<TrustPolicy>> {
        let items = items(text)?;
        let mut before = std::mem::take(&mut self.known);
        let mut rules = Vec::with_capacity(items.len());
        let mut line = 1 + breaks(&text[..items.first().map_or(0, |item| item.start)]);
        for item in items {
            let said = &text[item.clone()];
            if !self.known.contains_key(said) {
                let read = match before.remove(said) {
                    Some(read) => read,
                    None => {
                        file::read(&self.file, said, &self.vocabulary).ok().filter(|read| read.rules.len() == 1)?.rules
                    }
                };
                self.known.insert(said.into(), read);
            }
            let number = u32::try_from(rules.len() + 1).unwrap_or(u32::MAX);
            rules.extend(self.known.get(said)?.iter().map(|rule| moved(rule, number, line, item.start)));
            line += breaks(said);
        }
        Some(rules)
    }
}

/// A rule where it stands in the file.
fn moved(rule: &TrustPolicy, number: u32, line: u32, start: usize) -> TrustPolicy {
    let Origin { file, line: own, span, .. } = &rule.origin;
    let origin = Origin {
        file: file.clone(),
        number,
        line: own.map(|own| own + line - 1),
        span: span.as_ref().map(|span| span.start + start..span.end + start),
    };
    TrustPolicy { origin, ..rule.clone() }
}

fn breaks(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// The items of a list at the margin with only comments before it; none where the text is anything else.
fn items(text: &str) -> Option<Vec<Range<usize>>> {
    // A byte order mark is sound or not by what stands around it.
    if text.contains('\u{feff}') {
        return None;
    }
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        // A mark that ends a document would only end an item here.
        if body.starts_with("...") || body.starts_with("---") {
            return None;
        }
        if body == "-" || body.starts_with("- ") {
            starts.push(at);
        } else if starts.is_empty() && !(body.is_empty() || body.starts_with('#')) {
            return None;
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    Some(starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reader() -> Reader {
        Reader::new("p.yaml".to_owned(), Arc::new(Vocabulary::shipped()))
    }

    proptest! {
        #[test]
        fn rule_by_rule_it_says_what_the_whole_says(
            lines in prop::collection::vec(prop::sample::select(vec![
                "- tool: order.hold", "- { tool: order.hold, decision: ALLOW }", "  decision: ALLOW", "  decision: BLOCK # x",
                "  maxValue: 10", "  maxValue: x", "# c", "", "---", "- ", "  connector: a", "- \"", "- [", "]", "...", "- |",
                "  text", "\u{feff}", "rules:", "  - tool: order.hold", "- &a", "\t", "%YAML 1.2", "- é: 1", "-",
            ]), 0..9),
            again in 0_usize..9,
            crlf: bool,
        ) {
            let ends = if crlf { "\r\n" } else { "\n" };
            let mut lines = lines;
            let mut reader = reader();
            let text = lines.join(ends);
            prop_assert_eq!(reader.read(&text), file::read("p.yaml", &text, &Vocabulary::shipped()));
            if again < lines.len() {
                lines.remove(again);
            }
            let text = lines.join(ends) + "\n";
            prop_assert_eq!(reader.read(&text), file::read("p.yaml", &text, &Vocabulary::shipped()));
        }
    }
}
