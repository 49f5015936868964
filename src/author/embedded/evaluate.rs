//! The `evaluate` that author code imports: the kernel's own, lent to a realm.
//!
//! The glue hands over what crossed exactly, and calls the predicates; what a policy is, and what it says of an action,
//! is decided by the reader and the judge that policy files go through.

use std::sync::LazyLock;

use rquickjs::{Ctx, Exception, Function, Object, Result, Value};

use super::to_json::{NotPlain, Strictness, plain};
use crate::kernel::capability::{Vocabulary, is_well_formed};
use crate::kernel::crossed;
use crate::kernel::decimal::Decimal;
use crate::kernel::json::{self, Raw, child};
use crate::kernel::plan::Amount;
use crate::kernel::policy::file::read_coded;
use crate::kernel::policy::{CompiledPolicy, PredicateId, PredicateOutcome, Subject};
use crate::kernel::receipt::Decision;

/// What rules are called that come from no file.
const SOURCE: &str = "evaluate";

static SHIPPED: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::shipped);

/// Gives the glue the functions with which it describes and judges.
pub fn register<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("isProxy", Function::new(ctx.clone(), |value: Value<'js>| value.is_proxy())?)?;
    host.set("evaluate", Function::new(ctx.clone(), evaluate)?)
}

/// The decision, or a `TypeError` that says what is wrong with what was given.
///
/// Takes the rules, the action and the envelope as they crossed; `ask` calls the predicate of a rule, from 0.
#[expect(clippy::needless_pass_by_value, reason = "the engine hands values over")]
pub fn evaluate<'js>(
    ctx: Ctx<'js>,
    rules: Value<'js>,
    action: Value<'js>,
    envelope: Value<'js>,
    ask: Function<'js>,
) -> Result<&'static str> {
    let wrong = |message: String| Exception::throw_type(&ctx, &format!("evaluate: {message}"));
    let (action, envelope) = (text(&ctx, &action)?, text(&ctx, &envelope)?);
    let (judged, is_finite) = read_action(action.value()).map_err(wrong)?;
    if let Some(fault) = unfit("envelope", &envelope.value()) {
        return Err(wrong(fault));
    }
    let policy = policy(&text(&ctx, &rules)?, &judged.tool).map_err(wrong)?;
    if !is_finite {
        return Ok(Decision::Block.word());
    }
    let mut stopped = None;
    let mut asking = |PredicateId(rule): PredicateId| {
        if stopped.is_some() {
            return PredicateOutcome::False;
        }
        let given = || Ok((rule, ctx.json_parse(action.as_str())?, ctx.json_parse(envelope.as_str())?));
        match given().and_then(|given: (u32, Value<'js>, Value<'js>)| ask.call::<_, bool>(given)) {
            Ok(true) => PredicateOutcome::True,
            Ok(false) => PredicateOutcome::False,
            // Only what cannot be caught comes here, an interrupt: it is not for this function to swallow.
            Err(error) => {
                stopped = Some(error);
                PredicateOutcome::False
            }
        }
    };
    let decision = policy.evaluate(&judged.subject(), &mut asking);
    match stopped {
        Some(error) => Err(error),
        None => Ok(decision.word()),
    }
}

fn text<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Raw> {
    plain(ctx, value, Strictness::Lenient).map_err(|error| match error {
        NotPlain::Threw(thrown) => ctx.throw(thrown),
        NotPlain::Unfit(message) => Exception::throw_type(ctx, &format!("evaluate: {message}")),
    })
}

/// Reads rules as a file's. Names outside the shipped vocabulary are a workspace's own, and mean themselves.
fn policy(rules: &Raw, tool: &str) -> std::result::Result<CompiledPolicy, String> {
    let rules = rules.value();
    let rules = rules.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = rules.iter().filter_map(|rule| rule.get("tool")?.as_str()).chain([tool]);
    let own: Vec<String> =
        named.filter(|name| SHIPPED.find(name).is_none() && is_well_formed(name)).map(str::to_owned).collect();
    let widened = (!own.is_empty()).then(|| Vocabulary::with_added(&own)).transpose();
    let widened = widened.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let read = read_coded(SOURCE, rules, widened.as_ref().unwrap_or(&SHIPPED));
    let mut coded = read.map_err(|faults| {
        let said = faults.into_iter().map(|fault| match fault.help {
            Some(help) => format!("{} ({help})", fault.message),
            None => fault.message,
        });
        said.collect::<Vec<_>>().join("; ")
    })?;
    for number in coded.predicates {
        if let Some(rule) = coded.file.rules.get_mut(number as usize) {
            rule.predicate = Some(PredicateId(number));
        }
    }
    Ok(CompiledPolicy::compile(coded.file.rules))
}

/// Reads an action, and whether its value is one that a plan could have: validation BLOCKs a float that is no number,
/// whatever the policy says.
fn read_action(mut action: json::Value) -> std::result::Result<(Judged, bool), String> {
    let value = action.get_mut("value");
    let is_finite = value.is_none_or(|value| {
        let misfit = crossed::misfit(value);
        let is_float = matches!(misfit.as_deref(), Some("NaN" | "Infinity" | "-Infinity"));
        if is_float {
            *value = json::Value::Null;
        }
        !is_float
    });
    Ok((Judged::read(&action)?, is_finite))
}

/// What of the action is judged.
struct Judged {
    connector: Option<String>,
    tool: String,
    value: Option<Amount>,
}

impl Judged {
    fn read(action: &json::Value) -> std::result::Result<Self, String> {
        const KNOWN: [&str; 6] = ["connector", "tool", "args", "value", "entity_key", "idempotency_key"];
        if let Some(fault) = unfit("action", action) {
            return Err(fault);
        }
        let Some(fields) = action.as_object() else {
            return Err(format!("the action is {}, expected an object", json::kind(action)));
        };
        if let Some(key) = fields.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(format!("unknown field `{key}` in the action (`{}`)", child("", key)));
        }
        let text = |name: &str| match fields.get(name) {
            None | Some(json::Value::Null) => Ok(None),
            Some(json::Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(format!("`{name}` of the action is {}, expected a string", json::kind(other))),
        };
        let written = text("tool")?.ok_or("the action names no `tool`")?;
        let tool = SHIPPED.find(&written).unwrap_or(&written).to_owned();
        if !is_well_formed(&tool) {
            return Err(format!("`tool` of the action is `{tool}`, which is not the name of a capability"));
        }
        let value = match fields.get("value") {
            None | Some(json::Value::Null) => None,
            Some(json::Value::Number(number)) => {
                let number = Decimal::parse(&number.to_string()).map_err(|error| format!("`value`: {error}"))?;
                Some(Amount::float(number))
            }
            Some(other) => return Err(format!("`value` of the action is {}, expected a number", json::kind(other))),
        };
        Ok(Self { connector: text("connector")?, tool, value })
    }

    fn subject(&self) -> Subject<'_> {
        Subject { connector: self.connector.as_deref(), tool: &self.tool, value: self.value.as_ref() }
    }
}

fn unfit(what: &str, value: &json::Value) -> Option<String> {
    let (path, found) = crossed::first_misfit(value)?;
    let joint = if path.is_empty() || path.starts_with('[') { "" } else { "." };
    Some(format!("`{what}{joint}{path}` is {found}"))
}
