//! Recorded actions as columns: grouped by (operator, connector, tool) and sorted by value, twelve bytes an action that
//! has a value and four for one that has none.
//!
//! A row is an action's number in order of arrival; where it came from, so that the whole of it can be read again, is
//! kept by whoever read it.

use std::sync::Arc;

use hashbrown::HashMap;

use super::column::{Beside, Column, Run};
use super::identity::{Identity, Recordings};
use crate::kernel::decimal::{Compact, Decimal};
use crate::kernel::plan::Amount;
use crate::kernel::policy::ActionKind;

/// What of an action a policy looks at, and who proposed it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Action<'a> {
    /// The operator; none for an action from a plain file.
    pub operator: Option<&'a str>,
    /// The bound connector.
    pub connector: Option<&'a str>,
    /// The capability, by its canonical name.
    pub tool: &'a str,
    /// The amount it moves.
    pub value: Option<&'a Amount>,
    /// The entity it is on.
    pub entity_key: Option<&'a str>,
    /// The key it is done at most once under; an action without one is told from all others.
    pub idempotency_key: Option<&'a str>,
}

/// An action's number in the corpus, from 0, in order of arrival.
pub type Row = u32;

/// What an action moves, as far as a ceiling sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worth {
    /// A number that a ceiling can be held against.
    Exact(Decimal),
    /// No value.
    Missing,
    /// A number below zero.
    Negative(Decimal),
    /// A number from a float that could not hold it.
    Inexact(Decimal),
}

/// Why no ceiling holds for an action, whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    Missing,
    Negative,
    Inexact,
}

/// Actions of which a policy cannot tell two apart but by value.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub names: GroupNames,
    pub column: Column,
    /// In order of arrival, by kind.
    unfit: [Vec<Row>; 3],
}

/// Interned names; equal numbers are equal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GroupNames {
    pub operator: Option<u32>,
    pub connector: Option<u32>,
    pub tool: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    list: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32>,
}

/// Actions read but not yet sorted in: made wherever they are read, then given to a corpus whole.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    names: Names,
    groups: Vec<Incoming>,
    index: HashMap<GroupNames, u32>,
    beside: Beside,
    // INVARIANT: one for each row.
    identities: Vec<Option<Identity>>,
    rows: Row,
}

#[derive(Debug, Clone)]
struct Incoming {
    names: GroupNames,
    valued: Vec<(Compact, Row)>,
    unfit: [Vec<Row>; 3],
}

/// Recorded actions, ready to be judged.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    names: Names,
    groups: Vec<Group>,
    index: HashMap<GroupNames, u32>,
    beside: Beside,
    recordings: Recordings,
    rows: Row,
}

impl Names {
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(known) = self.index.get(name) {
            return *known;
        }
        let (name, id) = (Arc::<str>::from(name), u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Arc::clone(&name));
        self.index.insert(name, id);
        id
    }

    pub fn find(&self, name: &str) -> Option<u32> {
        self.index.get(name).copied()
    }

    pub fn get(&self, id: u32) -> &Arc<str> {
        &self.list[id as usize]
    }

    fn of_action(&mut self, action: &Action<'_>) -> GroupNames {
        GroupNames {
            operator: action.operator.map(|name| self.intern(name)),
            connector: action.connector.map(|name| self.intern(name)),
            tool: self.intern(action.tool),
        }
    }
}

impl Unfit {
    pub const ALL: [Self; 3] = [Self::Missing, Self::Negative, Self::Inexact];

    fn of(value: Option<&Amount>) -> Option<Self> {
        match value {
            None => Some(Self::Missing),
            Some(amount) if amount.number.is_negative() => Some(Self::Negative),
            Some(amount) if !amount.exact => Some(Self::Inexact),
            Some(_) => None,
        }
    }
}

impl Worth {
    /// What an amount is to a ceiling.
    pub fn of(value: Option<&Amount>) -> Self {
        match (Unfit::of(value), value) {
            (Some(Unfit::Negative), Some(amount)) => Self::Negative(amount.number.clone()),
            (Some(Unfit::Inexact), Some(amount)) => Self::Inexact(amount.number.clone()),
            (_, Some(amount)) => Self::Exact(amount.number.clone()),
            (_, None) => Self::Missing,
        }
    }

    /// The amount it was, for judging it again.
    pub fn amount(&self) -> Option<Amount> {
        match self {
            Self::Exact(number) | Self::Negative(number) => Some(Amount::exact(number.clone())),
            Self::Inexact(number) => Some(Amount { number: number.clone(), exact: false }),
            Self::Missing => None,
        }
    }
}

/// Keeps the number of a row where its key does not.
fn remember(beside: &mut Beside, row: Row, value: Option<&Amount>) -> Result<Compact, Unfit> {
    match (Unfit::of(value), value) {
        (Some(unfit), Some(amount)) => {
            beside.insert(row, amount.number.clone());
            Err(unfit)
        }
        (None, Some(amount)) => {
            let key = Compact::of(&amount.number);
            if !key.is_exact() {
                beside.insert(row, amount.number.clone());
            }
            Ok(key)
        }
        (_, None) => Err(Unfit::Missing),
    }
}

