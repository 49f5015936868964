//! What keeps a text from being a prompt contract, each with its place and what to do.

use std::collections::HashMap;

use super::outline::{Outline, is_blank};
use super::{MAX_FAULTS, Section, SectionKind, SectionName};
use crate::kernel::diagnostic::{Diagnostic, nearest};
use crate::kernel::json::Span;

/// A finding and where it belongs; line and excerpt are made only for those that are told.
pub type Fault = (Span, Diagnostic);

/// What is wrong with the sections of a text.
pub fn of(text: &str, outline: &mut Outline) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(outline.front_matter.iter().map(|block| front_matter(text, block)));
    faults.extend(preamble(text, outline));
    faults.extend(near_names(&mut outline.sections));
    faults.extend(further(&outline.sections));
    faults.extend(repeated(text, &outline.sections));
    faults.extend(missing(text, &outline.sections));
    faults.extend(order(&outline.sections));
    faults.extend(empty(outline));
    faults
}

/// The first of the faults in the order of the text, with their places.
pub fn told(text: &str, mut faults: Vec<Fault>) -> Vec<Diagnostic> {
    // Errors first: a text with many warnings must not hide what keeps it from being used.
    faults.sort_by_key(|(span, fault)| (!fault.is_error(), span.start));
    faults.truncate(MAX_FAULTS);
    faults.sort_by_key(|(span, _)| span.start);
    faults.into_iter().map(|(span, fault)| fault.at_span(text, &span, 1)).collect()
}

/// The user's text as a sentence has it: what is long is cut, the excerpt has the place.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Characters of the user's text in a sentence.
const LONGEST_QUOTE: usize = 60;

/// Settings that nothing reads would be believed to be in force.
fn front_matter(text: &str, block: &Span) -> Fault {
    let fence = block.start..block.start + text[block.clone()].find(['\n', '\r']).unwrap_or(block.len());
    let fault = Diagnostic::error("a prompt contract has no front matter: nothing reads settings in it")
        .help("remove the block; the pack's `index.ts` says its name and version");
    (fence, fault)
}

fn preamble(text: &str, outline: &Outline) -> Option<Fault> {
    let section = outline.sections.first()?;
    let start = outline.front_matter.as_ref().map_or(section.span.start, |block| block.end);
    let end = section.span.end;
    let first = text[start..end].find(|c: char| !is_blank(c.encode_utf8(&mut [0; 4])))?;
    let line = first_line(text, start + first, end);
    let fault = Diagnostic::warning("text before the first heading belongs to no section")
        .help("move it into `# Goal`, or remove it");
    Some((line, fault))
}

fn first_line(text: &str, start: usize, end: usize) -> Span {
    start..text[start..end].find(['\n', '\r']).map_or(end, |length| start + length)
}

/// A heading that is nearly that of a section which is missing is taken for it: one fault is told, not three.
fn near_names(sections: &mut [Section]) -> Vec<Fault> {
    let mut missing: Vec<_> = SectionName::ALL.into_iter().filter(|name| !has(sections, *name)).collect();
    let mut faults = Vec::new();
    for section in sections.iter_mut().filter(|section| section.kind == SectionKind::Further) {
        let near = nearest(&section.title, missing.iter().map(|name| name.word())).and_then(SectionName::of);
        let Some(name) = near else { continue };
        missing.retain(|other| *other != name);
        section.kind = SectionKind::Contract(name);
        let fault = Diagnostic::error(format!("`# {}` is not the heading of a section", short(&section.title)))
            .help(format!("write `# {}`", name.word()));
        faults.push((section.heading.clone(), fault));
    }
    faults
}

fn has(sections: &[Section], name: SectionName) -> bool {
    sections.iter().any(|section| section.kind == SectionKind::Contract(name))
}

fn further(sections: &[Section]) -> impl Iterator<Item = Fault> {
    sections.iter().filter(|section| section.kind == SectionKind::Further).map(|section| {
        let title = short(&section.title);
        let message = if title.is_empty() {
            "a heading without a text begins a section without a name".to_owned()
        } else {
            format!("`# {title}` is none of the four sections of a prompt contract")
        };
        let help = "make it a part of one of them with `##`, or fold it into their text";
        (section.heading.clone(), Diagnostic::warning(message).help(help))
    })
}

