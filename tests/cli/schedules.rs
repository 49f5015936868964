//! Operators that run at intervals, on a clock that the test sets: live, and in a replay.

use std::path::Path;
use std::sync::mpsc::Receiver;

use fibric_console::author::process::launch;
use fibric_console::kernel::diagnostic::Diagnostic;
use fibric_console::kernel::journal::Fact;
use fibric_console::session::bus::{Batch, Command};
use fibric_console::session::clock::{Clock, FIXTURE_NOW};
use fibric_console::session::dev::{self, Dev};

use super::harness::{PATIENCE, Workspace, operator};

/// An operator that runs every hour, and acts once for each due time.
fn hourly() -> Workspace {
    let workspace = Workspace::small();
    let body = "return { reasoning: `${ctx.envelope.payload.due} at ${new Date().toISOString()}`, actions: [{ tool: 'order.hold', args: {}, \
                entity_key: 'e', idempotency_key: `sweep:${ctx.envelope.event_id}` }] };";
    let sweep = operator("sweep", "x", body).replace("{ on: 'x' }", "{ every: '1h' }");
    workspace.write("operators/sweep.ts", sweep);
    // It sees every event, and not those that were made for another.
    workspace.write("operators/watcher.ts", operator("watcher", "**", "return { actions: [] };"));
    workspace
}

#[test]
fn a_replay_plays_what_is_due_until_then() {
    let workspace = hourly();
    let replay = ["dev", "replay", "--now", "2026-03-01T10:30:00Z", "--until", "2026-03-01T13:00:00Z"];
    let said = workspace.ok(&replay);
    assert!(said.contains("3 envelopes · 3 plans proposed · 3 disposed"), "{said}");
    let said = workspace.ok(&[&replay[..], &["--json"]].concat());
    let facts: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &'static str| facts.iter().filter_map(move |entry| entry["fact"].get(name));
    let ids: Vec<_> = of("received").map(|fact| fact["envelope"]["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["sweep@2026-03-01T11:00:00Z", "sweep@2026-03-01T12:00:00Z", "sweep@2026-03-01T13:00:00Z"]);
    let first = of("received").next().unwrap();
    assert_eq!(first["envelope"]["correlation_id"], ids[0]);
    assert_eq!(first["envelope"]["source"], "schedule");
    assert_eq!(first["envelope"]["event_type"], "schedule.sweep");
    assert_eq!(first["envelope"]["payload"]["due"], "2026-03-01T11:00:00Z");
    assert_eq!(first["origin"]["source"], "schedule");
    assert_eq!(first["clock"], "2026-03-01T11:00:00Z");
    for routed in of("routed") {
        assert_eq!(routed["to"], serde_json::json!([{ "operator": "sweep", "trigger": "every 1h" }]));
    }
    let told = of("proposed").next().unwrap()["plan"]["reasoning"].clone();
    assert_eq!(told, "2026-03-01T11:00:00Z at 2026-03-01T11:00:00.000Z");
    // A recorded one goes to its operator again.
    let recorded = first["envelope"].to_string();
    workspace.write("fixtures/recorded.jsonl", recorded + "\n");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--json"]);
    assert!(said.contains(r#""to":[{"operator":"sweep","trigger":"every 1h"}]"#), "{said}");
}

#[test]
fn a_time_that_is_none_or_over_is_refused() {
    let workspace = hourly();
    for (until, told) in [("2020-01-01T00:00:00Z", "is before the replay begins"), ("soon", "is not a time")] {
        let said = workspace.run(&["dev", "replay", "--until", until]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains(told), "{said:?}");
    }
    assert_eq!(workspace.run(&["dev", "replay"]).code, 2);
    let sweep = workspace.read("operators/sweep.ts");
    for wrong in ["15 minutes", "0s", "2w", "-1h", "1.5h"] {
        workspace.write("operators/sweep.ts", sweep.replace("1h", wrong));
        let said = workspace.run(&["dev", "replay", "--until", "2026-01-02T00:00:00Z", "--strict"]);
        assert!(said.err.contains(&format!("operator sweep: `{wrong}` is not an interval")), "{said:?}");
        assert!(said.err.contains("operators/sweep.ts:"), "{said:?}");
        assert_ne!(said.code, 0);
    }
}

fn due(batches: &Receiver<Batch>) -> String {
    loop {
        let batch = batches.recv_timeout(PATIENCE).unwrap();
        for entry in &batch.entries {
            if let Fact::Received(received) = &entry.fact {
                return received.envelope.event_id.clone();
            }
        }
    }
}

#[test]
fn missed_ones_are_one_also_over_a_restart() {
    launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    let workspace = hourly();
    let at = |text: &str| text.parse().unwrap();
    let session = |clock: &Clock| {
        let opened = fibric_console::workspace::Workspace::open(Path::new(&workspace.path("."))).unwrap();
        let options = Dev { now: FIXTURE_NOW.to_owned(), clock: clock.clone(), ..Dev::default() };
        let (link, thread) = dev::start(opened, options).unwrap();
        // Taken once the session has begun to look at the time.
        link.commands.send(Command::Notice(Diagnostic::warning("begun"))).unwrap();
        (link, thread)
    };
    let clock = Clock::stopped_at(at("2026-03-01T10:30:00Z"));
    let (link, thread) = session(&clock);
    let begun = |batch: Batch| batch.entries.iter().any(|entry| matches!(entry.fact, Fact::Noticed(_)));
    while !begun(link.batches.recv_timeout(PATIENCE).unwrap()) {}
    clock.set(at("2026-03-01T11:00:00Z"));
    assert_eq!(due(&link.batches), "sweep@2026-03-01T11:00:00Z");
    clock.set(at("2026-03-01T15:59:59Z"));
    assert_eq!(due(&link.batches), "sweep@2026-03-01T15:00:00Z");
    clock.set(at("2026-03-01T16:00:00Z"));
    assert_eq!(due(&link.batches), "sweep@2026-03-01T16:00:00Z");
    link.commands.send(Command::Stop).unwrap();
    link.batches.iter().for_each(drop);
    thread.join().unwrap().unwrap();
    // Days later: what was missed is made up for, once.
    let clock = Clock::stopped_at(at("2026-03-04T08:20:00Z"));
    let (link, thread) = session(&clock);
    assert_eq!(due(&link.batches), "sweep@2026-03-04T08:00:00Z");
    clock.set(at("2026-03-04T09:00:00Z"));
    assert_eq!(due(&link.batches), "sweep@2026-03-04T09:00:00Z");
    link.commands.send(Command::Stop).unwrap();
    link.batches.iter().for_each(drop);
    thread.join().unwrap().unwrap();
    let keys: Vec<_> = workspace.state("receipts.jsonl").iter().map(|receipt| receipt["outcome"].clone()).collect();
    assert_eq!(keys, ["applied"; 5]);
    workspace.ok(&["receipts", "verify"]);
}
