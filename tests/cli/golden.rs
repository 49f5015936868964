//! Recorded plans: a replay that differs from them fails, whatever was changed, and says in which field.

use std::fs;

use serde_json::Value;

use super::harness::{HOLDS, Workspace, connector, envelope, operator, order};

const GOLDEN: &str = "fixtures/recordings/a.jsonl.plans.jsonl";

/// Three orders, two of which are alike, and an envelope that nobody is asked about; recorded.
fn recorded() -> Workspace {
    let workspace = Workspace::small();
    let other = envelope(9, "stock.low", "{}");
    workspace.write("fixtures/a.jsonl", [order(1), order(2), other, order(1)].concat());
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.ends_with(&format!("recorded 3 plans in {GOLDEN}: 3 added\n")), "{said}");
    workspace
}

fn holder(body: &str) -> String {
    operator("holder", "order.*", body)
}

#[test]
fn what_is_recorded_is_in_fixture_order_and_the_same_every_time() {
    let workspace = recorded();
    let text = workspace.read(GOLDEN);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let part = |name: &str| line[name].as_str().unwrap_or("nobody").to_owned();
            (part("correlation_id"), line["occurrence"].as_u64().unwrap(), part("operator"))
        })
        .collect();
    let known = |id: &str, occurrence, operator: &str| (id.to_owned(), occurrence, operator.to_owned());
    let (first, second) = (known("0001-c", 1, "holder"), known("0002-c", 1, "holder"));
    assert_eq!(told, [first, second, known("0009-c", 1, "nobody"), known("0001-c", 2, "holder")]);
    assert_eq!(lines[0]["envelope"], lines[3]["envelope"]);
    let written = fs::metadata(workspace.path(GOLDEN)).unwrap().modified().unwrap();
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.ends_with(&format!("nothing to record: {GOLDEN} is as it was, with 3 plans\n")), "{said}");
    assert_eq!(fs::metadata(workspace.path(GOLDEN)).unwrap().modified().unwrap(), written);
    // Recordings are no fixtures: not of a folder, not of a pattern, not by their own name.
    for path in ["fixtures", "fixtures/**/*.jsonl", "fixtures/recordings/../*.jsonl"] {
        let said = workspace.ok(&["dev", "replay", path, "--strict"]);
        assert!(said.starts_with("4 envelopes") && said.ends_with("golden: 3 plans as recorded\n"), "{path}: {said}");
    }
    assert!(workspace.run(&["dev", "replay", "fixtures/recordings"]).err.contains("there is no `*.jsonl`"));
    let named = workspace.run(&["dev", "replay", GOLDEN]);
    assert!(named.code == 2 && named.err.contains("is a recording, and no fixture"), "{named:?}");
}

