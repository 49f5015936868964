//! One line of a corpus: a receipt, a journal's entry, a planned action or a plan. Only what a policy looks at is read;
//! the rest is checked to be JSON and passed over. Digits stay as written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::receipt::Cause;

/// An action a line tells of.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub operator: Option<Cow<'a, str>>,
    pub connector: Option<Cow<'a, str>>,
    pub tool: Cow<'a, str>,
    pub value: Option<Amount>,
    pub entity_key: Option<Cow<'a, str>>,
    pub idempotency_key: Option<Cow<'a, str>>,
    /// True when it was planned only, so that its names are not checked yet.
    pub planned: bool,
}

/// What a line tells of.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// An action.
    One(Told<'a>),
    /// The actions of a plan.
    Plan(Vec<Told<'a>>),
    /// An action that failed validation, of which no policy was ever asked.
    Unjudged,
    /// An entry of a journal that disposes of nothing.
    Other,
}

/// Text that is borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// The fields of everything a line can be.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Fields<'a> {
    #[serde(borrow, default)]
    operator: Option<Text<'a>>,
    #[serde(borrow, default)]
    connector: Option<Text<'a>>,
    #[serde(borrow, default)]
    tool: Option<Text<'a>>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
    #[serde(borrow, default)]
    verdict: Option<Verdict<'a>>,
    #[serde(default)]
    args: Option<IgnoredAny>,
    #[serde(borrow, default)]
    entity_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    idempotency_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    actions: Option<Vec<Fields<'a>>>,
    #[serde(borrow, default)]
    fact: Option<Fact<'a>>,
}

#[derive(Deserialize)]
struct Verdict<'a> {
    #[serde(borrow)]
    reason: Text<'a>,
    #[serde(default)]
    rule: Option<IgnoredAny>,
    #[serde(default)]
    cause: Option<Cause>,
}

impl Verdict<'_> {
    fn cause(&self) -> Cause {
        Cause::as_written(self.cause, self.rule.is_some(), &self.reason.0)
    }
}

#[derive(Deserialize)]
struct Fact<'a> {
    #[serde(borrow, default)]
    disposed: Option<Disposed<'a>>,
}

#[derive(Deserialize)]
struct Disposed<'a> {
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(borrow)]
    receipt: Box<Fields<'a>>,
}

#[derive(Deserialize)]
struct Stage {
    #[serde(default)]
    inexact_value: bool,
}

/// Reads one line; the error is why it tells of nothing, in a few words.
pub(super) fn read(line: &[u8]) -> Result<Line<'_>, String> {
    // A list would be taken for the fields in their order.
    if line.trim_ascii_start().first() == Some(&b'[') {
        return Err("it is a list, expected an object".to_owned());
    }
    let fields: Fields<'_> = serde_json::from_slice(line).map_err(|error| told(&error))?;
    if let Some(fact) = fields.fact {
        let Some(disposed) = fact.disposed else { return Ok(Line::Other) };
        let inexact = disposed.stages.iter().any(|stage| stage.inexact_value);
        return disposed.receipt.receipt(inexact);
    }
    if let Some(actions) = fields.actions {
        return actions.into_iter().map(Fields::planned).collect::<Result<_, _>>().map(Line::Plan);
    }
    if fields.verdict.is_some() { fields.receipt(false) } else { fields.planned().map(Line::One) }
}

/// A plan, an action or a list of either, over several lines.
pub(super) fn read_whole(text: &[u8]) -> Result<Vec<Line<'_>>, String> {
    if text.trim_ascii_start().first() == Some(&b'[') {
        let items: Vec<&RawValue> = serde_json::from_slice(text).map_err(|error| told(&error))?;
        return items.into_iter().map(|item| read(item.get().as_bytes())).collect();
    }
    Ok(vec![read(text)?])
}

impl<'a> Fields<'a> {
    fn receipt(self, inexact: bool) -> Result<Line<'a>, String> {
        if self.verdict.is_some_and(|verdict| verdict.cause() == Cause::Validate) {
            return Ok(Line::Unjudged);
        }
        let operator = self.operator.ok_or("field `operator` is missing")?;
        // What a receipt carries came through author code's floats.
        let value = self.value.map(number).transpose()?.map(Amount::float);
        Ok(Line::One(Told {
            operator: Some(operator.0),
            connector: self.connector.map(|text| text.0),
            tool: self.tool.ok_or("field `tool` is missing")?.0,
            value: value.map(|amount| Amount { exact: amount.exact && !inexact, ..amount }),
            entity_key: self.entity_key.map(|text| text.0),
            idempotency_key: self.idempotency_key.map(|text| text.0),
            planned: false,
        }))
    }

    fn planned(self) -> Result<Told<'a>, String> {
        let tool = self.tool.ok_or("it is no receipt, no plan and no action: field `tool` is missing")?;
        let needed = [
            ("args", self.args.is_some()),
            ("entity_key", self.entity_key.is_some()),
            ("idempotency_key", self.idempotency_key.is_some()),
        ];
        if let Some((name, _)) = needed.iter().find(|(_, given)| !given) {
            return Err(format!("field `{name}` is missing"));
        }
        let value = self.value.map(number).transpose()?.map(Amount::exact);
        if let Some(Amount { number, .. }) = value.as_ref().filter(|amount| amount.number.is_negative()) {
            return Err(format!("`value` is {number}, expected a number ≥ 0"));
        }
        let (operator, connector) = (self.operator.map(|text| text.0), self.connector.map(|text| text.0));
        let (entity_key, idempotency_key) =
            (self.entity_key.map(|text| text.0), self.idempotency_key.map(|text| text.0));
        Ok(Told { operator, connector, tool: tool.0, value, entity_key, idempotency_key, planned: true })
    }
}

