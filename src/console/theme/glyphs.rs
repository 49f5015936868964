//! Shapes that carry meaning without colour, each with its ASCII twin.

use crate::console::text::Charset;

/// A shape with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// Allowed, applied, passed.
    Allow,
    /// Acted and raised; a warning.
    Alert,
    /// The same, acknowledged.
    Seen,
    /// Stopped by policy.
    Block,
    /// Key already used.
    Dedup,
    /// Refused.
    Refused,
    /// Handler or author code failed.
    Failed,
    /// Empty plan.
    Refusal,
    /// No trigger matched.
    NoMatch,
    /// Can fire for real.
    Real,
    /// Not reached, nothing to say.
    Dot,
    /// Mark of the selected row.
    Bar,
    /// Light rule.
    Rule,
    /// Heavy rule, of the pane in focus.
    Heavy,
    /// Newer rows below.
    Down,
    /// Older rows above.
    Up,
    /// Parts of a path.
    Path,
    /// Folded away.
    Folded,
    /// Was there and is no more.
    Dropped,
    /// What it would come to.
    Leads,
    /// Something is not saved.
    Draft,
    /// The same as before.
    Same,
}

impl Glyph {
    /// The character that draws it; always one cell wide.
    pub fn symbol(self, charset: Charset) -> &'static str {
        let (unicode, ascii) = match self {
            Self::Allow => ("✓", "+"),
            Self::Alert => ("▲", "!"),
            Self::Seen => ("△", "'"),
            Self::Block => ("■", "#"),
            Self::Dedup => ("≡", "="),
            Self::Refused => ("∅", "-"),
            Self::Failed => ("✗", "x"),
            Self::Refusal => ("◇", "o"),
            Self::NoMatch | Self::Leads => ("→", ">"),
            Self::Real => ("◆", "*"),
            Self::Dot => ("·", "."),
            Self::Bar => ("▌", ">"),
            Self::Rule => ("─", "-"),
            Self::Heavy => ("━", "="),
            Self::Down => ("↓", "v"),
            Self::Up => ("↑", "^"),
            Self::Path => ("›", ">"),
            Self::Folded => ("▸", ">"),
            Self::Dropped => ("−", "-"),
            Self::Draft => ("●", "o"),
            Self::Same => ("=", "="),
        };
        match charset {
            Charset::Unicode => unicode,
            Charset::Ascii => ascii,
        }
    }
}

/// The characters of a border: corners from the top left clockwise, then the sides.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Top left, top right, bottom right, bottom left.
    pub corners: [&'static str; 4],
    /// Top and bottom.
    pub across: &'static str,
    /// Left and right.
    pub down: &'static str,
}

impl Frame {
    /// The border of a character set.
    pub fn of(charset: Charset) -> Self {
        match charset {
            Charset::Unicode => Self { corners: ["╭", "╮", "╯", "╰"], across: "─", down: "│" },
            Charset::Ascii => Self { corners: ["+"; 4], across: "-", down: "|" },
        }
    }
}

/// Where lines of one cell meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a side has a line or has none")]
pub struct Joint {
    /// A line to the cell above.
    pub up: bool,
    /// To the one below.
    pub down: bool,
    /// To the left.
    pub left: bool,
    /// To the right.
    pub right: bool,
}

impl Joint {
    /// The character that draws it; always one cell wide.
    pub fn symbol(self, charset: Charset) -> &'static str {
        let (unicode, ascii) = match (self.up, self.down, self.left, self.right) {
            (false, false, _, _) => ("─", "-"),
            (_, _, false, false) => ("│", "|"),
            (false, true, true, false) => ("╮", "+"),
            (true, false, true, false) => ("╯", "+"),
            (true, false, false, true) => ("╰", "+"),
            (false, true, false, true) => ("╭", "+"),
            (true, true, false, true) => ("├", "+"),
            (true, true, true, false) => ("┤", "+"),
            (false, true, true, true) => ("┬", "+"),
            (true, false, true, true) => ("┴", "+"),
            (true, true, true, true) => ("┼", "+"),
        };
        match charset {
            Charset::Unicode => unicode,
            Charset::Ascii => ascii,
        }
    }
}

/// A column of a sparkline, from 0 for nothing to 7 for the most.
pub fn level(level: usize, charset: Charset) -> &'static str {
    const UNICODE: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const ASCII: [&str; 8] = ["_", ".", ":", "-", "=", "+", "*", "#"];
    match charset {
        Charset::Unicode => UNICODE[level.min(7)],
        Charset::Ascii => ASCII[level.min(7)],
    }
}
