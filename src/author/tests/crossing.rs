//! What crosses as a rule or a definition: a member that is there is a value of its type, or nothing loads.

use super::*;
use crate::author::load::load_rules;
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::file::{CodedRules, read_coded};

/// Expressions of every type of the language, none of which is a value that a member of a rule or a tool could have.
const UNFIT: [&str; 43] = [
    "undefined",
    "void 0",
    "({} as any).ceiling",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1",
    "0 / 0",
    "Number('x')",
    "5n",
    "Symbol('x')",
    "Symbol.iterator",
    "new Number(5)",
    "new String('order.refund')",
    "new Boolean(true)",
    "Object(5n)",
    "Object(Symbol())",
    "new Date(0)",
    "/x/",
    "new Map()",
    "new Set([1])",
    "new Uint8Array(2)",
    "new Error('x')",
    "Promise.resolve(true)",
    "new (class Five { valueOf() { return 5; } })()",
    "({ valueOf: () => 5 })",
    "({ toString: () => 'order.refund' })",
    "({ toJSON: () => undefined })",
    "({ toJSON: () => 5 })",
    "({ [Symbol.toPrimitive]: () => 5 })",
    "{}",
    "[]",
    "[5]",
    "['order.refund']",
    "new Proxy({}, {})",
    "new Proxy(() => true, {})",
    "({ '~function': true })",
    "({ '~unfit': 'x' })",
    "({ '~long': 1 })",
    "({ '~rules': 1 })",
    "'\\ud800'",
    "''",
];

/// Values that are of some type, but only fit the members named with them.
const TYPED: [(&str, &[&str]); 9] = [
    ("null", &["maxValue", "max_value", "tool", "connector", "predicate"]),
    ("5", &["maxValue", "max_value"]),
    ("true", &["sideEffecting", "idempotent"]),
    ("false", &["sideEffecting", "idempotent"]),
    ("'true'", &["name", "connector"]),
    ("'order.refund'", &["tool", "capability", "name"]),
    ("'5'", &["name", "connector"]),
    ("'ALLOW'", &["decision", "name"]),
    ("() => false", &["predicate", "run"]),
];

fn expressions(member: &str) -> impl Iterator<Item = (&'static str, bool)> {
    // A text fits a name whatever it says, and a capability is judged by the vocabulary later.
    let fits = move |of: &[&str]| of.contains(&member);
    let unfit = UNFIT.into_iter().map(|expression| (expression, false));
    unfit.chain(TYPED.into_iter().map(move |(expression, of)| (expression, fits(of))))
}

fn coded(policy: &str) -> Result<CodedRules, Vec<Diagnostic>> {
    let files = Workspace::new(&[("policy/trust.ts", policy)]);
    let entry = files.path().join("policy/trust.ts");
    let (kind, runtime) = (CodeKind::Any, RuntimeKind::Embedded);
    let loaded = load_rules(&Request {
        root: files.path(),
        named_from: files.path(),
        entry: &entry,
        kind,
        runtime,
        limits: Limits::default(),
        hosts: &Hosts::default(),
    })
    .map_err(|failure| vec![*failure.diagnostic])?;
    read_coded("policy/trust.ts", &loaded.rules, &Vocabulary::shipped())
}

#[test]
fn no_value_of_any_type_in_any_member_of_a_rule_reads_as_absent() {
    for member in ["maxValue", "max_value", "tool", "connector", "predicate", "decision"] {
        for (expression, fits) in expressions(member) {
            let decision = if member == "decision" { "" } else { "decision: 'ALLOW', " };
            let read = coded(&format!("export const defaults = [{{ {decision}{member}: {expression} }}] as any;"));
            match read {
                Ok(read) => {
                    assert!(fits, "{member}: {expression} loads as {:?}", read.file.rules);
                    assert_eq!(read.predicates.len(), usize::from(member == "predicate" && expression != "null"));
                }
                Err(faults) => {
                    assert!(!fits, "{member}: {expression} does not load: {faults:#?}");
                    assert!(faults.iter().all(|fault| fault.file.is_some()), "{faults:#?}");
                    let names = [member, "maxValue", "capability", "decision", "connector", "`*`"];
                    let told = &faults[0].message;
                    assert!(names.iter().any(|name| told.contains(name)), "{member}: {expression}: {told}");
                }
            }
        }
    }
}

