//! The policy engine held to Cedar and to Rego: random policies of every reach, written in both languages, must come to
//! the same decisions. Not a benchmark; `cargo run -p fibric-peers --bin oracle [POLICIES]`, nightly or by hand.

use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::str::FromStr as _;

use anyhow::{Result, bail};
use cedar_policy::{Authorizer, Context, Decision as Verdict, Entities, EntityUid, PolicySet, Request};
use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::plan::Amount;
use fibric_console::kernel::policy::{CompiledPolicy, NoPredicates, Origin, Subject, TrustPolicy};
use fibric_console::kernel::receipt::Decision;
use serde_json::json;

/// Policies that are tried when no number is given.
const POLICIES: u32 = 500;
const CONNECTORS: [&str; 3] = ["a", "b", "c"];
const TOOLS: [&str; 3] = ["order.hold", "order.refund", "notify.send"];
const VALUES: [Option<i64>; 8] = [None, Some(-1), Some(0), Some(1), Some(49), Some(50), Some(51), Some(1_000)];

/// A rule in no language yet.
struct Rule {
    connector: Option<&'static str>,
    tool: Option<&'static str>,
    ceiling: Option<i64>,
    decision: Decision,
}

struct Action {
    connector: &'static str,
    tool: &'static str,
    value: Option<i64>,
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let sides = from.len() as u64;
        from[usize::try_from(self.below(sides)).unwrap_or(0)]
    }

    fn rule(&mut self) -> Rule {
        let connector = if self.below(2) == 0 { None } else { Some(self.pick(&CONNECTORS[..2])) };
        let tool = if self.below(4) == 0 { None } else { Some(self.pick(&TOOLS[..2])) };
        let ceiling = if self.below(2) == 0 { None } else { Some(self.pick(&[0, 1, 50])) };
        let words =
            [Decision::Allow, Decision::Allow, Decision::Allow, Decision::Alert, Decision::Alert, Decision::Block];
        Rule { connector, tool, ceiling, decision: self.pick(&words) }
    }
}

fn main() -> Result<()> {
    let policies = std::env::args().nth(1).map_or(Ok(POLICIES), |count| count.parse())?;
    let actions = actions();
    let mut dice = Dice(20_260_101);
    let (mut compared, mut met) = (0_u64, [0_u64; 3]);
    for policy in 0..policies {
        let rules: Vec<Rule> = (0..dice.below(7)).map(|_| dice.rule()).collect();
        let ours = ours(&rules, &actions)?;
        for (language, theirs) in [("cedar", cedar(&rules, &actions)?), ("rego", rego(&rules, &actions)?)] {
            for ((action, ours), theirs) in actions.iter().zip(&ours).zip(&theirs) {
                if ours != theirs {
                    let Action { connector, tool, value } = action;
                    bail!("policy {policy}: {tool} on {connector}, value {value:?}: {ours}, but {language} {theirs}");
                }
                compared += 1;
            }
        }
        ours.iter().for_each(|decision| met[usize::from(decision.tier()) - 1] += 1);
    }
    writeln!(stdout(), "{policies} policies, {compared} decisions: all the same in Cedar and in Rego")?;
    writeln!(stdout(), "{} ALLOW, {} ALERT, {} BLOCK", met[0], met[1], met[2])?;
    if met.contains(&0) && policies >= POLICIES {
        bail!("a decision was never met: the policies are too alike to show anything");
    }
    Ok(())
}

fn actions() -> Vec<Action> {
    let mut actions = Vec::new();
    for connector in CONNECTORS {
        for tool in TOOLS {
            actions.extend(VALUES.map(|value| Action { connector, tool, value }));
        }
    }
    actions
}

fn ours(rules: &[Rule], actions: &[Action]) -> Result<Vec<Decision>> {
    let number = |value: i64| Decimal::parse(&value.to_string());
    let mut policies = Vec::new();
    for (at, rule) in (1..).zip(rules) {
        policies.push(TrustPolicy {
            connector: rule.connector.map(str::to_owned),
            tool: rule.tool.map(str::to_owned),
            max_value: rule.ceiling.map(number).transpose()?,
            predicate: None,
            decision: rule.decision,
            origin: Origin::new("policy/trust.yaml", at),
            guard: None,
        });
    }
    let policy = CompiledPolicy::compile(policies);
    let mut decisions = Vec::new();
    for Action { connector, tool, value } in actions {
        let amount = value.map(number).transpose()?.map(Amount::exact);
        let subject = Subject { connector: Some(connector), tool, value: amount.as_ref() };
        decisions.push(policy.evaluate(&subject, &mut NoPredicates));
    }
    Ok(decisions)
}

