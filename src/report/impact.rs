//! What a draft of a policy does to recorded actions, as text and as JSON lines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::impact::{Counts, Coverage, Flip, FlipGroup, Impact, Review, Side, Summary, Survivor, Worth};
use crate::kernel::policy::{NoPredicates, PolicySet, Subject, TrustPolicy};
use crate::kernel::receipt::{Decision, Verdict};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;

mod gate;

/// Everything a report is made of.
pub struct Findings<'a> {
    /// The judged corpus.
    pub impact: &'a Impact,
    /// How the draft is covered by fixtures; none where there are none.
    pub coverage: Option<&'a Coverage>,
    /// Whether each rule of the draft does anything.
    pub review: &'a [Review],
    /// Where an action stands, `FILE:LINE`.
    pub place: &'a dyn Fn(&Flip) -> Option<String>,
}

impl Findings<'_> {
    /// The report for people.
    pub fn text(&self) -> String {
        let summary = self.impact.summary();
        let again = match summary.recorded {
            all if all == summary.actions => String::new(),
            all => format!(" in {}", counted(all, "recording")),
        };
        let mut text = format!("{}{again}\n\n", counted(summary.actions, "action"));
        counts(summary, &mut text);
        for (title, loosens) in [("newly allowed", true), ("newly restricted", false)] {
            let groups: Vec<_> = summary.flips.iter().filter(|group| group.direction.loosens() == loosens).collect();
            let count: usize = groups.iter().map(|group| group.count).sum();
            let _ = writeln!(text, "\n{count} {title}");
            for group in groups {
                self.group(group, &mut text);
            }
        }
        if summary.undecided() > 0 {
            let _ = writeln!(text, "\n{} not decided: a predicate has to be asked", summary.undecided());
            for group in &summary.unclear {
                let tool = inert(&group.tool);
                let _ = writeln!(text, "  {}  {tool}  {}", group.direction.told(), group.count);
            }
        }
        let _ = writeln!(text, "\n{} the same", summary.same);
        self.rules(&mut text);
        if let Some(coverage) = self.coverage {
            self.covered(coverage, &mut text);
        }
        text
    }

    fn group(&self, group: &FlipGroup, text: &mut String) {
        let _ = writeln!(text, "  {}  {}  {}", group.direction.told(), inert(&group.tool), group.count);
        let ends = [("smallest", &group.smallest), ("edge", &group.edge)];
        for (what, flip) in ends.into_iter().take(if group.count > 1 { 2 } else { 1 }) {
            let place = (self.place)(flip).map_or_else(String::new, |place| format!("  {}", inert(&place)));
            let (before, after) = (self.reason(Side::InForce, flip), self.reason(Side::Draft, flip));
            let often = if flip.times > 1 { format!("  recorded ×{}", flip.times) } else { String::new() };
            let _ = writeln!(text, "    {what:8}  {}{often}{place}", told(&flip.worth));
            let _ = writeln!(text, "      in force  {}  {}", before.decision, inert(&before.reason));
            let _ = writeln!(text, "      draft     {}  {}", after.decision, inert(&after.reason));
        }
    }

    fn reason(&self, side: Side, flip: &Flip) -> Verdict {
        let policy = self.impact.policy(side);
        let value = flip.worth.amount();
        let subject = Subject { connector: flip.connector.as_deref(), tool: &flip.tool, value: value.as_ref() };
        let view = flip.operator.as_deref().map_or(policy.general(), |operator| policy.of(operator));
        view.judge(&subject, &mut NoPredicates)
    }

    fn draft(&self) -> &PolicySet {
        self.impact.policy(Side::Draft)
    }

    fn label(&self, rule: usize) -> String {
        self.draft().rules().get(rule).map_or_else(String::new, |rule| self.draft().general().label(rule))
    }

    fn rules(&self, text: &mut String) {
        let facts = self.impact.rules(Side::Draft);
        let mut odd = Vec::new();
        for (at, (fact, review)) in facts.iter().zip(self.review).enumerate() {
            let label = self.label(at);
            match &review.shadowed {
                Some(by) if by.is_empty() => {
                    odd.push(format!("{label} changes nothing: what it blocks, no rule would let through"));
                }
                Some(by) => {
                    let by: Vec<_> = by.iter().map(|rule| self.label(*rule)).collect();
                    odd.push(format!("{label} is shadowed by {}", by.join(", ")));
                }
                None if !review.provided => odd.push(format!("{label} names what no loaded tool provides")),
                None if fact.speaks_of == 0 => odd.push(format!("{label} never matches: it speaks of no action here")),
                None => {}
            }
        }
        if !odd.is_empty() {
            let _ = writeln!(text, "\nrules of the draft");
            for line in &odd {
                let _ = writeln!(text, "  {}", inert(line));
            }
        }
    }

    fn covered(&self, coverage: &Coverage, text: &mut String) {
        let score = format!("{} of {} mutants killed by fixtures", coverage.killed, coverage.mutants());
        let _ = writeln!(text, "\n{score}, {} survive", coverage.survivors.len());
        for survivor in &coverage.survivors {
            let rule = self.label(survivor.mutant.rule);
            let change = survivor.mutant.told(self.draft());
            let _ = writeln!(text, "  {rule:8}  {}  {}", inert(&change), inert(&killer(survivor)));
        }
    }

    /// The report as JSON lines.
    pub fn json(&self) -> Vec<Value> {
        let summary = self.impact.summary();
        let count = |counts: &Counts| {
            json!({"allow": counts.allow, "alert": counts.alert, "block": counts.blocked, "no_match": counts.unmatched,
                "undecided": counts.undecided})
        };
        let mut lines = vec![json!({"impact": {
            "actions": summary.actions, "recorded": summary.recorded, "before": count(&summary.before), "after": count(&summary.after),
            "same": summary.same, "newly_allowed": summary.newly_allowed(),
            "newly_restricted": summary.newly_restricted(), "undecided": summary.undecided(),
        }})];
        lines.extend(summary.flips.iter().map(|group| self.json_group("flips", group)));
        lines.extend(summary.unclear.iter().map(|group| self.json_group("unclear", group)));
        let facts = self.impact.rules(Side::Draft);
        for ((rule, fact), review) in self.draft().rules().iter().zip(facts).zip(self.review) {
            let by = review.shadowed.as_ref().map(|by| by.iter().map(|at| self.name(*at)).collect::<Vec<_>>());
            lines.push(json!({"rule": {
                "rule": rule.origin.name(), "speaks_of": fact.speaks_of, "decides": count(&fact.decides),
                "shadowed_by": by, "provided": review.provided,
            }}));
        }
        if let Some(coverage) = self.coverage {
            lines.push(json!({"coverage": {
                "mutants": coverage.mutants(), "killed": coverage.killed, "equivalent": coverage.equivalent,
            }}));
            lines.extend(coverage.survivors.iter().map(|survivor| self.json_survivor(survivor)));
        }
        lines
    }

    fn name(&self, rule: usize) -> Option<String> {
        self.draft().rules().get(rule).map(|rule: &TrustPolicy| rule.origin.name())
    }

    fn json_group(&self, kind: &str, group: &FlipGroup) -> Value {
        let word = |decision: Option<Decision>| decision.map(Decision::word);
        json!({kind: {
            "tool": &*group.tool, "before": word(group.direction.before), "after": word(group.direction.after),
            "count": group.count, "smallest": self.json_flip(&group.smallest), "edge": self.json_flip(&group.edge),
        }})
    }

    fn json_flip(&self, flip: &Flip) -> Value {
        let side = |side| {
            let verdict = self.reason(side, flip);
            json!({"rule": verdict.rule, "reason": verdict.reason})
        };
        let value = flip.worth.amount().map(|amount| amount.number);
        json!({
            "place": (self.place)(flip), "operator": flip.operator.as_deref(), "connector": flip.connector.as_deref(),
            "tool": &*flip.tool, "value": value, "times": flip.times, "in_force": side(Side::InForce), "draft": side(Side::Draft),
        })
    }

    fn json_survivor(&self, survivor: &Survivor) -> Value {
        let killer = &survivor.killer;
        json!({"survivor": {
            "rule": self.name(survivor.mutant.rule), "change": survivor.mutant.told(self.draft()),
            "killer": {
                "operator": killer.operator, "connector": killer.connector, "tool": killer.tool, "value": killer.value,
                "decision": killer.says.word(), "would_be": killer.would_say.word(), "provided": killer.provided,
            },
        }})
    }
}

