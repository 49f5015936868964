//! The only place that knows colours. Everything else asks for a role, or for a ground, tint or chip of one; a palette
//! gives each role its colour, and a monochrome one gives modifiers instead.

mod colour;
mod depth;
pub mod file;
mod glyphs;
mod palette;
mod registry;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

pub use depth::Depth;
pub use glyphs::{Frame, Glyph, Joint, level};
pub use palette::{Ground, Look, Looks, Palette};
pub use registry::{Named, ThemeRegistry};

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
    /// Those that tell decisions apart, by which nobody may be misled.
    pub const DECISIONS: [Self; 5] = [Self::Allow, Self::Alert, Self::Block, Self::Dedup, Self::Failed];

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

    /// What files call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bg => "bg",
            Self::Panel => "panel",
            Self::Sel => "sel",
            Self::Trace => "trace",
            Self::Rule => "rule",
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Faint => "faint",
            Self::Accent => "accent",
            Self::Data => "data",
            Self::Allow => "allow",
            Self::Alert => "alert",
            Self::Block => "block",
            Self::Dedup => "dedup",
            Self::Failed => "failed",
        }
    }
}

/// How much of a role is in its tint.
const TINT: u32 = 14;
/// How much of the text is left behind a layer.
const BACKDROP: u32 = 42;
/// The same on a light canvas.
const BACKDROP_LIGHT: u32 = 50;

/// A look, a set of glyphs and what the terminal can show of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    wanted: Look,
    look: Look,
    charset: Charset,
    depth: Depth,
    ground: Option<Ground>,
}

impl Default for Theme {
    fn default() -> Self {
        Self::new(Palette::default(), Depth::default(), Charset::default())
    }
}

impl Theme {
    /// A shipped theme for a terminal of that depth and character set.
    pub fn new(palette: Palette, depth: Depth, charset: Charset) -> Self {
        Self::of(palette.look(), depth, charset)
    }

    /// A theme of any look.
    pub fn of(wanted: Look, depth: Depth, charset: Charset) -> Self {
        Self { wanted, look: shown(wanted, depth, None), charset, depth, ground: None }
    }

    /// The same terminal in another look.
    #[must_use]
    pub fn with(&self, look: Look) -> Self {
        Self::of(look, self.depth, self.charset).on(self.ground)
    }

    /// The same where the terminal draws on that ground, or on one that nobody knows.
    #[must_use]
    pub fn on(&self, ground: Option<Ground>) -> Self {
        Self { look: shown(self.wanted, self.depth, ground), ground, ..*self }
    }

    /// What the terminal draws on, where that is known.
    pub fn drawn_on(&self) -> Option<Ground> {
        self.ground
    }

    /// The look that is drawn: the one that was asked for, or one with as few colours as the terminal.
    pub fn shown(&self) -> Look {
        self.look
    }

    /// The look that was asked for, whatever the terminal shows of it.
    pub fn wanted(&self) -> Look {
        self.wanted
    }

    /// How many colours the terminal has.
    pub fn depth(&self) -> Depth {
        self.depth
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
        self.look.ink(role)
    }

    /// The same, bold.
    pub fn bold(&self, role: Role) -> Style {
        self.ink(role).add_modifier(Modifier::BOLD)
    }

    /// The ground of a surface: canvas, panel, selection, trace.
    pub fn ground(&self, role: Role) -> Style {
        self.look.ground(role)
    }

    /// Canvas with content ink: what every cell starts as.
    pub fn canvas(&self) -> Style {
        self.ground(Role::Bg).patch(self.ink(Role::Text))
    }

    /// A filled chip: ink of the canvas on the role.
    pub fn chip(&self, role: Role) -> Style {
        match (self.look.rgb(Role::Bg), self.look.rgb(role)) {
            (Some(ink), Some(fill)) => Style::new().fg(ink.into()).bg(fill.into()).add_modifier(Modifier::BOLD),
            _ => self.ink(role).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// A faint ground in a role's colour; none where there are too few colours.
    pub fn tint(&self, role: Role) -> Style {
        match (self.look.rgb(Role::Bg), self.look.rgb(role)) {
            (Some(under), Some(over)) => Style::new().bg(over.mixed(under, TINT).into()),
            _ => self.ground(Role::Bg),
        }
    }

    /// Where the next character goes.
    pub fn cursor(&self) -> Style {
        self.bold(Role::Accent).add_modifier(Modifier::REVERSED)
    }

    /// Redraws everything there is in faint, behind a layer that takes all keys.
    pub fn recede(&self, buffer: &mut Buffer) {
        let style = match (self.look.rgb(Role::Text), self.look.rgb(Role::Bg)) {
            (Some(text), Some(ground)) => {
                let left = if ground.is_light() { BACKDROP_LIGHT } else { BACKDROP };
                Style::new().fg(text.mixed(ground, left).into()).bg(ground.into())
            }
            _ => Style::new().fg(Color::Reset).bg(Color::Reset).add_modifier(Modifier::DIM),
        };
        for cell in &mut buffer.content {
            cell.modifier = Modifier::empty();
            cell.set_style(style);
        }
    }

    /// Brings a finished frame down to the colours the terminal has.
    pub fn reduce(&self, buffer: &mut Buffer) {
        if self.depth == Depth::Indexed && buffer.content.iter().any(|cell| matches!(cell.fg, Color::Rgb(..))) {
            depth::reduce(buffer, &self.look);
        }
    }

    /// What a terminal of its own colours is drawn with in a picture: ink, ground.
    pub fn defaults(&self) -> (Color, Color) {
        let look = if self.look.is_rgb() { self.look } else { Palette::Dark.look() };
        (look.paint(Role::Text).colour, look.paint(Role::Bg).colour)
    }
}

fn shown(wanted: Look, depth: Depth, ground: Option<Ground>) -> Look {
    match depth {
        Depth::Mono => Palette::Mono.look(),
        Depth::Sixteen if wanted.has_rgb() => Palette::Sixteen.looks().on(ground),
        Depth::Sixteen | Depth::Indexed | Depth::True => wanted,
    }
}
