//! What makes a schedule bad.

use super::graph::End;
use super::model::Model;
use super::world::{Claimer, Ending};
use crate::kernel::receipt::{Cause, Ruling};

/// What must not come of a schedule.
///
/// The first three are the contract's own and can only be broken by an executor with a defect. Whether an action was lost,
/// or came to what no order of whole actions gives, depends on what handlers do. That something came otherwise than was
/// recorded is no fault: it says that the order mattered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// A handler ran for a key whose claim stood.
    KeyTwice,
    /// Two handlers ran at once on one entity, or on one locked argument.
    TwoInFlight,
    /// More keys stood claimed than a limit lets.
    OverLimit,
    /// An action came to no end, or was deduplicated against a claim that came to nothing while nobody else used the key.
    Lost,
    /// The actions came to what they could not have, had each been disposed of with nobody beside it.
    NotSerial,
    /// An action came to another verdict or outcome than was recorded.
    NotAsRecorded,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::KeyTwice, Self::TwoInFlight, Self::OverLimit, Self::Lost, Self::NotSerial, Self::NotAsRecorded];

    /// Those that are looked for where nothing is chosen: an order that mattered is no fault.
    pub const FAULTS: [Self; 5] = [Self::KeyTwice, Self::TwoInFlight, Self::OverLimit, Self::Lost, Self::NotSerial];

    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyTwice => "key-twice",
            Self::TwoInFlight => "two-in-flight",
            Self::OverLimit => "over-limit",
            Self::Lost => "lost",
            Self::NotSerial => "not-serial",
            Self::NotAsRecorded => "not-as-recorded",
        }
    }

    /// What is bad, in one sentence.
    pub fn says(self) -> &'static str {
        match self {
            Self::KeyTwice => "a key is applied twice",
            Self::TwoInFlight => "two actions are in flight on one entity",
            Self::OverLimit => "a limit is exceeded",
            Self::Lost => "an action is lost: deduplicated against a claim that came to nothing",
            Self::NotSerial => "no order of whole actions comes to this",
            Self::NotAsRecorded => "an action comes to another verdict than was recorded",
        }
    }
}

/// What ends are held against.
pub(super) struct Measure<'a> {
    pub(super) model: &'a Model<'a>,
    /// How the actions ended when they were recorded, where they were.
    pub(super) recorded: Option<&'a [Option<Ending>]>,
}

impl Measure<'_> {
    /// What is bad of an end, of what is looked for.
    pub(super) fn bad(&self, end: &End, is_serial: bool, wanted: &[Property]) -> Vec<Property> {
        let is_bad = |property: &Property| match property {
            Property::KeyTwice => end.breaches.key_twice,
            Property::TwoInFlight => end.breaches.overlap,
            Property::OverLimit => end.breaches.over_limit,
            Property::Lost => self.loses(&end.endings),
            Property::NotSerial => !is_serial,
            Property::NotAsRecorded => self.recorded.is_some_and(|recorded| !is_as(recorded, &end.endings)),
        };
        wanted.iter().copied().filter(is_bad).collect()
    }

    fn loses(&self, endings: &[Option<Ending>]) -> bool {
        let key = |number: usize| &self.model.actions[number].planned.idempotency_key;
        let is_used = |wanted: &str| {
            endings
                .iter()
                .enumerate()
                .any(|(n, ending)| key(n) == wanted && ending.is_some_and(|ending| ending.keeps_key))
        };
        endings.iter().enumerate().any(|(number, ending)| match ending {
            None => true,
            Some(Ending { decision: Ruling::Dedup, claimer: Some(Claimer::Action(_)), .. }) => !is_used(key(number)),
            Some(_) => false,
        })
    }
}

/// True where every action has the same verdict, stopped by the same gate if by any, and the same happened.
pub(super) fn is_as(recorded: &[Option<Ending>], endings: &[Option<Ending>]) -> bool {
    let gate =
        |cause: Cause| matches!(cause, Cause::Validate | Cause::Limit | Cause::Lock | Cause::Person).then_some(cause);
    let of = |ending: &Option<Ending>| ending.map(|ending| (ending.decision, gate(ending.cause), ending.outcome));
    recorded.iter().map(of).eq(endings.iter().map(of))
}
