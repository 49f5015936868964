//! Packs, from the outside: checked before they are published, and run beside operators.

use serde_json::Value;

use super::harness::{Workspace, connector, order};

/// A pack that holds orders, in a workspace whose connector provides all but what is optional.
fn with_pack() -> Workspace {
    let workspace = Workspace::bare();
    workspace.write("connectors/cn-acts.ts", connector("cn-acts", &["order.hold", "notify.send"]));
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW }\n");
    write_pack(&workspace, "packs/holder");
    workspace
}

/// Puts that pack into a folder of a workspace.
pub fn write_pack(workspace: &Workspace, folder: &str) {
    let write = |name: &str, text: &str| workspace.write(&format!("{folder}/{name}"), text);
    let tool = |name: &str| format!("    '{name}': tool({{ sideEffecting: true, handler: () => {{}} }}),\n");
    let tools = tool("order.hold") + &tool("notify.send");
    write(
        "index.ts",
        &format!(
            "import {{ defineConnector, tool, none }} from '@fibric/connector-sdk';\nexport default defineConnector({{\n  \
             id: 'op-holder', version: '1.2.0', category: 'ai-operator', auth: none(),\n  tools: {{\n{tools}  }},\n}});\n"
        ),
    );
    write(
        "prompt.md",
        "# Goal\nHold orders.\n# Constraints\nWithout conversations.read, be silent of it.\n# Output\n\
         holder:<order_id>:<action>\n# Refusal\nNo order.\n",
    );
    write(
        "guardrails.ts",
        "export const defaults = [{ tool: 'order.hold', decision: 'ALLOW' }, { tool: 'notify.send', decision: 'ALERT' }];\n",
    );
    write(
        "requires.json",
        r#"{ "requires": [ { "capability": "order.hold", "why": "holds" }, { "capability": "notify.send", "why": "tells" },
{ "capability": "conversations.read", "why": "context", "optional": true } ] }"#,
    );
    write(
        "listing.json",
        r#"{ "tagline": "Hold orders.", "senses": ["a", "b", "c"], "acts": ["order.hold"], "worksWith": [],
"pricing": { "model": "per-operator-monthly", "from_usd_month": 49 } }"#,
    );
    write(
        "operator.ts",
        "import { defineOperator } from '@fibric/sdk';\nexport default defineOperator({\n  name: 'holder', goal: 'g', \
         requires: ['order.hold'], trigger: { on: 'order.*' },\n  async run(ctx) {\n    const id = \
         ctx.envelope.payload.order_id;\n    if (!id) return { actions: [] };\n    return { actions: [{ tool: \
         'order.hold', args: { order_id: id }, entity_key: `order:${id}`, idempotency_key: `holder:${id}:hold` }] };\n  \
         },\n});\n",
    );
    write("fixtures/orders.jsonl", &(order(1) + &order(2).replace("order_id", "none")));
}

#[test]
fn a_sound_pack_passes_and_each_way_of_failing_has_its_code() {
    let workspace = with_pack();
    let pack = workspace.path("packs/holder");
    let pack = pack.to_str().unwrap();
    let said = workspace.run(&["publish", "--check", pack]);
    assert_eq!(said.code, 0, "{said:?}");
    let last = format!("check passed. publish with: fibric publish {pack}\n");
    assert!(said.out.ends_with(&last) && said.out.contains("2 envelopes replay to valid plans"), "{said:?}");
    assert!(!workspace.path(".fibric").exists(), "a check writes nothing");

    workspace.write(
        "packs/holder/guardrails.ts",
        "export const defaults = [{ tool: 'order.refund', decision: 'ALLOW' }];\n",
    );
    let reports = [workspace.path("check.xml"), workspace.path("check.sarif")];
    let [junit, sarif] = reports.each_ref().map(|path| path.to_str().unwrap());
    let said = workspace.run(&["publish", "--check", pack, "--junit", junit, "--sarif", sarif]);
    assert!(said.code == 4 && said.out.ends_with("check failed: 1 of 8\n"), "{said:?}");
    assert!(said.out.contains("packs/holder/guardrails.ts:1:35"), "{said:?}");
    assert!(workspace.read("check.xml").contains("<failure"), "{}", workspace.read("check.xml"));
    let sarif: Value = serde_json::from_str(&workspace.read("check.sarif")).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "packs/holder/guardrails.ts");
    let said = workspace.run(&["publish", "--check", pack, "--json"]);
    let fault: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    assert_eq!((said.code, &fault["line"], &fault["file"]), (4, &1.into(), &"packs/holder/guardrails.ts".into()));

    workspace.write("packs/holder/index.ts", "throw new Error('no');\n");
    assert_eq!(workspace.run(&["publish", "--check", pack]).code, 5);
    assert_eq!(workspace.run(&["publish", "--check", "packs/none"]).code, 2);
    assert_eq!(workspace.run(&["publish", pack]).code, 2);
}