#[test]
fn a_rule_that_is_no_plain_object_is_refused() {
    let cases = [
        ("[Object.create({ tool: 'order.hold', decision: 'ALLOW' })]", "rule 1 is an object that inherits members"),
        ("[{ decision: 'ALLOW' }, new (class Rule { decision = 'ALLOW' })()]", "rule 2 is an instance of `Rule`"),
        ("[new Proxy({ decision: 'ALLOW' }, {})]", "rule 1 is a Proxy"),
        ("[Object.assign(() => 1, { decision: 'ALLOW' })]", "rule 1 is a function"),
        ("[, { decision: 'ALLOW' }]", "rule 1 is a hole in the list"),
        ("[undefined]", "rule 1 is undefined"),
        ("[null]", "rule 1 is null"),
        ("[[]]", "rule 1 is a list"),
        ("[{ decision: 'ALLOW', [Symbol()]: 1 }]", "rule 1 is an object with a Symbol for a key"),
        ("[{ decision: 'ALLOW', get maxValue() { return 5; } }]", "rule 1: `maxValue` is a getter"),
        ("[{ decision: 'ALLOW', set maxValue(_) {} }]", "rule 1: `maxValue` is a getter"),
        (
            "[Object.defineProperty({ decision: 'ALLOW' }, 'maxValue', { value: 5 })]",
            "rule 1: `maxValue` is a member that is not enumerable",
        ),
        (
            "[Object.setPrototypeOf({ decision: 'ALLOW' }, { get maxValue() { return 5; } })]",
            "rule 1 is an object that inherits members",
        ),
        ("new Proxy([{ decision: 'ALLOW' }], {})", "the list of rules is a Proxy"),
        (
            "new (class extends Array {})({ decision: 'ALLOW' } as any)",
            "the list of rules is a list of a class of its own",
        ),
        ("Object.assign([{ decision: 'ALLOW' }], { tool: 1 })", "the list of rules is a list with members beside"),
        ("new Array(200000).fill({ decision: 'ALLOW' })", "the list has 200000 rules, the limit is 1000"),
        ("new Array(4e9)", "the list has 4000000000 rules, the limit is 1000"),
        (
            "(() => { const rule: any = { decision: 'ALLOW' }; rule.tool = rule; return [rule]; })()",
            "rule 1: `tool` is what holds itself in a circle",
        ),
    ];
    for (list, said) in cases {
        let faults = coded(&format!("export const defaults = {list} as any;")).unwrap_err();
        assert!(faults[0].message.contains(said), "{list}: {faults:#?}");
    }
    for (list, said) in [("{ 0: {}, length: 1 }", "exports no list of rules"), ("'ALLOW'", "exports no list of rules")]
    {
        let faults = coded(&format!("export const defaults = {list} as any;")).unwrap_err();
        assert!(faults[0].message.contains(said), "{list}: {faults:#?}");
    }
}

#[test]
fn what_is_defined_on_prototypes_changes_no_rule() {
    let read = coded(
        "for (const made of [Object.prototype, Array.prototype] as any[]) {
           made.toJSON = () => [{ decision: 'ALLOW' }];
           Object.defineProperty(made, 'tool', { __proto__: null, get: () => 'order.hold', set() {} });
           made.maxValue = 5; made.predicate = () => true; made.value = 5; made.enumerable = false;
         }
         (JSON as any).stringify = () => '[]'; (Array.isArray as any) = () => false;
         (Reflect.ownKeys as any) = () => []; (Object.getOwnPropertyDescriptor as any) = () => undefined;
         export const defaults = [{ maxValue: 1, decision: 'ALERT' }] as any;",
    )
    .unwrap();
    let [rule] = &read.file.rules[..] else { panic!() };
    assert_eq!((rule.max_value.as_ref().unwrap().as_str(), &rule.tool, read.predicates.len()), ("1", &None, 0));
}

#[test]
fn many_faults_of_rules_are_counted() {
    let faults = coded("export const defaults = new Array(500).fill({ tool: undefined, decision: 'ALLOW' }) as any;");
    let faults = faults.unwrap_err();
    assert_eq!(faults.len(), 21);
    assert!(faults[20].message.ends_with("more"), "{}", faults[20].message);
}

fn defined(tool: &str) -> Result<Loaded, LoadFailure> {
    let source = format!(
        "import {{ defineConnector, none }} from '@fibric/sdk';\nexport default defineConnector({{\n  name: 'cn', \
         summary: 'S.', auth: none(),\n  tools: [{{ {tool} }}],\n}} as any);"
    );
    Workspace::new(&[("cn.ts", &source)]).load("cn.ts")
}

#[test]
fn no_value_of_any_type_in_any_member_of_a_tool_reads_as_absent() {
    for member in ["sideEffecting", "idempotent", "capability", "name", "run"] {
        let others =
            [("capability", "'order.read'"), ("name", "'t'"), ("run", "() => 1"), ("input", "{ type: 'object' }")];
        let others: Vec<_> =
            others.iter().filter(|(name, _)| *name != member).map(|(n, v)| format!("{n}: {v}")).collect();
        for (expression, fits) in expressions(member) {
            let is_text = expression.starts_with('\'') && !matches!(expression, "''" | "'\\ud800'");
            let fits = fits || (is_text && matches!(member, "capability" | "name"));
            match defined(&format!("{}, {member}: {expression}", others.join(", "))) {
                Ok(_) => assert!(fits, "{member}: {expression} loads"),
                Err(failure) => {
                    assert!(!fits, "{member}: {expression}: {:#?}", failure.diagnostic);
                    assert!(failure.diagnostic.message.contains(member), "{:#?}", failure.diagnostic);
                    assert!(failure.diagnostic.line.is_some(), "{:#?}", failure.diagnostic);
                }
            }
        }
    }
}

