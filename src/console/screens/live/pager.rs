//! A document in a window of lines: a line of it is in hand, and the value that line is part of folds. It is made when
//! what it shows has changed, never while it is drawn.

use ratatui::layout::Rect;

use super::Message;
use crate::console::model::{Known, Row};
use crate::console::present::document::{Document, LaidOut, Spot, View};
use crate::console::screen::Context;
use crate::console::text::grouped;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::json::Folds;
use crate::console::widgets::{Beside, HitMap, Motion, Pen};

/// What is shown of a row, and which lines of that are in view.
#[derive(Debug, Default)]
pub struct Pager {
    page: LaidOut,
    shows: Option<Shows>,
    /// The first line in view, and how many are.
    top: usize,
    height: usize,
    /// The line in hand.
    line: usize,
    sought: Sought,
}

/// What was known when the document was made: where it is the same, so is the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shows {
    row: Row,
    view: View,
    open: usize,
    known: Known,
    past: bool,
}

/// What was looked for last, and where it stands.
#[derive(Debug, Default)]
struct Sought {
    words: String,
    spots: Vec<Spot>,
}

/// Where looking for words led.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// To the `at`th place of so many.
    Found {
        /// Counted from 1.
        at: usize,
        /// How many there are.
        of: usize,
        /// True when it went past the end and on from the other one.
        around: bool,
    },
    /// Nowhere: the words do not stand here.
    Nowhere,
}

impl Pager {
    /// Shows a row as it is known now, in so many columns and rows; `open` says how deep values are shown open at first.
    pub fn show(&mut self, cx: &Context<'_>, row: Row, view: View, open: usize, (columns, height): (u16, usize)) {
        let shows = Shows { row, view, open, known: cx.model.known(row), past: cx.faults.is_past(row.id()) };
        let before = self.shows.replace(shows);
        if before != self.shows {
            let document = Document::of(cx.model, row, view, shows.past, cx.charset);
            let same =
                before.is_some_and(|before| (before.row.id(), before.view, before.open) == (row.id(), view, open));
            if same {
                // Folds and the line in hand stay where a person put them.
                let at = self.page.spot(self.line);
                self.page.renew(document);
                self.line = at.and_then(|spot| self.page.line_of(spot)).unwrap_or(self.line);
                self.sought.spots = self.page.with(&self.sought.words);
            } else {
                self.page = LaidOut::new(document, Folds::to(open), columns);
                (self.top, self.line, self.sought) = (0, 0, Sought::default());
            }
        }
        self.page.fit(columns);
        self.height = height.max(1);
        self.take(self.line);
    }

    /// Shows nothing any more.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Moves the line in hand.
    pub fn go(&mut self, motion: Motion) {
        self.take(motion.applied(self.line, self.height, self.page.count()));
    }

    /// Takes a line in hand and brings it in view.
    fn take(&mut self, line: usize) {
        let total = self.page.count();
        self.line = line.min(total.saturating_sub(1));
        let last_top = total.saturating_sub(self.height);
        self.top = self.top.clamp((self.line + 1).saturating_sub(self.height), self.line).min(last_top);
    }

    /// Folds the value of the line in hand, or shows it open; false where the line is part of none.
    pub fn fold(&mut self) -> bool {
        let line = self.page.turn(self.line);
        if let Some(line) = line {
            self.take(line);
        }
        line.is_some()
    }

    /// Folds everything nested, or shows everything open.
    pub fn fold_all(&mut self) {
        let open = if *self.page.folds() == Folds::to(usize::MAX) { 1 } else { usize::MAX };
        self.page.fold(Folds::to(open));
        (self.top, self.line) = (0, 0);
    }

    /// A click on a line: takes it in hand; on the line in hand, folds.
    pub fn click(&mut self, line: usize) {
        if line == self.line {
            self.fold();
        } else {
            self.take(line);
        }
    }

    /// The words that were looked for last.
    pub fn words(&self) -> &str {
        &self.sought.words
    }

    /// Looks for words, from the line in hand on.
    pub fn seek(&mut self, words: &str) -> Landing {
        self.sought = Sought { words: words.to_owned(), spots: self.page.with(words) };
        let from = self.page.spot(self.line);
        let at = self.sought.spots.partition_point(|spot| Some(*spot) < from);
        self.land(at, at == self.sought.spots.len())
    }

    /// Goes to the next place of the words, or to the one before.
    pub fn beside(&mut self, beside: Beside) -> Landing {
        let (from, spots) = (self.page.spot(self.line), &self.sought.spots);
        let (at, around) = match beside {
            Beside::Next => {
                let at = spots.partition_point(|spot| Some(*spot) <= from);
                (at, at == spots.len())
            }
            Beside::Previous => {
                let before = spots.partition_point(|spot| Some(*spot) < from).checked_sub(1);
                (before.unwrap_or(spots.len().saturating_sub(1)), before.is_none())
            }
        };
        self.land(at, around)
    }

    fn land(&mut self, at: usize, around: bool) -> Landing {
        let of = self.sought.spots.len();
        let at = if at < of { at } else { 0 };
        let Some(spot) = self.sought.spots.get(at).copied() else { return Landing::Nowhere };
        if let Some(line) = self.page.show(spot) {
            self.take(line);
        }
        Landing::Found { at: at + 1, of, around }
    }

    /// Draws it under its heading; `focus` says that it has the keys, `zoomed` that it has the whole body in place of the
    /// lists. A click on a line sends what `clicked` makes of it.
    pub fn draw(
        &self,
        pen: &mut Pen<'_>,
        area: Rect,
        (focus, zoomed): (bool, bool),
        hits: &mut HitMap<Message>,
        clicked: impl Fn(usize) -> Message,
    ) {
        if area.height < 2 {
            return;
        }
        let total = self.page.count();
        let room = usize::from(area.height - 1);
        let top = self.top.min(total.saturating_sub(room));
        let below = total.saturating_sub(top + room);
        let arrow = |glyph, count: usize| (count > 0).then(|| format!("{} {}", pen.theme.glyph(glyph), grouped(count)));
        let zoom = (focus && zoomed).then(|| "ZOOM".to_owned());
        let cut = [zoom, arrow(Glyph::Up, top), arrow(Glyph::Down, below)];
        let cut: Vec<_> = cut.into_iter().flatten().collect();
        let mark = (!cut.is_empty()).then(|| (cut.join(" "), if focus { Role::Alert } else { Role::Muted }));
        heading(pen, area, &Heading { title: self.page.title(), mark, count: self.page.note().to_owned(), focus });
        for ((at, line), y) in self.page.lines(top, room).iter().enumerate().zip(area.y + 1..area.bottom()) {
            let whole = Rect { y, height: 1, ..area };
            pen.spans(area.x + 1, y, area.width.saturating_sub(1), line);
            hits.add(whole, clicked(top + at));
            if focus && top + at == self.line {
                pen.style(whole, pen.theme.ground(Role::Sel));
                pen.put(area.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
            }
        }
    }
}
