//! Journals as runs write them, moved about in; what is looked up is held against a fold from the start.

mod forks;
mod interleavings;
mod journals;

use std::sync::Arc;

use proptest::prelude::*;

use self::journals::{Turn, index_of, journal, turns};
use super::difference::{Pairing, first_field};
use super::stages::{ActionView, Around, Standing};
use super::transport::{Direction, Unit};
use super::*;
use crate::kernel::executor::State;
use crate::kernel::journal::{Entry, Fact, RunKind};
use crate::kernel::receipt::Ruling;

/// The kernel's own fold of the entries before one.
fn folded(entries: &[Arc<Entry>], before: u32) -> State {
    let mut state = State::default();
    for entry in &entries[..before as usize] {
        if let Fact::Disposed(disposed) = &entry.fact {
            state.apply(disposed);
        }
    }
    state
}

fn counted(entries: &[Arc<Entry>], before: u32) -> state::Counters {
    let mut counters = state::Counters::default();
    for entry in &entries[..before as usize] {
        match &entry.fact {
            Fact::Received(_) => counters.envelopes += 1,
            Fact::Refused(_) => counters.refused += 1,
            Fact::Routed(routed) => counters.unmatched += u32::from(routed.to.is_empty()),
            Fact::Proposed(proposed) => match proposed.typed() {
                Some(plan) if plan.is_refusal() => counters.refusals += 1,
                Some(_) => counters.plans += 1,
                None => counters.failed_plans += 1,
            },
            Fact::Disposed(disposed) => {
                match disposed.receipt.verdict.decision {
                    Ruling::Allow => counters.allowed += 1,
                    Ruling::Alert => counters.alerted += 1,
                    Ruling::Block => counters.blocked += 1,
                    Ruling::Dedup => counters.deduplicated += 1,
                }
                counters.failed += u32::from(disposed.receipt.outcome == crate::kernel::receipt::Outcome::Failed);
            }
            _ => {}
        }
    }
    counters
}

fn holds(entries: &[Arc<Entry>], index: &Index, at: Moment) {
    let view = StateView::before(index, at.entry);
    let state = folded(entries, at.entry);
    for key in 0..journals::KEYS {
        let key = journals::key(key);
        let found = view.key(&key).and_then(|entry| match &entries[entry as usize].fact {
            Fact::Disposed(disposed) => Some(disposed.receipt.id.clone()),
            _ => None,
        });
        assert_eq!(found, state.claimed_by(&key), "{key} before {at:?}");
    }
    assert_eq!(view.counters(), counted(entries, at.entry), "before {at:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_steps_and_seeks_show_the_state_that_a_fold_comes_to(
        turns in turns(),
        moves in prop::collection::vec((0..8_u8, any::<u32>()), 1..40),
    ) {
        let entries = journal(RunKind::Play, &turns);
        let index = index_of(&entries);
        let mut transport = Transport::at_start(&index);
        for (what, number) in moves {
            let direction = if number % 2 == 0 { Direction::Forward } else { Direction::Back };
            let before = transport.at();
            let moved = match what {
                0 | 1 => transport.step(&index, Unit::Stage, direction),
                2 => transport.step(&index, Unit::Action, direction),
                3 => transport.step(&index, Unit::Envelope, direction),
                4 => transport.seek_entry(&index, number % index.len().max(1)),
                5 => { transport.toggle(&index); transport.tick(&index) }
                6 => { transport.mark(); transport.next_mark() }
                _ => transport.go_to(&index, &format!("{}.{}", number % 9, number % 4)).is_ok(),
            };
            prop_assert!(moved || transport.at() == before);
            if !index.is_empty() && index.envelopes() > 0 {
                let at = transport.at();
                prop_assert!(transport.seek(&index, at), "{at:?} is no moment");
                holds(&entries, &index, at);
            }
        }
    }

    #[test]
    fn stages_there_are_stages_back(turns in turns()) {
        let index = index_of(&journal(RunKind::Play, &turns));
        let mut transport = Transport::at_start(&index);
        let mut seen = vec![transport.at()];
        while transport.step(&index, Unit::Stage, Direction::Forward) {
            prop_assert!(transport.at() > *seen.last().unwrap());
            seen.push(transport.at());
        }
        while seen.pop().is_some() && !seen.is_empty() {
            prop_assert!(transport.step(&index, Unit::Stage, Direction::Back));
            prop_assert_eq!(Some(&transport.at()), seen.last());
        }
        prop_assert!(!transport.step(&index, Unit::Stage, Direction::Back));
    }

    #[test]
    fn a_line_is_read_as_its_entry(turns in turns()) {
        for entry in journal(RunKind::Live, &turns) {
            let line = serde_json::to_string(&*entry).unwrap();
            prop_assert_eq!(IndexedEntry::read(line.as_bytes()), IndexedEntry::of(&entry.fact), "{}", line);
            // The same with blanks, as nobody writes it here.
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            let spaced = serde_json::to_string_pretty(&value).unwrap().replace('\n', " ");
            let read: Entry = serde_json::from_str(&spaced).unwrap();
            prop_assert_eq!(IndexedEntry::read(spaced.as_bytes()), IndexedEntry::of(&read.fact), "{}", spaced);
        }
    }
}

