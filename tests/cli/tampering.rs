//! What somebody did to the state folder, at rest and while a session runs: whatever it was, no key is applied twice,
//! nothing is read or written through what is no plain file, nothing waits, and what is lost is told.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::harness::{Running, Workspace, order};

const DEV: &str = ".fibric/dev";
const PROJECTIONS: [&str; 4] = ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl"];

/// A workspace in which three orders were held by live input.
fn held() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("live.jsonl", (1..=3).map(order).collect::<String>());
    live(&workspace);
    workspace
}

fn live(workspace: &Workspace) -> String {
    workspace.ok(&["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"])
}

fn state(workspace: &Workspace, name: &str) -> std::path::PathBuf {
    workspace.path(DEV).join(name)
}

/// Every receipt that any journal or projection has of live runs: a key has one that applied.
fn no_key_twice(workspace: &Workspace, what: &str) {
    let mut applied: HashMap<String, String> = HashMap::new();
    let runs = fs::read_dir(state(workspace, "runs")).into_iter().flatten().flatten();
    let journals = runs.map(|run| fs::read_to_string(run.path().join("journal.jsonl")).unwrap_or_default());
    let receipts = state(workspace, "receipts.jsonl");
    // What was put there may be a pipe, which would be waited for.
    let is_file = fs::symlink_metadata(&receipts).is_ok_and(|about| about.is_file());
    let receipts = if is_file { fs::read_to_string(receipts).unwrap() } else { String::new() };
    for text in journals.chain([receipts]) {
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let inside = &line["fact"]["disposed"]["receipt"];
            let receipt = if inside.is_null() { &line } else { inside };
            if receipt["outcome"] == "applied" {
                let (key, id) = (receipt["idempotency_key"].to_string(), receipt["id"].to_string());
                let first = applied.entry(key).or_insert_with(|| id.clone());
                assert_eq!(*first, id, "{what}: a key was applied twice");
            }
        }
    }
}

type Change = Box<dyn Fn(&Workspace)>;

fn edit(name: &'static str, change: fn(String) -> String) -> Change {
    Box::new(move |workspace| {
        let path = state(workspace, name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, change(text)).unwrap();
    })
}

fn without_last_line(text: String) -> String {
    let cut = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    text[..cut].to_owned()
}

