//! What one call may ask for and propose (contract 11): over it the plan is invalid as a whole, with one receipt that
//! says so, and neither memory nor disk grows with it.

use super::harness::{Workspace, connector, operator, order};

/// Time enough for a slow build to reach the limit that is meant.
const PATIENT: &str = "[limits]\ncall = \"30s\"\nwall = \"2m\"\n";

fn over(body: &str, limits: &str) -> (String, Workspace) {
    let workspace = Workspace::small();
    let reads = "import { auth, defineConnector, tool } from '@fibric/sdk';\nexport default defineConnector({ name: 'cn-reads', \
        summary: 'Reads.', version: '1.0.0', category: 'oms', publisher: 'acme', auth: auth.none(), tools: [tool({ name: \
        'read', capability: 'order.read', summary: 'Reads', async run({ input }) { return { size: 1 }; } })] });\n";
    workspace.write("connectors/cn-acts.ts", connector("cn-acts", &["order.hold"]));
    workspace.write("connectors/cn-reads.ts", reads);
    let source = operator("holder", "order.*", body).replace("['order.hold']", "['order.hold', 'order.read']");
    workspace.write("operators/holder.ts", source);
    workspace.write("fibric.toml", limits);
    workspace.write("fixtures/a.jsonl", order(1));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!(receipts.len(), 1, "{said:?}");
    assert_eq!(receipts[0]["verdict"]["decision"], "BLOCK");
    assert_eq!(receipts[0]["outcome"], "refused");
    assert_eq!(receipts[0]["policy_digest"].as_str().map(str::len), Some(64));
    (receipts[0]["verdict"]["reason"].as_str().unwrap().to_owned(), workspace)
}

/// Bytes of everything the kernel keeps of the workspace.
fn kept(workspace: &Workspace) -> u64 {
    fn size(path: &std::path::Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(path) else { return path.metadata().map_or(0, |about| about.len()) };
        entries.flatten().map(|entry| size(&entry.path())).sum()
    }
    size(&workspace.path(".fibric"))
}

#[test]
fn a_plan_of_a_million_actions_is_one_receipt() {
    let (reason, workspace) = over("return { actions: new Array(1000000).fill({}) };", PATIENT);
    assert_eq!(reason, "limit: the plan has 1000000 actions, at most 1000 are disposed of");
    assert!(kept(&workspace) < 200_000, "{}", kept(&workspace));
}

#[test]
fn asking_without_end_is_stopped() {
    let (reason, workspace) = over("for (;;) await ctx.sense('order.read', { order_id: 'x' });", "");
    assert_eq!(reason, "limit: it asked more than 1000 times");
    assert!(kept(&workspace) < 1_000_000);
    let large = "const x = 'x'.repeat(3e6); for (;;) await ctx.sense('order.read', { order_id: x });";
    let (reason, workspace) = over(large, PATIENT);
    assert_eq!(reason, "limit: it asked for and was answered more than 16777216 bytes");
    assert!(kept(&workspace) < 20_000_000, "{}", kept(&workspace));
    let caught = "for (;;) { try { await ctx.sense('order.read', { order_id: 'x' }); } catch {} }";
    assert_eq!(over(caught, "[limits]\nasks_per_call = 3\n").0, "limit: it asked more than 3 times");
}

#[test]
fn the_limits_are_the_workspaces_own() {
    let two = "const a = (n) => ({ tool: 'order.hold', args: {}, entity_key: `e${n}`, idempotency_key: `k${n}` }); \
               return { actions: [a(1), a(2)] };";
    assert_eq!(over("for (;;) {}", "[limits]\ncall = \"200ms\"\n").0, "limit: it took longer than 200 ms");
    let hog = "const all: any[] = []; for (;;) all.push(new Uint8Array(4096));";
    assert_eq!(over(hog, "[limits]\nmemory = \"8MiB\"\n").0, "limit: it used more than 8 MiB");
    let (reason, _) = over(two, "[limits]\nactions_per_plan = 1\n");
    assert_eq!(reason, "limit: the plan has 2 actions, at most 1 are disposed of");
}

#[test]
fn a_list_of_a_definition_is_as_long_as_the_workspace_says() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "[limits]\ndefinition_list = 1\n");
    workspace.write("fixtures/a.jsonl", order(1));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("`tools` has 2 entries, the limit is 1"), "{said:?}");
}
