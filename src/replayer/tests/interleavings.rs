//! Plans of journals in every order: what was recorded is among what they come to.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::journals::{Turn, journal, turns};
use crate::kernel::journal::{Entry, RunKind};
use crate::replayer::schedules::{Chosen, MOST_PLANS, Property, Request, interleave};
use crate::session::store;

fn write(state: &Path, entries: &[Arc<Entry>]) {
    let path = store::journal_in(state, 1);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let lines: String = entries.iter().map(|entry| serde_json::to_string(&**entry).unwrap() + "\n").collect();
    fs::write(path, lines).unwrap();
}

fn request(names: Vec<String>) -> Request {
    Request { chosen: Chosen { names, entity: None }, wanted: Property::FAULTS.to_vec(), failing: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_recorded_is_one_of_the_outcomes(turns in turns(), from in 0..8_usize) {
        let folder = tempfile::tempdir().unwrap();
        let acts: Vec<Turn> = turns.into_iter().filter(|turn| matches!(turn, Turn::Acts(_))).skip(from).take(MOST_PLANS).collect();
        write(folder.path(), &journal(RunKind::Play, &acts));
        let ids: Vec<String> = (1..=acts.len()).map(|plan| format!("pl_{plan}")).collect();
        // All that there is: nobody else's keys are in play.
        match interleave(folder.path(), 1, &request(ids.clone())) {
            Ok(explored) => {
                let recorded: Vec<_> = explored.outcomes.iter().filter(|outcome| outcome.is_recorded).collect();
                prop_assert!(!recorded.is_empty() && recorded.iter().all(|outcome| outcome.schedules > 0 && outcome.is_serial));
                // What a journal says of one action after another is the order of its moves.
                let schedule = recorded[0].schedule.as_ref().unwrap();
                prop_assert!(schedule.moves.iter().map(|taken| taken.lane).is_sorted(), "{schedule:?}");
            }
            Err(why) => prop_assert!(why.is_choice && (acts.len() < 2 || why.message.contains("nothing of these plans meets")), "{why}"),
        }
        // Without the first, its keys are those of a receipt of before.
        if let Some(others) = ids.get(1..).filter(|others| others.len() > 1) {
            match interleave(folder.path(), 1, &request(others.to_vec())) {
                Ok(explored) => prop_assert!(explored.outcomes.iter().any(|outcome| outcome.is_recorded)),
                Err(why) => prop_assert!(why.is_choice, "{why}"),
            }
        }
    }
}

#[test]
fn a_journal_that_is_cut_off_or_damaged_is_read_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = store::journal_in(folder.path(), 1);
    write(folder.path(), &journal(RunKind::Play, &[Turn::allow(1), Turn::allow(1)]));
    let whole = fs::read_to_string(&path).unwrap();
    let ids = request(vec!["pl_1".to_owned(), "pl_2".to_owned()]);
    assert!(interleave(folder.path(), 1, &ids).is_ok());
    fs::write(&path, whole.replacen("\"fact\"", "\"fcat\"", 3) + "{\"seq\":").unwrap();
    assert!(interleave(folder.path(), 1, &ids).is_err());
    // The end of the second is missing.
    let end = whole.trim_end().rfind('\n').unwrap();
    fs::write(&path, &whole[..=end]).unwrap();
    let why = interleave(folder.path(), 1, &ids).unwrap_err();
    assert!(why.message.contains("not every action of plan `pl_2` came to an end"), "{why}");
    assert!(interleave(folder.path(), 2, &ids).unwrap_err().message.contains("cannot be read"));
}
