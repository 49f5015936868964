//! What can be done to a file that nobody has open.

use super::*;

/// What is done to it.
pub type Change = Box<dyn Fn(&Workspace)>;
/// Its name, what is done, what the next session says of it, and whether all holds afterwards.
pub type Case = (&'static str, Change, &'static str, bool);

fn edit(name: &'static str, change: fn(String) -> String) -> Change {
    Box::new(move |workspace| {
        let path = state(workspace, name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, change(text)).unwrap();
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where a change does")]
fn without_last_line(text: String) -> String {
    let cut = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    text[..cut].to_owned()
}

fn remove(name: &'static str) -> Change {
    Box::new(move |workspace| fs::remove_file(state(workspace, name)).unwrap())
}

fn empty(name: &'static str) -> Change {
    edit(name, |_| String::new())
}

/// What is done to files that follow from the journals.
pub fn of_projections() -> Vec<Case> {
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
    ]
}

/// What is done to journals and their folders.
pub fn of_journals() -> Vec<Case> {
    vec![
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
