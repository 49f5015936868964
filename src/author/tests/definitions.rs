//! Definitions through the engine: both authoring forms, inputs, and faults with their places.

use super::*;
use crate::author::definition::Definition;

const FORM_A: &str = r#"import { defineConnector, tool, auth } from "@fibric/sdk";

export default defineConnector({
  name: "acme-wms",
  summary: "Acme warehouse management system",
  version: "1.2.0",
  auth: auth.apiKey({ header: "X-Acme-Key", secret: "ACME_API_KEY" }),
  tools: [
    tool({
      name: "list_open_orders",
      capability: "order.read",
      summary: "List open orders, newest first",
      input: { type: "object", properties: { since: { type: "string", format: "date-time" } }, required: ["since"] },
      async run({ input, ctx }) {
        const { data } = await ctx.http.get("/orders", {
          params: { status: "open", since: input.since },
        });
        return data.orders;
      },
    }),
    tool({
      name: "hold_order",
      capability: "order.hold",
      summary: "Place a hold on one order so it cannot ship",
      sideEffecting: true,
      idempotent: true,
      input: { type: "object", properties: { orderId: { type: "string" }, reason: { type: "string", minLength: 8 } }, required: ["orderId", "reason"] },
      async run({ input, ctx }) {
        ctx.log.info("holding", input.orderId);
        return { held: true, orderId: input.orderId };
      },
    }),
  ],
});
"#;

const FORM_B: &str = r"import { defineConnector, tool, auth } from '@fibric/connector-sdk';
const since = { type: 'string', format: 'date-time' };
export default defineConnector({
  id: 'acme-wms', category: 'connector', version: '1.2.0', summary: 'Acme warehouse management system',
  tools: {
    'order.read': tool({
      name: 'list_open_orders', summary: 'List open orders, newest first', sideEffecting: false,
      input: { type: 'object', properties: { since }, required: ['since'] },
      handler: (ctx, args) => ctx.http.get('/orders', { params: args }),
    }),
    'order.hold': tool({
      name: 'hold_order', summary: 'Place a hold on one order so it cannot ship', sideEffecting: true, idempotent: true,
      input: { type: 'object', properties: { orderId: { type: 'string' }, reason: { type: 'string', minLength: 8 } }, required: ['orderId', 'reason'] },
      handler(ctx, args) { return { held: true, orderId: args.orderId }; },
    }),
  },
  auth: auth.apiKey({ header: 'X-Acme-Key', secret: 'ACME_API_KEY' }),
});
";

fn wire(host: &dyn Host) -> String {
    match host.definition() {
        Definition::Connector(connector) => serde_json::to_string(connector).unwrap(),
        Definition::Operator(operator) => serde_json::to_string(operator).unwrap(),
    }
}

