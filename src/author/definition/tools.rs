//! From authored tools to those of the wire: a list, or a record by capability.

use super::ToolDef;
use super::authored::InputForm;
use super::fields::{Earlier, Faults, Reader, list, too_long};
use crate::author::schema::{InputSchema, is_costly};
use crate::kernel::crossed;
use crate::kernel::json::{Raw, Value};

/// Reads the tools of a connector's fields. Those of an ai-operator only say what it proposes.
pub fn tools(fields: &Value, only_proposes: bool, faults: &mut Faults) -> (Vec<ToolDef>, Vec<InputForm>) {
    let value = fields.get("tools");
    let mut earlier = Earlier::new();
    count(fields, &mut earlier);
    let mut read = Vec::new();
    let mut take = |key: Result<&str, usize>, item: &Value, faults: &mut Faults| {
        read.push(Authored { only_proposes, earlier: &earlier }.tool(key, item, faults));
        count(item, &mut earlier);
    };
    match value {
        Some(Value::Object(map)) if map.len() as u64 > faults.longest => {
            too_long("`tools`", map.len() as u64, "tools", faults);
            return (Vec::new(), Vec::new());
        }
        Some(given @ Value::Object(map)) if crossed::misfit(given).is_none() => {
            map.iter().for_each(|(key, item)| take(Ok(key), item, faults));
        }
        Some(value) => {
            let Some(items) = list(value, "`tools`", "a list or a record of tools", "tools", faults) else {
                return (Vec::new(), Vec::new());
            };
            items.iter().enumerate().for_each(|(index, item)| take(Err(index), item, faults));
        }
        None => {}
    }
    if read.is_empty() {
        let help = "add at least one `tool({…})`".to_owned();
        faults.add("a connector has no tools", value.map(|_| "tools"), Some(help));
    }
    let (tools, inputs): (Vec<ToolDef>, Vec<InputForm>) = read.into_iter().flatten().unzip();
    check_unique(&tools, faults);
    (tools, inputs)
}

fn count(value: &Value, earlier: &mut Earlier) {
    for key in value.as_object().into_iter().flat_map(|map| map.keys()) {
        *earlier.entry(key.clone()).or_default() += 1;
    }
}

fn check_unique(tools: &[ToolDef], faults: &mut Faults) {
    for (index, tool) in tools.iter().enumerate() {
        let before = &tools[..index];
        let named = before.iter().filter(|other| other.name == tool.name).count();
        if named > 0 && !tool.name.is_empty() {
            faults.add_at(format!("two tools are named `{}`", tool.name), Some(&tool.name), named, None);
        }
        let bound = before.iter().filter(|other| other.capability == tool.capability).count();
        if bound > 0 && !tool.capability.is_empty() {
            let help = "a connector has at most one tool per capability".to_owned();
            let message = format!("two tools provide the capability `{}`", tool.capability);
            faults.add_at(message, Some(&tool.capability), bound, Some(help));
        }
    }
}

/// What stands around a tool.
struct Authored<'a> {
    only_proposes: bool,
    earlier: &'a Earlier,
}

impl Authored<'_> {
    /// A tool of a record has a key, one of a list only its place there.
    fn tool(&self, key: Result<&str, usize>, value: &Value, faults: &mut Faults) -> Option<(ToolDef, InputForm)> {
        const KNOWN: [&str; 8] =
            ["name", "capability", "input", "sideEffecting", "idempotent", "summary", "run", "handler"];
        let what = called(key, value);
        let reader = Reader::after(Some(self.earlier), value, &what, &KNOWN, faults)?;
        let (capability, name) = names(key, &reader, &what, faults);
        body(&reader, &what, faults);
        let side_effecting = reader.flag("sideEffecting", faults);
        if self.only_proposes && !side_effecting {
            let message = format!("{what} is not `sideEffecting: true`, and an ai-operator only proposes what is");
            faults.add(message, Some(&capability), Some("add `sideEffecting: true`, or leave the tool out".to_owned()));
        }
        let (form, input_schema) = input(reader.get("input"), &what, faults);
        if side_effecting && !self.only_proposes && reader.get("input").is_none() {
            let message = format!("{what} has side effects and no `input`: it would take anything");
            let help = "add a JSON Schema, a Standard Schema or a function as `input`".to_owned();
            faults.add(message, Some(&capability), Some(help));
        }
        let definition = ToolDef {
            name,
            capability,
            summary: reader.text("summary", faults).unwrap_or_default(),
            side_effecting,
            idempotent: reader.flag("idempotent", faults),
            input_schema,
        };
        Some((definition, form))
    }
}

