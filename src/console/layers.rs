//! What floats above the screen. The topmost has the keys, Esc takes it away; there are no flags for what is shown.

pub mod detail;
pub mod help;

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// The whole of the selected row.
    Detail(Scroll),
    /// The commands.
    Help(Scroll),
}

/// How far a layer is scrolled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The first line in view.
    pub top: usize,
}

impl Layer {
    /// How far it is scrolled.
    pub fn scroll(&mut self) -> &mut Scroll {
        match self {
            Self::Detail(scroll) | Self::Help(scroll) => scroll,
        }
    }
}
