//! Whether an edit of one rule changes any verdict at all, and the action that shows it. Exact: the names that rules
//! give, and one that none gives, stand for all names, and the steps between ceilings for all values.

use std::collections::BTreeSet;

use super::column::Ends;
use super::corpus::{Corpus, Unfit};
use super::steps::{Step, Steps};
use crate::kernel::decimal::Decimal;
use crate::kernel::policy::{ActionKind, Ask, Bands, Edit, PolicySet, PredicateId, Reached, Scope, Standing};
use crate::kernel::receipt::Decision;

/// An action of which two policies say different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Who proposes it; `None` for an operator that no document names.
    pub operator: Option<String>,
    /// Its connector; `None` for one that no rule names.
    pub connector: Option<String>,
    /// Its capability; `None` for one that no rule names.
    pub tool: Option<String>,
    /// Its value; `None` for none.
    pub value: Option<Decimal>,
    /// What the policy says of it.
    pub says: Decision,
    /// What it would say after the edit.
    pub would_say: Decision,
    /// True when that is so only while predicates are true; else they differ whatever predicates say.
    pub if_predicates_hold: bool,
    /// True when a loaded tool provides it.
    pub provided: bool,
}

/// The tool that no rule names: rules name capabilities, and none is empty.
const UNNAMED: &str = "";

/// What is said of an action, as far as it can differ: BLOCK, or what it acts as once the predicates are true.
#[derive(PartialEq, Eq)]
struct Word {
    acts_as: Option<Standing>,
    predicates: BTreeSet<PredicateId>,
}

impl Word {
    fn of(reached: Reached, asks: &[Ask]) -> Self {
        if !reached.acts() {
            return Self { acts_as: None, predicates: BTreeSet::new() };
        }
        Self { acts_as: Some(reached.standing), predicates: asks.iter().map(|ask| ask.predicate).collect() }
    }
}

/// The bands of one kind of action without and with the edit.
pub(super) struct Change<'a> {
    before: Bands<'a>,
    after: Bands<'a>,
}

impl<'a> Change<'a> {
    pub fn at(policy: &'a PolicySet, edit: Edit<'a>, kind: &ActionKind<'_>) -> Self {
        Self { before: policy.bands(kind), after: policy.bands_if(kind, edit) }
    }

    fn differs(&self, before: Reached, after: Reached) -> bool {
        Word::of(before, &self.before.asks) != Word::of(after, &self.after.asks)
    }

    /// True when they differ whatever the predicates say.
    fn surely_differs(&self, before: Reached, after: Reached) -> bool {
        let (before, after) = (Word::of(before, &self.before.asks), Word::of(after, &self.after.asks));
        match (before.predicates.is_empty(), after.predicates.is_empty()) {
            (true, true) => before != after,
            // One acts in any case; the other may block, or acts otherwise.
            (true, false) => before.acts_as.is_some() && before.acts_as != after.acts_as,
            (false, true) => after.acts_as.is_some() && before.acts_as != after.acts_as,
            (false, false) => false,
        }
    }

    fn unfit_differs(&self) -> bool {
        self.differs(self.before.unfit, self.after.unfit)
    }

    pub fn changes_anything(&self) -> bool {
        self.unfit_differs() || self.steps().any(|step| self.differs(step.before, step.after))
    }

    /// The rules that decide once the edited one is gone.
    pub fn decide_after(&self) -> impl Iterator<Item = usize> {
        self.steps().map(|step| step.after).chain([self.after.unfit]).filter_map(|reached| reached.rule)
    }

    fn steps(&self) -> Steps<'_> {
        Steps::of(&self.before, &self.after)
    }

    /// A value at the edge of the first difference, and what is said of it.
    fn telling(&self) -> Option<(Option<Decimal>, Reached, Reached)> {
        let mut below = None;
        let mut found: Vec<(Option<Decimal>, Reached, Reached)> = Vec::new();
        for Step { upto, before, after } in self.steps() {
            if self.differs(before, after) {
                let above = || below.and_then(|below: &Decimal| below.stepped(true));
                let value = upto.cloned().or_else(above);
                // Where no ceiling has a say, an action needs no value to tell the two apart.
                let needless = value.is_none() && self.unfit_differs();
                let zero = || Decimal::parse("0").ok();
                found.push((if needless { None } else { value.or_else(zero) }, before, after));
            }
            below = upto;
        }
        if self.unfit_differs() {
            found.push((None, self.before.unfit, self.after.unfit));
        }
        let settled = found.iter().position(|(_, before, after)| self.surely_differs(*before, *after));
        (!found.is_empty()).then(|| found.swap_remove(settled.unwrap_or(0)))
    }

    /// True when an action of the corpus is judged otherwise, whatever predicates say.
    fn is_seen_in(&self, corpus: &Corpus, group: usize) -> bool {
        let group = &corpus.groups()[group];
        let unfit = || Unfit::ALL.iter().any(|kind| !group.unfit(*kind).is_empty());
        if self.surely_differs(self.before.unfit, self.after.unfit) && unfit() {
            return true;
        }
        let mut from = Ends::default();
        self.steps().any(|step| {
            let to = group.column.ends(step.upto, corpus.beside());
            let some = std::mem::replace(&mut from, to) != to;
            some && self.surely_differs(step.before, step.after)
        })
    }
}

