//! Packs as authors write them, sound and broken, through the check.

use std::path::PathBuf;

use super::*;
use crate::report::check::text;
use crate::report::diagnostics::Style;

const ENVELOPE: &str = r#"{"event_id":"E","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"s","event_type":"order.created","correlation_id":"c","payload":P,"agent_id":null,"session_id":null}"#;

/// The manifest page's pack, with an operator and three fixtures, in a folder of its own.
struct Example(tempfile::TempDir);

impl Example {
    fn new() -> Self {
        let pack = Self(tempfile::tempdir().unwrap());
        pack.write(
            "index.ts",
            "import { defineConnector, tool, none } from '@fibric/connector-sdk';\nexport default defineConnector({\n\
             id: 'op-order-risk',\nversion: '1.0.0',\ncategory: 'ai-operator',\npublisher: 'partner',\nauth: none(),\n\
             tools: {\n'order.hold': tool({ sideEffecting: true, handler: () => {} }),\n\
             'notify.send': tool({ sideEffecting: true, handler: () => {} }),\n},\n});\n",
        );
        pack.write(
            "prompt.md",
            "# Goal\nHold orders that will be late.\n# Constraints\nWithout conversations.read, be silent of it.\n\
             # Output\nThe shape, with the convention:\norder-risk:<order_id>:<action>\n# Refusal\nNo date.\n",
        );
        pack.write(
            "guardrails.ts",
            "import type { TrustPolicy } from '@fibric/sdk';\nexport const defaults: TrustPolicy[] = [\n\
             { tool: 'order.hold', decision: 'ALLOW' },\n{ tool: 'notify.send', decision: 'ALERT' },\n];\n",
        );
        pack.write(
            "requires.json",
            r#"{ "requires": [
{ "capability": "orders.read", "why": "order state and promise dates" },
{ "capability": "orders.hold", "why": "the action the pack proposes" },
{ "capability": "conversations.read", "why": "support context per order", "optional": true },
{ "capability": "notify.send", "why": "operator notices to the ops channel" } ] }"#,
        );
        pack.write(
            "listing.json",
            r#"{ "tagline": "Hold late orders.", "senses": ["a", "b", "c"], "acts": ["order.hold"], "worksWith": [],
"pricing": { "model": "per-operator-monthly", "from_usd_month": 49, "trial": { "mode": "propose-only", "days": 14 } } }"#,
        );
        pack.write(
            "operator.ts",
            "import { defineOperator } from '@fibric/sdk';\nexport default defineOperator({ name: 'order-risk', goal: 'g',\n\
             requires: ['orders.read', 'orders.hold', 'notify.send'], trigger: { on: 'order.*' },\n\
             async run(ctx) {\nconst { id } = ctx.envelope.payload;\nif (!id) return { actions: [] };\n\
             return { actions: [{ tool: 'order.hold', args: { id }, entity_key: 'order:' + id,\n\
             idempotency_key: `order-risk:${id}:hold` }] };\n} });\n",
        );
        let fixture = |id: &str, payload: &str| ENVELOPE.replacen('E', id, 1).replacen('P', payload, 1) + "\n";
        pack.write("fixtures/a.jsonl", fixture("e1", r#"{"id":"SO-1"}"#) + &fixture("e2", r#"{"id":"SO-2"}"#));
        pack.write("fixtures/refusal.jsonl", fixture("e3", "{}"));
        pack
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{from} in {name}");
        self.write(name, text.replacen(from, to, 1));
    }

    fn check(&self) -> Check {
        check(Workspace::around(self.0.path()).unwrap(), self.0.path(), false)
    }

    /// The first fault of the only part that fails, but for those that hang on the definition.
    fn fails(&self, part: Part) -> Diagnostic {
        let check = self.check();
        let hangs = |other: Part| part == Part::Def && matches!(other, Part::Auth | Part::Tools | Part::Fixtures);
        let failed: Vec<_> = check.lines.iter().filter(|line| line.failure().is_some() && !hangs(line.part)).collect();
        assert_eq!(failed.iter().map(|line| line.part).collect::<Vec<_>>(), [part], "{check:?}");
        failed[0].failure().unwrap().clone()
    }
}

