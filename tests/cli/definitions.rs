//! What a definition must be before it is taken in: what acts says so, names are one by one, and packs only propose.

use super::harness::{HOLDS, Workspace, connector, operator, order};

/// A connector with these tools, each without a comma at its end.
fn with_tools(head: &str, tools: &[&str]) -> String {
    format!(
        "import {{ auth, defineConnector }} from '@fibric/sdk';\nexport default defineConnector({{\n  id: 'cn-x', \
         {head}\n  tools: {{\n    {}\n  }},\n}} as any);\n",
        tools.join(",\n    ")
    )
}

fn loads(workspace: &Workspace, source: &str) -> Result<(), String> {
    workspace.write("connectors/cn-x.ts", source);
    let said = workspace.run(&["dev", "replay", "fixtures", "--propose-only", "--strict"]);
    if said.code == 0 { Ok(()) } else { Err(format!("{} {}", said.code, said.err)) }
}

const AUTH: &str = "auth: auth.none(), version: '1.0.0', summary: 'Does it.',";

#[test]
fn what_acts_and_does_not_say_so_does_not_load() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("fibric.toml", "[capabilities]\nadd = [\"crate.open\"]\n\"crate.look\" = \"reads\"\n");
    let tool =
        |capability: &str, more: &str| format!("'{capability}': {{ run: () => 1, input: {{ type: 'object' }}{more} }}");
    for (capability, more, fits) in [
        ("notify.send", "", false),
        ("notify.send", ", sideEffecting: false", false),
        ("notify.send", ", sideEffecting: true", true),
        ("orders.refund", "", false),
        ("order.read", "", true),
        ("order.read", ", sideEffecting: true", true),
        ("crate.open", "", false),
        ("crate.open", ", sideEffecting: true", true),
        ("crate.look", "", true),
    ] {
        match loads(&workspace, &with_tools(AUTH, &[&tool(capability, more)])) {
            Ok(()) => assert!(fits, "{capability}{more} loads"),
            Err(said) => {
                assert!(!fits, "{capability}{more}: {said}");
                assert!(
                    said.contains(&format!("provides `{capability}`, which acts, but is not `sideEffecting: true`")),
                    "{said}"
                );
                assert!(said.contains("connectors/cn-x.ts:5:6"), "{said}");
            }
        }
    }
}

#[test]
fn an_undefined_flag_never_lets_a_tool_be_sensed() {
    for flag in ["undefined", "NaN", "null", "Symbol()", "0", "'true'", "new Boolean(true)", "1n", "() => true"] {
        let workspace = Workspace::small();
        workspace.write("fixtures/a.jsonl", order(1));
        let tool = format!(
            "'notify.send': {{ input: {{ type: 'object' }}, sideEffecting: {flag}, run: () => {{ console.log('FIRED'); return 1; }} }}"
        );
        workspace.write("connectors/cn-x.ts", with_tools(AUTH, &[&tool]));
        let body =
            "return { reasoning: await ctx.sense('notify.send', {}).catch((error: any) => `${error}`), actions: [] };";
        let senses = operator("holder", "order.*", body).replace("['order.hold']", "['notify.send']");
        workspace.write("operators/holder.ts", senses);
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        assert!(said.err.contains("`sideEffecting` of tool `notify.send`"), "{flag}: {}", said.err);
        let journal = workspace.run(&["events", "tail", "--json"]).out;
        assert!(!journal.contains("FIRED"), "{flag}: {journal}");
    }
}

#[test]
fn what_the_contract_asks_of_a_definition() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let read = "'ticket.read': { run: () => 1 }";
    let head = |version: &str| format!("auth: auth.none(), summary: 'Does it.', version: {version},");
    let pack = "category: 'ai-operator', auth: auth.none(),";
    let acts = "'notify.send': { sideEffecting: true, handler: () => {} }";
    for (source, told) in [
        (
            with_tools(AUTH, &[read, "'tickets.read': { run: () => 1 }"]),
            "`ticket.read` and `tickets.read` are one name",
        ),
        (with_tools(AUTH, &[acts]), "has side effects and no `input`"),
        (with_tools(&head("'not-semver'"), &[read]), "`version` is not a semantic version: `not-semver`"),
        (with_tools(&head("'1.2'"), &[read]), "`version` is not a semantic version"),
        (with_tools(&head("'01.2.3'"), &[read]), "`version` is not a semantic version"),
        (with_tools(&head("undefined"), &[read]), "`version` of a connector is undefined"),
        (
            with_tools(pack, &["'notify.send': { sideEffecting: false, handler: () => {} }"]),
            "an ai-operator only proposes",
        ),
        (
            with_tools("category: 'ai-operator', auth: auth.bearer({ secret: 'T' }),", &[acts]),
            "an ai-operator has credentials",
        ),
    ] {
        let said = loads(&workspace, &source).unwrap_err();
        assert!(said.contains(told) && said.contains("connectors/cn-x.ts"), "{told}: {said}");
    }
    for source in [
        with_tools(&head("'1.2.3-beta.1+build.5'"), &[read]),
        with_tools(&head("null"), &[read]),
        with_tools(pack, &[acts]),
    ] {
        loads(&workspace, &source).unwrap();
    }
    let long = with_tools("auth: auth.none(), summary: 'One. Two. Three.',", &[read]);
    workspace.write("connectors/cn-x.ts", long);
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("warning: the summary of cn-x has 3 sentences"), "{}", said.err);
}

