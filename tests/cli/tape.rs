//! What operators sense and reason on tape: recorded, played again, and missed.

use std::fs;

use serde_json::Value;

use crate::harness::{Said, Workspace, envelope, operator, order};

const SENSE: &str = "fixtures/recordings/sense.jsonl";
const REASON: &str = "fixtures/recordings/reason.jsonl";

/// A connector whose reads can be told from each other and from those of another version.
fn book(version: u32) -> String {
    format!(
        "import {{ auth, defineConnector, tool }} from '@fibric/sdk';\nexport default defineConnector({{\n  name: \
         'cn-book', summary: 'Reads.', version: '1.0.0', category: 'oms', publisher: 'acme', auth: auth.none(),\n  tools: \
         [\n    tool({{ name: 'read', capability: 'order.read', summary: 'Reads.', input: {{ type: 'object' }}, async run({{ input \
         }}) {{\n      if (input.order_id === 'SO-9') throw new Error('no such order');\n      return {{ id: input.order_id, \
         version: {version} }};\n    }} }}),\n  ],\n}});\n"
    )
}

/// An operator that reads an order and lets its stub judge it.
fn asker(name: &str, goal: &str, body: &str, stub: &str) -> String {
    format!(
        "import {{ defineOperator }} from '@fibric/sdk';\nexport default defineOperator({{\n  name: '{name}',\n  goal: \
         '{goal}',\n  requires: ['order.hold', 'order.read'],\n  trigger: {{ on: 'order.*' }},\n  async run(ctx) {{\n    const \
         {{ order_id }} = ctx.envelope.payload;\n    {body}\n  }},\n  stub({{ id, version }}) {{ {stub} }},\n}});\n"
    )
}

const READS: &str = "const order = await ctx.sense('orders.read', { order_id });\n    return ctx.reason(order);";

const STUB: &str = "return { reasoning: `v${version}`, actions: [{ tool: 'order.hold', args: { order_id: id }, entity_key: \
                    `order:${id}`, idempotency_key: `holder:${id}:hold` }] };";

fn workspace() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("connectors/cn-book.ts", book(1));
    workspace.write("operators/holder.ts", asker("holder", "hold", READS, STUB));
    workspace.write("fixtures/a.jsonl", [order(1), order(2), order(1)].concat());
    workspace
}

fn recorded() -> Workspace {
    let workspace = workspace();
    workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    workspace
}

fn play(workspace: &Workspace, more: &[&str]) -> Said {
    workspace.run(&[&["dev", "replay", "fixtures", "--reasoner", "recorded"], more].concat())
}

