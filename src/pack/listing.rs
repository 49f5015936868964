//! `listing.json`: the marketplace's card of a pack, with its price (contract 9). The marketplace renders it; nothing is
//! ever billed by it.

use serde::Serialize;

use super::json_file::{at, parse};
use crate::kernel::decimal::Decimal;
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::json::{Value, kind};
use crate::kernel::shape::{Fields, ShapeError};

/// How many lines say what a pack senses.
const SENSES: usize = 3;
/// The least an operator pack costs a month, in dollars.
const FLOOR: &str = "49";
/// The one way packs are priced.
const MODEL: &str = "per-operator-monthly";
/// The one kind of trial there is.
const TRIAL: &str = "propose-only";

/// What the marketplace shows of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// One line; in substance the prompt's goal.
    pub tagline: String,
    /// Three lines on what it reads.
    pub senses: Vec<String>,
    /// What it proposes.
    pub acts: Vec<String>,
    /// Connectors known to satisfy its requirements, and those that travel with it.
    #[serde(rename = "worksWith")]
    pub works_with: Vec<String>,
    /// What it costs.
    pub pricing: Pricing,
}

/// What a pack costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pricing {
    /// `per-operator-monthly`.
    pub model: String,
    /// The listed floor price, in dollars a month.
    pub from_usd_month: Decimal,
    /// A period in which it only proposes, where there is one.
    pub trial: Option<Trial>,
}

/// A period in which a pack runs its full loop and nothing is disposed of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// `propose-only`.
    pub mode: String,
    /// How long.
    pub days: u32,
}

/// Reads the file, or says everything that is wrong with it.
pub fn read(text: &str) -> Result<Listing, Vec<Diagnostic>> {
    let value = parse(text)?;
    listing(&value).map_err(|faults| faults.into_iter().map(|fault| at(text, fault)).collect())
}

fn listing(value: &Value) -> Result<Listing, Vec<ShapeError>> {
    const KNOWN: [&str; 7] = ["name", "description", "tagline", "senses", "acts", "worksWith", "pricing"];
    let mut fields = Fields::of(value, "`listing.json`", &KNOWN)?;
    // The marketplace's own; what they say is not for a check.
    let _ = (fields.optional_text("name"), fields.optional_text("description"));
    let tagline = fields.text("tagline");
    if fields.sound("tagline") && (tagline.trim().is_empty() || tagline.contains('\n')) {
        fields.wrong("tagline", "`tagline` is not one line of text".to_owned(), None);
    }
    let senses = lines(&mut fields, "senses");
    if fields.sound("senses") && senses.len() != SENSES {
        let message = format!("`senses` has {} lines, expected {SENSES}", senses.len());
        fields.wrong("senses", message, Some("say in three lines what the pack reads".to_owned()));
    }
    let acts = lines(&mut fields, "acts");
    if fields.sound("acts") && acts.is_empty() {
        fields.wrong("acts", "`acts` is empty".to_owned(), Some("say what the pack proposes".to_owned()));
    }
    let works_with = lines(&mut fields, "worksWith");
    let priced = if let Some(value) = fields.get("pricing") {
        pricing(value).map_err(|faults| fields.extend(under(faults, "/pricing"))).ok()
    } else {
        let help = format!("add `\"pricing\": {{ \"model\": \"{MODEL}\", \"from_usd_month\": {FLOOR} }}`");
        let message = "field `pricing` is missing".to_owned();
        fields.extend([ShapeError { pointer: String::new(), key: false, message, help: Some(help) }]);
        None
    };
    match priced {
        Some(pricing) => fields.finish(Listing { tagline, senses, acts, works_with, pricing }),
        None => fields.finish(()).and(Err(Vec::new())),
    }
}

fn under(faults: Vec<ShapeError>, parent: &str) -> Vec<ShapeError> {
    faults.into_iter().map(|fault| fault.under(parent)).collect()
}

/// A list of lines of text, none of them blank.
fn lines(fields: &mut Fields<'_>, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut faults = Vec::new();
    for (index, item) in fields.array(name).iter().enumerate() {
        let message = match item {
            Value::String(line) if !line.trim().is_empty() && !line.contains('\n') => {
                lines.push(line.clone());
                continue;
            }
            Value::String(_) => format!("line {} of `{name}` is not one line of text", index + 1),
            other => format!("line {} of `{name}` is {}, expected a string", index + 1, kind(other)),
        };
        faults.push(ShapeError { pointer: format!("/{name}/{index}"), key: false, message, help: None });
    }
    let count = faults.len();
    fields.extend(faults);
    if count == 0 { lines } else { vec![String::new(); lines.len() + count] }
}

