//! The whole of a row: its JSON, its diagnostics with their excerpts, what author code read and logged. It is made once
//! for a row, and laid out once for a width; the words of a line are made only for the part in view.

mod laid_out;

pub use laid_out::{LaidOut, Spot};

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Disposed, Fact, Loaded, Proposed};
use crate::kernel::json;
use crate::kernel::plan::PlannedAction;
use crate::kernel::receipt::Receipt;
use crate::kernel::sentences::reasoned_by;

use super::excerpt;
use super::plan_diff::PlanDiff;
use super::stages;
use super::summary::{place, summarize};
use crate::console::model::{Model, Row};
use crate::console::text::Charset;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Span;
use crate::console::widgets::json::Outline;

/// What is shown of a row, from top to bottom.
#[derive(Debug, Default)]
pub struct Document {
    /// What it is.
    pub title: &'static str,
    /// Which one.
    pub note: String,
    parts: Vec<Part>,
    charset: Charset,
}

/// How much of a row is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything, over the whole screen.
    Whole,
    /// What it is about, in a pane.
    Pane {
        /// Whether what it came from is shown too.
        unfolded: bool,
    },
}

#[derive(Debug)]
enum Part {
    Json(Source, Outline),
    Line(Vec<Span>),
    /// Wrapped to the width it is shown in.
    Prose(String, Role),
}

/// Which JSON text of a document: what is folded in it stays so when there is more around it.
#[derive(Debug, Clone, Copy)]
enum Source {
    Own,
    Plan,
    Envelope,
}

impl Document {
    /// The whole of a row, or what a pane shows of it; `past` says that the row is of a fault that stands no more.
    pub fn of(model: &Model, row: Row, view: View, past: bool, charset: Charset) -> Self {
        let Some(entry) = model.entry(row) else { return Self::default() };
        let mut document = Self { charset, ..Self::default() };
        let whole = view == View::Whole;
        let unfolded = view == View::Pane { unfolded: true };
        if whole {
            document.reason(model, row, past);
        } else if let Some(diff) = PlanDiff::of(model, row, charset).filter(|_| !unfolded) {
            document.parts.extend(diff.lines.into_iter().map(Part::Line));
            return Self { title: "Plan again", note: diff.note, ..document };
        }
        let envelope = model.arrival(row).and_then(|arrival| model.envelope(arrival));
        document.note = summarize(model, row).map_or_else(String::new, |summary| summary.subject.into_owned());
        match &entry.fact {
            Fact::Disposed(disposed) if whole => document.disposition(disposed),
            Fact::Disposed(disposed) => document.action(model, row, &disposed.receipt, unfolded),
            Fact::Held(held) => {
                document.action(model, row, &held.interrupted, unfolded);
                document.title = "Held";
                document.text(format!("waits for an answer since {}", held.since), Role::Alert);
            }
            Fact::Refused(refused) => {
                document.title = "Refused";
                document.text(format!("offered from {}", place(&refused.origin)), Role::Muted);
                document.diagnostics(&refused.diagnostics);
                document.envelope(refused.envelope.as_deref());
            }
            Fact::Received(received) => {
                document.title = "Envelope";
                document.diagnostics(&received.warnings);
            }
            Fact::Routed(_) => {
                document.title = "No match";
                let why = summarize(model, row).map_or_else(String::new, |summary| summary.sentence.into_owned());
                document.text(why, Role::Text);
            }
            Fact::Proposed(proposed) => document.plan(proposed),
            Fact::Loaded(loaded) => document.load(loaded),
            Fact::PolicyLoaded(stamp) => document.policy(&stamp.files, &stamp.diagnostics),
            Fact::RunStarted(started) => document.policy(&started.policy.files, &started.policy.diagnostics),
            Fact::Noticed(diagnostic) => {
                document.title = "Notice";
                document.diagnostics(std::slice::from_ref(diagnostic));
            }
            Fact::Answered(_)
            | Fact::Carried(_)
            | Fact::Acknowledged(_)
            | Fact::Claimed(_)
            | Fact::Listening(_)
            | Fact::Settled(_)
            | Fact::RunEnded(_) => {}
        }
        if whole || !matches!(entry.fact, Fact::Disposed(_)) {
            document.envelope(envelope);
        }
        document
    }

    /// Verdict and reason, before anything else.
    fn reason(&mut self, model: &Model, row: Row, past: bool) {
        if let Some(summary) = summarize(model, row) {
            let summary = if past { summary.past() } else { summary };
            let badge = summary.chip();
            let chip = format!("{} {}  ", badge.glyph.symbol(self.charset), badge.word);
            self.parts.push(Part::Line(vec![Span::bold(chip, badge.role), Span::bold(summary.sentence, Role::Text)]));
            self.parts.push(Part::Line(Vec::new()));
        }
        if let Some(again) = PlanDiff::of(model, row, self.charset) {
            self.heading("Beside the recorded plan");
            self.parts.extend(again.lines.into_iter().map(Part::Line));
            self.parts.push(Part::Line(Vec::new()));
        }
    }