#[test]
fn what_is_recorded_is_played_again_without_tools_and_stubs() {
    let workspace = workspace();
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.contains(&format!("recorded 2 answers in {SENSE}: 2 added\n")), "{said}");
    assert!(said.ends_with(&format!("recorded 2 answers in {REASON}: 2 added\n")), "{said}");
    let (sense, reason) = (workspace.read(SENSE), workspace.read(REASON));
    assert!(sense.contains(
        r#""request":{"args":{"order_id":"SO-1"},"capability":"order.read","connector":"cn-book"},"answer":{"id":"SO-1","version":1}}"#
    ));
    assert!(reason.contains(r#""request":{"goal":"hold","input":{"id":"SO-1","version":1},"prompt":null},"answer":{"#));
    for text in [&sense, &reason] {
        assert!(text.lines().is_sorted() && text.lines().all(|line| line.starts_with(r#"{"version":1,"digest":""#)));
    }
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert_eq!(said.matches("nothing to record: ").count(), 3, "{said}");
    // Neither the tool nor the stub is what answers now.
    workspace.write("connectors/cn-book.ts", book(2));
    workspace.write("operators/holder.ts", asker("holder", "hold", READS, "throw new Error('asked');"));
    let said = play(&workspace, &["--strict"]);
    assert!(said.code == 0 && said.out.contains("golden: 3 plans as recorded\n"), "{said:?}");
    let proposed = |said: &str| -> Vec<Value> {
        let entries = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries.filter_map(|entry| entry.pointer("/fact/proposed").cloned()).collect()
    };
    let plans = proposed(&play(&workspace, &["--json"]).out);
    assert_eq!(plans[0]["reads"][0]["recorded"], true);
    assert_eq!(plans[0]["reasoned"][0]["from"], "recorded");
    let digest = plans[0]["reasoned"][0]["digest"].as_str().unwrap();
    assert!(reason.contains(digest));
    // By itself, a replay asks tools and stubs.
    let said = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
    assert!(said.code == 5 && said.out.contains("asked"), "{said:?}");
}

#[test]
fn a_miss_fails_its_envelope_and_names_the_nearest_recording_whatever_author_code_makes_of_it() {
    let workspace = recorded();
    workspace.remove("fixtures/recordings/a.jsonl.plans.jsonl");
    let caught = "try { await ctx.sense('order.read', { order_id }); } catch {}\n    return { actions: [] };";
    for body in [READS, caught] {
        workspace.write("operators/holder.ts", asker("holder", "hold", body, STUB));
        workspace.write("fixtures/a.jsonl", [order(1), order(3)].concat());
        let line = 1 + workspace.read(SENSE).lines().position(|line| line.contains("SO-1")).unwrap();
        let other = 1 + workspace.read(SENSE).lines().position(|line| line.contains("SO-2")).unwrap();
        let said = play(&workspace, &["--propose-only"]);
        assert_eq!(said.code, 0, "{said:?}");
        let (line, id) = if line < other { (line, "SO-1") } else { (other, "SO-2") };
        let told = format!(
            "error: holder: this read is not recorded; nearest is line {line}: args.order_id: recorded \"{id}\", asked \
             \"SO-3\"\n--> {SENSE}:{line}\n"
        );
        assert!(said.out.contains(&told), "{told}\n{}", said.out);
    }
    workspace.write("operators/holder.ts", asker("holder", "keep", READS, STUB));
    workspace.write("fixtures/a.jsonl", order(1));
    let said = play(&workspace, &["--strict"]);
    assert!(said.out.contains("goal: recorded \"hold\", asked \"keep\""), "{said:?}");
    assert!(said.err.contains("strict: 1 plan was not to be had from the recordings"), "{said:?}");
    assert_eq!(said.code, 1, "{said:?}");
    let receipts = workspace.state("receipts.jsonl").len();
    play(&workspace, &[]);
    assert_eq!(workspace.state("receipts.jsonl").len(), receipts, "what is missed disposes of nothing");
    workspace.remove(REASON);
    let said = play(&workspace, &[]);
    assert!(said.out.contains(&format!("is not recorded; there is no `{REASON}`\n")), "{said:?}");
    // Live lines and the console's entry say the same.
    let lines = workspace.ok(&["dev", "--plain", "--once", "--reasoner", "recorded"]);
    assert!(lines.contains("failed holder\n") && lines.contains("holder: this question is not recorded"), "{lines}");
}

#[test]
fn errors_of_reads_are_recorded_too() {
    let workspace = workspace();
    workspace.write("fixtures/a.jsonl", order(9));
    let told = "try { await ctx.sense('order.read', { order_id }); } catch (error) { return { reasoning: error.message, \
                actions: [] }; }\n    return { actions: [] };";
    workspace.write("operators/holder.ts", asker("holder", "hold", told, STUB));
    workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(workspace.read(SENSE).contains(r#""error":""#) && workspace.read(SENSE).contains("no such order"));
    workspace.write("connectors/cn-book.ts", book(1).replace("SO-9", "SO-0"));
    let said = play(&workspace, &["--strict"]);
    assert!(said.code == 0 && said.out.contains("no such order"), "{said:?}");
}

#[test]
fn a_damaged_line_is_told_and_only_what_it_held_is_missed() {
    let workspace = recorded();
    let whole = workspace.read(SENSE);
    for (from, to, told) in [
        ("\"version\":1", "\"version\":2", "its `version` is 2, and this `fibric` reads 1"),
        ("SO-1", "SO-7", "`digest` is not that of the request"),
        ("{\"version\"", "{\"version", "this line is no recording: "),
    ] {
        let line = whole.lines().position(|line| line.contains("SO-1")).unwrap();
        let lines: Vec<_> = whole.lines().collect();
        let mut broken: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        broken[line] = broken[line].replace(from, to);
        workspace.write(SENSE, broken.join("\n"));
        let said = play(&workspace, &["--strict"]);
        assert!(said.err.contains(told) && said.err.contains(&format!("{SENSE}:{}", line + 1)), "{told}: {said:?}");
        assert!(said.err.contains("1 file of recordings cannot be read whole"), "{said:?}");
        assert!(said.out.contains("golden: 1 plan as recorded · 2 not\n"), "{said:?}");
        let before = workspace.read(SENSE);
        let said = workspace.run(&["dev", "replay", "fixtures", "--record"]);
        assert!(said.code == 1 && said.err.contains("so none can be added to it"), "{said:?}");
        assert_eq!(workspace.read(SENSE), before, "what cannot be read is not lost");
    }
}

#[test]
fn recordings_are_beside_the_fixture_file_and_those_of_others_stay() {
    let workspace = recorded();
    let (sense, reason) = (workspace.read(SENSE), workspace.read(REASON));
    workspace.write("more/b.jsonl", order(4));
    workspace.ok(&["dev", "replay", "more/b.jsonl", "--record"]);
    assert_eq!((workspace.read(SENSE), workspace.read(REASON)), (sense.clone(), reason));
    assert!(workspace.read("more/recordings/sense.jsonl").contains("SO-4"));
    let said = workspace.ok(&["dev", "replay", "more/b.jsonl", "fixtures", "--reasoner", "recorded", "--strict"]);
    assert!(said.contains("golden: 4 plans as recorded\n"), "{said}");
    // One envelope changes one line.
    workspace.write("connectors/cn-book.ts", book(2));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record", "--where", "corr:0001*"]);
    assert!(said.contains(&format!("recorded 2 answers in {SENSE}: 1 changed\n")), "{said}");
    let now = workspace.read(SENSE);
    assert_eq!(now.lines().filter(|line| !sense.contains(*line)).count(), 1);
}

#[test]
fn what_cannot_be_recorded_is_said() {
    let workspace = workspace();
    // Two operators that ask the same and answer differently.
    workspace.write("operators/other.ts", asker("other", "hold", READS, &STUB.replace("holder:", "other:")));
    let said = workspace.run(&["dev", "replay", "fixtures", "--record"]);
    assert!(
        said.err.contains("holder and other ask the reasoner the same, and their stubs answer differently"),
        "{said:?}"
    );
    workspace.remove("operators/other.ts");
    // A plan whose stub gave what has no JSON form.
    fs::remove_dir_all(workspace.path("fixtures/recordings")).unwrap();
    let body = format!("{};\n    return {{ actions: [] }};", READS.replace("return ctx", "await ctx"));
    workspace.write("operators/holder.ts", asker("holder", "hold", &body, "return { n: NaN };"));
    let said = workspace.run(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.err.contains("what the stub of holder answered has no exact form in JSON"), "{said:?}");
    assert!(!workspace.path(REASON).exists());
    let said = workspace.run(&["dev", "replay", "fixtures", "--record", "--reasoner", "recorded"]);
    assert!(said.code == 2 && said.err.contains("cannot be recorded from them"), "{said:?}");
}

#[test]
fn a_rule_file_answers_where_there_is_no_stub() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "[reasoner]\nrules = \"reasoning.json\"\n");
    let body = "return ctx.reason(ctx.envelope.payload);";
    workspace.write("operators/holder.ts", operator("holder", "order.*", body));
    let rules = r#"[
  { "operator": "holder", "when": { "total": { "at_most": 100 } },
    "plan": { "actions": [{ "tool": "order.hold", "args": { "order_id": "${order_id}" }, "value": "${total}",
                            "entity_key": "order:${order_id}", "idempotency_key": "holder:${order_id}:hold" }] } }
]"#;
    workspace.write("reasoning.json", rules);
    let fixture = |total: &str| envelope(1, "order.created", &format!("{{\"order_id\":\"SO-1\",\"total\":{total}}}"));
    workspace.write("fixtures/a.jsonl", fixture("99.5"));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--strict"]);
    assert!(said.contains("plan proposed: 1 action · rule reasoning.json:2 · written"), "{said}");
    workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    workspace.write("fibric.toml", "[reasoner]\nkind = \"recorded\"\n");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--strict"]);
    assert!(said.contains("plan proposed: 1 action · recording "), "{said}");
    workspace.write("fibric.toml", "[reasoner]\nrules = \"reasoning.json\"\n");
    workspace.write("fixtures/a.jsonl", fixture("100.01"));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    let part = "none of its 1 rule for holder speaks of this input; nearest is line 2: `total` is 100.01, wanted is at most 100";
    assert!(said.out.contains(part), "{said:?}");
    workspace.write("reasoning.json", rules.replace("\"plan\"", "\"pln\""));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("unknown field `pln` in a rule") && said.err.contains("reasoning.json:3:5"), "{said:?}");
    workspace.write("fibric.toml", "[reasoner]\nrules = \"/etc/passwd\"\n");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 2 && said.err.contains("is not a path below the workspace"), "{said:?}");
}

#[test]
fn a_saved_rule_file_runs_the_latest_envelope_again() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "[reasoner]\nrules = \"reasoning.json\"\n");
    workspace.write("operators/holder.ts", operator("holder", "order.*", "return ctx.reason(ctx.envelope.payload);"));
    workspace.write("reasoning.json", r#"[{ "plan": { "actions": [] } }]"#);
    workspace.write("fixtures/a.jsonl", order(1));
    let mut dev = workspace.dev(&[]);
    dev.wait_for("plan holder refusal, 0 actions (proposed nothing) · rule reasoning.json:1");
    workspace.replace("reasoning.json", "[\n  { \"plan\": { \"actons\": [] } }\n]");
    dev.wait_for("unknown field `actons` in a plan");
    workspace.replace("reasoning.json", "[\n  { \"plan\": { \"actions\": [] } }\n]");
    dev.wait_for("fixed ");
    dev.wait_for("plan holder refusal, 0 actions (proposed nothing) · rule reasoning.json:2");
    dev.stop();
}

#[test]
fn commands_that_only_look_reach_no_model() {
    let workspace = recorded();
    workspace
        .write("fibric.toml", "[reasoner]\nkind = \"model\"\nbase_url = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n");
    let said = workspace.ok(&["policy", "impact", "--policy", "policy/trust.yaml", "--against", "fixtures"]);
    assert!(!said.contains("cannot be reached"), "{said}");
}
