//! Tables of policy tests (`policy/*.tests.yaml`): an action each, and what the policy must say of it. Read like a policy,
//! with a place for every fault.

use super::values::{self, Key};
use super::yaml::{Node, Value};
use super::{Faults, MAX_BYTES, words, yaml};
use crate::kernel::capability::Vocabulary;
use crate::kernel::decimal::Decimal;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{self, Map, Raw, Value as Json};
use crate::kernel::plan::{Amount, PlannedAction};
use crate::kernel::policy::Origin;
use crate::kernel::receipt::Decision;

/// What a test looks like.
const EXAMPLE: &str =
    "a test is an action and what is expected, as in `- { action: { tool: order.hold }, expect: ALLOW }`";
const KEYS: [&str; 6] = ["name", "action", "operator", "expect", "rule", "reason"];
const ACTION_KEYS: [&str; 6] = ["connector", "tool", "value", "args", "entity_key", "idempotency_key"];

/// True for a name by which a file holds tests and no policy.
pub fn is_tests(file_name: &str) -> bool {
    file_name.ends_with(".tests.yaml") || file_name.ends_with(".tests.yml")
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyTest {
    /// What it is called.
    pub name: Option<String>,
    /// Who proposes; an operator that no document names when absent.
    pub operator: Option<String>,
    /// The connector; the bound one when absent.
    pub connector: Option<String>,
    /// The capability, by its canonical name.
    pub tool: String,
    /// The value.
    pub value: Option<Amount>,
    /// The arguments, which predicates look at.
    pub args: Raw,
    /// The entity and the key, where a predicate looks at them.
    pub keys: [String; 2],
    /// What the policy must say.
    pub expect: Decision,
    /// The first deciding rule, `FILE:N`, or the end of that.
    pub rule: Option<String>,
    /// What the reason must contain.
    pub reason: Option<String>,
    /// Where it stands.
    pub origin: Origin,
}

impl PolicyTest {
    /// The action as an operator would propose it.
    pub fn action(&self) -> PlannedAction {
        let [entity_key, idempotency_key] = self.keys.clone();
        PlannedAction {
            connector: self.connector.clone(),
            tool: self.tool.clone(),
            args: self.args.clone(),
            value: self.value.clone(),
            entity_key,
            idempotency_key,
        }
    }
}

/// Reads a table of tests, or says everything that is wrong with it.
pub fn read_tests(file: &str, text: &str, vocabulary: &Vocabulary) -> Result<Vec<PolicyTest>, Vec<Diagnostic>> {
    let mut faults = Faults { file, text, list: Vec::new(), warnings: Vec::new() };
    if text.len() > MAX_BYTES {
        let message = format!("the file is longer than {MAX_BYTES} bytes");
        return Err(vec![Diagnostic::error(message).help("split the tests in two files").in_file(file)]);
    }
    let root = yaml::parse(text, &mut faults);
    let mut tests = Vec::new();
    match root.as_ref().map(|root| (root, &root.value)) {
        Some((_, Value::List(items))) if faults.list.is_empty() => {
            for (number, item) in (1_u32..).zip(items) {
                let origin =
                    Origin { file: file.to_owned(), number, line: Some(item.line), span: Some(item.span.clone()) };
                let mut reader = Reader { number, vocabulary, faults: &mut faults };
                tests.extend(reader.test(item, origin));
            }
        }
        Some((_, Value::Scalar { text, plain: true })) if text.is_empty() => {}
        Some((root, _)) if faults.list.is_empty() => {
            faults.add(&root.span, format!("expected a list of tests, found {}", words::kind(root)), EXAMPLE);
        }
        _ => {}
    }
    if faults.list.is_empty() { Ok(tests) } else { Err(faults.list) }
}

/// A value as author code would be given it.
fn plain(node: &Node) -> Json {
    match &node.value {
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(pairs) => {
            pairs.iter().map(|(key, value)| (key.text().unwrap_or_default().to_owned(), plain(value))).collect()
        }
        Value::Scalar { text, plain: false } => Json::String(text.clone()),
        Value::Scalar { text, .. } if text.is_empty() || words::is_null(text) => Json::Null,
        Value::Scalar { text, .. } if words::is_boolean(text) => Json::Bool(text.eq_ignore_ascii_case("true")),
        Value::Scalar { text, .. } => json::read(text)
            .ok()
            .map(|read| read.value)
            .filter(|value| matches!(value, Json::Number(_)))
            .unwrap_or_else(|| Json::String(text.clone())),
    }
}

struct Reader<'a, 'f> {
    number: u32,
    vocabulary: &'a Vocabulary,
    faults: &'a mut Faults<'f>,
}

type Given<'n> = Vec<(&'n str, &'n Node, &'n Node)>;

fn value_of<'n>(given: &Given<'n>, name: &str) -> Option<&'n Node> {
    given.iter().find(|(known, _, _)| *known == name).map(|(_, _, value)| *value)
}

