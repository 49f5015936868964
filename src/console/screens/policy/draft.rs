//! A draft: the text of a policy file under a person's hands, what it says, what it last said that could be read, and
//! where it differs from what is on disk. It is never in force; only a save can make it so.

use std::ops::Range;
use std::sync::Arc;

use super::incremental_reader::Reader;
use super::inline_diagnostics::{Note, notes};
use super::last_good::Good;
use super::line_diff::{Hunk, hunks};
use crate::console::editor::Editor;
use crate::console::model::Catalogue;
use crate::kernel::capability::Vocabulary;
use crate::kernel::decimal::Decimal;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::policy::TrustPolicy;

/// The draft of one file.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The file, as a person names it.
    pub file: String,
    /// Its text.
    pub editor: Editor,
    /// What is on disk, as last heard of.
    base: String,
    /// The same, in lines.
    base_lines: Arc<[String]>,
    /// True while there is a file.
    there: bool,
    reader: Reader,
    /// The version of the text that was read, and of the catalogue.
    read: Option<(u64, u64)>,
    faults: Vec<Diagnostic>,
    good: Good,
    notes: Vec<Note>,
    /// Those of them that are about the text alone.
    own: Vec<Note>,
    changes: Changes,
    /// The version of the text that was last kept for after a crash.
    pub kept: u64,
}

/// Where the text differs from what is on disk.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    hunks: Vec<Hunk>,
    base: Arc<[String]>,
}

impl Draft {
    /// A draft that says what is on disk; none there is an empty one.
    pub fn new(file: String, on_disk: Option<String>, vocabulary: Arc<Vocabulary>) -> Self {
        let there = on_disk.is_some();
        let base = on_disk.unwrap_or_default();
        Self {
            editor: Editor::new(base.clone()),
            reader: Reader::new(file.clone(), vocabulary),
            file,
            base_lines: lines(&base).into(),
            base,
            there,
            read: None,
            faults: Vec::new(),
            good: Good::default(),
            notes: Vec::new(),
            own: Vec::new(),
            changes: Changes::default(),
            kept: 0,
        }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        self.editor.text().as_str()
    }

    /// What is on disk, where there is a file.
    pub fn on_disk(&self) -> Option<&str> {
        self.there.then_some(self.base.as_str())
    }

    /// True when it says something else than what is on disk.
    pub fn is_changed(&self) -> bool {
        self.text() != self.base
    }

    /// What is on disk is something else now.
    pub fn rebase(&mut self, on_disk: Option<&str>) {
        self.there = on_disk.is_some();
        on_disk.unwrap_or_default().clone_into(&mut self.base);
        self.base_lines = lines(&self.base).into();
        self.read = None;
    }

    /// What the text last said that could be read.
    pub fn good(&self) -> &Good {
        &self.good
    }

    /// True when the text can be read.
    pub fn loads(&self) -> bool {
        self.faults.is_empty()
    }

    /// What is wrong with it.
    pub fn faults(&self) -> &[Diagnostic] {
        &self.faults
    }

    /// What is said under its lines, in order.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What the text alone says of itself.
    pub fn own_notes(&self) -> &[Note] {
        &self.own
    }

    /// What is said under one of them.
    pub fn under(&self, line: usize) -> &[Note] {
        let start = self.notes.partition_point(|note| note.line < line);
        let end = self.notes.partition_point(|note| note.line <= line);
        &self.notes[start..end]
    }

    /// Where it differs from what is on disk.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// The names rules may use.
    pub fn vocabulary(&self) -> &Vocabulary {
        self.reader.vocabulary()
    }

    /// Reads the text again where it changed; true when it says other rules now.
    pub fn refresh(&mut self, catalogue: &Catalogue) -> bool {
        let now = (self.editor.version(), catalogue.version);
        if self.read == Some(now) {
            return false;
        }
        self.read = Some(now);
        let text = self.editor.text().as_str();
        self.changes = Changes { hunks: hunks(&self.base, text), base: Arc::clone(&self.base_lines) };
        let mut other = false;
        match self.reader.read(text) {
            Ok(read) => {
                self.faults.clear();
                other = self.good.version == 0 || !alike(&self.good.rules, &read.rules);
                let version = self.good.version + u64::from(other);
                self.good = Good {
                    rules: read.rules,
                    warnings: read.warnings,
                    version,
                    text: text.to_owned(),
                    moved: Vec::new(),
                };
            }
            Err(faults) => {
                self.faults = faults;
                self.good.moved = hunks(&self.good.text, text);
            }
        }
        self.own = notes(self.editor.text(), &self.faults, &self.good, catalogue);
        self.notes.clone_from(&self.own);
        other
    }

    /// Says more under its lines: what the record and the other rules make of its rules. A rule of which the text alone
    /// says something already is left at that.
    pub fn say(&mut self, more: &[Note]) {
        self.notes.clone_from(&self.own);
        let own = &self.own;
        let doubted = |note: &Note| {
            let next = more.iter().map(|other| other.range.start).filter(|start| *start > note.range.start).min();
            own.iter().any(|own| own.range.start >= note.range.start && next.is_none_or(|next| own.range.start < next))
        };
        self.notes.extend(more.iter().filter(|note| !doubted(note)).cloned());
        self.notes.sort_by_key(|note| (note.line, note.severity == crate::kernel::diagnostic::Severity::Warning));
    }

    /// The line, from 0, a rule of the last good text starts on now.
    pub fn line_of(&self, rule: &TrustPolicy) -> Option<usize> {
        let line = usize::try_from(rule.origin.line?).ok()?.checked_sub(1)?;
        if self.loads() {
            return Some(line);
        }
        Some(self.good.line_now(line).min(self.editor.text().lines() - 1))
    }

    /// The bytes of the text at which a rule's value for a key stands.
    pub fn value_of(&self, rule: &TrustPolicy, key: &str) -> Option<Range<usize>> {
        super::inline_diagnostics::value_of(self.editor.text(), rule, key)
    }
}

fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned()).collect()
}

/// True when rules judge alike, wherever they stand.
fn alike(a: &[TrustPolicy], b: &[TrustPolicy]) -> bool {
    let same = |(a, b): (&TrustPolicy, &TrustPolicy)| {
        a.tool == b.tool
            && a.connector == b.connector
            && a.decision == b.decision
            && a.predicate == b.predicate
            && a.guard == b.guard
            && a.max_value.as_ref().map(Decimal::as_str) == b.max_value.as_ref().map(Decimal::as_str)
    };
    a.len() == b.len() && a.iter().zip(b).all(same)
}

/// What a line was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Was<'a> {
    /// It was not there.
    New,
    /// It read like this.
    This(&'a str),
}

impl Changes {
    /// How many places differ.
    pub fn count(&self) -> usize {
        // Lines that changed one by one count one by one, as a person sees them.
        let many = |hunk: &Hunk| if hunk.old.len() == hunk.new.len() { hunk.new.len() } else { 1 };
        self.hunks.iter().map(many).sum()
    }

    /// What a line was, where it differs.
    pub fn was(&self, line: usize) -> Option<Was<'_>> {
        let at = self.hunks.partition_point(|hunk| hunk.new.end <= line);
        let hunk = self.hunks.get(at).filter(|hunk| hunk.new.contains(&line))?;
        let old = hunk.old.start + (line - hunk.new.start);
        let paired = hunk.old.len() == hunk.new.len();
        Some(if paired { Was::This(self.base.get(old)?) } else { Was::New })
    }
}