/// What is done, what the next session says of it, and whether all holds afterwards.
fn cases() -> Vec<(&'static str, Change, &'static str, bool)> {
    let remove = |name: &'static str| -> Change { Box::new(move |w| fs::remove_file(state(w, name)).unwrap()) };
    let empty = |name: &'static str| edit(name, |_| String::new());
    vec![
        ("nothing", Box::new(|_| {}), "", true),
        ("keys deleted", remove("keys.jsonl"), "keys.jsonl was out of step with the journals in 3 keys", true),
        ("keys emptied", empty("keys.jsonl"), "keys.jsonl was out of step with the journals in 3 keys", true),
        ("keys cut", edit("keys.jsonl", without_last_line), "out of step with the journals in 1 key (", true),
        (
            "a release by hand",
            edit("keys.jsonl", |text| text + "{\"released\":{\"key\":\"holder:SO-1:hold\"}}\n"),
            "out of step with the journals in 1 key (`holder:SO-1:hold`)",
            true,
        ),
        (
            "another holder by hand",
            edit("keys.jsonl", |text| text.replace("rc_1_2", "rc_1_9")),
            "out of step with the journals in 1 key (`holder:SO-2:hold`)",
            true,
        ),
        (
            "a claim by hand",
            edit("keys.jsonl", |text| text + "{\"claimed\":{\"key\":\"x\",\"by\":\"rc_8_1\"}}\n"),
            "keys.jsonl has 1 key that no journal has: the first is `x`, claimed by rc_8_1, of run 8, whose journal is",
            true,
        ),
        (
            "half a line of keys",
            edit("keys.jsonl", |text| text + "{\"claimed"),
            "keys.jsonl: the last line was torn",
            true,
        ),
        (
            "half a line of receipts",
            edit("receipts.jsonl", |text| text + "{\"id\":\"rc"),
            "receipts.jsonl: the last line was torn",
            true,
        ),
        (
            "half a line of the chain",
            edit("receipts.chain", |text| text + "12 ab"),
            "receipts.chain: the last line",
            true,
        ),
        (
            "half a line of envelopes",
            edit("envelopes.jsonl", |text| text + "{\"event_id\""),
            "envelopes.jsonl: the last line was torn",
            true,
        ),
        ("half a line of journals", edit("journals.chain", |text| text + "group 9 "), "journals.chain: the last", true),
        ("receipts deleted", remove("receipts.jsonl"), "written anew from the journals, 3 receipts", true),
        ("receipts emptied", empty("receipts.jsonl"), "written anew from the journals, 3 receipts", true),
        ("receipts' chain deleted", remove("receipts.chain"), "written anew from the journals, 3 receipts", true),
        ("envelopes deleted", remove("envelopes.jsonl"), "envelopes.jsonl was written anew from the journals, 3", true),
        ("receipts cut", edit("receipts.jsonl", without_last_line), "receipts.jsonl was cut short", false),
        ("envelopes cut", edit("envelopes.jsonl", without_last_line), "envelopes.jsonl was cut short", true),
        ("receipts edited", edit("receipts.jsonl", |text| text.replace("SO-2", "SO-7")), "", false),
        (
            "the journals' chain deleted",
            remove("journals.chain"),
            "the chain of journals did not hold or was gone",
            true,
        ),
        (
            "the journals' chain edited",
            edit("journals.chain", |text| text.replacen("begun 1", "begun 4", 1)),
            "the chain of journals did not hold or was gone",
            true,
        ),
        ("a journal deleted", remove("runs/0001/journal.jsonl"), "run 1: its journal is gone", false),
        ("a journal emptied", empty("runs/0001/journal.jsonl"), "run 1: its journal is gone", false),
        (
            "a journal cut",
            edit("runs/0001/journal.jsonl", |text| text[..text.len() / 2].to_owned()),
            "run 1: its journal was cut short",
            false,
        ),
        ("a journal edited", edit("runs/0001/journal.jsonl", |text| text.replace("SO-2", "SO-7")), "", false),
        (
            "a journal and its receipts edited alike",
            Box::new(|workspace| {
                for name in ["runs/0001/journal.jsonl", "receipts.jsonl", "keys.jsonl"] {
                    edit(name, |text| text.replace("SO-2", "SO-7"))(workspace);
                }
            }),
            "",
            false,
        ),
        (
            "a run's folder deleted",
            Box::new(|workspace| fs::remove_dir_all(state(workspace, "runs/0001")).unwrap()),
            "run 1: its journal is gone",
            false,
        ),
        (
            "keys and a journal's line",
            Box::new(|workspace| {
                fs::remove_file(state(workspace, "keys.jsonl")).unwrap();
                edit("runs/0001/journal.jsonl", |text| {
                    let kept = text.lines().filter(|line| !line.contains("\"disposed\":"));
                    kept.fold(String::new(), |kept, line| kept + line + "\n")
                })(workspace);
            }),
            "run 1: its journal was cut short",
            false,
        ),
        (
            "a run that was forged",
            Box::new(|workspace| {
                let text = fs::read_to_string(state(workspace, "runs/0001/journal.jsonl")).unwrap();
                fs::create_dir(state(workspace, "runs/0009")).unwrap();
                let forged = text.replace("rc_1_", "rc_9_").replace("SO-", "XX-").replace("\"run\":1", "\"run\":9");
                fs::write(state(workspace, "runs/0009/journal.jsonl"), forged).unwrap();
                fs::write(state(workspace, "runs/open/0009"), "0").unwrap();
            }),
            "run 9 is marked as crashed, and was not begun here: nothing of it is taken",
            false,
        ),
        (
            "an ended run that was opened again and added to",
            Box::new(|workspace| {
                edit("runs/0001/journal.jsonl", |text| {
                    let line = text.lines().find(|line| line.contains("\"disposed\"")).unwrap().to_owned();
                    text + &line.replace("rc_1_1", "rc_1_7").replace("\"claimed\":true", "\"claimed\":false") + "\n"
                })(workspace);
                fs::write(state(workspace, "runs/open/0001"), "99999999").unwrap();
            }),
            "bytes that no seal follows",
            true,
        ),
    ]
}

