//! From the tree to rules: every key and value checked, every fault named.

use super::yaml::{Node, Value};
use super::{Faults, values, words};
use crate::kernel::capability::Vocabulary;
use crate::kernel::json::Span;
use crate::kernel::policy::{Origin, TrustPolicy};
use crate::kernel::receipt::Decision;

/// The keys of a rule, those first that a mistyped key is likelier to mean.
const KEYS: [&str; 6] = ["tool", "decision", "connector", "maxValue", "max_value", "predicate"];
/// The keys by which a guardrail document's rule is known, with what to write instead.
const GUARDRAIL_RULES: [(&str, &str); 5] = [
    ("allow", "write `tool: …` and `decision: ALLOW`"),
    ("require_confirmation", "write `tool: …` and `decision: ALERT`"),
    ("deny", "write `tool: …` and `decision: BLOCK`"),
    ("limit", "only the rules of a guardrail document have `limit`: `policy: …`, then `rules:`"),
    ("single_flight", "only the rules of a guardrail document have `single_flight`: `policy: …`, then `rules:`"),
];

/// The rules of a document.
pub(super) fn of(root: &Node, file: &str, vocabulary: &Vocabulary, faults: &mut Faults<'_>) -> Vec<TrustPolicy> {
    let items = match &root.value {
        Value::List(items) => items,
        Value::Scalar { text, plain: true } if text.is_empty() || words::is_null(text) => return Vec::new(),
        _ => {
            refuse_root(root, faults);
            return Vec::new();
        }
    };
    let mut rules = Vec::new();
    for (number, item) in (1_u32..).zip(items) {
        if faults.is_full() {
            break;
        }
        let origin = Origin { file: file.to_owned(), number, line: Some(item.line), span: Some(item.span.clone()) };
        let mut reader = RuleReader { number, vocabulary, faults };
        rules.extend(reader.rule(item, origin));
    }
    rules
}

fn refuse_root(root: &Node, faults: &mut Faults<'_>) {
    let Value::Map(pairs) = &root.value else {
        return faults.add(
            &root.span,
            format!("expected a list of rules, found {}", words::kind(root)),
            words::EXAMPLE,
        );
    };
    match pairs.first() {
        Some((key, _)) => {
            let help = "start each rule with `- `; a guardrail document has `policy` and `rules`";
            faults.add(&key.span, "expected a list of rules, found a mapping", help);
        }
        None => faults.add(&root.span, "expected a list of rules, found a mapping", words::EXAMPLE),
    }
}

struct RuleReader<'a, 'f> {
    number: u32,
    vocabulary: &'a Vocabulary,
    faults: &'a mut Faults<'f>,
}

impl RuleReader<'_, '_> {
    fn rule(&mut self, item: &Node, origin: Origin) -> Option<TrustPolicy> {
        let Value::Map(pairs) = &item.value else {
            let message = format!("rule {} is {}, expected a mapping", self.number, words::kind(item));
            self.faults.add(&item.span, message, words::EXAMPLE);
            return None;
        };
        let mut given: Vec<(&str, &Node, &Node)> = Vec::new();
        for (key, value) in pairs {
            if let Some(name) = self.key(key) {
                match given.iter().find(|(known, _, _)| same_key(known, name)) {
                    None => given.push((name, key, value)),
                    Some((known, _, _)) => self.twice(known, name, &key.span),
                }
            }
        }
        let value_of =
            |name: &str| given.iter().find(|(known, _, _)| same_key(known, name)).map(|(_, _, value)| *value);
        let rule = TrustPolicy {
            connector: value_of("connector").and_then(|node| values::connector(node, self.faults)),
            tool: value_of("tool")
                .and_then(|node| values::capability(values::Key("tool"), node, self.vocabulary, self.faults)),
            max_value: value_of("maxValue").and_then(|node| values::ceiling("maxValue", node, self.faults)),
            predicate: None,
            decision: self.decision(value_of("decision"), &first_line(item))?,
            origin,
            guard: None,
        };
        Some(rule)
    }

    /// The name of a known key.
    fn key<'k>(&mut self, key: &'k Node) -> Option<&'k str> {
        let Some(name) = key.text() else {
            self.faults.add(&key.span, format!("a key is {}, expected text", words::kind(key)), words::EXAMPLE);
            return None;
        };
        if name == "<<" {
            self.faults.add(&key.span, "merge keys are not supported in a policy", "write the keys out");
            return None;
        }
        if name == "predicate" {
            let help = "only policies in code have predicates, and this version loads none: leave it out";
            self.faults.add(&key.span, "`predicate` cannot be given in YAML", help);
            return None;
        }
        if KEYS.contains(&name) {
            return Some(name);
        }
        let guardrail = GUARDRAIL_RULES.iter().find(|(known, _)| *known == name).map(|(_, help)| (*help).to_owned());
        let help = guardrail
            .or_else(|| words::meant(name, KEYS))
            .unwrap_or_else(|| "a rule has `tool`, `connector`, `maxValue` and `decision`".to_owned());
        self.faults.add(&key.span, format!("unknown key `{}` in rule {}", words::shown(name), self.number), help);
        None
    }

    fn twice(&mut self, known: &str, name: &str, span: &Span) {
        let message = if known == name {
            format!("`{name}` is given twice in rule {}", self.number)
        } else {
            format!("`{known}` and `{name}` are both given in rule {}", self.number)
        };
        self.faults.add(span, message, "keep one of them");
    }

    fn decision(&mut self, node: Option<&Node>, rule: &Span) -> Option<Decision> {
        let Some(node) = node else {
            let message = format!("rule {} has no `decision`", self.number);
            self.faults.add(rule, message, "add `decision: ALLOW`, `ALERT` or `BLOCK`");
            return None;
        };
        match node.text() {
            Some("ALLOW") => Some(Decision::Allow),
            Some("ALERT") => Some(Decision::Alert),
            Some("BLOCK") => Some(Decision::Block),
            Some(text) if !text.is_empty() => {
                let message = format!("unknown decision `{}`", words::shown(text));
                self.faults.add(&node.span, message, words::meant_decision(text));
                None
            }
            _ => {
                let message = format!("`decision` is a word, found {}", words::kind(node));
                self.faults.add(&node.span, message, "write `ALLOW`, `ALERT` or `BLOCK`");
                None
            }
        }
    }
}

pub(super) fn same_key(a: &str, b: &str) -> bool {
    let one = |name: &str| if name == "max_value" { "maxValue".to_owned() } else { name.to_owned() };
    one(a) == one(b)
}

/// Where a rule is pointed at as a whole: its first key.
pub(super) fn first_line(item: &Node) -> Span {
    match &item.value {
        Value::Map(pairs) => pairs.first().map_or(item.span.clone(), |(key, _)| key.span.clone()),
        _ => item.span.clone(),
    }
}
