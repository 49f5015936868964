//! Makes the screen agree with itself after any change: the draft read, the rules asked about the action in hand, the
//! cursor in view.

use std::sync::Arc;

use super::layout::{self, Layout};
use super::{Focus, Ladder, Note, Policy, Subject};
use super::{flips_in_view, rule_notes, untested_boundaries};
use crate::console::model::Row;
use crate::console::screen::{Context, Effect, Screen as _};
use crate::impact::{Side, Spread};
use crate::kernel::decimal::Decimal;
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::{PolicySet, TrustPolicy};

/// Derives everything anew that follows from draft, facts and size; where the screen is not shown, only what the draft
/// says.
pub(super) fn refresh(policy: &mut Policy, cx: &Context<'_>) -> Vec<Effect> {
    if let Some(draft) = &mut policy.draft {
        draft.refresh(&cx.model.catalogue);
    }
    if cx.shown != Policy::ID {
        return Vec::new();
    }
    compile(policy, cx);
    policy.record.refresh(cx.model.in_force(), policy.compiled.as_ref(), &cx.model.catalogue);
    policy.flip = policy.flip.min(policy.record.flips().saturating_sub(1));
    policy.survivor = policy.survivor.min(policy.record.coverage.survivors.len().saturating_sub(1));
    let idle = policy.idle_rules();
    let odd = odd_in_force(policy, cx);
    if let Some(draft) = &mut policy.draft {
        draft.say(&[odd, idle].concat());
    }
    policy.order = untested_boundaries::order(policy);
    refresh_ladder(policy, cx);
    policy.ceilings = rule_notes::ceilings(policy, cx);
    let layout = Layout::of(policy, cx);
    policy.flip_lines = flips_in_view::lines(policy, cx, usize::from(layout.impact.height.saturating_sub(2)));
    policy.spread = spread(policy, layout.values.width);
    scroll_to_cursor(policy, cx);
    let at = (policy.focus == Focus::Impact).then_some(policy.flip);
    let record = &mut policy.record;
    [record.begin(), record.missing(at)].into_iter().flatten().map(Policy::request).collect()
}

/// How the values are spread that the rule with the ceilings judges, a bin a column of so wide a pane.
fn spread(policy: &Policy, wide: u16) -> Option<Spread> {
    let bins = usize::from(wide.checked_sub(2)?);
    let ceilings = policy.ceilings.as_ref()?;
    let marks: Vec<_> =
        [&ceilings.was, &ceilings.is].into_iter().flatten().filter_map(|it| Decimal::parse(it).ok()).collect();
    policy.record.impact().spread(Side::Draft, ceilings.rule, bins, &marks)
}

/// What is said of the file that is in force and only who loaded it could tell, while the text is still that file.
fn odd_in_force(policy: &Policy, cx: &Context<'_>) -> Vec<Note> {
    let (Some(draft), Some(stamp)) = (&policy.draft, cx.model.runs.policy()) else { return Vec::new() };
    if draft.is_changed() || stamp.state != PolicyState::InForce {
        return Vec::new();
    }
    let of_file = stamp.diagnostics.iter().filter(|it| it.file.as_deref() == Some(draft.file.as_str()));
    let notes =
        of_file.filter(|it| it.line.is_some()).map(|it| super::inline_diagnostics::note(draft.editor.text(), it));
    notes.filter(|note| !draft.own_notes().iter().any(|own| (own.line, &own.text) == (note.line, &note.text))).collect()
}

/// Compiles the draft where it says other rules than before.
fn compile(policy: &mut Policy, cx: &Context<'_>) {
    let Some(draft) = &policy.draft else { return };
    let stamp = cx.model.runs.policy();
    let version = (draft.good().version, stamp.and_then(|stamp| stamp.digest.clone()));
    if draft.good().version == 0 || policy.version == version {
        return;
    }
    let (offset, rules) = together(cx, &draft.good().rules, &draft.file);
    let compiled = PolicySet::compile(rules);
    policy.offset = offset;
    policy.compiled = Some(Arc::new(compiled));
    policy.version = version;
}

/// The draft's rules in the place of its file among the files in force.
fn together(cx: &Context<'_>, rules: &[TrustPolicy], file: &str) -> (usize, Vec<TrustPolicy>) {
    let Some(stamp) = cx.model.runs.policy() else { return (0, rules.to_vec()) };
    let others = |name: &String| stamp.ruleset.iter().filter(|rule| rule.origin.file == *name).cloned().collect();
    let mut all: Vec<TrustPolicy> = Vec::new();
    let mut offset = None;
    for name in &stamp.files {
        if name == file {
            offset = Some(all.len());
            all.extend(rules.iter().cloned());
        } else {
            let others: Vec<TrustPolicy> = others(name);
            all.extend(others);
        }
    }
    if offset.is_none() {
        offset = Some(all.len());
        all.extend(rules.iter().cloned());
    }
    (offset.unwrap_or(0), all)
}

