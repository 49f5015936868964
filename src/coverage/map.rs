//! The map itself: every cell there is for what is loaded, and how it stands by the last results of the fixtures.

use serde::Serialize;

use super::cell::{Case, Cell};
use super::last_results::LastResults;
use super::loaded::{LoadedOperator, LoadedTool, WhatIsLoaded};
use super::outcome::EnvelopeOutcome;
use crate::author::definition::Trigger;
use crate::kernel::policy::{ActionKind, Bands, Reached, Standing as PolicyStanding};
use crate::kernel::receipt::Decision;

/// All cells, operator by operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoverageMap {
    /// In the order of operators, of their `requires`, and of cases.
    pub rows: Vec<MapRow>,
    /// Envelopes whose last result counts.
    pub counted: usize,
    /// Envelopes whose last result is of other code or of another policy than what is loaded.
    pub outdated: usize,
    /// Envelopes that no run of the journals has played.
    pub unplayed: usize,
}

/// A cell and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MapRow {
    /// The cell.
    pub cell: Cell,
    /// How it stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// How a cell stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// Fixtures fill it.
    Covered {
        /// How many envelopes do.
        count: usize,
        /// The first of them, one that was recorded where there is one.
        by: Witness,
    },
    /// Only results of other code, or of another policy, fill it: nobody knows until the fixture is played again.
    Outdated {
        /// The first of them.
        by: Witness,
    },
    /// Nothing fills it.
    Empty,
    /// Nothing can.
    Impossible {
        /// Why.
        why: String,
    },
    /// Whether anything can is not known without running author code.
    Unknown {
        /// Why.
        why: String,
    },
}

/// A fixture that fills a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Witness {
    /// The fixture file.
    pub file: String,
    /// The line its envelope starts on.
    pub line: u32,
    /// The receipt, where an action fills the cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// True where the envelope was made to fill a cell.
    pub synthetic: bool,
}

impl Standing {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Covered { .. } => "covered",
            Self::Outdated { .. } => "outdated",
            Self::Empty => "empty",
            Self::Impossible { .. } => "impossible",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Where it stands in a list: what can be filled and is not, first.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::Outdated { .. } => 1,
            Self::Unknown { .. } => 2,
            Self::Covered { .. } => 3,
            Self::Impossible { .. } => 4,
        }
    }
}

impl CoverageMap {
    /// The map of what is loaded, by the last results of some fixtures.
    pub fn of(loaded: &WhatIsLoaded, results: &LastResults) -> Self {
        let mut map = Self::default();
        for fixture in results.fixtures() {
            match &fixture.last {
                None => map.unplayed += 1,
                Some(outcome) if is_current(loaded, outcome) => map.counted += 1,
                Some(_) => map.outdated += 1,
            }
        }
        for operator in &loaded.operators {
            for (case, possible) in cases(loaded, operator) {
                let cell = Cell { operator: operator.name.clone(), case };
                let standing = filled(&cell, loaded, results).unwrap_or_else(|| possible.unless_filled());
                map.rows.push(MapRow { cell, standing });
            }
        }
        map
    }

    /// The row of a cell by its name.
    pub fn find(&self, name: &str) -> Option<&MapRow> {
        self.rows.iter().find(|row| row.cell.name() == name)
    }

    /// How many rows stand so.
    pub fn count(&self, wanted: impl Fn(&Standing) -> bool) -> usize {
        self.rows.iter().filter(|row| wanted(&row.standing)).count()
    }

    /// The cells that can be filled and are not, or of which nobody knows.
    pub fn empty(&self) -> impl Iterator<Item = &MapRow> {
        self.rows.iter().filter(|row| matches!(row.standing, Standing::Empty | Standing::Outdated { .. }))
    }
}

/// Whether something can come of an envelope, by what is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Possible {
    Yes,
    No(String),
    Unknown(String),
}

impl Possible {
    fn unless_filled(self) -> Standing {
        match self {
            Self::Yes => Standing::Empty,
            Self::No(why) => Standing::Impossible { why },
            Self::Unknown(why) => Standing::Unknown { why },
        }
    }
}

/// The cases of an operator, in order, each with whether the policy and its trigger leave it possible.
fn cases(loaded: &WhatIsLoaded, operator: &LoadedOperator) -> Vec<(Case, Possible)> {
    let reached = match &operator.trigger {
        Trigger::On(_) => Possible::Yes,
        Trigger::Every(every) => {
            Possible::No(format!("it runs every {every}: `dev replay --until` plays it, no fixture does"))
        }
    };
    let mut all = vec![(Case::Routed, reached.clone()), (Case::Refusal, reached.clone())];
    for tool in &operator.tools {
        let of_tool = tool_cases(loaded, operator, tool);
        // What no fixture reaches at all is impossible for that reason first.
        all.extend(of_tool.into_iter().map(|(case, possible)| match &reached {
            Possible::Yes => (case, possible),
            other => (case, other.clone()),
        }));
    }
    all
}

