//! The only place that knows colours. Everything else asks for a role, or for a ground, tint or chip of one; a palette
//! gives each role its colour, and a monochrome one gives modifiers instead.

mod depth;
mod glyphs;
mod palette;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

pub use depth::Depth;
pub use glyphs::{Frame, Glyph, Joint, level};
pub use palette::Palette;

use super::text::Charset;

/// What a colour is for. Fifteen; everything else is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Canvas.
    Bg,
    /// Header, footer, layers, inputs.
    Panel,
    /// Selected row.
    Sel,
    /// Rows the selection caused or was caused by.
    Trace,
    /// Rules, dividers.
    Rule,
    /// Content.
    Text,
    /// Labels, secondary.
    Muted,
    /// Line numbers, headers, punctuation.
    Faint,
    /// Focus, keys, thread, cursor.
    Accent,
    /// Numbers.
    Data,
    /// ALLOW, applied.
    Allow,
    /// ALERT, warnings, what can fire for real.
    Alert,
    /// BLOCK, refused.
    Block,
    /// DEDUP, key holders.
    Dedup,
    /// Failed, author errors.
    Failed,
}

impl Role {
    /// All of them, in the order palettes list them.
    pub const ALL: [Self; 15] = [
        Self::Bg,
        Self::Panel,
        Self::Sel,
        Self::Trace,
        Self::Rule,
        Self::Text,
        Self::Muted,
        Self::Faint,
        Self::Accent,
        Self::Data,
        Self::Allow,
        Self::Alert,
        Self::Block,
        Self::Dedup,
        Self::Failed,
    ];
}

/// How much of a role is in its tint.
const TINT: u32 = 14;
/// How much of the text is left behind a layer.
const BACKDROP: u32 = 42;

/// A palette, a set of glyphs and what the terminal can show of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    palette: Palette,
    charset: Charset,
    depth: Depth,
}

impl Theme {
    /// A theme for a terminal of that depth and character set.
    pub fn new(palette: Palette, depth: Depth, charset: Charset) -> Self {
        let palette = match depth {
            Depth::Mono => Palette::Mono,
            Depth::Sixteen => Palette::Sixteen,
            Depth::Indexed | Depth::True => palette,
        };
        Self { palette, charset, depth }
    }

    /// Which characters may be drawn.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// The character, or characters, that stand for `glyph`.
    pub fn glyph(&self, glyph: Glyph) -> &'static str {
        glyph.symbol(self.charset)
    }

    /// The characters of a border.
    pub fn frame(&self) -> Frame {
        Frame::of(self.charset)
    }

    /// Ink in a role's colour.
    pub fn ink(&self, role: Role) -> Style {
        self.palette.ink(role)
    }

    /// The same, bold.
    pub fn bold(&self, role: Role) -> Style {
        self.ink(role).add_modifier(Modifier::BOLD)
    }

    /// The ground of a surface: canvas, panel, selection, trace.
    pub fn ground(&self, role: Role) -> Style {
        self.palette.ground(role)
    }

    /// Canvas with content ink: what every cell starts as.
    pub fn canvas(&self) -> Style {
        self.ground(Role::Bg).patch(self.ink(Role::Text))
    }

    /// A filled chip: ink of the canvas on the role.
    pub fn chip(&self, role: Role) -> Style {
        match self.palette.rgb() {
            Some(colours) => {
                let (ink, fill) = (colours.of(Role::Bg), colours.of(role));
                Style::new().fg(ink.into()).bg(fill.into()).add_modifier(Modifier::BOLD)
            }
            None => self.ink(role).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// A faint ground in a role's colour; none where there are too few colours.
    pub fn tint(&self, role: Role) -> Style {
        match self.palette.rgb() {
            Some(colours) => Style::new().bg(colours.of(role).mixed(colours.of(Role::Bg), TINT).into()),
            None => self.ground(Role::Bg),
        }
    }

    /// Redraws everything there is in faint, behind a layer that takes all keys.
    pub fn recede(&self, buffer: &mut Buffer) {
        let style = match self.palette.rgb() {
            Some(colours) => {
                let ink = colours.of(Role::Text).mixed(colours.of(Role::Bg), BACKDROP);
                Style::new().fg(ink.into()).bg(colours.of(Role::Bg).into())
            }
            None => Style::new().fg(Color::Reset).bg(Color::Reset).add_modifier(Modifier::DIM),
        };
        for cell in &mut buffer.content {
            cell.modifier = Modifier::empty();
            cell.set_style(style);
        }
    }

    /// Brings a finished frame down to the colours the terminal has.
    pub fn reduce(&self, buffer: &mut Buffer) {
        if self.depth == Depth::Indexed {
            for cell in &mut buffer.content {
                cell.fg = depth::indexed(cell.fg);
                cell.bg = depth::indexed(cell.bg);
            }
        }
    }

    /// What a terminal of its own colours is drawn with in a picture: ink, ground.
    pub fn defaults(&self) -> (Color, Color) {
        let colours = self.palette.rgb().unwrap_or(&palette::DARK);
        (colours.of(Role::Text).into(), colours.of(Role::Bg).into())
    }
}
