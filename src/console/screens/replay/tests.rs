//! The Replay screen over journals on disk: the story, an earlier turn of it, and what is wrong with journals.

mod edits;
mod forks;
mod interleavings;
mod presenting;
mod sheets;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::console::tests::frames::dump;
use crate::console::tests::{ascii, dark, mono, story};
use crate::console::theme::Theme;
use crate::console::{Effect, Runner};
use crate::kernel::journal::{Entry, Fact, RunKind};
use crate::session::{bus, store};

/// A console in a folder with journals.
struct Stage {
    folder: tempfile::TempDir,
    runner: Runner,
}

fn write(folder: &Path, run: u32, entries: &[Arc<Entry>]) {
    let path = store::journal_in(&folder.join(".fibric/dev"), run);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let lines: String = entries.iter().map(|entry| serde_json::to_string(&**entry).unwrap() + "\n").collect();
    fs::write(path, lines).unwrap();
}

/// The story as a run of fixtures of that number.
fn played(run: u32) -> Vec<Arc<Entry>> {
    let as_play = |entry: Arc<Entry>| match &entry.fact {
        Fact::RunStarted(started) => {
            let mut started = started.clone();
            (started.kind, started.run) = (RunKind::Play, run);
            Arc::new(Entry { fact: Fact::RunStarted(started), ..(*entry).clone() })
        }
        _ => entry,
    };
    story().into_iter().map(as_play).collect()
}

fn stage(columns: u16, rows: u16, theme: Theme) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 1, &played(1));
    write(folder.path(), 2, &played(2));
    let mut runner = Runner::new(columns, rows, theme);
    runner.in_folder(folder.path());
    runner.press("2");
    Stage { folder, runner }
}

impl Stage {
    fn press(&mut self, keys: &str) -> String {
        self.runner.press(keys).text()
    }
}

#[test]
fn frames() {
    let looks = [("dark", dark()), ("mono", mono()), ("ascii", ascii())];
    for (look, theme) in looks {
        for (columns, rows) in [(40, 12), (80, 24), (100, 30), (120, 40), (200, 60)] {
            if look != "dark" && columns != 80 {
                continue;
            }
            let mut stage = stage(columns, rows, theme);
            insta::assert_snapshot!(format!("replay-start-{columns}x{rows}-{look}"), dump(&stage.runner, theme));
            stage.press("/");
            stage.runner.type_in("dedup");
            stage.press("enter tab");
            insta::assert_snapshot!(format!("replay-dedup-{columns}x{rows}-{look}"), dump(&stage.runner, theme));
        }
    }
}

#[test]
fn it_opens_on_the_newest_run_and_steps_there_and_back() {
    let mut stage = stage(120, 40, dark());
    let start = stage.runner.text();
    assert!(start.contains("run 2") && start.contains("envelope 1/"), "{start}");
    let mut seen = vec![start];
    for _ in 0..12 {
        let text = stage.press("s");
        assert_ne!(Some(&text), seen.last());
        seen.push(text);
    }
    while seen.len() > 1 {
        seen.pop();
        // What a key says in the last row is no part of a moment.
        let text = stage.press("b");
        let body = |text: &str| text.lines().take(38).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(body(&text), body(seen.last().unwrap()));
    }
    let text = stage.press("b");
    assert!(text.contains("there is nothing that way"), "{text}");
}

#[test]
fn a_stage_says_what_it_was_given_and_what_it_changed() {
    let mut stage = stage(120, 40, dark());
    // The first action of the story is held and applied.
    let text = stage.press("n s");
    assert!(text.contains("stage 6/6"), "{text}");
    let text = stage.press("b b b");
    assert!(text.contains("stage 3/6") && text.contains("order:SO-10884 was free"), "{text}");
    assert!(text.contains("before") && text.contains("held by ac_77b2_1"), "{text}");
    let text = stage.press("s");
    assert!(text.contains("claimed by rc_5b20") && text.contains("2 changes"), "{text}");
}

#[test]
fn it_runs_on_to_what_a_query_lets_through() {
    let mut stage = stage(120, 40, dark());
    stage.press("/");
    stage.runner.type_in("decision:blok");
    let text = stage.press("enter");
    assert!(text.contains("there is no decision `blok`") && text.contains("did you mean `block`?"), "{text}");
    stage.press("backspace backspace");
    stage.runner.type_in("ock");
    let text = stage.press("enter");
    assert!(text.contains("break on decision:block") && text.contains("■ BLOCK"), "{text}");
    let first = text.lines().find(|line| line.contains("paused")).unwrap().to_owned();
    let text = stage.press("f");
    assert_ne!(text.lines().find(|line| line.contains("paused")).unwrap(), first);
    for _ in 0..20 {
        stage.press("f");
    }
    assert!(stage.runner.text().contains("nothing after this is `decision:block`"), "{}", stage.runner.text());
    assert!(!stage.press("backspace").contains("break on decision"));
}

