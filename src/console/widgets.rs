//! Shapes that screens are made of: what draws, what is typed into, what is hit. They know keys, the theme and the
//! buffer, and nothing of facts or screens.

pub mod chip;
pub mod frame;
pub mod heading;
pub mod hit_map;
pub mod json;
pub mod letters;
pub mod motion;
pub mod pen;
pub mod source_code;
pub mod spark;
pub mod text_input;
pub mod thread;
pub mod window;

pub use hit_map::HitMap;
pub use motion::{Beside, Motion};
pub use pen::{Pen, Span};
