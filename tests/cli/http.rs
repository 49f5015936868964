//! Live input over HTTP, by the binary: what is taken, what is refused, what a caller may rely on.

use std::collections::BTreeSet;
use std::time::Instant;

use super::harness::{PATIENCE, Running, Workspace, envelope};
use client::{Answer, Http, JSON, LINES, event};

pub mod client;
mod hostile;
mod keys;
mod stream;

pub fn listening(workspace: &Workspace) -> (Running, Http) {
    let mut dev = workspace.dev(&["--no-play"]);
    let http = Http::of(&mut dev);
    (dev, http)
}

#[test]
fn an_event_is_on_disk_when_it_is_answered_and_is_acted_on() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let answer = http.post("/v1/events", JSON, &event("SO-1"));
    assert_eq!(answer.status, 202, "{answer:?}");
    let id = answer.json()["event_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["correlation_id"], id.as_str());
    let journal = workspace.read(".fibric/dev/runs/0001/journal.jsonl");
    assert!(journal.contains(&format!(r#""event_id":"{id}""#)), "{journal}");
    dev.wait_for("envelope order.created src=live corr=");
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");
    // A whole envelope keeps its ids and its digits.
    let whole = envelope(7, "order.created", r#"{"order_id":"SO-7","n":9007199254740993}"#);
    let answer = http.post("/v1/events", JSON, &whole);
    assert_eq!(answer.json()["event_id"], "e7");
    assert_eq!(answer.json()["correlation_id"], "0007-c");
    dev.wait_for("key=holder:SO-7:hold");
    dev.stop();
    assert!(workspace.read(".fibric/dev/envelopes.jsonl").contains("9007199254740993"));
    workspace.ok(&["receipts", "verify"]);
}

/// A tenant that is saved while it runs is the local one from then on, for callers too.
#[test]
fn another_tenant_needs_no_restart() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "tenant = 't_local'\n");
    let (mut dev, http) = listening(&workspace);
    assert_eq!(http.post("/v1/events", JSON, &event("SO-1")).status, 202);
    dev.wait_for("key=holder:SO-1:hold");
    workspace.write("fibric.toml", "tenant = 't_other'\n");
    // Until the session has read it too, the one that is new to it is refused.
    let deadline = Instant::now() + PATIENCE;
    while http.post("/v1/events", JSON, &event("SO-2")).status == 403 {
        assert!(Instant::now() < deadline, "{}", dev.seen);
    }
    dev.wait_for("key=holder:SO-2:hold");
    let named = envelope(3, "order.created", r#"{"order_id":"SO-3"}"#);
    assert_eq!(http.post("/v1/events", JSON, &named).status, 403, "it names the tenant of before");
    dev.stop();
    assert!(workspace.read(".fibric/dev/envelopes.jsonl").contains("t_other"));
}

#[test]
fn a_batch_is_taken_whole_or_not_at_all() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    let lines = |n: u32| (1..=n).map(|n| event(&format!("SO-{n}")) + "\n").collect::<String>();
    let answer = http.post("/v1/events", LINES, &lines(50));
    assert_eq!(answer.status, 202);
    let ids: BTreeSet<String> = answer
        .body
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event_id"].to_string())
        .collect();
    assert_eq!(ids.len(), 50);
    dev.wait_for("key=holder:SO-50:hold");
    let answer = http.post("/v1/events", LINES, &(lines(3) + "{\"source\":3}\n" + &lines(1)));
    assert_eq!(answer.status, 400);
    let found = answer.json()["diagnostics"].clone();
    assert_eq!((found[0]["line"].as_u64(), found[0]["file"].as_str()), (Some(4), Some("body")), "{found}");
    dev.wait_for("refused src=live");
    let other = lines(1) + &envelope(1, "order.created", "{}").replace("t_local", "t_acme");
    let answer = http.post("/v1/events", LINES, &other);
    assert_eq!((answer.status, answer.told().as_str()), (403, "tenant `t_acme` is not `t_local`"));
    assert_eq!(http.post("/v1/events", LINES, &lines(1)).status, 202);
    dev.stop();
    assert_eq!(workspace.state("envelopes.jsonl").len(), 51);
}

#[test]
fn whatever_is_not_taken_says_why_and_what_to_do() {
    let workspace = Workspace::small();
    workspace.write("fibric.toml", "[http]\nbody = \"4KiB\"\n");
    let (mut dev, http) = listening(&workspace);
    let with = |head: &str| http.post("/v1/events", &format!("{JSON}{head}"), &event("SO-1"));
    let refusals: [(Answer, u16, &str); 20] = [
        (http.post("/v1/events", JSON, "{"), 400, "the body ends inside an event"),
        (http.post("/v1/events", JSON, "{\"sorce\":1}"), 400, "unknown field `sorce`"),
        (http.post("/v1/events", JSON, ""), 400, "the body is empty"),
        (with("idempotency-key: \r\n"), 400, "`Idempotency-Key` is not one key"),
        (with("host: example.com\r\n"), 403, "`example.com` is not a name of this machine"),
        (with("host: localhost\r\nhost: localhost\r\n"), 403, "the request has more than one `Host`"),
        (with("origin: null\r\n"), 403, "a page of `null` may not call here"),
        (with("origin: http://example.com\r\n"), 403, "a page of `http://example.com` may not call here"),
        (with("origin: http://localhost.example.com\r\n"), 403, "a page of"),
        (http.raw(b"GET /v1/events/stream HTTP/1.1\r\n\r\n"), 403, "the request has no `Host`"),
        (
            http.raw(b"GET http://example.com/v1/events/stream HTTP/1.1\r\nhost: localhost\r\n\r\n"),
            403,
            "`example.com` is not",
        ),
        (http.post("/v1/event", JSON, "{}"), 404, "there is no `/v1/event`"),
        (http.post("/v1/events/stream", JSON, "{}"), 405, "`/v1/events/stream` takes no POST"),
        (http.post("/v1/events", JSON, &event(&"x".repeat(5_000))), 413, "the body is larger than 4 KiB"),
        (http.post("/v1/events", "", &event("SO-1")), 415, "the body is neither JSON nor JSON lines"),
        (http.post("/v1/events", "content-type: text/plain\r\n", &event("SO-1")), 415, "the body is neither"),
        (with("content-encoding: gzip\r\n"), 415, "the body is neither JSON nor JSON lines"),
        (
            http.raw(b"GET /v1/events/stream?wher=x HTTP/1.1\r\nhost: localhost\r\n\r\n"),
            400,
            "a stream has no parameter `wher`",
        ),
        (
            http.raw(b"GET /v1/events/stream?where=decisn:x HTTP/1.1\r\nhost: localhost\r\n\r\n"),
            400,
            "unknown field `decisn`",
        ),
        (
            http.raw(b"GET /v1/events/stream HTTP/1.1\r\nhost: [::1]\r\nlast-event-id: x\r\n\r\n"),
            400,
            "`Last-Event-ID` is no id",
        ),
    ];
    for (answer, status, told) in &refusals {
        assert_eq!(answer.status, *status, "{told}: {answer:?}");
        assert!(answer.told().contains(told), "{told}: {answer:?}");
        assert!(!answer.help().is_empty(), "{answer:?}");
    }
    for head in
        ["host: [::1]:4310\r\n", "host: 127.0.0.1\r\n", "host: LOCALHOST:1\r\norigin: http://localhost:5173\r\n"]
    {
        assert_eq!(with(head).status, 202, "{head}");
    }
    let paged = with("origin: http://localhost:5173\r\n");
    assert!(paged.head.contains("access-control-allow-origin: http://localhost:5173"), "{paged:?}");
    dev.stop();
}

#[test]
fn a_second_session_refuses_events_and_shows_the_stream() {
    let workspace = Workspace::small();
    let (mut first, http) = listening(&workspace);
    let mut second = workspace.dev(&["--no-play"]);
    let line = second.wait_for("listening on http://127.0.0.1:");
    assert!(line.ends_with(", the stream alone"), "{line}");
    let other = Http(line.rsplit(':').next().unwrap().split(',').next().unwrap().parse().unwrap());
    let answer = other.post("/v1/events", JSON, &event("SO-1"));
    assert_eq!(answer.status, 503);
    assert!(answer.told().contains("another `fibric dev` takes the live input"), "{answer:?}");
    let mut stream = other.stream("?where=fact:disposed", "");
    assert_eq!(http.post("/v1/events", JSON, &event("SO-1")).status, 202);
    assert_eq!(stream.next().1["fact"]["disposed"]["receipt"]["idempotency_key"], "holder:SO-1:hold");
    second.stop();
    first.stop();
}

#[test]
fn a_port_that_is_taken_is_said_and_the_session_goes_on() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let workspace = Workspace::small();
    let mut dev = workspace.spawn(&["dev", "--plain", "--events", "-", "--port", &port]);
    dev.wait_for(&format!("port {port} is in use: no events are taken over HTTP"));
    dev.send(&super::harness::order(1));
    dev.wait_for("key=holder:SO-1:hold");
    dev.stop();
    assert_eq!(workspace.run(&["dev", "--once", "--port", "0"]).code, 2, "it would listen to nobody");
    assert_eq!(workspace.run(&["dev", "--plain", "--port", "70000"]).code, 2);
}

#[test]
fn a_webhook_is_an_event_that_a_connector_declares() {
    let workspace = Workspace::small();
    let events = "events: { 'order.created': { kind: 'webhook', topic: 'orders/new' }, 'stock.low': { kind: 'poll' }, \
                  'order.paid': { kind: 'webhook', topic: 'money' }, 'order.late': { kind: 'webhook', topic: 'money' } },\n  tools:";
    let shop = super::harness::connector("cn-acts", &["order.hold", "notify.send"]).replacen("tools:", events, 1);
    workspace.write("connectors/cn-acts.ts", shop);
    let (mut dev, http) = listening(&workspace);
    let body = "{\"order_id\":\"SO-3\",\"n\":1.50}";
    for path in ["/webhooks/cn-acts/orders%2Fnew", "/webhooks/cn-acts/order.created"] {
        let answer = http.post(path, JSON, body);
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(answer.json()["event_id"], answer.json()["correlation_id"]);
    }
    assert_eq!(http.post("/webhooks/cn-acts/stock.low", JSON, "{}").status, 202, "a poll is delivered so too");
    dev.wait_for("no trigger matched");
    for (path, status, told, help) in [
        ("/webhooks/cn-act/x", 404, "no connector `cn-act` is loaded", "did you mean `cn-acts`?"),
        ("/webhooks/cn-acts/order.creatd", 404, "declares no event `order.creatd`", "did you mean `order.created`?"),
        ("/webhooks/cn-acts/money", 404, "declares no event `money`", "one of `order.late`, `order.paid`"),
    ] {
        let answer = http.post(path, JSON, body);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(answer.told().contains(told) && answer.help().contains(help), "{path}: {answer:?}");
    }
    let answer = http.post("/webhooks/cn-acts/order.created", JSON, "[1]");
    assert_eq!((answer.status, answer.told().as_str()), (400, "a payload is an object, found an array"));
    assert_eq!(http.post("/webhooks/cn-acts/order.created", "content-type: a/b\r\n", body).status, 415);
    dev.stop();
    let envelopes = workspace.state("envelopes.jsonl");
    assert_eq!(envelopes.len(), 3);
    assert_eq!((&envelopes[0]["source"], &envelopes[0]["event_type"]), (&"cn-acts".into(), &"order.created".into()));
    assert!(workspace.read(".fibric/dev/envelopes.jsonl").contains("1.50"));
}