#[test]
fn a_play_goes_on_beat_by_beat_and_stops_for_the_query() {
    let mut stage = stage(100, 30, dark());
    assert!(!stage.runner.beat(), "it does not go on by itself");
    stage.press("space");
    assert!(stage.runner.text().contains("playing at 1×"), "{}", stage.runner.text());
    let before = stage.runner.text();
    assert!(stage.runner.beat());
    assert_ne!(stage.runner.text(), before);
    let text = stage.press("+ u");
    assert!(text.contains("at 2× by envelopes"), "{text}");
    stage.press("u u space space");
    let mut beats = 0;
    while stage.runner.beat() {
        beats += 1;
        assert!(beats < 200);
    }
    assert!(stage.runner.text().contains("paused"));
    // With a query it stops where that lets something through, and goes on from there.
    stage.press("home /");
    stage.runner.type_in("block");
    stage.press("enter home space");
    while stage.runner.beat() {}
    let text = stage.runner.text();
    assert!(text.contains("■ BLOCK") && text.contains("paused"), "{text}");
    stage.press("space");
    assert!(stage.runner.beat() && !stage.runner.text().is_empty());
}

#[test]
fn a_person_goes_by_numbers_marks_and_the_mouse() {
    let mut stage = stage(120, 40, dark());
    stage.press("t");
    stage.runner.type_in("99");
    assert!(stage.press("enter").contains("there is no envelope 99"));
    stage.press("ctrl-u");
    stage.runner.type_in("2.1.lock");
    let text = stage.press("enter");
    assert!(text.contains("envelope 2/") && text.contains("stage 3/6"), "{text}");
    stage.press("m home");
    assert!(stage.runner.text().contains("1 marked"));
    assert!(stage.press("'").contains("stage 3/6"));
    let text = stage.runner.click("policy ").text();
    assert!(text.contains("stage 2/6"), "{text}");
    let text = stage.press("tab G");
    let last = text.lines().find(|line| line.contains("paused")).unwrap();
    let count = stage.runner.app().screens.replay.scene.position.envelopes;
    assert!(last.contains(&format!("envelope {count}/{count}")), "{text}");
}

#[test]
fn differences_from_the_run_before_are_gone_to_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut changed = played(2);
    let (at, disposed) = changed
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| match &entry.fact {
            Fact::Disposed(disposed) => Some((at, disposed.clone())),
            _ => None,
        })
        .nth(1)
        .unwrap();
    let mut receipt = (*disposed.receipt).clone();
    receipt.idempotency_key = "order-risk:SO-10884:other".to_owned();
    let fact = Fact::Disposed(crate::kernel::journal::Disposed { receipt: Arc::new(receipt), ..disposed });
    changed[at] = Arc::new(Entry { fact, ..(*changed[at]).clone() });
    write(folder.path(), 1, &played(1));
    write(folder.path(), 2, &changed);
    let mut runner = Runner::new(120, 40, dark());
    runner.in_folder(folder.path());
    let text = runner.press("2 d").text();
    assert!(text.contains("first difference") && text.contains("idempotency_key"), "{text}");
    assert!(text.contains("order-risk:SO-10884:notify") && text.contains("action 2/2"), "{text}");
    assert!(runner.press("d").text().contains("nothing differs from run 1"));
}

#[test]
fn runs_are_chosen_from_a_list() {
    let mut stage = stage(80, 24, dark());
    write(stage.folder.path(), 3, &played(3));
    stage.press("1 2 r");
    let text = stage.runner.text();
    assert!(text.contains("Runs") && text.contains("fixtures"), "{text}");
    let text = stage.press("down down enter");
    assert!(text.contains("run 1"), "{text}");
    let text = stage.press("r home c");
    assert!(text.contains("run 3"), "{text}");
    assert!(!stage.press("r esc").contains("compare with it"));
}