    fn disposition(&mut self, disposed: &Disposed) {
        self.title = "Receipt";
        self.note = format!("{}  {}", disposed.receipt.tool, disposed.receipt.entity_key);
        self.heading("Stages");
        self.parts.extend(stages::lines(disposed, self.charset).into_iter().map(Part::Line));
        self.heading("Receipt");
        self.json(Source::Own, serde_json::to_string(&*disposed.receipt).unwrap_or_default());
    }

    /// The action as it was judged, and what it came from folded below it.
    fn action(&mut self, model: &Model, row: Row, receipt: &Receipt, unfolded: bool) {
        self.title = "Action";
        self.note = format!("{}  {}", receipt.tool, receipt.entity_key);
        let action = PlannedAction::from(receipt);
        self.json(Source::Own, serde_json::to_string(&action).unwrap_or_default());
        let folded = Glyph::Folded.symbol(self.charset);
        if !unfolded {
            self.text(format!("{folded} plan {}", receipt.plan_id), Role::Muted);
            self.text(format!("{folded} envelope {}", receipt.event_id), Role::Muted);
            return;
        }
        let Some(arrival) = model.arrival(row) else { return };
        let plan = model.about(arrival).find_map(|(_, fact)| match fact {
            Fact::Proposed(proposed) if proposed.plan_id == receipt.plan_id => proposed.plan.as_ref(),
            _ => None,
        });
        if let Some(plan) = plan {
            self.heading(&format!("plan {}", receipt.plan_id));
            self.json(Source::Plan, plan.as_str().to_owned());
        }
        self.envelope(model.envelope(arrival));
    }

    fn plan(&mut self, proposed: &Proposed) {
        self.title = "Plan";
        self.text(format!("{} by {} at {}", proposed.plan_id, proposed.operator, proposed.revision), Role::Muted);
        if let Some(by) = reasoned_by(&proposed.reasoned) {
            self.text(format!("reasoned by {by}"), Role::Muted);
        }
        self.diagnostics(proposed.failure.as_slice());
        if let Some(plan) = &proposed.plan {
            self.json(Source::Plan, plan.as_str().to_owned());
        }
        for read in &proposed.reads {
            let said = read.result.as_ref().map(json::Raw::as_str).or(read.error.as_deref()).unwrap_or("nothing");
            let gave = if read.recorded { "gave, as recorded," } else { "gave" };
            self.text(format!("read {} {} {gave} {said}", read.capability, read.args.as_str()), Role::Muted);
        }
        for log in &proposed.logs {
            self.text(format!("{} {}", log.level, log.text), Role::Muted);
        }
    }

    fn load(&mut self, loaded: &Loaded) {
        self.title = "Author code";
        let running = match &loaded.running {
            Some(digest) => format!("{} of {} keeps running", digest, loaded.name),
            None => format!("nothing of {} runs", loaded.name),
        };
        self.text(format!("{} {} from {}; {running}", loaded.kind.word(), loaded.name, loaded.file), Role::Muted);
        self.diagnostics(loaded.failure.as_slice());
    }

    fn policy(&mut self, files: &[String], diagnostics: &[Diagnostic]) {
        self.title = "Policy";
        let files = if files.is_empty() { "no file".to_owned() } else { files.join(", ") };
        self.text(format!("in force: {files}"), Role::Muted);
        self.diagnostics(diagnostics);
    }

    fn envelope(&mut self, envelope: Option<&EventEnvelope>) {
        if let Some(envelope) = envelope {
            if self.title != "Envelope" {
                self.heading("Envelope");
            }
            self.json(Source::Envelope, serde_json::to_string(envelope).unwrap_or_default());
        }
    }

    fn diagnostics(&mut self, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let role = if diagnostic.is_error() { Role::Failed } else { Role::Alert };
            if let Some(place) = diagnostic.place().or_else(|| diagnostic.pointer.clone()) {
                self.text(place, Role::Accent);
            }
            self.text(diagnostic.message.clone(), role);
            if let Some(excerpt) = &diagnostic.excerpt {
                let file = diagnostic.file.as_deref().unwrap_or_default();
                self.parts.extend(excerpt::lines(excerpt, file, self.charset).into_iter().map(Part::Line));
            }
            if let Some(help) = &diagnostic.help {
                self.text(help.clone(), Role::Text);
            }
            self.parts.push(Part::Line(Vec::new()));
        }
    }

    fn heading(&mut self, text: &str) {
        let parted = self.parts.last().is_none_or(|last| matches!(last, Part::Line(spans) if spans.is_empty()));
        if !parted {
            self.parts.push(Part::Line(Vec::new()));
        }
        self.parts.push(Part::Line(vec![Span::bold(text, Role::Text)]));
    }

    fn text(&mut self, text: String, role: Role) {
        self.parts.push(Part::Prose(text, role));
    }

    fn json(&mut self, source: Source, text: String) {
        self.parts.push(Part::Json(source, Outline::of(text)));
    }
}
