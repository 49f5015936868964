//! The sheets over the panes, on the bundled workspace: what is on disk, what it covers, recorded plans, a review.

use std::fs;
use std::path::Path;

use super::{dump, played, write};
use crate::console::Runner;
use crate::console::tests::{ascii, dark};
use crate::console::theme::Theme;
use crate::coverage::play_fixture;
use crate::coverage::tests::bundled;
use crate::session::dev_kernel::DevKernel;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// A console on a copy of the bundled workspace, whose returns and buildings were played, one run each.
struct Desk {
    folder: tempfile::TempDir,
    runner: Runner,
}

fn desk(columns: u16, rows: u16, theme: Theme) -> Desk {
    let folder = bundled();
    let path = folder.path().join("fixtures/returns.json");
    let broken = fs::read_to_string(&path).unwrap().replace("\"event_id\":\"64490c2d", "\"event\":\"64490c2d");
    fs::write(&path, broken).unwrap();
    play(folder.path(), &["returns.json", "buildings.jsonl"]);
    let mut runner = Runner::new(columns, rows, theme);
    runner.in_folder(folder.path());
    runner.press("2").rest();
    Desk { folder, runner }
}

fn play(folder: &Path, names: &[&str]) {
    let workspace = Workspace::open(folder).unwrap();
    let store = Store::open(workspace.state_dir()).unwrap();
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    for name in names {
        play_fixture(&mut kernel, &store, &folder.join("fixtures").join(name), None).unwrap();
    }
}

impl Desk {
    fn press(&mut self, keys: &str) -> String {
        self.runner.press(keys).rest().text()
    }
}

#[test]
fn the_fixtures_stand_with_their_last_results_and_a_broken_one_with_its_place() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let mut desk = desk(columns, rows, dark());
        let text = desk.press("o");
        assert!(text.contains("1 broken") && text.contains("not played yet"), "{text}");
        insta::assert_snapshot!(format!("fixtures-{columns}x{rows}"), dump(&desk.runner, dark()));
    }
    let mut desk = desk(120, 40, dark());
    // The broken envelope says where it stands.
    desk.press("o G");
    while !desk.runner.text().contains("▌     5 ✗") {
        desk.press("up");
    }
    let text = desk.press("enter");
    assert!(text.contains("fixtures/returns.json:5"), "{text}");
    // The refund of 250 was played last in run 1: there it opens.
    let text = desk.press("up up enter");
    assert!(text.contains("run 1") && text.contains("7c90"), "{text}");
}

#[test]
fn a_file_is_played_from_the_list_and_its_results_stand_there() {
    let mut desk = desk(120, 40, dark());
    let before = desk.press("o");
    assert!(before.contains("order.created            9f31 not played yet"), "{before}");
    let at = before.lines().position(|line| line.contains("fixtures/order-created.jsonl")).unwrap();
    let down = "down ".repeat(at - 4);
    let text = desk.press(&format!("{down}R"));
    assert!(text.contains("played in run 3"), "{text}");
    assert!(text.contains("9f31 ✓ ALLOW order.hold  ✓ ALLOW notify.send   run 3"), "{text}");
}

#[test]
fn a_key_writes_the_smallest_fixture_for_a_cell_and_says_where_none_leads() {
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
        let theme = if columns == 80 { ascii() } else { dark() };
        let mut desk = desk(columns, rows, theme);
        desk.press("C");
        insta::assert_snapshot!(format!("coverage-{columns}x{rows}"), dump(&desk.runner, theme));
    }
    let mut desk = desk(120, 40, dark());
    let text = desk.press("C");
    let row = |text: &str, wanted: &str| text.lines().position(|line| line.contains(wanted)).unwrap() - 4;
    let down = "down ".repeat(row(&text, "return-desk/order.refund/above-100"));
    let text = desk.press(&format!("{down}w"));
    let file = "fixtures/synthetic-return-desk-order.refund-above-100.jsonl";
    assert!(text.contains(&format!("wrote {file}")), "{text}");
    assert!(desk.folder.path().join(file).is_file());
    assert!(!text.contains("empty      return-desk/order.refund/above-100"), "{text}");
    let down = "down ".repeat(row(&text, "zone-guard/zone.setback/at-3"));
    let text = desk.press(&format!("g g {down}w"));
    assert!(text.contains("zone-guard/zone.setback/at-3: no fixture was written"), "{text}");
    assert_eq!(fs::read_dir(desk.folder.path().join("fixtures")).unwrap().count(), 6);
}

