//! Code that means harm, or looks like it: stopped within its limits, reported, and the host answers the next call.

use std::time::Instant;

use super::*;

/// Runs a hostile body when the payload says so; then checks that the host answers properly.
fn contained(body: &str) -> String {
    let source = operator(&format!("if (ctx.envelope.payload.bad) {{ {body} }}\nreturn {{ fine: true }};"));
    let files = Workspace::new(&[("op.ts", &source)]);
    let mut host = files.host("op.ts");
    let scene_of =
        |envelope| Scene { envelope: Some(envelope), clock: "2026-01-01T00:00:00Z", seed: "e", own_stub: false };
    let bad = envelope_with(r#"{"bad":true}"#);
    let start = Instant::now();
    let outcome = host.propose(&scene_of(&bad), &mut World::default());
    assert!(start.elapsed() < Duration::from_secs(6), "{body}: {:?}", start.elapsed());
    let good = envelope_with("{}");
    let next = host.propose(&scene_of(&good), &mut World::default());
    assert_eq!(next.unwrap().as_str(), r#"{"fine":true}"#, "{body}");
    match outcome {
        Ok(plan) => plan.as_str().to_owned(),
        Err(error) => {
            assert_eq!(error.file.as_deref(), Some("op.ts"), "{body}");
            error.message
        }
    }
}

const SLOW: &str = "`run` took longer than 300 ms and was stopped";

#[test]
fn loops_of_every_kind_are_stopped() {
    let loops = [
        "for (;;) {}",
        "try { for (;;) {} } finally { for (;;) {} }",
        "const again = (): any => Promise.resolve().then(again); await again();",
        "const again = (): any => queueMicrotask(again); again(); return {};",
        "await new Promise(() => setInterval(() => {}, 1));",
        "/^(a+)+$/.test('a'.repeat(40) + 'b');",
        "return { get a() { for (;;) {} } };",
        "return new Proxy({}, { ownKeys() { for (;;) {} } });",
        "return { toJSON() { for (;;) {} } };",
        "throw { get message() { for (;;) {} } };",
        "return { then() { for (;;) {} } };",
        "(0, eval)('for(;;){}');",
        "Promise.reject({ get a() { for (;;) {} } });",
        "const again = (): any => Promise.reject({ get a() { return again(); } }); again(); for (;;) {}",
        "new Function('for(;;){}')();",
        "Array.from({ length: 2 ** 40 });",
    ];
    for body in loops {
        let said = contained(body);
        assert!(said == SLOW || said.contains("MiB") || said.contains("invalid array length"), "{body}: {said}");
    }
}

#[test]
fn a_loop_says_where_it_was() {
    let (_files, mut host) = host_of("    let n = 0;\n    for (;;) { n += 1; }");
    let error = propose(&mut *host).unwrap_err();
    assert_eq!(error.message, SLOW);
}

#[test]
fn code_that_is_stuck_in_the_engine_is_abandoned() {
    let said = contained("Array.prototype.reverse.call({ length: 2 ** 27 });");
    assert_eq!(said, SLOW);
    let said = contained("let x = 3n; for (;;) x = x * x;");
    assert!(said == SLOW || said.contains("BigInt") || said.contains("MiB"), "{said}");
    let said = contained("return { a: (2n ** 1000000n).toString().length };");
    assert!(said == SLOW || said.contains("{\"a\":"), "{said}");
}

#[test]
fn memory_is_bounded() {
    let hogs = [
        "const all: any[] = []; for (;;) all.push(new Uint8Array(1 << 20));",
        "let s = 'x'; for (;;) s += s;",
        "const all: any = {}; for (let i = 0; ; i += 1) all['k' + i] = [i];",
        "new ArrayBuffer(1 << 30);",
        "const all = [] as any[]; for (;;) { try { for (;;) all.push(new Uint8Array(1 << 20)); } catch { } }",
        "'x'.padEnd(2 ** 29).split('');",
    ];
    for body in hogs {
        let said = contained(body);
        assert!(
            said == "`run` used more than 64 MiB and was stopped" || said == SLOW || said.contains("string too long"),
            "{body}: {said}"
        );
    }
}

#[test]
fn deep_recursion_is_an_error() {
    let said = contained("const deep = (n: number): number => deep(n + 1) + 1; deep(0);");
    assert!(said.contains("stack") || said == SLOW, "{said}");
    let said = contained("let a: any = []; for (let i = 0; i < 100000; i += 1) a = [a]; return a;");
    assert!(said.contains("nests deeper than") || said == SLOW, "{said}");
    let said = contained("JSON.parse('['.repeat(1000000));");
    assert!(said.contains("`run` failed") || said == SLOW, "{said}");
    let said = contained("new RegExp('('.repeat(100000) + ')'.repeat(100000));");
    assert!(said.contains("`run` failed") || said == SLOW, "{said}");
    let said = contained("(0, eval)('('.repeat(100000));");
    assert!(said.contains("`run` failed") || said == SLOW, "{said}");
}

#[test]
fn promises_that_never_settle_are_an_error_at_once() {
    let start = Instant::now();
    assert_eq!(contained("await new Promise(() => {});"), "`run` returned a promise that never settles");
    assert_eq!(contained("return { then() {} };"), "`run` returned a promise that never settles");
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn whatever_is_thrown_can_be_said() {
    let cases = [
        ("throw 'text';", "`run` failed: it threw `text`, not an `Error`"),
        ("throw undefined;", "`run` failed: it threw undefined, not an `Error`"),
        ("throw null;", "`run` failed: it threw null, not an `Error`"),
        ("throw 10n;", "`run` failed: it threw 10, not an `Error`"),
        ("throw Symbol('s');", "`run` failed: it threw Symbol(s), not an `Error`"),
        ("throw {};", "`run` failed: it threw an object that is not an `Error`"),
        ("throw Object.create(null);", "`run` failed: it threw an object that is not an `Error`"),
        (
            "throw { get message() { throw 1; }, get name() { throw 2; }, get stack() { throw 3; } };",
            "`run` failed: it threw an object that is not an `Error`",
        ),
        ("throw new Proxy({}, { get() { throw 1; } });", "`run` failed: it threw an object that is not an `Error`"),
        ("throw Object.defineProperty(new Error('m'), 'stack', { value: 7 });", "`run` failed: m"),
        ("(Error as any).prepareStackTrace = () => { throw 1; }; throw new Error('m');", "`run` failed: "),
        ("const e: any = new Error('a'); e.message = 'x'.repeat(1e6); throw e;", "`run` failed: xxx"),
        ("return new Proxy({}, { ownKeys() { throw new Error('no keys'); } });", "`run` failed: no keys"),
        ("return { get a() { throw new Error('no a'); } };", "`run` failed: no a"),
    ];
    for (body, said) in cases {
        let found = contained(body);
        assert!(found.starts_with(said), "{body}: {found:.200}");
        assert!(found.len() < 10_000);
    }
}

#[test]
fn logs_and_plans_are_bounded() {
    let (_files, mut host) = host_of("for (let i = 0; i < 5000; i += 1) console.log(i); return {};");
    let mut world = World::default();
    propose_in(&mut *host, &mut world, "e").unwrap();
    assert_eq!(world.logged.len(), 1_001);
    assert_eq!(world.logged[1_000], "warn 4000 more lines were logged and dropped");
    let (_files, mut host) = host_of("console.error('ß'.repeat(1 << 20)); console.warn('x'); return {};");
    let mut world = World::default();
    propose_in(&mut *host, &mut world, "e").unwrap();
    assert!(world.logged[0].len() < 70_000 && world.logged[0].ends_with('…'));
    assert_eq!(world.logged.len(), 2);
    let body = "const x = 'x'.repeat(1 << 20); return { a: Array(40).fill(x) };";
    let files = Workspace::new(&[("op.ts", &operator(body))]);
    let patient = Limits { call: Duration::from_secs(30), ..quick() };
    let error = propose(&mut *files.load_with("op.ts", patient).unwrap().host).unwrap_err();
    assert_eq!(error.message, "`run` returned what cannot be used: it is larger than 16 MiB");
    let said = contained("return { a: Array(4e9) };");
    assert!(said.contains("undefined") || said.contains("invalid array length"), "{said}");
    let said = contained("return { a: '\\ud800' };");
    assert!(said.contains("surrogate") || said.contains("\u{fffd}"), "{said}");
}

#[test]
fn a_module_that_harms_while_it_loads_fails_to_load() {
    let files = Workspace::new(&[("op.ts", "for (;;) {}")]);
    let failed = files.load_with("op.ts", quick()).err().unwrap();
    assert_eq!(failed.diagnostic.message, "loading took longer than 300 ms and was stopped");
    assert_eq!(failed.diagnostic.place().as_deref(), Some("op.ts:1:1"));
    files.write("op.ts", "import { spin } from './lib';\nspin();\nexport default 1;");
    files.write("lib.ts", "export function spin() { for (;;) {} }");
    let failed = files.load_with("op.ts", quick()).err().unwrap();
    assert_eq!(failed.diagnostic.file.as_deref(), Some("lib.ts"));
    files.write("op.ts", "const again = (): any => queueMicrotask(again); again(); export default 1;");
    let failed = files.load_with("op.ts", quick()).err().unwrap();
    assert_eq!(failed.diagnostic.message, "loading took longer than 300 ms and was stopped");
    assert_eq!(failed.diagnostic.file.as_deref(), Some("op.ts"));
    files.write("op.ts", "await new Promise(() => {}); export default 1;");
    let failed = files.load_with("op.ts", quick()).err().unwrap();
    assert_eq!(failed.diagnostic.message, "loading returned a promise that never settles");
    files.write("op.ts", "const all = []; for (;;) all.push(new Uint8Array(1 << 20));");
    let failed = files.load_with("op.ts", quick()).err().unwrap();
    assert_eq!(failed.diagnostic.message, "loading used more than 64 MiB and was stopped");
}

#[test]
fn source_that_nests_without_end_does_not_bring_the_parser_down() {
    for unit in ["(", "[", "{", "!", "a=>", "if(1)", "-", "x?", "`${", "new ", "await ", "<T>", "a[", "typeof "] {
        let files = Workspace::new(&[("op.ts", &unit.repeat(20_000))]);
        let _ = files.load_with("op.ts", quick()).err().unwrap();
    }
}

#[test]
fn a_full_heap_at_any_moment_leaves_the_process_whole() {
    let body = "const all: any[] = []; for (let i = 0; ; i += 1) all.push({ ['k' + i]: [i, `${i}`, new Map([[i, all]]), () => i] });";
    let files = Workspace::new(&[("op.ts", &operator(body))]);
    for step in 0..60 {
        let limits = Limits { memory: (64 << 10) + step * 37_003, ..quick() };
        let Ok(mut loaded) = files.load_with("op.ts", limits) else { continue };
        let _ = propose(&mut *loaded.host).unwrap_err();
        let _ = propose(&mut *loaded.host).unwrap_err();
    }
}

#[test]
fn a_host_that_is_stuck_again_and_again_costs_its_calls_and_nothing_else() {
    let body = "if (ctx.envelope.payload.n === 1) Array.prototype.reverse.call({ length: 2 ** 27 }); return {};";
    let files = Workspace::new(&[("op.ts", &operator(body))]);
    let mut host = files.host("op.ts");
    let scene_of =
        |envelope| Scene { envelope: Some(envelope), clock: "2026-01-01T00:00:00Z", seed: "e", own_stub: false };
    let (bad, good) = (envelope_with(r#"{"n":1}"#), envelope_with("{}"));
    for _ in 0..4 {
        let error = host.propose(&scene_of(&bad), &mut World::default()).unwrap_err();
        assert_eq!(error.message, SLOW);
        assert_eq!(host.propose(&scene_of(&good), &mut World::default()).unwrap().as_str(), "{}");
    }
}

/// Operations that ended the process in each of many runs when they were refused memory: at a nearly full heap, which
/// the engine now never notices.
#[test]
fn an_engine_whose_heap_is_nearly_full_is_never_refused() {
    let operations = [
        "Iterator.zip([[1,2],[3,4]]).toArray()",
        "Iterator.concat([1], [2]).toArray()",
        "new Map([[1, 2]]).groupBy",
        "Object.groupBy([1, 2, 3], (x) => x % 2 ? 'a' : 'b')",
        "structuredClone",
        "(0, eval)('(function f(a, { b, c: [d] }) { return a + b + d; })(1, { b: 2, c: [3] })')",
        "new RegExp('(?<a>x)|(?<b>y)', 'dgv').exec('xy')",
        "JSON.parse('{\"a\":[1,2,{\"b\":null}]}')",
        "[3, 1, 2].toSorted().with(0, 9).flatMap((x) => [x, x])",
        "'x'.repeat(100).replaceAll('x', (m) => m + m)",
        "class A { #x = 1; static { this.y = new A().#x; } }; A",
        "new Proxy({}, { ownKeys: () => ['a'] })",
        "Promise.all([1, Promise.resolve(2)])",
        "new Intl.NumberFormat('de').format(1)",
        "(function* () { yield* [1, 2]; })().next()",
        "new Error('x', { cause: {} }).stack",
    ];
    let files = Workspace::new(&[("op.ts", "export default 1;")]);
    for operation in operations {
        let fill = format!(
            "const held: any[] = []; let size = 1 << 24; \
             while (size >= 16) {{ try {{ held.push(new ArrayBuffer(size)); }} catch {{ size >>= 1; }} }} \
             while (held.length > 0) {{ held.pop(); try {{ {operation} }} catch {{}} }} return {{}};"
        );
        files
            .write("op.ts", &operator(&format!("if (ctx.envelope.payload.bad) {{ {fill} }} return {{ fine: true }};")));
        let mut host = files.load_with("op.ts", Limits { memory: 8 << 20, ..quick() }).unwrap().host;
        let scene_of =
            |envelope| Scene { envelope: Some(envelope), clock: "2026-01-01T00:00:00Z", seed: "e", own_stub: false };
        let (bad, good) = (envelope_with(r#"{"bad":true}"#), envelope_with("{}"));
        let error = host.propose(&scene_of(&bad), &mut World::default()).unwrap_err();
        assert_eq!(error.message, "`run` used more than 8 MiB and was stopped", "{operation}");
        let next = host.propose(&scene_of(&good), &mut World::default());
        assert_eq!(next.unwrap().as_str(), r#"{"fine":true}"#, "{operation}");
    }
}

#[test]
fn a_line_of_log_costs_no_more_than_what_is_kept_of_it() {
    let (_files, mut host) = host_of("console.log(...new Array(20000).fill('y'.repeat(1e6))); return {};");
    let mut world = World::default();
    propose_in(&mut *host, &mut world, "e").unwrap();
    assert!(world.logged[0].len() < 70_000, "{}", world.logged[0].len());
}

#[test]
fn what_one_call_may_ask_for_is_bounded() {
    let body = "for (let i = 0; i < 5000; i += 1) await ctx.sense('orders.read', { i }); return {};";
    let files = Workspace::new(&[("op.ts", &operator(body))]);
    let mut host = files.load("op.ts").unwrap().host;
    let mut world = World::default();
    let error = propose_in(&mut *host, &mut world, "e").unwrap_err();
    assert_eq!(error.message, "`run` was stopped: limit: it asked more than 1000 times");
    assert_eq!(world.sensed.len(), 1_000);
}
