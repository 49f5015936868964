//! The whole of the selected row, full width, and the line in which words are typed that are looked for in it.

use ratatui::layout::Rect;

use super::pager::{Landing, Pager};
use super::prompt::{self, Typed};
use super::{Live, Message, navigation};
use crate::console::screen::{Context, Effect};
use crate::console::text::cells;
use crate::console::theme::Role;
use crate::console::widgets::text_input::TextInput;
use crate::console::widgets::{Beside, HitMap, Motion, Pen};

/// The record that is open.
#[derive(Debug, Default)]
pub struct Record {
    pub(super) pager: Pager,
    /// The words being typed.
    line: Option<TextInput>,
    landing: Option<Landing>,
}

impl Record {
    /// True while words are typed.
    pub fn is_typed_in(&self) -> bool {
        self.line.is_some()
    }

    /// True when words were looked for, so that there is a next place.
    pub fn is_sought(&self) -> bool {
        !self.pager.words().is_empty()
    }

    /// Opens the line for words, empty.
    pub(super) fn find(&mut self) {
        (self.line, self.landing) = (Some(TextInput::default()), None);
    }

    /// Does what a key does in that line.
    pub(super) fn typed(&mut self, typed: Typed) {
        let Some(mut line) = self.line.take() else { return };
        match typed {
            Typed::Edit(edit) => line.edit(edit),
            Typed::Complete | Typed::CompleteBack => {}
            Typed::Accept => return,
            Typed::Abort => {
                self.pager.seek("");
                return;
            }
        }
        self.seek(line);
    }

    /// Takes what was pasted as text.
    pub(super) fn paste(&mut self, text: &str) {
        if let Some(mut line) = self.line.take() {
            line.paste(text);
            self.seek(line);
        }
    }

    fn seek(&mut self, line: TextInput) {
        self.landing = (!line.text().is_empty()).then(|| self.pager.seek(line.text()));
        self.line = Some(line);
    }

    /// Goes to the next place of the words, or the one before, and says which of how many that is.
    pub(super) fn beside(&mut self, beside: Beside) -> Effect {
        let landing = self.pager.beside(beside);
        let said = said(landing, self.pager.words());
        match (landing, beside) {
            (Landing::Found { around: true, .. }, Beside::Next) => Effect::say(format!("on from the start: {said}")),
            (Landing::Found { around: true, .. }, Beside::Previous) => Effect::say(format!("on from the end: {said}")),
            _ => Effect::say(said),
        }
    }

    /// Draws it over the body.
    pub(super) fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        let area = cx.frame().padded_body();
        let (columns, _) = cx.size;
        if area.height < 2 {
            return;
        }
        pen.clear(Rect { x: 0, width: columns, ..area }, pen.theme.canvas());
        pen.style(area, pen.theme.ground(Role::Bg));
        self.pager.draw(pen, area, (true, false), hits, Message::Line);
        if let Some(line) = &self.line {
            let row = Rect { y: area.bottom() - 1, height: 1, ..area };
            let ground = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text));
            pen.clear(row, ground);
            pen.put(row.x, row.y, 1, "/", pen.theme.bold(Role::Accent));
            let words = self.landing.map_or_else(|| "words to look for here".to_owned(), |at| said(at, line.text()));
            let stop = pen.put_right(row.x + row.width / 2, row.right() - 1, row.y, &words, pen.theme.ink(Role::Muted));
            let room = cells(usize::from(stop.saturating_sub(row.x + 3)));
            prompt::write(pen, Rect { x: row.x + 2, width: room, ..row }, line);
        }
    }
}

/// How much of the body it shows at once.
pub(super) fn window(cx: &Context<'_>) -> (u16, usize) {
    let area = cx.frame().padded_body();
    (area.width.saturating_sub(1), usize::from(area.height.saturating_sub(1)))
}

fn said(landing: Landing, words: &str) -> String {
    match landing {
        Landing::Found { at, of, .. } => format!("{at} of {of}"),
        Landing::Nowhere => format!("`{words}` does not stand here"),
    }
}

/// Opens the record after this one in the list, or the one before; the end of the list is said.
pub(super) fn turn_over(live: &mut Live, cx: &Context<'_>, beside: Beside) -> Option<Effect> {
    let before = live.selection().id();
    let (motion, end) = match beside {
        Beside::Next => (Motion::Down, "this is the newest of the list"),
        Beside::Previous => (Motion::Up, "this is the oldest that is read"),
    };
    navigation::move_selection(live, cx, motion);
    live.came_from = None;
    (live.selection().id() == before).then(|| Effect::say(end))
}
