//! From what an author exported to a [`Definition`].
//!
//! A host describes an export as JSON: `{ "export": "connector" | "operator", "fields": {…} }`, with every function
//! as `{"~function": true}` and every tool's `input` as `{ "form": "literal" | "standard" | "function", "schema"? }`.
//! Both authoring forms are read by the same code: `id` or `name`, tools as a list or a record, `run` or `handler`.

pub use super::fields::Fault;
use super::fields::{Faults, Reader, check_slug};
use super::operator::operator;
use super::{AuthSpec, ConnectorDef, Definition, EventDef, EventKind, ToolDef};
use crate::author::schema::{self, InputSchema};
use crate::kernel::diagnostic::did_you_mean;
use crate::kernel::json::{Raw, Value};

/// The key that stands for a function.
pub const FUNCTION: &str = "~function";

/// Who checks a tool's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputForm {
    /// The kernel, by the JSON Schema of the wire form.
    Schema,
    /// The author's own validator, in the host.
    Validator,
    /// Nobody: the tool declares no input.
    Unchecked,
}

/// A definition and what the wire form does not carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authored {
    /// The definition.
    pub definition: Definition,
    /// Per tool, in the order of the definition.
    pub inputs: Vec<InputForm>,
}

/// Reads a described export, or says all that is wrong with it.
pub fn read(described: &Value) -> Result<Authored, Vec<Fault>> {
    let mut faults = Faults::default();
    let fields = described.get("fields").unwrap_or(&Value::Null);
    let authored = match described.get("export").and_then(Value::as_str) {
        Some("connector") => connector(fields, &mut faults)
            .map(|(definition, inputs)| Authored { definition: Definition::Connector(definition), inputs }),
        Some("operator") => operator(fields, &mut faults)
            .map(|definition| Authored { definition: Definition::Operator(definition), inputs: Vec::new() }),
        _ => {
            let help = "end the file with `export default defineConnector({…})` or `defineOperator({…})`".to_owned();
            faults.add("the default export is neither a connector nor an operator", Some("export default"), Some(help));
            None
        }
    };
    match authored {
        Some(authored) if faults.0.is_empty() => Ok(authored),
        _ => Err(faults.0),
    }
}

fn connector(value: &Value, faults: &mut Faults) -> Option<(ConnectorDef, Vec<InputForm>)> {
    const KNOWN: [&str; 11] =
        ["id", "name", "summary", "version", "category", "publisher", "homepage", "scopes", "auth", "tools", "events"];
    let reader = Reader::of(value, "a connector", &KNOWN, faults)?;
    let by_id = reader.get("id").is_some();
    if by_id && reader.get("name").is_some() {
        faults.add("a connector has either `id` or `name`, not both", Some("name"), None);
    }
    let key = if by_id { "id" } else { "name" };
    let id = reader.required(key, faults);
    check_slug(&id, key, faults);
    let category = reader.text("category", faults).unwrap_or_else(|| "connector".to_owned());
    check_slug(&category, "category", faults);
    let summary =
        if by_id { reader.text("summary", faults).unwrap_or_default() } else { reader.required("summary", faults) };
    let auth = auth(reader.get("auth"), faults);
    let (tools, inputs) = tools(reader.get("tools"), faults);
    let definition = ConnectorDef {
        id,
        summary,
        version: reader.text("version", faults),
        category,
        publisher: reader.text("publisher", faults),
        homepage: reader.text("homepage", faults),
        scopes: reader.texts("scopes", faults),
        auth,
        tools,
        events: events(reader.get("events"), faults),
    };
    Some((definition, inputs))
}

fn auth(value: Option<&Value>, faults: &mut Faults) -> AuthSpec {
    const KINDS: [&str; 5] = ["apiKey", "bearer", "basic", "oauth2", "none"];
    let Some(value) = value else {
        let help = "add `auth: auth.none()`, or `auth.apiKey`, `auth.bearer`, `auth.basic`, `auth.oauth2`".to_owned();
        faults.add("field `auth` of a connector is missing", None, Some(help));
        return AuthSpec::None;
    };
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let known: &[&str] = match kind {
        "apiKey" => &["kind", "header", "secret"],
        "bearer" => &["kind", "secret"],
        "basic" => &["kind", "user", "pass"],
        "oauth2" => &["kind", "authorizeUrl", "authorize_url", "tokenUrl", "token_url", "scopes"],
        "none" => &["kind"],
        _ => {
            let help = did_you_mean(kind, KINDS).unwrap_or_else(|| "use one of the `auth` helpers".to_owned());
            faults.add("`auth` is not one of the kinds of auth", Some("auth"), Some(help));
            return AuthSpec::None;
        }
    };
    let what = format!("auth.{kind}");
    let Some(reader) = Reader::of(value, &what, known, faults) else { return AuthSpec::None };
    match kind {
        "apiKey" => {
            AuthSpec::ApiKey { header: reader.required("header", faults), secret: reader.required("secret", faults) }
        }
        "bearer" => AuthSpec::Bearer { secret: reader.required("secret", faults) },
        "basic" => AuthSpec::Basic { user: reader.required("user", faults), pass: reader.required("pass", faults) },
        "oauth2" => {
            let authorize = reader.first(&["authorizeUrl", "authorize_url"]).unwrap_or("authorizeUrl");
            let token = reader.first(&["tokenUrl", "token_url"]).unwrap_or("tokenUrl");
            AuthSpec::Oauth2 {
                authorize_url: reader.required(authorize, faults),
                token_url: reader.required(token, faults),
                scopes: reader.texts("scopes", faults),
            }
        }
        _ => AuthSpec::None,
    }
}

