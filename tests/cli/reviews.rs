//! `fibric review`: a run taken out, verified in a folder that has nothing else, shown, forged and redacted.

use serde_json::Value;

use super::harness::{Said, Workspace, envelope, operator, order};

/// Exports the newest run of a workspace, and verifies it in another one that is empty.
fn verified(workspace: &Workspace, flags: &[&str]) -> Said {
    let exported = workspace.run(&[&["review", "export", "-o", "r.fibric"], flags].concat());
    assert_eq!(exported.code, 0, "{exported:?}");
    let elsewhere = Workspace::bare();
    std::fs::remove_dir(elsewhere.path("operators")).unwrap();
    std::fs::copy(workspace.path("r.fibric"), elsewhere.path("r.fibric")).unwrap();
    let said = elsewhere.run(&["review", "verify", "r.fibric"]);
    assert_eq!(exported.out, said.out, "whoever exports is told what whoever verifies is");
    assert_eq!(std::fs::read_dir(elsewhere.path("")).unwrap().count(), 1, "nothing is written");
    said
}

#[test]
fn the_bundled_workspace_verifies_elsewhere() {
    let workspace = Workspace::bundled();
    workspace.ok(&["dev", "replay", "fixtures/"]);
    let said = verified(&workspace, &[]);
    assert_eq!(said.code, 0, "{said:?}");
    for line in ["review of run 1, a replay\n", "proven       26 verdicts, 23 routes, 97 journal lines, "] {
        assert!(said.out.contains(line), "{}", said.out);
    }
    let last = said.out.lines().last().unwrap();
    assert!(last.starts_with("intact, unsigned, digest ") && last.len() == 25 + 64, "{last}");
    let first = std::fs::read(workspace.path("r.fibric")).unwrap();
    workspace.ok(&["review", "export", "1", "-o", "again.fibric"]);
    assert_eq!(first, std::fs::read(workspace.path("again.fibric")).unwrap(), "the same run is the same file");
    assert_eq!(workspace.run(&["review", "verify", "r.fibric", "--strict"]).code, 6, "author code is not proven");
    let json: Value = serde_json::from_str(&workspace.ok(&["review", "verify", "r.fibric", "--json"])).unwrap();
    assert_eq!(
        (&json["intact"], &json["signed"], &json["proven"]["verdicts"]),
        (&true.into(), &false.into(), &26.into())
    );
    let shown = workspace.ok(&["review", "open", "r.fibric"]);
    assert!(shown.contains("BLOCK order.refund 250 · "), "{shown}");
    let entries = workspace.ok(&["review", "open", "r.fibric", "--json"]);
    assert_eq!(entries.lines().count(), 97);
}

#[test]
fn every_way_an_action_can_end_is_judged_to_the_same() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", (1..5).map(order).collect::<String>() + &order(1));
    let two = "const id = ctx.envelope.payload.order_id; return { actions: [\
               { tool: 'order.hold', args: {}, value: 3, entity_key: `order:${id}`, idempotency_key: `NAME:${id}` }, \
               { tool: 'order.hold', args: { to: id }, entity_key: `order:${id}`, idempotency_key: `shared:${id}` }, \
               { tool: 'order.delete', args: {}, entity_key: 'e', idempotency_key: 'k' }, { tool: 'no.such' }] };";
    workspace.write("operators/second.ts", operator("second", "order.*", &two.replace("NAME", "second")));
    workspace.write("operators/third.ts", operator("third", "**", &two.replace("NAME", "third")));
    let guarded = "policy: holds\napplies_to: second\nrules:\n  - allow: order.hold\n    max_value: 5\n    limit: { per: hour, max: 2 }\n  \
                   - require_confirmation: order.hold\n    single_flight: to\ndefault: deny\n";
    let predicate = "import type { TrustPolicy } from '@fibric/sdk';\nexport const defaults: TrustPolicy[] = [{ tool: 'order.hold', \
                     decision: 'ALERT', predicate: (action) => action.value === 3 }];\n";
    let policies: [&[(&str, &str)]; 6] = [
        &[("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW }\n")],
        &[("policy/trust.yaml", "- { tool: order.hold, decision: ALERT, maxValue: 3 }\n")],
        &[("policy/trust.yaml", guarded)],
        &[("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW }\n"), ("policy/trust.ts", predicate)],
        &[("policy/trust.yaml", "- { tool: order.hold, decison: ALLOW }\n")],
        &[],
    ];
    for (row, policies) in policies.into_iter().enumerate() {
        let _ = std::fs::remove_file(workspace.path("policy/trust.ts"));
        let _ = std::fs::remove_file(workspace.path("policy/trust.yaml"));
        for (name, text) in policies {
            workspace.write(name, text);
        }
        for flags in [&[][..], &["--twice"], &["--hold-alerts"], &["--propose-only"]] {
            workspace.ok(&[&["dev", "replay", "fixtures"], flags].concat());
            let said = verified(&workspace, &[]);
            assert_eq!(said.code, 0, "row {row}, {flags:?}: {said:?}");
        }
        // Live input shares its keys with earlier runs.
        workspace.write("live.jsonl", order(1) + &order(9));
        for _ in 0..2 {
            workspace.ok(&["dev", "--once", "--no-play", "--events", "live.jsonl"]);
            let said = verified(&workspace, &[]);
            assert_eq!(said.code, 0, "row {row}, live: {said:?}");
        }
    }
}

