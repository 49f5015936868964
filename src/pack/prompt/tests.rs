use proptest::prelude::*;

use super::*;

const SOUND: &str = "\
# Goal
Hold orders that will miss their promise date, and say so.

# Constraints
Never propose a refund. Every claim names the capability it was sensed through; conversations.read is optional.

# Output
One ExecutionPlan. Keys are
order-risk:<order_id>:<action>

# Refusal
No order id: propose nothing.
";

fn faults(text: &str) -> Vec<String> {
    Prompt::read(text).1.iter().map(told).collect()
}

/// `error 3:1 message (help)`.
fn told(found: &Diagnostic) -> String {
    let severity = if found.is_error() { "error" } else { "warning" };
    let place = format!("{}:{}", found.line.unwrap_or(0), found.column.unwrap_or(0));
    format!("{severity} {place} {} ({})", found.message, found.help.as_deref().unwrap_or("-"))
}

fn keys(output: &str) -> Result<String, String> {
    let (prompt, faults) = Prompt::read(&SOUND.replace("Keys are\norder-risk:<order_id>:<action>", output));
    prompt.keys().map(ToString::to_string).ok_or_else(|| told(&faults[0]))
}

#[test]
fn a_contract_has_its_four_sections() {
    let (prompt, faults) = Prompt::read(SOUND);
    assert_eq!(faults, []);
    let titles: Vec<_> = prompt.sections().iter().map(|section| section.title.as_str()).collect();
    assert_eq!(titles, ["", "Goal", "Constraints", "Output", "Refusal"]);
    assert_eq!(prompt.body(SectionName::Refusal), Some("No order id: propose nothing."));
    assert_eq!(prompt.keys().unwrap().to_string(), "order-risk:<order_id>:<action>");
    let span = &prompt.section(SectionName::Constraints).unwrap().span;
    assert!(SOUND[span.clone()].starts_with("# Constraints\n") && SOUND[..span.end].ends_with("optional.\n\n"));
}

#[test]
fn layout_does_not_matter() {
    assert_eq!(faults(&SOUND.replace('\n', "\r\n")), [""; 0]);
    assert_eq!(faults(&format!("\u{feff}{SOUND}")), [""; 0], "a byte order mark is not of the first line");
    assert_eq!(faults(&SOUND.replace("# Goal", "Goal\n====")), [""; 0]);
    assert_eq!(faults(&SOUND.replace("# Goal", "  # **Goal** ##")), [""; 0]);
    assert_eq!(faults(&SOUND.replace("# Output", "## More\nx\n# Output")), [""; 0]);
    assert_eq!(faults(SOUND.trim_end()), [""; 0]);
}

#[test]
fn headings_in_code_begin_no_section() {
    let text = SOUND.replace("One ExecutionPlan.", "```\n# Goal\n# Tone\n```\n> # Refusal\n\n- # Output\n\n");
    assert_eq!(faults(&text), [""; 0]);
    assert_eq!(Prompt::read(&text).0.sections().len(), 5);
}

#[test]
fn what_is_missing_is_said_where_it_would_be() {
    assert_eq!(
        faults(&SOUND.replace("# Constraints\n", "")),
        [
            "error 6:1 `# Constraints` is missing (write `# Constraints` here: what is never proposed, and within which bounds)"
        ]
    );
    let near = |written: &str| faults(&SOUND.replace("# Refusal", written));
    assert_eq!(
        near("## Refusal"),
        ["error 11:1 `# Refusal` is missing (a section begins with one `#`: write `# Refusal`)"]
    );
    assert_eq!(near("#Refusal"), ["error 11:1 `# Refusal` is missing (write a space after `#`: `# Refusal`)"]);
    assert_eq!(
        near("```\n# Refusal"),
        [
            "error 12:1 `# Refusal` is missing (this line is in a code block, a list, a quote or HTML, where it begins no section)"
        ]
    );
    assert_eq!(near("# Refusals"), ["error 11:1 `# Refusals` is not the heading of a section (write `# Refusal`)"]);
    assert_eq!(near("# refusal"), ["error 11:1 `# refusal` is not the heading of a section (write `# Refusal`)"]);
    assert_eq!(faults("").len(), 4);
    assert_eq!(faults("\n \u{200b}\n").len(), 4, "what cannot be seen is no text");
}

