//! Whatever stands in a fixture: a sentence with its place, and the rest goes on; and every digit kept.

use std::fmt::Write as _;

use super::harness::{Workspace, envelope, order};

#[test]
fn each_bad_input_gets_a_sentence_with_its_place_and_the_rest_goes_on() {
    let good = order(1);
    let bad = order(2);
    let bad = bad.trim_end();
    let table: Vec<(String, &str, &str)> = vec![
        ("nonsense".to_owned(), "2:1", "not JSON"),
        (bad.replace("t_local", "t_other"), "2", "tenant `t_other` is not `t_local`"),
        (bad.replace("\"session_id\":null", "\"sesion_id\":null"), "2:", "unknown field `sesion_id`"),
        (bad.replace(",\"session_id\":null", ""), "2:1", "session_id"),
        (bad.replace("\"shop\"", "7"), "2:", "source"),
        (bad.replace("{\"order_id\":\"SO-2\"}", "[]"), "2:", "payload"),
        (bad.replace("order.created", "order..created"), "2:", "empty segment"),
        (bad.replace("\"source\"", "\"event_id\":\"again\",\"source\""), "2:", "event_id"),
        (bad[..80].to_owned(), "2:", "not JSON"),
        (bad.replace("SO-2", "S\u{0}O"), "2:", "NUL"),
        (format!("{{\"a\":{}", "[".repeat(100_000)), "2:", "deep"),
        (bad.replace('"', "'"), "2:", "not JSON"),
        (bad.replace("\"tenant_id\"", &format!("\"{}\"", "q".repeat(2_000_000))), "2:", "unknown field"),
    ];
    for (line, place, sentence) in table {
        let workspace = Workspace::small();
        workspace.write("fixtures/a.jsonl", format!("{good}{line}\n{}", order(3)));
        let said = workspace.run(&["dev", "replay", "fixtures"]);
        let what = &line[..line.len().min(200)];
        assert_eq!(said.code, 0, "{what}: {said:?}");
        assert!(said.out.starts_with("2 envelopes · 2 plans proposed · 2 disposed"), "{what}: {}", said.out);
        assert!(said.out.contains(&format!("fixtures/a.jsonl:{place}")), "{what}: {}", said.out);
        assert!(said.out.contains(sentence), "{what}: {}", said.out);
        assert!(said.out.len() < 10_000, "{what}: {} bytes are said", said.out.len());
        assert!(said.out.ends_with("1 refused\n"), "{what}: {}", said.out);
    }
}

#[test]
fn a_key_given_twice_in_a_payload_is_a_warning_and_binary_a_refusal() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", envelope(1, "order.created", "{\"order_id\":\"A\",\"order_id\":\"B\"}"));
    let said = workspace.ok(&["dev", "replay", "fixtures"]);
    assert!(said.contains("warning: `order_id` is given twice") && said.contains("fixtures/a.jsonl:1:"), "{said}");
    assert_eq!(workspace.state("receipts.jsonl")[0]["entity_key"], "order:B");
    let noise: Vec<u8> = (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    workspace.write("fixtures/a.jsonl", noise);
    assert!(workspace.ok(&["dev", "replay", "fixtures"]).contains("0 envelopes"));
    workspace.write("fixtures/a.jsonl", "");
    assert!(workspace.ok(&["dev", "replay", "fixtures"]).contains("warning"));
}

#[test]
fn a_line_of_a_hundred_megabytes_is_refused_in_bounded_memory() {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--events", "-", "--no-play"]);
    dev.send(&order(1));
    dev.wait_for("receipt 1 written");
    let before = dev.peak_memory();
    dev.send("{\"event_id\":\"");
    let piece = "x".repeat(1 << 20);
    (0..100).for_each(|_| dev.send(&piece));
    dev.send("\"}\n");
    dev.send(&order(2));
    dev.wait_for("larger than 64 MiB");
    dev.wait_for("standard input:2:1");
    dev.wait_for("dispose order.hold ALLOW key=holder:SO-2:hold");
    let grown = dev.peak_memory() - before;
    assert!(grown < 200, "it took {grown} MiB more");
    dev.stop();
}

/// Numbers whose digits a float would lose, and text that could be mangled on the way.
const ODD: [&str; 10] = [
    "9007199254740993",
    "1.10",
    "1E400",
    "-0.0",
    "123456789012345678901234567890.123456789012345678901234567890",
    "1e-999",
    "\"\\u001b[31m\\u0000\"",
    "\"Zoë ☕ 東京 🧑‍🌾 \u{202e}x\"",
    "\"😀 \\n \\\\ \\\" \"",
    "[18446744073709551616,-9223372036854775809,[0.1e+1,{\"\":null}]]",
];

#[test]
fn five_thousand_foreign_envelopes_keep_every_digit() {
    let workspace = Workspace::small();
    let mut text = String::new();
    for n in 0..5_000_u32 {
        let mut payload = format!("{{\"n\":{n},\"a\":{},\"b\":{}", ODD[n as usize % 10], ODD[n as usize / 10 % 10]);
        let long = if n % 1_250 == 7 { 3 << 20 } else { n as usize % 97 * 7 };
        let _ = write!(
            payload,
            ",\"long\":1{},\"text\":\"{}\"}}",
            "0123456789".repeat(n as usize % 50),
            "ł".repeat(long / 2)
        );
        text += &envelope(n, ["claim.filed", "lab.result.ready", "hvac.zone.fault"][n as usize % 3], &payload);
    }
    workspace.write("fixtures/foreign.jsonl", &text);
    let said = workspace.ok(&["dev", "replay", "fixtures"]);
    assert_eq!(said, "5000 envelopes · 0 plans proposed · 0 disposed\n");
    let kept = workspace.read(".fibric/dev/envelopes.jsonl");
    if let Some((kept, line)) = kept.lines().zip(text.lines()).find(|(kept, line)| kept != line) {
        panic!("not as it was:\n{kept:.600}\n{line:.600}");
    }
    assert_eq!(kept.len(), text.len());
    let journal = workspace.read(".fibric/dev/runs/0001/journal.jsonl");
    let mut received = journal.lines().filter(|line| line.contains("\"received\""));
    for line in text.lines() {
        let entry = received.next().unwrap();
        assert!(entry.contains(&format!("\"envelope\":{line}")), "{}", &entry[..entry.len().min(400)]);
    }
    workspace.ok(&["receipts", "export", "--envelopes", "--out", "out.jsonl"]);
    // The same but for what would lead who looks at it, which is written as escapes.
    let shown = fibric_console::kernel::sanitize::inert_json(&text);
    assert!(workspace.read("out.jsonl") == shown, "the export is not as it was");
}