/// Words and numbers, however they are spaced.
fn squeezed(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_documented_pack_passes_with_the_documented_lines() {
    let pack = Example::new();
    let check = pack.check();
    let expected = [
        "def op-order-risk@1.0.0 ai-operator ok",
        "auth none() ok (required for ai-operator)",
        "tools 2 declared, all sideEffecting ok",
        "prompt.md 4 sections present ok",
        "guardrails 2 rules parse as TrustPolicy[] ok",
        "requires 4 capabilities, 1 optional ok (all in shared vocabulary)",
        "listing pricing per-operator-monthly $49 ok",
        "fixtures 3 envelopes replay to valid plans ok",
        "check passed. publish with: fibric publish packs/order-risk",
    ];
    assert_eq!(squeezed(&text(&check, "packs/order-risk", Style::Plain)), expected);
    assert_eq!((check.gate.refusals, check.gate.unrouted), (1, 0));
}

#[test]
fn each_part_fails_for_what_is_wrong_with_it_and_says_where() {
    let table: [(Part, &str, &str, &str, &str, u32); 14] = [
        (Part::Def, "index.ts", "version: '1.0.0',\n", "", "a pack has a `version`", 3),
        (
            Part::Def,
            "operator.ts",
            "'order-risk'",
            "'risk'",
            "the operator is named `risk`, and its pack's is `order-risk`",
            2,
        ),
        (
            Part::Def,
            "operator.ts",
            "'orders.read'",
            "'zone.read'",
            "the operator requires `zone.read`, which `requires.json` does not name",
            3,
        ),
        (
            Part::Prompt,
            "prompt.md",
            "conversations.read",
            "them",
            "`conversations.read` is optional, and the prompt does not name it",
            0,
        ),
        (
            Part::Guardrails,
            "guardrails.ts",
            "'order.hold'",
            "'order.refund'",
            "rule 1 is about `order.refund`, which the pack does not propose",
            3,
        ),
        (Part::Guardrails, "guardrails.ts", "'ALERT'", "'ALERTS'", "", 4),
        (Part::Requires, "requires.json", "conversations.read", "conversations.raed", "", 4),
        (Part::Requires, "requires.json", "[\n", "[ // why\n", "", 1),
        (Part::Listing, "listing.json", "49", "29", "`from_usd_month` is 29, and operator packs start at 49", 2),
        (Part::Listing, "listing.json", "\"a\", ", "", "`senses` has 2 lines, expected 3", 1),
        (
            Part::Fixtures,
            "operator.ts",
            "order-risk:$",
            "risk:$",
            "e1: `risk:SO-1:hold` does not follow `order-risk:<order_id>:<action>`: part 1 of the key is `risk`, the \
             convention has `order-risk` there",
            1,
        ),
        (
            Part::Fixtures,
            "operator.ts",
            "tool: 'order.hold'",
            "tool: 'order.refund'",
            "e1: `order.refund` is proposed, which is not among the tools of `index.ts`",
            1,
        ),
        (
            Part::Fixtures,
            "operator.ts",
            "trigger: { on: 'order.*' }",
            "trigger: { on: 'zone.*' }",
            "no fixture is routed to the operator",
            0,
        ),
        (Part::Fixtures, "operator.ts", "return { actions: [] }", "throw new Error('no id')", "", 1),
    ];
    for (part, file, from, to, message, line) in table {
        let pack = Example::new();
        pack.replace(file, from, to);
        let fault = pack.fails(part);
        assert!(message.is_empty() || fault.message == message, "{file} {to}: {fault:?}");
        assert!(line == 0 || fault.line == Some(line), "{file} {to}: {fault:?}");
    }
}

#[test]
fn a_pack_has_no_credentials_reads_nothing_itself_and_is_an_operator() {
    let pack = Example::new();
    pack.replace("index.ts", "none()", "{ kind: 'bearer', secret: 'TOKEN' }");
    let check = pack.check();
    assert!(check.failed() > 0 && check.lines[0].failure().is_some(), "{check:?}");
    let pack = Example::new();
    pack.replace("index.ts", "'ai-operator'", "'crm'");
    let faults = &pack.check().lines[0].faults;
    assert!(faults.iter().any(|fault| fault.message.contains("not of the category `ai-operator`")), "{faults:?}");
    let pack = Example::new();
    pack.replace("index.ts", "'order.hold': tool({ sideEffecting: true,", "'order.hold': tool({");
    assert!(pack.check().failed() > 0);
}

#[test]
fn a_corpus_that_never_refuses_is_a_warning_and_none_at_all_a_fault() {
    let pack = Example::new();
    std::fs::remove_file(pack.path("fixtures/refusal.jsonl")).unwrap();
    let check = pack.check();
    assert_eq!(check.failed(), 0);
    assert!(check.lines[7].faults[0].message.contains("no fixture produces an empty plan"), "{check:?}");
    std::fs::remove_dir_all(pack.path("fixtures")).unwrap();
    assert_eq!(pack.fails(Part::Fixtures).message, "there are no fixtures");
    std::fs::remove_file(pack.path("listing.json")).unwrap();
    assert_eq!(pack.check().failed(), 2);
    let private = check_private(&pack);
    assert_eq!((private.failed(), private.lines.len()), (0, 6), "{private:?}");
}

fn check_private(pack: &Example) -> Check {
    check(Workspace::around(pack.0.path()).unwrap(), pack.0.path(), true)
}

#[test]
fn a_pack_without_code_asks_the_reasoner_about_every_envelope() {
    let pack = Example::new();
    std::fs::remove_file(pack.path("operator.ts")).unwrap();
    // Nothing answers it here, which is said of each fixture.
    let fault = pack.fails(Part::Fixtures);
    assert!(fault.message.contains("nothing answers `ctx.reason`: operator order-risk"), "{fault:?}");
}

#[test]
fn what_is_hostile_is_a_sentence_and_nothing_worse() {
    let says = |make: &dyn Fn(&Example), part: Part, message: &str| {
        let pack = Example::new();
        make(&pack);
        let check = pack.check();
        let line = check.lines.iter().find(|line| line.part == part).unwrap();
        let fault = line.failure().unwrap_or_else(|| panic!("{part:?} {message}: {check:?}"));
        assert!(fault.message.contains(message), "{fault:?}");
        check
    };
    let check = says(&|pack| pack.write("index.ts", "throw new Error('no')"), Part::Def, "no");
    assert!(check.author_failed);
    let check = says(&|pack| pack.write("index.ts", "for (;;) {}"), Part::Def, "longer than");
    assert!(check.author_failed);
    says(&|pack| pack.write("listing.json", b"{\"tagline\": \"\xff\"}"), Part::Listing, "not UTF-8");
    says(&|pack| pack.write("prompt.md", "x".repeat(5 << 20)), Part::Prompt, "cannot read `prompt.md`");
    says(&|pack| pack.write("prompt.md", "y ".repeat(50_000)), Part::Prompt, "");
    says(&|pack| pack.replace("prompt.md", "# Refusal", "# Goal"), Part::Prompt, "");
    says(&|pack| pack.write("requires.json", "[".repeat(100_000)), Part::Requires, "");
    says(&|pack| pack.write("fixtures/a.jsonl", "{\"event_id\": \n"), Part::Fixtures, "");
    let pack = Example::new();
    pack.write("prompt.md", std::fs::read_to_string(pack.path("prompt.md")).unwrap().replace('\n', "\r\n"));
    assert_eq!(pack.check().failed(), 0, "lines may end as they do elsewhere");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_pack_is_refused() {
    let pack = Example::new();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("secret.md"), "# Goal").unwrap();
    std::fs::remove_file(pack.path("prompt.md")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("secret.md"), pack.path("prompt.md")).unwrap();
    let check = pack.check();
    let fault = check.lines[0].failure().unwrap();
    assert!(fault.message.contains("`prompt.md` is a link: it leads out of the pack"), "{fault:?}");
}

#[test]
fn a_connector_that_travels_along_is_checked_and_never_required_by_name() {
    let pack = Example::new();
    let connector = |schema: &str| {
        format!(
            "import {{ defineConnector, tool, none }} from '@fibric/connector-sdk';\nexport default defineConnector({{\n\
             id: 'cn-notes', summary: 'Sends notes.', version: '0.1.0', category: 'chat', auth: none(),\n\
             tools: {{ 'notify.send': tool({{ sideEffecting: true, input: {schema}, handler: () => ({{}}) }}) }} }});\n"
        )
    };
    let strict = "{ type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }";
    pack.write("connectors/cn-notes/index.ts", connector(strict));
    let check = pack.check();
    assert_eq!(check.failed(), 0, "{check:?}");
    assert!(check.lines[6].faults[0].message.contains("`worksWith` does not name it"), "{check:?}");
    pack.replace("listing.json", "\"worksWith\": []", "\"worksWith\": [\"cn-notes\"]");
    pack.write("connectors/cn-notes/index.ts", connector("{ type: 'object', properties: { text: {} } }"));
    assert!(pack.fails(Part::Fixtures).message.contains("`text` of its input has no type"));
    pack.write("connectors/cn-notes/index.ts", connector(strict));
    pack.replace("requires.json", "operator notices", "cn-notes sends them");
    assert_eq!(pack.fails(Part::Requires).message, "`requires.json` names `cn-notes`");
}
