//! What author code sees and how its plans come out.

use super::*;

#[test]
fn a_plan_comes_back_as_written() {
    let (_files, mut host) = host_of(
        "const { order_id, total } = ctx.envelope.payload;
         const order = await ctx.sense('orders.read', { id: order_id });
         ctx.log.info('saw', order, total);
         return { reasoning: order.status, actions: [{ tool: 'order.hold', args: { order_id, at: new Date(0) },
           value: total, entity_key: `order:${order_id}`, idempotency_key: `op:${order_id}:hold` }] };",
    );
    let mut world = World::default();
    assert_eq!(
        propose_in(&mut *host, &mut world, "e").unwrap(),
        r#"{"reasoning":"open","actions":[{"tool":"order.hold","args":{"order_id":"SO-10884","at":"1970-01-01T00:00:00.000Z"},"value":412.5,"entity_key":"order:SO-10884","idempotency_key":"op:SO-10884:hold"}]}"#
    );
    assert_eq!(world.sensed, [r#"orders.read {"id":"SO-10884"}"#]);
    assert_eq!(world.logged, [r#"info saw {"status":"open","n":1} 412.5"#]);
}

#[test]
fn the_reasoner_may_hand_over_to_the_stub() {
    let (_files, mut host) = host_of("return ctx.reason({ a: 1 });");
    let mut world = World::default();
    assert_eq!(propose_in(&mut *host, &mut world, "e1").unwrap(), r#"{"stubbed":{"a":1}}"#);
    assert_eq!(world.reasoned, [r#"{"a":1} → {"stubbed":{"a":1}}"#], "whoever records answers is told of it");
}

#[test]
fn a_stub_that_always_reasons_is_told_of_and_not_asked_for() {
    let (_files, mut host) = host_of(
        "let said: any = null;\n\
         for (let n = 0; n < (ctx.envelope.payload.many ? 2_000 : 2); n++) said = await ctx.reason({ n });\n\
         return said;",
    );
    let mut world = World::default();
    let (few, many) = (envelope(), envelope_with(r#"{"many":true}"#));
    let scene_of =
        |envelope| Scene { envelope: Some(envelope), clock: "2026-01-01T00:00:00Z", seed: "e", own_stub: true };
    let plan = host.propose(&scene_of(&few), &mut world).unwrap();
    assert_eq!(plan.as_str(), r#"{"stubbed":{"n":1}}"#);
    assert_eq!(world.reasoned, [r#"{"n":0}"#, r#"{"n":1}"#]);
    let fault = host.propose(&scene_of(&many), &mut world).unwrap_err();
    assert!(fault.message.contains("asked more than 1000 times"), "{fault:?}");
    assert_eq!(host.propose(&scene_of(&few), &mut world).unwrap().as_str(), r#"{"stubbed":{"n":1}}"#);
}

#[test]
fn a_refused_read_is_an_error_that_can_be_caught() {
    let (_files, mut host) =
        host_of("try { await ctx.sense('orders.gone'); } catch (e: any) { return { m: e.message }; }");
    assert_eq!(propose(&mut *host).unwrap(), r#"{"m":"no recording"}"#);
    let (_files, mut host) = host_of("return ctx.sense('orders.gone');");
    assert_eq!(propose(&mut *host).unwrap_err().message, "`run` failed: no recording");
}

#[test]
fn time_spent_in_services_is_not_the_authors() {
    let (_files, mut host) = host_of("await ctx.sense('orders.slow'); return {};");
    assert_eq!(propose(&mut *host).unwrap(), "{}");
}

#[test]
fn the_clock_the_dice_and_the_timers_come_from_the_scene() {
    let body = "const before = Date.now();
         const order: string[] = [];
         setTimeout((x: string) => order.push(x), 20, 'late');
         const stop = setInterval(() => { order.push('tick'); if (order.length > 1) clearInterval(stop); }, 7);
         await new Promise((done) => setTimeout(done, 60_000));
         queueMicrotask(() => order.push('micro'));
         await null;
         return { now: new Date().toISOString(), called: Date(), waited: Date.now() - before, order, r: Math.random(),
           id: crypto.randomUUID(), bytes: [...crypto.getRandomValues(new Uint8Array(3))], p: performance.now(),
           zone: new Date().getTimezoneOffset(), local: new Date(2026, 0, 1).toISOString(), text: new Date(0).toString(),
           parsed: new Date('2026-06-01T00:00').toISOString(), hour: new Date(3600e3).getHours(),
           sub: new (class extends Date {})().getTime() === Date.now(), is: new Date() instanceof Date };";
    let (_files, mut host) = host_of(body);
    let first = propose(&mut *host).unwrap();
    let start = r#"{"now":"2026-03-04T05:07:07.890Z","called":"Wed Mar 04 2026 05:07:07 GMT+0000 (UTC)","waited":60000,"order":["tick","tick","late","micro"],"r":0."#;
    assert!(first.starts_with(start), "{first}");
    let end = r#""p":60000,"zone":0,"local":"2026-01-01T00:00:00.000Z","text":"Thu Jan 01 1970 00:00:00 GMT+0000 (UTC)","parsed":"2026-06-01T00:00:00.000Z","hour":1,"sub":true,"is":true}"#;
    assert!(first.ends_with(end), "{first}");
    assert_eq!(first, propose(&mut *host).unwrap());
    let (_files, mut other) = host_of(body);
    assert_eq!(first, propose(&mut *other).unwrap());
    assert_ne!(first, propose_in(&mut *host, &mut World::default(), "another").unwrap());
}

#[test]
fn calls_leave_nothing_behind() {
    let source =
        operator("count += 1; (Array.prototype as any).left = count; return { count, left: ([] as any).left };");
    let files = Workspace::new(&[("op.ts", &format!("let count = 0;\n{source}"))]);
    let mut host = files.host("op.ts");
    for _ in 0..3 {
        assert_eq!(propose(&mut *host).unwrap(), r#"{"count":1,"left":1}"#);
    }
}

#[test]
fn what_json_cannot_carry_is_named_by_its_path() {
    let cases = [
        (
            "return { actions: [{ args: { a: [1, undefined] } }] };",
            "`actions[0].args.a[1]` is undefined, which JSON cannot carry",
        ),
        ("return { actions: [() => 1] };", "`actions[0]` is a function, which JSON cannot carry"),
        ("return { actions: [{ value: 10n }] };", "`actions[0].value` is a BigInt, which JSON cannot carry"),
        ("const a: any = { b: {} }; a.b.c = a; return a;", "`b.c` holds itself in a circle"),
        ("return { actions: [{ args: { n: 0 / 0 } }] };", "`actions[0].args.n` is NaN, which JSON cannot carry"),
        ("return { 'a b': Symbol('x') };", "`[\"a b\"]` is a symbol, which JSON cannot carry"),
        ("return { a: ctx.sense('orders.read') };", "`a` is a promise, put `await` before it"),
        ("", "the result itself is undefined, which JSON cannot carry"),
    ];
    for (body, said) in cases {
        let (_files, mut host) = host_of(body);
        assert_eq!(propose(&mut *host).unwrap_err().message, format!("`run` returned what cannot be used: {said}"));
    }
}

#[test]
fn a_member_that_is_undefined_is_absent() {
    let (_files, mut host) = host_of(
        "return { a: undefined, actions: [{ value: undefined, args: { b: undefined, c: 1, d: undefined } }] };",
    );
    assert_eq!(propose(&mut *host).unwrap(), r#"{"actions":[{"args":{"c":1}}]}"#);
}

#[test]
fn a_value_that_is_no_number_stays_visible() {
    let (_files, mut host) =
        host_of("return { actions: [{ value: 0 / 0 }, { value: -1 / 0 }, { value: 1e21 }, { value: 1e-7 }] };");
    assert_eq!(
        propose(&mut *host).unwrap(),
        r#"{"actions":[{"value":"NaN"},{"value":"-Infinity"},{"value":1e+21},{"value":1e-7}]}"#
    );
}

#[test]
fn a_rejection_that_nobody_waits_for_is_told() {
    let (_files, mut host) = host_of(
        "ctx.sense('orders.gone'); (async () => { throw new TypeError('lost'); })(); Promise.reject({ get a() { throw 1; } });
         const late = Promise.reject(new Error('heard')); await null; await late.catch(() => {}); return {};",
    );
    for _ in 0..2 {
        let mut world = World::default();
        assert_eq!(propose_in(&mut *host, &mut world, "e").unwrap(), "{}");
        world.logged.sort();
        let told = ["Error: no recording", "TypeError: lost", "[unprintable]"];
        assert_eq!(world.logged, told.map(|said| format!("error unhandled rejection: {said}")));
    }
}

#[test]
fn a_rejection_while_modules_load_is_told_at_every_call() {
    let source = operator("return {};");
    let files = Workspace::new(&[("op.ts", &format!("Promise.reject(new Error('early'));\n{source}"))]);
    let mut host = files.host("op.ts");
    for _ in 0..3 {
        let mut world = World::default();
        assert_eq!(propose_in(&mut *host, &mut world, "e").unwrap(), "{}");
        assert_eq!(world.logged, ["error unhandled rejection: Error: early"]);
    }
}

#[test]
fn evaluate_says_what_the_contract_says() {
    let source = "import { evaluate } from '@fibric/kernel';
      import { defineOperator } from '@fibric/sdk';
      const act = (value?: number, tool = 'order.refund') => ({ connector: 'cn', tool, args: {}, value });
      export default defineOperator({ name: 'op', goal: 'g', requires: [], trigger: { every: '5m' }, run: () => [
        evaluate([], act(1), {}), evaluate([{ decision: 'ALLOW' }], act(), {}),
        evaluate([{ tool: 'order.refund', maxValue: 100, decision: 'ALLOW' }], act(100), {}),
        evaluate([{ tool: 'order.refund', maxValue: 100, decision: 'ALLOW' }], act(100.01), {}),
        evaluate([{ maxValue: 100, decision: 'ALLOW' }], act(), {}), evaluate([{ maxValue: 100, decision: 'ALLOW' }], act(-1), {}),
        evaluate([{ maxValue: 100, decision: 'ALLOW' }], act(NaN), {}),
        evaluate([{ maxValue: 1e300, decision: 'ALLOW' }], act(2 ** 53), {}),
        evaluate([{ decision: 'ALLOW' }, { decision: 'ALERT' }, { decision: 'ALLOW' }], act(1), {}),
        evaluate([{ decision: 'ALERT' }, { tool: 'order.refund', decision: 'BLOCK' }], act(1), {}),
        evaluate([{ decision: 'ALLOW', predicate: () => 1 }], act(1), {}),
        evaluate([{ decision: 'ALLOW', predicate: () => { throw 1; } }], act(1), {}),
        evaluate([{ decision: 'ALLOW', predicate: () => true }], act(1), {}),
        evaluate([{ connector: 'other', decision: 'ALLOW' }], act(1), {}),
      ].join(' ') as any });";
    let files = Workspace::new(&[("op.ts", source)]);
    let said = propose(&mut *files.host("op.ts")).unwrap();
    assert_eq!(said, r#""BLOCK ALLOW ALLOW BLOCK BLOCK BLOCK BLOCK BLOCK ALERT BLOCK BLOCK BLOCK ALLOW BLOCK""#);
}

#[test]
fn hosts_run_side_by_side() {
    let (_a, mut first) = host_of("(globalThis as any).x = 1; return { n: 1 };");
    let (_b, mut second) = host_of("return { x: typeof (globalThis as any).x };");
    assert_eq!(propose(&mut *first).unwrap(), r#"{"n":1}"#);
    assert_eq!(propose(&mut *second).unwrap(), r#"{"x":"undefined"}"#);
}

/// Run by hand, in release, to see what a call costs.
#[test]
#[ignore = "a measurement"]
fn measure() {
    const CALLS: u32 = 2_000;
    let (_files, mut host) = host_of(
        "const { order_id } = ctx.envelope.payload;
         return { actions: [{ tool: 'order.hold', args: { order_id }, entity_key: 'e', idempotency_key: 'k' }] };",
    );
    propose(&mut *host).unwrap();
    let (envelope, mut world) = (envelope(), World::default());
    let scene = Scene { envelope: Some(&envelope), clock: "2026-03-04T05:06:07Z", seed: "e", own_stub: false };
    let start = std::time::Instant::now();

    for _ in 0..CALLS {
        host.propose(&scene, &mut world).unwrap();
    }
    println!("{:?} a call", start.elapsed() / CALLS);
    let workspace = Workspace::new(&[("op.ts", &operator("return {};"))]);
    let start = std::time::Instant::now();
    for _ in 0..20 {
        workspace.load("op.ts").unwrap();
    }
    println!("{:?} a load", start.elapsed() / 20);
}
