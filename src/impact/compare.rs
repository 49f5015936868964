//! Two policies compared for certain, without an action to try: whether the second lets through anything that the first
//! did not, or asks a person less. Exact, because a verdict changes only at the ceilings of finitely many pairs: every
//! name that either policy has, and one that neither has, stand for all.
//!
//! A predicate's answer is not known here. Where one has a say, what cannot be told is named as not decided.

use std::collections::BTreeSet;

use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::policy::{CompiledPolicy, Gates, PolicySet, Subject};
use crate::kernel::receipt::Decision;

mod side;
mod witness;

use side::{Side, certain, possible};
use witness::{Band, bands};

/// How the second policy stands to the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They say the same of every action.
    Equal,
    /// Whatever the second lets through, the first did, and as freely.
    Stricter,
    /// Whatever the first let through, the second does, and more.
    Looser,
    /// Each lets something through more freely than the other.
    Incomparable,
    /// Which of them it is, only predicates know.
    Undecided,
}

impl Relation {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Stricter => "stricter",
            Self::Looser => "looser",
            Self::Incomparable => "incomparable",
            Self::Undecided => "undecided",
        }
    }
}

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It was BLOCKed, and acts.
    Opened,
    /// A person saw it or was asked, and no longer is.
    Quieter,
    /// It acts as before, but a limit or a locked argument is wider or gone.
    Ungated,
    /// It acted, and is BLOCKed.
    Closed,
    /// A person sees it or is asked now.
    Raised,
    /// It acts as before, but a limit or a locked argument is new or narrower.
    Gated,
}

impl Change {
    /// True when the second policy lets more through.
    pub fn is_looser(self) -> bool {
        matches!(self, Self::Opened | Self::Quieter | Self::Ungated)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Quieter => "quieter",
            Self::Ungated => "ungated",
            Self::Closed => "closed",
            Self::Raised => "raised",
            Self::Gated => "gated",
        }
    }
}

/// An action that stands for all of which the two policies differ in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who proposes it; absent for an operator that no document names.
    pub operator: Option<String>,
    /// Its connector; absent for one that no rule names.
    pub connector: Option<String>,
    /// True where what is said of some named connector is another, so that an absent one stands for the others only.
    pub only_others: bool,
    /// Its capability; absent for one that no rule names.
    pub tool: Option<String>,
    /// Its value, the least there is; absent for none.
    pub value: Option<Decimal>,
}

/// What a policy says of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The decision, while every predicate is true.
    pub decision: Decision,
    /// The first of the deciding rules.
    pub rule: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// What it must still pass.
    pub gates: Gates,
}

/// A difference and its smallest witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What changed.
    pub change: Change,
    /// The action.
    pub witness: Witness,
    /// What the first policy says.
    pub before: Word,
    /// What the second says.
    pub after: Word,
}

/// Where a predicate leaves it open what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// The action.
    pub witness: Witness,
    /// The rules whose predicates have a say.
    pub rules: Vec<String>,
    /// True when the second policy may let more through.
    pub may_be_looser: bool,
    /// True when it may let less through.
    pub may_be_stricter: bool,
}

/// Everything there is to say about two policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The differences that are certain, those first that let more through, the smallest witness before others: one for each way in which operator, connector and
    /// capability can differ, and each kind of change.
    pub differences: Vec<Difference>,
    /// What is not decided.
    pub undecided: Vec<Undecided>,
}

impl Comparison {
    /// The relation, which is decided only where no answer of a predicate could make it another.
    pub fn relation(&self) -> Relation {
        let looser = self.differences.iter().any(|difference| difference.change.is_looser());
        let stricter = self.differences.iter().any(|difference| !difference.change.is_looser());
        let may_be_looser = !looser && self.undecided.iter().any(|open| open.may_be_looser);
        let may_be_stricter = !stricter && self.undecided.iter().any(|open| open.may_be_stricter);
        match (looser, stricter) {
            _ if may_be_looser || may_be_stricter => Relation::Undecided,
            (false, false) => Relation::Equal,
            (false, true) => Relation::Stricter,
            (true, false) => Relation::Looser,
            (true, true) => Relation::Incomparable,
        }
    }

    /// Whether the second policy lets anything through that the first did not: `None` where only a predicate knows.
    pub fn opens(&self) -> Option<bool> {
        if self.differences.iter().any(|difference| difference.change.is_looser()) {
            return Some(true);
        }
        if self.undecided.iter().any(|open| open.may_be_looser) { None } else { Some(false) }
    }
}

/// Compares two policies. A predicate of one is that of the other when both have the same id.
pub fn compare(before: &PolicySet, after: &PolicySet) -> Comparison {
    let names = |of: fn(&PolicySet) -> Vec<&str>| -> Vec<Option<String>> {
        let all: BTreeSet<&str> = of(before).into_iter().chain(of(after)).collect();
        std::iter::once(None).chain(all.into_iter().map(|name| Some(name.to_owned()))).collect()
    };
    let operators = names(|set| set.operators().collect());
    let connectors = names(|set| set.rules().iter().filter_map(|rule| rule.connector.as_deref()).collect());
    let tools = names(|set| set.rules().iter().filter_map(|rule| rule.tool.as_deref()).collect());
    let mut comparison = Comparison { differences: Vec::new(), undecided: Vec::new() };
    let of = |operator: &Option<String>| {
        operator.as_deref().map_or([before.general(), after.general()], |name| [before.of(name), after.of(name)])
    };
    for tool in &tools {
        let mut seen: Vec<(Place<'_>, Vec<Seen>)> = Vec::new();
        let first = (comparison.differences.len(), comparison.undecided.len());
        for operator in &operators {
            for connector in &connectors {
                let place = Place { operator, connector, tool };
                let found = at(of(operator), &place);
                let signature: Vec<Seen> = found.iter().map(Found::seen).collect();
                // What differs in the same way whoever proposes, or wherever it goes, is told once.
                let told = seen.iter().any(|(wider, theirs)| wider.holds(&place) && *theirs == signature);
                if !told {
                    for one in found {
                        comparison.take(one, &place);
                    }
                    seen.push((place, signature));
                }
            }
        }
        if seen.iter().any(|(place, _)| place.connector.is_some()) {
            let (differences, undecided) = (&mut comparison.differences, &mut comparison.undecided);
            differences[first.0..].iter_mut().for_each(|it| it.witness.only_others = true);
            undecided[first.1..].iter_mut().for_each(|it| it.witness.only_others = true);
        }
    }
    let order = |it: &Difference| !it.change.is_looser();
    comparison
        .differences
        .sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| rank(&a.witness).cmp(&rank(&b.witness))));
    comparison
}

