//! The Connectors screen: what is loaded, and why a piece did not load.

use std::sync::Arc;

use crate::console::present::source_location::At;
use crate::console::tests::frames::dump;
use crate::console::tests::{dark, story};
use crate::console::{Effect, Runner};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{CodeKind, Entry, Fact, Loaded};

fn loaded(kind: CodeKind, name: &str, file: &str, micros: u64) -> Loaded {
    Loaded {
        file: file.to_owned(),
        on_disk: Some("4be1c2d3".to_owned()),
        running: Some("4be1c2d3".to_owned()),
        micros,
        ..Loaded::nothing_of(kind, name.to_owned())
    }
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

fn pieces() -> Vec<Loaded> {
    let desk = loaded(CodeKind::Connector, "cn-brightdesk", "connectors/cn-brightdesk/index.ts", 38_400);
    let store = loaded(CodeKind::Connector, "acme-wms", "connectors/acme-wms/index.ts", 112_000);
    let risk = loaded(CodeKind::Operator, "order-risk", "operators/order-risk.ts", 940);
    vec![
        Loaded {
            summary: "@1.0.0 (2 tools, 2 events)".to_owned(),
            provides: names(&["notify.send", "order.refund"]),
            events: names(&["order.returned", "return.opened"]),
            ..desk
        },
        Loaded { summary: "@1.2.0 (1 tool)".to_owned(), provides: names(&["order.hold"]), ..store },
        Loaded {
            summary: " (requires order.hold, order.refund, zone.read)".to_owned(),
            requires: names(&["order.hold", "order.refund", "zone.read"]),
            trigger: Some("order.*".to_owned()),
            ..risk
        },
    ]
}

fn feed(runner: &mut Runner, pieces: impl IntoIterator<Item = Loaded>) {
    let entry =
        |(seq, piece)| Arc::new(Entry { seq, at: "2026-01-01T00:30:00Z".to_owned(), fact: Fact::Loaded(piece) });
    runner.feed(1, (900..).zip(pieces).map(entry).collect::<Vec<_>>());
}

fn broken() -> Loaded {
    let [desk, ..] = &pieces()[..] else { unreachable!() };
    let source = "  'order.refund': tool({\n    hendler: async (ctx) => ctx.args, // asks first\n";
    let word = source.find("hendler").unwrap();
    let fault = Diagnostic::error("unknown field `hendler` in a tool")
        .help("did you mean `handler`?")
        .in_file("connectors/cn-brightdesk/tools.ts")
        .at_span(source, &(word..word + 7), 21);
    Loaded { on_disk: Some("9c070000".to_owned()), failure: Some(fault), ..desk.clone() }
}

fn shown(columns: u16, rows: u16) -> Runner {
    let mut runner = Runner::new(columns, rows, dark());
    runner.feed(1, story());
    feed(&mut runner, pieces());
    runner.press("5");
    runner
}

#[test]
fn frames() {
    for (columns, rows) in [(120, 40), (100, 30), (80, 24), (40, 12)] {
        let mut runner = shown(columns, rows);
        insta::assert_snapshot!(format!("connectors-{columns}x{rows}"), dump(&runner, dark()));
        runner.press("G");
        insta::assert_snapshot!(format!("connectors-operator-{columns}x{rows}"), dump(&runner, dark()));
        feed(&mut runner, [broken()]);
        runner.press("g g down");
        insta::assert_snapshot!(format!("connectors-failed-{columns}x{rows}"), dump(&runner, dark()));
    }
}

#[test]
fn a_piece_says_what_it_is_tied_to_and_its_file_opens() {
    let mut runner = shown(120, 40);
    let text = runner.press("down").text();
    assert!(text.contains("2 connectors, 1 operator"), "{text}");
    for wanted in ["order.refund    → order-risk", "notify.send     no operator requires it", "return.opened", "38 ms"]
    {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    let edit = Effect::Edit { file: "connectors/cn-brightdesk/index.ts".to_owned(), at: At::Line(1) };
    assert_eq!(runner.press("enter").performed(), [edit]);
    let text = shown(120, 40).press("G").text();
    for wanted in ["Trigger", "order.*", "order.hold    → acme-wms", "zone.read     no tool provides it"] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_failed_reload_says_why_and_where_until_it_is_mended() {
    let mut runner = shown(100, 30);
    runner.press("down");
    feed(&mut runner, [broken()]);
    let text = runner.text();
    let excerpt = "   22      hendler: async (ctx) => ctx.args, // asks first";
    for wanted in ["reload failed", "tools.ts:22:5", "unknown field `hendler`", excerpt, "4be1 keeps running"] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    let edit = Effect::Edit { file: "connectors/cn-brightdesk/tools.ts".to_owned(), at: At::Line(22) };
    assert_eq!(runner.press("enter").performed(), [edit]);
    runner.send(crate::console::Incoming::Back(None));
    feed(&mut runner, pieces().into_iter().take(1));
    assert!(!runner.text().contains("reload failed"), "{}", runner.text());
}

#[test]
fn what_is_selected_stays_selected_while_others_come_and_go() {
    let mut runner = shown(80, 24);
    let name = |runner: &Runner| {
        let catalogue = &runner.app().shared.model.catalogue;
        runner.app().screens.connectors.piece(catalogue).map(|piece| piece.name.clone())
    };
    runner.press("down");
    assert_eq!(name(&runner).as_deref(), Some("cn-brightdesk"));
    feed(&mut runner, [loaded(CodeKind::Connector, "a-first", "connectors/a-first.ts", 1)]);
    assert_eq!(name(&runner).as_deref(), Some("cn-brightdesk"));
    feed(&mut runner, [Loaded { on_disk: None, running: None, ..pieces().remove(0) }]);
    assert_eq!(name(&runner).as_deref(), Some("order-risk"), "the one that took its place");
    runner.press("1 5");
    assert_eq!(name(&runner).as_deref(), Some("order-risk"));
    assert!(runner.press("esc").text().contains("Decisions"), "Esc goes back to the first screen");
}

#[test]
fn nothing_loaded_is_said() {
    let mut runner = Runner::new(80, 24, dark());
    let text = runner.press("5").text();
    assert!(text.contains("Nothing is loaded yet.") && text.contains("0 connectors, 0 operators"), "{text}");
    assert!(runner.press("enter").text().contains("open source: nothing is loaded"));
}
