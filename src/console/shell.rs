//! The shell around the screens: what they share, how a key or a click becomes a message, what stands around the screen
//! that is shown, and what lies over it. It knows screens as a sum, never one of them by name.

mod app;
mod commands;
mod dialog_view;
mod draw;
mod fault_banners;
mod footer;
mod header;
mod key_router;
mod message;
mod picker;
mod registry;
mod summary_line;
mod told;
mod update;
mod which_key;

pub use app::{App, Start};
pub use draw::draw;
pub use key_router::route;
pub use message::{Message, News};
pub use registry::{groups, specs};
pub use update::{take, update};

#[cfg(test)]
pub use registry::enabled;
