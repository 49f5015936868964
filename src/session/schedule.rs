//! When operators that run at intervals are due (contract 7), as a pure function of the time, and the envelopes that are
//! made for them.
//!
//! Due times are the multiples of the interval since 1970, so that they are the same in every session and every replay,
//! and the id `<operator>@<due>` names one run of one operator for ever. Knows nothing of files or of a clock.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Raw, Value};
use crate::workspace::roster::Schedule;

/// What every envelope of a schedule has as its source, and its event type before the operator's name.
pub const SOURCE: &str = "schedule";

/// A run that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Since when.
    pub at: Timestamp,
    /// The operator.
    pub operator: String,
}

/// The last due time of each operator, and who is next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedules {
    schedules: Vec<Schedule>,
    /// The last due time of each operator that was taken up, or from which on it counts.
    last: BTreeMap<String, Timestamp>,
}

impl Schedules {
    /// Those of a session that begins at `now`; `last` are the due times that earlier ones took up.
    pub fn begin(schedules: Vec<Schedule>, last: BTreeMap<String, Timestamp>, now: Timestamp) -> Self {
        let mut begun = Self { schedules: Vec::new(), last };
        begun.follow(schedules, now);
        begun
    }

    /// Takes up other schedules: code was loaded again. One that is new counts from `now` on.
    pub fn follow(&mut self, schedules: Vec<Schedule>, now: Timestamp) {
        for schedule in &schedules {
            let changed = |known: &&Schedule| known.operator == schedule.operator && known.seconds != schedule.seconds;
            // Another interval begins anew; what the old one missed is not its own.
            if self.schedules.iter().find(changed).is_some() {
                self.last.insert(schedule.operator.clone(), now);
            } else {
                let last = self.last.entry(schedule.operator.clone()).or_insert(now);
                // A clock that was ahead must not keep it from ever running.
                *last = (*last).min(now);
            }
        }
        self.schedules = schedules;
    }

    /// Takes up what is due by `now`, in order of time and name. However many of an operator were missed, it is one: the
    /// latest.
    pub fn take(&mut self, now: Timestamp) -> Vec<Due> {
        let mut due = Vec::new();
        for Schedule { operator, seconds, .. } in &self.schedules {
            let last = self.last.entry(operator.clone()).or_insert(now);
            let Some(at) = latest(*seconds, now).filter(|at| *at > *last) else { continue };
            *last = at;
            due.push(Due { at, operator: operator.clone() });
        }
        due.sort();
        due
    }

    /// When the next is due, if nothing changes.
    pub fn next(&self) -> Option<Timestamp> {
        let next = |schedule: &Schedule| following(schedule.seconds, *self.last.get(&schedule.operator)?);
        self.schedules.iter().filter_map(next).min()
    }

    /// The due times taken up, as they are kept for the next session.
    pub fn taken(&self) -> &BTreeMap<String, Timestamp> {
        &self.last
    }
}

