//! Which section of one text stands for which of the other.

use std::collections::HashMap;
use std::ops::Range;

use super::lines::Lines;
use crate::kernel::sequence_diff::{self, Hunk};
use crate::pack::prompt::{Prompt, Section, SectionKind};

/// A section on one side or on both; the blocks of a comparison, in order, cover the lines of both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is to the contract.
    pub kind: SectionKind,
    /// The heading's text in the new version, else in the old.
    pub title: String,
    /// Its lines in the old version.
    pub old: Option<Range<usize>>,
    /// Its lines in the new version.
    pub new: Option<Range<usize>>,
    /// Where it stands on one side only here: the lines that the other side has of it elsewhere.
    pub elsewhere: Option<Range<usize>>,
}

impl Block {
    /// Whether both sides have it here.
    pub fn is_paired(&self) -> bool {
        self.old.is_some() && self.new.is_some()
    }
}

/// What sections are known by: their kind, for those that no contract has their title too, and the how manieth it is.
type Name<'a> = (SectionKind, &'a str, usize);

/// Pairs the sections of two prompts. Where their order differs, as many as can be stay in place.
pub fn of(old: (&Prompt, &Lines), new: (&Prompt, &Lines)) -> Vec<Block> {
    let (before, after) = (named(old.0, old.1), named(new.0, new.1));
    let (old_names, new_names) = (names(&before), names(&after));
    let (in_old, in_new) = (places(&before), places(&after));
    let mut blocks = Vec::new();
    let mut at = (0, 0);
    let end = Hunk { old: before.len()..before.len(), new: after.len()..after.len() };
    for hunk in sequence_diff::hunks(&old_names, &new_names).into_iter().chain([end]) {
        for (old, new) in before[at.0..hunk.old.start].iter().zip(&after[at.1..hunk.new.start]) {
            blocks.push(block(new.1, Some(old.2.clone()), Some(new.2.clone()), None));
        }
        for (name, section, lines) in &before[hunk.old.clone()] {
            blocks.push(block(section, Some(lines.clone()), None, in_new.get(name).cloned()));
        }
        for (name, section, lines) in &after[hunk.new.clone()] {
            blocks.push(block(section, None, Some(lines.clone()), in_old.get(name).cloned()));
        }
        at = (hunk.old.end, hunk.new.end);
    }
    blocks
}

fn block(
    section: &Section,
    old: Option<Range<usize>>,
    new: Option<Range<usize>>,
    elsewhere: Option<Range<usize>>,
) -> Block {
    Block { kind: section.kind, title: section.title.clone(), old, new, elsewhere }
}

type Named<'a> = (Name<'a>, &'a Section, Range<usize>);

fn names<'a>(sections: &[Named<'a>]) -> Vec<Name<'a>> {
    sections.iter().map(|(name, _, _)| *name).collect()
}

fn places<'a>(sections: &[Named<'a>]) -> HashMap<Name<'a>, Range<usize>> {
    sections.iter().map(|(name, _, lines)| (*name, lines.clone())).collect()
}

fn named<'a>(prompt: &'a Prompt, lines: &Lines) -> Vec<Named<'a>> {
    let mut seen: HashMap<(SectionKind, &str), usize> = HashMap::new();
    let sections = prompt.sections();
    // A mark before the first heading is of that heading's line, and the preamble then has none.
    let start = |section: &Section| if section.span.start == 0 { 0 } else { lines.at(section.span.start) };
    let ends = sections.iter().skip(1).map(start).chain([lines.len()]);
    sections
        .iter()
        .zip(ends)
        .map(|(section, end)| {
            let title = if section.kind == SectionKind::Further { section.title.as_str() } else { "" };
            let count = seen.entry((section.kind, title)).or_default();
            *count += 1;
            ((section.kind, title, *count), section, start(section).min(end)..end)
        })
        .collect()
}