#[test]
fn whatever_was_done_to_a_file_no_key_applies_twice_and_a_loss_is_told() {
    for (what, change, told, sound) in cases() {
        let workspace = held();
        change(&workspace);
        let said = live(&workspace);
        assert!(said.contains(told), "{what}: {said}");
        no_key_twice(&workspace, what);
        assert!(!fs::read_to_string(state(&workspace, "receipts.jsonl")).unwrap().contains("XX-"), "{what}");
        let verified = workspace.run(&["receipts", "verify"]);
        assert_eq!(verified.code == 0, sound, "{what}: {verified:?}");
        // Once told and put right, it is right; what is lost stays lost, and is told again.
        let again = live(&workspace);
        assert_eq!(again.contains("DEDUP"), !what.contains("SO-"), "{what}: {again}");
        if sound && what != "a claim by hand" && what != "envelopes cut" {
            assert!(told.is_empty() || !again.contains(told), "{what}: {again}");
        }
        no_key_twice(&workspace, what);
    }
}

#[test]
fn each_file_as_it_was_before_gives_no_key_back() {
    for name in ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl", "journals.chain"] {
        let workspace = Workspace::small();
        workspace.write("live.jsonl", order(1));
        live(&workspace);
        let older = fs::read(state(&workspace, name)).unwrap();
        workspace.write("live.jsonl", (1..=3).map(order).collect::<String>());
        live(&workspace);
        fs::write(state(&workspace, name), older).unwrap();
        live(&workspace);
        no_key_twice(&workspace, name);
    }
}

#[test]
fn a_head_that_was_kept_finds_the_swap_of_everything() {
    let workspace = held();
    let json: Value = serde_json::from_str(&workspace.ok(&["receipts", "verify", "--json"])).unwrap();
    let head = json["head"].as_str().unwrap().to_owned();
    assert_eq!((json["receipts"].as_u64(), json["unchained"].as_u64()), (Some(3), Some(0)));
    assert!(workspace.ok(&["receipts", "verify"]).contains(&format!("head {head}")));
    live(&workspace);
    workspace.ok(&["receipts", "verify", "--head", &head]);
    // Another state, sound in itself.
    fs::rename(workspace.path(".fibric"), workspace.path("kept")).unwrap();
    live(&workspace);
    workspace.ok(&["receipts", "verify"]);
    let said = workspace.run(&["receipts", "verify", "--head", &head]);
    assert!(said.code == 1 && said.err.contains("is not in the chain of journals"), "{said:?}");
    assert_eq!(workspace.run(&["receipts", "verify", "--head", "abc"]).code, 2);
}

#[test]
fn receipts_that_are_edited_with_their_chain_are_not_what_the_journal_says() {
    let workspace = held();
    let text = fs::read_to_string(state(&workspace, "receipts.jsonl")).unwrap().replace("\"ALLOW\"", "\"BLOCK\"");
    let mut previous = None;
    let (mut end, mut chain) = (0, String::new());
    for line in text.split_inclusive('\n') {
        end += line.len() as u64;
        let link = fibric_console::session::chain::Link::after(previous.as_ref(), end, line.as_bytes());
        chain += &link.line();
        previous = Some(link);
    }
    fs::write(state(&workspace, "receipts.jsonl"), text).unwrap();
    fs::write(state(&workspace, "receipts.chain"), chain).unwrap();
    let said = workspace.run(&["receipts", "verify"]);
    assert!(said.code == 1 && said.err.contains("line 1: rc_1_1 is not what its journal says"), "{said:?}");
    assert!(said.err.contains(".fibric/dev/receipts.jsonl:1\n"), "{said:?}");
}