#[test]
fn differences_from_recorded_plans_are_accepted_or_rejected_one_by_one() {
    let mut desk = desk(120, 40, dark());
    let root = desk.folder.path().to_owned();
    record(&root);
    let recording = root.join("fixtures/recordings/returns.json.plans.jsonl");
    let before = fs::read_to_string(&recording).unwrap();
    let operator = root.join("operators/return-desk.ts");
    let code =
        fs::read_to_string(&operator).unwrap().replace("return-desk:${return_id}:refund", "rd:${return_id}:refund");
    fs::write(&operator, code).unwrap();
    play(&root, &["returns.json"]);
    // A run of another process is there once the list is read again.
    let text = desk.press("1 2 r g g enter p");
    assert!(text.contains("3 differences") && text.contains("breaks dedup"), "{text}");
    insta::assert_snapshot!("plans-120x40", dump(&desk.runner, dark()));
    assert!(
        text.contains(
            "actions[0].idempotency_key  \"return-desk:RMA-501:refund\"  recorded, now  \"rd:RMA-501:refund\""
        ),
        "{text}"
    );
    let text = desk.press("x down a");
    assert!(text.contains("1 difference") && text.contains("recorded: that plan alone"), "{text}");
    let after = fs::read_to_string(&recording).unwrap();
    let changed: Vec<_> = before.lines().zip(after.lines()).filter(|(before, after)| before != after).collect();
    assert_eq!((changed.len(), before.lines().count()), (1, after.lines().count()));
    assert!(changed[0].1.contains("rd:RMA-503:refund"), "{}", changed[0].1);
    let text = desk.press("p p");
    assert!(text.contains("2 differences"), "what was rejected is as open as before\n{text}");
}

/// Records the plans of the fixtures as they are proposed now.
fn record(root: &Path) {
    use crate::session::golden::Golden;
    use crate::session::journal::scan::History;
    let workspace = Workspace::open(root).unwrap();
    let files = [root.canonicalize().unwrap().join("fixtures/returns.json")];
    let mut golden = Golden::open(&workspace, &files, true).0;
    let store = Store::reading(workspace.state_dir());
    History::open(&store.journal(1)).unwrap().entries().for_each(|entry| golden.entry(1, &entry));
    golden.finish(false);
    fs::create_dir(root.join("fixtures/recordings")).unwrap();
    for recording in golden.recordings(false) {
        fs::write(recording.path, &recording.text).unwrap();
    }
}

#[test]
fn steps_are_accepted_or_flagged_kept_over_a_restart_and_exported() {
    let mut desk = desk(120, 40, dark());
    let text = desk.press("a");
    assert!(text.contains("Review ───") && text.contains("✓ 1 accepted   ✗ 0 flagged"), "{text}");
    let text = desk.press("n x n o _ s p a c e space 2 5 0 enter");
    assert!(text.contains("✗ 1 flagged") && text.contains("no_space 250"), "{text}");
    insta::assert_snapshot!("review-120x40", dump(&desk.runner, dark()));
    // The same folder, another time.
    let mut again = Runner::new(120, 40, dark());
    again.in_folder(desk.folder.path());
    let text = again.press("2").rest().press("v").rest().text();
    assert!(text.contains("1 accepted, 1 flagged") && text.contains("no_space 250"), "{text}");
    let text = again.press("E enter").rest().text();
    assert!(text.contains("wrote run-2.review: intact, unsigned"), "{text}");
    let bytes = fs::read(desk.folder.path().join("run-2.review")).unwrap();
    let read = crate::review::verify::verify(&bytes).unwrap();
    assert_eq!((read.verification.differences.len(), read.notes.0.len()), (0, 2));
    let text = desk.press("b a a");
    assert!(!text.contains("✓ 2 accepted"), "accepting twice takes it back\n{text}");
}

#[test]
fn nothing_panics_at_any_size_and_a_run_without_fixtures_says_so() {
    for (columns, rows) in [(1, 1), (20, 5), (40, 12), (79, 23)] {
        let mut desk = desk(columns, rows, dark());
        for keys in ["a", "o", "tab", "tab", "tab", "down G pgup", "esc", "x z enter", "v enter"] {
            desk.press(keys);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 1, &played(1));
    let mut runner = Runner::new(120, 40, dark());
    runner.in_folder(folder.path());
    let text = runner.press("2 p").rest().text();
    assert!(text.contains("No plan of this run differs") || text.contains("no workspace"), "{text}");
}