#[test]
fn a_journal_that_is_cut_damaged_or_empty_is_used_as_far_as_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let path = crate::session::store::journal_in(dir.path(), 1);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let turns = [Turn::allow(0), Turn::Refused, Turn::allow(0)];
    let entries = journal(RunKind::Play, &turns);
    let lines: Vec<String> = entries.iter().map(|entry| serde_json::to_string(&**entry).unwrap() + "\n").collect();
    let whole = lines.concat();

    std::fs::write(&path, "").unwrap();
    let index = scan::whole(dir.path(), 1).unwrap();
    assert!(index.is_empty() && !Transport::at_start(&index).step(&index, Unit::Stage, Direction::Forward));

    for cut in (0..whole.len()).filter(|cut| whole.is_char_boundary(*cut)) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let index = scan::whole(dir.path(), 1).unwrap();
        assert_eq!(index.len() as usize, whole[..cut].matches('\n').count());
        assert_eq!(index.damaged(), 0);
        assert!(index.end() <= cut as u64);
    }

    let foreign =
        "{\"seq\":9}\n\u{202e}evil\u{1b}[2J\n\0\0\n{\"seq\":1,\"at\":\"x\",\"fact\":{\"disposed\":{\"arrival\":1}}}\n";
    std::fs::write(&path, format!("{whole}{foreign}{}", lines[1])).unwrap();
    let index = scan::whole(dir.path(), 1).unwrap();
    assert_eq!(index.damaged(), 4);
    let mut transport = Transport::at_start(&index);
    while transport.step(&index, Unit::Stage, Direction::Forward) {}
    assert_eq!(index.offset(transport.at().entry), Some((whole.len() + foreign.len()) as u64));
}

#[test]
fn a_long_journal_is_read_in_parts_side_by_side_and_comes_to_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = crate::session::store::journal_in(dir.path(), 1);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let turns = vec![vec![Turn::allow(0), Turn::block(1), Turn::allow(2)]; 500].concat();
    let entries = journal(RunKind::Play, &turns);
    let whole: String = entries.iter().map(|entry| serde_json::to_string(&**entry).unwrap() + "\n").collect();
    assert!(whole.len() > 1 << 20, "it takes several blocks");
    std::fs::write(&path, &whole).unwrap();
    let (index, plain) = (scan::whole(dir.path(), 1).unwrap(), index_of(&entries));
    assert_eq!((index.len(), index.end()), (plain.len(), whole.len() as u64));
    for entry in 0..index.len() {
        assert_eq!((index.offset(entry), index.mark(entry)), (plain.offset(entry), plain.mark(entry)));
        assert_eq!(index.offset(entry).and_then(|offset| index.at_offset(offset)), Some(entry));
    }
}