impl Batch {
    /// Adds an action. A batch, like a corpus, holds 2^32 - 1 of them; false when it is full.
    pub fn add(&mut self, action: &Action<'_>) -> bool {
        let Some(next) = self.rows.checked_add(1) else { return false };
        let names = self.names.of_action(action);
        let at = *self.index.entry(names).or_insert_with(|| {
            self.groups.push(Incoming { names, valued: Vec::new(), unfit: Default::default() });
            u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
        });
        let group = &mut self.groups[at as usize];
        match remember(&mut self.beside, self.rows, action.value) {
            Ok(key) => group.valued.push((key, self.rows)),
            Err(unfit) => group.unfit[unfit as usize].push(self.rows),
        }
        self.identities.push(Identity::of(action));
        self.rows = next;
        true
    }

    /// How many actions it holds.
    pub fn len(&self) -> usize {
        self.rows as usize
    }

    /// True when it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }
}

impl From<Batch> for Corpus {
    fn from(batch: Batch) -> Self {
        let mut corpus = Self::default();
        corpus.absorb(batch);
        corpus
    }
}

impl Corpus {
    /// How many actions it holds, however often each was recorded.
    pub fn len(&self) -> usize {
        (self.rows - self.recordings.repeats()) as usize
    }

    /// How many recordings of actions were taken in: the number of its rows.
    pub fn recorded(&self) -> usize {
        self.rows as usize
    }

    /// How often the action of a row was recorded.
    pub(super) fn times(&self, row: Row) -> u32 {
        self.recordings.times(row)
    }

    /// True when it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many bytes its columns take.
    pub fn bytes(&self) -> usize {
        let unfit = |group: &Group| group.unfit.iter().map(|rows| rows.capacity() * size_of::<Row>()).sum::<usize>();
        let groups: usize = self.groups.iter().map(|group| group.column.bytes() + unfit(group)).sum();
        let digits = |number: &Decimal| size_of::<(Row, Decimal)>() + number.as_str().len();
        groups + self.beside.values().map(digits).sum::<usize>() + self.recordings.bytes()
    }

    /// Takes a batch in; gives the groups it touched. What does not fit below 2^32 rows is left out whole.
    pub(super) fn absorb(&mut self, batch: Batch) -> Vec<usize> {
        let first = self.rows;
        let Some(rows) = first.checked_add(batch.rows) else { return Vec::new() };
        self.rows = rows;
        let again = self.recordings.note_all(first, &batch.identities);
        let beside = batch.beside.into_iter().filter(|(row, _)| !again.contains(row));
        self.beside.extend(beside.map(|(row, number)| (first + row, number)));
        let mut touched = Vec::with_capacity(batch.groups.len());
        for incoming in batch.groups {
            let name = |id: u32| batch.names.get(id);
            let names = GroupNames {
                operator: incoming.names.operator.map(|id| self.names.intern(name(id))),
                connector: incoming.names.connector.map(|id| self.names.intern(name(id))),
                tool: self.names.intern(name(incoming.names.tool)),
            };
            let at = self.group_at(names);
            let group = &mut self.groups[at];
            let valued = incoming.valued.into_iter().filter(|(_, row)| !again.contains(row));
            let valued = valued.map(|(key, row)| (key, first + row)).collect();
            group.column.absorb(Run::from_unsorted(valued, &self.beside), &self.beside);
            for (list, added) in group.unfit.iter_mut().zip(incoming.unfit) {
                list.extend(added.into_iter().filter(|row| !again.contains(row)).map(|row| first + row));
            }
            touched.push(at);
        }
        touched
    }

    /// Takes one action in, or counts it where it was recorded before; gives the group it is in.
    pub(super) fn add(&mut self, action: &Action<'_>) -> Option<usize> {
        let next = self.rows.checked_add(1)?;
        let names = self.names.of_action(action);
        let at = self.group_at(names);
        if self.recordings.note(self.rows, Identity::of(action)) {
            self.rows = next;
            return Some(at);
        }
        let group = &mut self.groups[at];
        match remember(&mut self.beside, self.rows, action.value) {
            Ok(key) => group.column.insert(key, self.rows, &self.beside),
            Err(unfit) => group.unfit[unfit as usize].push(self.rows),
        }
        self.rows = next;
        Some(at)
    }

    fn group_at(&mut self, names: GroupNames) -> usize {
        let at = *self.index.entry(names).or_insert_with(|| {
            self.groups.push(Group { names, column: Column::default(), unfit: Default::default() });
            u32::try_from(self.groups.len() - 1).unwrap_or(u32::MAX)
        });
        at as usize
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn beside(&self) -> &Beside {
        &self.beside
    }

    /// What the actions of a group have in common.
    pub(super) fn kind(&self, group: usize) -> ActionKind<'_> {
        let names = self.groups[group].names;
        let name = |id: u32| &**self.names.get(id);
        ActionKind { operator: names.operator.map(name), connector: names.connector.map(name), tool: name(names.tool) }
    }

    /// Every kind of action there is.
    pub fn kinds(&self) -> impl Iterator<Item = ActionKind<'_>> {
        (0..self.groups.len()).map(|group| self.kind(group))
    }
}

impl Group {
    pub fn len(&self) -> usize {
        self.column.len() + self.unfit.iter().map(Vec::len).sum::<usize>()
    }

    pub fn unfit(&self, kind: Unfit) -> &[Row] {
        &self.unfit[kind as usize]
    }
}
