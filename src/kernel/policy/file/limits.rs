//! The `limit` of a guardrail document's rule.

use super::guardrails::known;
use super::yaml::{Node, Value};
use super::{Faults, words};
use crate::kernel::policy::{Limit, Period};

/// A limit: a period, and how many.
pub(super) fn of(node: &Node, faults: &mut Faults<'_>) -> Option<Limit> {
    const HELP: &str = "write `limit: { per: hour, max: 10 }`";
    let Value::Map(pairs) = &node.value else {
        faults.add(&node.span, format!("`limit` is a mapping, found {}", words::kind(node)), HELP);
        return None;
    };
    let given = known(pairs, "`limit`", faults, |name, faults, span| {
        let known = matches!(name, "per" | "max");
        if !known {
            let help = words::meant(name, ["per", "max"]).unwrap_or_else(|| HELP.to_owned());
            faults.add(span, format!("unknown key `{}` in `limit`", words::shown(name)), help);
        }
        known
    });
    let value_of = |name: &str| given.iter().find(|(known, _, _)| *known == name).map(|(_, _, value)| *value);
    let (per, max) = (value_of("per"), value_of("max"));
    for (key, missing) in [("per", per.is_none()), ("max", max.is_none())] {
        if missing {
            faults.add(&node.span, format!("`limit` has no `{key}`"), HELP);
        }
    }
    let per = per.and_then(|node| period(node, faults));
    let max = max.and_then(|node| count(node, faults));
    Some(Limit { per: per?, max: max? })
}

fn period(node: &Node, faults: &mut Faults<'_>) -> Option<Period> {
    let text = node.text().unwrap_or_default();
    let found = Period::ALL.iter().find(|(word, _)| *word == text).map(|(_, period)| *period);
    if found.is_none() {
        let help = words::meant(text, Period::ALL.map(|(word, _)| word))
            .unwrap_or_else(|| "write `minute`, `hour` or `day`".to_owned());
        faults.add(&node.span, format!("`per` is a period, found {}", words::kind(node)), help);
    }
    found
}

fn count(node: &Node, faults: &mut Faults<'_>) -> Option<u32> {
    let written = match &node.value {
        Value::Scalar { text, plain: true } => {
            text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => None,
    };
    match written {
        Some(0) => {
            faults.add(&node.span, "`max` is a whole number from 1, found `0`", "write `deny` to forbid it");
            None
        }
        Some(count) => Some(count),
        None => {
            let message = format!("`max` is a whole number from 1, found {}", words::kind(node));
            faults.add(&node.span, message, "write digits, as in `max: 10`");
            None
        }
    }
}
