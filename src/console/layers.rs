//! What floats above the screen. The topmost has the keys, Esc takes it away; there are no flags for what is shown. A
//! menu lies above the other layers, so that what its commands would do is judged by what lies below it.

pub mod ask;
pub mod detail;
mod frame;
mod fuzzy;
pub mod list;
pub mod menu;
pub mod prompt;
pub mod which_key;

use super::policy::ask::Ask;

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// The whole of the selected row.
    Detail(detail::Detail),
    /// A query being typed.
    Prompt(prompt::Prompt),
    /// A question that waits for an answer.
    Ask(Ask),
}

impl Layer {
    /// True when what lies below it is put back and cannot be used.
    pub fn covers(&self) -> bool {
        !matches!(self, Self::Prompt(_))
    }
}
