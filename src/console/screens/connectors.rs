//! The Connectors screen: what is loaded, from which file, at which revision, what of it is tied to what, and why a piece
//! did not load. It changes nothing.
//!
//! It owns which piece is selected. What is loaded is the model's; it must not know other screens or the shell.

mod commands;
#[cfg(test)]
mod tests;
mod view;

use crate::console::keys::{Group, ScreenId};
use crate::console::model::Catalogue;
use crate::console::present::excerpt;
use crate::console::present::source_location::At;
use crate::console::screen::{Command, Context, Effect, Screen};
use crate::console::widgets::{HitMap, Motion, Pen, Span};
use crate::kernel::diagnostic::Excerpt;
use crate::kernel::journal::{CodeKind, Loaded};

/// Where a person is among what is loaded.
#[derive(Debug, Default)]
pub struct Connectors {
    /// Index of the selected piece.
    selected: usize,
    /// What the piece is called that a person chose: it stays selected when others come and go.
    pinned: Option<(CodeKind, String)>,
    /// Index of the first piece in view.
    top: usize,
    /// Where the selected piece is at fault, and that excerpt as coloured lines, made once for each fault.
    fault: Option<(Excerpt, Vec<Vec<Span>>)>,
}

/// What a person can want of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Move among the pieces.
    Move(Motion),
    /// Select the piece at that index.
    Select(usize),
    /// Open the selected piece's file in an editor, at the fault where it has one.
    OpenSource,
}

impl Connectors {
    /// The selected piece.
    pub fn piece<'a>(&self, catalogue: &'a Catalogue) -> Option<&'a Loaded> {
        catalogue.pieces().nth(self.selected)
    }

    fn select(&mut self, catalogue: &Catalogue, index: usize) {
        self.selected = index.min(catalogue.pieces().len().saturating_sub(1));
        self.pinned = self.piece(catalogue).map(|piece| (piece.kind, piece.name.clone()));
    }

    /// The source at the selected piece's fault, as coloured lines; none where it has none.
    fn fault_lines(&self) -> &[Vec<Span>] {
        self.fault.as_ref().map_or(&[], |(_, lines)| lines)
    }

    /// Colours the selected piece's fault, unless it is the one that is coloured already.
    fn colour_fault(&mut self, cx: &Context<'_>) {
        let failure = self.piece(&cx.model.catalogue).and_then(|piece| piece.failure.as_ref());
        let found = failure.and_then(|failure| Some((failure.excerpt.as_ref()?, failure.file.as_deref()?)));
        if found.map(|(excerpt, _)| excerpt) != self.fault.as_ref().map(|(excerpt, _)| excerpt) {
            self.fault = found.map(|(excerpt, file)| (excerpt.clone(), excerpt::lines(excerpt, file, cx.charset)));
        }
    }
}

impl Screen for Connectors {
    type Message = Message;
    const ID: ScreenId = ScreenId(5);
    const NAME: &'static str = "Connectors";
    const COMMAND: &'static str = "connectors";
    const KEY: &'static [&'static str] = &["5"];
    const ABOUT: &'static str = "What is loaded and whether it can fire.";
    const GROUPS: &'static [Group] = commands::GROUPS;
    const COMMANDS: &'static [Command<Self>] = commands::COMMANDS;

    fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        view::draw(pen, self, cx, hits);
    }

    fn update(&mut self, cx: &Context<'_>, message: Message) -> Vec<Effect> {
        let catalogue = &cx.model.catalogue;
        match message {
            Message::Move(motion) => {
                let (page, total) = (view::page(cx), catalogue.pieces().len());
                self.select(catalogue, motion.applied(self.selected, page, total));
            }
            Message::Select(index) => self.select(catalogue, index),
            Message::OpenSource => return self.piece(catalogue).map(open).into_iter().collect(),
        }
        self.colour_fault(cx);
        Vec::new()
    }

    fn refresh(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        let catalogue = &cx.model.catalogue;
        let pinned = self.pinned.as_ref();
        let found = pinned
            .and_then(|(kind, name)| catalogue.pieces().position(|piece| piece.kind == *kind && piece.name == *name));
        let chosen = self.pinned.is_some();
        self.select(catalogue, found.unwrap_or(self.selected));
        // Before a person has chosen, the first piece is selected, whichever that is by now.
        self.pinned = self.pinned.take().filter(|_| chosen);
        let page = view::page(cx);
        let last_top = catalogue.pieces().len().saturating_sub(page);
        // INVARIANT: top <= selected < top + page.
        self.top = self.top.clamp((self.selected + 1).saturating_sub(page), self.selected).min(last_top);
        self.colour_fault(cx);
        Vec::new()
    }

    fn moved(motion: Motion) -> Option<Message> {
        Some(Message::Move(motion))
    }
}

/// Where the selected piece is written; where it did not load, at the fault.
fn open(piece: &Loaded) -> Effect {
    let fault = piece.failure.as_ref().and_then(|fault| Some((fault.file.clone()?, fault.line.unwrap_or(1))));
    let (file, line) = fault.unwrap_or_else(|| (piece.file.clone(), 1));
    Effect::Edit { file, at: At::Line(line) }
}
