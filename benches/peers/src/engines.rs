//! Each engine with the rules loaded and the requests in its own form, behind one question.

use std::fmt::Write;
use std::str::FromStr;

use anyhow::{Context as _, Result, anyhow};
use casbin::function_map::OperatorFunction;
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use cedar_policy::{Authorizer, Context, Decision as Verdict, Entities, EntityUid, PolicySet};
use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::plan::Amount;
use fibric_console::kernel::policy::{CompiledPolicy, NoPredicates, Origin, Subject, TrustPolicy};
use fibric_console::kernel::receipt::Decision;
use serde_json::json;

use super::rules::{Request, Rule, literal};

/// The name of ours.
pub const OURS: &str = "fibric";

/// An engine that is ready.
pub struct Engine<'a> {
    pub name: &'static str,
    /// The package whose version is shown.
    pub package: &'static str,
    /// Decides about the request of this number: true when the action may be done.
    pub decide: Box<dyn Fn(usize) -> Result<bool> + 'a>,
}

/// All of them, ours first.
pub fn all<'a>(rules: &'a [Rule], requests: &'a [Request]) -> Result<Vec<Engine<'a>>> {
    Ok(vec![
        fibric(rules, requests)?,
        scan(rules, requests),
        regorus(rules, requests)?,
        casbin(rules, requests)?,
        cedar(rules, requests)?,
    ])
}

fn fibric<'a>(rules: &[Rule], requests: &'a [Request]) -> Result<Engine<'a>> {
    let number = |value: u32| Decimal::parse(&value.to_string());
    let mut policies = Vec::new();
    for (at, rule) in (1..).zip(rules) {
        policies.push(TrustPolicy {
            connector: Some(rule.connector.clone()),
            tool: Some(rule.tool.clone()),
            max_value: Some(number(rule.ceiling)?),
            predicate: None,
            decision: Decision::Allow,
            origin: Origin::new("policy/trust.yaml", at),
            guard: None,
        });
    }
    let policy = CompiledPolicy::compile(policies);
    let amounts: Vec<Amount> =
        requests.iter().map(|request| Ok(Amount::exact(number(request.value)?))).collect::<Result<_>>()?;
    let decide = move |index: usize| {
        let request: &Request = &requests[index];
        let subject =
            Subject { connector: Some(&request.connector), tool: &request.tool, value: Some(&amounts[index]) };
        Ok(policy.evaluate(&subject, &mut NoPredicates) != Decision::Block)
    };
    Ok(Engine { name: OURS, package: "fibric-console", decide: Box::new(decide) })
}

fn scan<'a>(rules: &'a [Rule], requests: &'a [Request]) -> Engine<'a> {
    let decide = |index: usize| Ok(literal(rules, &requests[index]));
    Engine { name: "a plain scan", package: "", decide: Box::new(decide) }
}

fn cedar<'a>(rules: &[Rule], requests: &'a [Request]) -> Result<Engine<'a>> {
    let mut text = String::new();
    for Rule { connector, tool, ceiling } in rules {
        let head = format!("principal, action == Action::\"{tool}\", resource == Connector::\"{connector}\"");
        writeln!(text, "permit({head}) when {{ context.value <= {ceiling} }};")?;
        writeln!(text, "forbid({head}) unless {{ context.value <= {ceiling} }};")?;
    }
    let policies = PolicySet::from_str(&text)?;
    let mut prebuilt = Vec::new();
    for request in requests {
        let uid = |kind: &str, id: &str| EntityUid::from_str(&format!("{kind}::\"{id}\"")).map_err(Box::new);
        let context = Context::from_json_value(json!({ "value": request.value }), None)?;
        let (action, resource) = (uid("Action", &request.tool)?, uid("Connector", &request.connector)?);
        prebuilt.push(cedar_policy::Request::new(uid("Operator", "o")?, action, resource, context, None)?);
    }
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    let decide = move |index: usize| {
        let response = authorizer.is_authorized(&prebuilt[index], &policies, &entities);
        Ok(response.decision() == Verdict::Allow)
    };
    Ok(Engine { name: "cedar-policy", package: "cedar-policy", decide: Box::new(decide) })
}

const REGO: &str = r"
package trust
import rego.v1

matching contains rule if {
    some rule in data.rules
    rule.connector == input.connector
    rule.tool == input.tool
}

default allow := false

allow if {
    count(matching) > 0
    every rule in matching { input.value <= rule.ceiling }
}
";

fn regorus<'a>(rules: &[Rule], requests: &'a [Request]) -> Result<Engine<'a>> {
    let value = |json: &serde_json::Value| regorus::Value::from_json_str(&json.to_string());
    let rows: Vec<_> = (0_u32..)
        .zip(rules)
        .map(|(at, Rule { connector, tool, ceiling })| {
            json!({ "number": at, "connector": connector, "tool": tool, "ceiling": ceiling })
        })
        .collect();
    let mut engine = regorus::Engine::new();
    engine.add_policy("trust.rego".to_owned(), REGO.to_owned())?;
    engine.add_data(value(&json!({ "rules": rows }))?)?;
    let mut inputs = Vec::new();
    for Request { connector, tool, value: amount } in requests {
        inputs.push(value(&json!({ "connector": connector, "tool": tool, "value": amount }))?);
    }
    let engine = std::cell::RefCell::new(engine);
    let decide = move |index: usize| {
        let mut engine = engine.borrow_mut();
        engine.set_input(inputs[index].clone());
        Ok(engine.eval_rule("data.trust.allow".to_owned())? == regorus::Value::from(true))
    };
    Ok(Engine { name: "regorus", package: "regorus", decide: Box::new(decide) })
}

const CASBIN: &str = r#"
[request_definition]
r = connector, tool, value
[policy_definition]
p = connector, tool, ceiling, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.connector == p.connector && r.tool == p.tool && within(r.value, p.ceiling) == (p.eft == "allow")
"#;

fn casbin<'a>(rules: &[Rule], requests: &'a [Request]) -> Result<Engine<'a>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut rows = std::collections::BTreeSet::new();
    for Rule { connector, tool, ceiling } in rules {
        for effect in ["allow", "deny"] {
            rows.insert(vec![connector.clone(), tool.clone(), ceiling.to_string(), effect.to_owned()]);
        }
    }
    let mut enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(CASBIN).await?;
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
        enforcer.add_policies(rows.into_iter().collect()).await?;
        Ok::<_, casbin::Error>(enforcer)
    })?;
    enforcer.add_function(
        "within",
        OperatorFunction::Arg2(|value, ceiling| {
            let number = |text: Result<String, &str>| text.ok().and_then(|text| text.parse::<u32>().ok());
            let pair = number(value.into_string()).zip(number(ceiling.into_string()));
            pair.is_some_and(|(value, ceiling)| value <= ceiling).into()
        }),
    );
    let prebuilt: Vec<_> =
        requests.iter().map(|r| (r.connector.clone(), r.tool.clone(), r.value.to_string())).collect();
    let decide = move |index: usize| {
        let (connector, tool, value) = &prebuilt[index];
        enforcer.enforce((connector.as_str(), tool.as_str(), value.as_str())).map_err(|error| anyhow!(error))
    };
    let first = decide(0).context("casbin cannot judge");
    first?;
    Ok(Engine { name: "casbin", package: "casbin", decide: Box::new(decide) })
}
