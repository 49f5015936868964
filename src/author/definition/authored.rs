//! From what an author exported to a [`Definition`].
//!
//! A host describes an export as JSON: `{ "export": "connector" | "operator", "fields": {…} }`, with the marks of
//! [`crossed`] for what JSON has no form for, and every tool's `input` as `{ "form": "literal" | "standard" |
//! "function", "schema"? }`. Both authoring forms are read by the same code: `id` or `name`, tools as a list or a
//! record, `run` or `handler`.

use super::events::events;
pub use super::fields::Fault;
use super::fields::{Faults, Reader, check_slug};
use super::operator::operator;
use super::tools::tools;
use super::{AI_OPERATOR, AuthSpec, ConnectorDef, Definition};
use crate::kernel::crossed;
use crate::kernel::diagnostic::did_you_mean;
use crate::kernel::json::Value;

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

/// Reads a described export, or says what is wrong with it.
pub fn read(described: &Value, longest: u64) -> Result<Authored, Vec<Fault>> {
    let mut faults = Faults::within(longest);
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
        Some(authored) if faults.is_empty() => Ok(authored),
        _ => Err(faults.into_told()),
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
    let version = version(&reader, faults);
    let auth = auth(reader.get("auth"), faults);
    if category == AI_OPERATOR && auth != AuthSpec::None {
        let help = "write `auth: auth.none()`: what it proposes is done through other connectors".to_owned();
        faults.add("an ai-operator has credentials, but it never calls anything", Some("auth"), Some(help));
    }
    let (tools, inputs) = tools(value, category == AI_OPERATOR, faults);
    let definition = ConnectorDef {
        id,
        summary,
        version,
        category,
        publisher: reader.nullable_text("publisher", faults),
        homepage: reader.nullable_text("homepage", faults),
        scopes: reader.texts("scopes", faults),
        auth,
        tools,
        events: events(reader.get("events"), faults),
    };
    Some((definition, inputs))
}

fn version(reader: &Reader<'_>, faults: &mut Faults) -> Option<String> {
    let version = reader.nullable_text("version", faults)?;
    if let Err(error) = semver::Version::parse(&version) {
        let help = "write three numbers, as in `1.2.0` or `1.2.0-beta.1`".to_owned();
        let message = format!("`version` is not a semantic version: `{version}` ({error})");
        faults.add(message, Some(if version.is_empty() { "version" } else { &version }), Some(help));
    }
    Some(version)
}

fn auth(value: Option<&Value>, faults: &mut Faults) -> AuthSpec {
    const KINDS: [&str; 5] = ["apiKey", "bearer", "basic", "oauth2", "none"];
    let Some(value) = value else {
        let help = "add `auth: auth.none()`, or `auth.apiKey`, `auth.bearer`, `auth.basic`, `auth.oauth2`".to_owned();
        faults.add("field `auth` of a connector is missing", None, Some(help));
        return AuthSpec::None;
    };
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    if !value.is_object() || crossed::misfit(value).is_some() {
        let help = "use one of the `auth` helpers".to_owned();
        let message = format!("`auth` of a connector is {}, expected a kind of auth", crossed::kind(value));
        faults.add(message, Some("auth"), Some(help));
        return AuthSpec::None;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;

    fn described(text: &str) -> Result<Authored, Vec<String>> {
        read(&json::read(text).unwrap().value, 1_000)
            .map_err(|faults| faults.into_iter().map(|fault| fault.diagnostic.message).collect())
    }

    #[test]
    fn both_forms_come_down_to_the_same_bytes() {
        let by_name = described(
            r#"{"export":"connector","fields":{"name":"cn-x","summary":"S.","category":"crm","auth":{"kind":"none"},
            "tools":[{"name":"order.hold","capability":"order.hold","sideEffecting":true,"input":{"form":"function"},
            "run":{"~function":true}}]}}"#,
        );
        let by_id = described(
            r#"{"export":"connector","fields":{"auth":{"kind":"none"},"id":"cn-x","category":"crm","summary":"S.",
            "tools":{"order.hold":{"handler":{"~function":true},"input":{"form":"function"},"sideEffecting":true}}}}"#,
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
