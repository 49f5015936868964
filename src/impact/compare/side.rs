//! What one policy says of one action, and how two such words differ: for certain, and by what predicates answer.

use std::collections::BTreeSet;

use super::{Change, Word};
use crate::kernel::policy::{CompiledPolicy, Gates, Limit, PredicateId, PredicateOutcome, Standing, Subject};
use crate::kernel::receipt::Decision;

/// How freely an action acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Freedom {
    Blocked,
    Confirmed,
    Raised,
    Free,
}

/// What one policy says of an action.
pub(super) struct Side {
    /// While every predicate is true.
    freedom: Freedom,
    /// Must all be true for it to act.
    predicates: BTreeSet<PredicateId>,
    gates: Gates,
}

impl Side {
    pub(super) fn of(policy: &CompiledPolicy, subject: &Subject<'_>) -> Self {
        let standing = policy.constraint(subject.connector, subject.tool).standing(subject.value);
        let acts = standing.decision() != Decision::Block;
        let gates = if acts { policy.gates(subject) } else { Gates::default() };
        let freedom = match standing {
            Standing::NoMatch | Standing::Undecided | Standing::Violated => Freedom::Blocked,
            Standing::Alert if gates.confirm => Freedom::Confirmed,
            Standing::Alert => Freedom::Raised,
            Standing::Allow => Freedom::Free,
        };
        let asks = if acts { policy.bands(subject.connector, subject.tool).asks } else { Vec::new() };
        Self { freedom, predicates: asks.iter().map(|ask| ask.predicate).collect(), gates }
    }

    pub(super) fn word(&self, policy: &CompiledPolicy, subject: &Subject<'_>) -> Word {
        let verdict = policy.judge(subject, &mut |_| PredicateOutcome::True);
        let decision = match self.freedom {
            Freedom::Blocked => Decision::Block,
            Freedom::Confirmed | Freedom::Raised => Decision::Alert,
            Freedom::Free => Decision::Allow,
        };
        Word { decision, rule: verdict.rule, reason: verdict.reason, gates: self.gates.clone() }
    }
}

/// What changed whatever predicates say.
pub(super) fn certain([before, after]: &[Side; 2]) -> Vec<Change> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let mut changes = Vec::new();
    match after.freedom.cmp(&before.freedom) {
        // Acting for certain, more freely than the other ever does.
        Greater if after.predicates.is_empty() => {
            changes.push(if before.freedom == Freedom::Blocked { Change::Opened } else { Change::Quieter });
        }
        Less if before.predicates.is_empty() => {
            changes.push(if after.freedom == Freedom::Blocked { Change::Closed } else { Change::Raised });
        }
        Equal | Greater | Less => {}
    }
    let both_act = before.freedom != Freedom::Blocked && after.freedom != Freedom::Blocked;
    if both_act && before.predicates == after.predicates {
        changes.extend(is_wider(&after.gates, &before.gates).then_some(Change::Ungated));
        changes.extend(is_wider(&before.gates, &after.gates).then_some(Change::Gated));
    }
    changes
}

/// Whether the second may let more through, and less, by what predicates answer, where that is not certain.
pub(super) fn possible(sides: &[Side; 2]) -> (bool, bool) {
    if sides.iter().all(|side| side.predicates.is_empty()) {
        return (false, false);
    }
    let may = |less: &Side, more: &Side| {
        let freer = more.freedom > less.freedom && more.freedom != Freedom::Blocked;
        // Some predicate of the other may be false while those of this one are true.
        let alone = more.freedom != Freedom::Blocked && !less.predicates.is_subset(&more.predicates);
        let both_act = more.freedom != Freedom::Blocked && less.freedom != Freedom::Blocked;
        // Where the predicates are the same ones, a wider gate is certain.
        let oftener = both_act && less.predicates != more.predicates && is_wider(&more.gates, &less.gates);
        freer || alone || oftener
    };
    let told = certain(sides);
    let looser = may(&sides[0], &sides[1]) && !told.iter().any(|change| change.is_looser());
    let stricter = may(&sides[1], &sides[0]) && told.iter().all(|change| change.is_looser());
    (looser, stricter)
}

/// True when some gate of the other is not kept by these.
fn is_wider(these: &Gates, others: &Gates) -> bool {
    let kept = |limit: &Limit| these.limits.iter().any(|(_, own)| implies(*own, *limit));
    let limits = others.limits.iter().all(|(_, limit)| kept(limit));
    !limits || others.single_flight.iter().any(|argument| !these.single_flight.contains(argument))
}

/// True when whoever keeps a limit keeps the other.
fn implies(own: Limit, other: Limit) -> bool {
    // Any longer window is covered by so many shorter ones; any shorter one lies in a longer.
    let windows = (other.per.seconds() / own.per.seconds()).max(1).unsigned_abs();
    u64::from(own.max).saturating_mul(windows) <= u64::from(other.max)
}
