//! From the tree to the rules of a guardrail document: every key and value checked, every fault named. A gate this
//! version does not know keeps the document from loading.

use std::collections::BTreeMap;

use super::limits;
use super::rules::{first_line, same_key};
use super::values::{self, Key};
use super::yaml::{Node, Value};
use super::{Faults, words};
use crate::kernel::capability::Vocabulary;
use crate::kernel::decimal::Decimal;
use crate::kernel::json::Span;
use crate::kernel::policy::{Guard, Origin, TrustPolicy};
use crate::kernel::receipt::Decision;

/// The keys of a document.
const KEYS: [&str; 4] = ["policy", "applies_to", "rules", "default"];
/// The word a rule starts with, and what it decides.
const VERBS: [(&str, Decision); 3] =
    [("allow", Decision::Allow), ("require_confirmation", Decision::Alert), ("deny", Decision::Block)];
/// What else a rule may have.
const GATES: [&str; 4] = ["max_value", "maxValue", "limit", "single_flight"];

/// True for a mapping that has a key of a document: then it is read as one, and its faults are said as such.
pub(super) fn is_document(root: &Node) -> bool {
    let Value::Map(pairs) = &root.value else { return false };
    pairs.iter().any(|(key, _)| key.text().is_some_and(|text| KEYS.contains(&text)))
}

/// The rules of a document.
pub(super) fn of(root: &Node, file: &str, vocabulary: &Vocabulary, faults: &mut Faults<'_>) -> Vec<TrustPolicy> {
    let Value::Map(pairs) = &root.value else { return Vec::new() };
    let given = known(pairs, "the document", faults, |name, faults, span| {
        let help = words::meant(name, KEYS)
            .unwrap_or_else(|| "a guardrail document has `policy`, `applies_to`, `rules` and `default`".to_owned());
        if KEYS.contains(&name) {
            return true;
        }
        faults.add(span, format!("unknown key `{}` in a guardrail document", words::shown(name)), help);
        false
    });
    let value_of = |name: &str| given.iter().find(|(known, _, _)| *known == name).map(|(_, _, value)| *value);
    let policy = document_name(value_of("policy"), &first_line(root), faults);
    let applies_to = value_of("applies_to").and_then(|node| values::name(Key("applies_to"), node, faults));
    default_of(value_of("default"), faults);
    let guard = Guard { policy, applies_to: applies_to.map(str::to_owned), limit: None, single_flight: None };
    let items = match value_of("rules").map(|node| (node, &node.value)) {
        Some((_, Value::List(items))) => items.as_slice(),
        Some((node, _)) => {
            faults.add(&node.span, format!("`rules` is a list, found {}", words::kind(node)), words::DOCUMENT);
            &[]
        }
        None => {
            faults.add(&first_line(root), "a guardrail document has no `rules`", words::DOCUMENT);
            &[]
        }
    };
    let mut rules: Vec<TrustPolicy> = Vec::new();
    let mut reach = Reach::default();
    for (number, item) in (1_u32..).zip(items) {
        if faults.is_full() {
            break;
        }
        let origin = Origin { file: file.to_owned(), number, line: Some(item.line), span: Some(item.span.clone()) };
        let mut reader = RuleReader { number, vocabulary, faults };
        if let Some(rule) = reader.rule(item, origin, &guard) {
            warn_of_shadow(&mut reach, &rule, &first_line(item), faults);
            rules.push(rule);
        }
    }
    rules
}

pub(super) type Given<'n> = Vec<(&'n str, &'n Node, &'n Node)>;

/// The pairs of a mapping whose keys are known, each once.
pub(super) fn known<'n>(
    pairs: &'n [(Node, Node)],
    place: &str,
    faults: &mut Faults<'_>,
    mut is_known: impl FnMut(&'n str, &mut Faults<'_>, &Span) -> bool,
) -> Given<'n> {
    let mut given: Given<'n> = Vec::new();
    for (key, value) in pairs {
        let Some(name) = key.text() else {
            faults.add(&key.span, format!("a key is {}, expected text", words::kind(key)), words::DOCUMENT);
            continue;
        };
        if name == "<<" {
            faults.add(&key.span, "merge keys are not supported in a policy", "write the keys out");
        } else if is_known(name, faults, &key.span) {
            match given.iter().find(|(other, _, _)| same_key(other, name)) {
                None => given.push((name, key, value)),
                Some((other, _, _)) if *other == name => {
                    faults.add(&key.span, format!("`{name}` is given twice in {place}"), "keep one of them");
                }
                Some((other, _, _)) => {
                    let message = format!("`{other}` and `{name}` are both given in {place}");
                    faults.add(&key.span, message, "keep one of them");
                }
            }
        }
    }
    given
}

fn document_name(node: Option<&Node>, document: &Span, faults: &mut Faults<'_>) -> String {
    let named = match node {
        Some(node) => values::name(Key("policy"), node, faults).map(str::to_owned),
        None => None,
    };
    let is_null = node.is_some_and(|node| node.text().is_some_and(words::is_null));
    if node.is_none() || is_null {
        faults.add(document, "a guardrail document has no `policy`", "name it, as in `policy: refund-guardrails`");
    }
    named.unwrap_or_default()
}

fn default_of(node: Option<&Node>, faults: &mut Faults<'_>) {
    let Some(node) = node else { return };
    match &node.value {
        Value::Scalar { text, .. } if text == "deny" => {}
        Value::Scalar { text, .. } if !text.is_empty() => {
            let message = format!("`default` is `deny`, found `{}`", words::shown(text));
            let help = "what no rule names is never let through: write `default: deny`, or leave it out";
            faults.add(&node.span, message, help);
        }
        _ => {
            let message = format!("`default` is `deny`, found {}", words::kind(node));
            faults.add(&node.span, message, "write `default: deny`, or leave it out");
        }
    }
}

