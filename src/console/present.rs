//! Facts as words: what a row says in one line and as a whole, what of it is copied, queried, and where it is written.
//!
//! It knows the model, the theme's roles and the widgets' spans; it must not know screens, selections or terminals.

pub mod clipboard_text;
pub mod document;
pub mod excerpt;
pub mod plan_diff;
pub mod row_query;
pub mod source_location;
pub mod stages;
pub mod summary;