#[test]
fn an_ai_operator_provides_nothing() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("operators/holder.ts", operator("holder", "order.*", HOLDS));
    let pack = with_tools(
        "category: 'ai-operator', auth: auth.none(),",
        &["'order.hold': { sideEffecting: true, handler: () => {} }"],
    );
    workspace.write("connectors/cn-x.ts", pack);
    workspace.ok(&["dev", "replay", "fixtures"]);
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!(
        (receipts[0]["outcome"].as_str(), receipts[0]["connector"].as_str()),
        (Some("applied"), Some("cn-acts"))
    );
    let listed = workspace.ok(&["capabilities", "ls", "--used"]);
    assert!(listed.contains("order.hold                    acts   also orders.hold  bound to cn-acts"), "{listed}");
    workspace.write("fibric.toml", "[bindings]\n\"order.hold\" = \"cn-x\"\n");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("`cn-x`, which is an ai-operator: it provides nothing"), "{}", said.err);
}

#[test]
fn a_capability_says_what_it_does() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "[capabilities]\n\"crate.look\" = \"reads\"\n\"crate.open\" = \"acts\"\n");
    let listed = workspace.ok(&["capabilities", "ls", "--json"]);
    let effect = |name: &str| {
        let row = listed.lines().find(|row| row.contains(&format!("\"capability\":\"{name}\""))).unwrap();
        serde_json::from_str::<serde_json::Value>(row).unwrap()["effect"].as_str().unwrap().to_owned()
    };
    assert_eq!(effect("order.read"), "reads");
    assert_eq!(effect("notify.send"), "acts");
    assert_eq!((effect("crate.look").as_str(), effect("crate.open").as_str()), ("reads", "acts"));
    workspace.write("fibric.toml", "[capabilities]\n\"crate.look\" = \"looks\"\n");
    let said = workspace.run(&["capabilities", "ls"]);
    assert!(said.code == 2 && said.err.contains("fibric.toml:2"), "{said:?}");
    workspace.write("fibric.toml", "[capabilities]\n\"order.hold\" = \"reads\"\n");
    assert_eq!(workspace.run(&["capabilities", "ls"]).code, 2);
}

#[test]
fn long_lists_are_refused_at_once_and_unknown_names_are_counted() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let requires = |list: &str| operator("holder", "order.*", HOLDS).replace("['order.hold']", list);
    workspace.write("operators/holder.ts", requires("new Array(200000).fill('order.hodl')"));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("`requires` of an operator has 200000 entries, the limit is 1000"), "{}", said.err);
    workspace.write("operators/holder.ts", requires("Array.from({ length: 1000 }, (_, n) => `ordr.hodl${n}`)"));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("980 more"), "{}", said.err);
    assert_eq!(said.err.matches("requires `ordr.hodl").count(), 20, "{}", said.err);
}

#[test]
fn keys_of_a_megabyte_of_blanks_or_with_controls_are_refused() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    for key in ["'k'.repeat(1 << 20)", "'   '", "'a\\0b'", "'a\\u009bb'", "'a\\nb'"] {
        let body = format!(
            "return {{ actions: [{{ tool: 'order.hold', args: {{}}, entity_key: 'e', idempotency_key: {key} }}] }};"
        );
        workspace.write("operators/holder.ts", operator("holder", "order.*", &body));
        workspace.run(&["dev", "replay", "fixtures"]);
        let receipts = workspace.state("receipts.jsonl");
        let last = receipts.last().unwrap();
        assert_eq!(last["verdict"]["decision"], "BLOCK", "{key}");
        let reason = last["verdict"]["reason"].as_str().unwrap();
        assert!(reason.starts_with("validate: ") && reason.contains("`idempotency_key`"), "{reason}");
        assert!(last["idempotency_key"].as_str().unwrap().len() <= 512);
    }
    // A connector that is whole goes on.
    workspace.write("connectors/cn-more.ts", connector("cn-more", &["page.send"]));
    workspace.ok(&["dev", "replay", "fixtures"]);
}
