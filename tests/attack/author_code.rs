//! Code that tries to end the process, to keep its time and memory, or to be let through.

use super::harness::{HOLDS, Workspace, envelope, operator, order};

/// Runs a body for the first of two orders; gives what was said, after holding that the second was held as ever.
fn survived(body: &str) -> String {
    let workspace = Workspace::small();
    let source = format!("if (ctx.envelope.payload.order_id === 'SO-1') {{ {body} }}\n{HOLDS}");
    workspace.write("operators/holder.ts", operator("holder", "order.*", &source));
    workspace.write("fibric.toml", "[limits]\ncall = \"700ms\"\nmemory = \"16MiB\"\n");
    workspace.write("fixtures/a.jsonl", order(1) + &order(2));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 0 || said.code == 5, "{body}: {said:?}");
    let receipts = workspace.state("receipts.jsonl");
    let held: Vec<_> = receipts.iter().filter(|receipt| receipt["outcome"] == "applied").collect();
    assert_eq!(held.len(), 1, "{body}: {said:?}");
    assert_eq!(held[0]["entity_key"], "order:SO-2", "{body}");
    let verified = workspace.run(&["receipts", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    said.out + &said.err
}

#[test]
fn a_heap_filled_to_the_last_byte_costs_one_call() {
    let fill = "const held: any[] = []; let size = 1 << 26; \
        while (size >= 16) { try { held.push(new ArrayBuffer(size)); } catch { size >>= 1; } } \
        while (held.length > 0) { held.pop(); try { Iterator.zip([[1, 2], [3, 4]]).toArray(); } catch {} }";
    assert!(survived(fill).contains("used more than 16 MiB"));
    let swallowed =
        "const all: any[] = []; try { for (;;) all.push(new Uint8Array(4096)); } catch { } finally { all.length = 0; }";
    assert!(survived(swallowed).contains("used more than 16 MiB"));
    let promised = "await Promise.all(Array.from({ length: 1e6 }, async (_, i) => [i, `${i}`.repeat(50)]));";
    assert!(survived(promised).contains("used more than 16 MiB"));
}

#[test]
fn native_code_that_does_not_come_back_is_ended() {
    for body in [
        "Array.prototype.reverse.call({ length: 2 ** 27 });",
        "Array.prototype.includes.call({ length: 2 ** 40 }, 1);",
        "console.log(...new Array(20000).fill('y'.repeat(1e6))); for (;;) {}",
        "for (;;) console.log('y'.repeat(1e6));",
        "/^(a+)+$/.test('a'.repeat(40) + 'b');",
    ] {
        let said = survived(body);
        assert!(said.contains("took longer than") || said.contains("used more than"), "{body}: {said}");
    }
}

#[test]
fn a_schema_that_doubles_without_end_blocks_its_own_action_and_nothing_else() {
    let workspace = Workspace::small();
    let levels: Vec<_> = (0..40)
        .map(|n| format!("d{n}: {{ allOf: [{{ $ref: '#/$defs/d{}' }}, {{ $ref: '#/$defs/d{}' }}] }}", n + 1, n + 1))
        .collect();
    let schema = format!("{{ $ref: '#/$defs/d0', $defs: {{ {}, d40: {{ type: 'object' }} }} }}", levels.join(", "));
    workspace.write(
        "connectors/cn-doubles.ts",
        format!(
            "import {{ auth, defineConnector, tool }} from '@fibric/sdk';\nexport default defineConnector({{ name: \
             'cn-doubles', summary: 'Acts.', version: '1.0.0', category: 'oms', publisher: 'acme', auth: auth.none(), \
             tools: [tool({{ name: 'cancel', capability: 'order.cancel', summary: 'Cancels', sideEffecting: true, input: \
             {schema}, async run() {{ return {{}}; }} }})] }});\n"
        ),
    );
    workspace.write("fixtures/a.jsonl", order(1));
    let started = std::time::Instant::now();
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    // It is given up after a second; the rest of the time is for a busy machine.
    assert!(started.elapsed().as_secs() < 30, "{said:?}");
    let held = workspace.state("receipts.jsonl");
    assert_eq!(held.len(), 1, "{said:?}");
    assert_eq!(held[0]["outcome"], "applied");
}

#[test]
fn code_that_closes_over_what_was_left_does_not_outlive_its_call() {
    let said = survived("setInterval(() => {}, 1); globalThis.x = new Array(1e5).fill(ctx); throw new Error('mine');");
    assert!(said.contains("mine"), "{said}");
}

#[test]
fn a_module_that_ends_its_host_while_it_loads_is_told_and_the_rest_runs() {
    let workspace = Workspace::small();
    workspace.write("operators/deep.ts", format!("export default {}1{};", "[".repeat(300_000), "]".repeat(300_000)));
    workspace.write("operators/full.ts", "const all = []; for (;;) all.push(new Uint8Array(1 << 20));");
    workspace.write("fixtures/a.jsonl", order(1) + &envelope(2, "other.thing", "{}"));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("deep.ts") && said.err.contains("used more than 64 MiB"), "{said:?}");
    assert_eq!(workspace.state("receipts.jsonl").len(), 1);
}