fn repeated(text: &str, sections: &[Section]) -> Vec<Fault> {
    let mut first: HashMap<SectionName, &Section> = HashMap::new();
    let mut faults = Vec::new();
    for section in sections {
        let SectionKind::Contract(name) = section.kind else { continue };
        let Some(earlier) = first.get(&name) else {
            first.insert(name, section);
            continue;
        };
        let line = crate::kernel::json::position(text, earlier.heading.start).line;
        let fault = Diagnostic::error(format!("`# {}` stands twice, on line {line} too", name.word()))
            .help("write what both say under one of them");
        faults.push((section.heading.clone(), fault));
        if faults.len() == MAX_FAULTS {
            break;
        }
    }
    faults
}

fn missing(text: &str, sections: &[Section]) -> Vec<Fault> {
    let absent = SectionName::ALL.into_iter().filter(|name| !has(sections, *name));
    absent
        .map(|name| {
            let message = format!("`# {}` is missing", name.word());
            let (span, help) = near_heading(text, sections, name).unwrap_or_else(|| place_for(text, sections, name));
            (span, Diagnostic::error(message).help(help))
        })
        .collect()
}

/// A line that was meant to be the heading and is none.
fn near_heading(text: &str, sections: &[Section], name: SectionName) -> Option<(Span, String)> {
    let mut start = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let at = start;
        start += line.len();
        let bare = line.trim_start_matches([' ', '\t', '>', '-', '*', '\u{feff}']).trim_end();
        let title = bare.trim_start_matches('#');
        let level = bare.len() - title.len();
        if level == 0 || !title.trim().eq_ignore_ascii_case(name.word()) {
            continue;
        }
        let span = at..at + line.trim_end().len();
        if sections.iter().any(|section| section.heading.start < span.end && span.start < section.heading.end) {
            continue;
        }
        let word = name.word();
        let help = if level > 1 {
            format!("a section begins with one `#`: write `# {word}`")
        } else if title.starts_with(char::is_whitespace) {
            "this line is in a code block, a list, a quote or HTML, where it begins no section".to_owned()
        } else {
            format!("write a space after `#`: `# {word}`")
        };
        return Some((span, help));
    }
    None
}

/// Where a section that is missing would begin: before the first that comes after it, else at the end.
fn place_for(text: &str, sections: &[Section], name: SectionName) -> (Span, String) {
    let follows = |section: &&Section| matches!(section.kind, SectionKind::Contract(other) if other > name);
    let at = sections.iter().find(follows).map_or(text.len(), |section| section.span.start);
    (at..at, format!("write `# {}` here: {}", name.word(), name.purpose()))
}

fn order(sections: &[Section]) -> Option<Fault> {
    let mut last: Option<SectionName> = None;
    let mut seen = Vec::new();
    for section in sections {
        let SectionKind::Contract(name) = section.kind else { continue };
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        if let Some(before) = last.filter(|before| *before > name) {
            let message = format!("`# {}` stands after `# {}`", name.word(), before.word());
            let fault = Diagnostic::error(message).help("the order is Goal, Constraints, Output, Refusal");
            return Some((section.heading.clone(), fault));
        }
        last = Some(name);
    }
    None
}

fn empty(outline: &Outline) -> Vec<Fault> {
    let silent = outline.sections.iter().zip(&outline.says).filter(|(_, says)| !**says);
    let named = silent.filter_map(|(section, _)| match section.kind {
        SectionKind::Contract(name) => Some((section, name)),
        _ => None,
    });
    named
        .take(MAX_FAULTS)
        .map(|(section, name)| {
            let fault = Diagnostic::error(format!("`# {}` says nothing", name.word()))
                .help(format!("write under it {}", name.purpose()));
            (section.heading.clone(), fault)
        })
        .collect()
}