#[test]
fn each_section_stands_once_in_order_and_says_something() {
    assert_eq!(
        faults(&SOUND.replace("# Refusal", "# Goal\nAgain.\n# Refusal")),
        ["error 11:1 `# Goal` stands twice, on line 1 too (write what both say under one of them)"]
    );
    let (goal, rest) = SOUND.split_at(SOUND.find("# Constraints").unwrap());
    let (constraints, rest) = rest.split_at(rest.find("# Output").unwrap());
    assert_eq!(
        faults(&[constraints, goal, rest].concat()),
        ["error 4:1 `# Goal` stands after `# Constraints` (the order is Goal, Constraints, Output, Refusal)"]
    );
    for nothing in ["", "\n\n", "<!-- to be\nwritten -->", "## Sub", "***", "```\n```", "\u{200b}", "[a]: b"] {
        let found = faults(&SOUND.replace("No order id: propose nothing.", nothing));
        assert_eq!(
            found,
            ["error 11:1 `# Refusal` says nothing (write under it when the right plan is an empty one)"],
            "{nothing:?}"
        );
    }
    for something in ["`x`", "![](a.png)", "<b>x</b>", "## Sub\nx", "- x", "نعم", "e\u{301}", "<!-- a --> x"] {
        assert_eq!(faults(&SOUND.replace("No order id: propose nothing.", something)), [""; 0], "{something:?}");
    }
}

