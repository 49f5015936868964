//! A rule file: plans by rule, for demonstrations and tests without code. A JSON list of
//! `{ "operator"?, "when"?: { "<path>": condition }, "plan": … }`, read in order; the first rule whose conditions all
//! hold gives the plan, in which `${path}` stands for a value of the input.
//!
//! Knows the file and the input; who asks and what a plan may do is not known here.

mod condition;
mod template;

use std::path::{Path, PathBuf};

use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{self, Raw, Value, child, locate, position};
use crate::kernel::sentences::counted;
use crate::kernel::shape::{Fields, ShapeError};
use condition::Condition;

/// A rule file. It is read anew for each question, so that a save needs no reload.
#[derive(Debug, Clone)]
pub struct RuleFile {
    path: PathBuf,
    shown: String,
}

/// The rules of a file, in order.
#[derive(Debug)]
struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    line: u32,
    /// Who it is for; anyone where absent.
    operator: Option<String>,
    when: Vec<(String, Condition)>,
    plan: Value,
}

impl RuleFile {
    /// The file at a path, called `shown`.
    pub fn new(path: PathBuf, shown: String) -> Self {
        Self { path, shown }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong with it.
    pub fn faults(&self) -> Vec<Diagnostic> {
        self.read().err().unwrap_or_default()
    }

    /// The plan for an input, and the rule that gives it, `reasoning.json:12`.
    pub fn answer(&self, operator: &str, input: &Raw) -> Result<(String, Raw), String> {
        let rules = self.read().map_err(|faults| {
            let first = faults.first().map(|fault| {
                let place = fault.place().map_or_else(String::new, |place| format!(" ({place})"));
                format!("{}{place}", fault.message)
            });
            format!("the rule file `{}` cannot be used: {}", self.shown, first.unwrap_or_default())
        })?;
        let (line, plan) = rules.answer(operator, &input.value()).map_err(|why| format!("`{}`: {why}", self.shown))?;
        Ok((format!("{}:{line}", self.shown), Raw::of(&plan)))
    }

    fn read(&self) -> Result<Rules, Vec<Diagnostic>> {
        let text = bounded_read::read_text(&self.path, bounded_read::SETTINGS).map_err(|error| {
            let fault = Diagnostic::error(format!("cannot read the rule file `{}`: {error}", self.shown));
            vec![fault.in_file(&*self.shown).help("`[reasoner] rules` in `fibric.toml` names it")]
        })?;
        Rules::parse(&text, &self.shown)
    }
}

impl Rules {
    fn parse(text: &str, shown: &str) -> Result<Self, Vec<Diagnostic>> {
        const HELP: &str =
            "a rule is `{ \"operator\"?, \"when\"?: { \"<path>\": value }, \"plan\": { \"actions\": [] } }`";
        let value = match json::read(text) {
            Ok(document) => document.value,
            Err(error) => {
                let fault = Diagnostic::error(format!("the rule file is not JSON: {error}")).in_file(shown);
                return Err(vec![fault.at_span(text, &(error.offset..error.offset), 1)]);
            }
        };
        let Value::Array(items) = &value else {
            let fault = Diagnostic::error(format!("expected a list of rules, found {}", json::kind(&value)));
            return Err(vec![fault.in_file(shown).at_span(text, &(0..0), 1).help(HELP)]);
        };
        let (mut rules, mut faults) = (Vec::new(), Vec::new());
        for (index, item) in items.iter().enumerate() {
            let pointer = format!("/{index}");
            let line = locate(text, &pointer, false).map_or(0, |span| position(text, span.start).line);
            match Rule::from_json(item, line) {
                Ok(rule) => rules.push(rule),
                Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.under(&pointer))),
            }
        }
        if faults.is_empty() {
            return Ok(Self(rules));
        }
        Err(faults
            .into_iter()
            .map(|fault| {
                let span = locate(text, &fault.pointer, fault.key).unwrap_or(0..0);
                let help = fault.help.unwrap_or_else(|| HELP.to_owned());
                Diagnostic::error(fault.message)
                    .in_file(shown)
                    .at_span(text, &span, 1)
                    .at_pointer(fault.pointer)
                    .help(help)
            })
            .collect())
    }

    fn answer(&self, operator: &str, input: &Value) -> Result<(u32, Value), String> {
        let rules: Vec<_> =
            self.0.iter().filter(|rule| rule.operator.as_ref().is_none_or(|name| name == operator)).collect();
        let mut nearest: Option<(usize, u32, String)> = None;
        for rule in &rules {
            let fails = |(path, condition): &(String, Condition)| condition.failure(path, template::at(input, path));
            let Some(why) = rule.when.iter().find_map(fails) else {
                let plan = template::filled(&rule.plan, input).map_err(|why| format!("line {}: {why}", rule.line))?;
                return Ok((rule.line, plan));
            };
            let failing = rule.when.iter().filter(|condition| fails(condition).is_some()).count();
            if nearest.as_ref().is_none_or(|(least, ..)| failing < *least) {
                nearest = Some((failing, rule.line, why));
            }
        }
        let count = counted(rules.len(), "rule");
        Err(match nearest {
            None => format!("no rule is for operator {operator}"),
            Some((_, line, why)) => {
                format!("none of its {count} for {operator} speaks of this input; nearest is line {line}: {why}")
            }
        })
    }
}

impl Rule {
    fn from_json(value: &Value, line: u32) -> Result<Self, Vec<ShapeError>> {
        let mut fields = Fields::of(value, "a rule", &["operator", "when", "plan"])?;
        let operator = fields.optional_text("operator");
        let mut when = Vec::new();
        if fields.get("when").is_some() {
            fields.object("when");
        }
        for (path, wanted) in fields.get("when").and_then(Value::as_object).into_iter().flatten() {
            match Condition::from_json(wanted) {
                Ok(condition) => when.push((path.clone(), condition)),
                Err(faults) => {
                    let pointer = child("/when", path);
                    fields.extend(faults.into_iter().map(|fault| fault.under(&pointer)));
                }
            }
        }
        fields.object("plan");
        let plan = fields.get("plan").cloned().unwrap_or_default();
        if plan.is_object() {
            fields.extend(plan_faults(&plan).into_iter().map(|fault| fault.under("/plan")));
        }
        fields.finish(Self { line, operator, when, plan })
    }
}

/// What is wrong with a plan whatever the input is: its members, and where a value of the input is to stand.
fn plan_faults(plan: &Value) -> Vec<ShapeError> {
    const ACTION: [&str; 6] = ["connector", "tool", "args", "value", "entity_key", "idempotency_key"];
    let mut faults = template::faults(plan, "");
    match Fields::of(plan, "a plan", &["reasoning", "actions"]) {
        Err(wrong) => faults.extend(wrong),
        Ok(mut fields) => {
            for (index, action) in fields.array("actions").iter().enumerate() {
                let checked = Fields::of(action, "an action", &ACTION).and_then(|fields| fields.finish(()));
                if let Err(wrong) = checked {
                    fields.extend(wrong.into_iter().map(|fault| fault.under(&format!("/actions/{index}"))));
                }
            }
            faults.extend(fields.finish(()).err().unwrap_or_default());
        }
    }
    faults
}

#[cfg(test)]
mod tests;
