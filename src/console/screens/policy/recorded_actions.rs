//! The recorded actions and what the draft would do to them: those of this session as they come, those of earlier ones
//! once they were read from the disk. Nothing is judged before the screen asks.

use std::collections::HashMap;
use std::sync::Arc;

use crate::console::model::{Catalogue, RowId};
use crate::console::screen::files::{Archive, Brief, FileRequest, Portion};
use crate::impact::{
    Action, Batch, Corpus, Coverage, Flip, FlipGroup, Impact, Review, Row, RuleFacts, Side, coverage, review,
};
use crate::kernel::policy::file::PolicyTest;
use crate::kernel::policy::{ActionKind, PolicySet};
use crate::kernel::receipt::Receipt;
use crate::session::corpus::with_action;

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
    /// The policy tests of the workspace: a change that one of them notices is tested.
    tests: Arc<Vec<PolicyTest>>,
    /// What the rules of the draft are to the record.
    pub facts: Vec<RuleFacts>,
    /// Whether each does anything at all.
    pub reviews: Vec<Review>,
    /// How well the fixtures cover them.
    pub coverage: Coverage,
    /// Where the others are on disk.
    archive: Archive,
    /// What of them was read again, or is being read.
    briefs: HashMap<Row, Option<Brief>>,
    /// The first run of this session.
    since: Option<u32>,
    /// Bytes read of the receipts on disk, and how many there are; none before reading began.
    pub reading: Option<(u64, u64)>,
    /// Counts the closer looks.
    pub studies: u64,
    /// What was looked at more closely last: the draft, how many fixtures' actions there were, and the policy tests.
    studied: Option<(Arc<PolicySet>, usize, Arc<Vec<PolicyTest>>)>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            impact: Impact::new(Corpus::default()),
            live: Vec::new(),
            pending: Default::default(),
            fixtures: Impact::new(Corpus::default()),
            fixed: Batch::default(),
            tests: Arc::default(),
            facts: Vec::new(),
            reviews: Vec::new(),
            coverage: Coverage::default(),
            archive: Archive::default(),
            briefs: HashMap::new(),
            since: None,
            reading: None,
            studies: 0,
            studied: None,
        }
    }
}

/// What is remembered of actions on disk.
const BRIEFS: usize = 4_096;
/// Rows a pane shows on each side of the one a person is on, at most.
const IN_VIEW: usize = 40;
/// Rules up to which they are looked at closely at once; more wait for a pause.
const FEW: usize = 40;
/// Rules beyond which they are not looked at one by one: each is tried against all others.
pub const MOST: usize = 200;

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
    pub fn refresh(
        &mut self,
        in_force: Option<&Arc<PolicySet>>,
        draft: Option<&Arc<PolicySet>>,
        catalogue: &Catalogue,
    ) {
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
        Arc::make_mut(&mut self.archive.0).add(first, portion.places);
        self.reading = Some((portion.read, portion.size));
        self.facts = self.impact.rules(Side::Draft);
    }

    /// Takes in what operators answer a new fixture with.
    pub fn fixed(&mut self, batch: Option<Box<Batch>>) {
        if let Some(batch) = batch {
            self.fixtures.absorb(*batch);
        }
    }

    /// Takes in the policy tests there are.
    pub fn tested(&mut self, tests: Vec<PolicyTest>) {
        if *self.tests != tests {
            self.tests = Arc::new(tests);
        }
    }

    /// The run from which on receipts come as entries, once there is one.
    pub fn watches(&mut self, run: u32) {
        self.since = Some(self.since.map_or(run, |since| since.min(run)));
    }

    /// Asks for the receipts of earlier sessions, once, and not before it is known where those of this one begin.
    pub fn begin(&mut self) -> Option<FileRequest> {
        let before = self.since.filter(|_| self.reading.is_none())?;
        self.reading = Some((0, 0));
        Some(FileRequest::ReadReceipts { before })
    }

    /// Looks at the rules one by one: which do nothing, and which changes of one no fixture would notice.
    pub fn study(&mut self, catalogue: &Catalogue) {
        let draft = Arc::clone(self.impact.policy(Side::Draft));
        let fixed = self.fixtures.corpus().len();
        let is_same = |(known, many, tests): &(_, usize, _)| {
            Arc::ptr_eq(known, &draft) && *many == fixed && Arc::ptr_eq(tests, &self.tests)
        };
        if self.studied.as_ref().is_some_and(is_same) {
            return;
        }
        self.studies += 1;
        self.studied = Some((Arc::clone(&draft), fixed, Arc::clone(&self.tests)));
        if draft.rules().len() > MOST {
            (self.reviews, self.coverage) = (Vec::new(), Coverage::default());
            return;
        }
        let provided = provided(catalogue);
        let kinds: Vec<ActionKind<'_>> = provided.iter().map(|(connector, tool)| kind(connector, tool)).collect();
        self.reviews = review(&draft, &kinds);
        self.coverage = coverage(&draft, self.fixtures.corpus(), &kinds);
        self.coverage.notice(&draft, &Corpus::from(tested(&self.tests, &provided)), &kinds);
    }

    /// Which rules of a policy do nothing, where they were looked at.
    pub fn reviews_of(&self, policy: &Arc<PolicySet>) -> Option<&[Review]> {
        let (known, ..) = self.studied.as_ref()?;
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

    /// What an action on disk is called.
    pub fn called(&self, row: Row) -> Option<&Brief> {
        self.briefs.get(&row)?.as_ref()
    }

    /// Takes in what was read again.
    pub fn brief(&mut self, briefs: Vec<(Row, Option<Brief>)>) {
        self.briefs.extend(briefs);
    }

    /// Asks for what the flips in view are called; `at` is the one a person is on.
    pub fn missing(&mut self, at: Option<usize>) -> Option<FileRequest> {
        if self.briefs.len() > BRIEFS {
            self.briefs.clear();
        }
        let mut rows: Vec<Row> = Vec::new();
        let mut before = 0;
        for group in self.groups().take(8) {
            let around = at.and_then(|at| at.checked_sub(before)).filter(|at| *at < group.count);
            let from = around.map_or(0, |at| at.saturating_sub(IN_VIEW));
            let until = around.map_or(8, |at| at + IN_VIEW);
            let flips = self.impact.flips(&group.tool, group.direction, from..until.min(group.count));
            rows.extend(flips.iter().map(|flip| flip.row).chain([group.edge.row]));
            before += group.count;
        }
        rows.retain(|row| !self.briefs.contains_key(row) && self.live(*row).is_none());
        rows.sort_unstable();
        rows.dedup();
        self.briefs.extend(rows.iter().map(|row| (*row, None)));
        (!rows.is_empty()).then(|| FileRequest::RecallActions { archive: self.archive.clone(), rows })
    }

    /// The row of Live that an action of the record has.
    pub fn live(&self, row: Row) -> Option<RowId> {
        let at = self.live.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        Some(self.live[at].1)
    }
}

/// The actions of policy tests, each on the connector it names, else on the only one that provides it.
fn tested(tests: &[PolicyTest], provided: &[(String, String)]) -> Batch {
    let mut batch = Batch::default();
    for test in tests {
        let mut bound = provided.iter().filter(|(_, tool)| *tool == test.tool).map(|(connector, _)| connector.as_str());
        let only = bound.next().filter(|_| bound.next().is_none());
        let connector = test.connector.as_deref().or(only);
        let operator = test.operator.as_deref();
        batch.add(&Action { operator, connector, tool: &test.tool, value: test.value.as_ref(), ..Action::default() });
    }
    batch
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