/// Asks the rules about the action in hand.
fn refresh_ladder(policy: &mut Policy, cx: &Context<'_>) {
    let subject = match &policy.form {
        Some(form) => form.subject().ok(),
        None => subject(policy, cx),
    };
    let Some(subject) = subject else {
        policy.ladder = None;
        return;
    };
    let asked = (subject, policy.version.clone());
    if policy.asked.as_ref() == Some(&asked) && policy.ladder.is_some() {
        return;
    }
    let ladder = Ladder::new(asked.0.clone(), cx.model.in_force().map(|set| &**set), policy.compiled.as_deref());
    if policy.asked.as_ref().is_none_or(|(before, _)| *before != asked.0) {
        policy.rung = ladder.deciding().unwrap_or(0);
    }
    policy.rung = policy.rung.min(ladder.steps.len().saturating_sub(1));
    policy.ladder = Some(ladder);
    policy.asked = Some(asked);
}

/// The flip a person is on, the action that would tell, or the action that is selected among the rows.
fn subject(policy: &Policy, cx: &Context<'_>) -> Option<Subject> {
    let record = &policy.record;
    let of_flip = |flip: crate::impact::Flip| Subject {
        tool: flip.tool.to_string(),
        operator: flip.operator.as_deref().unwrap_or_default().to_owned(),
        connector: flip.connector.as_deref().map(str::to_owned),
        value: rule_notes::amount(&flip.worth),
        entity: String::new(),
        row: record.live(flip.row),
    };
    let picked = match policy.focus {
        Focus::Impact => record.flip(policy.flip).map(of_flip),
        Focus::Untested => untested_boundaries::selected(policy).map(|survivor| distinguishing(&survivor.killer)),
        Focus::Editor | Focus::Ladder => None,
    };
    picked.or_else(|| selected(cx))
}

fn distinguishing(killer: &crate::impact::Telling) -> Subject {
    Subject {
        tool: killer.tool.clone().unwrap_or_default(),
        operator: killer.operator.clone().unwrap_or_default(),
        connector: killer.connector.clone(),
        value: killer.value.clone().map(crate::kernel::plan::Amount::exact),
        entity: String::new(),
        row: None,
    }
}

/// The action that is selected among the rows.
fn selected(cx: &Context<'_>) -> Option<Subject> {
    let row = cx.selected?;
    let receipt = &cx.model.disposed(row)?.receipt;
    Some(Subject {
        tool: receipt.tool.clone(),
        operator: receipt.operator.clone(),
        connector: receipt.connector.clone(),
        value: receipt.value.clone(),
        entity: receipt.entity_key.clone(),
        row: Some(row.id()),
    })
}

/// Brings the cursor in view.
fn scroll_to_cursor(policy: &mut Policy, cx: &Context<'_>) {
    let area = Layout::of(policy, cx).text();
    let charset = cx.charset;
    let Some(draft) = &mut policy.draft else { return };
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let tall: Vec<(usize, usize)> =
        draft.notes().iter().map(|note| (note.line, layout::rows_of(note, width, charset))).collect();
    let tall = |line: usize| {
        let start = tall.partition_point(|(at, _)| *at < line);
        1 + tall[start..].iter().take_while(|(at, _)| *at == line).map(|(_, rows)| rows).sum::<usize>()
    };
    let gutter = layout::numbers(draft.editor.text().lines());
    draft.editor.settle((width.saturating_sub(gutter).max(1), height.max(1)), tall, charset);
}

/// Puts the cursor on what decides about the selected action, once for each action: its ceiling where it has
/// one, else its decision.
pub(super) fn point_at_deciding_rule(policy: &mut Policy, cx: &Context<'_>) {
    let row = cx.selected.map(Row::id);
    if row.is_none() || policy.pointed_for == row {
        return;
    }
    policy.pointed_for = row;
    let Some((subject, force)) = selected(cx).zip(cx.model.in_force()) else { return };
    let force = force.of(&subject.operator);
    let explanation = force.explain(&subject.asked(), &mut crate::kernel::policy::NoPredicates);
    let number = explanation.deciding.first().and_then(|at| force.rules().get(*at)).map(|rule| rule.origin.clone());
    let Some(draft) = &mut policy.draft else { return };
    if draft.is_changed() {
        return;
    }
    let Some(origin) = number.filter(|origin| origin.file == draft.file) else {
        // What no rule speaks of would need one more, at the end.
        let last = draft.editor.text().lines();
        draft.editor.put(last, usize::MAX);
        return;
    };
    let found = draft.good().rules.iter().find(|rule| rule.origin.number == origin.number);
    let value = found.and_then(|rule| draft.value_of(rule, "maxValue").or_else(|| draft.value_of(rule, "decision")));
    if let Some(range) = value {
        let line = draft.editor.text().line_at(range.start);
        let at = range.end - draft.editor.text().start(line);
        draft.editor.put(line, at);
        policy.focus = Focus::Editor;
    }
}
