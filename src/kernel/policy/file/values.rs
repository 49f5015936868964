//! The values that a rule of either form may have: names, capabilities, ceilings.

use super::yaml::{Node, Value};
use super::{Faults, words};
use crate::kernel::capability::Vocabulary;
use crate::kernel::decimal::Decimal;

/// The key of a name, as messages call it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key(pub(super) &'static str);

impl Key {
    /// True where a rule without it speaks of any.
    fn may_be_left_out(self) -> bool {
        matches!(self.0, "tool" | "connector" | "applies_to")
    }

    fn one(self) -> String {
        let Self(key) = self;
        match key {
            "applies_to" => "a document names one operator; leave `applies_to` out to speak of all".to_owned(),
            _ if self.may_be_left_out() => format!("a rule names one {key}; leave `{key}` out to speak of any"),
            _ => format!("`{key}` takes one name"),
        }
    }

    fn named(self) -> String {
        let Self(key) = self;
        if self.may_be_left_out() {
            let reach = if key == "applies_to" { "all" } else { "any" };
            format!("write its name; leave `{key}` out to speak of {reach}")
        } else {
            format!("write a name behind `{key}`")
        }
    }
}

/// The text of a name. Written-out null is as good as absent; a key with nothing behind it is not, because a rule
/// that was to name a tool would then speak of them all.
pub(super) fn name<'n>(key: Key, node: &'n Node, faults: &mut Faults<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Scalar { text, plain: true } if words::is_null(text) => None,
        Value::Scalar { text, .. } if text.contains('*') => {
            faults.add(&node.span, "`*` is not a pattern here", key.one());
            None
        }
        Value::Scalar { text, plain } => {
            let odd = *plain && (text.is_empty() || words::is_boolean(text) || Decimal::parse(text).is_ok());
            if odd || text.is_empty() {
                let found = if text.is_empty() { "nothing".to_owned() } else { words::kind(node) };
                let help = key.named();
                let key = key.0;
                faults.add(&node.span, format!("`{key}` is a name, found {found}"), help);
                return None;
            }
            Some(text)
        }
        Value::List(_) => {
            let message = format!("`{}` is a name, found a list", key.0);
            let whole = if key.0 == "applies_to" { "document" } else { "rule" };
            faults.add(&node.span, message, format!("write one {whole} for each"));
            None
        }
        Value::Map(_) => {
            faults.add(&node.span, format!("`{}` is a name, found a mapping", key.0), words::EXAMPLE);
            None
        }
    }
}

/// The id of a connector.
pub(super) fn connector(node: &Node, faults: &mut Faults<'_>) -> Option<String> {
    let named = name(Key("connector"), node, faults)?;
    let slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if named.chars().all(slug) && !named.starts_with('-') {
        return Some(named.to_owned());
    }
    let help = "a connector's id has lower-case letters, digits and `-`, as in `acme-wms`";
    faults.add(&node.span, format!("`{}` is not the id of a connector", words::shown(named)), help);
    None
}

/// A capability, by its canonical name.
pub(super) fn capability(key: Key, node: &Node, vocabulary: &Vocabulary, faults: &mut Faults<'_>) -> Option<String> {
    let named = name(key, node, faults)?;
    match vocabulary.canonical(named) {
        Ok(canonical) => Some(canonical.to_owned()),
        Err(error) => {
            let message = format!("unknown capability `{}`", words::shown(named));
            faults.add(&node.span, message, error.help);
            None
        }
    }
}

/// A number that is not negative.
pub(super) fn ceiling(key: &str, node: &Node, faults: &mut Faults<'_>) -> Option<Decimal> {
    let Value::Scalar { text, plain } = &node.value else {
        let message = format!("`{key}` is a number, found {}", words::kind(node));
        faults.add(&node.span, message, format!("write one number, as in `{key}: 100`"));
        return None;
    };
    if *plain && words::is_null(text) {
        return None;
    }
    if *plain && words::is_not_finite(text) {
        let help = format!("leave `{key}` out for no ceiling");
        faults.add(&node.span, format!("`{key}` is a finite number, found `{text}`"), help);
        return None;
    }
    match (plain, Decimal::parse(text)) {
        (true, Ok(number)) if number.is_negative() => {
            let forbid = if key == "maxValue" { "decision: BLOCK" } else { "deny" };
            let help = format!("no value would pass; write `{forbid}` to forbid it");
            faults.add(&node.span, format!("`{key}` is a number ≥ 0, found `{}`", words::shown(text)), help);
            None
        }
        (true, Ok(number)) => Some(number),
        (false, Ok(_)) => {
            let help = format!("write it without quotes: `{}`", words::shown(text));
            faults.add(&node.span, format!("`{key}` is a number, found {}", words::kind(node)), help);
            None
        }
        (_, Err(_)) => {
            let help = words::meant_number(text).map(|number| format!("did you mean `{number}`?"));
            let help = help.unwrap_or_else(|| format!("write digits, as in `{key}: 100`"));
            faults.add(&node.span, format!("`{key}` is a number, found {}", words::kind(node)), help);
            None
        }
    }
}
