//! The `evaluate` that author code imports from `@fibric/kernel`, held to the same vectors as the kernel.

use std::fs;
use std::path::Path;

use fibric_console::author::host::{Limits, Reasoned, Scene, Services};
use fibric_console::author::load::{CodeKind, Request, RuntimeKind, load};
use fibric_console::author::process::{Hosts, launch};
use fibric_console::kernel::json::{self, Raw};
use fibric_console::session::clock::FIXTURE_NOW;

/// Runs every vector a double can hold and says in its plan which ones it was wrong about.
const OPERATOR: &str = r"
import { defineOperator } from '@fibric/sdk';
import { evaluate } from '@fibric/kernel';
import vectors from '../evaluate.json';

const predicate = (spelled: any) => {
  if ('throws' in spelled) return () => { throw new Error(spelled.throws); };
  return () => spelled.returns;
};
const policy = ({ maxValue, predicate: spelled, ...rest }: any) => ({
  ...rest,
  ...(maxValue === undefined ? {} : { maxValue: Number(maxValue) }),
  ...(spelled === undefined ? {} : { predicate: predicate(spelled) }),
});

export default defineOperator({
  name: 'vectors', goal: 'agree', requires: [], trigger: { on: '**' },
  run() {
    const wrong: string[] = [];
    let ran = 0;
    for (const { name, policies, action, expected, digits } of vectors.cases) {
      if (digits === 'exact' || policies.some((one: any) => one.predicate?.times_out)) continue;
      const { value, float, ...rest } = action;
      const found = evaluate(policies.map(policy), value === undefined ? rest : { ...rest, value: Number(value) }, {});
      ran += 1;
      if (found !== expected.decision) wrong.push(`${name}: ${found}, expected ${expected.decision}`);
    }
    return { reasoning: `${ran} ran; ${wrong.join(' | ')}`, actions: [] };
  },
});";

struct Nothing;

impl Services for Nothing {
    fn sense(&mut self, _: &str, _: &Raw) -> Result<Raw, String> {
        Err("nothing to sense".to_owned())
    }

    fn reason(&mut self, _: &Raw) -> Result<Reasoned, String> {
        Err("nothing to ask".to_owned())
    }

    fn http(&mut self, _: &Raw) -> Result<Raw, String> {
        Err("no connection".to_owned())
    }

    fn log(&mut self, _: &str, _: &str) {}
}

/// Author code may not load files of any size, so the vectors come in pieces.
const PIECE: usize = 2_000;

#[test]
fn what_authors_import_agrees_with_the_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/evaluate.json");
    let vectors = json::read(&fs::read_to_string(vectors).unwrap()).unwrap().value;
    fs::create_dir(folder.path().join("operators")).unwrap();
    let entry = folder.path().join("operators/vectors.ts");
    fs::write(&entry, OPERATOR).unwrap();
    let mut ran = 0;
    for cases in vectors["cases"].as_array().unwrap().chunks(PIECE) {
        let piece = serde_json::json!({ "cases": cases });
        fs::write(folder.path().join("evaluate.json"), piece.to_string()).unwrap();
        launch::use_program(env!("CARGO_BIN_EXE_fibric"));
        let request = Request {
            root: folder.path(),
            named_from: folder.path(),
            entry: &entry,
            kind: CodeKind::Operator,
            runtime: RuntimeKind::Embedded,
            limits: Limits::default(),
            hosts: &Hosts::default(),
        };
        let mut host = load(&request).unwrap().host;
        let scene = Scene { envelope: None, clock: FIXTURE_NOW, seed: "vectors", own_stub: false };
        let plan = host.propose(&scene, &mut Nothing).unwrap().value();
        let said = plan["reasoning"].as_str().unwrap();
        let (some, wrong) = said.split_once(" ran; ").unwrap();
        ran += some.parse::<u32>().unwrap();
        assert_eq!(wrong, "");
    }
    assert!(ran > 3_500, "{ran}");
}

