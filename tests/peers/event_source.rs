//! The `eventsource` package under Node: it reconnects by itself, with the id it saw last.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::harness::Workspace;
use crate::{listening, needs};

const READER: &str = "
const { EventSource } = require('eventsource');
const source = new EventSource(process.argv[1]);
source.onopen = () => console.log(JSON.stringify({ open: true }));
source.onmessage = (event) => console.log(JSON.stringify({ id: event.lastEventId, data: JSON.parse(event.data) }));
source.addEventListener('gap', (event) => console.log(JSON.stringify({ gap: JSON.parse(event.data) })));
";

struct Reader {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Reader {
    fn start(address: &str) -> Self {
        needs("node", "https://nodejs.org, or apt-get install nodejs");
        let Some(modules) = std::env::var_os("FIBRIC_PEERS") else {
            panic!("run `cargo xtask peers`, which installs `eventsource`");
        };
        let mut child = Command::new("node")
            .args(["-e", READER, address])
            .env("NODE_PATH", modules)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The next entry, whatever is said of the connection in between.
    fn entry(&mut self) -> (String, Value) {
        loop {
            let mut told = self.next();
            if let Some(id) = told["id"].as_str() {
                return (id.to_owned(), told["data"].take());
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn post(address: &str, order: &str) {
    let event = format!(r#"{{"source":"shop","event_type":"order.created","payload":{{"order_id":"{order}"}}}}"#);
    let events = format!("{address}/v1/events");
    let status =
        Command::new("curl").args(["--silent", "--fail", "--output", "/dev/null", &events, "--json", &event]).status();
    assert!(status.unwrap().success());
}

#[test]
fn it_reads_on_where_it_was_when_the_session_is_killed_and_comes_back() {
    needs("curl", "apt-get install curl");
    let workspace = Workspace::small();
    let (mut dev, address) = listening(&workspace);
    let port = address.rsplit(':').next().unwrap().to_owned();
    let mut reader = Reader::start(&format!("{address}/v1/events/stream"));
    assert_eq!(reader.next()["open"], true);
    let (mut ids, mut seen) = (Vec::new(), Vec::new());
    let mut take = |reader: &mut Reader, until: &str| loop {
        let (id, data) = reader.entry();
        ids.push(id);
        if let Some(key) = data["fact"]["disposed"]["receipt"]["idempotency_key"].as_str() {
            seen.push(key.to_owned());
            if key == until {
                return;
            }
        }
    };
    post(&address, "SO-1");
    take(&mut reader, "holder:SO-1:hold");
    for round in 2..4 {
        dev.signal("KILL");
        dev.end();
        // Entries that come while nobody listens.
        dev = workspace.spawn(&["dev", "--plain", "--no-play", "--port", &port]);
        dev.wait_for("listening on ");
        post(&address, &format!("SO-{round}"));
        take(&mut reader, &format!("holder:SO-{round}:hold"));
    }
    dev.stop();
    assert_eq!(seen, ["holder:SO-1:hold", "holder:SO-2:hold", "holder:SO-3:hold"]);
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "an entry came twice: {ids:?}");
    // None was left out: of each run what was seen has no gaps.
    for run in 1..4 {
        let of = |id: &String| id.strip_prefix(&format!("{run}:")).map(|seq| seq.parse::<u64>().unwrap());
        let seqs: Vec<_> = ids.iter().filter_map(of).collect();
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "run {run}: {seqs:?}");
        assert!(run == 1 || seqs[0] == 1, "run {run} from its beginning: {seqs:?}");
    }
}