#[test]
fn what_is_selected_is_the_same_on_every_screen() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 1, &story());
    let mut runner = Runner::new(120, 40, dark());
    runner.in_folder(folder.path());
    let lines: Vec<u64> = story()
        .iter()
        .scan(0, |at, entry| {
            let from = *at;
            *at += serde_json::to_string(&**entry).unwrap().len() as u64 + 1;
            Some(from)
        })
        .collect();
    let batch = bus::Batch { run: 1, entries: story(), offsets: lines };
    runner.send(crate::console::Incoming::News(crate::console::News::Entries(batch)));
    runner.press(&"up ".repeat(25));
    let selected = runner.selected().unwrap();
    let id = runner.model().disposed(selected).unwrap().receipt.id.clone();
    let text = runner.press("2").text();
    assert!(text.contains(&id), "{text}");
    assert_eq!(runner.app().screens.replay.scene.receipt(), Some(id.as_str()));
    runner.press("N");
    let there = runner.app().screens.replay.scene.receipt().unwrap().to_owned();
    assert_ne!(there, id);
    runner.press("1");
    let selected = runner.selected().unwrap();
    assert_eq!(runner.model().disposed(selected).unwrap().receipt.id, there);
    // Coming back does not move it.
    runner.press("2 b");
    let at = runner.app().screens.replay.scene.at;
    runner.press("1 2");
    assert_eq!(runner.app().screens.replay.scene.at, at);
}

#[test]
fn one_key_replays_the_selected_envelope_from_any_screen() {
    let mut runner = Runner::new(120, 40, dark());
    runner.feed(1, story());
    assert!(runner.press("R").text().contains("run of its own"));
    let [.., bus::Command::Replay(in_hand)] = &runner.asked()[..] else { panic!("nothing was asked") };
    assert_eq!(in_hand.of.run, 1);
    assert_eq!(runner.app().screens.shown, super::ID);
    let mut nothing = Runner::new(80, 24, dark());
    assert!(nothing.press("R").text().contains("no envelope is selected"));
    let mut stage = stage(80, 24, dark());
    stage.press("S R");
    let [.., bus::Command::Replay(in_hand)] = &stage.runner.asked()[..] else { panic!("nothing was asked") };
    assert_eq!((in_hand.of.run, in_hand.of.arrival), (2, 2));
}

#[test]
fn journals_that_are_cut_damaged_or_empty_are_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = Runner::new(80, 24, dark());
    runner.in_folder(folder.path());
    assert!(runner.press("2").text().contains("No run was recorded"), "{}", runner.text());
    runner.press("space s S n d f b P F m ' + - u tab z t / R r c");
    write(folder.path(), 1, &[]);
    let text = runner.press("esc esc 1 2").text();
    assert!(text.contains("Run 1 has no envelopes"), "{text}");
    let path = store::journal_in(&folder.path().join(".fibric/dev"), 2);
    write(folder.path(), 2, &played(2));
    let whole = fs::read_to_string(&path).unwrap();
    let foreign = "{\"seq\":\u{202e}evil\u{1b}[2J}\n";
    fs::write(&path, format!("{foreign}{}", &whole[..whole.len() * 2 / 3])).unwrap();
    runner.press("1 2 r home enter");
    let text = runner.text();
    assert!(text.contains("1 lines damaged") || text.contains("run 2"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    runner.press("G");
    for _ in 0..400 {
        runner.press("s");
    }
    assert!(runner.text().contains("there is nothing that way"));
}

#[test]
fn no_size_breaks_it() {
    for (columns, rows) in [(1, 1), (5, 3), (19, 4), (20, 5), (21, 8), (40, 7), (69, 11), (70, 14), (300, 9), (80, 100)]
    {
        let mut stage = stage(columns, rows, dark());
        stage.press("n n F esc F enter z z tab z z P s s b S P r down esc t 2 enter / x esc d");
    }
}

#[test]
fn effects_of_stepping_are_only_reads() {
    let mut stage = stage(80, 24, dark());
    stage.press("s s n S b d space");
    let writes = stage.runner.performed().into_iter().filter(|effect| !matches!(effect, Effect::Files(..)));
    assert_eq!(writes.count(), 0, "nothing outside is changed by looking");
}

#[test]
fn what_a_query_hides_on_the_live_screen_is_stepped_to_all_the_same() {
    let mut stage = stage(100, 30, dark());
    stage.runner.feed(2, played(2)).press("1 /").type_in("tool:order.refund");
    let start = stage.press("enter 2");
    assert!(start.contains("envelope "), "{start}");
    let there = stage.press("g g s s s s");
    assert!(there.contains("action 1/2   stage 3/6"), "{there}");
    let live = stage.press("1");
    assert!(live.contains("tool:order.refund ×"), "the query stands: {live}");
}