/// What `evaluate` says or throws of each of these, a line each.
fn said(cases: &[&str]) -> anyhow::Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("operators"))?;
    let entry = folder.path().join("operators/cases.ts");
    let tried: Vec<_> = cases.iter().map(|case| format!("() => ({case})")).collect();
    let source = format!(
        "import {{ defineOperator, evaluate }} from '@fibric/sdk';
         class Rule {{ decision = 'ALLOW'; }}
         const refund = {{ connector: 'cn', tool: 'order.refund', args: {{}}, value: 5 }};
         export default defineOperator({{
           name: 'cases', goal: 'g', requires: [], trigger: {{ on: '**' }},
           run: () => [{}].map((tried) => {{ try {{ return tried(); }} catch (error) {{ return `${{error}}`; }} }}) as any,
         }});",
        tried.join(",\n")
    );
    fs::write(&entry, source)?;
    let (kind, runtime, limits) = (CodeKind::Operator, RuntimeKind::Embedded, Limits::default());
    launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    let mut host = load(&Request {
        root: folder.path(),
        named_from: folder.path(),
        entry: &entry,
        kind,
        runtime,
        limits,
        hosts: &Hosts::default(),
    })?
    .host;
    let scene = Scene { envelope: None, clock: FIXTURE_NOW, seed: "cases", own_stub: false };
    let said = host.propose(&scene, &mut Nothing).map_err(|fault| anyhow::anyhow!(fault.message))?.value();
    let said = said.as_array().into_iter().flatten();
    Ok(said.map(|one| one.as_str().unwrap_or("no text").to_owned()).collect())
}

