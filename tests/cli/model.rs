//! A model as reasoner, over a real connection to an endpoint that is slow, cuts off, lies and never ends.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fibric_console::author::host::Reasoned;
use fibric_console::kernel::json::Raw;
use fibric_console::kernel::secret::Secret;
use fibric_console::reason::model::{Endpoint as Settings, Model};
use fibric_console::reason::{Answer, Question, Reasoner as _};
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, Reply, completion, head};
use crate::harness::{PATIENCE, Workspace, operator, order};

const KEY: &str = "sk-planted-0123456789";

fn plan(id: &str) -> Value {
    json!({ "reasoning": "because", "actions": [{ "tool": "order.hold", "args": { "order_id": id }, "entity_key":
        format!("order:{id}"), "idempotency_key": format!("holder:{id}:hold") }] })
}

fn ask(base_url: String, timeout: u64) -> Answer {
    let settings = Settings {
        base_url,
        model: Some("small".to_owned()),
        key: Secret::of("reasoner.api_key", KEY),
        timeout: Duration::from_millis(timeout),
        retries: 2,
        prices: None,
        actions: 1_000,
    };
    let input = Raw::parse(r#"{"order_id":"SO-1"}"#).unwrap();
    let proposes = ["order.hold".to_owned()];
    let asked = Question {
        operator: "holder",
        goal: "hold",
        prompt: None,
        model: None,
        proposes: &proposes,
        has_stub: true,
        input: &input,
    };
    let answer = Model::new(settings, Arc::default()).reason(&asked);
    assert!(!format!("{answer:?}").contains("planted"), "{answer:?}");
    answer
}

/// What is said of an endpoint that answers so, and how often it was asked.
fn said(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> (String, usize) {
    // Long enough for a body to be refused by its size, short enough for one that never comes.
    let endpoint = Endpoint::new(move |number, _| reply(number));
    let answer = ask(endpoint.base_url(), 1_500);
    (answer.outcome.unwrap_err(), endpoint.asked().len())
}

#[test]
fn an_endpoint_that_is_late_is_not_waited_for() {
    let drip = [head(200, 100_000), b"{".to_vec()].concat();
    for reply in [|| Reply::Silence, || Reply::Drip(b"HTTP/1.1 200 OK".to_vec())] {
        let endpoint = Endpoint::new(move |_, _| reply());
        let why = ask(endpoint.base_url(), 150).outcome.unwrap_err();
        assert!(why.ends_with("there was no answer within 150 ms (`[reasoner] timeout`)"), "{why}");
    }
    let endpoint = Endpoint::new(move |_, _| Reply::Drip(drip.clone()));
    let why = ask(endpoint.base_url(), 150).outcome.unwrap_err();
    assert!(why.contains("within 150 ms"), "{why}");
}

#[test]
fn what_is_cut_off_or_in_trouble_is_asked_again_and_then_given_up() {
    let cut = || Reply::Raw([head(200, 5_000), b"{\"choices\":[".to_vec()].concat());
    let (why, times) = said(move |_| cut());
    assert!(why.ends_with("the connection ended before the answer did, after 3 attempts"), "{why}");
    assert_eq!(times, 3);
    let (why, times) = said(|_| Reply::Raw(Vec::new()));
    assert!(why.ends_with("after 3 attempts") && times == 3, "{why} {times}");
    for status in [408, 429, 500, 502, 503, 504] {
        let body = br#"{"error":{"message":"come back \u001b[31mlater"}}"#;
        let (why, times) = said(move |_| Reply::Http(status, Vec::new(), body.to_vec()));
        let part = format!("(status {status}: come back \u{1b}[31mlater), after 3 attempts");
        assert!(why.ends_with(&part) && times == 3, "{why} {times}");
    }
    for (status, part) in
        [(400, "refuses the question"), (401, "does not take the key"), (404, "not at this `base_url`")]
    {
        let (why, times) = said(move |_| Reply::Http(status, Vec::new(), b"<html>".to_vec()));
        assert!(why.contains(part) && times == 1, "{status}: {why} {times}");
    }
    // No TLS where TLS is wanted.
    let plain = Endpoint::of_plan(&plan("SO-1"));
    let why = ask(plain.base_url().replace("http:", "https:"), 1_500).outcome.unwrap_err();
    assert!(why.ends_with("after 3 attempts") && plain.asked().is_empty(), "{why}");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let why = ask(format!("http://{closed}/v1"), 1_500).outcome.unwrap_err();
    assert!(why.contains("cannot be reached") && why.ends_with("after 3 attempts"), "{why}");
}

#[test]
fn an_endpoint_that_recovers_is_asked_until_it_does() {
    let good = completion(&plan("SO-1").to_string());
    let endpoint = Endpoint::new(move |number, _| match number {
        0 => Reply::Http(429, vec![("retry-after", "0".to_owned())], Vec::new()),
        1 => Reply::Raw(head(200, 10)),
        _ => Reply::Http(200, Vec::new(), good.clone()),
    });
    let answer = ask(endpoint.base_url(), 5_000);
    assert_eq!(answer.outcome, Ok(Reasoned::Answer(Raw::of(&plan("SO-1")))));
    assert_eq!(answer.reasoning.attempts, 3);
}

#[test]
fn a_pause_that_is_longer_than_there_is_time_is_not_begun() {
    let (why, times) = said(|_| Reply::Http(429, vec![("retry-after", "3600".to_owned())], Vec::new()));
    assert!(why.contains("it asks to wait 3600 s, which is longer than what is left of 1500 ms"), "{why}");
    assert_eq!(times, 1);
}

#[test]
fn what_is_no_plan_is_said_and_not_asked_again() {
    let http = |body: &[u8]| {
        let body = body.to_vec();
        said(move |_| Reply::Http(200, Vec::new(), body.clone()))
    };
    let long = plan("SO-1").to_string();
    for (body, part) in [
        (b"".to_vec(), "the answer is empty"),
        (b"<html>we are down</html>".to_vec(), "not JSON at 1:1"),
        (b"\xff\xfe{}".to_vec(), "not UTF-8 at byte 0"),
        (completion("")[..60].to_vec(), "not JSON at 1:61"),
        (completion(&long[..40]), "not JSON at 1:41"),
        (completion("I would hold the order."), "not JSON at 1:1"),
        (completion(r#"{"steps":["hold"]}"#), "unknown field `steps` in a plan; field `actions` is missing"),
        (completion(r#"{"actions":{}}"#), "`actions` is an object, expected an array"),
        (b"{\"object\":\"list\",\"data\":[]}".to_vec(), "it has no `choices`"),
        (format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes(), "not JSON"),
    ] {
        let (why, times) = http(&body);
        assert!(why.contains(part) && times == 1, "{}: {why} {times}", String::from_utf8_lossy(&body));
    }
    // The length says less than there is: what is beyond it is not read.
    let whole = completion(&long);
    let (why, times) = said(move |_| Reply::Raw([head(200, 50), whole.clone()].concat()));
    assert!(why.contains("not JSON at 1:51") && times == 1, "{why} {times}");
}

#[test]
fn what_never_ends_is_cut_at_its_bound() {
    let chunked = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
    let (why, times) = said(move |_| Reply::Endless(chunked.clone(), chunk.clone()));
    assert!(why.contains("the answer has more than 4 MiB") && times == 1, "{why} {times}");
    let huge = head(200, usize::MAX >> 1);
    let (why, _) = said(move |_| Reply::Endless(huge.clone(), vec![b' '; 0x10000]));
    assert!(why.contains("the answer has more than 4 MiB"), "{why}");
    let (why, _) = said(|_| Reply::Endless(b"HTTP/1.1 200 X\r\n".to_vec(), b"x-more: of this\r\n".to_vec()));
    assert!(why.starts_with("the model did not answer with a plan: "), "{why}");
}

#[test]
fn a_plan_of_a_million_actions_is_over_the_limit_before_it_is_made() {
    let million = format!("{{\"actions\":[{}{{}}]}}", "{},".repeat(999_999));
    let endpoint = Endpoint::new(move |_, _| Reply::Http(200, Vec::new(), completion(&million)));
    let answer = ask(endpoint.base_url(), 20_000);
    let why = "the plan has 1000000 actions, at most 1000 are disposed of";
    assert_eq!(answer.over_limit.as_deref(), Some(why));
}

#[test]
fn a_redirect_is_told_and_the_key_does_not_follow_it() {
    let other = Endpoint::of_plan(&plan("SO-1"));
    for status in [301, 302, 307, 308] {
        let to = format!("{}/chat/completions?key={KEY}", other.base_url());
        let (why, times) = said(move |_| Reply::Http(status, vec![("location", to.clone())], Vec::new()));
        assert!(why.contains("which is not followed") && times == 1, "{why} {times}");
    }
    assert!(other.asked().is_empty());
}

#[test]
fn a_key_that_comes_back_is_scrubbed_wherever_it_stands() {
    let echo = json!({ "reasoning": KEY, "actions": [{ "tool": "order.hold", "args": { KEY: [KEY] }, "entity_key":
        format!("k:{KEY}"), "idempotency_key": KEY }] });
    let endpoint = Endpoint::of_plan(&echo);
    let Ok(Reasoned::Answer(answer)) = ask(endpoint.base_url(), 5_000).outcome else { panic!("it is an answer") };
    assert_eq!(answer.as_str().matches("[secret reasoner.api_key]").count(), 5, "{answer:?}");
    for body in [
        json!({ "error": { "message": format!("bad key {KEY}") } }).to_string().into_bytes(),
        completion(&format!("{{\"{KEY}\":1}}")),
        completion(KEY),
        KEY.as_bytes().to_vec(),
    ] {
        for status in [200, 401, 500] {
            let body = body.clone();
            said(move |_| Reply::Http(status, Vec::new(), body.clone()));
        }
    }
}

/// A workspace whose operator asks a model, with a key in its secrets.
fn workspace(endpoint: &Endpoint) -> Workspace {
    let workspace = Workspace::small();
    let body = "return ctx.reason(ctx.envelope.payload);";
    workspace.write("operators/holder.ts", operator("holder", "order.*", body));
    workspace.write("fixtures/a.jsonl", order(1));
    let toml = format!(
        "[reasoner]\nkind = \"model\"\nbase_url = \"{}\"\nmodel = \"small\"\nsecret = \"api_key\"\ntimeout = \"5s\"\n\
         input_price = \"0.15\"\noutput_price = \"0.6\"\n",
        endpoint.base_url()
    );
    workspace.write("fibric.toml", toml);
    workspace.write(".fibric/secrets.toml", format!("[reasoner]\napi_key = \"{KEY}\"\n"));
    private(&workspace.path(".fibric/secrets.toml"), 0o600);
    workspace
}

fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every file below a folder that holds a text.
fn holding(folder: &Path, text: &str, found: &mut Vec<String>) {
    for item in fs::read_dir(folder).unwrap().flatten() {
        let path = item.path();
        if path.is_dir() {
            holding(&path, text, found);
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(text) {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn a_model_is_asked_in_the_plans_schema_recorded_as_it_runs_and_played_again_without_it() {
    let echo = json!({ "reasoning": format!("{KEY} says so"), "actions": plan("SO-1")["actions"].clone() });
    let endpoint = Endpoint::of_plan(&echo);
    let workspace = workspace(&endpoint);
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(
        said.out,
        "1 envelope · matched: holder (trigger order.*)\n\
         plan proposed: 1 action · model small, 812 + 143 tokens, $0.0002076 · written to .fibric/dev/plans/0001.json\n\
         a model was asked 1 time: 812 + 143 tokens, $0.0002076\n\
         recorded 1 answer in fixtures/recordings/reason.jsonl: 1 added\n"
    );
    assert!(said.err.contains("a model reasons: small at `http://127.0.0.1:"), "{said:?}");
    let [asked] = &endpoint.asked()[..] else { panic!("asked once") };
    assert!(asked.head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{}", asked.head);
    assert!(asked.head.contains(&format!("authorization: Bearer {KEY}\r\n")), "{}", asked.head);
    let schema = "/response_format/json_schema/schema/properties/actions/items/properties/tool/enum";
    assert_eq!(asked.body.pointer(schema), Some(&json!(["order.hold"])));
    assert_eq!(asked.body.pointer("/messages/1/content"), Some(&json!(r#"{"order_id":"SO-1"}"#)));

    let shown = workspace.ok(&["dev", "plan", "0001"]);
    assert!(
        shown.starts_with("pl_1_1 · holder · 0001-c · run 1 · model small, 812 + 143 tokens, $0.0002076\n"),
        "{shown}"
    );
    let lines = workspace.ok(&["dev", "--plain", "--once"]);
    assert!(lines.contains("plan holder 1 action (proposed, not disposed) · model small, 812 + 143 tokens"), "{lines}");

    let mut found = Vec::new();
    holding(&workspace.path("."), "planted", &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with(".fibric/secrets.toml") && !said.err.contains("planted"), "{found:?}");

    // What was recorded answers without a network, a key, or anything that could be asked.
    workspace.remove(".fibric/secrets.toml");
    let asked = endpoint.asked().len();
    let said = workspace.ok(&["dev", "replay", "fixtures", "--reasoner", "recorded", "--strict"]);
    assert!(said.contains("plan proposed: 1 action · recording "), "{said}");
    assert_eq!(endpoint.asked().len(), asked);
}

#[test]
fn what_stands_in_the_way_of_a_model_is_said_before_anything_is_played() {
    let workspace = workspace(&Endpoint::of_plan(&plan("SO-1")));
    let toml = workspace.read("fibric.toml");
    for (from, to, part) in [
        ("base_url", "# base_url", "`[reasoner] base_url` does not say where it is"),
        ("output_price", "# ", "there is only one"),
        ("\"5s\"", "\"30s\"", "is not shorter than `[limits] wall`"),
        ("\"api_key\"", "\"other\"", "there is no secret `reasoner.other`"),
    ] {
        workspace.write("fibric.toml", toml.replace(from, to));
        for command in [&["dev", "replay", "fixtures"][..], &["dev", "--plain", "--once"]] {
            let said = workspace.run(command);
            assert!(said.code == 2 && said.err.contains(part), "{part}: {said:?}");
        }
    }
    workspace.write("fibric.toml", toml);
    private(&workspace.path(".fibric/secrets.toml"), 0o644);
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 2 && said.err.contains("can be read or written by others (mode 644)"), "{said:?}");
    assert!(!said.err.contains("planted"));
    // Nothing else of the workspace needs the model.
    workspace.ok(&["policy", "check"]);
}

#[test]
fn a_model_that_fails_leaves_no_plan_and_no_recording() {
    let endpoint = Endpoint::new(|_, _| Reply::Http(500, Vec::new(), KEY.as_bytes().to_vec()));
    let workspace = workspace(&endpoint);
    let said = workspace.run(&["dev", "replay", "fixtures", "--strict"]);
    assert_eq!(said.code, 5, "{said:?}");
    assert!(said.out.contains("the endpoint is in trouble (status 500), after 3 attempts"), "{said:?}");
    assert!(said.out.contains("a model was asked 1 time, 1 without a plan: 0 + 0 tokens\n"), "{said:?}");
    assert!(!workspace.path("fixtures/recordings").exists());
}

#[test]
fn too_many_actions_are_one_receipt_and_no_key() {
    let many: Vec<_> = (0..1_001).map(|n| plan(&format!("SO-{n}"))["actions"][0].clone()).collect();
    let workspace = workspace(&Endpoint::of_plan(&json!({ "actions": many })));
    workspace.run(&["dev", "replay", "fixtures"]);
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!(receipts.len(), 1);
    let reason = receipts[0]["verdict"]["reason"].as_str().unwrap();
    assert_eq!(reason, "limit: the plan has 1001 actions, at most 1000 are disposed of");
}

#[test]
fn one_question_has_one_answer_in_a_run() {
    let answers =
        Endpoint::new(|number, _| Reply::Http(200, Vec::new(), completion(&plan(&format!("SO-{number}")).to_string())));
    let workspace = workspace(&answers);
    workspace.write("fixtures/a.jsonl", [order(1), order(1), order(2)].concat());
    workspace.ok(&["dev", "replay", "fixtures"]);
    assert_eq!(answers.asked().len(), 2);
    // Another run asks anew, and its answers take the place of the former ones.
    let said = workspace.ok(&["dev", "replay", "fixtures"]);
    assert!(said.contains("recorded 2 answers in fixtures/recordings/reason.jsonl: 2 changed\n"), "{said}");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--record"]);
    assert!(said.contains("recorded 3 plans") && said.contains("2 changed"), "{said}");
}

#[test]
fn trials_show_how_far_a_proposal_is_the_same_each_time() {
    let answers = Endpoint::new(|number, asked| {
        let id = asked.body.pointer("/messages/1/content").and_then(Value::as_str).unwrap();
        let plan = match (id.contains("SO-2"), number % 5) {
            (true, _) => plan("SO-2"),
            (false, 3) => json!({ "reasoning": "too late", "actions": [] }),
            (false, 4) => json!({ "plan": 1 }),
            (false, _) => json!({ "reasoning": format!("take {number}"), "actions": plan("SO-1")["actions"].clone() }),
        };
        Reply::Http(200, Vec::new(), completion(&plan.to_string()))
    });
    let workspace = workspace(&answers);
    workspace.write("fixtures/a.jsonl", [order(1), order(2)].concat());
    let said = workspace.run(&["dev", "replay", "fixtures", "--trials", "20"]);
    assert_eq!(said.code, 0, "{said:?}");
    let expected = [
        "fixtures/a.jsonl:1 order.created corr=0001 · holder: 2 plans in 20 trials",
        "  12× order.hold would ALLOW",
        "  4× 0 actions (a refusal)",
        "  4× no plan: `run` failed: the model did not answer with a plan: unknown field `plan` in a plan; field `actions` is missing",
        "  differs first in actions[0]: mostly {\"args\":{\"order_id\":\"SO-1\"},\"entity_key\":\"order:SO-1\",\"idempotency_key\":\"holder:SO-1:hold\",\"tool…, also nothing",
        "  16240 + 2860 tokens, $0.004152",
        "fixtures/a.jsonl:2 order.created corr=0002 · holder: the same plan in 20 trials",
        "  20× order.hold would ALLOW",
        "  16240 + 2860 tokens, $0.004152",
        "2 envelopes · 2 proposals tried 20 times · 1 stable · 1 not · 32480 + 5720 tokens, $0.008304",
    ];
    assert_eq!(said.out.lines().collect::<Vec<_>>(), expected);
    assert!(!workspace.path("fixtures/recordings").exists() && workspace.state("receipts.jsonl").is_empty());
    let said = workspace.run(&["dev", "replay", "fixtures", "--trials", "5", "--strict"]);
    assert!(said.code == 1 && said.err.contains("strict: 1 proposal is not the same each time (exit 1)"), "{said:?}");
    let said = workspace.ok(&["dev", "replay", "fixtures", "--trials", "5", "--json", "--where", "corr:0001*"]);
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["tried"]["plans"][0]["times"], 3);
    assert_eq!(lines[0]["tried"]["differs"]["field"], "actions[0]");
    assert_eq!(lines[0]["tried"]["cost_usd"], "0.001038");
    assert_eq!(lines[1]["trials"]["unstable"], 1);
    for wrong in [["--trials", "1"], ["--trials", "1001"], ["--trials", "x"]] {
        assert_eq!(workspace.run(&[&["dev", "replay", "fixtures"][..], &wrong].concat()).code, 2);
    }
}

#[test]
fn a_signal_ends_a_replay_that_waits_for_a_model_and_keeps_what_was_answered() {
    for record in [&[][..], &["--record"]] {
        interrupted(record);
    }
}

fn interrupted(record: &[&str]) {
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let first = completion(&plan("SO-1").to_string());
    let endpoint = Endpoint::new(move |number, _| {
        if number == 0 {
            return Reply::Http(200, Vec::new(), first.clone());
        }
        let _ = tell.lock().unwrap().send(());
        Reply::Silence
    });
    let workspace = workspace(&endpoint);
    workspace.write("fibric.toml", workspace.read("fibric.toml").replace("\"5s\"", "\"29s\""));
    workspace.write("fixtures/a.jsonl", [order(1), order(2)].concat());
    let mut replay = workspace.spawn(&[&["dev", "replay", "fixtures"], record].concat());
    told.recv_timeout(PATIENCE).unwrap();
    let begun = Instant::now();
    replay.signal("INT");
    assert_eq!(replay.end(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(20), "it did not wait for the deadline");
    assert_eq!(workspace.read("fixtures/recordings/reason.jsonl").lines().count(), 1);
    assert!(!workspace.path("fixtures/recordings/a.jsonl.plans.jsonl").exists());
}

#[test]
fn what_a_model_answers_to_live_input_is_on_disk_when_its_plan_is_shown() {
    let workspace = workspace(&Endpoint::of_plan(&plan("SO-7")));
    workspace.remove("fixtures/a.jsonl");
    let mut dev = workspace.dev(&["--events", "-"]);
    dev.send(&order(7));
    dev.wait_for("plan holder 1 action (proposed, not disposed) · model small");
    let recorded = workspace.read("fixtures/recordings/reason.jsonl");
    assert!(recorded.contains("SO-7"), "{recorded}");
    // A table that cannot be leaves what was answering, and says so.
    let toml = workspace.read("fibric.toml");
    workspace.replace("fibric.toml", &toml.replace("base_url", "# base_url"));
    dev.wait_for("`[reasoner] base_url` does not say where it is");
    dev.send(&order(8));
    dev.wait_for("plan holder 1 action (proposed, not disposed) · model small");
    workspace.replace("fibric.toml", "[reasoner]\nkind = \"recorded\"\n");
    dev.wait_for("fixed ");
    dev.send(&order(9));
    dev.wait_for("failed holder");
    dev.wait_for("holder: this question is not recorded; nearest is line ");
    dev.send(&order(8));
    dev.wait_for("plan holder 1 action (proposed, not disposed) · recording ");
    dev.stop();
}