fn tool_cases(loaded: &WhatIsLoaded, operator: &LoadedOperator, tool: &LoadedTool) -> Vec<(Case, Possible)> {
    let name = || tool.capability.clone();
    let decided = |decision| Case::Decided(name(), decision);
    let connector = match &tool.connector {
        Ok(connector) => connector,
        Err(why) => {
            let all = [Decision::Allow, Decision::Alert, Decision::Block].map(decided);
            let no = || Possible::No(format!("validation refuses it: {why}"));
            return all.into_iter().chain([Case::Dedup(name())]).map(|case| (case, no())).collect();
        }
    };
    let kind = ActionKind { operator: Some(&operator.name), connector: Some(connector), tool: &tool.capability };
    let bands = loaded.policy.bands(&kind);
    let mut all: Vec<_> = [Decision::Allow, Decision::Alert, Decision::Block]
        .into_iter()
        .map(|decision| (decided(decision), can_be(&bands, decision)))
        .collect();
    let acts = can_be(&bands, Decision::Allow) == Possible::Yes || can_be(&bands, Decision::Alert) == Possible::Yes;
    let dedup = if acts { Possible::Yes } else { Possible::No("the policy blocks it: no key is claimed".to_owned()) };
    all.push((Case::Dedup(name()), dedup));
    for ceiling in bands.bands.iter().filter_map(|band| band.upto) {
        all.push((Case::At(name(), ceiling.clone()), Possible::Yes));
        all.push((Case::Above(name(), ceiling.clone()), Possible::Yes));
    }
    all
}

/// Whether the policy says that of any value.
fn can_be(bands: &Bands<'_>, decision: Decision) -> Possible {
    let says = |reached: Reached| match reached.standing {
        PolicyStanding::Undecided => None,
        standing => Some(standing.decision()),
    };
    let mut all = bands.bands.iter().map(|band| band.reached).chain([bands.unfit]).map(says);
    if all.any(|said| said == Some(decision)) {
        return Possible::Yes;
    }
    if decision == Decision::Block && !bands.asks.is_empty() {
        return Possible::Unknown("only a predicate blocks it, and that is author code".to_owned());
    }
    let ceilings = bands.bands.len() > 1;
    Possible::No(match decision {
        Decision::Block => "no rule blocks it at any value".to_owned(),
        _ if bands.bands.iter().all(|band| band.reached.standing == PolicyStanding::NoMatch) => {
            "no rule speaks of it".to_owned()
        }
        decision if ceilings => format!("no rule says {} at any value", decision.word()),
        decision => format!("no rule says {}", decision.word()),
    })
}

/// True where what is loaded now is what proposed and judged.
fn is_current(loaded: &WhatIsLoaded, outcome: &EnvelopeOutcome) -> bool {
    let by_policy = outcome.actions.iter().all(|action| action.policy == loaded.digest);
    let by_code = outcome.plans.iter().all(|plan| {
        let operator = loaded.operators.iter().find(|operator| operator.name == plan.operator);
        operator.is_some_and(|operator| operator.revision.as_deref() == Some(&plan.revision))
    });
    by_policy && by_code
}

/// How results fill a cell; none where they do not.
fn filled(cell: &Cell, loaded: &WhatIsLoaded, results: &LastResults) -> Option<Standing> {
    let (mut count, mut best, mut old): (usize, Option<Witness>, Option<Witness>) = (0, None, None);
    for (file, fixture) in results.by_file() {
        let Some(outcome) = fixture.last.as_ref().filter(|outcome| cell.is_filled_by(outcome)) else { continue };
        let witness = || Witness {
            file: file.name.clone(),
            line: fixture.line,
            receipt: cell.filled_by(outcome).map(|action| action.receipt.clone()),
            synthetic: fixture.synthetic,
        };
        if !is_current(loaded, outcome) {
            old.get_or_insert_with(witness);
            continue;
        }
        count += 1;
        if best.as_ref().is_none_or(|known| known.synthetic && !fixture.synthetic) {
            best = Some(witness());
        }
    }
    match (best, old) {
        (Some(by), _) => Some(Standing::Covered { count, by }),
        (None, Some(by)) => Some(Standing::Outdated { by }),
        (None, None) => None,
    }
}
