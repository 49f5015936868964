//! Rules that code exports: the same keys and faults as in a file, and what only code can have, a predicate.
//!
//! A member that is there has a value of its type, or the rules do not load: what an author mistyped must not read as
//! if it were left out, because a rule without a ceiling, a predicate or a tool lets more through.

use super::{PolicyFile, read, words};
use crate::kernel::capability::Vocabulary;
use crate::kernel::crossed;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{Value, child};

/// Where the host says that the list itself is at fault.
const LIST: &str = "~rules";

/// The longest list of rules that code may export.
const MAX_RULES: u64 = 1_000;

/// So many faults are told.
const TOLD: usize = 20;

/// What a list of rules from code comes to.
#[derive(Debug)]
pub struct CodedRules {
    /// The rules; those with a predicate do not have it yet.
    pub file: PolicyFile,
    /// Which of them, from 0, have one.
    pub predicates: Vec<u32>,
}

/// Reads the rules that `file_name` exports, or says what is wrong with them, each with a pointer into the list.
pub fn read_coded(file_name: &str, rules: &[Value], vocabulary: &Vocabulary) -> Result<CodedRules, Vec<Diagnostic>> {
    let mut predicates = Vec::new();
    let mut faults = Vec::new();
    if let Some(fault) = of_the_list(rules) {
        return Err(told(file_name, vec![fault]));
    }
    // A rule a line, so that a line is a rule: JSON is YAML.
    let mut text = String::from("[\n");
    for (number, rule) in (0_u32..).zip(rules) {
        if faults.len() > TOLD {
            break;
        }
        faults.extend(misfits(number, rule));
        let mut rule = rule.clone();
        if let Value::Object(fields) = &mut rule
            && let Some(given) = fields.shift_remove("predicate").filter(|given| *given != Value::Null)
            && crossed::is_function(&given)
        {
            predicates.push(number);
        }
        text.push_str(&rule.to_string());
        text.push_str(",\n");
    }
    text.push(']');
    if !faults.is_empty() {
        return Err(told(file_name, faults));
    }
    match read(file_name, &text, vocabulary) {
        Ok(mut file) => {
            for rule in &mut file.rules {
                (rule.origin.line, rule.origin.span) = (None, None);
            }
            file.warnings = file.warnings.into_iter().map(of_rule).collect();
            Ok(CodedRules { file, predicates })
        }
        Err(found) => Err(told(file_name, found.into_iter().map(of_rule).collect())),
    }
}

/// The first of the faults, and how many more there are.
fn told(file_name: &str, mut faults: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if faults.len() > TOLD {
        let more = faults.len() - TOLD;
        faults.truncate(TOLD);
        faults.push(Diagnostic::error(format!("{more} more")));
    }
    faults.into_iter().map(|fault| fault.in_file(file_name)).collect()
}

/// What is wrong with the list before its rules are looked at.
fn of_the_list(rules: &[Value]) -> Option<Diagnostic> {
    let whole = match rules {
        [only] => only.get(LIST),
        _ => None,
    };
    let length = whole.map_or(Some(rules.len() as u64), crossed::length);
    match (length, whole) {
        (Some(length), _) if length > MAX_RULES => {
            Some(Diagnostic::error(format!("the list has {length} rules, the limit is {MAX_RULES}")))
        }
        (None, Some(whole)) => {
            let message = format!("the list of rules is {}, expected a plain array", crossed::kind(whole));
            Some(Diagnostic::error(message).help(words::EXAMPLE_IN_CODE))
        }
        _ => None,
    }
}

/// What a rule holds that no file could hold.
fn misfits(number: u32, rule: &Value) -> Vec<Diagnostic> {
    let label = number + 1;
    let place = format!("/{number}");
    if let Some(what) = crossed::misfit(rule) {
        let message = format!("rule {label} is {what}, expected an object");
        return vec![Diagnostic::error(message).help(words::EXAMPLE_IN_CODE).at_pointer(place)];
    }
    let Value::Object(fields) = rule else { return Vec::new() };
    let fault = |(key, value): (&String, &Value)| {
        let expected = expected(key)?;
        let found = match (key.as_str(), crossed::first_misfit(value)) {
            ("predicate", _) if value.is_null() || crossed::is_function(value) => return None,
            ("predicate", _) => (String::new(), crossed::kind(value)),
            (_, found) => found?,
        };
        let (path, what) = found;
        let joint = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        let name = words::shown(&format!("{key}{joint}{path}"));
        let message = match key.as_str() {
            "predicate" => format!("rule {label}: `predicate` is not a function, it is {what}"),
            _ => format!("rule {label}: `{name}` is {what}, expected {expected}"),
        };
        let help = match key.as_str() {
            "predicate" => "give `(action, envelope) => boolean`, or leave `predicate` out".to_owned(),
            _ => format!(
                "a member that is there must have a value: leave `{}` out where none is meant",
                words::shown(key)
            ),
        };
        Some(Diagnostic::error(message).help(help).at_pointer(child(&place, key)))
    };
    fields.iter().filter_map(fault).collect()
}

/// What a key of a rule has; of a key that no rule has the reader says so.
fn expected(key: &str) -> Option<&'static str> {
    Some(match key {
        "maxValue" | "max_value" => "a number",
        "tool" => "the name of a capability",
        "connector" => "the id of a connector",
        "decision" => "`ALLOW`, `ALERT` or `BLOCK`",
        "predicate" => "a function",
        _ => return None,
    })
}

/// A finding about a line of the list that was made for it is one about a rule.
fn of_rule(found: Diagnostic) -> Diagnostic {
    let number = found.line.and_then(|line| line.checked_sub(1)).filter(|number| *number > 0);
    let named = found.message.contains("rule ");
    let message = match number.filter(|_| !named) {
        Some(number) => format!("rule {number}: {}", found.message),
        None => found.message,
    };
    let pointer = number.map(|number| format!("/{}", number - 1));
    Diagnostic { message, pointer, line: None, column: None, excerpt: None, ..found }
}