#[test]
fn what_is_no_review_or_not_what_it_was_is_told() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    assert_eq!(workspace.run(&["review", "export", "-o", "r.fibric"]).code, 2, "there is no run");
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace.ok(&["review", "export", "-o", "r.fibric"]);
    for (args, told) in [
        (&["review", "export", "9", "-o", "x"][..], "there is no run 9"),
        (&["review", "verify", "none"], "cannot read `none`"),
        (&["review", "verify", "fixtures/a.jsonl"], "is no review"),
        (&["review", "verify", "fixtures"], "it is a folder"),
        (&["review", "open", "fixtures/a.jsonl"], "is no review"),
    ] {
        let said = workspace.run(args);
        assert!(said.code == 2 && said.err.contains(told), "{args:?}: {said:?}");
    }
    let whole = std::fs::read(workspace.path("r.fibric")).unwrap();
    let at = whole.windows(5).rposition(|found| found == b"ALLOW").unwrap();
    let mut edited = whole.clone();
    edited[at..at + 5].copy_from_slice(b"BLOCK");
    workspace.write("edited", &edited);
    for command in ["verify", "open"] {
        let said = workspace.run(&["review", command, "edited"]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.out.contains("differs      policy/1.txt: ") && said.out.contains("\nnot intact, "), "{said:?}");
    }
    workspace.write("cut", &whole[..whole.len() / 2]);
    assert_eq!(workspace.run(&["review", "verify", "cut"]).code, 1);
    std::fs::File::create(workspace.path("huge")).unwrap().set_len(300 << 20).unwrap();
    let said = workspace.run(&["review", "verify", "huge"]);
    assert!(said.code == 2 && said.err.contains("the limit is 256 MiB"), "{said:?}");
}

