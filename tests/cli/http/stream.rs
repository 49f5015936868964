//! The stream of entries: whole, narrowed, and read on where it was.

use super::client::{Http, JSON, LINES, event};
use super::listening;
use crate::harness::Workspace;

#[test]
fn it_resumes_behind_any_entry_and_misses_none() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let mut live = http.stream("", "");
    for n in 0..5 {
        assert_eq!(http.post("/v1/events", JSON, &event(&format!("SO-{n}"))).status, 202);
    }
    let mut told = Vec::new();
    for _ in 0..5 {
        told.extend(live.until("disposed"));
    }
    let journal = workspace.read(".fibric/dev/runs/0001/journal.jsonl");
    let lines: Vec<serde_json::Value> = journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (id, data) in &told {
        let seq = id.strip_prefix("1:").unwrap().parse::<u64>().unwrap();
        assert_eq!(data["seq"], seq);
        assert_eq!(*data, lines[usize::try_from(seq).unwrap() - 1]);
    }
    for at in [0, 3, told.len() - 2] {
        let mut resumed = http.stream("", &format!("last-event-id: {}\r\n", told[at].0));
        for expected in &told[at + 1..] {
            assert_eq!(resumed.next(), *expected);
        }
    }
    // From the beginning, over a restart, and from an id that is nowhere.
    dev.stop();
    let (mut dev, http) = listening(&workspace);
    let mut all = http.stream("", "last-event-id: 0:0\r\n");
    assert!(all.next().1["fact"].get("run_started").is_some());
    let mut resumed = http.stream("", &format!("last-event-id: {}\r\n", told[0].0));
    assert!(resumed.until("run_started").iter().any(|(_, data)| data["fact"].get("run_ended").is_some()));
    let mut lost = http.stream("", "last-event-id: 77:1\r\n");
    assert_eq!(lost.next().0, "1:1");
    dev.stop();
}

#[test]
fn a_query_narrows_it() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let mut held = http.stream("?where=fact%3Adisposed+key%3Aholder%3ASO-2", "");
    let mut about = http.stream("?where=type:order.*%20-fact:routed%20payload.order_id:SO-1", "");
    for n in 0..4 {
        http.post("/v1/events", JSON, &event(&format!("SO-{n}")));
    }
    assert_eq!(held.next().1["fact"]["disposed"]["receipt"]["idempotency_key"], "holder:SO-2:hold");
    let facts: Vec<_> = about
        .until("disposed")
        .iter()
        .map(|(_, data)| data["fact"].as_object().unwrap().keys().next().unwrap().clone())
        .collect();
    assert_eq!(facts, ["received", "proposed", "disposed"]);
    dev.stop();
}

#[test]
fn a_reader_that_reads_nothing_holds_up_nobody() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let _silent: Vec<_> = (0..8).map(|_| http.stream("", "last-event-id: 0:0\r\n")).collect();
    let long = "x".repeat(100_000);
    for n in 0..40 {
        assert_eq!(http.post("/v1/events", JSON, &event(&format!("{long}{n}"))).status, 202);
    }
    let mut reader = http.stream("?where=fact:received", "last-event-id: 0:0\r\n");
    for n in 0..40 {
        let (_, data) = reader.next();
        assert_eq!(data["fact"]["received"]["envelope"]["payload"]["order_id"], format!("{long}{n}"));
    }
    dev.stop();
}

#[test]
fn many_events_come_through_in_order() {
    let workspace = Workspace::bare();
    let (mut dev, http) = listening(&workspace);
    let mut stream = http.stream("?where=fact:received", "");
    let batch = |from: u32| (from..from + 1_000).map(|n| event(&n.to_string()) + "\n").collect::<String>();
    for from in [0, 1_000, 2_000] {
        assert_eq!(Http::post(http, "/v1/events", LINES, &batch(from)).status, 202);
    }
    for n in 0..3_000 {
        assert_eq!(stream.next().1["fact"]["received"]["envelope"]["payload"]["order_id"], n.to_string());
    }
    dev.stop();
}
