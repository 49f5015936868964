//! Makes the screen agree with itself after any change: the draft read, the rules asked about the action in hand, the
//! cursor in view.

use std::sync::Arc;

use super::layout::Layout;
use super::{Focus, Ladder, Note, Subject};
use crate::console::effects::Effect;
use crate::console::state::{Page, Row, State};
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::{PolicySet, TrustPolicy};

/// Does so.
pub fn settle(state: &mut State) -> Vec<Effect> {
    let policy = &mut state.policy;
    if let Some(draft) = &mut policy.draft {
        draft.refresh(&policy.catalogue);
    }
    if state.page != Page::Policy {
        return Vec::new();
    }
    compile(state);
    let in_force = state.in_force().map(Arc::clone);
    let policy = &mut state.policy;
    policy.record.settle(in_force.as_ref(), policy.compiled.as_ref(), &policy.catalogue);
    policy.flip = policy.flip.min(policy.record.flips().saturating_sub(1));
    policy.survivor = policy.survivor.min(policy.record.coverage.survivors.len().saturating_sub(1));
    let idle = policy.idle_rules();
    let odd = odd_in_force(state);
    if let Some(draft) = &mut state.policy.draft {
        draft.say(&[odd, idle].concat());
    }
    state.policy.order = super::boundary::order(state);
    climb(state);
    view(state);
    let at = (state.policy.focus == Focus::Impact).then_some(state.policy.flip);
    let record = &mut state.policy.record;
    [record.begin(), record.wanted(at)].into_iter().flatten().map(Effect::chore).collect()
}

/// What is said of the file that is in force and only who loaded it could tell, while the text is still that file.
fn odd_in_force(state: &State) -> Vec<Note> {
    let (Some(draft), Some(stamp)) = (&state.policy.draft, state.runs.policy()) else { return Vec::new() };
    if draft.is_changed() || stamp.state != PolicyState::InForce {
        return Vec::new();
    }
    let of_file = stamp.diagnostics.iter().filter(|it| it.file.as_deref() == Some(draft.file.as_str()));
    let notes = of_file.filter(|it| it.line.is_some()).map(|it| super::notes::note(draft.editor.text(), it));
    notes.filter(|note| !draft.own_notes().iter().any(|own| (own.line, &own.text) == (note.line, &note.text))).collect()
}

/// Compiles the draft where it says other rules than before.
fn compile(state: &mut State) {
    let Some(draft) = &state.policy.draft else { return };
    let stamp = state.runs.policy();
    let version = (draft.good().version, stamp.and_then(|stamp| stamp.digest.clone()));
    if draft.good().version == 0 || state.policy.version == version {
        return;
    }
    let (offset, rules) = together(state, &draft.good().rules, &draft.file);
    let compiled = PolicySet::compile(rules);
    state.policy.offset = offset;
    state.policy.compiled = Some(Arc::new(compiled));
    state.policy.version = version;
}

/// The draft's rules in the place of its file among the files in force.
fn together(state: &State, rules: &[TrustPolicy], file: &str) -> (usize, Vec<TrustPolicy>) {
    let Some(stamp) = state.runs.policy() else { return (0, rules.to_vec()) };
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
fn climb(state: &mut State) {
    let subject = match &state.policy.form {
        Some(form) => form.subject().ok(),
        None => in_hand(state),
    };
    let Some(subject) = subject else {
        state.policy.ladder = None;
        return;
    };
    let policy = &state.policy;
    let asked = (subject, policy.version.clone());
    if policy.asked.as_ref() == Some(&asked) && policy.ladder.is_some() {
        return;
    }
    let ladder = Ladder::new(asked.0.clone(), state.in_force().map(|set| &**set), policy.compiled.as_deref());
    let policy = &mut state.policy;
    if policy.asked.as_ref().is_none_or(|(before, _)| *before != asked.0) {
        policy.rung = ladder.deciding().unwrap_or(0);
    }
    policy.rung = policy.rung.min(ladder.steps.len().saturating_sub(1));
    policy.ladder = Some(ladder);
    policy.asked = Some(asked);
}

/// The flip a person is on, the action that would tell, or the action selected in Live.
fn in_hand(state: &State) -> Option<Subject> {
    let record = &state.policy.record;
    let of_flip = |flip: crate::impact::Flip| Subject {
        tool: flip.tool.to_string(),
        operator: flip.operator.as_deref().unwrap_or_default().to_owned(),
        connector: flip.connector.as_deref().map(str::to_owned),
        value: super::worth(&flip.worth),
        entity: String::new(),
        row: record.live(flip.row),
    };
    let picked = match state.policy.focus {
        Focus::Impact => record.flip(state.policy.flip).map(of_flip),
        Focus::Untested => super::survivor(state).map(|survivor| killer(&survivor.killer)),
        Focus::Editor | Focus::Ladder => None,
    };
    picked.or_else(|| selected(state))
}

fn killer(killer: &crate::impact::Telling) -> Subject {
    Subject {
        tool: killer.tool.clone().unwrap_or_default(),
        operator: killer.operator.clone().unwrap_or_default(),
        connector: killer.connector.clone(),
        value: killer.value.clone().map(crate::kernel::plan::Amount::exact),
        entity: String::new(),
        row: None,
    }
}

/// The action selected in Live.
fn selected(state: &State) -> Option<Subject> {
    let row = state.selected()?;
    let receipt = &state.disposed(row)?.receipt;
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
fn view(state: &mut State) {
    let area = Layout::of(state).text();
    let charset = state.charset;
    let Some(draft) = &mut state.policy.draft else { return };
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let tall: Vec<(usize, usize)> =
        draft.notes().iter().map(|note| (note.line, super::layout::rows_of(note, width, charset))).collect();
    let tall = |line: usize| {
        let start = tall.partition_point(|(at, _)| *at < line);
        1 + tall[start..].iter().take_while(|(at, _)| *at == line).map(|(_, rows)| rows).sum::<usize>()
    };
    let gutter = super::layout::numbers(draft.editor.text().lines());
    draft.editor.settle((width.saturating_sub(gutter).max(1), height.max(1)), tall, charset);
}

/// Puts the cursor on what decides about the action selected in Live, once for each action: its ceiling where it has
/// one, else its decision.
pub fn aim(state: &mut State) {
    let row = state.selected().map(Row::id);
    if row.is_none() || state.policy.aimed == row {
        return;
    }
    state.policy.aimed = row;
    let Some((subject, force)) = selected(state).zip(state.in_force()) else { return };
    let force = force.of(&subject.operator);
    let explanation = force.explain(&subject.asked(), &mut crate::kernel::policy::NoPredicates);
    let number = explanation.deciding.first().and_then(|at| force.rules().get(*at)).map(|rule| rule.origin.clone());
    let Some(draft) = &mut state.policy.draft else { return };
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
        state.policy.focus = Focus::Editor;
    }
}