/// The names a policy gives, each list begun by one that it does not give: there the fewest rules speak, so that a
/// difference shows soonest.
pub(super) struct Named<'a> {
    operators: Vec<Option<&'a str>>,
    connectors: Vec<Option<&'a str>>,
    tools: Vec<Option<&'a str>>,
}

impl<'a> Named<'a> {
    /// An edit that drops or widens a matcher gives no other names.
    pub fn by(policy: &'a PolicySet) -> Self {
        let list = |names: BTreeSet<&'a str>| [None].into_iter().chain(names.into_iter().map(Some)).collect();
        let rules = || policy.rules().iter();
        Self {
            operators: list(policy.operators().collect()),
            connectors: list(rules().filter_map(|rule| rule.connector.as_deref()).collect()),
            tools: list(rules().filter_map(|rule| rule.tool.as_deref()).collect()),
        }
    }
}

/// Everything an edit of a rule can touch, looked through in an order that finds the likeliest action first.
pub(super) struct Search<'a> {
    policy: &'a PolicySet,
    named: &'a Named<'a>,
    edit: Edit<'a>,
    scopes: Vec<Scope<'a>>,
}

impl<'a> Search<'a> {
    pub fn new(policy: &'a PolicySet, named: &'a Named<'a>, edit: Edit<'a>) -> Self {
        let now = policy.rules().get(edit.rule).map(Scope::of);
        let scopes = now.into_iter().chain(edit.instead.map(Scope::of)).collect();
        Self { policy, named, edit, scopes }
    }

    fn holds(&self, kind: &ActionKind<'_>) -> bool {
        self.scopes.iter().any(|scope| scope.holds(kind))
    }

    pub fn at(&self, kind: &ActionKind<'_>) -> Change<'a> {
        Change::at(self.policy, self.edit, kind)
    }

    /// Kinds of action that stand for all: what the rules name and what none of them does.
    pub fn kinds(&self) -> impl Iterator<Item = ActionKind<'a>> {
        let Named { operators, connectors, tools } = self.named;
        let kinds = tools.iter().flat_map(move |tool| {
            let kind = |operator, connector| ActionKind { operator, connector, tool: tool.unwrap_or(UNNAMED) };
            connectors
                .iter()
                .flat_map(move |connector| operators.iter().map(move |operator| kind(*operator, *connector)))
        });
        kinds.filter(|kind| self.holds(kind))
    }

    /// True when some action of the corpus is judged otherwise.
    pub fn is_seen_in(&self, corpus: &Corpus) -> bool {
        let mut kinds = corpus.kinds().enumerate().filter(|(_, kind)| self.holds(kind));
        kinds.any(|(group, kind)| self.at(&kind).is_seen_in(corpus, group))
    }

    /// An action that is judged otherwise: of a provided kind if there is one, else of any. `None`: the edit changes
    /// no verdict at all.
    pub fn telling(&self, provided: &[ActionKind<'_>]) -> Option<Telling> {
        let held = provided.iter().filter(|kind| self.holds(kind));
        let told = held.filter_map(|kind| self.tell(kind, true)).min_by_key(|telling| telling.if_predicates_hold);
        told.or_else(|| self.kinds().find_map(|kind| self.tell(&kind, false)))
    }

    fn tell(&self, kind: &ActionKind<'_>, provided: bool) -> Option<Telling> {
        let change = self.at(kind);
        let (value, before, after) = change.telling()?;
        Some(Telling {
            operator: kind.operator.map(str::to_owned),
            connector: kind.connector.map(str::to_owned),
            tool: Some(kind.tool).filter(|tool| *tool != UNNAMED).map(str::to_owned),
            value,
            says: before.standing.decision(),
            would_say: after.standing.decision(),
            if_predicates_hold: !change.surely_differs(before, after),
            provided,
        })
    }
}