#[test]
fn what_is_added_is_indexed_from_where_the_index_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = crate::session::store::journal_in(dir.path(), 1);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let entries = journal(RunKind::Play, &[Turn::allow(0), Turn::allow(1), Turn::allow(0)]);
    let whole: String = entries.iter().map(|entry| serde_json::to_string(&**entry).unwrap() + "\n").collect();
    let mut index = Index::default();
    for upto in [10, 700, 1_500, whole.len()] {
        std::fs::write(&path, &whole[..upto.min(whole.len())]).unwrap();
        scan::read(dir.path(), 1, index.end(), &mut |portion| portion.take_into(&mut index)).unwrap();
    }
    assert_eq!(index.len() as usize, entries.len());
    let stale = scan::Portion { lines: vec![(3, IndexedEntry::Other)], end: 9, size: 9 };
    assert!(!stale.take_into(&mut index), "lines that begin elsewhere are not taken");
}

fn view<'a>(entries: &'a [Arc<Entry>], index: &'a Index, entry: u32, kind: RunKind) -> ActionView<'a> {
    let Fact::Disposed(disposed) = &entries[entry as usize].fact else { panic!("no action") };
    let state = StateView::before(index, entry);
    let claimer =
        state.key(&disposed.receipt.idempotency_key).and_then(|claimer| match &entries[claimer as usize].fact {
            Fact::Disposed(disposed) => Some(&*disposed.receipt),
            _ => None,
        });
    ActionView { disposed, proposed: None, state, claimer, kind: Some(kind), around: Around::default() }
}

#[test]
fn each_stage_says_what_it_met_and_what_it_left() {
    let entries = journal(RunKind::Play, &[Turn::allow(0), Turn::allow(0), Turn::block(0)]);
    let index = index_of(&entries);
    let action = |place: usize| index.actions_of(place)[0];
    let rows = |place: usize, after| {
        let view = view(&entries, &index, action(place), RunKind::Play);
        let rows = view.state_rows(after).into_iter().filter(super::stages::StateRow::is_changed);
        rows.map(|row| format!("{}: {} > {}", row.name, row.before, row.after)).collect::<Vec<_>>()
    };
    assert!(rows(0, Some(Stage::Policy)).is_empty());
    assert_eq!(rows(0, Some(Stage::Lock)), ["lock: free > held by ac_1"]);
    assert_eq!(rows(0, Some(Stage::Dedup)), ["lock: free > held by ac_1", "key: unclaimed > claimed by rc_1"]);
    assert_eq!(rows(0, Some(Stage::Receipt)), ["key: unclaimed > claimed by rc_1", "receipts: 0 > 1"]);
    assert_eq!(rows(1, Some(Stage::Receipt)), ["receipts: 1 > 2"]);
    let second = view(&entries, &index, action(1), RunKind::Play);
    assert_eq!(second.stage(Stage::Dedup).standing, Standing::Ruled(Ruling::Dedup));
    assert_eq!(second.stage(Stage::Dedup).before[0].text, "claimed by rc_1");
    assert_eq!(second.stage(Stage::Handler).says, "not called");
    let blocked = view(&entries, &index, action(2), RunKind::Play);
    assert_eq!(blocked.stage(Stage::Policy).standing, Standing::Ruled(Ruling::Block));
    assert_eq!(blocked.stage(Stage::Lock).standing, Standing::Skipped);
    let key = |kind| {
        let rows = view(&entries, &index, action(2), kind).state_rows(None);
        rows.into_iter().find(|row| row.name == "lock").unwrap().before
    };
    assert_eq!(key(RunKind::Play), "free");
    assert_eq!(key(RunKind::Live), "not recorded", "a journal from before does not say it");
}