fn counts(summary: &Summary, text: &mut String) {
    let (before, after) = (&summary.before, &summary.after);
    let _ = writeln!(text, "{:12} {:>10} {:>10}", "", "in force", "draft");
    let rows = [
        ("ALLOW", before.allow, after.allow),
        ("ALERT", before.alert, after.alert),
        ("BLOCK", before.blocked, after.blocked),
        ("no rule", before.unmatched, after.unmatched),
        ("not decided", before.undecided, after.undecided),
    ];
    for (word, before, after) in rows.into_iter().filter(|(word, a, b)| *word != "not decided" || a + b > 0) {
        let _ = writeln!(text, "{word:12} {before:>10} {after:>10}");
    }
}

/// What an action moves, in words.
fn told(worth: &Worth) -> String {
    match worth {
        Worth::Exact(number) | Worth::Negative(number) => format!("value {number}"),
        Worth::Inexact(number) => format!("value {number}, not exact"),
        Worth::Missing => "no value".to_owned(),
    }
}

/// The action that would kill a mutant, in words.
fn killer(survivor: &Survivor) -> String {
    let killer = &survivor.killer;
    let tool = killer.tool.as_deref().unwrap_or("a tool that no rule names");
    let on = killer.connector.as_ref().map_or_else(String::new, |connector| format!(" on {connector}"));
    let value = killer.value.as_ref().map_or("no value".to_owned(), |value| format!("value {value}"));
    format!("no fixture has {tool}{on}, {value}: {} → {}", killer.says, killer.would_say)
}
