//! What an edit of a policy can touch: which rules stayed, and of which actions the others speak.

use super::{PolicySet, TrustPolicy};

/// How a policy differs from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<'a> {
    /// How many rules at the start are the same.
    pub head: usize,
    /// How many rules at the end are the same, those at the start aside.
    pub tail: usize,
    /// Rules in the earlier policy.
    pub earlier: usize,
    /// Rules in the later one.
    pub later: usize,
    // INVARIANT: a kind of action in none of these scopes has equal bands in both policies, but for the numbers of rules.
    /// Of what the changed rules speak, as they were and as they are.
    pub scopes: Vec<Scope<'a>>,
}

/// All of an action that decides which rules speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionKind<'a> {
    /// Who proposes it; none where nobody is known, of whom only documents for all speak.
    pub operator: Option<&'a str>,
    /// The bound connector.
    pub connector: Option<&'a str>,
    /// The capability, by its canonical name.
    pub tool: &'a str,
}

/// The actions a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope<'a> {
    /// Any when absent.
    pub operator: Option<&'a str>,
    /// Any when absent.
    pub connector: Option<&'a str>,
    /// Any when absent.
    pub tool: Option<&'a str>,
}

impl Changes<'_> {
    /// The index in the later policy of a rule of the earlier one; `None` when it is among the changed.
    pub fn now(&self, rule: usize) -> Option<usize> {
        if rule < self.head || self.earlier == self.later {
            return Some(rule);
        }
        (rule + self.tail >= self.earlier).then(|| rule + self.later - self.earlier)
    }

    /// True when unchanged rules have other indices than before.
    pub fn moves_rules(&self) -> bool {
        self.earlier != self.later && self.tail > 0
    }
}

impl<'a> Scope<'a> {
    /// What a rule speaks of.
    pub fn of(rule: &'a TrustPolicy) -> Self {
        let operator = rule.guard.as_ref().and_then(|guard| guard.applies_to.as_deref());
        Self { operator, connector: rule.connector.as_deref(), tool: rule.tool.as_deref() }
    }

    /// True when actions of the kind are in it.
    pub fn holds(&self, kind: &ActionKind<'_>) -> bool {
        let within = |named: Option<&str>, actual| named.is_none() || named == actual;
        self.tool.is_none_or(|named| named == kind.tool)
            && within(self.connector, kind.connector)
            && within(self.operator, kind.operator)
    }
}

impl PolicySet {
    /// What differs from an earlier policy. Where a rule stands in its file does not count.
    pub fn changes_since<'a>(&'a self, earlier: &'a Self) -> Changes<'a> {
        let (old, new) = (earlier.rules(), self.rules());
        let alike = |pair: &(&TrustPolicy, &TrustPolicy)| says_the_same(pair.0, pair.1);
        let head = old.iter().zip(new).take_while(alike).count();
        let rest = (&old[head..], &new[head..]);
        let tail = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(alike).count();
        let changed = (&rest.0[..rest.0.len() - tail], &rest.1[..rest.1.len() - tail]);
        let mut scopes: Vec<Scope<'a>> = if changed.0.len() == changed.1.len() {
            let differing = changed.0.iter().zip(changed.1).filter(|pair| !alike(pair));
            differing.flat_map(|(old, new)| [Scope::of(old), Scope::of(new)]).collect()
        } else {
            changed.0.iter().chain(changed.1).map(Scope::of).collect()
        };
        scopes.sort_unstable();
        scopes.dedup();
        Changes { head, tail, earlier: old.len(), later: new.len(), scopes }
    }
}

fn says_the_same(a: &TrustPolicy, b: &TrustPolicy) -> bool {
    let matcher = a.tool == b.tool && a.connector == b.connector;
    // Which rules are read together is part of what a document says.
    let document = a.guard == b.guard && (a.guard.is_none() || a.origin.file == b.origin.file);
    matcher && document && a.decision == b.decision && a.predicate == b.predicate && a.max_value == b.max_value
}