/// An operator, connector and capability; each absent for one that is named nowhere.
#[derive(Clone, Copy)]
struct Place<'a> {
    operator: &'a Option<String>,
    connector: &'a Option<String>,
    tool: &'a Option<String>,
}

impl Place<'_> {
    /// True when it stands for the other one, of the same tool, too.
    fn holds(&self, other: &Self) -> bool {
        let wider = |ours: &Option<String>, theirs: &Option<String>| ours.is_none() || ours == theirs;
        wider(self.operator, other.operator) && wider(self.connector, other.connector)
    }
}

/// The tool and connector that no rule names.
const UNNAMED: &str = "";

/// What was found of one band of values.
enum Found {
    Changed(Change, Option<Decimal>, Box<(Word, Word)>),
    Open { value: Option<Decimal>, rules: Vec<String>, may_be_looser: bool, may_be_stricter: bool },
}

/// The same without who decides, to tell whether two places differ alike.
#[derive(PartialEq)]
enum Seen {
    Changed(Change, Option<Decimal>, [Option<String>; 2]),
    Open(Option<Decimal>, Vec<String>, [bool; 2]),
}

impl Found {
    fn seen(&self) -> Seen {
        match self {
            Self::Changed(change, value, words) => {
                Seen::Changed(*change, value.clone(), [words.0.rule.clone(), words.1.rule.clone()])
            }
            Self::Open { value, rules, may_be_looser, may_be_stricter } => {
                Seen::Open(value.clone(), rules.clone(), [*may_be_looser, *may_be_stricter])
            }
        }
    }
}

impl Comparison {
    fn take(&mut self, found: Found, place: &Place<'_>) {
        let witness = |value| Witness {
            operator: place.operator.clone(),
            connector: place.connector.clone(),
            only_others: false,
            tool: place.tool.clone(),
            value,
        };
        match found {
            Found::Changed(change, value, words) => {
                let (before, after) = *words;
                self.differences.push(Difference { change, witness: witness(value), before, after });
            }
            Found::Open { value, rules, may_be_looser, may_be_stricter } => {
                self.undecided.push(Undecided { witness: witness(value), rules, may_be_looser, may_be_stricter });
            }
        }
    }
}

/// The order of witnesses: the least value first, an action without one before all; a name before one that stands for
/// others.
fn rank(witness: &Witness) -> (Option<&Decimal>, [(bool, &str); 3]) {
    fn name(name: Option<&str>) -> (bool, &str) {
        (name.is_none(), name.unwrap_or_default())
    }
    let Witness { operator, connector, tool, value, .. } = witness;
    (value.as_ref(), [name(tool.as_deref()), name(connector.as_deref()), name(operator.as_deref())])
}

/// Everything that differs at one place; of each kind the least value.
fn at(policies: [&CompiledPolicy; 2], place: &Place<'_>) -> Vec<Found> {
    let connector = place.connector.as_deref().or(Some(UNNAMED));
    let tool = place.tool.as_deref().unwrap_or(UNNAMED);
    let mut found: Vec<Found> = Vec::new();
    for Band { value } in bands(policies, connector, tool) {
        let amount = value.clone().map(Amount::exact);
        let subject = Subject { connector, tool, value: amount.as_ref() };
        let sides = policies.map(|policy| Side::of(policy, &subject));
        for change in certain(&sides) {
            let new = !found.iter().any(|it| matches!(it, Found::Changed(other, _, _) if *other == change));
            if new {
                let words = Box::new((sides[0].word(policies[0], &subject), sides[1].word(policies[1], &subject)));
                found.push(Found::Changed(change, value.clone(), words));
            }
        }
        let (may_be_looser, may_be_stricter) = possible(&sides);
        let known = |it: &Found| match it {
            Found::Open { may_be_looser: looser, may_be_stricter: stricter, .. } => {
                (*looser, *stricter) == (may_be_looser, may_be_stricter)
            }
            Found::Changed(..) => false,
        };
        let new = !found.iter().any(known);
        if (may_be_looser || may_be_stricter) && new {
            let rules = policies.iter().flat_map(|policy| asking(policy, connector, tool)).collect();
            found.push(Found::Open { value, rules, may_be_looser, may_be_stricter });
        }
    }
    found
}

fn asking(policy: &CompiledPolicy, connector: Option<&str>, tool: &str) -> Vec<String> {
    policy.bands(connector, tool).asks.iter().map(|ask| policy.rules()[ask.rule].origin.name()).collect()
}

#[cfg(test)]
mod tests;