#[test]
fn what_the_vectors_refuse_throws_and_names_mean_the_same() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/policies.json");
    let vectors = json::read(&fs::read_to_string(vectors).unwrap()).unwrap().value;
    let spelled = |case: &json::Value, action: &str| {
        let spell = "(value: any): any => typeof value === 'string' ? Number(value) : value?.text ?? (value?.is ? undefined : value)";
        let rule = "(rule: any): any => rule === null || rule.is ? undefined : Object.fromEntries(Object.entries(rule).map(([key, value]) => [key, spell(value)]))";
        format!("((spell: any) => evaluate({}.map({rule}) as any, {action}, {{}}))({spell})", case["policies"])
    };
    let refused = vectors["refused"].as_array().unwrap();
    let calls: Vec<_> = refused.iter().map(|case| spelled(case, "refund")).collect();
    for (case, found) in refused.iter().zip(said(&calls.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()) {
        assert!(found.starts_with("TypeError: evaluate: "), "{}: {found}", case["name"]);
    }
    let cases = vectors["cases"].as_array().unwrap();
    let calls: Vec<_> = cases.iter().map(|case| spelled(case, &case["action"].to_string())).collect();
    for (case, found) in cases.iter().zip(said(&calls.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()) {
        assert_eq!(found, case["decision"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn what_a_file_could_not_hold_throws() {
    let cases = [
        ("{ maxvalue: 1, decision: 'ALLOW' }", "unknown key `maxvalue`"),
        ("{ maxValue: '100', decision: 'ALLOW' }", "`maxValue` is a number"),
        ("{ maxValue: NaN, decision: 'ALLOW' }", "rule 1: `maxValue` is NaN, expected a number"),
        ("{ maxValue: 1e400, decision: 'ALLOW' }", "rule 1: `maxValue` is Infinity, expected a number"),
        ("{ maxValue: undefined, decision: 'ALLOW' }", "rule 1: `maxValue` is undefined, expected a number"),
        ("{ maxValue: 5n, decision: 'ALLOW' }", "rule 1: `maxValue` is a BigInt, expected a number"),
        ("{ maxValue: new Number(5), decision: 'ALLOW' }", "`maxValue` is an instance of `Number`, expected a number"),
        ("{ maxValue: -1, decision: 'ALLOW' }", "`maxValue` is a number ≥ 0"),
        ("{ get maxValue() { return 1; }, decision: 'ALLOW' }", "rule 1: `maxValue` is a getter, expected a number"),
        ("{ max_value: 1, maxValue: 2, decision: 'ALLOW' }", "both given"),
        ("{ tool: undefined, decision: 'ALLOW' }", "rule 1: `tool` is undefined, expected the name of a capability"),
        ("{ tool: '', decision: 'ALLOW' }", "`tool` is a name"),
        ("{ tool: 'order.*', decision: 'ALLOW' }", "`*` is not a pattern"),
        ("{ tool: 'refund', decision: 'ALLOW' }", "unknown capability `refund`"),
        ("{ predicate: undefined, decision: 'ALLOW' }", "rule 1: `predicate` is not a function, it is undefined"),
        ("{ predicate: true, decision: 'ALLOW' }", "rule 1: `predicate` is not a function, it is a boolean"),
        ("{ decision: 'allow' }", "unknown decision `allow`"),
        ("{ decision: undefined }", "`decision` is undefined, expected `ALLOW`, `ALERT` or `BLOCK`"),
        ("{}", "rule 1 has no `decision`"),
        ("undefined", "rule 1 is undefined, expected an object"),
        ("Object.create({ decision: 'ALLOW' })", "rule 1 is an object that inherits members, expected an object"),
        ("new Rule()", "rule 1 is an instance of `Rule`, expected an object"),
        ("new Proxy({ decision: 'ALLOW' }, {})", "rule 1 is a Proxy, expected an object"),
        ("[]", "rule 1 is a list"),
        ("() => 1", "rule 1 is a function, expected an object"),
    ];
    let calls: Vec<_> = cases.iter().map(|(rule, _)| format!("evaluate([{rule}] as any, refund, {{}})")).collect();
    let said = said(&calls.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    assert_eq!(said.len(), cases.len());
    for ((rule, expected), found) in cases.iter().zip(said) {
        assert!(found.starts_with("TypeError: evaluate: ") && found.contains(expected), "{rule}: {found}");
    }
}

#[test]
fn names_ceilings_and_actions_are_read_as_the_kernel_reads_them() {
    let cases = [
        ("evaluate([{ max_value: 1, decision: 'ALLOW' } as any], refund, {})", "BLOCK"),
        ("evaluate([{ max_value: 5, decision: 'ALLOW' } as any], refund, {})", "ALLOW"),
        ("evaluate([{ tool: 'orders.hold', decision: 'ALLOW' }], { ...refund, tool: 'order.hold' }, {})", "ALLOW"),
        ("evaluate([{ tool: 'order.hold', decision: 'ALLOW' }], { ...refund, tool: 'orders.hold' }, {})", "ALLOW"),
        ("evaluate([{ tool: null, maxValue: null, decision: 'ALLOW' } as any], refund, {})", "ALLOW"),
        ("evaluate([{ tool: 'crate.open', decision: 'ALLOW' }], { ...refund, tool: 'crate.open' }, {})", "ALLOW"),
        ("evaluate([{ decision: 'ALLOW' }], { ...refund, value: NaN }, {})", "BLOCK"),
        ("evaluate([{ decision: 'ALLOW' }], { ...refund, value: -Infinity }, {})", "BLOCK"),
        ("evaluate([{ maxValue: 1e300, decision: 'ALLOW' }], { ...refund, value: 2 ** 53 }, {})", "BLOCK"),
        ("evaluate([{ maxValue: 100, decision: 'ALLOW' }], { ...refund, value: undefined }, {})", "BLOCK"),
        ("evaluate([{ decision: 'ALLOW' }], refund)", "ALLOW"),
        (
            "evaluate([{ decision: 'ALLOW', predicate: (a: any, e: any) => a.value === 5 && e.x === 1 }], refund, { x: 1 })",
            "ALLOW",
        ),
        (
            "evaluate([{ decision: 'ALLOW', predicate: (a: any) => { a.value = 1; return true; } }, { maxValue: 1, decision: 'ALLOW' }], refund, {})",
            "BLOCK",
        ),
        (
            "evaluate([{ decision: 'ALLOW', predicate: () => evaluate([{ decision: 'ALLOW' }], refund) === 'ALLOW' }], refund, {})",
            "BLOCK",
        ),
        (
            "evaluate([{ maxValue: 1e21, decision: 'ALLOW' }, { maxValue: 5e-324, decision: 'ALLOW' }], { ...refund, value: 0 }, {})",
            "ALLOW",
        ),
        ("evaluate([{ maxValue: 0.1 + 0.2, decision: 'ALLOW' }], { ...refund, value: 0.3 }, {})", "ALLOW"),
        ("evaluate([{ maxValue: -0, decision: 'ALLOW' }], { ...refund, value: 5e-324 }, {})", "BLOCK"),
        ("evaluate([{ decision: 'ALLOW', predicate: () => Promise.resolve(true) } as any], refund, {})", "BLOCK"),
        ("evaluate([{ decision: 'ALLOW', predicate: () => new Boolean(true) } as any], refund, {})", "BLOCK"),
        ("evaluate([{ decision: 'BLOCK', predicate: () => false }], refund, {})", "BLOCK"),
        ("evaluate(null as any, refund, {})", "TypeError: evaluate: the policies are not a list"),
        ("evaluate([,] as any, refund, {})", "TypeError: evaluate: rule 1 is a hole in the list"),
        (
            "evaluate(Object.assign([{ decision: 'ALLOW' }], { x: 1 }) as any, refund, {})",
            "TypeError: evaluate: the list of rules is a list with members beside its entries",
        ),
        (
            "evaluate([], { ...refund, value: '5' } as any, {})",
            "TypeError: evaluate: `value` of the action is a string, expected a number",
        ),
        ("evaluate([], { ...refund, value: 5n } as any, {})", "TypeError: evaluate: `action.value` is a BigInt"),
        (
            "evaluate([], { ...refund, vlaue: 5 } as any, {})",
            "TypeError: evaluate: unknown field `vlaue` in the action",
        ),
        ("evaluate([], { value: 5 } as any, {})", "TypeError: evaluate: the action names no `tool`"),
        (
            "evaluate([], refund, { at: new Date() } as any)",
            "TypeError: evaluate: `envelope.at` is an instance of `Date`",
        ),
    ];
    let found = said(&cases.map(|(case, _)| case)).unwrap();
    assert_eq!(found.len(), cases.len());
    for ((case, expected), found) in cases.iter().zip(found) {
        assert!(found.starts_with(expected), "{case}: {found}");
    }
}

#[test]
fn what_author_code_does_to_the_language_changes_no_decision() {
    let cases = [
        "((Object.prototype as any).toJSON = () => ({ decision: 'ALLOW' }), 'done')",
        "((Array.prototype as any).toJSON = () => [{ decision: 'ALLOW' }], 'done')",
        "((Object.prototype as any).maxValue = 1e9, 'done')",
        "((Object.prototype as any).value = 1, 'done')",
        "((Array.isArray as any) = () => true, 'done')",
        "((Object.getOwnPropertyDescriptor as any) = () => ({ value: 1 }), 'done')",
        "((WeakMap.prototype.get as any) = () => ({ kind: 'connector' }), 'done')",
        "((String.prototype.isWellFormed as any) = () => true, 'done')",
        "evaluate([{ maxValue: 1, decision: 'ALLOW' }], refund, {})",
        "evaluate([{ decision: 'BLOCK' }], refund, {})",
        "evaluate([{ maxValue: 5, decision: 'ALLOW' }], refund, {})",
        // The list of answers is a plan's result, in which `toJSON` counts.
        "(delete (Object.prototype as any).toJSON, delete (Array.prototype as any).toJSON, 'done')",
    ];
    assert_eq!(said(&cases).unwrap()[8..11], ["BLOCK", "BLOCK", "ALLOW"]);
}
