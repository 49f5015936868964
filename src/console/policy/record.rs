//! The recorded actions and what the draft would do to them: those of this session as they come, those of earlier ones
//! once they were read from the disk. Nothing is judged before the screen asks.

use std::sync::Arc;

use super::catalogue::Catalogue;
use super::chores::{Chore, Portion};
use crate::console::state::RowId;
use crate::impact::{Batch, Corpus, Coverage, Flip, FlipGroup, Impact, Review, Row, RuleFacts, Side, coverage, review};
use crate::kernel::policy::{ActionKind, PolicySet};
use crate::kernel::receipt::Receipt;
use crate::session::corpus::{Sources, with_action};

/// The record.
#[derive(Debug)]
pub struct Record {
    impact: Impact,
    /// Rows of this session, with their rows of Live, in order.
    live: Vec<(Row, RowId)>,
    /// Actions that came and are not in the impact yet, and their rows of Live.
    pending: (Batch, Vec<RowId>),
    /// The actions that fixtures led to.
    fixtures: Impact,
    fixed: Batch,
    /// What the rules of the draft are to the record.
    pub facts: Vec<RuleFacts>,
    /// Whether each does anything at all.
    pub reviews: Vec<Review>,
    /// How well the fixtures cover them.
    pub coverage: Coverage,
    /// Where the others are on disk.
    sources: Sources,
    /// The first run of this session.
    since: Option<u32>,
    /// Bytes read of the receipts on disk, and how many there are; none before reading began.
    pub reading: Option<(u64, u64)>,
    /// What was looked at more closely last: the draft, and how many fixtures' actions there were.
    studied: Option<(Arc<PolicySet>, usize)>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            impact: Impact::new(Corpus::default()),
            live: Vec::new(),
            pending: Default::default(),
            fixtures: Impact::new(Corpus::default()),
            fixed: Batch::default(),
            facts: Vec::new(),
            reviews: Vec::new(),
            coverage: Coverage::default(),
            sources: Sources::default(),
            since: None,
            reading: None,
            studied: None,
        }
    }
}

/// Rules up to which they are looked at closely at once; more wait for a pause.
const FEW: usize = 40;

impl Record {
    /// A receipt came.
    pub fn take(&mut self, row: RowId, receipt: &Receipt, of_fixture: bool) {
        // Of what failed validation no policy is asked.
        with_action(receipt, |action| {
            if self.pending.0.add(action) {
                self.pending.1.push(row);
            }
            if of_fixture {
                self.fixed.add(action);
            }
        });
    }

    /// Takes in what came, and compares another draft with what is in force.
    pub fn settle(&mut self, in_force: Option<&Arc<PolicySet>>, draft: Option<&Arc<PolicySet>>, catalogue: &Catalogue) {
        let came = !self.pending.1.is_empty();
        if came {
            let (batch, rows) = std::mem::take(&mut self.pending);
            let first = self.impact.absorb(batch);
            self.live.extend((first..).zip(rows));
        }
        let mut other = came;
        if let Some(policy) = in_force.filter(|policy| !Arc::ptr_eq(policy, self.impact.policy(Side::InForce))) {
            self.impact.set_in_force(Arc::clone(policy));
            other = true;
        }
        // Without a draft nothing would change.
        if let Some(policy) = draft.or(in_force).filter(|policy| !Arc::ptr_eq(policy, self.impact.policy(Side::Draft)))
        {
            self.impact.set_draft(Arc::clone(policy));
            other = true;
        }
        if !self.fixed.is_empty() {
            self.fixtures.absorb(std::mem::take(&mut self.fixed));
        }
        if other {
            self.facts = self.impact.rules(Side::Draft);
        }
        if self.impact.policy(Side::Draft).rules().len() <= FEW {
            self.study(catalogue);
        }
    }

    /// Takes in actions that were read.
    pub fn absorb(&mut self, portion: Portion) {
        let first = self.impact.absorb(portion.batch);
        self.sources.add(first, portion.places);
        self.reading = Some((portion.read, portion.size));
        self.facts = self.impact.rules(Side::Draft);
    }

    /// The run from which on receipts come as entries, once there is one.
    pub fn watches(&mut self, run: u32) {
        self.since = Some(self.since.map_or(run, |since| since.min(run)));
    }

    /// Asks for the receipts of earlier sessions, once.
    pub fn begin(&mut self) -> Option<Chore> {
        if self.reading.is_some() {
            return None;
        }
        self.reading = Some((0, 0));
        Some(Chore::Record { before: self.since })
    }

    /// Looks at the rules one by one: which do nothing, and which changes of one no fixture would notice.
    pub fn study(&mut self, catalogue: &Catalogue) {
        let draft = Arc::clone(self.impact.policy(Side::Draft));
        let fixed = self.fixtures.corpus().len();
        if self.studied.as_ref().is_some_and(|(known, many)| Arc::ptr_eq(known, &draft) && *many == fixed) {
            return;
        }
        let provided = provided(catalogue);
        let kinds: Vec<ActionKind<'_>> = provided.iter().map(|(connector, tool)| kind(connector, tool)).collect();
        self.reviews = review(&draft, &kinds);
        self.coverage = coverage(&draft, self.fixtures.corpus(), &kinds);
        self.studied = Some((draft, fixed));
    }

    /// Which rules of a policy do nothing, where they were looked at.
    pub fn reviews_of(&self, policy: &Arc<PolicySet>) -> Option<&[Review]> {
        let (known, _) = self.studied.as_ref()?;
        Arc::ptr_eq(known, policy).then_some(&self.reviews)
    }

    /// The numbers.
    pub fn impact(&self) -> &Impact {
        &self.impact
    }

    /// How many actions fixtures led to.
    pub fn fixtures(&self) -> usize {
        self.fixtures.corpus().len()
    }

    /// The groups of flips, the dangerous first, those that are not decided last.
    pub fn groups(&self) -> impl Iterator<Item = &FlipGroup> {
        let summary = self.impact.summary();
        summary.flips.iter().chain(&summary.unclear)
    }

    /// How many flips there are in all groups.
    pub fn flips(&self) -> usize {
        self.groups().map(|group| group.count).sum()
    }

    /// A flip by its number through all groups.
    pub fn flip(&self, mut number: usize) -> Option<Flip> {
        for group in self.groups() {
            if number < group.count {
                return self.impact.flips(&group.tool, group.direction, number..number + 1).pop();
            }
            number -= group.count;
        }
        None
    }

    /// The number of a flip through all groups.
    pub fn number(&self, row: Row) -> Option<usize> {
        let mut before = 0;
        for group in self.groups() {
            if let Some(at) = self.impact.position(&group.tool, group.direction, row) {
                return Some(before + at);
            }
            before += group.count;
        }
        None
    }

    /// The row of Live that an action of the record has.
    pub fn live(&self, row: Row) -> Option<RowId> {
        let at = self.live.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(self.live[at].1)
    }

    /// The action of the record that a row of Live is.
    pub fn of_live(&self, id: RowId) -> Option<Row> {
        let at = self.live.binary_search_by_key(&id, |(_, id)| *id).ok()?;
        Some(self.live[at].0)
    }
}

fn provided(catalogue: &Catalogue) -> Vec<(String, String)> {
    let of = |connector: &str| -> Vec<(String, String)> {
        catalogue.tools(Some(connector)).into_iter().map(|tool| (connector.to_owned(), tool.to_owned())).collect()
    };
    catalogue.connectors().flat_map(of).collect()
}

fn kind<'a>(connector: &'a str, tool: &'a str) -> ActionKind<'a> {
    ActionKind { operator: None, connector: Some(connector), tool }
}