#[test]
fn a_mutated_operator_fails_the_replay_always() {
    let workspace = recorded();
    let entity = HOLDS.replace("entity_key: `order:${id}`", "entity_key: `orders:${id}`");
    let key = HOLDS.replace("holder:${id}:hold", "holder:${id}:held");
    let more = HOLDS.replace("] };", ", { tool: 'notify.send', args: {}, entity_key: 'e', idempotency_key: 'k' }] };");
    let valued = HOLDS.replace("entity_key:", "value: 1, entity_key:");
    for (body, told) in [
        (entity.as_str(), r#"holder: actions[0].entity_key: recorded "order:SO-1", now "orders:SO-1""#),
        (&key, r#"holder: actions[0].idempotency_key: recorded "holder:SO-1:hold", now "holder:SO-1:held""#),
        (&valued, "holder: actions[0].value: recorded nothing, now 1"),
        (&more, r#"holder: actions[1]: recorded nothing, now {"tool":"notify.send""#),
        ("return { actions: [] };", r#"holder: actions[0]: recorded {"tool":"order.hold""#),
        ("throw new Error('no');", "holder: there is no plan any more: holder failed: `run` failed: no"),
        ("return { actons: [] };", "holder: there is no plan any more: holder failed: what holder returned is no plan"),
    ] {
        workspace.write("operators/holder.ts", holder(body));
        for flags in [&[][..], &["--propose-only"], &["--twice"], &["--where", "corr:0001*"]] {
            let said = workspace.run(&[&["dev", "replay", "fixtures"], flags].concat());
            assert_eq!(said.code, 1, "{body} {flags:?}: {said:?}");
            let line = format!("fixtures/a.jsonl:1 order.created corr=0001 · {told}");
            assert!(said.out.lines().any(|found| found.starts_with(&line)), "{line}: {}", said.out);
            assert_eq!(said.out.matches("jsonl:1 order").count(), 1, "it is said once: {}", said.out);
        }
    }
    // Gone, renamed, not loaded, or asked about other things.
    for (text, told) in [
        (operator("holder", "order.paid", HOLDS), "there is no plan any more: holder is not asked any more"),
        (operator("keeper", "order.*", HOLDS), "keeper: actions: recorded nothing, now [{"),
        ("export default {{{".to_owned(), "there is no plan any more: holder is not asked any more"),
        (operator("holder", "**", HOLDS), "fixtures/a.jsonl:3 stock.low corr=0009 · holder: actions: recorded nothing"),
    ] {
        workspace.write("operators/holder.ts", text);
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        assert!(said.code == 1 && said.out.contains(told), "{told}: {said:?}");
    }
    workspace.write("operators/holder.ts", holder(HOLDS));
    workspace.ok(&["dev", "replay", "fixtures", "--strict"]);
}

#[test]
fn other_reasoning_is_shown_and_no_difference() {
    let workspace = recorded();
    workspace.write("operators/holder.ts", holder(&HOLDS.replace("return {", "return { reasoning: 'so',")));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--strict"]);
    assert!(said.contains("golden: 3 plans as recorded · 3 with other reasoning\n"), "{said}");
    assert!(said.contains("holder: reasoning: recorded nothing, now \"so\"\n"), "{said}");
}

#[test]
fn envelopes_that_are_new_or_gone_are_said() {
    let workspace = recorded();
    workspace.write("fixtures/a.jsonl", [order(3), order(2), order(1)].concat());
    let said = workspace.ok(&["dev", "replay", "fixtures", "--strict"]);
    let expected = "golden: 2 plans as recorded · 1 not recorded yet · 1 of envelopes that are gone\n\
                    fixtures/a.jsonl:1 order.created corr=0003 · holder: no golden plan is recorded of this envelope\n\
                    fixtures/a.jsonl order.created corr=0001 · holder: its envelope is no longer in the fixture file\n";
    assert!(said.ends_with(expected), "{said}");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--where", "corr:0002*"]);
    assert!(said.contains("1 of envelopes that are gone") && !said.contains("0003"), "{said}");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(
        said.ends_with("recorded 3 plans in fixtures/recordings/a.jsonl.plans.jsonl: 1 added · 1 removed\n"),
        "{said}"
    );
}

#[test]
fn differences_are_accepted_one_by_one() {
    let workspace = recorded();
    let before = workspace.read(GOLDEN);
    workspace.write("operators/holder.ts", holder(&HOLDS.replace(":hold`", ":held`")));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record", "--where", "corr:0002*"]);
    assert!(said.ends_with(&format!("recorded 3 plans in {GOLDEN}: 1 changed\n")), "{said}");
    let after = workspace.read(GOLDEN);
    let same: Vec<_> = before.lines().zip(after.lines()).map(|(before, after)| before == after).collect();
    assert_eq!(same, [true, false, true, true]);
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 1 && said.out.contains("golden: 1 plan as recorded · 2 not\n"), "{said:?}");
    workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert_eq!(workspace.read(GOLDEN), before.replace(":hold\"", ":held\""));
    // What fails now keeps what was recorded.
    workspace.write("operators/holder.ts", holder("throw new Error('no');"));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.contains("holder failed: `run` failed: no") && said.contains("nothing to record"), "{said}");
}

#[test]
fn a_broken_recordings_file_is_told_with_its_line_and_fails() {
    let workspace = recorded();
    let whole = workspace.read(GOLDEN);
    let cut = &whole[..whole.len() - 30];
    let doubled = format!("{whole}{}", whole.lines().next().unwrap());
    let merged = format!("<<<<<<< ours\n{whole}");
    for (text, place) in
        [(cut, ":4:"), (&doubled, ":5"), (&merged, ":1:1"), (&whole.replace("holder\",\"event", "x\",\"evnt"), ":1")]
    {
        workspace.write(GOLDEN, text);
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        let placed = format!("{GOLDEN}{place}");
        assert!(said.code == 1 && said.err.contains(&placed), "{placed}: {said:?}");
        assert!(said.err.contains("golden: 1 file of golden plans cannot be read whole (exit 1)"), "{}", said.err);
        let kept = workspace.run(&["dev", "replay", "fixtures", "--record", "--where", "corr:0002*"]);
        assert!(kept.code == 1 && kept.err.contains("`--record` without `--where`"), "{kept:?}");
        assert_eq!(workspace.read(GOLDEN), text, "nothing is lost");
    }
    workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert_eq!(workspace.read(GOLDEN), whole);
    fs::remove_file(workspace.path(GOLDEN)).unwrap();
    fs::create_dir(workspace.path(GOLDEN)).unwrap();
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 1 && said.err.contains("it is a folder, not a file"), "{said:?}");
    assert_eq!(workspace.run(&["dev", "replay", "fixtures", "--record"]).code, 1);
}

#[test]
fn what_cannot_be_recorded_is_said_before_anything_runs() {
    let workspace = recorded();
    let whole = workspace.read(GOLDEN);
    workspace.write("operators/broken.ts", "export default {{{\n");
    let said = workspace.run(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.code == 5 && said.err.contains("its plans would be missing"), "{said:?}");
    workspace.remove("operators/broken.ts");
    let made = std::process::Command::new("mkfifo").arg(workspace.path("pipe")).status().unwrap();
    assert!(made.success());
    assert_eq!(workspace.run(&["dev", "replay", "pipe", "--record"]).code, 2);
    assert_eq!(workspace.run(&["dev", "replay", "--until", "2027-01-01T00:00:00Z", "--record"]).code, 2);
    assert_eq!(workspace.run(&["dev", "replay", "fixtures", "--record", "--twice"]).code, 2);
    assert_eq!(workspace.read(GOLDEN), whole);
    workspace.write("recordings", "a file");
    workspace.write("b.jsonl", order(1));
    let said = workspace.run(&["dev", "replay", "b.jsonl", "--record"]);
    assert!(said.code == 1 && said.err.contains("cannot create the folder"), "{said:?}");
}

#[test]
fn json_has_each_finding_on_a_line() {
    let workspace = recorded();
    workspace.write("operators/holder.ts", holder(&HOLDS.replace(":hold`", ":held`")));
    let said = workspace.run(&["dev", "replay", "fixtures", "--json"]);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<_> = lines.iter().filter_map(|line| line.get("golden")).collect();
    assert_eq!((said.code, found.len(), &found[0]["state"]), (1, 3, &"differs".into()));
    assert_eq!(found[2]["line"], 4);
    assert_eq!(found[2]["field"], "actions[0].idempotency_key");
    assert_eq!((&found[2]["before"], &found[2]["after"]), (&"holder:SO-1:hold".into(), &"holder:SO-1:held".into()));
    let said = workspace.ok(&["dev", "replay", "fixtures", "--json", "--record"]);
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["recorded"]["changed"], &last["recorded"]["written"]), (&3.into(), &true.into()));
}

