//! The flips that have room in the impact pane, line by line: each with the rule that decides it in the draft. Judged once
//! after a change, so that drawing asks no policy.

use std::sync::Arc;

use super::{Focus, Policy, rule_notes};
use crate::console::screen::Context;
use crate::impact::{Direction, Flip, FlipGroup};

/// One line of the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlipLine {
    /// A group begins.
    Head {
        /// From which verdict to which.
        direction: Direction,
        /// How many flips the group has.
        count: usize,
        /// The capability of all of them.
        tool: Arc<str>,
    },
    /// One flip.
    Flip(FlipRow),
    /// So many more of the group have no room.
    More(usize),
    /// Between two groups.
    Gap,
    /// So many actions that do not flip.
    Same(usize),
}

/// One flip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlipRow {
    /// Its number through all groups.
    pub number: usize,
    /// The entity it is on; where that is not known, who proposed it.
    pub name: String,
    /// Its amount; none without one.
    pub value: Option<String>,
    /// The rule that decides it in the draft.
    pub rule: String,
    /// That rule's clause.
    pub clause: String,
    /// `smallest` or `edge` of its group, or nothing.
    pub tag: &'static str,
    /// How often it was recorded.
    pub times: u32,
}

/// The lines for a pane with room for so many: around the selected flip while a person moves among them, else the
/// smallest and the edge of each group.
pub(super) fn lines(policy: &Policy, cx: &Context<'_>, room: usize) -> Vec<FlipLine> {
    if room == 0 || policy.record.flips() == 0 {
        return Vec::new();
    }
    let mut lines = if policy.focus == Focus::Impact { window(policy, cx, room) } else { digest(policy, cx, room) };
    lines.truncate(room);
    lines
}

/// The lines it would take to show every group with up to eight of its flips.
pub(super) fn wanted(policy: &Policy) -> usize {
    match policy.record.flips() {
        0 => 2,
        _ => needed(policy.record.groups(), MOST) + 1,
    }
}

/// Flips of a group that are shown while nobody moves among them.
const MOST: usize = 8;

/// The lines of groups with so many flips each.
fn needed<'a>(groups: impl Iterator<Item = &'a FlipGroup>, most: usize) -> usize {
    groups.map(|group| 2 + group.count.min(most) + usize::from(group.count > most)).sum::<usize>() + 2
}

fn head(group: &FlipGroup) -> FlipLine {
    FlipLine::Head { direction: group.direction, count: group.count, tool: Arc::clone(&group.tool) }
}

/// Each group's smallest, its next ones and its edge, as far as there is room.
fn digest(policy: &Policy, cx: &Context<'_>, room: usize) -> Vec<FlipLine> {
    let groups: Vec<&FlipGroup> = policy.record.groups().collect();
    let needed = |most: usize| needed(groups.iter().copied(), most);
    let most = (1..=MOST).rev().find(|most| needed(*most) <= room).unwrap_or(1);
    let gap = (needed(most) <= room).then_some(FlipLine::Gap);
    let mut lines: Vec<FlipLine> = gap.iter().cloned().collect();
    let mut before = 0;
    for group in groups {
        if lines.len() >= room {
            return lines;
        }
        lines.push(head(group));
        for (at, (flip, tag)) in chosen(policy, group, most).into_iter().enumerate() {
            let at = if tag == "edge" { group.count - 1 } else { at };
            lines.push(row(policy, cx, &flip, before + at, tag));
        }
        if group.count > most {
            lines.push(FlipLine::More(group.count - most));
        }
        lines.extend(gap.clone());
        before += group.count;
    }
    lines.push(FlipLine::Same(policy.record.impact().summary().same));
    lines
}

/// The first ones of a group and its edge.
fn chosen(policy: &Policy, group: &FlipGroup, most: usize) -> Vec<(Flip, &'static str)> {
    let mut flips = policy.record.impact().flips(&group.tool, group.direction, 0..group.count.min(most));
    if group.count > most && most > 1 {
        flips.pop();
        flips.push(group.edge.clone());
    }
    let last = flips.len().saturating_sub(1);
    let tag = |at: usize| match at {
        _ if group.count == 1 => "",
        0 => "smallest",
        at if at == last && (group.count == flips.len() || most > 1) => "edge",
        _ => "",
    };
    let tags: Vec<_> = (0..flips.len()).map(tag).collect();
    flips.into_iter().zip(tags).collect()
}

/// The group the selected flip is in, around that flip.
fn window(policy: &Policy, cx: &Context<'_>, room: usize) -> Vec<FlipLine> {
    let record = &policy.record;
    let mut at = policy.flip;
    let mut group = None;
    for found in record.groups() {
        group = Some(found);
        if at < found.count {
            break;
        }
        at -= found.count;
    }
    let Some(group) = group.filter(|_| room >= 2) else { return Vec::new() };
    let room = room - 1;
    let top = at.saturating_sub(room / 2).min(group.count.saturating_sub(room));
    let flips = record.impact().flips(&group.tool, group.direction, top..group.count.min(top + room));
    let rows = (top..).zip(&flips).map(|(index, flip)| {
        let tag = match index {
            _ if group.count == 1 => "",
            0 => "smallest",
            index if index + 1 == group.count => "edge",
            _ => "",
        };
        row(policy, cx, flip, policy.flip - at + index, tag)
    });
    [head(group)].into_iter().chain(rows).collect()
}

fn row(policy: &Policy, cx: &Context<'_>, flip: &Flip, number: usize, tag: &'static str) -> FlipLine {
    let entity = entity(policy, cx, flip);
    let name = if entity.is_empty() { flip.operator.as_deref().unwrap_or_default().to_owned() } else { entity };
    let value = rule_notes::amount(&flip.worth).map(|value| value.number.to_string());
    let (rule, clause) = rule_notes::clause_of(policy, flip);
    FlipLine::Flip(FlipRow { number, name, value, rule, clause, tag, times: flip.times })
}

/// The entity of an action, as far as it is known by now.
fn entity(policy: &Policy, cx: &Context<'_>, flip: &Flip) -> String {
    let row = policy.record.live(flip.row).and_then(|id| cx.model.row(id));
    let disposed = row.and_then(|row| cx.model.disposed(row)).map(|disposed| &disposed.receipt.entity_key);
    let key = disposed.or_else(|| policy.record.called(flip.row).map(|brief| &brief.entity));
    key.map_or_else(String::new, |key| key.split_once(':').map_or(key.as_str(), |(_, id)| id).to_owned())
}
