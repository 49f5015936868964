//! What a person does, through the production loop.

use std::sync::Arc;

use proptest::prelude::*;

use super::{dark, story, told, troubles};
use crate::console::theme::Theme;
use crate::console::{Exit, Incoming, News, Runner};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, EnvelopeRef, Fact, Listening};
use crate::session::bus::{Command, SelectedEnvelope};

fn renumbered(from: u64) -> Vec<Arc<Entry>> {
    story().iter().map(|entry| Arc::new(Entry { seq: entry.seq + from, ..(**entry).clone() })).collect()
}

#[test]
fn nothing_is_silent() {
    let runner = told(200, 60, dark());
    let counts = runner.model().counts;
    assert_eq!(counts.sensed, counts.routed + counts.unmatched + counts.refused);
    assert_eq!(counts.proposed, counts.allowed + counts.alerted + counts.blocked + counts.deduped);
    assert_eq!(counts.allowed + counts.alerted, counts.applied + counts.failed - counts.planless);
    let text = runner.text();
    for said in [
        "∅ refused",
        "orders.jsonl:7",
        "tenant t_acme is not t_local",
        "→ no match",
        "no trigger matched; nearest is order.* of order-risk",
        "◇ refusal",
        "order-risk proposed nothing: no promise date",
        "✗ failed",
        "operators/order-risk.ts:22:14 TypeError",
        "503 from cn-brightdesk",
        "▲ warning",
        "key first claimed by rc_5b20",
        "no rule matched",
        "validate: `order.refund` is not",
    ] {
        assert!(runner_shows(said), "{said}\n{text}");
    }
}

/// Whether it is on the screen at some row of some list.
fn runner_shows(said: &str) -> bool {
    let mut runner = told(200, 60, dark());
    (0..3).any(|_| {
        runner.press("backtab home");
        (0..40).any(|_| {
            let shown = runner.text().contains(said);
            runner.press("j");
            shown
        })
    })
}

#[test]
fn the_newest_is_followed_until_left_and_again_from_the_bottom() {
    let mut runner = told(80, 24, dark());
    let rows = runner.rows().len();
    assert!(runner.text().contains("why") || !runner.text().contains("new ↓"));
    runner.press("up up");
    let pinned = runner.live().selection().id();
    let before = runner.text();
    runner.feed(1, renumbered(1_000));
    let more = runner.rows().len() - rows;
    assert_eq!(runner.live().selection().id(), pinned, "the selection is pinned");
    assert!(runner.text().contains(&format!("{more} new ↓")), "{}", runner.text());
    let row = |text: &str| text.lines().position(|line| line.contains('▌') && line.contains("ALLOW"));
    assert_eq!(row(&runner.text()), row(&before), "and does not move");
    runner.press("G");
    assert!(runner.live().follows());
    assert!(!runner.text().contains("new ↓"));
    runner.feed(1, renumbered(2_000));
    assert_eq!(runner.live().selection().index(), Some(runner.rows().len() - 1));
    runner.press("k j");
    assert!(runner.live().follows(), "the last row reattaches");
}

#[test]
fn what_is_open_stays_what_it_is_while_entries_come() {
    let mut runner = told(100, 30, dark());
    let open = runner.press("enter").text();
    runner.feed(1, renumbered(1_000));
    let lines = |text: &str| text.lines().skip(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&runner.text()), lines(&open));
}

#[test]
fn esc_goes_back_and_never_quits() {
    let mut runner = told(80, 24, dark());
    runner.press("enter ? esc");
    assert_eq!(runner.layers(), 1);
    runner.press("? F1 g");
    assert_eq!((runner.layers(), runner.app().picker.as_ref(), runner.app().prefix.is_some()), (1, None, true));
    runner.press("esc");
    assert_eq!((runner.layers(), runner.app().prefix), (1, None));
    runner.press("esc esc esc esc");
    assert_eq!((runner.layers(), runner.exit()), (0, None));
    runner.press("q");
    assert_eq!(runner.exit(), Some(Exit::Quit));
    assert_eq!(runner.asked().last(), Some(&Command::Stop));
}

#[test]
fn the_session_is_told_what_is_selected_once_it_is() {
    let mut runner = told(80, 24, dark());
    assert_eq!(runner.asked(), []);
    runner.press("up up p");
    let asked = runner.asked();
    assert!(
        matches!(
            asked[..],
            [
                Command::Select(SelectedEnvelope { of: EnvelopeRef { run: 1, .. }, .. }),
                Command::Select(_),
                Command::Play
            ]
        ),
        "{asked:?}"
    );
}

