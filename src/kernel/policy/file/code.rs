//! Rules that code exports: the same keys and faults as in a file, and what only code can have, a predicate.

use super::{PolicyFile, read};
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Value;

/// How a function stands in what code exports.
const FUNCTION: &str = "~function";

/// What a list of rules from code comes to.
#[derive(Debug)]
pub struct CodedRules {
    /// The rules; those with a predicate do not have it yet.
    pub file: PolicyFile,
    /// Which of them, from 0, have one.
    pub predicates: Vec<u32>,
}

/// Reads the rules that `file_name` exports, or says everything that is wrong with them.
pub fn read_coded(file_name: &str, rules: &[Value], vocabulary: &Vocabulary) -> Result<CodedRules, Vec<Diagnostic>> {
    let mut predicates = Vec::new();
    let mut faults = Vec::new();
    // A rule a line, so that a line is a rule: JSON is YAML.
    let mut text = String::from("[\n");
    for (number, rule) in (0_u32..).zip(rules) {
        let mut rule = rule.clone();
        if let Value::Object(fields) = &mut rule
            && let Some(given) = fields.remove("predicate").filter(|given| *given != Value::Null)
        {
            if given.get(FUNCTION).is_some() {
                predicates.push(number);
            } else {
                let fault = format!("rule {}: `predicate` is not a function", number + 1);
                faults.push(Diagnostic::error(fault).help("give `(action, envelope) => boolean`").in_file(file_name));
            }
        }
        text.push_str(&rule.to_string());
        text.push_str(",\n");
    }
    text.push(']');
    let read = read(file_name, &text, vocabulary);
    match read {
        Ok(mut file) if faults.is_empty() => {
            for rule in &mut file.rules {
                (rule.origin.line, rule.origin.span) = (None, None);
            }
            file.warnings = file.warnings.into_iter().map(of_rule).collect();
            Ok(CodedRules { file, predicates })
        }
        Ok(_) => Err(faults),
        Err(found) => Err(faults.into_iter().chain(found.into_iter().map(of_rule)).collect()),
    }
}

/// A finding about a line of the list that was made for it is one about a rule.
fn of_rule(found: Diagnostic) -> Diagnostic {
    let number = found.line.and_then(|line| line.checked_sub(1)).filter(|number| *number > 0);
    let named = found.message.contains("rule ");
    let message = match number.filter(|_| !named) {
        Some(number) => format!("rule {number}: {}", found.message),
        None => found.message,
    };
    Diagnostic { message, line: None, column: None, excerpt: None, ..found }
}
