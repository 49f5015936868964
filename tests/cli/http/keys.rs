//! Idempotency keys: one request is taken in once, whatever comes between.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use super::client::{Http, JSON, LINES, event};
use super::listening;
use crate::harness::Workspace;

fn keyed(http: Http, key: &str, order: &str) -> Option<super::Answer> {
    http.send("/v1/events", &format!("{JSON}idempotency-key: {key}\r\n"), &event(order))
}

#[test]
fn a_request_that_comes_again_has_the_answer_it_had_also_after_a_restart() {
    let workspace = Workspace::small();
    let (mut dev, mut http) = listening(&workspace);
    let first = keyed(http, "k1", "SO-1").unwrap();
    let two = [event("a"), event("b")].join("\n");
    let batch = http.post("/v1/events", &format!("{LINES}idempotency-key: k2\r\n"), &two);
    let refused = http.post("/v1/events", &format!("{JSON}idempotency-key: k3\r\n"), "{}");
    assert_eq!((first.status, batch.status, refused.status), (202, 202, 400));
    for round in 0..3 {
        match round {
            0 => {}
            1 => dev.stop(),
            _ => {
                dev.signal("KILL");
                dev.end();
            }
        }
        if round > 0 {
            (dev, http) = listening(&workspace);
        }
        let again = keyed(http, "k1", "SO-1").unwrap();
        assert_eq!((again.status, &again.body), (202, &first.body), "{round}");
        assert!(again.head.contains("idempotency-replayed: true"), "{again:?}");
        let again = http.post("/v1/events", &format!("{LINES}idempotency-key: k2\r\n"), &two);
        assert_eq!((again.status, &again.body), (202, &batch.body), "{round}");
        assert_eq!(keyed(http, "k1", "SO-2").unwrap().status, 409);
    }
    dev.stop();
    assert_eq!(workspace.state("envelopes.jsonl").len(), 3);
    assert!(!workspace.read(".fibric/dev/requests.jsonl").contains("k1"), "keys may be secrets of their callers");
}

#[test]
fn another_body_under_a_key_is_a_conflict_and_a_refused_one_frees_it() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    assert_eq!(keyed(http, "k", "SO-1").unwrap().status, 202);
    let other = keyed(http, "k", "SO-2").unwrap();
    assert_eq!(other.status, 409);
    assert!(other.told().contains("came with another body before"), "{other:?}");
    assert_eq!(http.post("/webhooks/x/y", &format!("{JSON}idempotency-key: k\r\n"), &event("SO-1")).status, 409);
    // What was not taken in has used no key.
    let foreign = event("SO-3").replace("{\"source\"", "{\"tenant_id\":\"t_acme\",\"source\"");
    let head = format!("{JSON}idempotency-key: free\r\n");
    assert_eq!(http.post("/v1/events", &head, &foreign).status, 403);
    assert_eq!(http.post("/v1/events", &head, &event("SO-3")).status, 202);
    dev.stop();
    assert_eq!(workspace.state("envelopes.jsonl").len(), 2);
}

#[test]
fn two_callers_with_one_key_at_once_are_one() {
    let workspace = Workspace::small();
    let (mut dev, http) = listening(&workspace);
    for round in 0..20 {
        let together = Barrier::new(8);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        keyed(http, &format!("k{round}"), &format!("SO-{round}")).unwrap()
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        assert!(answers.iter().all(|answer| answer.status == 202 && answer.body == answers[0].body), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.head.contains("idempotency-replayed")).count(), 7);
    }
    dev.stop();
    assert_eq!(workspace.state("envelopes.jsonl").len(), 20);
}

#[test]
fn what_was_acknowledged_survives_a_kill_and_a_retry_takes_nothing_twice() {
    const CALLERS: usize = 4;
    let workspace = Workspace::small();
    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..4 {
        let (mut dev, http) = listening(&workspace);
        let dead = AtomicBool::new(false);
        let mut all: Vec<Vec<(String, String)>> = Vec::new();
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|caller| {
                    let dead = &dead;
                    scope.spawn(move || {
                        let mut answered = Vec::new();
                        for n in 0.. {
                            if dead.load(Ordering::Relaxed) {
                                break;
                            }
                            let key = format!("{round}-{caller}-{n}");
                            let Some(answer) = keyed(http, &key, &key) else { break };
                            assert_eq!(answer.status, 202, "{answer:?}");
                            answered.push((key, answer.body));
                        }
                        answered
                    })
                })
                .collect();
            dev.wait_for(&format!("key=holder:{round}-{}-{}:hold", round % CALLERS, 10 + 7 * round));
            dev.signal("KILL");
            dev.end();
            dead.store(true, Ordering::Relaxed);
            all = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        });
        let (mut dev, http) = listening(&workspace);
        let envelopes = workspace.state("envelopes.jsonl");
        for answered in &all {
            for (key, body) in answered {
                let id = serde_json::from_str::<serde_json::Value>(body).unwrap()["event_id"].clone();
                assert!(
                    envelopes.iter().any(|envelope| envelope["event_id"] == id),
                    "{key} was acknowledged and is lost"
                );
            }
        }
        // Every caller retries what it has, and what it does not know of.
        for (caller, answered) in all.iter().enumerate() {
            for (key, body) in answered {
                assert_eq!(&keyed(http, key, key).unwrap().body, body, "{key}");
            }
            let open = format!("{round}-{caller}-{}", answered.len());
            acknowledged.insert(open.clone(), keyed(http, &open, &open).unwrap().body);
        }
        acknowledged.extend(all.into_iter().flatten());
        dev.stop();
    }
    let envelopes = workspace.state("envelopes.jsonl");
    let orders: Vec<_> = envelopes.iter().map(|envelope| envelope["payload"]["order_id"].to_string()).collect();
    let mut distinct = orders.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), orders.len(), "an event was taken twice");
    assert_eq!(orders.len(), acknowledged.len());
    workspace.ok(&["receipts", "verify"]);
}