fn tools(value: Option<&Value>, faults: &mut Faults) -> (Vec<ToolDef>, Vec<InputForm>) {
    let mut read = Vec::new();
    match value {
        Some(Value::Array(items)) => {
            read.extend(items.iter().enumerate().map(|(index, item)| tool(Err(index), item, faults)));
        }
        Some(Value::Object(map)) if !map.contains_key(FUNCTION) => {
            read.extend(map.iter().map(|(key, item)| tool(Ok(key), item, faults)));
        }
        Some(_) => faults.add("`tools` is neither a list nor a record of tools", Some("tools"), None),
        None => {}
    }
    if read.is_empty() {
        let help = "add at least one `tool({…})`".to_owned();
        faults.add("a connector has no tools", value.map(|_| "tools"), Some(help));
    }
    let (tools, inputs): (Vec<ToolDef>, Vec<InputForm>) = read.into_iter().flatten().unzip();
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
    (tools, inputs)
}

/// A tool of a record has a key, one of a list only its place there.
fn tool(key: Result<&str, usize>, value: &Value, faults: &mut Faults) -> Option<(ToolDef, InputForm)> {
    const KNOWN: [&str; 8] =
        ["name", "capability", "input", "sideEffecting", "idempotent", "summary", "run", "handler"];
    let said = |field: &str| value.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let what = match (key, said("name"), said("capability")) {
        (_, Some(name), _) => format!("tool `{name}`"),
        (Ok(key), None, _) => format!("tool `{key}`"),
        (Err(_), None, Some(capability)) => format!("the tool for `{capability}`"),
        (Err(index), None, None) => format!("tool {} of the list", index + 1),
    };
    let reader = Reader::of(value, &what, &KNOWN, faults)?;
    let capability = match key {
        Ok(key) => match reader.text("capability", faults) {
            Some(other) if other != key => {
                let message = format!("{what} stands under `{key}` but says its capability is `{other}`");
                faults.add(message, Some(&other), Some("leave `capability` out of a record of tools".to_owned()));
                key.to_owned()
            }
            _ => key.to_owned(),
        },
        Err(_) => reader.required("capability", faults),
    };
    let name = match key {
        Ok(_) => reader.text("name", faults).unwrap_or_else(|| capability.clone()),
        Err(_) => reader.required("name", faults),
    };
    body(&reader, &what, faults);
    let (form, input_schema) = input(reader.get("input"), &what, faults);
    let definition = ToolDef {
        name,
        capability,
        summary: reader.text("summary", faults).unwrap_or_default(),
        side_effecting: reader.flag("sideEffecting", faults),
        idempotent: reader.flag("idempotent", faults),
        input_schema,
    };
    Some((definition, form))
}

fn body(reader: &Reader<'_>, what: &str, faults: &mut Faults) {
    let help = || Some("write `run({ input, ctx })` or `handler(ctx, args)`".to_owned());
    match (reader.get("run"), reader.get("handler")) {
        (None, None) => faults.add(format!("{what} has neither `run` nor `handler`"), None, help()),
        (Some(_), Some(_)) => faults.add(format!("{what} has both `run` and `handler`"), Some("handler"), help()),
        (Some(found), None) | (None, Some(found)) if found.get(FUNCTION).is_none() => {
            let name = reader.first(&["run", "handler"]);
            faults.add(format!("`{}` of {what} is not a function", name.unwrap_or("run")), name, help());
        }
        _ => {}
    }
}

fn input(value: Option<&Value>, what: &str, faults: &mut Faults) -> (InputForm, Option<Raw>) {
    let Some(value) = value else { return (InputForm::Unchecked, None) };
    let schema = value.get("schema").filter(|schema| !schema.is_null());
    let raw = schema.map(Raw::of);
    if let Some("standard" | "function") = value.get("form").and_then(Value::as_str) {
        return (InputForm::Validator, raw);
    }
    if raw.as_ref().is_some_and(schema::is_costly) {
        // Whether it is one is for a host to find out.
        return (InputForm::Schema, raw);
    }
    let compiled = raw.as_ref().ok_or_else(|| "it is empty".to_owned()).and_then(InputSchema::compile);
    if let Err(reason) = compiled {
        let help = "give a JSON Schema (an object with `type: 'object'`), a Standard Schema, or a function".to_owned();
        faults.add(format!("`input` of {what} is not a schema: {reason}"), Some("input"), Some(help));
    }
    (InputForm::Schema, raw)
}