#[test]
fn the_first_difference_is_found_and_its_field_named() {
    let one = journal(RunKind::Play, &[Turn::allow(0), Turn::allow(1), Turn::block(2)]);
    let two = journal(RunKind::Play, &[Turn::allow(0), Turn::allow(1), Turn::allow(2)]);
    let (before, here) = (index_of(&one), index_of(&two));
    let same = Pairing::of(&before, Some(&before));
    let start = Transport::at_start(&before).at();
    assert_eq!(same.next_difference(&before, Some(&before), start), None);
    let pairing = Pairing::of(&here, Some(&before));
    let found = pairing.next_difference(&here, Some(&before), start).unwrap();
    assert_eq!(here.position(found).envelope, 3);
    let disposed = |entries: &[Arc<Entry>], entry: u32| match &entries[entry as usize].fact {
        Fact::Disposed(disposed) => disposed.clone(),
        _ => panic!("no action"),
    };
    let field = first_field(&disposed(&one, before.actions_of(2)[0]), &disposed(&two, found.entry)).unwrap();
    assert_eq!((field.field, field.before.as_str(), field.here.as_str()), ("rule", "f.yaml:2", "f.yaml:1"));
    assert_eq!(pairing.next_difference(&here, Some(&before), found), None);
    // The same envelopes twice in one run: what the second turn found used is the difference.
    let twice = journal(RunKind::Play, &[Turn::allow(0), Turn::block(1), Turn::Again(0), Turn::Again(1)]);
    let twice_index = index_of(&twice);
    let pairing = Pairing::of(&twice_index, None);
    let found = pairing.next_difference(&twice_index, None, start).unwrap();
    assert_eq!((twice_index.position(found).envelope, found.stage), (3, Some(Stage::Dedup)));
}

#[test]
fn a_query_stops_at_what_it_lets_through() {
    let dir = tempfile::tempdir().unwrap();
    let path = crate::session::store::journal_in(dir.path(), 1);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let entries = journal(RunKind::Play, &[Turn::allow(0), Turn::block(1), Turn::allow(0), Turn::block(2)]);
    let whole: String = entries.iter().map(|entry| serde_json::to_string(&**entry).unwrap() + "\n").collect();
    std::fs::write(&path, whole).unwrap();
    let index = scan::whole(dir.path(), 1).unwrap();
    let find = |text: &str, behind: u64| {
        let query = search::parse(text).unwrap();
        let from = search::From { run: 1, envelope: 0, behind };
        let found = search::next(dir.path(), from, &query, &|| true).unwrap()?;
        Some(index.position(Moment { entry: index.at_offset(found)?, stage: None }).envelope)
    };
    assert_eq!(find("decision:block", 0), Some(2));
    assert_eq!(find("block", index.offset(index.actions_of(1)[0]).unwrap()), Some(4));
    assert_eq!(find("dedup", 0), Some(3));
    assert_eq!(find("tool:order.* value:>100", 0), None);
    assert_eq!(find("type:order.made stage:dedup", 0), Some(3));
    assert_eq!(find("payload.n:4", 0), Some(4));
    assert!(search::parse("decision:blok").is_err());
}

#[test]
fn a_person_names_a_moment_by_numbers() {
    let index = index_of(&journal(RunKind::Play, &[Turn::allow(0), Turn::block(1)]));
    let mut transport = Transport::at_start(&index);
    let mut go = |text: &str| transport.go_to(&index, text).map(|()| index.position(transport.at()));
    assert_eq!(go("2").unwrap().envelope, 2);
    assert_eq!(go("2.1").unwrap().stage, Some(Stage::Policy));
    assert_eq!(go("1.1.lock").unwrap().stage, Some(Stage::Lock));
    assert_eq!(go("1.1.4").unwrap().stage, Some(Stage::Dedup));
    assert!(go("2.1.lock").unwrap_err().contains("never came to"));
    assert!(go("3").unwrap_err().contains("the last is 2"));
    assert!(go("1.2").unwrap_err().contains("it has 1"));
    assert!(go("").is_err() && go("x").is_err() && go("0").is_err() && go("1.1.none").is_err());
}

#[test]
fn a_play_goes_by_ticks_and_stops_at_the_end() {
    let index = index_of(&journal(RunKind::Play, &[Turn::allow(0), Turn::block(1), Turn::allow(2)]));
    let mut transport = Transport::at_start(&index);
    assert!(!transport.tick(&index) && transport.beat().is_none());
    transport.toggle(&index);
    let ordinary = transport.beat().unwrap();
    transport.change_speed(true);
    assert_eq!(transport.beat().unwrap() * 2, ordinary);
    assert_eq!(transport.speed(), "2×");
    let mut envelopes = Vec::new();
    while transport.tick(&index) {
        envelopes.push(index.position(transport.at()).envelope);
    }
    assert_eq!(envelopes, [1, 2, 3]);
    assert!(!transport.is_playing());
    transport.toggle(&index);
    assert!(!transport.is_playing(), "there is nothing to play at the end");
}