/// What a tool is called in sentences.
fn called(key: Result<&str, usize>, value: &Value) -> String {
    let said = |field: &str| value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (key, said("name"), said("capability")) {
        (_, Some(name), _) => format!("tool `{name}`"),
        (Ok(key), None, _) => format!("tool `{key}`"),
        (Err(_), None, Some(capability)) => format!("the tool for `{capability}`"),
        (Err(index), None, None) => format!("tool {} of the list", index + 1),
    }
}

/// Its capability and its name.
fn names(key: Result<&str, usize>, reader: &Reader<'_>, what: &str, faults: &mut Faults) -> (String, String) {
    let capability = match key {
        Ok(key) => {
            if let Some(other) = reader.text("capability", faults).filter(|other| other != key) {
                let message = format!("{what} stands under `{key}` but says its capability is `{other}`");
                faults.add(message, Some(&other), Some("leave `capability` out of a record of tools".to_owned()));
            }
            key.to_owned()
        }
        Err(_) => reader.required("capability", faults),
    };
    let name = match key {
        Ok(_) if reader.get("name").is_none() => capability.clone(),
        _ => reader.required("name", faults),
    };
    (capability, name)
}

fn body(reader: &Reader<'_>, what: &str, faults: &mut Faults) {
    let help = || Some("write `run({ input, ctx })` or `handler(ctx, args)`".to_owned());
    match (reader.function("run", faults), reader.function("handler", faults)) {
        (false, false) => faults.add(format!("{what} has neither `run` nor `handler`"), None, help()),
        (true, true) => faults.add(format!("{what} has both `run` and `handler`"), Some("handler"), help()),
        _ => {}
    }
}

fn input(value: Option<&Value>, what: &str, faults: &mut Faults) -> (InputForm, Option<Raw>) {
    let Some(value) = value else { return (InputForm::Unchecked, None) };
    let form = value.get("form").and_then(Value::as_str);
    let is_validator = matches!(form, Some("standard" | "function"));
    let schema = value.get("schema").filter(|schema| !(is_validator && schema.is_null()));
    let misfit = match (form, schema) {
        (None, _) => crossed::first_misfit(value),
        (Some(_), schema) => schema.and_then(crossed::first_misfit),
    };
    let help =
        || Some("give a JSON Schema (an object with `type: 'object'`), a Standard Schema, or a function".to_owned());
    if let Some((path, found)) = misfit {
        let place = if path.is_empty() { String::new() } else { format!("`{path}` in ") };
        faults.add(format!("{place}`input` of {what} is {found}"), Some("input"), help());
        return (InputForm::Schema, None);
    }
    let raw = schema.map(Raw::of);
    if is_validator {
        if let Some(other) = schema.filter(|schema| !schema.is_object()) {
            faults.add(format!("the schema of `input` of {what} is {}", crossed::kind(other)), Some("input"), help());
        }
        return (InputForm::Validator, raw);
    }
    if raw.as_ref().is_some_and(is_costly) {
        // Whether it is one is for a host to find out.
        return (InputForm::Schema, raw);
    }
    let compiled = raw.as_ref().ok_or_else(|| "it is empty".to_owned()).and_then(InputSchema::compile);
    if let Err(reason) = compiled {
        faults.add(format!("`input` of {what} is not a schema: {reason}"), Some("input"), help());
    }
    (InputForm::Schema, raw)
}