#[test]
fn a_pack_runs_beside_operators_and_receipts_name_its_version() {
    let workspace = with_pack();
    workspace.write("fixtures/orders.jsonl", order(7));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("plan proposed") || said.out.contains("order.hold"), "{said:?}");
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!(receipts.len(), 1, "{said:?}");
    assert_eq!(
        (&receipts[0]["operator"], &receipts[0]["operator_version"]),
        (&"holder".into(), &"op-holder@1.2.0".into())
    );
    assert_eq!(receipts[0]["verdict"]["decision"], "ALLOW", "{receipts:?}");
    assert!(said.err.contains("goes without `conversations.read`"), "what it goes without is said: {said:?}");
}

#[test]
fn a_pack_that_cannot_be_loaded_is_told_and_the_rest_goes_on() {
    let workspace = with_pack();
    workspace.write("operators/other.ts", super::harness::operator("other", "order.*", super::harness::HOLDS));
    workspace.write("fixtures/orders.jsonl", order(7));
    workspace.write("packs/holder/requires.json", "{ \"requires\": [ }");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("packs/holder/requires.json:1:"), "{said:?}");
    let receipts = workspace.state("receipts.jsonl");
    assert!(receipts.len() == 1 && receipts[0]["operator"] == "other", "{receipts:?}");
    assert_eq!(receipts[0]["operator_version"], Value::Null);
}

#[test]
fn a_save_in_a_pack_is_taken_up() {
    let workspace = with_pack();
    let mut dev = workspace.dev(&["--no-play"]);
    let code = workspace.read("packs/holder/operator.ts").replace(":hold`", ":held`");
    workspace.replace("packs/holder/operator.ts", &code);
    dev.wait_for("holder");
    workspace.write("fixtures/orders.jsonl", order(7));
    dev.wait_for("key=holder:SO-7:held");
    dev.stop();
}

#[test]
fn two_versions_are_compared_and_too_small_a_rise_fails() {
    let workspace = with_pack();
    let old = workspace.path("packs/holder");
    let new = workspace.path("new");
    super::harness::copy(&old, &new);
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let said = workspace.run(&["diff", old, new]);
    assert!(said.code == 0 && said.out.contains("OK needs none, declares none"), "{said:?}");
    let code = workspace.read("new/operator.ts").replace(":hold`", ":held`");
    workspace.write("new/operator.ts", code);
    workspace.write("new/index.ts", workspace.read("new/index.ts").replace("1.2.0", "1.3.0"));
    let said = workspace.run(&["diff", old, new]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(
        said.out.starts_with("HOLD needs 2.0.0 (major), declares 1.3.0 (minor) · op-holder 1.2.0 › 1.3.0\n"),
        "{said:?}"
    );
    assert!(
        said.out.contains("idempotency_key: was \"holder:SO-1:hold\", is \"holder:SO-1:held\" · breaks dedup"),
        "{said:?}"
    );
    let said = workspace.run(&["diff", old, new, "--json"]);
    let first: Value = serde_json::from_str(said.out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["required"], &first["declared"], &first["ok"]),
        (&"major".into(), &"minor".into(), &false.into())
    );
    assert_eq!((said.code, &first["breaks_dedup"]), (4, &1.into()), "{said:?}");
    assert_eq!(workspace.run(&["diff", old, "nowhere"]).code, 2);
    workspace.write("new/index.ts", "export default 1;\n");
    assert_eq!(workspace.run(&["diff", old, new]).code, 4);
    assert!(!workspace.path(".fibric").exists(), "a comparison writes nothing");
}

