//! curl, as the documentation calls it.

use std::process::Command;

use crate::harness::Workspace;
use crate::{listening, needs};

/// What curl says of a request: the status, and the body.
fn curl(workspace: &Workspace, args: &[&str]) -> (String, String) {
    let common = ["--silent", "--show-error", "--max-time", "50", "--write-out", "\n%{http_code}"];
    let output = Command::new("curl").args(common).args(args).current_dir(workspace.path(".")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (body, status) = said.rsplit_once('\n').unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    (status.to_owned(), body.to_owned())
}

#[test]
fn what_the_page_shows_works_as_printed() {
    needs("curl", "apt-get install curl");
    let workspace = Workspace::small();
    let (mut dev, address) = listening(&workspace);
    let events = format!("{address}/v1/events");
    let one = r#"{"source":"shop","event_type":"order.created","payload":{"order_id":"SO-1"}}"#;
    let (status, body) = curl(&workspace, &[&events, "--json", one]);
    assert_eq!(status, "202", "{body}");
    assert!(body.starts_with(r#"{"event_id":""#), "{body}");
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-1:hold");

    workspace
        .write("batch.ndjson", (2..200).map(|n| one.replace("SO-1", &format!("SO-{n}")) + "\n").collect::<String>());
    let lines = ["--header", "content-type: application/x-ndjson", "--data-binary", "@batch.ndjson"];
    let (status, body) = curl(&workspace, &[&[events.as_str()], &lines[..]].concat());
    assert_eq!((status.as_str(), body.lines().count()), ("202", 198));
    dev.wait_for("key=holder:SO-199:hold");

    // A large body makes curl ask first (`Expect: 100-continue`), and a pipe is sent in chunks.
    workspace.write("large.json", one.replace("SO-1", &"x".repeat(2 << 20)));
    for upload in [
        &["--data-binary", "@large.json"][..],
        &["--header", "transfer-encoding: chunked", "--data-binary", "@large.json"],
    ] {
        let typed = [&[events.as_str(), "--header", "content-type: application/json"], upload].concat();
        assert_eq!(curl(&workspace, &typed).0, "202", "{upload:?}");
    }
    let keyed = [events.as_str(), "--header", "idempotency-key: k-1", "--json", one];
    let first = curl(&workspace, &keyed);
    assert_eq!(curl(&workspace, &keyed), first);
    assert_eq!(curl(&workspace, &[events.as_str(), "--header", "idempotency-key: k-1", "--json", "{}"]).0, "400");
    let other = one.replace("SO-1", "SO-2");
    assert_eq!(curl(&workspace, &[events.as_str(), "--header", "idempotency-key: k-1", "--json", &other]).0, "409");
    assert_eq!(curl(&workspace, &[&events, "--header", "origin: null", "--json", one]).0, "403");
    assert_eq!(curl(&workspace, &[&events, "--http0.9", "--header", "host: example.com", "--json", one]).0, "403");

    let port = address.rsplit(':').next().unwrap();
    let six = format!("http://[::1]:{port}/v1/events");
    assert_eq!(curl(&workspace, &["--globoff", &six, "--json", one]).0, "202", "over IPv6");

    let stream = format!("{address}/v1/events/stream?where=fact:received");
    let said = Command::new("curl")
        .args(["--silent", "--no-buffer", "--max-time", "3", "--header", "last-event-id: 0:0", &stream])
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("id: 1:") && said.contains(r#""order_id":"SO-199""#), "{}", &said[..said.len().min(500)]);
    dev.stop();
}