#[test]
fn both_forms_give_the_same_bytes_and_both_run() {
    let files = Workspace::new(&[("connectors/a.ts", FORM_A), ("connectors/b.js", FORM_B)]);
    let (mut a, mut b) = (files.host("connectors/a.ts"), files.host("connectors/b.js"));
    assert_eq!(wire(&*a), wire(&*b));
    assert!(wire(&*a).starts_with(r#"{"id":"acme-wms","summary":"Acme warehouse management system","version":"1.2.0","category":"connector","publisher":null,"homepage":null,"scopes":[],"auth":{"kind":"apiKey","header":"X-Acme-Key","secret":"ACME_API_KEY"},"tools":[{"name":"list_open_orders","capability":"order.read""#));
    let mut world = World::default();
    for host in [&mut a, &mut b] {
        let input = Raw::parse(r#"{"orderId":"1","reason":"late by a week","extra":1}"#).unwrap();
        let checked = host.check_input("hold_order", &input).unwrap();
        assert_eq!(checked.as_str(), r#"{"orderId":"1","reason":"late by a week"}"#);
        let done = call(&mut **host, "hold_order", checked.as_str(), &mut world).unwrap();
        assert_eq!(done, r#"{"held":true,"orderId":"1"}"#);
        assert_eq!(host.check_input("hold_order", &Raw::null()).unwrap_err().len(), 1);
        let refused = call(&mut **host, "list_open_orders", r#"{"since":"x"}"#, &mut world).unwrap_err();
        assert!(refused.message.contains("no connection for {"), "{}", refused.message);
        assert!(refused.message.contains(r#""method":"GET","path":"/orders""#), "{}", refused.message);
    }
    assert_eq!(world.logged, ["info holding 1"]);
}

#[test]
fn the_packs_of_the_seed_load() {
    let source = "import { defineConnector, tool, none } from '@fibric/connector-sdk';
import type { TrustPolicy } from '@fibric/sdk';
export default defineConnector({
  id: 'op-order-risk', version: '1.0.0', category: 'ai-operator', publisher: 'partner', auth: none(),
  tools: {
    'order.hold': tool({ sideEffecting: true, handler: () => { /* proposed, never called directly */ } }),
    'notify.send': tool({ sideEffecting: true, handler: () => {} }),
  },
});
export const defaults: TrustPolicy[] = [];
";
    let files = Workspace::new(&[("index.ts", source)]);
    let Definition::Connector(pack) = files.host("index.ts").definition().clone() else { panic!() };
    let tools: Vec<_> = pack.tools.iter().map(|tool| (tool.name.as_str(), tool.side_effecting)).collect();
    assert_eq!(tools, [("order.hold", true), ("notify.send", true)]);
}

#[test]
fn validators_are_called_in_the_host() {
    let source = "import { defineConnector, tool, none } from '@fibric/sdk';
const standard = { '~standard': { version: 1, vendor: 'x',
  jsonSchema: { input: () => ({ type: 'object' }) },
  validate: async (v: any) => typeof v.id === 'string' ? { value: { id: v.id } }
    : { issues: [{ message: 'expected a string', path: ['id', { key: 'x' }] }] } } };
export default defineConnector({ name: 'cn', summary: 'S.', auth: none(), tools: [
  tool({ name: 'std', capability: 'a.b', input: standard, run: () => 1 }),
  tool({ name: 'fun', capability: 'a.c', input: (v: any) => { if (!v.id) throw new Error('id is needed'); return { id: v.id }; }, run: () => 1 }),
  tool({ name: 'iss', capability: 'a.d', input: () => ({ issues: ['no'] }), run: () => 1 }),
  tool({ name: 'hang', capability: 'a.e', input: () => { for (;;); }, run: () => 1 }),
  tool({ name: 'any', capability: 'a.f', run: () => 1 }),
] });";
    let files = Workspace::new(&[("cn.ts", source)]);
    let mut host = files.host("cn.ts");
    let Definition::Connector(connector) = host.definition() else { panic!() };
    let schemas: Vec<_> = connector.tools.iter().map(|t| t.input_schema.as_ref().map(Raw::as_str)).collect();
    assert_eq!(schemas, [Some(r#"{"type":"object"}"#), None, None, None, None]);
    let mut check =
        |tool: &str, text: &str| host.check_input(tool, &Raw::parse(text).unwrap()).map(|raw| raw.as_str().to_owned());
    assert_eq!(check("std", r#"{"id":"1","x":2}"#).unwrap(), r#"{"id":"1"}"#);
    assert_eq!(check("std", r#"{"id":1}"#).unwrap_err(), ["`/id/x`: expected a string"]);
    assert_eq!(check("fun", r#"{"id":1,"x":2}"#).unwrap(), r#"{"id":1}"#);
    assert_eq!(check("fun", "{}").unwrap_err(), ["id is needed"]);
    assert_eq!(check("iss", "{}").unwrap_err(), ["no"]);
    assert_eq!(check("hang", "{}").unwrap_err(), ["the validator of `hang` took longer than 300 ms and was stopped"]);
    assert_eq!(check("any", r#"{"x":1}"#).unwrap(), r#"{"x":1}"#);
    assert_eq!(check("none", "{}").unwrap_err(), ["there is no tool `none`"]);
}

fn failure(source: &str) -> LoadFailure {
    let files = Workspace::new(&[("cn.ts", source)]);
    files.load("cn.ts").err().unwrap()
}

#[test]
fn every_fault_is_said_with_its_place() {
    let source = "import { defineConnector, tool, none } from '@fibric/sdk';
export default defineConnector({
  name: 'cn', summary: 'S.', auth: none(),
  tools: [
    tool({ name: 'a', capability: 'order.read', hendler: () => 1 }),
    tool({ name: 'a', capability: 'order.hold', run: () => 1 }),
  ],
});";
    let failed = failure(source);
    assert_eq!(failed.diagnostic.message, "unknown field `hendler` in tool `a`");
    assert_eq!(failed.diagnostic.help.as_deref(), Some("did you mean `handler`?"));
    assert_eq!(failed.diagnostic.place().unwrap(), "cn.ts:5:49");
    let said: Vec<_> = failed.further.iter().map(|d| (d.message.as_str(), d.line)).collect();
    assert_eq!(said, [("tool `a` has neither `run` nor `handler`", None), ("two tools are named `a`", Some(6))]);
    assert_eq!(failed.files.len(), 1);
    assert_eq!(failed.revision.len(), 12);
}

#[test]
fn other_bad_definitions() {
    let cases = [
        ("{ name: 'cn', summary: 'S.', auth: none(), tools: [] }", "a connector has no tools"),
        (
            "{ name: 'Cn X', summary: 'S.', auth: none(), tools: { 'a.b': { run() {} } } }",
            "`name` is not a lowercase slug: `Cn X`",
        ),
        (
            "{ id: 'cn', auth: { kind: 'bearer' }, tools: { 'a.b': { run() {} } } }",
            "field `secret` of auth.bearer is missing",
        ),
        (
            "{ id: 'cn', auth: none(), tools: { 'a.b': { run() {}, input: { type: 'strin' } } } }",
            "`input` of tool `a.b` is not a schema: ",
        ),
        (
            "{ id: 'cn', auth: none(), tools: { 'a.b': { run: 1 } } }",
            "`run` of tool `a.b` is a number, expected a function",
        ),
        (
            "{ id: 'cn', auth: none(), tools: { get 'a.b'() { throw new Error('boo'); } } }",
            "tool `a.b` is a getter, expected an object",
        ),
        ("7", "loading failed: TypeError: defineConnector expects an object"),
    ];
    for (definition, said) in cases {
        let failed = failure(&format!(
            "import {{ defineConnector, none }} from '@fibric/sdk';\nexport default defineConnector({definition} as any);"
        ));
        assert!(failed.diagnostic.message.starts_with(said), "{}", failed.diagnostic.message);
    }
    assert_eq!(
        failure("export const x = 1;").diagnostic.message,
        "the default export is neither a connector nor an operator"
    );
}

#[test]
fn a_save_gives_a_new_revision() {
    let files = Workspace::new(&[
        ("op.ts", &format!("import {{ limit }} from './lib/limit';\n{}", operator("return { limit };"))),
        ("lib/limit.ts", "export const limit: number = 1;"),
    ]);
    let first = files.load("op.ts").unwrap();
    // Both files, and where `./lib/limit` was looked for first.
    for (name, watched) in [("op.ts", true), ("lib/limit.ts", true), ("lib/limit", true), ("lib/limit.js", false)] {
        assert_eq!(first.files.iter().any(|file| file.ends_with(name)), watched, "{name}");
    }
    assert_eq!(files.load("op.ts").unwrap().revision, first.revision);
    files.write("lib/limit.ts", "export const limit: number = 2;");
    let mut second = files.load("op.ts").unwrap();
    assert_ne!(first.revision, second.revision);
    assert_eq!(propose(&mut *second.host).unwrap(), r#"{"limit":2}"#);
}
