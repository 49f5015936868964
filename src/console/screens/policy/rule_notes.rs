//! What the panes say of rules and actions, in the kernel's words.

use super::{Note, Policy};
use crate::console::editor::Text;
use crate::console::screen::Context;
use crate::impact::{Flip, RuleFacts, Side, Worth};
use crate::kernel::decimal::Decimal;
use crate::kernel::diagnostic::Severity;
use crate::kernel::plan::Amount;
use crate::kernel::policy::{NoPredicates, Subject, TrustPolicy};
use crate::kernel::receipt::Decision;

/// What an action moves, as the rules are asked about it.
pub fn amount(worth: &Worth) -> Option<Amount> {
    match worth {
        Worth::Exact(number) | Worth::Negative(number) => Some(Amount::exact(number.clone())),
        Worth::Inexact(number) => Some(Amount { number: number.clone(), exact: false }),
        Worth::Missing => None,
    }
}

/// The rule that decides about a flipped action in the draft, and its clause.
pub fn clause_of(policy: &Policy, flip: &Flip) -> (String, String) {
    let policy = policy.record.impact().policy(Side::Draft);
    let value = amount(&flip.worth);
    let subject = Subject { connector: flip.connector.as_deref(), tool: &flip.tool, value: value.as_ref() };
    let policy = policy.of(flip.operator.as_deref().unwrap_or_default());
    policy.brief(&subject, &mut NoPredicates).unwrap_or_else(|| ("no rule".to_owned(), String::new()))
}

/// A rule's ceiling, in force and in the draft.
#[derive(Debug, Clone)]
pub struct Ceilings {
    /// The rule, by its index in the set.
    pub rule: usize,
    /// Its number in the file.
    pub number: u32,
    /// As a number; none without a ceiling.
    pub in_force: Option<f64>,
    /// The same, in the draft.
    pub draft: Option<f64>,
    /// As written.
    pub was: Option<String>,
    /// As written in the draft.
    pub is: Option<String>,
}

/// The ceilings of the rule the cursor is in, where it has one; else of the one that decides about the action in hand.
pub fn ceilings(policy: &Policy, cx: &Context<'_>) -> Option<Ceilings> {
    let draft = policy.draft.as_ref()?;
    let (line, _) = draft.editor.place();
    let rules = &draft.good().rules;
    let before = rules.iter().rposition(|rule| draft.line_of(rule).is_some_and(|start| start <= line));
    let at_cursor = before.filter(|at| rules[*at].max_value.is_some());
    let decides = || {
        let said = policy.ladder.as_ref()?.draft.as_ref()?;
        let name = said.rule.as_ref()?;
        rules.iter().position(|rule| rule.max_value.is_some() && rule.origin.to_string() == *name)
    };
    let at = at_cursor.or_else(decides)?;
    let rule = &rules[at];
    let twin = cx.model.in_force().and_then(|set| twin(set.rules(), rule, at + policy.offset));
    let (was, is) = (twin.and_then(|rule| rule.max_value.clone()), rule.max_value.clone());
    let number = |value: &Option<Decimal>| value.as_ref().and_then(|value| value.as_str().parse().ok());
    let text = |value: &Option<Decimal>| value.as_ref().map(ToString::to_string);
    Some(Ceilings {
        rule: at + policy.offset,
        number: rule.origin.number,
        in_force: number(&was),
        draft: number(&is),
        was: text(&was),
        is: text(&is),
    })
}

/// The rule in force that a rule of the draft was: of the same names, at its place or anywhere.
fn twin<'a>(rules: &'a [TrustPolicy], rule: &TrustPolicy, at: usize) -> Option<&'a TrustPolicy> {
    let alike = |other: &&TrustPolicy| other.tool == rule.tool && other.connector == rule.connector;
    rules.get(at).filter(alike).or_else(|| rules.iter().find(alike))
}

impl Policy {
    /// What a rule of the draft is to the record, by its place in the file.
    pub fn facts(&self, rule: usize) -> Option<&RuleFacts> {
        self.record.facts.get(rule + self.offset)
    }

    /// What is said under rules that do nothing.
    pub fn idle_rules(&self) -> Vec<Note> {
        let Some(draft) = self.draft.as_ref().filter(|draft| draft.loads()) else { return Vec::new() };
        let reviews = self.compiled.as_ref().and_then(|set| self.record.reviews_of(set)).unwrap_or_default();
        let actions = self.record.impact().summary().actions;
        let text = draft.editor.text();
        let mut notes = Vec::new();
        for (at, rule) in draft.good().rules.iter().enumerate() {
            let shadowed = reviews.get(at + self.offset).and_then(|review| review.shadowed.as_deref());
            let silent = actions > 0 && self.facts(at).is_some_and(|facts| facts.speaks_of == 0);
            let words = match shadowed {
                Some(by) => Some(self.shadow(rule, by)),
                None if silent => Some(format!("never matches: no action is {}", super::ladder::scope(rule))),
                None => None,
            };
            notes.extend(words.and_then(|words| note(text, rule, words)));
        }
        notes
    }

    fn shadow(&self, rule: &TrustPolicy, by: &[usize]) -> String {
        let rules = self.compiled.as_ref().map_or(&[][..], |set| set.rules());
        let numbers: Vec<_> =
            by.iter().filter_map(|at| rules.get(*at)).map(|rule| rule.origin.number.to_string()).collect();
        let verb = match rule.decision {
            Decision::Allow => "allow",
            Decision::Alert => "alert",
            Decision::Block => "block",
        };
        match numbers.as_slice() {
            [] => "does nothing: without it all it stops is stopped".to_owned(),
            [one] => format!("shadowed: rule {one} already {verb}s all it would"),
            [all @ .., last] => format!("shadowed: rules {} and {last} already {verb} all it would", all.join(", ")),
        }
    }
}

/// Under the last line of a rule.
fn note(text: &Text, rule: &TrustPolicy, words: String) -> Option<Note> {
    let span = rule.origin.span.clone()?;
    let end = span.end.min(text.len()).max(span.start + 1) - 1;
    Some(Note {
        line: text.line_at(end),
        severity: Severity::Warning,
        text: words,
        help: None,
        range: span.start..span.start,
        fix: None,
    })
}