#[test]
fn trouble_stands_until_it_is_fixed() {
    let mut runner = told(120, 40, dark());
    runner.feed(1, troubles());
    let text = runner.text();
    for said in
        ["▲ stale a41f", "▲ STALE POLICY  policy/trust.yaml:12:13", "cn-brightdesk runs 4be1, on disk 9c07", "torn"]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let open = runner.press("!").text();
    assert!(open.contains("did you mean 100?") && open.contains("^^^"), "{open}");
    assert!(runner.press("!").text().contains("did you mean `handler`?"), "the next one");
    assert!(runner.press("! !").text().contains("did you mean 100?"), "and around");
    runner.press("esc x");
    assert!(!runner.text().contains("torn and are set aside; "));
    assert_eq!(runner.app().shared.faults.all().len(), 2, "only notices can be dismissed");
    runner.feed(1, story()[..2].to_vec());
    assert_eq!(runner.app().shared.faults.all().len(), 1, "the policy is in force again");
    assert!(runner.text().contains("policy a41f"));
}

/// An entry with one piece of its text exchanged.
fn changed(entry: &Entry, from: &str, to: &str) -> Arc<Entry> {
    let text = serde_json::to_string(entry).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    Arc::new(serde_json::from_str(&text.replace(from, to)).unwrap())
}

#[test]
fn a_plan_that_will_not_be_disposed_has_a_row_and_runs_do_not_mix() {
    let story = story();
    let mut runner = told(120, 40, dark());
    let rows = runner.rows().len();
    runner.feed(2, [changed(&story[0], "\"propose_only\":false", "\"propose_only\":true")]);
    // The envelope of run 2 with the ordinal of another in run 1.
    runner.feed(2, [changed(&story[5], "33fae5d8", "ffffe5d8"), story[6].clone(), story[7].clone()]);
    assert_eq!(runner.rows().len(), rows, "nothing was decided");
    let text = runner.press("backtab G").text();
    assert!(text.contains("· plan") && text.contains("pl_77b2 proposed, not disposed"), "{text}");
    assert!(text.lines().nth(1).unwrap().contains("order.created ffff"), "{text}");
    runner.press("home j");
    assert!(runner.text().lines().nth(1).unwrap().contains("order.created 33fa"));
}

#[test]
fn a_rerun_shows_its_plan_beside_the_recorded_one() {
    let story = story();
    let mut runner = told(120, 40, dark());
    let again = changed(
        &changed(&story[5], "\"arrival\":2", "\"arrival\":99"),
        "\"source\":\"fixture\"",
        "\"source\":\"rerun\"",
    );
    runner.feed(1, [again, changed(&story[7], "\"arrival\":2", "\"arrival\":99")]);
    runner.press("backtab G");
    assert!(runner.text().contains("· plan"), "{}", runner.text());
}

#[test]
fn ordinals_out_of_reason_cost_nothing() {
    let story = story();
    let mut runner = told(80, 24, dark());
    runner.feed(
        1,
        [
            changed(&story[5], "\"arrival\":2", "\"arrival\":18446744073709551615"),
            changed(&story[5], "\"arrival\":2", "\"arrival\":0"),
        ],
    );
    assert_eq!(runner.model().envelope((1, u64::MAX)), None);
}

#[test]
fn what_cannot_run_says_why() {
    let mut runner = told(80, 24, dark());
    assert!(runner.press("x").text().contains("dismiss: there is no notice"));
    assert!(!runner.press("up").text().contains("not in this"));
}

#[test]
fn a_click_selects_and_runs_what_it_hits() {
    use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut runner = told(80, 24, dark());
    let text = runner.text();
    let find = |what: &str| {
        let (row, line) = text.lines().enumerate().find(|(_, line)| line.contains(what)).unwrap();
        let column = line[..line.find(what).unwrap()].chars().count();
        (u16::try_from(column).unwrap(), u16::try_from(row).unwrap())
    };
    let click = |(column, row)| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        Incoming::Terminal(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))
    };
    let newest = runner.live().selection().index();
    runner.send(click((10, 8)));
    assert_ne!(runner.live().selection().index(), newest);
    runner.send(click(find("? help")));
    assert!(runner.text().contains(" Help "));
}

#[test]
fn an_unchanged_state_draws_nothing() {
    let mut runner = told(80, 24, dark());
    let frames = runner.frames();
    runner.press("F9 F9 F9");
    assert_eq!(runner.frames(), frames);
    runner.press("?");
    assert_eq!(runner.frames(), frames + 1);
}