#[test]
fn what_a_definition_holds_is_named_by_its_path() {
    let cases = [
        ("requires: undefined", "`requires` of an operator is undefined, expected an array of strings"),
        ("requires: ['orders.read', undefined]", "`requires[1]` of an operator is undefined, expected a string"),
        ("requires: ['orders.read',,]", "`requires[1]` of an operator is a hole in the list, expected a string"),
        ("requires: new Set(['orders.read'])", "`requires` of an operator is an instance of `Set`"),
        ("requires: new Array(200000).fill('x.y')", "`requires` of an operator has 200000 entries, the limit is 1000"),
        ("requires: [], model: { top: [1, NaN] }", "`model.top[1]` of an operator is NaN"),
        ("requires: [], stub: undefined", "`stub` of an operator is undefined, expected a function"),
        ("requires: [], get goal() { return 'g'; }", "`goal` of an operator is a getter, expected a string"),
        ("requires: [], trigger: { on: undefined }", "`on` of a trigger is undefined, expected a string"),
        (
            "requires: [], trigger: { on: 'a.b', every: undefined }",
            "`every` of a trigger is undefined, expected a string",
        ),
    ];
    for (fields, said) in cases {
        let source = format!(
            "import {{ defineOperator }} from '@fibric/sdk';\nexport default defineOperator({{ name: 'op', goal: 'g', \
             trigger: {{ on: 'a.b' }}, run() {{}}, {fields} }} as any);"
        );
        let started = std::time::Instant::now();
        let failed = Workspace::new(&[("op.ts", &source)]).load("op.ts").err().unwrap();
        assert!(failed.diagnostic.message.starts_with(said), "{fields}: {}", failed.diagnostic.message);
        assert!(started.elapsed() < Duration::from_secs(10), "{fields}");
    }
}

#[test]
fn schemas_cross_exactly_too() {
    let cases = [
        ("{ type: 'object', properties: { a: undefined } }", "`properties.a` in `input` of tool `t` is undefined"),
        ("{ type: 'object', minProperties: NaN }", "`minProperties` in `input` of tool `t` is NaN"),
        ("{ type: 'object', toJSON: () => ({}) }", "`toJSON` in `input` of tool `t` is a function"),
        ("{ get type() { return 'object'; } }", "`type` in `input` of tool `t` is a getter"),
        ("undefined", "`input` of tool `t` is undefined"),
        ("null", "`input` of tool `t` is not a schema: it is null"),
        ("new Map()", "`input` of tool `t` is an instance of `Map`"),
        (
            "{ '~standard': { validate: (v: any) => ({ value: v }), jsonSchema: { input: () => ({ type: undefined }) } } }",
            "`type` in `input` of tool `t` is undefined",
        ),
    ];
    for (input, said) in cases {
        let failed =
            defined(&format!("name: 't', capability: 'order.read', run: () => 1, input: {input}")).err().unwrap();
        assert!(failed.diagnostic.message.starts_with(said), "{input}: {}", failed.diagnostic.message);
    }
    // What a library hangs out of JSON's sight is no part of a schema.
    let hung = "Object.defineProperty({ type: 'object' }, '~standard', { value: 1, enumerable: false })";
    assert!(defined(&format!("name: 't', capability: 'order.read', run: () => 1, input: {hung}")).is_ok());
}

#[test]
fn what_was_described_is_what_runs() {
    let source = "import { defineConnector, none } from '@fibric/sdk';
const tools: any[] = [
  { name: 'a', capability: 'order.read', run() {
      tools[0].run = () => 'other'; tools[0].name = 'b'; tools.length = 0;
      return 'first';
  } },
];
export default defineConnector({ name: 'cn', summary: 'S.', auth: none(), tools });";
    let files = Workspace::new(&[("cn.ts", source)]);
    let mut host = files.host("cn.ts");
    let mut world = World::default();
    for _ in 0..3 {
        assert_eq!(call(&mut *host, "a", "{}", &mut world).unwrap(), r#""first""#);
    }
}

#[test]
fn faults_of_a_definition_are_counted_and_placed_at_their_tool() {
    let tools: Vec<_> = (0..60).map(|n| format!("\n{{ name: 't{n}', capability: 'a.b{n}', run: 1 }}")).collect();
    let source = format!(
        "import {{ defineConnector, none }} from '@fibric/sdk';\nexport default defineConnector({{ name: 'cn', \
         summary: 'S.', auth: none(), tools: [{}] }} as any);",
        tools.join(",")
    );
    let failed = Workspace::new(&[("cn.ts", &source)]).load("cn.ts").err().unwrap();
    assert_eq!(failed.further.len(), 20);
    assert_eq!(failed.further[19].message, "40 more");
    let lines: Vec<_> = failed.further[..3].iter().map(|fault| fault.line.unwrap()).collect();
    assert_eq!((failed.diagnostic.line.unwrap(), &lines[..]), (3, &[4, 5, 6][..]));
}