fn pricing(value: &Value) -> Result<Pricing, Vec<ShapeError>> {
    let mut fields = Fields::of(value, "`pricing`", &["model", "from_usd_month", "trial"])?;
    let model = fields.text("model");
    if fields.sound("model") && model != MODEL {
        let help = did_you_mean(&model, [MODEL]).unwrap_or_else(|| format!("write `{MODEL}`"));
        fields.wrong("model", format!("`{model}` is no model that packs are priced by"), Some(help));
    }
    let price = fields.optional_number("from_usd_month");
    let floor = Decimal::parse(FLOOR).ok();
    match (&price, &floor) {
        (Some(price), Some(floor)) if price < floor => {
            let message = format!("`from_usd_month` is {price}, and operator packs start at {FLOOR}");
            fields.wrong("from_usd_month", message, None);
        }
        (None, _) if fields.get("from_usd_month").is_none_or(Value::is_null) => {
            let message = "field `from_usd_month` of `pricing` is missing".to_owned();
            fields.extend([ShapeError { pointer: String::new(), key: false, message, help: None }]);
        }
        _ => {}
    }
    let trial = match fields.get("trial") {
        None | Some(Value::Null) => None,
        Some(value) => trial(value).map_err(|faults| fields.extend(under(faults, "/trial"))).ok(),
    };
    match price {
        Some(from_usd_month) => fields.finish(Pricing { model, from_usd_month, trial }),
        None => fields.finish(()).and(Err(Vec::new())),
    }
}

fn trial(value: &Value) -> Result<Trial, Vec<ShapeError>> {
    let mut fields = Fields::of(value, "`trial`", &["mode", "days"])?;
    let mode = fields.text("mode");
    if fields.sound("mode") && mode != TRIAL {
        fields.wrong("mode", format!("`{mode}` is no kind of trial"), Some(format!("write `{TRIAL}`")));
    }
    let days = match fields.get("days").and_then(Value::as_u64).and_then(|days| u32::try_from(days).ok()) {
        Some(days) if days > 0 => days,
        _ => {
            let help = Some("give the days of the trial as a whole number, as in `14`".to_owned());
            fields.wrong("days", "`days` is not a number of days".to_owned(), help);
            0
        }
    };
    fields.finish(Trial { mode, days })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"{
  "tagline": "Holds orders that will miss their date.",
  "senses": ["orders", "conversations", "calendars"],
  "acts": ["order.hold", "notify.send"],
  "worksWith": ["cn-kustomer", "cn-magento"],
  "pricing": { "model": "per-operator-monthly", "from_usd_month": 49, "trial": { "mode": "propose-only", "days": 14 } }
}"#;

    fn faults(from: &str, to: &str) -> Vec<String> {
        assert!(SOUND.contains(from), "{from}");
        let faults = read(&SOUND.replace(from, to)).unwrap_err();
        faults.into_iter().map(|fault| format!("{}: {}", fault.line.unwrap_or(0), fault.message)).collect()
    }

    #[test]
    fn the_documented_card_is_read() {
        let listing = read(SOUND).unwrap();
        assert_eq!((listing.senses.len(), listing.works_with.len()), (3, 2));
        assert_eq!(listing.pricing.from_usd_month.to_string(), "49");
        assert_eq!(listing.pricing.trial.unwrap().days, 14);
        assert!(read(&SOUND.replace(r#", "trial": { "mode": "propose-only", "days": 14 }"#, "")).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert_eq!(faults(r#""conversations", "#, ""), ["3: `senses` has 2 lines, expected 3"]);
        assert_eq!(faults(r#""orders""#, "7"), ["3: line 1 of `senses` is a number, expected a string"]);
        assert_eq!(faults(r#"["order.hold", "notify.send"]"#, "[]"), ["4: `acts` is empty"]);
        assert_eq!(faults("49", "48.99"), ["6: `from_usd_month` is 48.99, and operator packs start at 49"]);
        assert_eq!(faults("49", "null"), ["6: field `from_usd_month` of `pricing` is missing"]);
        assert_eq!(faults("49", "\"49\""), ["6: `from_usd_month` is a string, expected a number"]);
        let told = faults("per-operator-monthly", "per-operator-month");
        assert_eq!(told, ["6: `per-operator-month` is no model that packs are priced by"]);
        assert_eq!(faults("14", "0"), ["6: `days` is not a number of days"]);
        assert_eq!(faults("14", "1.5"), ["6: `days` is not a number of days"]);
        assert_eq!(
            faults("tagline", "taglin"),
            ["2: unknown field `taglin` in `listing.json`", "1: field `tagline` is missing"]
        );
    }
}
