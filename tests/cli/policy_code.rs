//! Policies in TypeScript: what code exports judges like a file, and a predicate lets through only what it says `true` to.

use super::harness::{Workspace, operator, order};

fn workspace(policy: &str) -> Workspace {
    let workspace = Workspace::small();
    workspace.remove("policy/trust.yaml");
    workspace.write("policy/trust.ts", policy);
    workspace.write("fixtures/a.jsonl", order(1) + &order(2));
    workspace
}

fn judged(predicate: &str) -> Vec<(String, String)> {
    let text = format!(
        "import type {{ TrustPolicy }} from '@fibric/sdk';\n\
         let asked = 0;\n\
         export const defaults: TrustPolicy[] = [{{ tool: 'order.hold', decision: 'ALLOW', predicate: {predicate} }}];\n"
    );
    let workspace = workspace(&text);
    workspace.run(&["dev", "replay", "fixtures"]);
    let receipts = workspace.state("receipts.jsonl");
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    receipts
        .iter()
        .map(|receipt| (word(&receipt["verdict"]["decision"]), word(&receipt["verdict"]["reason"])))
        .collect()
}

#[test]
fn only_exactly_true_lets_an_action_through() {
    for (predicate, reason) in [
        ("() => false", "predicate is false"),
        ("() => 1 as any", "predicate gave `1`, not a boolean"),
        ("() => 'true' as any", "not a boolean"),
        ("async () => true", "predicate gave `a promise`, not a boolean"),
        ("() => new Boolean(true) as any", "not a boolean"),
        ("() => undefined as any", "not a boolean"),
        ("() => { throw new Error('lost'); }", "lost"),
        ("() => { while (true) {} }", "predicate timed out"),
        ("(a: any) => a.args.nothing.here", "predicate"),
    ] {
        for (decision, said) in judged(predicate) {
            assert_eq!(decision, "BLOCK", "{predicate}: {said}");
            assert!(said.contains(reason), "{predicate}: {said}");
        }
    }
    let let_through =
        "(action: any, envelope: any) => action.tool === 'order.hold' && envelope.event_type === 'order.created'";
    assert!(judged(let_through).iter().all(|(decision, _)| decision == "ALLOW"));
    // What one call leaves behind is not there for the next.
    assert!(judged("() => { asked += 1; return asked === 1; }").iter().all(|(decision, _)| decision == "ALLOW"));
}

#[test]
fn the_environment_is_not_there_to_be_read() {
    let probe = "() => (globalThis as any).process === undefined && (globalThis as any).fetch === undefined";
    assert!(judged(probe).iter().all(|(decision, _)| decision == "ALLOW"));
}

#[test]
fn code_and_yaml_are_one_policy_and_faults_block() {
    let workspace = workspace("export default [{ tool: 'order.hold', decision: 'ALLOW' }];\n");
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALERT }\n");
    workspace.run(&["dev", "replay", "fixtures"]);
    assert!(workspace.state("receipts.jsonl").iter().all(|receipt| receipt["verdict"]["decision"] == "ALERT"));
    for (code, told) in [
        ("export default [{ tool: 'order.hodl', decision: 'ALLOW' }];", "order.hold"),
        ("export default [{ tool: 'order.*', decision: 'ALLOW' }];", "*"),
        ("export default [{ tool: 'order.hold', decision: 'ALLOW', predicate: 1 }];", "`predicate` is not a function"),
        (
            "export default [{ tool: 'order.hold', decision: 'ALLOW', predicat: () => true }];",
            "unknown key `predicat` in rule 1",
        ),
        ("export default {};", "exports no list of rules"),
        ("export const other = [];", "exports no list of rules"),
        ("throw new Error('early');", "early"),
        ("while (true) {}", "took longer"),
        ("export default [", "policy/trust.ts:1"),
    ] {
        workspace.write("policy/trust.ts", code);
        let said = workspace.run(&["policy", "check"]);
        assert!(said.code == 4 && said.out.contains(told), "{code}: {said:?}");
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        assert!(said.err.contains("every action is BLOCKed"), "{code}: {said:?}");
    }
}

#[test]
fn explain_asks_the_predicate_about_the_envelope_given() {
    let workspace = workspace(
        "export default [{ tool: 'order.hold', decision: 'ALLOW', predicate: (a, e) => e !== null && e.event_type === 'order.created' }];",
    );
    let action = r#"{"tool":"order.hold","args":{},"entity_key":"o:1","idempotency_key":"k"}"#;
    workspace.write("action.json", action);
    workspace.write("envelope.jsonl", order(1));
    let explain = ["policy", "explain", "--actions", "action.json"];
    assert!(workspace.ok(&explain).contains("BLOCK"));
    let with = [&explain[..], &["--envelope", "envelope.jsonl"]].concat();
    assert!(workspace.ok(&with).contains("ALLOW"));
}

#[test]
fn many_actions_that_wait_are_asked_together_and_each_has_its_own_answer() {
    let workspace = workspace(
        "function said(action) {\n\
           const at = action.args.at;\n\
           if (at === 3) while (true) {}\n\
           if (at === 5) throw new Error('lost');\n\
           if (at === 7) { const kept = []; while (true) kept.push(new Uint8Array(1 << 20).fill(1)); }\n\
           return at % 2 === 0;\n\
         }\n\
         export default [\n\
           { tool: 'order.hold', decision: 'ALLOW', predicate: said },\n\
           { connector: 'cn-acts', decision: 'ALLOW', predicate: (action, envelope) => envelope.payload.order_id === 'SO-1' },\n\
         ];",
    );
    let plan = "return { actions: Array.from({ length: 80 }, (_, at) => ({ tool: 'order.hold',\n\
         args: { at: at === 79 ? 0 : at }, entity_key: `o:${at}`,\n\
         idempotency_key: `${ctx.envelope.payload.order_id}:${at}` })) };";
    workspace.write("operators/holder.ts", operator("holder", "order.*", plan));
    workspace.run(&["dev", "replay", "fixtures"]);
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!(receipts.len(), 160);
    for (index, receipt) in receipts.iter().enumerate() {
        let (envelope, at) = (index / 80, index % 80);
        let reason = receipt["verdict"]["reason"].as_str().unwrap();
        // A slow machine may take longer to fill the memory than a predicate may take.
        let filled = if reason.contains("timed out") { "timed out" } else { "it used more than 64 MiB" };
        let expected = match at {
            3 => "timed out",
            5 => "lost",
            7 => filled,
            79 if envelope == 0 => "ALLOW",
            at if at % 2 == 0 && envelope == 0 => "ALLOW",
            _ => "predicate is false",
        };
        let decision = receipt["verdict"]["decision"].as_str().unwrap();
        assert!(if expected == "ALLOW" { decision == expected } else { reason.contains(expected) }, "{at}: {receipt}");
    }
}