/// Every due time after `from` and up to `until`, in order of time and name: a replay misses none.
pub fn all(schedules: Vec<Schedule>, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Due> {
    let mut next: Vec<(Option<Timestamp>, Schedule)> =
        schedules.into_iter().map(|schedule| (following(schedule.seconds, from), schedule)).collect();
    std::iter::from_fn(move || {
        let first = |(at, schedule): &(Option<Timestamp>, Schedule)| Some((((*at)?), schedule.operator.clone()));
        let (at, operator) = next.iter().filter_map(first).min().filter(|(at, _)| *at <= until)?;
        let entry = next.iter_mut().find(|(_, schedule)| schedule.operator == operator)?;
        entry.0 = following(entry.1.seconds, at);
        Some(Due { at, operator })
    })
}

/// The latest multiple of an interval that is not after `now`.
fn latest(seconds: i64, now: Timestamp) -> Option<Timestamp> {
    let now = now.as_second();
    Timestamp::from_second(now - now.rem_euclid(seconds.max(1))).ok()
}

/// The first multiple of an interval after a time.
fn following(seconds: i64, after: Timestamp) -> Option<Timestamp> {
    let next = latest(seconds, after)?.as_second().checked_add(seconds.max(1))?;
    Timestamp::from_second(next).ok()
}

impl Due {
    /// The envelope that is made for it.
    pub fn envelope(&self, tenant: &str) -> EventEnvelope {
        let id = format!("{}@{}", self.operator, self.at);
        let due = Value::String(self.at.to_string());
        EventEnvelope {
            event_id: id.clone(),
            reseller_id: None,
            tenant_id: tenant.to_owned(),
            workspace_id: None,
            source: SOURCE.to_owned(),
            event_type: format!("{SOURCE}.{}", self.operator),
            correlation_id: id,
            payload: Raw::of(&Value::Object([("due".to_owned(), due)].into_iter().collect())),
            agent_id: None,
            session_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn every(operator: &str, interval: &str) -> Schedule {
        Schedule::parse(operator, interval).unwrap()
    }

    fn told(due: &[Due]) -> Vec<String> {
        due.iter().map(|due| due.envelope("t_local").event_id).collect()
    }

    #[test]
    fn intervals_are_numbers_with_a_unit() {
        for (text, seconds) in [("30s", 30), ("15m", 900), ("1h", 3_600), ("1d", 86_400)] {
            assert_eq!(every("a", text).seconds, seconds);
        }
        for wrong in ["", "m", "0m", "-1m", "1w", "1.5h", "15 m", "15", "99999999999999999999s", "400d", "1m30s"] {
            assert!(Schedule::parse("a", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn missed_ones_count_as_one() {
        let begun = at("2026-01-01T10:07:00Z");
        let mut schedules = Schedules::begin(vec![every("b", "15m"), every("a", "1h")], BTreeMap::new(), begun);
        assert_eq!(schedules.next(), Some(at("2026-01-01T10:15:00Z")));
        assert!(schedules.take(at("2026-01-01T10:14:59Z")).is_empty());
        assert_eq!(told(&schedules.take(at("2026-01-01T10:15:00Z"))), ["b@2026-01-01T10:15:00Z"]);
        assert!(schedules.take(at("2026-01-01T10:15:01Z")).is_empty(), "once");
        // Asleep for hours.
        let woken = schedules.take(at("2026-01-01T13:20:00Z"));
        assert_eq!(told(&woken), ["a@2026-01-01T13:00:00Z", "b@2026-01-01T13:15:00Z"]);
        assert_eq!(schedules.next(), Some(at("2026-01-01T13:30:00Z")));
        // The clock was set back: nothing runs twice.
        assert!(schedules.take(at("2026-01-01T11:00:00Z")).is_empty());
        assert!(schedules.take(at("2026-01-01T13:15:00Z")).is_empty());
    }

    #[test]
    fn a_session_takes_up_what_was_missed_since_the_last() {
        let last: BTreeMap<_, _> = [("a".to_owned(), at("2026-01-01T10:00:00Z"))].into();
        let now = at("2026-01-03T10:00:30Z");
        let mut schedules = Schedules::begin(vec![every("a", "1d"), every("new", "1d")], last, now);
        assert_eq!(told(&schedules.take(now)), ["a@2026-01-03T00:00:00Z"]);
        // Ahead of the clock: from now on.
        let ahead: BTreeMap<_, _> = [("a".to_owned(), at("2099-01-01T00:00:00Z"))].into();
        assert_eq!(Schedules::begin(vec![every("a", "1h")], ahead, now).next(), Some(at("2026-01-03T11:00:00Z")));
    }

    #[test]
    fn another_interval_begins_anew() {
        let mut schedules = Schedules::begin(vec![every("a", "1d")], BTreeMap::new(), at("2026-01-01T10:00:00Z"));
        schedules.follow(vec![every("a", "1m")], at("2026-01-01T12:00:30Z"));
        assert!(schedules.take(at("2026-01-01T12:00:59Z")).is_empty());
        assert_eq!(told(&schedules.take(at("2026-01-01T12:01:00Z"))), ["a@2026-01-01T12:01:00Z"]);
        schedules.follow(Vec::new(), at("2026-01-01T12:02:00Z"));
        assert_eq!(schedules.next(), None);
    }

    #[test]
    fn a_replay_misses_none() {
        let schedules = vec![every("b", "30m"), every("a", "1h")];
        let due: Vec<_> = all(schedules, at("2026-01-01T00:00:00Z"), at("2026-01-01T01:30:00Z")).collect();
        assert_eq!(
            told(&due),
            ["b@2026-01-01T00:30:00Z", "a@2026-01-01T01:00:00Z", "b@2026-01-01T01:00:00Z", "b@2026-01-01T01:30:00Z"]
        );
        assert_eq!(all(Vec::new(), Timestamp::MIN, Timestamp::MAX).count(), 0);
    }
}