#[test]
fn what_no_contract_has_is_kept_and_said() {
    let (prompt, faults) = Prompt::read(&SOUND.replace("# Output", "# Tone of voice\nCalm.\n\n# Output"));
    assert_eq!(prompt.sections()[3].kind, SectionKind::Further);
    assert_eq!(
        faults.iter().map(told).collect::<Vec<_>>(),
        ["warning 7:1 `# Tone of voice` is none of the four sections of a prompt contract \
          (make it a part of one of them with `##`, or fold it into their text)"]
    );
    let before = super::tests::faults(&format!("Hello.\n\n{SOUND}"));
    assert_eq!(
        before,
        ["warning 1:1 text before the first heading belongs to no section (move it into `# Goal`, or remove it)"]
    );
    for block in ["---\nmodel: large # not read\n# Goal\n---\n", "+++\nmodel = 1\n+++\n"] {
        let found = super::tests::faults(&format!("{block}{SOUND}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("error 1:1 a prompt contract has no front matter"), "{found:?}");
    }
}

#[test]
fn the_convention_is_the_pattern_that_is_spelled_out() {
    let convention = Ok("order-risk:<order_id>:<action>".to_owned());
    for output in [
        "Keys are `order-risk:<order_id>:<action>`.",
        "Keys are\n\n```\norder-risk:<order_id>:<action>\n```",
        "Keys are **order-risk:\\<order_id\\>:\\<action\\>**.",
        "entity_key is `order:<order_id>`, idempotency_key is `order-risk:<order_id>:<action>`.",
        "idempotency_key is `order-risk:<order_id>:<action>`, entity_key is `order:<order_id>`.",
        "```json\n{\"entity_key\": \"order:<order_id>\", \"idempotency_key\":\"order-risk:<order_id>:<action>\"}\n```",
        "A claim is `via:<capability>`. The idempotency-key convention is spelled out:\n\norder-risk:<order_id>:<action>",
        "Keys are order-risk:<order_id>:<action>, for example order-risk:SO-1:hold. See <https://a.b/c>. <b>Always</b>.",
        "Keys are order-risk:<order_id>:<action>. Idempotency keys: order-risk:<order_id>:<action>",
    ] {
        assert_eq!(keys(output), convention, "{output}");
    }
    assert_eq!(keys("`a:v<version>.x:<order id>`").unwrap(), "a:v<version>.x:<order id>");
    assert_eq!(keys("`<mandant>:ordre-<n°>`").unwrap(), "<mandant>:ordre-<n°>");
    assert_eq!(keys("خطر:<رقم>").unwrap(), "خطر:<رقم>");
}

#[test]
fn a_convention_that_cannot_be_told_is_a_fault() {
    let none = keys("Keys are made as usual, a < b and c:d > e.").unwrap_err();
    assert!(none.starts_with("error 7:1 `# Output` does not spell out the convention"), "{none}");
    assert!(none.contains("as in `idempotency_key: order-risk:<order_id>:<action>`"), "{none}");
    let two = keys("Keys are a:<x> or b:<x>.").unwrap_err();
    assert!(two.starts_with("error 8:38 `# Output` has two patterns of keys: `a:<x>` and `b:<x>`"), "{two}");
    let run_together = keys("Keys are a:<x><y>.").unwrap_err();
    assert!(run_together.contains("`a:<x><y>` is not a convention that keys can be held to"), "{run_together}");
    assert!(keys("Keys are a::<x>.").is_err(), "a part without a text");
}

#[test]
fn a_key_follows_part_by_part() {
    let (prompt, _) = Prompt::read(SOUND);
    let convention = prompt.keys().unwrap();
    assert!(convention.follows("order-risk:SO-10884:hold"));
    let why = |key: &str| convention.mismatch(key).unwrap().to_string();
    assert_eq!(why("order-risk2:1:hold"), "part 1 of the key is `order-risk2`, the convention has `order-risk` there");
    assert_eq!(why("order-risk::hold"), "part 2 of the key is ``, the convention has `<order_id>` there");
    assert_eq!(why("order-risk:1"), "the key ends before part 3, `<action>`");
    assert_eq!(why("order-risk:1:hold:x"), "the key goes on with `x` as part 4, the convention has no more parts");
    assert_eq!(why(""), "part 1 of the key is ``, the convention has `order-risk` there");
    let renamed = Prompt::read(&SOUND.replace("<order_id>", "<id>")).0;
    assert!(renamed.keys().unwrap().has_same_keys(convention));
    for other in
        ["order-risk:<action>", "order-risk:<id>:hold", "order-risks:<id>:<action>", "order-risk:o<id>:<action>"]
    {
        let other = Prompt::read(&SOUND.replace("order-risk:<order_id>:<action>", other)).0;
        assert!(!other.keys().unwrap().has_same_keys(convention), "{other:?}");
    }
}

#[test]
fn a_capability_is_named_by_any_spelling_as_a_word() {
    let vocabulary = Vocabulary::shipped();
    let names = |text: &str, name: &str| Prompt::read(text).0.names(&vocabulary, name);
    assert!(names(SOUND, "conversations.read") && names(SOUND, "conversation.read"));
    assert!(!names(SOUND, "orders.read"));
    for text in ["(orders.read)", "orders.read.", "`order.read`", "orders.read: dates", "\u{202b}orders.read"] {
        assert!(names(text, "orders.read"), "{text}");
    }
    for text in
        ["orders.readable", "reorders.read", "my.orders.read", "orders.read.all", "orders.read_all", "orders read"]
    {
        assert!(!names(text, "orders.read"), "{text}");
    }
    assert!(names("kiln.fire", "kiln.fire"), "a name that only the workspace knows");
}

#[test]
fn what_is_told_is_bounded() {
    let many = "# Goal\n".repeat(100_000);
    assert_eq!(faults(&many).len(), MAX_FAULTS);
    let long = format!("# {}\n", "x".repeat(100_000));
    assert!(faults(&long).iter().all(|fault| fault.len() < 300));
    let further = "# Other\nx\n".repeat(1_000) + &SOUND.replace("# Refusal", "## Refusal");
    assert_eq!(faults(&further).iter().filter(|fault| fault.starts_with("error")).count(), 1, "errors come first");
}

/// Texts of pieces that mean something to Markdown, to lines, or to this reader.
pub fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![prop::sample::select(vec![
        "# Goal",
        "# Constraints",
        "# Output",
        "# Refusal",
        "# Other",
        "# goal ",
        "Goal\n====",
        "## ",
        "#",
        "---\n",
        "```",
        "> ",
        "- ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\0",
        "\u{feff}",
        "e\u{301}",
        "\u{202e}",
        "مرحبا",
        "<!--",
        "-->",
        "<b>",
        "a:<b>",
        "idempotency_key ",
        "entity_key: ",
        "<a b>:",
        "\\<x\\>",
        "\t",
        "    ",
        "[a]: b\n",
        "😀",
        "\u{2028}",
        "…",
        "<",
        ">",
        ":",
    ]),];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn sections_cover_any_text(text in prop_oneof![hostile(), any::<String>()]) {
        let (prompt, faults) = Prompt::read(&text);
        let mut at = 0;
        for section in prompt.sections() {
            prop_assert_eq!(section.span.start, at);
            at = section.span.end;
            if section.kind != SectionKind::Preamble {
                prop_assert!(section.span.start <= section.heading.start && section.heading.end <= section.body.start);
                prop_assert_eq!(section.body.end, section.span.end);
                prop_assert!(text.get(section.heading.clone()).is_some() && text.get(section.body.clone()).is_some());
            }
        }
        prop_assert_eq!(at, text.len());
        for fault in faults {
            prop_assert!(fault.line.is_some() && fault.help.is_some() && !fault.message.ends_with('.'));
        }
    }

    #[test]
    fn a_key_made_by_a_convention_follows_it(
        parts in prop::collection::vec(prop_oneof!["[a-z-]{1,6}", "[a-z]{0,2}<[a-z_]{1,5}>[a-z]{0,2}"], 2..5),
        inner in "[^:\\p{C}\\s]{1,8}",
    ) {
        prop_assume!(parts.iter().any(|part| part.contains('<')));
        let pattern = parts.join(":");
        let (prompt, _) = Prompt::read(&format!("# Output\nKeys are `{pattern}`.\n"));
        let convention = prompt.keys().unwrap();
        prop_assert_eq!(convention.to_string(), pattern);
        let filled = parts.iter().map(|part| match (part.find('<'), part.find('>')) {
            (Some(start), Some(end)) => format!("{}{inner}{}", &part[..start], &part[end + 1..]),
            _ => part.clone(),
        });
        let key = filled.collect::<Vec<_>>().join(":");
        prop_assert!(convention.follows(&key), "{} {}", convention, key);
        let (longer, shorter) = (format!("{key}:x"), key.rsplit_once(':').unwrap().0);
        prop_assert!(!convention.follows(&longer) && !convention.follows(shorter));
    }
}