/// The rules so far that some value comes to: of each capability, those whose ceiling is above all before them.
// INVARIANT: ascending by ceiling, one without a ceiling last; a list of a million rules is read in one pass.
#[derive(Default)]
struct Reach(BTreeMap<Option<String>, Vec<(Option<Decimal>, u32)>>);

/// A rule that no action can come to is not what its writer meant.
fn warn_of_shadow(Reach(reach): &mut Reach, rule: &TrustPolicy, span: &Span, faults: &mut Faults<'_>) {
    let reached = reach.entry(rule.tool.clone()).or_default();
    let is_below = |(theirs, _): &(Option<Decimal>, u32)| match (theirs, &rule.max_value) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(theirs), Some(own)) => theirs < own,
    };
    let Some((_, first)) = reached.get(reached.partition_point(is_below)) else {
        return reached.push((rule.max_value.clone(), rule.origin.number));
    };
    let own = rule.origin.number;
    let message = format!("rule {own} is never reached: rule {first} takes every action it could");
    faults.warn(span, message, "rules are read in order; put the lower ceiling first");
}

struct RuleReader<'a, 'f> {
    number: u32,
    vocabulary: &'a Vocabulary,
    faults: &'a mut Faults<'f>,
}

impl RuleReader<'_, '_> {
    fn rule(&mut self, item: &Node, origin: Origin, document: &Guard) -> Option<TrustPolicy> {
        let Value::Map(pairs) = &item.value else {
            let message = format!("rule {} is {}, expected a mapping", self.number, words::kind(item));
            self.faults.add(&item.span, message, words::DOCUMENT);
            return None;
        };
        let number = self.number;
        let given = known(pairs, &format!("rule {number}"), self.faults, |name, faults, span| {
            if GATES.contains(&name) || VERBS.iter().any(|(verb, _)| *verb == name) {
                return true;
            }
            faults.add(span, format!("unknown key `{}` in rule {number}", words::shown(name)), meant(name));
            false
        });
        let value_of =
            |name: &str| given.iter().find(|(known, _, _)| same_key(known, name)).map(|(_, key, value)| (*key, *value));
        let max_value = value_of("maxValue")
            .and_then(|(key, node)| values::ceiling(key.text().unwrap_or("max_value"), node, self.faults));
        let limit = value_of("limit").and_then(|(_, node)| limits::of(node, self.faults));
        let argument = value_of("single_flight").and_then(|(_, node)| self.argument(node));
        let (verb, decision, node) = self.verb(&given, item)?;
        if decision == Decision::Block
            && let Some((gate, (key, _))) =
                ["limit", "single_flight"].iter().find_map(|gate| Some((gate, value_of(gate)?)))
        {
            self.faults.warn(&key.span, format!("`{gate}` does nothing on a `deny`"), "leave it out");
        }
        let tool = self.tool(verb, node)?;
        let guard = Guard { limit, single_flight: argument, ..document.clone() };
        Some(TrustPolicy {
            connector: None,
            tool: Some(tool),
            max_value,
            predicate: None,
            decision,
            origin,
            guard: Some(Box::new(guard)),
        })
    }

    /// The one word that says what is done with which capability.
    fn verb<'n>(&mut self, given: &Given<'n>, item: &Node) -> Option<(&'static str, Decision, &'n Node)> {
        let verb = |name: &str| VERBS.iter().find(|(verb, _)| *verb == name);
        let mut verbs = given.iter().filter_map(|(name, key, value)| verb(name).map(|found| (found, *key, *value)));
        let Some(((verb, decision), _, value)) = verbs.next() else {
            let message = format!("rule {} says neither `allow`, `require_confirmation` nor `deny`", self.number);
            self.faults.add(&first_line(item), message, "start it with one of them, as in `allow: order.hold`");
            return None;
        };
        if let Some(((other, _), key, _)) = verbs.next() {
            let message = format!("`{verb}` and `{other}` are both given in rule {}", self.number);
            self.faults.add(&key.span, message, "write one rule for each");
            return None;
        }
        Some((verb, *decision, value))
    }

    fn tool(&mut self, verb: &'static str, node: &Node) -> Option<String> {
        // A rule that was to name one capability must never come to speak of none.
        if node.text().is_some_and(words::is_null) {
            let message = format!("`{verb}` is a name, found null");
            self.faults.add(&node.span, message, "write the capability, as in `allow: order.hold`");
            return None;
        }
        values::capability(Key(verb), node, self.vocabulary, self.faults)
    }

    fn argument(&mut self, node: &Node) -> Option<String> {
        if node.text().is_some_and(words::is_null) {
            let message = "`single_flight` is a name, found null";
            self.faults.add(&node.span, message, "write the name of an argument, or leave `single_flight` out");
            return None;
        }
        values::name(Key("single_flight"), node, self.faults).map(str::to_owned)
    }
}

/// What to write instead of a key that is unknown in a rule of a document.
fn meant(name: &str) -> String {
    match name {
        "tool" | "decision" => "write `allow: CAPABILITY`, `require_confirmation: CAPABILITY` or `deny: CAPABILITY`".to_owned(),
        "connector" => "a guardrail document speaks of capabilities; a list of rules can name a connector".to_owned(),
        "predicate" => "only policies in code have predicates: leave it out".to_owned(),
        _ => words::meant(name, VERBS.iter().map(|(verb, _)| *verb).chain(GATES)).unwrap_or_else(|| {
            "a rule has `allow`, `require_confirmation` or `deny`, and may have `max_value`, `limit` and `single_flight`"
                .to_owned()
        }),
    }
}