fn number(raw: &RawValue) -> Result<Decimal, String> {
    Decimal::parse(raw.get()).map_err(|_| "`value` is not a number".to_owned())
}

/// What was wrong, without a place: every line is line 1 to whoever reads it alone.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = text.rfind(" at line ").unwrap_or(text.len());
    if error.is_data() { text[..place].to_owned() } else { format!("not JSON: {}", &text[..place]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(line: &str) -> String {
        match read(line.as_bytes()) {
            Ok(Line::One(told)) => one(&told),
            Ok(Line::Plan(all)) => all.iter().map(one).collect::<Vec<_>>().join("; "),
            Ok(Line::Unjudged) => "unjudged".into(),
            Ok(Line::Other) => "other".into(),
            Err(why) => why,
        }
    }

    fn one(told: &Told<'_>) -> String {
        let value = told.value.as_ref().map_or("none".to_owned(), |value| {
            format!("{}{}", value.number, if value.exact { "" } else { " inexact" })
        });
        format!(
            "{}/{}/{} {value}",
            told.operator.as_deref().unwrap_or("-"),
            told.connector.as_deref().unwrap_or("-"),
            told.tool
        )
    }

    #[test]
    fn receipts_entries_plans_and_actions_are_told_apart() {
        let receipt = r#"{"id":"rc_1","operator":"op","connector":"c","tool":"order.refund","args":{"tool":"x","value":1},"value":12.50,"verdict":{"decision":"ALLOW","tier":1,"rule":null,"reason":"ok"}}"#;
        let action =
            r#"{"tool":"order.hold","args":{},"value":9007199254740993,"entity_key":"e","idempotency_key":"k"}"#;
        assert_eq!(tell(receipt), "op/c/order.refund 12.50");
        assert_eq!(tell(&receipt.replace("\"reason\":\"ok\"", "\"reason\":\"validate: no\"")), "unjudged");
        assert_eq!(tell(&receipt.replace("12.50", "9007199254740993")), "op/c/order.refund 9007199254740993 inexact");
        assert_eq!(tell(&receipt.replace("12.50", "null")), "op/c/order.refund none");
        assert_eq!(tell(&receipt.replace("\"c\"", "\"c\\u0041\"")), "op/cA/order.refund 12.50");
        let entry = format!(
            r#"{{"seq":1,"at":"t","fact":{{"disposed":{{"arrival":1,"stages":[{{"stage":"validate","passed":true,"inexact_value":true}}],"receipt":{receipt}}}}}}}"#
        );
        assert_eq!(tell(&entry), "op/c/order.refund 12.50 inexact");
        assert_eq!(tell(r#"{"seq":1,"at":"t","fact":{"routed":{"arrival":1,"to":[]}}}"#), "other");
        assert_eq!(tell(action), "-/-/order.hold 9007199254740993");
        assert_eq!(
            tell(&format!(r#"{{"reasoning":"r","actions":[{action},{action}]}}"#)).matches("order.hold").count(),
            2
        );
        assert_eq!(read_whole(format!("[\n{action},\n{action}]").as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn what_tells_of_nothing_says_why() {
        let action = r#"{"tool":"order.hold","args":{},"value":1,"entity_key":"e","idempotency_key":"k"}"#;
        for (line, why) in [
            ("{\"tool\":", "not JSON: EOF while parsing a value"),
            ("5", "invalid type: integer `5`, expected an object"),
            ("[null]", "it is a list, expected an object"),
            ("{}", "it is no receipt, no plan and no action: field `tool` is missing"),
            (&action.replace(",\"entity_key\":\"e\"", ""), "field `entity_key` is missing"),
            (&action.replace(":1", ":\"1\""), "`value` is not a number"),
            (&action.replace(":1", ":-1"), "`value` is -1, expected a number ≥ 0"),
            (&action.replace("\"args\"", "\"tool\""), "duplicate field `tool`"),
            (r#"{"tool":"t","verdict":{"reason":"r"}}"#, "field `operator` is missing"),
        ] {
            assert_eq!(tell(line), why, "{line}");
        }
    }
}
