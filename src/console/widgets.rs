//! Shapes that panes are made of. They know the theme and the buffer, and nothing of the state.

pub mod chip;
pub mod heading;
pub mod json;
pub mod pen;
pub mod spark;
pub mod thread;

pub use pen::{Pen, Span};
