use std::fs;

use proptest::prelude::*;

use super::*;
use crate::kernel::json::read;

fn raw(text: &str) -> Raw {
    Raw::parse(text).unwrap()
}

fn sense(args: &str) -> Request {
    Request::sense("cn-orderbook", "orders.read", &raw(args))
}

fn cassette(text: &[u8]) -> Cassette {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sense.jsonl");
    fs::write(&path, text).unwrap();
    Cassette::read(Kind::Sense, &path, "recordings/sense.jsonl".to_owned())
}

fn written(requests: &[(&str, Outcome)]) -> String {
    let fresh = requests.iter().map(|(args, outcome)| Recording::of(&sense(args), outcome.clone()));
    let fresh = fresh.map(|recording| (recording.digest.clone(), recording)).collect();
    cassette(b"").with(&fresh).text
}

fn told(cassette: &Cassette, args: &str) -> String {
    cassette.find(&sense(args)).unwrap_err().told()
}

#[test]
fn the_digest_keeps_digits_and_knows_no_order_of_members() {
    let digest = |args: &str| sense(args).digest().to_owned();
    assert_eq!(digest(r#"{"a":1,"b":{"c":2,"d":3}}"#), digest(r#"{"b":{"d":3,"c":2},"a":1}"#));
    for other in [r#"{"a":1.0}"#, r#"{"a":1e0}"#, r#"{"a":"1"}"#, r#"{"a":[1]}"#, r#"{"A":1}"#, "{}"] {
        assert_ne!(digest(r#"{"a":1}"#), digest(other), "{other}");
    }
    assert_ne!(digest("[1,2]"), digest("[2,1]"));
    // What the page says a digest is over, spelt out by hand.
    let text = r#"{"args":{"order_id":"SO-1"},"capability":"orders.read","connector":"cn-orderbook"}"#;
    assert_eq!(sense(r#"{"order_id":"SO-1"}"#).raw().as_str(), text);
}

#[test]
fn what_is_recorded_is_found_again_and_nothing_else_is() {
    let whole = written(&[(r#"{"order_id":"SO-1"}"#, Ok(raw("9007199254740993"))), ("{}", Err("gone".to_owned()))]);
    let tape = cassette(whole.as_bytes());
    assert!(tape.faults().is_empty(), "{:?}", tape.faults());
    assert_eq!(*tape.find(&sense(r#"{"order_id":"SO-1"}"#)).unwrap(), Ok(raw("9007199254740993")));
    assert_eq!(*tape.find(&sense("{}")).unwrap(), Err("gone".to_owned()));
    let place = whole.lines().position(|line| line.contains("SO-1")).unwrap() + 1;
    assert_eq!(
        told(&tape, r#"{"order_id":"SO-2"}"#),
        format!("this read is not recorded; nearest is line {place}: args.order_id: recorded \"SO-1\", asked \"SO-2\"")
    );
    assert_eq!(told(&cassette(b""), "{}"), "this read is not recorded; `recordings/sense.jsonl` has no recordings");
    let none = Cassette::read(Kind::Reason, Path::new("/nowhere"), "r".to_owned());
    let asked = Request::reason(None, "goal", &Raw::null());
    assert_eq!(none.find(&asked).unwrap_err().told(), "this question is not recorded; there is no `r`");
}

#[test]
fn the_nearest_differs_least_and_shares_most_within_what_was_asked_through() {
    let ok = || Ok(Raw::null());
    let whole = written(&[
        (r#"{"a":1,"b":2,"c":{"d":4,"e":5}}"#, ok()),
        (r#"{"a":1,"b":2,"c":{"d":4,"e":6}}"#, ok()),
        (r#"{"a":1}"#, ok()),
        ("[1,2,3]", ok()),
    ]);
    let tape = cassette(whole.as_bytes());
    for (asked, difference) in [
        (r#"{"a":1,"b":3,"c":{"d":4,"e":6}}"#, "args.b: recorded 2, asked 3"),
        (r#"{"a":1,"b":2,"c":{"d":4,"e":5},"f":1}"#, "args.f: recorded nothing, asked 1"),
        ("[1,2]", "args[2]: recorded 3, asked nothing"),
        (r#"{"a":2}"#, "args.a: recorded 1, asked 2"),
    ] {
        let said = told(&tape, asked);
        assert!(said.ends_with(difference), "{asked}: {said}");
    }
    // Another capability is further away than other arguments are, however many.
    let asked = Request::sense("cn-orderbook", "stock.read", &raw(r#"{"a":1}"#));
    let said = tape.find(&asked).unwrap_err().told();
    assert!(said.ends_with("capability: recorded \"orders.read\", asked \"stock.read\""), "{said}");
}

#[test]
fn a_damaged_line_is_told_with_its_place_and_the_others_are_read() {
    let whole = written(&[(r#"{"n":1}"#, Ok(raw("1"))), (r#"{"n":2}"#, Ok(raw("2"))), (r#"{"n":3}"#, Ok(raw("3")))]);
    let lines: Vec<_> = whole.lines().collect();
    let edited = lines[0].replace(r#""request":{"args":{"n":"#, r#""request":{"args":{"n":4"#);
    let other = lines[1].replace("\"version\":1", "\"version\":2").replace('}', ",\"x\":1}");
    let twice = lines[2].replace("\"answer\":", "\"answer\":4");
    let both = lines[1].replace("\"answer\":", "\"error\":\"no\",\"answer\":");
    let foreign = lines[1].replace("\"capability\":", "\"tool\":");
    let text =
        [&edited, "<<<<<<< ours", &other, lines[2], &twice, lines[2], &both, &foreign, &lines[1][..50]].join("\n");
    let tape = cassette(&[text.as_bytes(), b"\n\xff\xfe\n", b"{\"digest\":\"x\"}\r\n"].concat());
    let asked = |line: &str| sense(read(line).unwrap().value.pointer("/request/args").unwrap().to_string().as_str());
    assert!(tape.find(&asked(lines[2])).is_ok());
    assert!(tape.find(&asked(lines[0])).is_err() && tape.find(&asked(lines[1])).is_err());
    let said: Vec<_> =
        tape.faults().iter().map(|fault| format!("{} {}", fault.place().unwrap(), fault.message)).collect();
    let expected = [
        (":1 ", "`digest` is not that of the request, which is "),
        (":2:1 ", "this line is no recording: "),
        (":3 ", "its `version` is 2, and this `fibric` reads 1"),
        (":7 ", "it has neither `answer` nor `error`, or both"),
        (":8 ", "`request` has other members than `args`, `capability`, `connector`"),
        (":9:51 ", "this line is no recording: "),
        (":10 ", "it is not UTF-8 at byte 0"),
        (":11 ", "`version` is missing; it is 1"),
        (":5 ", "this request is recorded with another answer in line 4 already"),
    ];
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, (place, part)) in said.iter().zip(expected) {
        assert!(said.starts_with(&format!("recordings/sense.jsonl{place}")) && said.contains(part), "{said}");
    }
}

#[test]
fn one_recording_changes_one_line() {
    let before = written(&[(r#"{"n":1}"#, Ok(raw("1"))), (r#"{"n":2}"#, Ok(raw("2"))), (r#"{"n":3}"#, Ok(raw("3")))]);
    let fresh = |args: &str, answer: &str| {
        let recording = Recording::of(&sense(args), Ok(raw(answer)));
        [(recording.digest.clone(), recording)].into()
    };
    let tape = cassette(before.as_bytes());
    let Merged { text, recordings, added, changed } = tape.with(&fresh(r#"{"n":2}"#, "7"));
    assert_eq!((recordings, added, changed), (3, 0, 1));
    assert_eq!(text.lines().filter(|line| !before.contains(*line)).count(), 1);
    let Merged { text, recordings, added, changed } = tape.with(&fresh(r#"{"n":4}"#, "7"));
    assert_eq!((recordings, added, changed), (4, 1, 0));
    assert_eq!(text.lines().filter(|line| !before.contains(*line)).count(), 1);
    assert!(text.lines().is_sorted());
    assert_eq!(tape.with(&fresh(r#"{"n":2}"#, "2")).text, before);
}

proptest! {
    #[test]
    fn whatever_is_recorded_is_read_back(all in prop::collection::btree_map("[a-z]{1,6}", "\\PC{0,12}", 1..12)) {
        let lines: Vec<_> = all
            .iter()
            .map(|(key, text)| (format!("{{\"{key}\":1}}"), Ok(Raw::of(&Value::from(text.as_str())))))
            .collect();
        let lines: Vec<_> = lines.iter().map(|(args, outcome)| (args.as_str(), outcome.clone())).collect();
        let tape = cassette(written(&lines).as_bytes());
        prop_assert!(tape.faults().is_empty());
        for (args, outcome) in &lines {
            prop_assert_eq!(tape.find(&sense(args)).unwrap(), outcome);
        }
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let tape = cassette(&bytes);
        let found = tape.find(&sense("{}"));
            prop_assert!(found.is_err());
    }

    #[test]
    fn a_nearest_recording_is_never_the_same_request(values in prop::collection::vec(0_u8..4, 3), asked in 0_u8..9) {
        let lines: Vec<_> = values.iter().map(|n| (format!("{{\"n\":{n}}}"), Ok(Raw::null()))).collect();
        let lines: Vec<_> = lines.iter().map(|(args, outcome)| (args.as_str(), outcome.clone())).collect();
        let tape = cassette(written(&lines).as_bytes());
        let args = format!("{{\"n\":{asked}}}");
        match tape.find(&sense(&args)) {
            Ok(_) => prop_assert!(values.contains(&asked)),
            Err(miss) => {
                prop_assert!(!values.contains(&asked));
                let told = miss.told();
                let asked = format!("asked {asked}");
                prop_assert!(told.ends_with(&asked), "{}", told);
            }
        }
    }
}

#[test]
fn values_of_the_reader_are_compared_not_texts() {
    let a = read(r#"{"args":{"b":1,"a":2},"capability":"orders.read","connector":"cn-orderbook"}"#).unwrap().value;
    assert_eq!(Request::of_recording(Kind::Sense, &a).unwrap(), sense(r#"{"a":2,"b":1}"#));
}