#[test]
fn a_person_is_replaced_and_what_decides_is_not() {
    let workspace = Workspace::small();
    let body = "const p = ctx.envelope.payload; return { reasoning: `for ${p.customer.name}`, actions: [{ tool: 'order.hold', \
                args: { note: p.note }, value: p.total, entity_key: `c:${p.customer.email}`, idempotency_key: p.customer.email }] };";
    workspace.write("operators/holder.ts", operator("holder", "order.*", body));
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW, maxValue: 100 }\n");
    let payload =
        r#"{"customer":{"name":"Jane <b>Doe</b>","email":"jane@acme.io"},"note":"call +44 20 7946 0958","total":40}"#;
    workspace.write("fixtures/a.jsonl", envelope(1, "order.created", payload) + &envelope(2, "order.created", payload));
    workspace.ok(&["dev", "replay", "fixtures"]);
    let said = verified(&workspace, &["--html", "r.html", "--markdown", "r.md"]);
    assert!(said.code == 0 && said.out.contains("3 values that were replaced by stand-ins"), "{said:?}");
    let text = String::from_utf8_lossy(&std::fs::read(workspace.path("r.fibric")).unwrap()).into_owned();
    for (name, text) in [("r.fibric", text), ("r.html", workspace.read("r.html")), ("r.md", workspace.read("r.md"))] {
        assert!(!["Jane", "acme", "7946"].iter().any(|word| text.contains(word)), "{name}");
        assert!(text.contains("DEDUP"), "{name}: the same person has the same key");
    }
    let said = workspace.run(&["review", "export", "-o", "kept", "--unredacted", "--html", "kept.html"]);
    let page = workspace.read("kept.html");
    assert!(
        said.code == 0
            && page.contains("for Jane &lt;b&gt;Doe")
            && !page.contains("<b>Doe")
            && !page.contains("<script")
    );
    let said = workspace.run(&["review", "export", "-o", "none", "--redact", "total", "--redact", "value"]);
    assert!(said.code == 6 && said.err.contains("redacting `value` changes what was decided"), "{said:?}");
    assert!(!workspace.path("none").exists());
    workspace.write("fibric.toml", "[redact]\nfields = ['note']\n");
    workspace.ok(&["review", "export", "-o", "noted"]);
    let text = String::from_utf8_lossy(&std::fs::read(workspace.path("noted")).unwrap()).into_owned();
    assert!(text.contains("\"members\":[\"customer\",\"note\"]"), "{text}");
}

#[test]
fn what_a_reviewer_said_is_in_the_file_and_in_what_people_read() {
    use fibric_console::review::notes::{Mark, Note, Notes, keep};
    let workspace = Workspace::bundled();
    workspace.ok(&["dev", "replay", "fixtures/returns.json"]);
    let json = workspace.ok(&["events", "tail", "--json"]);
    let refund = json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(|entry| {
        entry["fact"]["disposed"]["receipt"]["tool"] == "order.refund" && entry["fact"]["disposed"]["arrival"] == 2
    });
    let refund = refund.unwrap();
    let mut notes = Notes::default();
    notes.set(Note {
        entry: refund["seq"].as_u64().unwrap(),
        arrival: 2,
        receipt: refund["fact"]["disposed"]["receipt"]["id"].as_str().map(str::to_owned),
        mark: Mark::Flagged,
        note: "<b>250</b> is *over* the ceiling, see jo@example.org".to_owned(),
    });
    keep(&workspace.path(".fibric/dev"), 1, &notes).unwrap();
    workspace.ok(&["review", "export", "-o", "r.review", "--markdown", "r.md", "--html", "r.html"]);
    let shown = workspace.ok(&["review", "open", "r.review"]);
    assert!(
        shown.contains("reviewed: 0 accepted, 1 flagged\n  flagged  2 order.returned › order.refund 250 BLOCK: "),
        "{shown}"
    );
    let page = workspace.read("r.html");
    assert!(page.contains("&lt;b&gt;250&lt;/b&gt; is *over*") && page.contains("0 accepted, 1 flagged"), "{page}");
    let text = workspace.read("r.md");
    assert!(text.contains(r"**flagged** `order.refund` &lt;b&gt;250&lt;/b&gt; is \*over\*"), "{text}");
    for text in [shown, page, text] {
        assert!(!text.contains("jo@example"), "what tells a person is replaced in notes too\n{text}");
    }
    // The run is the same; what was said of it is part of the file.
    let said = workspace.run(&["review", "verify", "r.review"]);
    assert_eq!(said.code, 0, "{said:?}");
    let mut bytes = std::fs::read(workspace.path("r.review")).unwrap();
    let at = bytes.windows(16).position(|bytes| bytes == b"over* the ceilin").unwrap();
    bytes[at] = b'u';
    std::fs::write(workspace.path("r.review"), bytes).unwrap();
    let said = workspace.run(&["review", "verify", "r.review"]);
    assert!(said.code == 1 && said.out.contains("notes.jsonl line 1 /digest: the note was edited"), "{said:?}");
}