#[test]
fn the_rest_of_what_can_happen() {
    let mut runner = told(80, 24, dark());
    runner.press("ctrl-z");
    assert_eq!(runner.suspended(), 1);
    runner.send(Incoming::News(News::Ended));
    assert!(runner.text().contains("session ended"));
    runner.send(Incoming::News(News::Crashed("thread session panicked: boom".to_owned())));
    assert!(runner.text().contains("✗ CRASHED  thread session panicked: boom"));
    runner.send(Incoming::Signal(15));
    assert_eq!(runner.exit(), Some(Exit::Signal(15)));
}

#[derive(Debug, Clone)]
enum Step {
    Press(&'static str),
    Feed(u64),
    Resize(u16, u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = prop::sample::select(vec![
        "up",
        "down",
        "pgup",
        "pgdn",
        "g",
        "home",
        "G",
        "enter",
        "esc",
        "?",
        ":",
        "T",
        "!",
        "x",
        "k",
        "j",
        "/",
        "a",
        "tab",
        "backspace",
        "z",
        "+",
        "-",
        "M",
        "y",
    ]);
    let step = prop_oneof![
        4 => key.prop_map(Step::Press),
        2 => (1_u64..50).prop_map(Step::Feed),
        1 => (0_u16..140, 0_u16..50).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_the_selection_is_what_it_says(steps in steps()) {
        let mut runner = Runner::new(80, 24, Theme::new(crate::console::Palette::Dark, crate::console::Depth::True, crate::console::text::Charset::Unicode));
        let mut seq = 0;
        for step in steps {
            let (id, follows) = (runner.live().selection().id(), runner.live().follows());
            let focus = runner.live().focus();
            match step {
                Step::Press(key) => {
                    runner.press(key);
                }
                Step::Feed(count) => {
                    let all = renumbered(seq);
                    seq += 1_000;
                    runner.feed(1, all.into_iter().take(usize::try_from(count).unwrap()));
                    // Where a query let nothing through, there was no selection to move.
                    let kept = id.is_none() || runner.live().selection().id() == id;
                    prop_assert!(follows || kept, "entries moved a selection that was left alone");
                }
                Step::Resize(columns, rows) => {
                    runner.resize(columns, rows);
                    // A list that is folded away gives the keys to the one it is folded into.
                    prop_assert!(runner.live().focus() != focus || runner.live().selection().id() == id);
                }
            }
            let live = runner.live();
            let total = runner.rows().len();
            let selected = runner.selected().map(crate::console::model::Row::id);
            prop_assert_eq!(selected, live.selection().id());
            prop_assert_eq!(selected.is_some(), total > 0);
            if let Some(index) = live.selection().index() {
                prop_assert!(live.selection().top <= index);
                prop_assert_eq!(live.selection().id().and_then(|id| live.position(runner.model(), live.focus(), id)), Some(index));
                prop_assert!(!live.follows() || index + 1 == total);
            }
            prop_assert_eq!(runner.exit(), None);
        }
    }
}

#[test]
fn a_notice_stands_until_it_is_settled() {
    let mut runner = told(120, 40, dark());
    let fault = Diagnostic::error("no loaded tool provides `notify.send`").in_file("operators/order-risk.ts");
    let entry = |seq, fact| Arc::new(Entry { seq, at: String::new(), fact });
    runner.feed(1, [entry(9_001, Fact::Noticed(fault.clone()))]);
    assert!(runner.text().contains("ERROR"), "{}", runner.text());
    runner.feed(1, [entry(9_002, Fact::Settled(fault))]);
    assert!(!runner.text().contains("ERROR"), "{}", runner.text());
}

#[test]
fn the_header_says_where_live_input_is_taken() {
    let mut runner = told(120, 40, dark());
    let header = |runner: &Runner| runner.text().lines().next().unwrap_or_default().to_owned();
    let digest = header(&runner).split_whitespace().next_back().unwrap().to_owned();
    let listening = Listening { address: "http://127.0.0.1:4310".to_owned(), live: true };
    runner.feed(1, [Arc::new(Entry { seq: 9_001, at: String::new(), fact: Fact::Listening(listening) })]);
    for (columns, rows, said) in [(200, 60, Some(" 127.0.0.1:4310 ")), (120, 40, Some(" :4310 ")), (40, 12, None)] {
        runner.resize(columns, rows);
        let header = header(&runner);
        assert!(said.is_none_or(|said| header.contains(said)) && header.contains(&digest), "{columns}: {header}");
        assert!(said.is_some() || !header.contains("4310"), "{columns}: {header}");
    }
}