#[test]
fn build_servers_are_told_exactly_what_fails() {
    let workspace = recorded();
    let replay = |flags: &[&str], actions: bool| {
        let args = [&["dev", "replay", "fixtures", "--junit", "j.xml"], flags].concat();
        let mut command = workspace.command(&args);
        command.env_remove("GITHUB_ACTIONS");
        if actions {
            command.env("GITHUB_ACTIONS", "true");
        }
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), workspace.read("j.xml"))
    };
    let (code, out, junit) = replay(&["--strict"], true);
    assert!(code == 0 && !out.contains("::error") && !junit.contains("<failure"), "{out} {junit}");
    assert!(junit.contains("<testsuite name=\"fixtures/a.jsonl\" tests=\"4\""), "{junit}");
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    let (code, out, junit) = replay(&[], true);
    assert!(code == 0 && !out.contains("::error") && !junit.contains("<failure"), "blocking is no failure: {out}");
    let (code, out, junit) = replay(&["--fail-on-block"], true);
    assert!(code == 3 && out.matches("::error file=fixtures/a.jsonl,line=").count() == 3, "{out}");
    assert!(out.contains("line=2,title=fibric::holder order.hold BLOCK rule 1: BLOCK for tool order.hold\n"), "{out}");
    assert!(junit.contains("failures=\"3\"") && junit.contains("fixtures/a.jsonl:2\n"), "{junit}");
    workspace.write("operators/holder.ts", holder(&HOLDS.replace(":hold`", ":100%,\\n`")));
    let (code, out, junit) = replay(&["--propose-only"], true);
    assert!(code == 1 && out.contains("now \"holder:SO-2:100%25,\\n\"") && junit.contains("failures=\"3\""), "{out}");
    let (_, out, _) = replay(&["--propose-only"], false);
    assert!(!out.contains("::"), "{out}");
    let (_, out, _) = replay(&["--propose-only", "--json"], true);
    assert!(out.lines().all(|line| line.starts_with('{')), "{out}");
    workspace.write("fixtures/b.jsonl", "nope\n");
    let (code, out, junit) = replay(&["--strict", "--propose-only", "--where", "corr:none"], true);
    assert!(code == 1 && out.contains("::error file=fixtures/b.jsonl,line=1,col=1,"), "{out}");
    assert!(junit.contains("the replay passes its gates") && junit.contains("fixtures/b.jsonl:1\n"), "{junit}");
    // What ends a command early is in the file too.
    assert_eq!(workspace.run(&["dev", "replay", "none", "--junit", "j.xml"]).code, 2);
    assert!(workspace.read("j.xml").contains("<error message=\"there is no"), "{}", workspace.read("j.xml"));
    let connector = connector("cn-acts", &["order.hold"]).replace("summary: 'Acts.'", "sumary: 'Acts.'");
    workspace.write("connectors/cn-acts.ts", connector);
    let (code, out, junit) = replay(&["--strict"], true);
    assert!(code == 5 && out.contains("::error file=connectors/cn-acts.ts,line="), "{out}");
    assert!(junit.contains("failures=\"1\""), "{junit}");
}