fn events(value: Option<&Value>, faults: &mut Faults) -> Vec<EventDef> {
    const KNOWN: [&str; 5] = ["eventType", "event_type", "type", "kind", "topic"];
    let items = match value {
        None => return Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            faults.add("`events` is not a list", Some("events"), None);
            return Vec::new();
        }
    };
    let mut events = Vec::with_capacity(items.len());
    for item in items {
        let Some(reader) = Reader::of(item, "an event", &KNOWN, faults) else { continue };
        let name = reader.first(&["eventType", "event_type", "type"]).unwrap_or("eventType");
        let kind = match reader.required("kind", faults).as_str() {
            "poll" => EventKind::Poll,
            "webhook" | "" => EventKind::Webhook,
            other => {
                let help = Some("an event is `webhook` or `poll`".to_owned());
                faults.add(format!("unknown kind of event `{other}`"), Some(other), help);
                EventKind::Webhook
            }
        };
        let event_type = reader.required(name, faults);
        if !event_type.is_empty() && event_type.split('.').any(str::is_empty) {
            faults.add(format!("`{name}` has an empty segment: `{event_type}`"), Some(&event_type), None);
        }
        let topic = reader.required("topic", faults);
        events.push(EventDef { event_type, kind, topic });
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;

    fn described(text: &str) -> Result<Authored, Vec<String>> {
        read(&json::read(text).unwrap().value)
            .map_err(|faults| faults.into_iter().map(|fault| fault.diagnostic.message).collect())
    }

    #[test]
    fn both_forms_come_down_to_the_same_bytes() {
        let by_name = described(
            r#"{"export":"connector","fields":{"name":"cn-x","summary":"S.","category":"crm","auth":{"kind":"none"},
            "tools":[{"name":"order.hold","capability":"order.hold","sideEffecting":true,"run":{"~function":true}}]}}"#,
        );
        let by_id = described(
            r#"{"export":"connector","fields":{"auth":{"kind":"none"},"id":"cn-x","category":"crm","summary":"S.",
            "tools":{"order.hold":{"handler":{"~function":true},"sideEffecting":true}}}}"#,
        );
        let wire = |authored: Authored| match authored.definition {
            Definition::Connector(connector) => serde_json::to_string(&connector).unwrap(),
            Definition::Operator(_) => String::new(),
        };
        let wire_text = wire(by_name.unwrap());
        assert_eq!(wire_text, wire(by_id.unwrap()));
        assert_eq!(
            wire_text,
            r#"{"id":"cn-x","summary":"S.","version":null,"category":"crm","publisher":null,"homepage":null,"scopes":[],"auth":{"kind":"none"},"tools":[{"name":"order.hold","capability":"order.hold","summary":"","side_effecting":true,"idempotent":false,"input_schema":null}],"events":[]}"#
        );
    }

    #[test]
    fn every_fault_of_a_connector_is_named_at_once() {
        let faults = described(
            r#"{"export":"connector","fields":{"name":"Acme WMS","tools":[
            {"name":"a","capability":"order.read","hendler":{"~function":true}},
            {"name":"a","capability":"order.read","run":{"~function":true},"idempotent":1}]}}"#,
        )
        .unwrap_err();
        assert_eq!(
            faults,
            [
                "`name` is not a lowercase slug: `Acme WMS`",
                "field `summary` of a connector is missing",
                "field `auth` of a connector is missing",
                "unknown field `hendler` in tool `a`",
                "tool `a` has neither `run` nor `handler`",
                "`idempotent` of tool `a` is a number, expected true or false",
                "two tools are named `a`",
                "two tools provide the capability `order.read`",
            ]
        );
    }

    #[test]
    fn a_tool_without_a_name_is_told_by_its_capability_or_its_place() {
        let faults = described(
            r#"{"export":"connector","fields":{"name":"acme","summary":"S.","auth":{"kind":"none"},"tools":[
            {"capability":"order.read","run":{"~function":true}},{"run":{"~function":true}}, 3]}}"#,
        )
        .unwrap_err();
        let told = [
            "field `name` of the tool for `order.read` is missing",
            "field `capability` of tool 2 of the list is missing",
            "field `name` of tool 2 of the list is missing",
            "tool 3 of the list is a number, expected an object",
        ];
        assert_eq!(faults, told);
    }

    #[test]
    fn operators_are_read_and_checked() {
        let good = r#"{"export":"operator","fields":{"name":"order-risk","goal":"g","requires":["orders.read"],
            "trigger":{"on":"order.*"},"run":{"~function":true},"stub":{"~function":true}}}"#;
        let Definition::Operator(operator) = described(good).unwrap().definition else { panic!() };
        assert!(operator.has_stub && operator.trigger == Trigger::On("order.*".into()));
        let faults = described(&good.replace(r#""on":"order.*""#, "").replace("\"goal\":\"g\",", "")).unwrap_err();
        assert_eq!(faults, ["field `goal` of an operator is missing", "a trigger has either `on` or `every`"]);
        assert_eq!(
            described(r#"{"export":"none"}"#).unwrap_err(),
            ["the default export is neither a connector nor an operator"]
        );
    }

    use super::super::Trigger;
}