#[test]
fn an_older_versions_state_is_taken_over_and_said_to_be_unchained() {
    let workspace = held();
    let journal = state(&workspace, "runs/0001/journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let bare: String = text
        .lines()
        .map(|line| line.find(",\"sealed\":").map_or_else(|| line.to_owned(), |at| line[..at].to_owned() + "}") + "\n")
        .collect();
    fs::write(&journal, bare).unwrap();
    fs::remove_file(state(&workspace, "journals.chain")).unwrap();
    let said = workspace.ok(&["receipts", "verify"]);
    assert!(said.contains("1 run unchained"), "{said}");
    let said = live(&workspace);
    assert!(said.contains("DEDUP") && !said.contains("warning"), "{said}");
    let said = workspace.ok(&["receipts", "verify"]);
    assert!(said.contains("1 run unchained") && said.contains("6 receipts"), "{said}");
    no_key_twice(&workspace, "unchained");
}

#[test]
fn a_key_that_was_applied_twice_is_named() {
    let workspace = held();
    fs::remove_dir_all(state(&workspace, "runs/0001")).unwrap();
    fs::remove_file(state(&workspace, "keys.jsonl")).unwrap();
    let kept = fs::read(state(&workspace, "runs/open")).is_err();
    assert!(kept);
    // Everything that knew of the keys is gone but the receipts: the next session says so.
    let said = live(&workspace);
    assert!(said.contains("run 1: its journal is gone"), "{said}");
    let said = workspace.run(&["receipts", "verify"]);
    assert!(said.code == 1 && said.err.contains("run 1"), "{said:?}");
}

#[cfg(unix)]
mod in_the_place_of_files {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Puts something else where a file or folder of the state is.
    fn puts(kind: &str, path: &Path, outside: &Path) {
        if path.is_dir() {
            fs::rename(path, path.with_extension("moved")).unwrap();
        } else {
            let _ = fs::remove_file(path);
        }
        match kind {
            "link" => symlink(outside, path).unwrap(),
            "fifo" => assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()),
            "folder" => fs::create_dir(path).unwrap(),
            "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
            _ => unreachable!(),
        }
    }

    #[test]
    fn nothing_is_read_or_written_through_what_is_no_plain_file_and_nothing_waits() {
        let files = PROJECTIONS.iter().copied().chain(["journals.chain", "lock", "live.lock"]);
        let cases: Vec<(&str, &str)> =
            files.flat_map(|name| ["link", "fifo", "folder", "socket"].map(|kind| (name, kind))).collect();
        for (name, kind) in cases {
            let workspace = held();
            let outside = workspace.path("bashrc");
            fs::write(&outside, "# mine\n").unwrap();
            puts(kind, &state(&workspace, name), &outside);
            let said = workspace.run(&["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"]);
            assert_ne!(said.code, 0, "{name} {kind}: {said:?}");
            let expected = format!("`.fibric/dev/{name}` is a");
            assert!(said.err.contains(&expected) && said.err.contains("help:"), "{name} {kind}: {said:?}");
            assert_eq!(fs::read_to_string(&outside).unwrap(), "# mine\n", "{name} {kind}");
            no_key_twice(&workspace, name);
            for args in [&["receipts", "verify"][..], &["receipts", "tail"], &["events", "tail"], &["doctor"]] {
                workspace.run(args);
                assert_eq!(fs::read_to_string(&outside).unwrap(), "# mine\n", "{name} {kind} {args:?}");
            }
        }
    }

    #[test]
    fn no_folder_of_the_state_may_be_a_link() {
        for name in [".fibric", ".fibric/dev", ".fibric/dev/runs", ".fibric/dev/runs/open", ".fibric/dev/plans"] {
            let workspace = held();
            let outside = workspace.path("elsewhere");
            fs::rename(workspace.path(name), &outside).unwrap();
            let before = listing(&outside);
            symlink(&outside, workspace.path(name)).unwrap();
            for args in [
                &["dev", "--plain", "--once", "--no-play", "--events", "live.jsonl"][..],
                &["dev", "replay", "live.jsonl"],
            ] {
                let said = workspace.run(args);
                assert_ne!(said.code, 0, "{name}");
                assert!(said.err.contains(&format!("`{name}` is a symbolic link")), "{name}: {said:?}");
            }
            assert_eq!(listing(&outside), before, "{name}");
        }
    }

    fn listing(folder: &Path) -> Vec<(std::path::PathBuf, u64)> {
        let mut found = Vec::new();
        for item in fs::read_dir(folder).unwrap().flatten() {
            if item.path().is_dir() {
                found.extend(listing(&item.path()));
            } else {
                found.push((item.path(), item.metadata().unwrap().len()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_plan_is_not_written_through_a_link() {
        let workspace = Workspace::small();
        workspace.write("live.jsonl", order(1));
        let outside = workspace.path("bashrc");
        fs::write(&outside, "# mine\n").unwrap();
        fs::create_dir_all(state(&workspace, "plans")).unwrap();
        symlink(&outside, state(&workspace, "plans/0001.json")).unwrap();
        let said = workspace.run(&["dev", "replay", "live.jsonl"]);
        assert!(said.code != 0 && said.err.contains("`.fibric/dev/plans/0001.json` is a symbolic link"), "{said:?}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "# mine\n");
    }
}

/// A session that has taken one order, and is changed under its feet.
fn running() -> (Workspace, Running) {
    let workspace = Workspace::small();
    let mut dev = workspace.dev(&["--no-play", "--events", "-"]);
    dev.send(&order(1));
    dev.wait_for("receipt");
    (workspace, dev)
}

#[test]
fn a_projection_that_is_taken_away_while_a_session_runs_is_written_anew_and_that_is_told() {
    type Taken = fn(&Path);
    let ways: [(&str, Taken); 4] = [
        ("was removed", |path| fs::remove_file(path).unwrap()),
        ("was removed", |path| fs::rename(path, path.with_extension("old")).unwrap()),
        ("was replaced", |path| {
            let beside = path.with_extension("beside");
            fs::write(&beside, "").unwrap();
            fs::rename(beside, path).unwrap();
        }),
        ("was cut short", |path| fs::write(path, "").unwrap()),
    ];
    for name in PROJECTIONS.iter().copied().chain(["journals.chain"]) {
        for (told, take) in ways {
            let (workspace, mut dev) = running();
            take(&state(&workspace, name));
            dev.send(&order(2));
            dev.wait_for("receipt");
            // What is told is written with what comes next.
            dev.send(&order(3));
            let said = dev.wait_for(&format!("{name} "));
            assert!(said.contains(told), "{name}: {said}");
            dev.stop();
            let receipts = fs::read_to_string(state(&workspace, "receipts.jsonl")).unwrap();
            assert_eq!(receipts.lines().count(), 3, "{name} {told}: {receipts}");
            assert_eq!(fs::read_to_string(state(&workspace, "envelopes.jsonl")).unwrap().lines().count(), 3, "{name}");
            let verified = workspace.run(&["receipts", "verify"]);
            assert_eq!(verified.code, 0, "{name} {told}: {verified:?}");
            workspace.write("live.jsonl", (1..=3).map(order).collect::<String>());
            assert_eq!(live(&workspace).matches("DEDUP").count(), 3, "{name} {told}");
            no_key_twice(&workspace, name);
        }
    }
}

#[test]
fn a_session_whose_journal_is_taken_away_puts_it_back_and_stops() {
    type Taken = fn(&Workspace);
    let ways: [(&str, Taken); 4] = [
        ("was removed", |w| fs::remove_file(state(w, "runs/0001/journal.jsonl")).unwrap()),
        ("was removed", |w| fs::rename(state(w, "runs/0001"), state(w, "gone")).unwrap()),
        ("was removed", |w| fs::remove_dir_all(w.path(".fibric")).unwrap()),
        ("was replaced", |w| {
            fs::write(w.path("beside"), "{}\n").unwrap();
            fs::rename(w.path("beside"), state(w, "runs/0001/journal.jsonl")).unwrap();
        }),
    ];
    for (told, take) in ways {
        let (workspace, mut dev) = running();
        take(&workspace);
        dev.send(&order(2));
        assert_eq!(dev.end(), Some(2), "{told}");
        let journal = fs::read_to_string(state(&workspace, "runs/0001/journal.jsonl")).unwrap();
        assert!(journal.contains("holder:SO-1:hold") && !journal.contains("holder:SO-2:hold"), "{told}: {journal}");
        workspace.write("live.jsonl", (1..=2).map(order).collect::<String>());
        let said = live(&workspace);
        assert_eq!(said.matches("DEDUP").count(), 1, "{told}: {said}");
        no_key_twice(&workspace, told);
    }
}

#[test]
fn who_loses_the_lock_on_live_input_claims_no_more() {
    let (workspace, mut dev) = running();
    fs::remove_file(state(&workspace, "live.lock")).unwrap();
    workspace.write("live.jsonl", (1..=2).map(order).collect::<String>());
    assert_eq!(live(&workspace).matches("DEDUP").count(), 1);
    dev.send(&order(2));
    assert_eq!(dev.end(), Some(2), "the lock was lost: {}", dev.seen);
    assert!(!dev.seen.contains("holder:SO-2:hold"), "{}", dev.seen);
    no_key_twice(&workspace, "live.lock");
}