/// Two policy sets: what acts, and what of that is raised. Cedar skips a policy that errors, so a missing value is asked
/// about before it is read.
fn cedar(rules: &[Rule], actions: &[Action]) -> Result<Vec<Decision>> {
    let (mut acts, mut raises) = (String::new(), String::new());
    for Rule { connector, tool, ceiling, decision } in rules {
        let action = tool.map_or_else(|| "action".to_owned(), |tool| format!("action == Action::\"{tool}\""));
        let resource =
            connector.map_or_else(|| "resource".to_owned(), |name| format!("resource == Connector::\"{name}\""));
        let head = format!("principal, {action}, {resource}");
        match decision {
            Decision::Block => writeln!(acts, "forbid({head});")?,
            Decision::Alert => writeln!(raises, "permit({head});")?,
            Decision::Allow => {}
        }
        writeln!(acts, "permit({head});")?;
        if let Some(ceiling) = ceiling {
            let within = format!("context has value && context.value >= 0 && context.value <= {ceiling}");
            writeln!(acts, "forbid({head}) unless {{ {within} }};")?;
        }
    }
    let (acts, raises) = (PolicySet::from_str(&acts)?, PolicySet::from_str(&raises)?);
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    let mut decisions = Vec::new();
    for Action { connector, tool, value } in actions {
        let uid = |kind: &str, id: &str| EntityUid::from_str(&format!("{kind}::\"{id}\"")).map_err(Box::new);
        let context = value.map_or_else(|| json!({}), |value| json!({ "value": value }));
        let context = Context::from_json_value(context, None)?;
        let request =
            Request::new(uid("Operator", "o")?, uid("Action", tool)?, uid("Connector", connector)?, context, None)?;
        let permits = |set: &PolicySet| authorizer.is_authorized(&request, set, &entities).decision() == Verdict::Allow;
        decisions.push(match (permits(&acts), permits(&raises)) {
            (false, _) => Decision::Block,
            (true, true) => Decision::Alert,
            (true, false) => Decision::Allow,
        });
    }
    Ok(decisions)
}

const REGO: &str = r#"
package trust
import rego.v1

speaks(named, _) if named == null
speaks(named, actual) if named == actual

matching contains rule if {
    some rule in data.rules
    speaks(rule.connector, input.connector)
    speaks(rule.tool, input.tool)
}

within(ceiling) if {
    input.value >= 0
    input.value <= ceiling
}

violated if {
    some rule in matching
    rule.decision == "BLOCK"
}

violated if {
    some rule in matching
    rule.ceiling != null
    not within(rule.ceiling)
}

raised if {
    some rule in matching
    rule.decision == "ALERT"
}

decision := "BLOCK" if count(matching) == 0
else := "BLOCK" if violated
else := "ALERT" if raised
else := "ALLOW"
"#;

fn rego(rules: &[Rule], actions: &[Action]) -> Result<Vec<Decision>> {
    let value = |json: &serde_json::Value| regorus::Value::from_json_str(&json.to_string());
    let rows: Vec<_> = (0_u32..)
        .zip(rules)
        .map(|(at, Rule { connector, tool, ceiling, decision })| {
            json!({ "number": at, "connector": connector, "tool": tool, "ceiling": ceiling, "decision": decision.word() })
        })
        .collect();
    let mut engine = regorus::Engine::new();
    engine.add_policy("trust.rego".to_owned(), REGO.to_owned())?;
    engine.add_data(value(&json!({ "rules": rows }))?)?;
    let mut decisions = Vec::new();
    for Action { connector, tool, value: amount } in actions {
        let mut input = json!({ "connector": connector, "tool": tool });
        if let Some(amount) = amount {
            input["value"] = json!(amount);
        }
        engine.set_input(value(&input)?);
        let said = engine.eval_rule("data.trust.decision".to_owned())?;
        decisions.push(match said.as_string()?.as_ref() {
            "ALLOW" => Decision::Allow,
            "ALERT" => Decision::Alert,
            "BLOCK" => Decision::Block,
            other => bail!("rego says `{other}`"),
        });
    }
    Ok(decisions)
}
