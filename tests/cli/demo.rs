//! `fibric demo` without a terminal: the same every time, recorded, and gone without a trace; and what an empty folder says.

use std::num::NonZero;

use serde_json::Value;

use super::harness::{Running, Said, Workspace};

/// A folder for temporary files that nothing else uses.
fn place() -> Workspace {
    let place = Workspace::bare();
    std::fs::remove_dir(place.path("operators")).unwrap();
    std::fs::create_dir(place.path("tmp")).unwrap();
    place
}

fn demo(place: &Workspace, args: &[&str]) -> Said {
    let output = place.command(&[&["demo"], args].concat()).env("TMPDIR", place.path("tmp")).output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn is_clean(place: &Workspace) -> bool {
    std::fs::read_dir(place.path("tmp")).unwrap().count() == 0
}

#[test]
fn it_is_told_the_same_every_time_and_leaves_nothing() {
    let place = place();
    let once = demo(&place, &["--plain", "--speed", "max"]);
    assert!(once.code == 0 && once.err.is_empty(), "{once:?}");
    for said in [
        "■ BLOCK  rule 3: value 250 > maxValue 100",
        "value ≤ 100 → ALLOW, or rule 3 maxValue ≥ 250 → ALLOW",
        "keys   ctrl-s  esc  1",
        "✓ ALLOW  rule 3: value 250 ≤ maxValue 250",
    ] {
        assert!(once.out.contains(said), "{said}: {}", once.out);
    }
    let again = demo(&place, &["--plain", "--speed", "max"]);
    assert_eq!(once.out, again.out);
    assert_eq!(demo(&place, &["--speed", "max"]).out, once.out, "without a terminal there are only lines");
    assert!(is_clean(&place));
    assert!(std::fs::read_dir(place.path(".")).unwrap().count() == 1, "nothing is written where it is run");
}

#[test]
fn another_policy_tells_another_story_and_json_the_same_one() {
    let place = place();
    let bundled = Workspace::bundled().read("policy/trust.yaml");
    place.write("open.yaml", bundled.replace("maxValue: 100", "maxValue: 1000"));
    let open = demo(&place, &["--plain", "--speed", "max", "--policy", "open.yaml"]);
    assert!(open.code == 0 && open.out.contains("The second refund is ALLOW, because of rule 3"), "{open:?}");
    let json = demo(&place, &["--json", "--speed", "max"]);
    let lines: Vec<Value> = json.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 10);
    assert!(lines[2]["demo"]["shows"].as_str().unwrap().starts_with("■ BLOCK"), "{}", lines[2]);
    for (args, told) in [
        (&["--policy", "none.yaml"][..], "cannot read `none.yaml`"),
        (&["--speed", "0"], "a speed is a number from 0.1 to 100, or `max`"),
        (&["--tour"], "the tour needs a terminal"),
        (&["--theme", "none"], "there is no theme `none`"),
        (&["--cast", "."], "it is a folder"),
    ] {
        let said = demo(&place, args);
        let code = if args[0] == "--cast" { 1 } else { 2 };
        assert!(said.code == code && said.err.contains(told), "{args:?}: {said:?}");
    }
    assert!(is_clean(&place));
}

/// Plays a recording on another terminal, and gives what its last frame shows.
fn played(file: &str) -> (String, f64, usize) {
    let mut lines = file.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!((&header["version"], &header["width"], &header["height"]), (&2.into(), &100.into(), &36.into()));
    let mut terminal = vt100::Parser::new(NonZero::new(36).unwrap(), NonZero::new(100).unwrap(), 0);
    let (mut before, mut marks) = (0.0, 0);
    for line in lines {
        let (at, code, data): (f64, String, String) = serde_json::from_str(line).unwrap();
        assert!(at >= before, "{line}");
        before = at;
        match code.as_str() {
            "o" => terminal.process(data.as_bytes()),
            "m" => marks += 1,
            other => panic!("{other}"),
        }
    }
    (terminal.screen().contents(), before, marks)
}

#[test]
fn it_is_recorded_at_its_own_times() {
    let place = place();
    for name in ["one.cast", "two.cast"] {
        assert_eq!(demo(&place, &["--plain", "--speed", "max", "--cast", name]).code, 0);
    }
    let file = place.read("one.cast");
    assert!(file == place.read("two.cast"), "the same every time");
    let (screen, seconds, marks) = played(&file);
    assert!(screen.contains("10 of 10") && screen.contains("✓ ALLOW"), "{screen}");
    assert!(seconds > 60.0 && marks == 10, "{seconds} s, {marks} marks");
    assert_eq!(demo(&place, &["--plain", "--speed", "max", "--present", "--cast", "large.cast"]).code, 0);
    let (large, ..) = played(&place.read("large.cast"));
    assert!(large.contains("████") && large.contains("10 of 10"), "{large}");
}

#[test]
fn a_signal_and_a_reader_that_goes_away_leave_nothing() {
    let place = place();
    for name in ["INT", "TERM", "HUP", "QUIT"] {
        let mut demo = begun(&place);
        demo.signal(name);
        assert_eq!(demo.end(), Some(130), "{name}");
        assert!(is_clean(&place), "{name}");
    }
    let script = "\"$0\" demo --speed max | head -1";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_fibric")]).current_dir(place.path("."));
    let output = command.env("TMPDIR", place.path("tmp")).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(is_clean(&place));
}

/// A demo that has told its first step, and is in no hurry.
fn begun(place: &Workspace) -> Running {
    let mut demo = place.spawn_with(&["demo", "--plain", "--speed", "0.1"], &[("TMPDIR", &place.path("tmp"))]);
    demo.wait_for("1/10");
    assert!(!is_clean(place));
    demo
}

#[test]
fn an_empty_folder_is_told_what_there_is() {
    let place = Workspace::bare();
    std::fs::remove_dir(place.path("operators")).unwrap();
    for args in [&[][..], &["dev"], &["dev", "--plain"]] {
        let said = place.run(args);
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.err.contains("no workspace at or above"), "{said:?}");
        assert!(said.err.contains("`fibric` on a terminal offers") && said.err.contains("`fibric demo"), "{said:?}");
        assert_eq!(std::fs::read_dir(place.path(".")).unwrap().count(), 0, "a command that fails writes nothing");
    }
    place.write(".git/HEAD", "x");
    assert!(place.run(&[]).err.contains("offers to put"), "what is hidden is nobody's work");
    place.write("notes.txt", "x");
    let said = place.run(&[]);
    assert!(said.code == 2 && !said.err.contains("offers"), "{said:?}");
}
