//! What an edit does, in numbers: verdict counts before and after, and the flips by tool and direction.

use std::sync::Arc;

use hashbrown::HashMap;

use super::Impact;
use super::direction::Direction;
use super::flips::{Flip, Place, Sequence};
use super::piece::Judged;
use crate::kernel::policy::Standing;
use crate::kernel::receipt::Decision;

/// How many actions there are of each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// ALLOW.
    pub allow: usize,
    /// ALERT.
    pub alert: usize,
    /// BLOCK, by a rule.
    pub blocked: usize,
    /// BLOCK, because no rule matched.
    pub unmatched: usize,
    /// Not decided: a predicate has not been asked.
    pub undecided: usize,
}

impl Counts {
    pub(super) fn add(&mut self, judged: Judged, count: usize) {
        let field = match judged.standing {
            Some(Standing::Allow) => &mut self.allow,
            Some(Standing::Alert) => &mut self.alert,
            Some(Standing::Violated) => &mut self.blocked,
            Some(Standing::NoMatch) => &mut self.unmatched,
            Some(Standing::Undecided) | None => &mut self.undecided,
        };
        *field += count;
    }

    /// All BLOCKs, whether by a rule or by none.
    pub fn block(&self) -> usize {
        self.blocked + self.unmatched
    }

    /// The count of a decision.
    pub fn of(&self, decision: Decision) -> usize {
        match decision {
            Decision::Allow => self.allow,
            Decision::Alert => self.alert,
            Decision::Block => self.block(),
        }
    }
}

/// The actions of one tool that flip one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlipGroup {
    /// The capability.
    pub tool: Arc<str>,
    /// From what to what.
    pub direction: Direction,
    /// How many.
    pub count: usize,
    /// The one with the lowest value; one without a usable value only where all are.
    pub smallest: Flip,
    /// The one with the highest value: where a ceiling cuts, its edge.
    pub edge: Flip,
}

/// What the draft does to the recorded actions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many actions were judged, each once.
    pub actions: usize,
    /// How many recordings there are of them.
    pub recorded: usize,
    /// By the policy in force.
    pub before: Counts,
    /// By the draft.
    pub after: Counts,
    /// How many have the same decision in both.
    pub same: usize,
    /// Those that have not, by direction (newly allowed first), then the most first.
    pub flips: Vec<FlipGroup>,
    /// Those of which one side, or both, is not decided.
    pub unclear: Vec<FlipGroup>,
}

impl Summary {
    /// How many actions flip.
    pub fn flipped(&self) -> usize {
        self.flips.iter().map(|group| group.count).sum()
    }

    /// How many flip to something less strict: what a gate counts.
    pub fn newly_allowed(&self) -> usize {
        self.flips.iter().filter(|group| group.direction.loosens()).map(|group| group.count).sum()
    }

    /// How many flip to something stricter.
    pub fn newly_restricted(&self) -> usize {
        self.flipped() - self.newly_allowed()
    }

    /// How many are not decided before or after, for want of a predicate's answer.
    pub fn undecided(&self) -> usize {
        self.unclear.iter().map(|group| group.count).sum()
    }
}

/// A flip group while it is being counted.
struct Found {
    count: usize,
    smallest: Place,
    edge: Place,
}

pub(super) fn of(impact: &Impact) -> Summary {
    let mut summary =
        Summary { actions: impact.corpus.len(), recorded: impact.corpus.recorded(), ..Summary::default() };
    let mut found: HashMap<(u32, Direction), Found> = HashMap::new();
    for (at, pieces) in impact.pieces.iter().enumerate() {
        let group = &impact.corpus.groups()[at];
        for piece in pieces {
            let count = piece.rows.count(group);
            summary.before.add(piece.before, count);
            summary.after.add(piece.after, count);
            match Direction::between(piece.before.decision(), piece.after.decision()) {
                None => summary.same += count,
                Some(direction) => note(&mut found, (group.names.tool, direction), &Sequence::of(group, at, piece)),
            }
        }
    }
    let group = |((tool, direction), found): ((u32, Direction), Found)| FlipGroup {
        tool: Arc::clone(impact.corpus.names().get(tool)),
        direction,
        count: found.count,
        smallest: impact.flip_at(found.smallest),
        edge: impact.flip_at(found.edge),
    };
    let mut groups: Vec<_> = found.into_iter().map(group).collect();
    groups.sort_by(|a, b| a.direction.cmp(&b.direction).then(b.count.cmp(&a.count)).then_with(|| a.tool.cmp(&b.tool)));
    (summary.flips, summary.unclear) = groups.into_iter().partition(|group| group.direction.is_decided());
    summary
}

fn note(found: &mut HashMap<(u32, Direction), Found>, key: (u32, Direction), sequences: &[Sequence<'_>]) {
    for sequence in sequences {
        let Some((first, last)) = sequence.ends() else { continue };
        let found = found.entry(key).or_insert(Found { count: 0, smallest: first, edge: last });
        found.count += sequence.len();
        found.smallest = found.smallest.min(first);
        found.edge = found.edge.farther(last);
    }
}