#[test]
fn two_git_revisions_of_a_pack_are_compared_without_a_checkout() {
    let workspace = with_pack();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let git = std::process::Command::new("git").args(identity).args(args).current_dir(workspace.path("")).output();
        assert!(git.as_ref().unwrap().status.success(), "{git:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    workspace.write("packs/holder/index.ts", workspace.read("packs/holder/index.ts").replace("1.2.0", "1.2.1"));
    workspace
        .write("packs/holder/guardrails.ts", "export const defaults = [{ tool: 'order.hold', decision: 'ALERT' }];\n");
    let pack = workspace.path("packs/holder");
    let pack = pack.to_str().unwrap();
    let said = workspace.run(&["diff", pack, "HEAD", "."]);
    assert!(said.code == 4 && said.out.contains("op-holder 1.2.0 › 1.2.1"), "{said:?}");
    assert!(said.out.contains("guardrail defaults changed"), "{said:?}");
    git(&["commit", "-qam", "two"]);
    let said = workspace.run(&["diff", pack, "HEAD~1", "HEAD"]);
    assert!(said.code == 4 && said.out.contains("op-holder 1.2.0 › 1.2.1"), "{said:?}");
    assert!(said.out.contains("@HEAD/fixtures/orders.jsonl:1"), "files are named by their version: {said:?}");
    for odd in ["-x", "nope", "HEAD:packs"] {
        assert_eq!(workspace.run(&["diff", pack, "HEAD", odd]).code, 2, "{odd}");
    }
}

#[test]
fn a_new_pack_passes_its_own_check_and_runs() {
    let workspace = Workspace::bare();
    workspace.write("connectors/cn-acts.ts", connector("cn-acts", &["order.hold", "notify.send"]));
    workspace.write("policy/trust.yaml", "- { tool: notify.send, decision: ALERT }\n");
    let folder = workspace.path("packs/late-orders");
    let folder = folder.to_str().unwrap();
    let said = workspace.run(&["init", folder, "--template", "operator"]);
    assert!(
        said.code == 0 && said.out.ends_with(&format!("check it with: fibric publish --check {folder}\n")),
        "{said:?}"
    );
    let said = workspace.run(&["publish", "--check", folder]);
    assert!(said.code == 0 && said.err.is_empty() && !said.out.contains("warning"), "{said:?}");
    assert!(said.out.contains("def         op-late-orders@0.1.0  ai-operator"), "{said:?}");
    let said = workspace.run(&["dev", "replay", &format!("{folder}/fixtures")]);
    assert!(said.code == 0, "{said:?}");
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!((receipts.len(), &receipts[0]["operator_version"]), (1, &"op-late-orders@0.1.0".into()));
    let again = workspace.run(&["init", folder, "--template", "operator"]);
    assert!(again.code == 2 && again.err.contains("is there already, and not empty"), "{again:?}");
    assert_eq!(workspace.run(&["init", "x", "--template", "operator", "--name", "No Slug"]).code, 2);
}

#[test]
fn a_connector_that_travels_along_is_taken_up_and_reaches_nothing_outside_the_pack() {
    let workspace = with_pack();
    workspace.remove("connectors/cn-acts.ts");
    workspace.write("lib/secret.ts", "export const secret = 'outside';\n");
    let bundled = "packs/holder/connectors/cn-acts.ts";
    workspace.write(bundled, connector("cn-acts", &["order.hold", "notify.send"]));
    let mut dev = workspace.dev(&["--no-play"]);
    workspace.replace(bundled, &connector("cn-acts", &["order.hold", "notify.send", "order.release"]));
    dev.wait_for("loaded connector cn-acts@1.0.0 (3 tools)");
    let outside = format!(
        "import {{ secret }} from '../../../lib/secret';\nconsole.log(secret);\n{}",
        connector("cn-acts", &["order.hold"])
    );
    workspace.replace(bundled, &outside);
    dev.wait_for("reload failed connector cn-acts");
    dev.stop();
}
