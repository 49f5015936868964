//! Notes in a review: carried whole, named where they were edited, replaced where they tell a person.

use super::*;
use crate::review::contents::Evidence;
use crate::review::redact::{Plan, redact};
use crate::review::tests::{evidence, refund};
use crate::review::verify::{Verification, verify};

fn said(words: [&str; 2]) -> (Evidence, Entries, Notes) {
    let evidence = evidence(&[refund(40, "a", "{}"), refund(250, "b", r#"{"email":"jo@example.org"}"#)]);
    let entries = Entries::read(&evidence.journal).unwrap();
    let step = |wanted: u64, of_action: bool| {
        let found = entries.0.iter().find_map(|entry| match &entry.fact {
            Fact::Received(received) if !of_action && received.arrival == wanted => Some((entry.seq, None)),
            Fact::Disposed(disposed) if of_action && disposed.arrival == wanted => {
                Some((entry.seq, Some(disposed.receipt.id.clone())))
            }
            _ => None,
        });
        found.unwrap()
    };
    let mut notes = Notes::default();
    for (arrival, of_action, mark, word) in [(2, true, Mark::Flagged, words[0]), (1, false, Mark::Accepted, words[1])] {
        let (entry, receipt) = step(arrival, of_action);
        notes.set(Note { entry, arrival, receipt, mark, note: word.to_owned() });
    }
    (Evidence { notes: notes.part(), ..evidence }, entries, notes)
}

fn verified(evidence: &Evidence, entries: &Entries) -> Verification {
    verify(&evidence.archive(entries)).unwrap().verification
}

fn edited(evidence: &Evidence, from: &str, to: &str) -> Evidence {
    let text = String::from_utf8(evidence.notes.clone().unwrap()).unwrap();
    assert!(text.contains(from), "{text}");
    Evidence { notes: Some(text.replacen(from, to, 1).into_bytes()), ..evidence.clone() }
}

#[test]
fn a_review_carries_what_was_said_of_its_steps() {
    let (evidence, entries, notes) = said(["too much", ""]);
    let read = verify(&evidence.archive(&entries)).unwrap();
    assert_eq!((read.verification.differences.as_slice(), &read.notes), (&[][..], &notes));
    assert_eq!(notes.0.iter().map(|note| note.arrival).collect::<Vec<_>>(), [1, 2], "in the order of the journal");
    assert_eq!((notes.count(Mark::Accepted), notes.count(Mark::Flagged)), (1, 1));
}

#[test]
fn an_edit_of_a_note_is_named_with_its_line() {
    let (evidence, entries, _) = said(["too much", "fine"]);
    let forgeries = [
        ("too much", "as it should be", "notes.jsonl line 2 /digest"),
        ("flagged", "accepted", "notes.jsonl line 2 /digest"),
        ("\"arrival\":1", "\"arrival\":2", "notes.jsonl line 1 /digest"),
        ("\"note\":\"fine\"", "\"note\":\"fine\",\"by\":\"jo\"", "notes.jsonl line 1"),
        ("\"entry\":", "\"entry\": ", "notes.jsonl line 1"),
        ("{\"entry\"", "{\"entri\"", "notes.jsonl line 1"),
    ];
    for (from, to, place) in forgeries {
        // Manifest and order are as they would be of an honest one.
        let found = verified(&edited(&evidence, from, to), &entries);
        let places: Vec<_> = found.differences.iter().map(Difference::place).collect();
        assert!(places.iter().any(|found| found == place), "{from}: {places:?}");
    }
    // Without the manifest the part is named.
    let whole = evidence.archive(&entries);
    let at = whole.windows(8).position(|bytes| bytes == b"too much").unwrap();
    let mut bytes = whole;
    bytes[at] = b'T';
    let found = verify(&bytes).unwrap().verification;
    assert_eq!(found.differences[0].part, "notes.jsonl", "{:?}", found.differences);
}

#[test]
fn a_note_is_of_the_step_it_says() {
    let (evidence, entries, mut notes) = said(["a", "b"]);
    notes.0[1].entry += 1;
    let found = verified(&Evidence { notes: notes.part(), ..evidence }, &entries);
    let places: Vec<_> = found.differences.iter().map(Difference::place).collect();
    assert_eq!(places, ["notes.jsonl line 2 /entry"]);
}

#[test]
fn what_a_note_tells_of_a_person_is_replaced_as_everywhere() {
    let (evidence, entries, _) = said(["ask jo@example.org, or ann@example.com", ""]);
    let (redacted, entries) = redact(&evidence, &entries, &Plan { fields: Vec::new() }).unwrap().unwrap();
    let text = String::from_utf8(redacted.notes.clone().unwrap()).unwrap();
    assert!(!text.contains("example.org") && !text.contains("ann@") && text.contains("ask "), "{text}");
    assert_eq!(verified(&redacted, &entries).differences, []);
}

#[test]
fn notes_are_kept_until_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join(".fibric/dev");
    assert_eq!(kept(&state, 3).unwrap(), (Notes::default(), Vec::new()));
    let (_, _, notes) = said(["ü \u{1b}[31m", ""]);
    keep(&state, 3, &notes).unwrap();
    assert_eq!(kept(&state, 3).unwrap().0, notes);
    keep(&state, 3, &Notes::default()).unwrap();
    assert_eq!(kept(&state, 3).unwrap().0, Notes::default());
    std::fs::write(state.join("reviews/0003.jsonl"), "nonsense\n").unwrap();
    assert_eq!(kept(&state, 3).unwrap().1.len(), 1);
}
