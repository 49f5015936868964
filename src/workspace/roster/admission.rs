//! What a definition must satisfy beyond its own form before it is taken in: what the vocabulary says of its tools.
//!
//! A connector says of each tool whether it has side effects; the vocabulary says it of each capability. Where they
//! disagree the definition does not load, because a tool that sends and is called a read would run without policy.

use std::path::Path;

use super::{Slot, Workspace};
use crate::author::definition::{ConnectorDef, Definition, ToolDef};
use crate::author::load::{LoadFailure, Loaded};
use crate::kernel::diagnostic::Diagnostic;

/// So many faults of a definition are told; the others are counted.
const TOLD: usize = 20;

/// Lets a definition in, or says why not.
pub(super) fn admit(workspace: &Workspace, entry: &Path, fresh: Loaded) -> Result<Loaded, LoadFailure> {
    let Definition::Connector(connector) = fresh.host.definition() else { return Ok(fresh) };
    let text = std::fs::read_to_string(entry).unwrap_or_default();
    let file = workspace.shown(entry);
    let mut faults = faults(workspace, connector);
    let more = faults.len().saturating_sub(TOLD);
    faults.truncate(TOLD);
    let mut told =
        faults.into_iter().map(|(fault, tool)| fault.in_file(&*file).at_literal(&text, "tools", &tool.capability));
    let Some(first) = told.next() else { return Ok(fresh) };
    let counted = (more > 0).then(|| Diagnostic::error(format!("{more} more")).in_file(&*file));
    let further = told.chain(counted).collect();
    Err(LoadFailure { diagnostic: Box::new(first), further, files: fresh.files, revision: fresh.revision })
}

fn faults<'a>(workspace: &Workspace, connector: &'a ConnectorDef) -> Vec<(Diagnostic, &'a ToolDef)> {
    let vocabulary = &workspace.vocabulary;
    let mut found = Vec::new();
    for (index, tool) in connector.tools.iter().enumerate() {
        let Some(canonical) = vocabulary.find(&tool.capability) else { continue };
        if vocabulary.acts(canonical) && !tool.side_effecting {
            let message = format!(
                "tool `{}` of {} provides `{}`, which acts, but is not `sideEffecting: true`",
                tool.name, connector.id, tool.capability
            );
            let own = workspace.config.capabilities.names.contains_key(canonical);
            let help = if own {
                format!(
                    "add `sideEffecting: true`; or, if it only looks, say `\"{canonical}\" = \"reads\"` in `fibric.toml`"
                )
            } else {
                "add `sideEffecting: true`, so that it is planned and the policy is asked".to_owned()
            };
            found.push((Diagnostic::error(message).help(help), tool));
        }
        let earlier =
            connector.tools[..index].iter().find(|other| vocabulary.find(&other.capability) == Some(canonical));
        if let Some(earlier) = earlier {
            let message = format!(
                "tools `{}` and `{}` of {} provide the same capability: `{}` and `{}` are one name",
                earlier.name, tool.name, connector.id, earlier.capability, tool.capability
            );
            found.push((Diagnostic::error(message).help("a connector has at most one tool per capability"), tool));
        }
    }
    found
}

/// Warns of a summary that the marketplace would not take: it is one sentence.
pub(super) fn long_summary(connector: &ConnectorDef, slot: &Slot) -> Option<Diagnostic> {
    let sentences = sentences(&connector.summary);
    (sentences > 1).then(|| {
        let message = format!("the summary of {} has {sentences} sentences, expected one", connector.id);
        let text = std::fs::read_to_string(&slot.entry.path).unwrap_or_default();
        let warning = Diagnostic::warning(message).help("the marketplace shows one sentence, and takes no more");
        warning.in_file(&*slot.loaded.file).at_literal(&text, "summary", &connector.summary)
    })
}

/// Counts sentences by their ends: a stop, white space, and a capital or a letter of a script that has none.
fn sentences(text: &str) -> usize {
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？');
    let chars: Vec<char> = text.trim().chars().collect();
    let starts_anew = |at: usize| {
        let rest = &chars[at + 1..];
        let wide = matches!(chars[at], '。' | '！' | '？');
        let spaced = rest.first().is_some_and(|c| c.is_whitespace());
        let next = rest.iter().find(|c| !c.is_whitespace());
        next.is_some_and(|c| wide && !is_end(*c) || spaced && c.is_alphabetic() && !c.is_lowercase())
    };
    usize::from(!chars.is_empty()) + (0..chars.len()).filter(|at| is_end(chars[*at]) && starts_anew(*at)).count()
}

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn sentences_are_counted_by_their_ends() {
        let cases = [
            ("", 0),
            ("Zone temperatures, setbacks and isolation over a building bridge.", 1),
            ("Orders, e.g. those of version 1.2, and notes", 1),
            ("One. Two! Three?", 3),
            ("Holds orders... Quickly", 2),
            ("注文を読む。止める。", 2),
        ];
        for (text, count) in cases {
            assert_eq!(sentences(text), count, "{text}");
        }
    }
}