impl Reader<'_, '_> {
    fn test(&mut self, item: &Node, origin: Origin) -> Option<PolicyTest> {
        let given = self.pairs(item, &format!("test {}", self.number), &KEYS)?;
        let name = value_of(&given, "name").and_then(|node| self.text("name", node));
        let operator = value_of(&given, "operator").and_then(|node| self.text("operator", node));
        let rule = value_of(&given, "rule").and_then(|node| self.text("rule", node));
        let reason = value_of(&given, "reason").and_then(|node| self.text("reason", node));
        let expect = self.expected(value_of(&given, "expect"), item);
        let Some(action) = value_of(&given, "action") else {
            self.faults.add(&item.span, format!("test {} has no `action`", self.number), EXAMPLE);
            return None;
        };
        let given = self.pairs(action, "`action`", &ACTION_KEYS)?;
        let connector = value_of(&given, "connector").and_then(|node| values::connector(node, self.faults));
        let value = value_of(&given, "value").and_then(|node| self.value(node));
        let tool = match value_of(&given, "tool") {
            Some(node) if !node.text().is_some_and(words::is_null) => {
                values::capability(Key("action.tool"), node, self.vocabulary, self.faults)
            }
            _ => {
                self.faults.add(&action.span, "`action` has no `tool`", EXAMPLE);
                None
            }
        };
        let args = value_of(&given, "args").map_or_else(|| Json::Object(Map::new()), plain);
        if !matches!(args, Json::Object(_)) {
            self.faults.add(&action.span, "`args` is a mapping", "write `args: { order_id: 'o-1' }`, or leave it out");
        }
        let mut text = |key| value_of(&given, key).and_then(|node| self.text(key, node)).unwrap_or_default();
        let keys = [text("entity_key"), text("idempotency_key")];
        let args = Raw::of(&args);
        Some(PolicyTest {
            name,
            operator,
            connector,
            tool: tool?,
            value,
            args,
            keys,
            expect: expect?,
            rule,
            reason,
            origin,
        })
    }

    /// The pairs of a mapping, each key known and given once.
    fn pairs<'n>(&mut self, node: &'n Node, place: &str, known: &[&str]) -> Option<Given<'n>> {
        let Value::Map(pairs) = &node.value else {
            self.faults.add(&node.span, format!("{place} is {}, expected a mapping", words::kind(node)), EXAMPLE);
            return None;
        };
        let mut given: Given<'n> = Vec::new();
        for (key, value) in pairs {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let help = words::meant(name, known.iter().copied());
                let help = help.unwrap_or_else(|| format!("it may have `{}`", known.join("`, `")));
                self.faults.add(&key.span, format!("unknown key `{}` in {place}", words::shown(name)), help);
            } else if given.iter().any(|(other, _, _)| *other == name) {
                self.faults.add(&key.span, format!("`{name}` is given twice in {place}"), "keep one of them");
            } else {
                given.push((name, key, value));
            }
        }
        Some(given)
    }

    fn text(&mut self, key: &str, node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar { text, plain: true } if words::is_null(text) => None,
            Value::Scalar { text, .. } if !text.is_empty() => Some(text.clone()),
            _ => {
                let message = format!("`{key}` is text, found {}", words::kind(node));
                self.faults.add(&node.span, message, format!("write it behind `{key}`, or leave `{key}` out"));
                None
            }
        }
    }

    /// A value of any sign: that a negative one is stopped is worth a test.
    fn value(&mut self, node: &Node) -> Option<Amount> {
        let number = match &node.value {
            Value::Scalar { text, plain: true } if words::is_null(text) => return None,
            Value::Scalar { text, plain: true } => Decimal::parse(text).ok(),
            _ => None,
        };
        if number.is_none() {
            let help = node.text().and_then(words::meant_number).map(|number| format!("did you mean `{number}`?"));
            let help = help.unwrap_or_else(|| "write digits, as in `value: 100`, or leave it out for none".to_owned());
            self.faults.add(&node.span, format!("`value` is a number, found {}", words::kind(node)), help);
        }
        number.map(Amount::exact)
    }

    fn expected(&mut self, node: Option<&Node>, item: &Node) -> Option<Decision> {
        let Some(node) = node else {
            let message = format!("test {} has no `expect`", self.number);
            self.faults.add(&item.span, message, "add `expect: ALLOW`, `ALERT` or `BLOCK`");
            return None;
        };
        let word = node.text().unwrap_or_default();
        let found = [Decision::Allow, Decision::Alert, Decision::Block].into_iter().find(|known| known.word() == word);
        if found.is_none() {
            let message = format!("`expect` is a decision, found {}", words::kind(node));
            self.faults.add(&node.span, message, words::meant_decision(word));
        }
        found
    }
}
